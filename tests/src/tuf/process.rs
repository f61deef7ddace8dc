//! A client that is another program: a case to a line, and a line of verdicts back.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context as _, Result, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};

use super::Judge;
use super::case::{Case, Verdict};

/// A program that answers until its input ends.
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

impl Judge for Process {
    fn judge(&mut self, case: &Case) -> Result<Vec<Verdict>> {
        let steps = case.steps.iter().map(
            |step| json!({"repository": step.repository, "target": step.target, "now": step.now}),
        );
        let steps: Value = steps.collect();
        let line = json!({"root": case.root, "store": case.store, "steps": steps});
        writeln!(self.input, "{line}")?;
        self.input.flush()?;
        let mut line = String::new();
        if self.output.read_line(&mut line)? == 0 {
            bail!("the client stopped answering");
        }
        let verdicts: Vec<Value> = serde_json::from_str(&line)?;
        verdicts.iter().map(read).collect()
    }
}

fn read(verdict: &Value) -> Result<Verdict> {
    let text = |name: &str| verdict[name].as_str().unwrap_or_default();
    Ok(match text("verdict") {
        "accepted" => Verdict::Accepted(BASE64.decode(text("base64"))?),
        "absent" => Verdict::Absent,
        "refused" => Verdict::Refused(text("why").to_owned()),
        other => bail!("no verdict: {other}"),
    })
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
