//! One file of one source on its way into the register: where each statement goes, how many are new, and
//! what the file leaves out.

use interdict_core::common::time::Time;
use interdict_core::identifier::Identifier;
use interdict_core::list::ListId;

use super::super::line::{Terms, days_of};
use super::options::ImportMode;
use crate::error::{Result, SourceError};
use crate::register::{Change, Entry, NO_END, Put, Quarantine};

/// A file that leaves out more than one in this many of its source's entries was cut short, more likely
/// than that so many merchants were cleared at once.
const MOST_DROPPED: usize = 10;

/// A file being imported.
pub(super) struct Feed<'a> {
    pub(super) change: &'a Change<'a>,
    pub(super) terms: Terms<'a>,
    list: ListId,
    mode: ImportMode,
    /// Entries that are new, in the register or in quarantine.
    added: u64,
    /// Whether earlier files left anything out that this one may name again.
    any_dropped: bool,
    /// Whether anything of the source waits, or may during this file.
    any_waiting: bool,
    /// Entries of the source that were in force before.
    before: usize,
}

/// What a statement did, and where it went.
pub(super) struct Placed {
    pub(super) place: Place,
    pub(super) put: Put,
}

/// Where a statement went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// It goes out with the next release.
    List,
    /// It waits for a person.
    Quarantine,
}

impl<'a> Feed<'a> {
    pub(super) fn begin(
        change: &'a Change<'a>,
        list: &ListId,
        terms: Terms<'a>,
        mode: ImportMode,
    ) -> Result<Self> {
        let source = terms.source.id.as_str();
        let before = match mode {
            ImportMode::Add => 0,
            ImportMode::Sync { .. } => {
                change.begin_naming()?;
                change.in_force(list, source, terms.now)?
            }
        };
        Ok(Self {
            any_dropped: change.any_dropped(list, source)?,
            any_waiting: terms.source.quarantine == Quarantine::On
                || change.any_waiting(list, source)?,
            list: list.clone(),
            change,
            terms,
            mode,
            added: 0,
            before,
        })
    }

    /// Remembers what a row names, also if the rest of it is refused: a bad date takes nothing off a list.
    pub(super) fn name(&self, name: &Identifier) -> Result<()> {
        self.change.name(name)
    }

    /// Writes a statement. Of a source in quarantine, what says no more than was accepted before goes out,
    /// and everything else waits.
    pub(super) fn put(&mut self, entry: &Entry) -> Result<Placed> {
        let (change, list, now) = (self.change, &self.list, self.terms.now);
        let (identifier, source) = (&entry.identifier, entry.source.as_str());
        if self.any_dropped {
            change.keep(list, identifier, Some(source))?;
        }
        let accepted = match self.terms.source.quarantine {
            Quarantine::Off => true,
            Quarantine::On => {
                let known = change.entry(list, identifier, source)?;
                known.is_some_and(|known| !entry.says_more(&known))
            }
        };
        let placed = if accepted {
            if self.any_waiting {
                // What waited is older than this.
                change.end_wait(list, identifier, Some(source))?;
            }
            Placed {
                place: Place::List,
                put: change.put_entry(list, entry, now)?,
            }
        } else {
            Placed {
                place: Place::Quarantine,
                put: change.put_waiting(list, entry, now)?,
            }
        };
        self.added = self
            .added
            .saturating_add(u64::from(placed.put == Put::Added));
        Ok(placed)
    }

    /// For an entry whose end comes from its source's life: keeps the end it has until half of the life is
    /// over. A feed that is read every day would otherwise change every entry every day.
    pub(super) fn keep_end(&self, entry: &mut Entry) -> Result<()> {
        let Some(days) = self.terms.source.life else {
            return Ok(());
        };
        let half = self.terms.now.plus(days_of(days).div_euclid(2));
        if let Some(known) = self.known_end(entry)?
            && (half..=entry.valid_until).contains(&known)
        {
            entry.valid_until = known;
        }
        Ok(())
    }

    fn known_end(&self, entry: &Entry) -> Result<Option<Time>> {
        let (identifier, source) = (&entry.identifier, entry.source.as_str());
        if self.any_waiting {
            let waiting = self.change;
            let waiting = waiting.waiting_on(&self.list, identifier, Some(source))?;
            if let Some(waiting) = waiting.first() {
                return Ok(Some(waiting.listing.entry.valid_until));
            }
        }
        let known = self.change.entry(&self.list, identifier, source)?;
        Ok(known
            .map(|known| known.valid_until)
            .filter(|end| *end != NO_END))
    }

    /// Judges the file as a whole. How many entries it leaves out, which are proposed for removal.
    pub(super) fn end(&self) -> Result<usize> {
        let source = self.terms.source;
        if let Some(most) = source.max_new
            && self.added > u64::from(most)
        {
            return Err(SourceError::TooManyNew {
                source: source.id.clone(),
                new: self.added,
                most,
            }
            .into());
        }
        let ImportMode::Sync { confirmed } = self.mode else {
            return Ok(0);
        };
        let now = self.terms.now;
        let dropped = self.change.unnamed(&self.list, &source.id, now)?;
        self.check_dropped(dropped, confirmed)?;
        self.change.propose_unnamed(&self.list, &source.id, now)?;
        Ok(dropped)
    }

    fn check_dropped(&self, dropped: usize, confirmed: Option<usize>) -> Result<(), SourceError> {
        let source = || self.terms.source.id.clone();
        match confirmed {
            Some(stated) if stated == dropped => Ok(()),
            Some(stated) => Err(SourceError::DropCount {
                source: source(),
                dropped,
                stated,
            }),
            None if dropped.saturating_mul(MOST_DROPPED) > self.before => {
                Err(SourceError::FeedFailed {
                    source: source(),
                    dropped,
                    of: self.before,
                })
            }
            None => Ok(()),
        }
    }
}
