//! What was read of a file, held against the register as it is now.

use std::ops::ControlFlow;

use interdict_core::identifier::{Identifier, Kind};
use interdict_core::list::Scope;

use super::super::line::Terms;
use super::super::report::{Conflict, RefusedLine};
use super::super::rule::Rule;
use super::feed::{Feed, Place};
use super::options::{Delisted, ImportOptions};
use super::report::ImportReport;
use super::staged::{Staged, StagedEntry, StagedRow};
use crate::error::Result;
use crate::register::{Change, Counts, Entry, Put, State};

/// What the register holds before an import and no row of it changes, asked once for all rows.
struct Held {
    declared: Vec<Kind>,
    /// Something was taken off the list before.
    tombstones: bool,
    /// Something is protected.
    protected: bool,
}

/// After how many rows it is asked whether the change holds up others: a few milliseconds.
const ROWS: u32 = 256;

/// Whether an import lets others pass that wait for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum GiveWay {
    Yes,
    No,
}

/// Writes all rows of a file, and completes the report. Breaks off if it holds up others and gives way.
pub(super) fn apply(
    change: &Change<'_>,
    staged: &mut Staged,
    terms: Terms<'_>,
    options: &ImportOptions,
    give_way: GiveWay,
    report: &mut ImportReport,
) -> Result<ControlFlow<()>> {
    change.expect_many()?;
    report.recognised = staged.recognised;
    let held = Held {
        declared: change.declared(&report.list)?,
        tombstones: change.any_delisted(&report.list)?,
        protected: change.any_protected()?,
    };
    report.refused.clone_from(&staged.refused);
    for refused in &report.refused {
        refused.keep(change, &report.file, terms.now)?;
    }
    let mut feed = Feed::begin(change, &report.list, terms, options.mode)?;
    let mut rows = 0_u32;
    let applied = staged.each(&mut |row| {
        rows = rows.wrapping_add(1);
        if give_way == GiveWay::Yes && rows.is_multiple_of(ROWS) && change.holds_up()? {
            return Ok(ControlFlow::Break(()));
        }
        match row {
            StagedRow::Named(name) => feed.name(&name)?,
            StagedRow::Entry(row) => apply_row(&mut feed, *row, options, &held, report)?,
        }
        Ok(ControlFlow::Continue(()))
    })?;
    if applied.is_break() {
        return Ok(applied);
    }
    report.dropped = feed.end()?;
    report.sort();
    let counts = Counts {
        accepted: report.accepted,
        updated: report.updated,
        unchanged: report.unchanged,
        refused: u64::try_from(report.refused.len()).unwrap_or(u64::MAX),
    };
    change.put_import(&report.file, &report.list, counts, terms.now)?;
    report.entries = change.entry_count(&report.list)?;
    Ok(applied)
}

fn apply_row(
    feed: &mut Feed<'_>,
    mut row: StagedEntry,
    options: &ImportOptions,
    held: &Held,
    report: &mut ImportReport,
) -> Result<()> {
    let (line, kind) = (row.line, row.entry.identifier.kind());
    row.entry.source.clone_from(&feed.terms.source.id);
    let entries = match admit(feed, row, options, held, report)? {
        Ok(entries) => entries,
        Err(rule) => {
            let kind = Some(kind);
            let refused = RefusedLine { line, kind, rule };
            refused.keep(feed.change, &report.file, feed.terms.now)?;
            report.refused.push(refused);
            return Ok(());
        }
    };
    let mut puts = Vec::new();
    let mut waits = false;
    for entry in &entries {
        let put = feed.put(entry)?;
        if put.place == Place::Quarantine {
            waits |= put.put != Put::Unchanged;
        } else if held.protected {
            let state = feed.change.state(&report.list, entry)?;
            if state != State::Listed {
                report.conflicts.push(Conflict { line, kind, state });
            }
        }
        puts.push(put.put);
        if entry.scope == Scope::Domain && is_shared(&entry.identifier) {
            report.shared.push(line);
        }
    }
    let now = feed.terms.now;
    if entries.iter().any(|entry| entry.valid_until <= now) {
        report.ended.push(line);
    }
    let count = if puts.contains(&Put::Added) {
        &mut report.accepted
    } else if puts.contains(&Put::Updated) {
        &mut report.updated
    } else {
        &mut report.unchanged
    };
    *count = count.saturating_add(1);
    report.quarantined = report.quarantined.saturating_add(u64::from(waits));
    Ok(())
}

/// The entries of a row, unless it was taken off the list: two for a name with `www.` and scope `host`,
/// otherwise one.
fn admit(
    feed: &Feed<'_>,
    row: StagedEntry,
    options: &ImportOptions,
    held: &Held,
    report: &mut ImportReport,
) -> Result<Result<Vec<Entry>, Rule>> {
    let StagedEntry { entry, written, .. } = row;
    if !held.declared.contains(&entry.identifier.kind()) {
        return Ok(Err(Rule::KindUndeclared));
    }
    if row.respelled {
        report.respelled.push(row.line);
    }
    if written.is_some() {
        report.www.push(row.line);
    }
    let second = written.filter(|_| entry.scope == Scope::Host);
    let second = second.map(|identifier| Entry {
        identifier,
        ..entry.clone()
    });
    let mut entries = vec![entry];
    entries.extend(second);
    if !row.ends {
        for entry in &mut entries {
            feed.keep_end(entry)?;
        }
    }
    let mut delisted = false;
    for entry in &entries {
        let (identifier, source) = (&entry.identifier, entry.source.as_str());
        if held.tombstones && feed.change.is_delisted(&report.list, identifier, source)? {
            match options.delisted {
                Delisted::Refuse => return Ok(Err(Rule::Delisted)),
                Delisted::Relist => {
                    let now = feed.terms.now;
                    feed.change.relist(&report.list, identifier, source, now)?;
                }
            }
            delisted = true;
        }
    }
    report.relisted = report.relisted.saturating_add(u64::from(delisted));
    Ok(Ok(entries))
}

/// Whether strangers may be paid to a wallet too, under tags: of the chains that have them, an account
/// without one.
fn is_shared(identifier: &Identifier) -> bool {
    let bare = identifier.kind() == Kind::Wallet && identifier.look_ups().count() == 1;
    let mut tagged = ["xrp:", "monero:4"].iter();
    bare && tagged.any(|chain| identifier.text().starts_with(chain))
}
