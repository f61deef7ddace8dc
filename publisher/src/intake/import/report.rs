use std::collections::BTreeMap;
use std::fmt;

use interdict_core::list::{ListId, MAX_ENTRIES};

use super::super::read::{Encoding, Recognised};
use super::super::report::{Conflict, RefusedLine, json_lines, noted, numbered};
use super::options::{Effect, ImportOptions};

/// From this share of the most entries of a release on, in percent, an import says so.
const NEARLY_FULL: u64 = 90;

const SHARED: &str =
    "wallets without a tag, to which strangers may be paid too (an exchange, a pool)";

/// What an import did, without any identifier's value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportReport {
    /// SHA-256 of the file, in hexadecimal.
    pub file: String,
    /// The list it went to.
    pub list: ListId,
    /// The source it is from.
    pub source: String,
    /// Lines that became new entries.
    pub accepted: u64,
    /// Lines that changed an entry of the same identifier and source, in the register or above in
    /// the file: the latest line wins.
    pub updated: u64,
    /// Lines that say what was known.
    pub unchanged: u64,
    /// Of all these, lines that lifted a tombstone.
    pub relisted: u64,
    /// Of the new and changed ones, lines that wait for a person.
    pub quarantined: u64,
    /// Entries in force that the file does not name and that are proposed for removal.
    pub dropped: usize,
    /// Lines that were refused, in order.
    pub refused: Vec<RefusedLine>,
    /// Lines that meet a protected name, in order.
    pub conflicts: Vec<Conflict>,
    /// Lines whose name begins with `www.` and is listed without it.
    pub www: Vec<u64>,
    /// Lines that list a wallet without a tag where others are paid under tags: at an exchange that
    /// lists all of its customers.
    pub shared: Vec<u64>,
    /// Lines whose name is listed in another spelling: in small letters, or in the ASCII form.
    pub respelled: Vec<u64>,
    /// Lines whose `valid_until` is over: they are in the register and never go out.
    pub ended: Vec<u64>,
    /// How many entries the list has in the register now, by identifier and source.
    pub entries: u64,
    /// How the file was written.
    pub recognised: Recognised,
    /// Whether the register was changed.
    pub effect: Effect,
}

impl ImportReport {
    pub(super) fn new(file: String, list: ListId, options: &ImportOptions) -> Self {
        Self {
            file,
            list,
            source: options.source.clone(),
            accepted: 0,
            updated: 0,
            unchanged: 0,
            relisted: 0,
            quarantined: 0,
            dropped: 0,
            refused: Vec::new(),
            conflicts: Vec::new(),
            www: Vec::new(),
            shared: Vec::new(),
            respelled: Vec::new(),
            ended: Vec::new(),
            entries: 0,
            recognised: Recognised::new(options.format, Encoding::Utf8),
            effect: options.effect,
        }
    }

    /// Puts lines in order: rows are applied by name.
    pub(super) fn sort(&mut self) {
        self.refused.sort_by_key(|refused| refused.line);
        self.conflicts.sort_by_key(|conflict| conflict.line);
        for lines in [
            &mut self.www,
            &mut self.shared,
            &mut self.respelled,
            &mut self.ended,
        ] {
            lines.sort_unstable();
        }
    }

    /// How many lines each rule refused, by name.
    #[must_use]
    pub fn refused_by_rule(&self) -> BTreeMap<&'static str, u64> {
        let mut counts = BTreeMap::new();
        for line in &self.refused {
            let count: &mut u64 = counts.entry(line.rule.name()).or_default();
            *count = count.saturating_add(1);
        }
        counts
    }

    /// Every refused line, conflict, name without its `www.` and shared wallet as one JSON object a line.
    #[must_use]
    pub fn json_lines(&self) -> String {
        let shared = noted(&self.shared, "shared_account");
        let www = noted(&self.www, "www");
        let respelled = noted(&self.respelled, "respelled");
        let ended = noted(&self.ended, "ended");
        json_lines(&self.refused, &self.conflicts) + &www + &respelled + &ended + &shared
    }
}

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
        writeln!(f, "  {}", self.recognised)?;
        if self.quarantined > 0 {
            let what = "in quarantine until `interdict-publish accept`";
            writeln!(f, "  {what}: {}", self.quarantined)?;
        }
        if self.dropped > 0 {
            let what = "no longer named, to be removed with `interdict-publish dropped --remove`";
            writeln!(f, "  {what}: {}", self.dropped)?;
        }
        if self.relisted > 0 {
            writeln!(
                f,
                "  listed again although taken off before: {}",
                self.relisted
            )?;
        }
        for (numbers, what) in [
            (&self.www, "names listed without their www."),
            (
                &self.respelled,
                "names listed in small letters or their ASCII form",
            ),
            (
                &self.ended,
                "warning: valid_until is over, so that they never go out",
            ),
            (&self.shared, SHARED),
        ] {
            if !numbers.is_empty() {
                let numbers = numbered(numbers, self.recognised.format.unit());
                writeln!(f, "  {what}: {numbers}")?;
            }
        }
        let most = u64::from(MAX_ENTRIES);
        if self.entries >= most.saturating_mul(NEARLY_FULL).div_euclid(100) {
            writeln!(
                f,
                "  warning: the list has {} entries, and a release holds at most {most}",
                self.entries
            )?;
        }
        if self.effect == Effect::DryRun {
            writeln!(f, "  dry run: nothing was changed")?;
        }
        Ok(())
    }
}
