use std::collections::BTreeMap;
use std::fmt;

use interdict_core::common::time::Time;
use interdict_core::list::{ListId, is_source_name};

use crate::error::{PublisherError, Result};
use crate::publisher::Publisher;
use crate::register::{Listing, State};

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
            for (name, counts) in &mut sources {
                let origin = origins.get(name).unwrap_or(name);
                counts.origin.clone_from(origin);
            }
            Ok(ListSources { list, sources })
        });
        lists.collect()
    }

    /// States under which one name a source is known in every coalition. Sources of one origin are one voice
    /// at a gateway, however many lists repeat what it says. Without this, a source's origin is its name.
    ///
    /// # Errors
    /// [`PublisherError::Origin`], or a register that cannot be written.
    pub fn set_origin(&mut self, source: &str, origin: &str) -> Result<()> {
        let _lock = self.directory().lock()?;
        if !is_source_name(source) || !is_source_name(origin) {
            return Err(PublisherError::Origin);
        }
        let change = self.register_mut().change()?;
        change.put_origin(source, origin)?;
        change.commit()
    }
}

/// `listings` are sorted by identifier.
fn count(listings: &[Listing], now: Time) -> BTreeMap<String, SourceCounts> {
    let mut sources: BTreeMap<String, SourceCounts> = BTreeMap::new();
    let same = |a: &Listing, b: &Listing| a.entry.identifier == b.entry.identifier;
    for statements in listings.chunk_by(same) {
        let in_force = |one: &&Listing| one.state != State::Withheld && now < one.entry.valid_until;
        let speaking = statements.iter().filter(in_force).count();
        for listing in statements {
            let counts = sources.entry(listing.entry.source.clone()).or_default();
            counts.entries = counts.entries.saturating_add(1);
            if in_force(&listing) {
                counts.in_force = counts.in_force.saturating_add(1);
                let alone = usize::from(speaking == 1);
                counts.alone = counts.alone.saturating_add(alone);
            }
        }
    }
    sources
}

impl fmt::Display for ListSources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}: {} sources", self.list.as_str(), self.sources.len())?;
        for (source, counts) in &self.sources {
            let SourceCounts {
                origin,
                entries,
                in_force,
                alone,
            } = counts;
            writeln!(
                f,
                "  {source} ({origin}): {entries} entries, {in_force} in force, {alone} from no \
                 other source"
            )?;
        }
        Ok(())
    }
}
