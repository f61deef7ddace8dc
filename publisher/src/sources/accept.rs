use std::fmt;

use interdict_core::common::time::Time;
use interdict_core::identifier::{Identifier, Kind, NumericIds};
use interdict_core::list::{Action, ListId};

use crate::error::Result;
use crate::intake::{
    Conflict, Field, LineRow, Names, RefusedLine, Rule, json_lines, lines, listed_name, noted,
    refuse,
};
use crate::publisher::Publisher;
use crate::register::{Change, State, Waiting};

const FIELDS: [Field; 3] = [Field::Kind, Field::Value, Field::Source];

/// Which statements to accept.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AcceptOptions {
    /// The list; none for the coalition's only one.
    pub list: Option<String>,
    /// Whose statements, in lines that name no source; none for every source's.
    pub source: Option<String>,
}

/// What `accept` did, without any identifier's value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcceptReport {
    /// The list.
    pub list: ListId,
    /// Statements that go out with the next release.
    pub accepted: u64,
    /// Lines on whose identifier nothing waits.
    pub not_waiting: Vec<u64>,
    /// Lines that were refused, in order.
    pub refused: Vec<RefusedLine>,
    /// Lines that meet a protected name, in order.
    pub conflicts: Vec<Conflict>,
}

/// A statement that waits for a person, for the register's owner to look at. It names a merchant.
#[derive(Clone, PartialEq, Eq)]
pub struct WaitingStatement {
    /// Which list it is for.
    pub list: ListId,
    /// Whose it is.
    pub source: String,
    /// What it is about.
    pub identifier: Identifier,
    /// What it asks for.
    pub action: Action,
    /// How sure it is, per mille.
    pub confidence: u16,
    /// When it came in, or was last changed.
    pub since: Time,
}

impl Publisher {
    /// Takes statements out of quarantine: they go out with the next release.
    ///
    /// # Errors
    /// [`PublisherError::File`](crate::PublisherError::File) for a file that cannot be read as a whole,
    /// [`PublisherError::Source`](crate::PublisherError::Source) for a source that is not registered, an
    /// unknown list, or a register that cannot be written.
    pub fn accept(
        &mut self,
        names: Names<'_>,
        options: &AcceptOptions,
        now: Time,
    ) -> Result<AcceptReport> {
        let source = options.source.as_deref();
        if let Some(source) = source {
            self.registered_source(source)?;
        }
        let mut report = AcceptReport::new(self.one_list(options.list.as_deref())?);
        let named = names.read(&FIELDS)?;
        let declared = self.register().declared(&report.list)?;
        let change = self.register_mut().change()?;
        for row in &named.rows {
            let found = waiting_in(&change, &report.list, row, source)?;
            match found.and_then(|found| all_declared(found, &declared)) {
                Ok(found) if found.is_empty() => report.not_waiting.push(row.line),
                Ok(found) => take(&change, &found, row.line, &mut report, now)?,
                Err(rule) => {
                    let refused = refuse(&change, &named.file, row, rule, now)?;
                    report.refused.push(refused);
                }
            }
        }
        change.commit()?;
        Ok(report)
    }

    /// Takes everything of one source out of quarantine. Of kinds that the list does not declare, it waits
    /// on: `refused` has line 0 for each.
    ///
    /// # Errors
    /// [`PublisherError::Source`](crate::PublisherError::Source) for a source that is not registered, an
    /// unknown list, or a register that cannot be written.
    pub fn accept_all(
        &mut self,
        source: &str,
        list: Option<&str>,
        now: Time,
    ) -> Result<AcceptReport> {
        self.registered_source(source)?;
        let mut report = AcceptReport::new(self.one_list(list)?);
        let declared = self.register().declared(&report.list)?;
        let change = self.register_mut().change()?;
        for one in change.waiting(&report.list, source)? {
            let kind = one.listing.entry.identifier.kind();
            match all_declared(vec![one], &declared) {
                Ok(found) => take(&change, &found, 0, &mut report, now)?,
                Err(rule) => report.refused.push(RefusedLine {
                    line: 0,
                    kind: Some(kind),
                    rule,
                }),
            }
        }
        change.commit()?;
        Ok(report)
    }

    /// What waits for a person, by list, kind, value and source; of one source, or of all.
    ///
    /// # Errors
    /// [`PublisherError::Source`](crate::PublisherError::Source) for a source that is not registered, or a
    /// register that cannot be read.
    pub fn waiting(&self, source: Option<&str>) -> Result<Vec<WaitingStatement>> {
        if let Some(source) = source {
            self.registered_source(source)?;
        }
        let mut all = Vec::new();
        for list in self.lists()? {
            let waiting = self.register().waiting(&list, source)?;
            all.extend(waiting.into_iter().map(|Waiting { listing, since }| {
                let entry = listing.entry;
                WaitingStatement {
                    list: list.clone(),
                    source: entry.source,
                    identifier: entry.identifier,
                    action: entry.action,
                    confidence: entry.confidence,
                    since,
                }
            }));
        }
        Ok(all)
    }
}

/// What waits on the identifier of a row. An id as long as a card number is read only where it waits.
fn waiting_in(
    change: &Change<'_>,
    list: &ListId,
    row: &LineRow,
    default_source: Option<&str>,
) -> Result<Result<Vec<Waiting>, Rule>> {
    let read = |numeric| {
        let fields = row.fields()?;
        Ok((fields.identifier(numeric)?, fields.source(default_source)?))
    };
    let find = |identifier, source| {
        let identifier = listed_name(change, list, identifier)?;
        change.waiting_on(list, &identifier, source)
    };
    match read(NumericIds::Nowhere) {
        Ok((identifier, source)) => find(identifier, source).map(Ok),
        Err(Rule::CardNumber) => match read(NumericIds::Everywhere) {
            Ok((identifier, source)) => {
                let found = find(identifier, source)?;
                let none = found.is_empty();
                Ok(if none { Err(Rule::CardNumber) } else { Ok(found) })
            }
            Err(_) => Ok(Err(Rule::CardNumber)),
        },
        Err(rule) => Ok(Err(rule)),
    }
}

/// A list that stopped declaring a kind cannot take what waited.
fn all_declared(found: Vec<Waiting>, declared: &[Kind]) -> Result<Vec<Waiting>, Rule> {
    let kinds = found.iter().map(|one| one.listing.entry.identifier.kind());
    let mut undeclared = kinds.filter(|kind| !declared.contains(kind));
    match undeclared.next() {
        Some(_) => Err(Rule::KindUndeclared),
        None => Ok(found),
    }
}

fn take(
    change: &Change<'_>,
    found: &[Waiting],
    line: u64,
    report: &mut AcceptReport,
    now: Time,
) -> Result<()> {
    for Waiting { listing, .. } in found {
        let entry = &listing.entry;
        change.end_wait(&report.list, &entry.identifier, Some(&entry.source))?;
        change.put_entry(&report.list, entry, now)?;
        report.accepted = report.accepted.saturating_add(1);
        let state = change.state(&report.list, entry)?;
        if state != State::Listed {
            let kind = entry.identifier.kind();
            report.conflicts.push(Conflict { line, kind, state });
        }
    }
    Ok(())
}

impl AcceptReport {
    const fn new(list: ListId) -> Self {
        Self {
            list,
            accepted: 0,
            not_waiting: Vec::new(),
            refused: Vec::new(),
            conflicts: Vec::new(),
        }
    }

    /// Every refused line, conflict and line on which nothing waits as one JSON object a line.
    #[must_use]
    pub fn json_lines(&self) -> String {
        json_lines(&self.refused, &self.conflicts) + &noted(&self.not_waiting, "not_waiting")
    }
}

impl fmt::Display for AcceptReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = self.list.as_str();
        let refused = self.refused.len();
        writeln!(f, "{list}: {} accepted, {refused} refused", self.accepted)?;
        if !self.not_waiting.is_empty() {
            let what = "nothing waits under these names";
            writeln!(f, "  {what}: {}", lines(&self.not_waiting))?;
        }
        Ok(())
    }
}

impl fmt::Debug for WaitingStatement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WaitingStatement")
    }
}
