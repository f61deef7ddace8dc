use std::collections::BTreeMap;
use std::fmt;

use interdict_core::common::time::Time;
use interdict_core::list::ListId;

use crate::error::Result;
use crate::publisher::Publisher;
use crate::register::{Listing, NO_END};

/// How long before their end entries are counted as ending, in seconds: 30 days, to ask the source again.
pub(super) const ENDING: u32 = 30 * 86_400;

/// The sources of one list, to see how much it depends on each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListSources {
    /// The list.
    pub list: ListId,
    /// The sources that have entries on it, by id.
    pub sources: BTreeMap<String, SourceCounts>,
}

/// What a list has from one source.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SourceCounts {
    /// The source's one name in every coalition.
    pub origin: String,
    /// All of them.
    pub entries: usize,
    /// Of these, neither ended nor withheld.
    pub in_force: usize,
    /// Of those in force, on identifiers that no other source has an entry in force on: without the
    /// source the list no longer names them.
    pub alone: usize,
    /// Of those in force, these end within 30 days.
    pub ending: usize,
    /// When the first of those in force ends.
    pub next_end: Option<Time>,
    /// Statements that wait for a person; not among the entries.
    pub waiting: usize,
    /// Entries and waiting statements that its feed left out: proposed for removal.
    pub dropped: usize,
}

impl Publisher {
    /// Counts each list's entries by source.
    ///
    /// # Errors
    /// A register that cannot be read.
    pub fn sources(&self, now: Time) -> Result<Vec<ListSources>> {
        let origins = self.register().origins()?;
        let lists = self.lists()?.into_iter().map(|list| {
            let listings = self.register().listings(&list)?;
            let mut sources = count(&listings, now);
            for (name, waiting) in self.register().waiting_counts(&list)? {
                sources.entry(name).or_default().waiting = waiting;
            }
            for (name, dropped, _) in self.register().dropped(&list)? {
                sources.entry(name).or_default().dropped = dropped;
            }
            for (name, counts) in &mut sources {
                let origin = origins.get(name).unwrap_or(name);
                counts.origin.clone_from(origin);
            }
            Ok(ListSources { list, sources })
        });
        lists.collect()
    }
}

/// `listings` are sorted by identifier.
fn count(listings: &[Listing], now: Time) -> BTreeMap<String, SourceCounts> {
    let mut sources: BTreeMap<String, SourceCounts> = BTreeMap::new();
    let same = |a: &Listing, b: &Listing| a.entry.identifier == b.entry.identifier;
    for statements in listings.chunk_by(same) {
        let in_force = |one: &&Listing| one.state.goes_out() && now < one.entry.valid_until;
        let speaking = statements.iter().filter(in_force).count();
        for listing in statements {
            let counts = sources.entry(listing.entry.source.clone()).or_default();
            counts.entries = counts.entries.saturating_add(1);
            if in_force(&listing) {
                counts.in_force = counts.in_force.saturating_add(1);
                let alone = usize::from(speaking == 1);
                counts.alone = counts.alone.saturating_add(alone);
                let end = listing.entry.valid_until;
                let ending = usize::from(end < now.plus(ENDING));
                counts.ending = counts.ending.saturating_add(ending);
                if end != NO_END {
                    counts.next_end = Some(counts.next_end.map_or(end, |next| next.min(end)));
                }
            }
        }
    }
    sources
}

/// A source with its origin, unless that is its own name.
pub(super) fn of_origin(source: &str, origin: &str) -> String {
    match source == origin {
        true => source.to_owned(),
        false => format!("{source} ({origin})"),
    }
}

impl fmt::Display for ListSources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}: {} sources", self.list.as_str(), self.sources.len())?;
        for (source, counts) in &self.sources {
            let source = of_origin(source, &counts.origin);
            writeln!(f, "  {source}: {counts}")?;
        }
        Ok(())
    }
}

impl fmt::Display for SourceCounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} entries, {} in force, {} from no other source",
            self.entries, self.in_force, self.alone
        )?;
        if let Some(end) = self.next_end {
            let ending = self.ending;
            write!(f, ", {ending} end within 30 days, the first {end}")?;
        }
        if self.waiting > 0 {
            write!(f, ", {} in quarantine", self.waiting)?;
        }
        if self.dropped > 0 {
            write!(f, ", {} that its feed left out", self.dropped)?;
        }
        Ok(())
    }
}
