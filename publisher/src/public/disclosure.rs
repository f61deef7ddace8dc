//! What may be public: names that approvers marked, and only as long as nothing said about them
//! forbids it.

use std::fmt;

use interdict_core::common::time::Time;
use interdict_core::identifier::{Identifier, Kind, NumericIds};
use interdict_core::list::{Action, Flags, Handling, ListId};

use crate::error::Result;
use crate::intake::{Field, Names, RefusedLine, Rule, is_shared, json_lines, listed_name, refuse};
use crate::publisher::Publisher;
use crate::register::{Change, Deed, Listing, State};

/// How long gateways have blocked a name before everybody may ask for it. Its owner may ask for it too:
/// until then there was time to act.
const DELAY: u32 = 30 * 86_400;

const FIELDS: [Field; 2] = [Field::Kind, Field::Value];

/// To mark as public, or to take the mark back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disclosure {
    /// It goes into the public edition once gateways have blocked it for 30 days.
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

/// Which of a list's marked identifiers go into its public edition.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Disclosed<'a> {
    pub(crate) identifiers: Vec<&'a Identifier>,
    /// Marked, but not yet blocked for long enough.
    pub(crate) waiting: usize,
    /// Marked, but held back because of what sources say about them today.
    pub(crate) held_back: usize,
}

impl Disclosed<'_> {
    /// How many names go in now and once they have waited.
    pub(crate) const fn soon(&self) -> usize {
        self.identifiers.len().saturating_add(self.waiting)
    }
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
        let _lock = self.directory().lock()?;
        let mut report = DiscloseReport {
            list: self.one_list(list)?,
            disclosure,
            changed: 0,
            unchanged: 0,
            refused: Vec::new(),
        };
        let change = self.register_mut().change()?;
        for row in &named.rows {
            let changed = match row
                .fields()
                .and_then(|fields| fields.identifier(NumericIds::Nowhere))
            {
                Ok(identifier) => {
                    let identifier = listed_name(&change, &report.list, identifier)?;
                    mark(&change, &report.list, &identifier, disclosure, now)?
                }
                Err(rule) => Err(rule),
            };
            let count = match changed {
                Ok(true) => &mut report.changed,
                Ok(false) => &mut report.unchanged,
                Err(rule) => {
                    let refused = refuse(&change, &named.file, row, rule, now)?;
                    report.refused.push(refused);
                    continue;
                }
            };
            *count = count.saturating_add(1);
        }
        change.commit(&Deed::new("disclose", now).reading_file("", &named.file))?;
        Ok(report)
    }
}

/// Whether a mark changed, or the rule that forbids it.
fn mark(
    change: &Change<'_>,
    list: &ListId,
    identifier: &Identifier,
    disclosure: Disclosure,
    now: Time,
) -> Result<Result<bool, Rule>> {
    match disclosure {
        Disclosure::Mark => {
            let statements = change.statements(list, identifier)?;
            match check(identifier.kind(), &statements, now) {
                Ok(()) => change.mark_public(list, identifier, now).map(Ok),
                Err(rule) => Ok(Err(rule)),
            }
        }
        Disclosure::Undo => change.unmark_public(list, identifier).map(Ok),
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
    if said(|listing| is_restricted(listing.entry.handling)) {
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

/// Whether the terms under which an entry was passed on keep it from the public: all but `clear`.
fn is_restricted(handling: Option<Handling>) -> bool {
    handling.is_some_and(|handling| handling != Handling::Clear)
}

/// Whether gateways have blocked an identifier for long enough.
fn has_waited(listing: &Listing, now: Time) -> bool {
    listing
        .blocked_since
        .is_some_and(|since| now >= since.plus(DELAY))
}

fn goes_out(listing: &Listing, now: Time) -> bool {
    listing.state.goes_out() && now < listing.entry.valid_until
}

/// Judges every marked identifier anew, for what is said about it may have changed since. `listings`
/// are sorted by identifier. A name that strangers lie below is held back: what a public filter holds is
/// never among its exceptions.
pub(crate) fn choose(listings: &[Listing], now: Time) -> Disclosed<'_> {
    let same = |a: &Listing, b: &Listing| a.entry.identifier == b.entry.identifier;
    let mut chosen = Disclosed {
        identifiers: Vec::new(),
        waiting: 0,
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
        let allowed = check(identifier.kind(), statements, now).is_ok();
        if !allowed || !listed || narrowed || is_shared(identifier.text()) {
            chosen.held_back = chosen.held_back.saturating_add(1);
        } else if has_waited(first, now) {
            chosen.identifiers.push(identifier);
        } else {
            chosen.waiting = chosen.waiting.saturating_add(1);
        }
    }
    chosen
}

impl DiscloseReport {
    /// Every refused line as one JSON object a line.
    #[must_use]
    pub fn json_lines(&self) -> String {
        json_lines(&self.refused, &[])
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
