use std::borrow::Cow;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::environment::Variables;
use crate::problem::PolicyProblem;

/// The text of a configuration and what variables say instead of it. Every value has a place, in bytes from the start:
/// those of variables lie behind the end of the text, so that whatever refuses one can say whose it is.
#[derive(Debug, Clone)]
pub(crate) struct ConfigText {
    text: String,
    said: Vec<Said>,
}

/// What a value is called while it is read.
const NAME: &str = "v";
/// What stands before a value while it is read.
const BEFORE: &str = "v = ";

/// What a variable says.
#[derive(Debug, Clone)]
struct Said {
    variable: String,
    path: Vec<String>,
    /// A document in which [`NAME`] has the value, behind so many spaces that the value's places are those it has here.
    padded: String,
    place: Range<usize>,
}

impl ConfigText {
    /// A text that no variable changes.
    pub(crate) const fn plain(text: String) -> Self {
        Self {
            text,
            said: Vec::new(),
        }
    }

    /// A text with what variables say instead.
    pub(crate) fn with(text: String, variables: &Variables) -> Self {
        let mut start = text.len().saturating_add(BEFORE.len());
        let mut said = Vec::new();
        for (variable, value) in variables.iter() {
            let spaces = " ".repeat(start.saturating_sub(BEFORE.len()));
            let padded = spaces + BEFORE + value;
            let end = padded.len().saturating_add(BEFORE.len());
            said.push(Said {
                variable: variable.to_owned(),
                path: Variables::path(variable),
                padded,
                place: start..end,
            });
            start = end;
        }
        Self { text, said }
    }

    /// The table that both make, or everything that is wrong with them.
    pub(crate) fn table(&self) -> Result<Spanned<DeTable<'_>>, Vec<PolicyProblem>> {
        let (mut table, errors) = DeTable::parse_recoverable(&self.text);
        let errors = errors.iter().map(|error| {
            let at = error.span().map_or(0, |span| span.start);
            self.problem(at, error.message())
        });
        let mut problems: Vec<PolicyProblem> = errors.collect();
        for said in &self.said {
            if let Err(what) = said.put_into(table.get_mut()) {
                problems.push(self.problem(said.place.start, what));
            }
        }
        match problems[..] {
            [] => Ok(table),
            _ => Err(problems),
        }
    }

    /// A problem with what stands at a place.
    pub(crate) fn problem(&self, at: usize, what: &str) -> PolicyProblem {
        let said = self.said.iter().find(|said| said.place.contains(&at));
        match said {
            None => PolicyProblem::at(&self.text, at, what),
            Some(said) => PolicyProblem::of_variable(&said.variable, what),
        }
    }

    /// A sentence about what stands at a place, which begins with its line or its variable.
    pub(crate) fn sentence(&self, at: usize, what: &str) -> String {
        let problem = self.problem(at, what);
        match problem.variable {
            None => format!("line {}: {what}", problem.line),
            Some(variable) => format!("{variable}: {what}"),
        }
    }

    /// The line of a place; 1 for a variable.
    pub(crate) fn line(&self, at: usize) -> usize {
        self.problem(at, "").line.max(1)
    }
}

impl Said {
    fn put_into<'t>(&'t self, mut table: &mut DeTable<'t>) -> Result<(), &'static str> {
        let Some((name, tables)) = self.path.split_last() else {
            return Ok(());
        };
        if self.path.iter().any(String::is_empty) {
            return Err("a name is empty between its underscores");
        }
        for name in tables {
            if !table.contains_key(name.as_str()) {
                let new = self.placed(DeValue::Table(DeTable::new()));
                table.insert(self.placed(Cow::Borrowed(name.as_str())), new);
            }
            let inner = table.get_mut(name.as_str()).map(Spanned::get_mut);
            let Some(DeValue::Table(inner)) = inner else {
                return Err(
                    "gateway.toml has no table there; give the whole value, without what follows __",
                );
            };
            table = inner;
        }
        // The key of the file has the file's place.
        table.remove(name.as_str());
        table.insert(self.placed(Cow::Borrowed(name.as_str())), self.value());
        Ok(())
    }

    /// What the variable says if that is TOML, and otherwise its text.
    fn value(&self) -> Spanned<DeValue<'_>> {
        let text = self.padded.get(self.place.start..).unwrap_or_default();
        let read = DeTable::parse(&self.padded).ok().map(Spanned::into_inner);
        // With a second member it is no value.
        let read = read.filter(|read| read.len() == 1);
        let value = read.and_then(|mut read| read.remove(NAME));
        value.unwrap_or_else(|| self.placed(DeValue::String(Cow::Borrowed(text))))
    }

    fn placed<T>(&self, value: T) -> Spanned<T> {
        Spanned::new(self.place.clone(), value)
    }
}
