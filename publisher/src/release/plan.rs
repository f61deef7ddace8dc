//! What a release would change at gateways, by name, for the register's owner.

use std::collections::BTreeSet;
use std::fmt;

use interdict_core::common::time::Time;
use interdict_core::identifier::Identifier;
use interdict_core::list::{Flags, ListId, Record, Scope};

use super::before::Before;
use super::build::Content;
use super::guard::{Effect, EffectName};
use super::options::ReleaseOptions;
use super::report::ReleaseReport;
use super::signed::Signing;
use crate::error::{Result, UnnamedEntries};
use crate::publisher::Publisher;
use crate::register::Direction;
use crate::release::statement::Statement;

/// Entries of one kind of change that are printed; JSON has all.
const SHOWN: usize = 50;

/// What a release would do. It names identifiers: it is for whoever may see the register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanReport {
    /// What the release would say of itself.
    pub release: ReleaseReport,
    /// What it would change of each list, in the same order.
    pub changes: Vec<ListChanges>,
}

/// What a release would change of one list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListChanges {
    /// Which.
    pub list: ListId,
    /// The published release that is compared; `None` if nothing is published, or its files are gone.
    pub since: Option<u64>,
    /// What gateways would answer for and do not now.
    pub added: Vec<PlannedEntry>,
    /// What they would answer otherwise: now, and then.
    pub changed: Vec<(PlannedEntry, PlannedEntry)>,
    /// What they would not answer for any more, and why.
    pub removed: Vec<(PlannedEntry, Removal)>,
    /// What is published, has no name in the register and is held by no guard.
    pub unnamed: Vec<UnnamedEntries>,
    /// What would stay as published until a person confirms it.
    pub held: Vec<HeldEntry>,
    /// The same, of entries that the register has no name of.
    pub held_unnamed: usize,
}

/// An entry that a guard holds back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldEntry {
    /// Which.
    pub identifier: Identifier,
    /// Which way its answer would change.
    pub direction: Direction,
    /// As it is published and stays; `None` if it is not.
    pub before: Option<PlannedEntry>,
    /// As it would be; `None` if it would go.
    pub after: Option<PlannedEntry>,
}

/// What a list says of an identifier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedEntry {
    /// The identifier.
    pub identifier: Identifier,
    /// What is said. The numbers of its source and group mean nothing here.
    pub record: Record,
    /// Who says so, as `COALITION.SOURCE`.
    pub source: String,
}

/// Why an entry goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Removal {
    /// `delist` took it off.
    Delisted,
    /// It is protected.
    Protected,
    /// Its time is over.
    Ended,
    /// Its source's feed left it out, and somebody removed it.
    Dropped,
    /// The register no longer has it, and nobody decided so.
    Gone,
}

impl Removal {
    /// The word used in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Delisted => "delisted",
            Self::Protected => "protected",
            Self::Ended => "ended",
            Self::Dropped => "dropped",
            Self::Gone => "gone",
        }
    }
}

impl Publisher {
    /// Does all that [`Publisher::release`] does, except publishing, and names what would change. The keys
    /// that sign are not needed.
    ///
    /// # Errors
    /// As [`Publisher::release`].
    pub fn plan(&self, now: Time, options: &ReleaseOptions) -> Result<PlanReport> {
        let prepared = self.prepare_signed(now, options, Signing::IfPossible)?;
        let lists = prepared.built.lists.iter();
        let changes = lists.map(|built| {
            let mut changes = self.changes(&built.list, built.content(), now)?;
            changes.hold(&built.guarded.held);
            Ok(changes)
        });
        Ok(PlanReport {
            changes: changes.collect::<Result<_>>()?,
            release: prepared.report,
        })
    }

    /// What the register holds beyond what is published, without building anything.
    ///
    /// # Errors
    /// A register that cannot be read, or published metadata that is damaged.
    pub fn pending(&self, now: Time) -> Result<Vec<ListChanges>> {
        let protected = self.register().protected()?;
        let lists = self.lists()?.into_iter().map(|list| {
            let content = self.content(&list, &protected, now)?;
            self.changes(&list, &content, now)
        });
        lists.collect()
    }

    fn changes(&self, list: &ListId, content: &Content, now: Time) -> Result<ListChanges> {
        let delisted = self.register().delisted(list)?;
        let protected = self.register().protected()?;
        let mut gone = self.register().departed(list)?;
        gone.extend(delisted.iter().chain(&protected).cloned());
        let before = self.published_before(list, content, &gone, now)?;
        let Before {
            sequence,
            mut statements,
            unnamed,
        } = before;
        let (mut added, mut changed) = (Vec::new(), Vec::new());
        for (identifier, statement) in content.statements.iter() {
            let after = PlannedEntry::of(identifier, statement);
            match statements.remove(identifier) {
                None => added.push(after),
                Some(before) if before == *statement => {}
                Some(before) => changed.push((PlannedEntry::of(identifier, &before), after)),
            }
        }
        let [protected, delisted, left_out, gone] =
            [&protected, &delisted, &content.left_out, &gone]
                .map(|names| names.iter().collect::<BTreeSet<_>>());
        let why = |identifier: &Identifier| {
            if protected.contains(identifier) {
                Removal::Protected
            } else if delisted.contains(identifier) {
                Removal::Delisted
            } else if left_out.contains(identifier) {
                Removal::Ended
            } else if gone.contains(identifier) {
                Removal::Dropped
            } else {
                Removal::Gone
            }
        };
        let removed = statements
            .iter()
            .map(|(identifier, statement)| {
                (PlannedEntry::of(identifier, statement), why(identifier))
            })
            .collect();
        Ok(ListChanges {
            list: list.clone(),
            since: sequence,
            added,
            changed,
            removed,
            unnamed,
            held: Vec::new(),
            held_unnamed: 0,
        })
    }
}

impl ListChanges {
    /// How many published entries have no name in the register.
    #[must_use]
    pub fn unnamed(&self) -> usize {
        let counts = self.unnamed.iter().map(|one| one.count);
        counts.fold(0, usize::saturating_add)
    }

    /// Names what a guard holds back.
    fn hold(&mut self, effects: &[Effect]) {
        for effect in effects {
            let EffectName::Known(identifier) = &effect.name else {
                self.held_unnamed = self.held_unnamed.saturating_add(1);
                continue;
            };
            let entry = |said: &Statement| PlannedEntry::of(identifier, said);
            self.held.push(HeldEntry {
                identifier: identifier.clone(),
                direction: effect.direction,
                before: effect.before.as_ref().map(entry),
                after: effect.after.as_ref().map(entry),
            });
        }
    }
}

impl PlannedEntry {
    fn of(identifier: &Identifier, statement: &Statement) -> Self {
        Self {
            identifier: identifier.clone(),
            record: statement.record,
            source: statement.source.id().to_owned(),
        }
    }
}

impl fmt::Display for PlanReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.changes
            .iter()
            .try_for_each(|list| write!(f, "{list}"))?;
        write!(f, "{}", self.release)
    }
}

impl fmt::Display for ListChanges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let since = match self.since {
            Some(sequence) => format!("since release {sequence}"),
            None => "nothing is published to compare with".to_owned(),
        };
        writeln!(
            f,
            "{}: {} added, {} changed, {} removed; {since}",
            self.list.as_str(),
            self.added.len(),
            self.changed.len(),
            self.removed.len().saturating_add(self.unnamed()),
        )?;
        for entry in self.added.iter().take(SHOWN) {
            writeln!(f, "  + {entry}: {}", entry.says())?;
        }
        more(f, self.added.len(), "added")?;
        for (before, after) in self.changed.iter().take(SHOWN) {
            writeln!(f, "  ~ {after}: {}; before {}", after.says(), before.says())?;
        }
        more(f, self.changed.len(), "changed")?;
        for (entry, why) in self.removed.iter().take(SHOWN) {
            writeln!(f, "  - {entry}: {}; before {}", why.name(), entry.says())?;
        }
        more(f, self.removed.len(), "removed")?;
        for UnnamedEntries { source, count, .. } in &self.unnamed {
            writeln!(
                f,
                "  - {count} from {source} that the register has no name of"
            )?;
        }
        self.show_held(f)
    }
}

impl ListChanges {
    fn show_held(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = self.held.len().saturating_add(self.held_unnamed);
        if all > 0 {
            writeln!(
                f,
                "  {all} held back until confirmed, as published until then:"
            )?;
        }
        for held in self.held.iter().take(SHOWN) {
            writeln!(f, "  = {held}")?;
        }
        more(f, self.held.len(), "held back")?;
        match self.held_unnamed {
            0 => Ok(()),
            count => writeln!(
                f,
                "  = {count} that the register has no name of; they cannot move to another epoch"
            ),
        }
    }
}

impl fmt::Display for HeldEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let says = |entry: &Option<PlannedEntry>| match entry {
            Some(entry) => entry.says(),
            None => "absent".to_owned(),
        };
        let identifier = &self.identifier;
        write!(
            f,
            "{} {}: {}; would be {}",
            identifier.kind().name(),
            identifier.text(),
            says(&self.before),
            says(&self.after)
        )
    }
}

fn more(f: &mut fmt::Formatter<'_>, count: usize, what: &str) -> fmt::Result {
    match count.checked_sub(SHOWN) {
        Some(more @ 1..) => writeln!(f, "  and {more} more {what}; --json names all"),
        _ => Ok(()),
    }
}

impl fmt::Display for PlannedEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let identifier = &self.identifier;
        write!(f, "{} {}", identifier.kind().name(), identifier.text())
    }
}

impl PlannedEntry {
    /// The record in words.
    fn says(&self) -> String {
        let record = &self.record;
        let mut says = format!(
            "{} {} {} from {}",
            record.action.name(),
            record.category.name(),
            record.confidence,
            self.source
        );
        if record.scope == Scope::Host {
            says.push_str(", host alone");
        }
        if record.flags.has(Flags::SILENT) {
            says.push_str(", silent");
        }
        if record.flags.has(Flags::POSSIBLY_VICTIM_CONTROLLED) {
            says.push_str(", possibly victim controlled");
        }
        if record.flags.has(Flags::MANDATORY) {
            says.push_str(", mandatory");
        }
        if record.valid_until < Time::from_seconds(u32::MAX) {
            says.push_str(&format!(", until {}", record.valid_until));
        }
        says
    }
}
