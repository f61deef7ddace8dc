//! Reports in words. Line numbers, kinds and rules only: a report may travel further than the list.

use std::fmt;

use serde_json::json;

use crate::intake::import::{Conflict, ImportReport, RefusedLine};
use crate::intake::typologies::{PackReport, TypologiesReport};
use crate::keys::online::RenewReport;
use crate::keys::root::RotateReport;
use crate::public::disclosure::{DiscloseReport, Disclosure};
use crate::register::entry::State;
use crate::release::publish::{EpochReport, PublicReport, ReleaseReport};
use crate::review::delist::DelistReport;
use crate::review::protect::ProtectReport;

/// Line numbers of one kind that are printed.
const SHOWN: usize = 20;

impl fmt::Display for ImportReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{}: {} accepted, {} updated, {} unchanged, {} refused",
            self.list.as_str(),
            self.accepted,
            self.updated,
            self.unchanged,
            self.refused.len()
        )?;
        for (rule, count) in self.refused_by_rule() {
            writeln!(f, "  refused by {rule}: {count}")?;
        }
        if self.relisted > 0 {
            writeln!(
                f,
                "  listed again although taken off before: {}",
                self.relisted
            )?;
        }
        if !self.too_deep.is_empty() {
            let what = "names below them will not be found, they are too deep";
            writeln!(f, "  {what}: {}", lines(&self.too_deep))?;
        }
        if !self.shared.is_empty() {
            let what =
                "wallets without a tag, to which strangers may be paid too (an exchange, a pool)";
            writeln!(f, "  {what}: {}", lines(&self.shared))?;
        }
        Ok(())
    }
}

impl fmt::Display for DelistReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{}: {} delisted, {} were not listed, {} refused",
            self.list.as_str(),
            self.delisted,
            self.not_listed,
            self.refused.len()
        )?;
        if !self.covered.is_empty() {
            let what = "still listed by another source or a name above";
            writeln!(f, "  {what}: {}", lines(&self.covered))?;
        }
        Ok(())
    }
}

impl fmt::Display for DiscloseReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (changed, unchanged) = match self.disclosure {
            Disclosure::Mark => ("marked as public", "were before"),
            Disclosure::Undo => ("no longer public", "were not"),
        };
        writeln!(
            f,
            "{}: {} {changed}, {} {unchanged}, {} refused",
            self.list.as_str(),
            self.changed,
            self.unchanged,
            self.refused.len()
        )
    }
}

/// Line numbers for people: how many, and the first of them.
fn lines(lines: &[u64]) -> String {
    let numbers: Vec<String> = lines.iter().take(SHOWN).map(u64::to_string).collect();
    let more = if lines.len() > SHOWN { ", ..." } else { "" };
    let word = if lines.len() == 1 { "line" } else { "lines" };
    format!("{} ({word} {}{more})", lines.len(), numbers.join(", "))
}

impl fmt::Display for ProtectReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} protected, {} were before, {} refused",
            self.added,
            self.unchanged,
            self.refused.len()
        )
    }
}

impl fmt::Display for RefusedLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = self.kind.map_or("-", |kind| kind.name());
        write!(
            f,
            "line {}: {kind}: refused by {}",
            self.line,
            self.rule.name()
        )
    }
}

impl fmt::Display for Conflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.state {
            State::Withheld => "listed and protected: stays in the register and is not released",
            State::Narrowed => {
                "a listed name is above a protected one: released for the host alone"
            }
            State::Listed => "released as it is",
        };
        write!(f, "line {}: {}: {what}", self.line, self.kind.name())
    }
}

impl fmt::Display for ReleaseReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for list in &self.lists {
            writeln!(
                f,
                "{} release {}: {} listed ({} narrowed), {} withheld, {} ended",
                list.list.as_str(),
                list.sequence,
                list.listed,
                list.narrowed,
                list.withheld,
                list.lapsed,
            )?;
            list.epochs
                .iter()
                .try_for_each(|epoch| write!(f, "{epoch}"))?;
            list.public
                .iter()
                .try_for_each(|public| write!(f, "{public}"))?;
            list.typologies
                .iter()
                .try_for_each(|typologies| write!(f, "{typologies}"))?;
        }
        let [targets, snapshot, timestamp] = self.versions;
        writeln!(
            f,
            "targets {targets}, snapshot {snapshot}, timestamp {timestamp}"
        )?;
        writeln!(f, "renew or release before {}", self.renew_before)?;
        self.old_key.iter().try_for_each(|key| writeln!(f, "{key}"))
    }
}

impl fmt::Display for EpochReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            epoch,
            entries,
            new_bytes,
            bytes,
            ..
        } = self;
        match self.changes {
            Some(changes) => writeln!(
                f,
                "  epoch {epoch}: stash of {changes} changes, {new_bytes} bytes; {bytes} with its base"
            ),
            None => writeln!(
                f,
                "  epoch {epoch}: new base, {bytes} bytes; filter for {entries} entries"
            ),
        }
    }
}

impl fmt::Display for PublicReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "  public epoch {}: {} listed, {} held back; filter for {} entries, {} bytes",
            self.epoch, self.listed, self.held_back, self.entries, self.bytes
        )?;
        match self.share {
            Some(share) => writeln!(f, "  a dictionary would find listed {share}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for PackReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}, {} rules", self.name, self.version, self.rules)
    }
}

impl fmt::Display for TypologiesReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.before, &self.after) {
            (Some(before), Some(after)) if before == after => writeln!(f, "  typologies {after}")?,
            (Some(before), Some(after)) => writeln!(f, "  typologies {after}; before {before}")?,
            (None, Some(after)) => writeln!(f, "  typologies {after}; before none")?,
            (Some(before), None) => writeln!(f, "  typologies none; before {before}")?,
            (None, None) => {}
        }
        for (what, rules) in [
            ("new", &self.added),
            ("gone", &self.removed),
            ("changed", &self.changed),
        ] {
            if !rules.is_empty() {
                writeln!(f, "    {what}: {}", rules.join(", "))?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for RenewReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [snapshot, timestamp] = self.versions;
        writeln!(f, "snapshot {snapshot}, timestamp {timestamp}")?;
        writeln!(f, "renew or release before {}", self.renew_before)
    }
}

impl fmt::Display for RotateReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "root {} until {}", self.version, self.expires)?;
        for role in &self.replaced {
            writeln!(f, "  new keys for {}", role.as_str())?;
        }
        Ok(())
    }
}

impl ImportReport {
    /// Every refused line, conflict, too deep name and shared wallet as one JSON object a line.
    #[must_use]
    pub fn json_lines(&self) -> String {
        let deep = noted(&self.too_deep, "too_deep");
        let shared = noted(&self.shared, "shared_account");
        json_lines(&self.refused, &self.conflicts) + &deep + &shared
    }
}

impl ProtectReport {
    /// Every refused line and conflict as one JSON object a line.
    #[must_use]
    pub fn json_lines(&self) -> String {
        json_lines(&self.refused, &self.conflicts)
    }
}

impl DelistReport {
    /// Every refused line and every one that is still covered as one JSON object a line.
    #[must_use]
    pub fn json_lines(&self) -> String {
        json_lines(&self.refused, &[]) + &noted(&self.covered, "still_listed")
    }
}

impl DiscloseReport {
    /// Every refused line as one JSON object a line.
    #[must_use]
    pub fn json_lines(&self) -> String {
        json_lines(&self.refused, &[])
    }
}

fn noted(lines: &[u64], note: &str) -> String {
    let objects = lines.iter().map(|line| json!({"line": line, "note": note}));
    objects.map(|line| format!("{line}\n")).collect()
}

fn json_lines(refused: &[RefusedLine], conflicts: &[Conflict]) -> String {
    let refused = refused.iter().map(|refused| {
        let kind = refused.kind.map(|kind| kind.name());
        json!({"line": refused.line, "kind": kind, "refused": refused.rule.name()})
    });
    let conflicts = conflicts.iter().map(|conflict| {
        json!({"line": conflict.line, "kind": conflict.kind.name(), "state": conflict.state.name()})
    });
    refused
        .chain(conflicts)
        .map(|line| format!("{line}\n"))
        .collect()
}
