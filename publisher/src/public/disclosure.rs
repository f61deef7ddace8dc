//! What may be public: names that approvers marked, and only as long as nothing said about them
//! forbids it.

use interdict_core::common::time::Time;
use interdict_core::identifier::{Identifier, Kind};
use interdict_core::list::{Action, Flags, ListId};
use rusqlite::params;

use crate::error::Result;
use crate::intake::import::RefusedLine;
use crate::intake::line::{self, Rule};
use crate::intake::names::Names;
use crate::intake::rows::Field;
use crate::publisher::Publisher;
use crate::register::change::Change;
use crate::register::database::statements;
use crate::register::entry::{Listing, State};

const FIELDS: [Field; 2] = [Field::Kind, Field::Value];

/// To mark as public, or to take the mark back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disclosure {
    /// From the next release on it is in the public edition.
    Mark,
    /// From the next release on it is not. Who kept an older release still has it.
    Undo,
}

/// What `disclose` did, without any identifier's value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiscloseReport {
    /// The list.
    pub list: ListId,
    /// What was asked for.
    pub disclosure: Disclosure,
    /// Lines that changed a mark.
    pub changed: u64,
    /// Lines that changed nothing.
    pub unchanged: u64,
    /// Lines that were refused, in order.
    pub refused: Vec<RefusedLine>,
}

/// What of a list's marked identifiers goes into its public edition.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Disclosed<'a> {
    pub(crate) identifiers: Vec<&'a Identifier>,
    /// Marked, and kept back by what is said about them today.
    pub(crate) held_back: usize,
}

impl Publisher {
    /// Marks identifiers of a list as public, or takes the marks back.
    ///
    /// # Errors
    /// [`PublisherError::File`](crate::PublisherError::File) for a file that cannot be read as a
    /// whole, an unknown list, or a register that cannot be written.
    pub fn disclose(
        &mut self,
        names: Names<'_>,
        list: Option<&str>,
        disclosure: Disclosure,
        now: Time,
    ) -> Result<DiscloseReport> {
        let named = names.read(&FIELDS)?;
        let mut report = DiscloseReport {
            list: self.one_list(list)?,
            disclosure,
            changed: 0,
            unchanged: 0,
            refused: Vec::new(),
        };
        let change = self.register_mut().change()?;
        for row in &named.rows {
            let fields = row.fields.as_ref().map_err(|rule| *rule);
            let changed = match fields.and_then(line::identifier) {
                Ok(identifier) => change.disclose(&report.list, &identifier, disclosure, now)?,
                Err(rule) => Err(rule),
            };
            let count = match changed {
                Ok(true) => &mut report.changed,
                Ok(false) => &mut report.unchanged,
                Err(rule) => {
                    let refused = change.refuse(&named.file, row, rule, now)?;
                    report.refused.push(refused);
                    continue;
                }
            };
            *count = count.saturating_add(1);
        }
        change.commit()?;
        Ok(report)
    }
}

/// Whether what is said about an identifier allows it to be public. An ended listing no longer acts,
/// but a promise to keep quiet does not end with it.
fn check(kind: Kind, statements: &[Listing], now: Time) -> Result<(), Rule> {
    if kind != Kind::Domain {
        return Err(Rule::KindNotPublic);
    }
    if statements.is_empty() {
        return Err(Rule::NotListed);
    }
    let said = |found: fn(&Listing) -> bool| statements.iter().any(found);
    if said(|listing| listing.entry.handling.is_some()) {
        return Err(Rule::HandlingNotPublic);
    }
    let quiet = |listing: &Listing| {
        let flags = listing.entry.flags;
        flags.has(Flags::SILENT) || flags.has(Flags::POSSIBLY_VICTIM_CONTROLLED)
    };
    if said(quiet) {
        return Err(Rule::FlagsNotPublic);
    }
    let watched = |listing: &Listing| {
        matches!(listing.entry.action, Action::Monitor | Action::HoldPayout)
            && goes_out(listing, now)
    };
    if statements.iter().any(watched) {
        return Err(Rule::ActionNotPublic);
    }
    Ok(())
}

fn goes_out(listing: &Listing, now: Time) -> bool {
    listing.state != State::Withheld && now < listing.entry.valid_until
}

/// Judges every marked identifier anew, for what is said about it may have changed since. `listings`
/// are sorted by identifier.
pub(crate) fn choose(listings: &[Listing], now: Time) -> Disclosed<'_> {
    let same = |a: &Listing, b: &Listing| a.entry.identifier == b.entry.identifier;
    let mut chosen = Disclosed {
        identifiers: Vec::new(),
        held_back: 0,
    };
    for statements in listings.chunk_by(same) {
        let Some(first) = statements.first().filter(|listing| listing.disclosed) else {
            continue;
        };
        // A filter knows no scope: with a narrowed name it would name the protected one below.
        let narrowed = statements
            .iter()
            .any(|listing| listing.state == State::Narrowed);
        let listed = statements.iter().any(|listing| goes_out(listing, now));
        let identifier = &first.entry.identifier;
        if listed && !narrowed && check(identifier.kind(), statements, now).is_ok() {
            chosen.identifiers.push(identifier);
        } else {
            chosen.held_back = chosen.held_back.saturating_add(1);
        }
    }
    chosen
}

impl Change<'_> {
    /// Whether a mark changed, or the rule that forbids it.
    fn disclose(
        &self,
        list: &ListId,
        identifier: &Identifier,
        disclosure: Disclosure,
        now: Time,
    ) -> Result<Result<bool, Rule>> {
        let (kind, text) = (identifier.kind().name(), identifier.text());
        let changed = match disclosure {
            Disclosure::Mark => {
                let statements = statements(&self.0, list, identifier)?;
                if let Err(rule) = check(identifier.kind(), &statements, now) {
                    return Ok(Err(rule));
                }
                self.0
                    .prepare_cached(
                        "INSERT INTO disclosed VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
                    )?
                    .execute(params![list.as_str(), kind, text, now.seconds()])?
            }
            Disclosure::Undo => self
                .0
                .prepare_cached(
                    "DELETE FROM disclosed WHERE list = ?1 AND kind = ?2 AND text = ?3",
                )?
                .execute([list.as_str(), kind, text])?,
        };
        Ok(Ok(changed > 0))
    }
}
