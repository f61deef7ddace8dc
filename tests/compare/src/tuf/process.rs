//! A client that is another program: it gets a case as a line, and answers with a line of verdicts.

use anyhow::{Context as _, Result, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};

use super::Judge;
use super::case::{Case, Verdict};
use interdict_tests::corpus::Lines as _;
use interdict_tests::process::Process;

impl Judge for Process {
    fn judge(&mut self, case: &Case) -> Result<Vec<Verdict>> {
        let steps = case.steps.iter().map(
            |step| json!({"repository": step.repository, "target": step.target, "now": step.now}),
        );
        let steps: Value = steps.collect();
        let answer = self.ask(&json!({"root": case.root, "store": case.store, "steps": steps}))?;
        let verdicts = answer.as_array().context("a list of verdicts")?;
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
