use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::PathBuf;

use interdict_core::common::time::Time;
use interdict_core::wire::owned::{Receipt, RefusalReceipt};

use super::about::{POLICY, POLICY_CHANGED};
use super::decision::ReadDecision;
use super::find::each;
use crate::error::Error;

/// What an examiner asks about a time: what was screened and with which outcome, against which releases, and who
/// decided what. It holds no digest of a merchant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Examination {
    /// The time from which lines count, in seconds since 1970.
    pub from: u32,
    /// The time at which they no longer count.
    pub to: u32,
    /// Verdicts by flow, action and cause.
    pub verdicts: BTreeMap<(String, &'static str, String), u64>,
    /// Verdicts for which a list that should have answered could not.
    pub degraded: u64,
    /// Refused requests by code.
    pub refusals: BTreeMap<i32, u64>,
    /// Requests without a verdict although the module refused nothing, by the problem's name.
    pub problems: BTreeMap<String, u64>,
    /// Lines by client.
    pub clients: BTreeMap<String, u64>,
    /// The releases that answered.
    pub releases: BTreeMap<ReleaseName, Used>,
    /// The digests of the policies that decided.
    pub policies: BTreeMap<String, Used>,
    /// The SHA-256 of the modules that answered, or their version.
    pub modules: BTreeMap<String, Used>,
    /// What people decided, oldest first in each directory.
    pub decisions: Vec<ReadDecision>,
    /// The digests of the policies that people recorded as theirs, at whatever time.
    pub recorded_policies: BTreeSet<String>,
    /// Lines that cannot be read. `verify` says what they are.
    pub unreadable: u64,
}

/// One release of a list.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ReleaseName {
    /// The coalition.
    pub coalition: String,
    /// The list.
    pub list: String,
    /// Which edition of it.
    pub edition: String,
    /// Its key period.
    pub epoch: u32,
    /// The number of the release.
    pub sequence: u64,
}

/// How often something took part in a verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Used {
    /// How many verdicts.
    pub count: u64,
    /// The time of the first.
    pub first: u32,
    /// The time of the last.
    pub last: u32,
}

/// Answers from the journals of these directories.
///
/// # Errors
/// A directory or file cannot be read.
pub fn examine(directories: &[PathBuf], from: u32, to: u32) -> Result<Examination, Error> {
    let mut all = Examination {
        from,
        to,
        ..Examination::default()
    };
    for directory in directories {
        let mut unreadable = 0_u64;
        let others = each(directory, |_, envelope, _| {
            if let Some(decision) = envelope.decision {
                all.note_policy(decision.get());
            }
            if !(from..to).contains(&envelope.time) {
                return;
            }
            if let Some(client) = envelope.client {
                raise(all.clients.entry(client.to_owned()).or_default());
            }
            if let Some(problem) = &envelope.problem {
                raise(all.problems.entry(problem.name.clone()).or_default());
            }
            let is_read = match (envelope.receipt, envelope.refusal, envelope.decision) {
                (Some(receipt), ..) => all.add_receipt(receipt.get()),
                (_, Some(refusal), _) => all.add_refusal(refusal.get()),
                (.., Some(decision)) => all.add_decision(decision.get()),
                _ => true,
            };
            if !is_read {
                raise(&mut unreadable);
            }
        })?;
        all.unreadable = all
            .unreadable
            .saturating_add(others)
            .saturating_add(unreadable);
    }
    Ok(all)
}

impl Examination {
    fn add_receipt(&mut self, json: &str) -> bool {
        let Ok(receipt) = serde_json::from_str::<Receipt>(json) else {
            return false;
        };
        let time = receipt.time;
        let cause = receipt.because.unwrap_or_default();
        let verdict = (receipt.flow, receipt.action.name(), cause);
        raise(self.verdicts.entry(verdict).or_default());
        if receipt.degraded {
            raise(&mut self.degraded);
        }
        for coalition in receipt.coalitions {
            for list in coalition.lists {
                let name = ReleaseName {
                    coalition: coalition.name.clone(),
                    list: list.list,
                    edition: list.edition,
                    epoch: list.epoch,
                    sequence: list.sequence,
                };
                Used::at(time, self.releases.entry(name).or_insert(Used::never(time)));
            }
        }
        let policy = self.policies.entry(receipt.policy);
        Used::at(time, policy.or_insert(Used::never(time)));
        let module = receipt.module.sha256.unwrap_or(receipt.module.version);
        Used::at(
            time,
            self.modules.entry(module).or_insert(Used::never(time)),
        );
        true
    }

    fn add_refusal(&mut self, json: &str) -> bool {
        let refusal = serde_json::from_str::<RefusalReceipt>(json).ok();
        let code = refusal.as_ref().map(|refusal| refusal.code);
        if let Some(code) = code {
            raise(self.refusals.entry(code).or_default());
        }
        refusal.is_some()
    }

    fn note_policy(&mut self, json: &str) {
        let decision = ReadDecision::read(json).filter(|one| one.what == POLICY_CHANGED);
        let policy = decision.and_then(|mut one| one.about.remove(POLICY));
        self.recorded_policies.extend(policy);
    }

    fn add_decision(&mut self, json: &str) -> bool {
        let decision = ReadDecision::read(json);
        let is_read = decision.is_some();
        self.decisions.extend(decision);
        is_read
    }
}

impl Used {
    const fn never(time: u32) -> Self {
        Self {
            count: 0,
            first: time,
            last: time,
        }
    }

    fn at(time: u32, used: &mut Self) {
        used.count = used.count.saturating_add(1);
        used.first = used.first.min(time);
        used.last = used.last.max(time);
    }
}

fn raise(count: &mut u64) {
    *count = count.saturating_add(1);
}

impl fmt::Display for Examination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let date = |time: u32| Time::from_seconds(time).to_string();
        writeln!(f, "# From {} to {}\n", date(self.from), date(self.to))?;
        writeln!(f, "## What was screened\n")?;
        writeln!(
            f,
            "| flow | action | because | verdicts |\n| --- | --- | --- | ---: |"
        )?;
        for ((flow, action, because), count) in &self.verdicts {
            let because = if because.is_empty() { "–" } else { because };
            writeln!(f, "| {flow} | {action} | {because} | {count} |")?;
        }
        let all: u64 = self.verdicts.values().sum();
        writeln!(f, "| all | | | {all} |\n")?;
        writeln!(f, "{} of them were degraded.", self.degraded)?;
        for (code, count) in &self.refusals {
            writeln!(f, "Refused with code {code}: {count}.")?;
        }
        for (name, count) in &self.problems {
            writeln!(f, "Without a verdict, {name}: {count}.")?;
        }
        for (client, count) in &self.clients {
            writeln!(f, "Client {client}: {count} lines.")?;
        }
        writeln!(f, "\n## Against which releases\n")?;
        writeln!(
            f,
            "| release | verdicts | first | last |\n| --- | ---: | --- | --- |"
        )?;
        for (name, used) in &self.releases {
            let ReleaseName {
                coalition,
                list,
                edition,
                epoch,
                sequence,
            } = name;
            let name =
                format!("{list} of {coalition}, {edition}, epoch {epoch}, release {sequence}");
            row(f, &name, used)?;
        }
        for (policy, used) in &self.policies {
            row(f, &format!("policy {policy}"), used)?;
        }
        for (module, used) in &self.modules {
            row(f, &format!("module {module}"), used)?;
        }
        writeln!(f, "\n## Who decided what\n")?;
        for decision in &self.decisions {
            writeln!(f, "- {decision}")?;
        }
        if self.decisions.is_empty() {
            writeln!(f, "Nobody decided anything.")?;
        }
        for policy in self.policies.keys() {
            if !self.recorded_policies.contains(policy) {
                writeln!(f, "- Nobody recorded the change to policy {policy}.")?;
            }
        }
        if self.unreadable > 0 {
            writeln!(f, "\n{} lines cannot be read.", self.unreadable)?;
        }
        Ok(())
    }
}

fn row(f: &mut fmt::Formatter<'_>, name: &str, used: &Used) -> fmt::Result {
    let date = |time: u32| Time::from_seconds(time).to_string();
    let (count, first, last) = (used.count, date(used.first), date(used.last));
    writeln!(f, "| {name} | {count} | {first} | {last} |")
}
