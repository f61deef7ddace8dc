//! Many threads, swaps, traps and closes at once.

use std::fs;

use anyhow::{Result, ensure};
use interdict_helpers::{Coalition, NOW, base, change};
use serde_json::{Value, json};

use super::host::Host;
use super::room::opening;

/// The merchants that are screened all the time.
const DOMAINS: [&str; 4] = [
    "shop.example",
    "market.example",
    "new.example",
    "clean.example",
];

/// What a soak found.
#[derive(Debug)]
pub struct Soak(Value);

impl Soak {
    /// One line for people.
    #[must_use]
    pub fn line(&self) -> String {
        let number = |name: &str| self.0[name].as_u64().unwrap_or_default();
        format!(
            "{} screened, {} traps, {} swaps, {} closes; {:.1} MB after a third, {:.1} at the end",
            number("screened"),
            number("trapped"),
            number("swapped"),
            number("closed"),
            megabytes(number("third")),
            megabytes(number("end")),
        )
    }
}

#[expect(clippy::cast_precision_loss, reason = "shown with one digit")]
fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

/// Runs a host's threads for so many seconds, on a store whose two generations take turns.
///
/// # Errors
/// A wrong answer, an unexpected error, memory that grows, or a soak in which one of these never happened.
pub fn soak(host: &mut Host, reference: &mut Host, threads: u32, seconds: u32) -> Result<Soak> {
    let folder = tempfile::tempdir()?;
    let coalition = Coalition::new(folder.path());
    let location = coalition.repository.display().to_string();
    let enrolment: Value = serde_json::from_slice(&coalition.enrolment(&location, &[1]))?;
    let state = folder.path().join("state");
    coalition.publish(1, &[base()]);
    reference.done(&opening(&state, json!({"enrolments": [enrolment]})))?;
    let refresh = json!({"do": "refresh", "now": NOW});
    reference.done(&refresh)?;
    coalition.publish(2, &[change()]);
    reference.done(&refresh)?;
    let mut requests: Vec<Value> = Vec::new();
    for domain in DOMAINS {
        let message =
            json!({"flow": "payout", "identifiers": [{"kind": "domain", "value": domain}]});
        requests.push(json!({"message": message.to_string(), "answers": []}));
    }
    for generation in ["1\n", "2\n"] {
        fs::write(state.join("se/current"), generation)?;
        reference.done(&opening(&state, json!({"receipts": "never"})))?;
        for request in &mut requests {
            let step = json!({"do": "screen", "message": request["message"], "now": NOW});
            let answer = reference.done(&step)?["answer"].clone();
            if let Some(answers) = request["answers"].as_array_mut() {
                answers.push(answer);
            }
        }
    }
    let members = json!({
        "do": "soak", "receipts": "never", "workers": null, "threads": threads, "seconds": seconds,
        "requests": requests,
    });
    let found = host.done(&opening(&state, members))?;
    let number = |name: &str| found[name].as_u64();
    ensure!(number("wrong") == Some(0), "wrong answers: {found}");
    let errors = found["errors"].as_object();
    ensure!(
        errors.is_some_and(serde_json::Map::is_empty),
        "errors: {found}"
    );
    for name in ["screened", "trapped", "swapped", "closed", "third", "end"] {
        ensure!(
            number(name).is_some_and(|number| number > 0),
            "no {name}: {found}"
        );
    }
    let (third, end) = (number("third").unwrap_or(0), number("end").unwrap_or(0));
    // A short run has not reached its level after a third of it.
    ensure!(
        seconds < 10 || end <= third + third / 20,
        "memory grows: {found}"
    );
    Ok(Soak(found))
}
