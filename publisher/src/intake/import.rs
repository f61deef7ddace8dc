use std::collections::BTreeMap;
use std::fmt;
use std::io::Read;

use interdict_core::common::time::Time;
use interdict_core::identifier::{Identifier, Kind};
use interdict_core::list::{ListId, Scope, is_source_name};

use super::report::{Conflict, RefusedLine, json_lines, lines, noted, refuse};
use super::rows::{Field, Format, LineRow, Rows};
use super::rule::Rule;
use crate::error::{FileError, PublisherError, Result};
use crate::publisher::Publisher;
use crate::register::{Change, Counts, Entry, Put, State};

/// The fields of an imported row; every CSV file has the first two, and `source` unless there is a
/// default.
const FIELDS: [Field; 11] = [
    Field::Kind,
    Field::Value,
    Field::Source,
    Field::Action,
    Field::Category,
    Field::Confidence,
    Field::ValidUntil,
    Field::Group,
    Field::Scope,
    Field::Flags,
    Field::Handling,
];

/// How to read a file of listings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportOptions {
    /// CSV or JSON lines.
    pub format: Format,
    /// The list it goes to; none for the coalition's only list.
    pub list: Option<String>,
    /// The source of rows that name none.
    pub default_source: Option<String>,
    /// What to do with lines that were taken off the list before.
    pub delisted: Delisted,
}

/// What an import does with lines a tombstone covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delisted {
    /// Refuses them: a feed must not bring back what was cleared.
    Refuse,
    /// Removes the tombstone, also of one that holds for all sources, and lists them again.
    Relist,
}

/// What an import did, without any identifier's value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportReport {
    /// SHA-256 of the file, in hexadecimal.
    pub file: String,
    /// The list it went to.
    pub list: ListId,
    /// Lines that became new entries.
    pub accepted: u64,
    /// Lines that changed an entry of the same identifier and source, in the register or above in
    /// the file: the latest line wins.
    pub updated: u64,
    /// Lines that say what was known.
    pub unchanged: u64,
    /// Of all these, lines that removed a tombstone.
    pub relisted: u64,
    /// Lines that were refused, in order.
    pub refused: Vec<RefusedLine>,
    /// Lines that meet a protected name, in order.
    pub conflicts: Vec<Conflict>,
    /// Lines that list a wallet without a tag where others are paid under tags: at an exchange that
    /// lists all of its customers.
    pub shared: Vec<u64>,
}

impl ImportOptions {
    /// Into the only list, no default source, nothing that was taken off it.
    #[must_use]
    pub const fn new(format: Format) -> Self {
        Self {
            format,
            list: None,
            default_source: None,
            delisted: Delisted::Refuse,
        }
    }
}

impl ImportReport {
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

    /// Every refused line, conflict and shared wallet as one JSON object a line.
    #[must_use]
    pub fn json_lines(&self) -> String {
        let shared = noted(&self.shared, "shared_account");
        json_lines(&self.refused, &self.conflicts) + &shared
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
        if !self.shared.is_empty() {
            let what =
                "wallets without a tag, to which strangers may be paid too (an exchange, a pool)";
            writeln!(f, "  {what}: {}", lines(&self.shared))?;
        }
        Ok(())
    }
}

impl Publisher {
    /// Takes a file of listings into the register, whole or not at all; refused lines are listed.
    ///
    /// # Errors
    /// [`PublisherError::File`] for a file that cannot be read as a whole, an unknown list, or a
    /// register that cannot be written.
    pub fn import(
        &mut self,
        mut file: impl Read,
        options: &ImportOptions,
        now: Time,
    ) -> Result<ImportReport> {
        let list = self.one_list(options.list.as_deref())?;
        let default_source = options.default_source.as_deref();
        if default_source.is_some_and(|source| !is_source_name(source)) {
            return Err(PublisherError::SourceDefault);
        }
        if !matches!(options.format, Format::Csv | Format::JsonLines) {
            return Err(FileError::Format.into());
        }
        let required = if default_source.is_some() { 2 } else { 3 };
        let Rows { file, rows } = Rows::read(&mut file, options.format, &FIELDS, required)?;
        let mut report = ImportReport {
            file,
            list,
            accepted: 0,
            updated: 0,
            unchanged: 0,
            relisted: 0,
            refused: Vec::new(),
            conflicts: Vec::new(),
            shared: Vec::new(),
        };
        let declared = self.register().declared(&report.list)?;
        let change = self.register_mut().change()?;
        for row in &rows {
            import_row(&change, row, options, (&declared, now), &mut report)?;
        }
        let counts = Counts {
            accepted: report.accepted,
            updated: report.updated,
            unchanged: report.unchanged,
            refused: u64::try_from(report.refused.len()).unwrap_or(u64::MAX),
        };
        change.put_import(&report.file, &report.list, counts, now)?;
        change.commit()?;
        Ok(report)
    }
}

fn import_row(
    change: &Change<'_>,
    row: &LineRow,
    options: &ImportOptions,
    (declared, now): (&[Kind], Time),
    report: &mut ImportReport,
) -> Result<()> {
    let entry = match admit(change, row, options, declared, report)? {
        Ok(entry) => entry,
        Err(rule) => {
            let refused = refuse(change, &report.file, row, rule, now)?;
            report.refused.push(refused);
            return Ok(());
        }
    };
    let count = match change.put_entry(&report.list, &entry, now)? {
        Put::Added => &mut report.accepted,
        Put::Updated => &mut report.updated,
        Put::Unchanged => &mut report.unchanged,
    };
    *count = count.saturating_add(1);
    let state = change.state(&report.list, &entry)?;
    if state != State::Listed {
        report.conflicts.push(Conflict {
            line: row.line,
            kind: entry.identifier.kind(),
            state,
        });
    }
    if entry.scope == Scope::Domain && is_shared(&entry.identifier) {
        report.shared.push(row.line);
    }
    Ok(())
}

/// The entry of a row, unless it breaks a rule or was taken off the list.
fn admit(
    change: &Change<'_>,
    row: &LineRow,
    options: &ImportOptions,
    declared: &[Kind],
    report: &mut ImportReport,
) -> Result<Result<Entry, Rule>> {
    let default_source = options.default_source.as_deref();
    let entry = match row.fields().and_then(|fields| fields.entry(default_source)) {
        Ok(entry) => entry,
        Err(rule) => return Ok(Err(rule)),
    };
    if !declared.contains(&entry.identifier.kind()) {
        return Ok(Err(Rule::KindUndeclared));
    }
    let (identifier, source) = (&entry.identifier, entry.source.as_str());
    if change.is_delisted(&report.list, identifier, source)? {
        match options.delisted {
            Delisted::Refuse => return Ok(Err(Rule::Delisted)),
            Delisted::Relist => change.relist(&report.list, identifier, source)?,
        }
        report.relisted = report.relisted.saturating_add(1);
    }
    Ok(Ok(entry))
}

/// Whether strangers may be paid to a wallet too, under tags: of the chains that have them, an account
/// without one.
fn is_shared(identifier: &Identifier) -> bool {
    let bare = identifier.kind() == Kind::Wallet && identifier.look_ups().count() == 1;
    let mut tagged = ["xrp:", "monero:4"].iter();
    bare && tagged.any(|chain| identifier.text().starts_with(chain))
}
