//! A subject answers the lines of a script over standard input and output; every language has one.
//! The protocol is in `fixtures/README.md`.

use std::io::{BufRead as _, Write as _};
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};

/// What a subject answers: the answer, or code and sentence of an error.
pub type Answer = Result<String, (i32, String)>;

/// An engine in any language that runs operations.
pub trait Subject {
    /// Starts a new engine.
    ///
    /// # Errors
    /// If the subject itself fails.
    fn renew(&mut self) -> Result<()>;

    /// Runs one operation.
    ///
    /// # Errors
    /// If the subject itself fails; an error of the engine is an answer.
    fn call(
        &mut self,
        operation: &str,
        input: &[u8],
        file: Option<Vec<u8>>,
        now: u32,
    ) -> Result<Answer>;
}

/// Answers every line of standard input.
///
/// # Errors
/// If a line breaks the protocol, or the subject itself fails.
pub fn serve(subject: &mut impl Subject, fixtures: &Path) -> Result<()> {
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let answer = answer(subject, fixtures, &line?)?;
        writeln!(out, "{answer}")?;
        out.flush()?;
    }
    Ok(())
}

/// Answers one line.
///
/// # Errors
/// If a line breaks the protocol, or the subject itself fails.
pub fn answer(subject: &mut impl Subject, fixtures: &Path, line: &str) -> Result<Value> {
    let step: Value = serde_json::from_str(line)?;
    let operation = step["op"].as_str().context("a step without op")?;
    if operation == "new" {
        subject.renew()?;
        return Ok(json!({"code": 0, "out": ""}));
    }
    let input = match (step["in"].as_str(), step["in_base64"].as_str()) {
        (Some(text), None) => text.as_bytes().to_vec(),
        (None, Some(text)) => BASE64.decode(text)?,
        _ => bail!("a step has in or in_base64"),
    };
    let file = match (step["file"].as_str(), step["file_base64"].as_str()) {
        (Some(path), None) => {
            Some(std::fs::read(fixtures.join(path)).with_context(|| path.to_owned())?)
        }
        (None, Some(text)) => Some(BASE64.decode(text)?),
        (None, None) => None,
        _ => bail!("a step has file or file_base64"),
    };
    let now = step["now"].as_u64().context("a step without now")?;
    Ok(
        match subject.call(operation, &input, file, u32::try_from(now)?)? {
            Ok(out) => json!({"code": 0, "out": out}),
            Err((code, sentence)) => json!({"code": code, "out": "", "error": sentence}),
        },
    )
}
