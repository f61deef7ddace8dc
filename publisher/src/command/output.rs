//! What a command prints: words for people, or with `--json` one object for programs.

use std::fmt::Display;
use std::io::{self, Write};

use anyhow::Error;
use serde_json::{Map, Value, json};

use super::exit::{Ended, Exit};

/// A report in both forms.
pub(crate) trait Report: Display {
    /// Its fields. Members of objects keep their names from one version to the next.
    fn json(&self) -> Value;
}

/// Where a command prints. What is written as text becomes `messages` in JSON, so that every command gives
/// one object.
pub(crate) struct Output<'a> {
    out: &'a mut dyn Write,
    json: Option<Map<String, Value>>,
    text: Vec<u8>,
    rows: Rows,
}

/// How much of an object is printed already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rows {
    /// Nothing.
    NotBegun,
    /// Its beginning, with no row.
    None,
    /// Its beginning, with rows.
    Some,
}

impl<'a> Output<'a> {
    pub(crate) fn new(out: &'a mut dyn Write, json: bool) -> Self {
        Self {
            out,
            json: json.then(Map::new),
            text: Vec::new(),
            rows: Rows::NotBegun,
        }
    }

    /// Prints a report: as text, or its fields as members of the object.
    pub(super) fn report(&mut self, report: &impl Report) -> io::Result<()> {
        match &mut self.json {
            None => write!(self.out, "{report}"),
            Some(object) => {
                match report.json() {
                    Value::Object(fields) => object.extend(fields),
                    other => drop(object.insert("report".to_owned(), other)),
                }
                Ok(())
            }
        }
    }

    /// Prints one of several reports: as text, or as a member of the object.
    pub(super) fn group(&mut self, name: &str, report: &impl Report) -> io::Result<()> {
        match &mut self.json {
            None => write!(self.out, "{report}"),
            Some(object) => {
                object.insert(name.to_owned(), report.json());
                Ok(())
            }
        }
    }

    /// Prints a line for people alone.
    pub(super) fn line(&mut self, line: &str) -> io::Result<()> {
        match self.json {
            None => writeln!(self.out, "{line}"),
            Some(_) => Ok(()),
        }
    }

    /// Prints reports of several lists: as text, or as one member with all of them.
    pub(super) fn reports(&mut self, name: &str, reports: &[impl Report]) -> io::Result<()> {
        match &mut self.json {
            None => reports
                .iter()
                .try_for_each(|report| write!(self.out, "{report}")),
            Some(object) => {
                let all = reports.iter().map(Report::json).collect();
                object.insert(name.to_owned(), all);
                Ok(())
            }
        }
    }

    pub(super) const fn is_json(&self) -> bool {
        self.json.is_some()
    }

    /// Begins a member of many rows, each of which is printed at once: all of them need not fit into memory.
    pub(super) fn begin_rows(&mut self, name: &str) -> io::Result<()> {
        if self.json.is_none() {
            return Ok(());
        }
        self.rows = Rows::None;
        write!(self.out, "{{{}:[", json!(name))
    }

    /// Prints one of these rows.
    pub(super) fn row(&mut self, row: &impl Report) -> io::Result<()> {
        if self.json.is_none() {
            return writeln!(self.out, "{row}");
        }
        let comma = if self.rows == Rows::Some { "," } else { "" };
        self.rows = Rows::Some;
        write!(self.out, "{comma}\n{}", row.json())
    }

    /// Prints a member of the object; nothing as text.
    pub(super) fn field(&mut self, name: &str, value: Value) {
        if let Some(object) = &mut self.json {
            object.insert(name.to_owned(), value);
        }
    }

    /// Prints what is left: the object, with how the command ended.
    pub(crate) fn finish(mut self, exit: Exit, error: Option<&Error>) -> io::Result<()> {
        if let Some(mut object) = self.json.take() {
            let reported = error.is_none_or(|error| error.is::<Ended>());
            if !reported {
                object.clear();
            }
            if let Some(error) = error {
                let name = if reported { "note" } else { "error" };
                object.insert(name.to_owned(), json!(format!("{error:#}")));
            }
            if reported && !self.text.is_empty() {
                let text = String::from_utf8_lossy(&self.text);
                let messages: Vec<&str> = text.lines().collect();
                object.insert("messages".to_owned(), json!(messages));
            }
            object.insert("exit".to_owned(), json!(exit.code()));
            self.print(object)?;
        }
        self.out.flush()
    }
}

impl Output<'_> {
    fn print(&mut self, object: Map<String, Value>) -> io::Result<()> {
        if self.rows == Rows::NotBegun {
            return writeln!(self.out, "{}", Value::Object(object));
        }
        write!(self.out, "]")?;
        for (name, value) in object {
            write!(self.out, ",{}:{value}", json!(name))?;
        }
        writeln!(self.out, "}}")
    }
}

impl Write for Output<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.json {
            None => self.out.write(bytes),
            Some(_) => self.text.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
