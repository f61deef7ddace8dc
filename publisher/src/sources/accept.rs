use std::fmt;

use interdict_core::common::time::Time;
use interdict_core::identifier::{Kind, NumericIds};
use interdict_core::list::ListId;

use crate::error::Result;
use crate::intake::{
    Conflict, Field, Fields, LineRow, Names, RefusedLine, Rule, flag_names, json_lines, lines,
    listed_name, noted, refuse,
};
use crate::publisher::Publisher;
use crate::register::{Change, Deed, Entry, NO_END, State, Waiting};

/// The fields of a row that names what to accept; every CSV file has the first two. From `action` on they
/// are what the statement says.
const FIELDS: [Field; 9] = [
    Field::Kind,
    Field::Value,
    Field::Source,
    Field::Action,
    Field::Category,
    Field::Confidence,
    Field::ValidUntil,
    Field::Scope,
    Field::Flags,
];

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
    /// When it came in, or was last changed.
    pub since: Time,
    row: [String; 9],
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
            let found = found.and_then(|found| unchanged(row, found));
            match found.and_then(|found| all_declared(found, &declared)) {
                Ok(found) if found.is_empty() => report.not_waiting.push(row.line),
                Ok(found) => take(&change, &found, row.line, &mut report, now)?,
                Err(rule) => {
                    let refused = refuse(&change, &named.file, row, rule, now)?;
                    report.refused.push(refused);
                }
            }
        }
        change.commit(&Deed::new("accept", now).reading_file("", &named.file))?;
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
        change.commit(&Deed::new("accept", now))?;
        Ok(report)
    }

    /// What waits for a person on a list, or on all, by kind, value and source; of one source, or of all.
    ///
    /// # Errors
    /// [`PublisherError::Source`](crate::PublisherError::Source) for a source that is not registered, an
    /// unknown list, or a register that cannot be read.
    pub fn waiting(
        &self,
        list: Option<&str>,
        source: Option<&str>,
    ) -> Result<Vec<WaitingStatement>> {
        if let Some(source) = source {
            self.registered_source(source)?;
        }
        let mut all = Vec::new();
        let names: Vec<String> = list.map(str::to_owned).into_iter().collect();
        for list in self.named_lists(&names)? {
            let waiting = self.register().waiting(&list, source)?;
            all.extend(waiting.iter().map(|one| WaitingStatement {
                list: list.clone(),
                since: one.since,
                row: FIELDS.map(|field| text(&one.listing.entry, field)),
            }));
        }
        Ok(all)
    }
}

impl WaitingStatement {
    /// The columns of [`WaitingStatement::row`].
    #[must_use]
    pub fn columns() -> [&'static str; 9] {
        FIELDS.map(Field::name)
    }

    /// Everything it says, as a file for [`Publisher::accept`] has it.
    #[must_use]
    pub const fn row(&self) -> &[String; 9] {
        &self.row
    }
}

/// A field as `quarantine` prints it.
fn text(entry: &Entry, field: Field) -> String {
    let end = (entry.valid_until != NO_END).then_some(entry.valid_until);
    match field {
        Field::Kind => entry.identifier.kind().name().to_owned(),
        Field::Value => entry.identifier.text().to_owned(),
        Field::Source => entry.source.clone(),
        Field::Action => entry.action.name().to_owned(),
        Field::Category => entry.category.name().to_owned(),
        Field::Confidence => entry.confidence.to_string(),
        Field::ValidUntil => end.map(|end| end.to_string()).unwrap_or_default(),
        Field::Scope => entry.scope.name().to_owned(),
        Field::Flags => flag_names(entry.flags).collect::<Vec<_>>().join(" "),
        _ => String::new(),
    }
}

/// Whether a statement still says what a row says. A row without an action says nothing about it.
fn is_as_shown(fields: &Fields, entry: &Entry) -> bool {
    let says = |field: &Field| fields.get(*field).unwrap_or_default() == text(entry, *field);
    fields.get(Field::Action).is_none() || FIELDS.iter().skip(3).all(says)
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
                Ok(if none {
                    Err(Rule::CardNumber)
                } else {
                    Ok(found)
                })
            }
            Err(_) => Ok(Err(Rule::CardNumber)),
        },
        Err(rule) => Ok(Err(rule)),
    }
}

/// What was printed and looked at must be what is accepted.
fn unchanged(row: &LineRow, found: Vec<Waiting>) -> Result<Vec<Waiting>, Rule> {
    let fields = row.fields()?;
    match found
        .iter()
        .all(|one| is_as_shown(fields, &one.listing.entry))
    {
        true => Ok(found),
        false => Err(Rule::StatementChanged),
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
