//! Drives one pair as a host drives an engine: configure, poll, supply.

use anyhow::Result;
use serde_json::{Value, json};

use super::damage::Damage;
use super::log::SharedLog;
use super::pair::Modules;
use super::repositories::requiring;
use interdict_tests::coalition::Files;
use interdict_tests::gateway::bring;
use interdict_tests::subject::{Answer, Subject as _};

/// The coalition's name if there is only one.
pub(super) const COALITION: &str = "se";

/// The gateway's own secret, so that verdicts have receipts.
pub(super) const RECEIPT_KEY: &str =
    "0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c";

/// How a walk ended, and after how many files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct End {
    pub(super) steps: usize,
    pub(super) completed: bool,
}

/// A pair and the log.
pub(super) struct Driver<'p> {
    pub(super) pair: &'p mut Modules,
    pub(super) log: &'p SharedLog,
}

impl Driver<'_> {
    pub(super) fn call(&mut self, operation: &str, message: &Value, now: u32) -> Result<Answer> {
        self.text(operation, &message.to_string(), now)
    }

    pub(super) fn text(&mut self, operation: &str, message: &str, now: u32) -> Result<Answer> {
        self.pair.call(operation, message.as_bytes(), None, now)
    }

    /// A new engine that knows these coalitions and requires their lists.
    pub(super) fn renew(&mut self, coalitions: &[Value], now: u32) -> Result<()> {
        self.pair.renew()?;
        let message = json!({"coalitions": coalitions, "policy": requiring(coalitions)});
        self.call("configure", &message, now)?.ok();
        Ok(())
    }

    /// Carries out one walk. At the step of this number, from 0, the given fault occurs.
    pub(super) fn walk(
        &mut self,
        begin: &Value,
        served: &Files,
        damage: Option<(usize, Damage)>,
        now: u32,
    ) -> Result<End> {
        self.log.borrow_mut().walks += 1;
        let coalition = begin["coalition"].clone();
        let mut end = End {
            steps: 0,
            completed: false,
        };
        let mut answer = self.call("poll", begin, now)?;
        loop {
            let Ok(progress) = &answer else {
                return Ok(end);
            };
            let progress: Value = serde_json::from_str(progress)?;
            end.completed = progress["completed"] == true;
            let fetch = &progress["fetch"];
            if !fetch.is_object() {
                return Ok(end);
            }
            let file = bring(served, fetch);
            let here = damage.filter(|(step, _)| *step == end.steps);
            let mut name = fetch["name"].clone();
            let (outcome, file) = match here {
                Some((_, damage)) => {
                    if damage == Damage::OtherName {
                        name = "another.json".into();
                    }
                    let other = served.values().nth(end.steps % served.len().max(1));
                    damage.apply(file, other.map_or(b"{}", Vec::as_slice))
                }
                None if file.is_some() => ("bytes", file),
                None => ("not_found", None),
            };
            let message = json!({"coalition": coalition, "name": name, "outcome": outcome});
            self.log.borrow_mut().steps += 1;
            end.steps += 1;
            let message = message.to_string();
            answer = self.pair.call("supply", message.as_bytes(), file, now)?;
            if damage == Some((end.steps - 1, Damage::OtherName)) && answer.is_err() {
                // Some refusals do not end the walk; asking again shows whether this one did.
                answer = self.call("poll", &json!({"coalition": coalition}), now)?;
            }
        }
    }

    /// Hands over keys, and the ReceiptKey with them.
    pub(super) fn keys<'k>(
        &mut self,
        keys: impl IntoIterator<Item = (&'k str, &'k str)>,
        now: u32,
    ) -> Result<()> {
        let keys = keys.into_iter();
        let keys: Vec<_> = keys
            .map(|(coalition, key)| json!({"coalition": coalition, "key": key}))
            .collect();
        let message = json!({"keys": keys, "receipt_key": RECEIPT_KEY});
        self.call("configure", &message, now)?.ok();
        Ok(())
    }
}
