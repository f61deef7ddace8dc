//! Another program that answers each line with one line, until its input ends.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use crate::corpus::Lines;

/// The program; it ends with this value.
#[derive(Debug)]
pub struct Process {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Process {
    /// Starts a command; its words are separated by spaces.
    ///
    /// # Errors
    /// A program that does not start.
    pub fn start(command: &str) -> Result<Self> {
        let mut words = command.split(' ');
        let program = words.next().context("an empty command")?;
        let mut child = Command::new(program)
            .args(words)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("could not start {program}"))?;
        let input = child.stdin.take().context("no standard input")?;
        let output = BufReader::new(child.stdout.take().context("no standard output")?);
        Ok(Self {
            child,
            input,
            output,
        })
    }
}

impl Process {
    /// The number that the system gave it.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }
}

impl Lines for Process {
    fn ask(&mut self, step: &Value) -> Result<Value> {
        writeln!(self.input, "{step}")?;
        self.input.flush()?;
        let mut line = String::new();
        if self.output.read_line(&mut line)? == 0 {
            bail!("the program stopped answering");
        }
        Ok(serde_json::from_str(&line)?)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The path of a program that is built beside this one.
///
/// # Errors
/// This program has no path.
pub fn own(name: &str) -> Result<String> {
    let path = std::env::current_exe()?.with_file_name(name);
    Ok(path.display().to_string())
}
