use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};

use crate::corpus::Lines as _;
use crate::process::Process;

/// Longer than any step takes: a host that hangs is ended by `timeout`.
const PATIENCE: &str = "timeout 300 ";

/// A host in any language, as a process.
#[derive(Debug)]
pub struct Host {
    name: String,
    command: String,
    process: Process,
}

/// What a host answers to a step.
#[derive(Debug, Clone, PartialEq)]
pub enum Told {
    /// It did it.
    Done(Value),
    /// An error, with its kind and the module's code if it has one.
    Error {
        /// The kind's word.
        kind: String,
        /// The module's code.
        code: Option<i64>,
        /// The sentence.
        text: String,
    },
}

impl Host {
    /// Starts the command; its words are separated by spaces.
    ///
    /// # Errors
    /// A program that does not start.
    pub fn start(name: &str, command: &str) -> Result<Self> {
        Ok(Self {
            name: name.to_owned(),
            command: command.to_owned(),
            process: Process::start(&format!("{PATIENCE}{command}"))?,
        })
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Ends it and starts another.
    ///
    /// # Errors
    /// A program that does not start.
    pub fn restart(&mut self) -> Result<()> {
        self.process = Process::start(&format!("{PATIENCE}{}", self.command))?;
        Ok(())
    }

    /// The number of its process.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// One step.
    ///
    /// # Errors
    /// A host that breaks the protocol, or ends.
    pub fn tell(&mut self, step: &Value) -> Result<Told> {
        let told = self.process.ask(step);
        let told = told.with_context(|| format!("{} at {}", self.name, shortened(step)))?;
        if let Some(done) = told.get("ok") {
            return Ok(Told::Done(done.clone()));
        }
        let Some(kind) = told["error"]["kind"].as_str() else {
            bail!(
                "{} breaks the protocol at {}: {told}",
                self.name,
                shortened(step)
            );
        };
        Ok(Told::Error {
            kind: kind.to_owned(),
            code: told["error"]["code"].as_i64(),
            text: told["error"]["text"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
        })
    }

    /// One step that must succeed.
    ///
    /// # Errors
    /// Any error.
    pub fn done(&mut self, step: &Value) -> Result<Value> {
        match self.tell(step)? {
            Told::Done(value) => Ok(value),
            error @ Told::Error { .. } => bail!("{} at {}: {error:?}", self.name, shortened(step)),
        }
    }

    /// One step that must be an error of this kind. Returns its sentence.
    ///
    /// # Errors
    /// Success, or another kind.
    pub fn refuses(&mut self, step: &Value, expected: &str) -> Result<String> {
        match self.tell(step)? {
            Told::Error { kind, text, .. } if kind == expected && !text.is_empty() => Ok(text),
            other => bail!(
                "{} at {}: {other:?} and not {expected}",
                self.name,
                shortened(step)
            ),
        }
    }

    /// Closes its gateway.
    ///
    /// # Errors
    /// Any error.
    pub fn close(&mut self) -> Result<()> {
        self.done(&json!({"do": "close"})).map(drop)
    }
}

fn shortened(step: &Value) -> String {
    let text = step.to_string();
    text.chars().take(200).collect()
}
