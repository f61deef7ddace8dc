use std::collections::BTreeMap;

use interdict_core::identifier::{Identifier, Kind};
use interdict_core::list::{
    Descriptor, Edition, Files, Header, Kinds, ListError, ListId, MIN_ENTRIES, Part, PartDigest,
    Record, encode_filter, encode_records,
};
use interdict_core::time::Time;
use interdict_core::token::{ListKey, Tag};

use crate::entry::{Listing, State};
use crate::error::{PublisherError, Result};
use crate::keys::Decoys;

/// Decoys a filter has at least, however full its capacity class is.
const MIN_DECOYS: usize = 256;

/// What the files of one release are made of.
#[derive(Debug)]
pub(crate) struct Plan<'a> {
    pub(crate) list: &'a ListId,
    pub(crate) epoch: u32,
    pub(crate) sequence: u64,
    pub(crate) issued: Time,
    pub(crate) rate: u8,
    pub(crate) key: &'a ListKey,
    pub(crate) decoys: &'a Decoys,
}

/// The member edition of one list, ready to be signed.
#[derive(Debug)]
pub(crate) struct Build {
    pub(crate) descriptor: Descriptor,
    pub(crate) files: Files,
    /// What goes out, for comparison with what the files answer.
    pub(crate) expected: BTreeMap<Identifier, Record>,
    /// Identifiers narrowed to the host because of a protected name below.
    pub(crate) narrowed: usize,
    /// Identifiers left out because they are protected.
    pub(crate) withheld: usize,
    /// Identifiers left out because all their listings have ended.
    pub(crate) lapsed: usize,
}

/// Builds filter and records from what the register holds for a list.
pub(crate) fn build(plan: &Plan<'_>, listings: &[Listing]) -> Result<Build> {
    let refused = |source| PublisherError::List {
        list: plan.list.clone(),
        source,
    };
    let chosen = choose(listings, plan.issued);
    let sources = sources(&chosen);
    let mut expected = BTreeMap::new();
    let mut records = Vec::new();
    for (identifier, listing) in &chosen.strongest {
        let source = sources
            .binary_search_by(|source| source.as_str().cmp(&listing.entry.source))
            .ok()
            .and_then(|index| u16::try_from(index).ok())
            .ok_or_else(|| refused(ListError::RecordField))?;
        let record = listing.record(source);
        let tag = plan
            .key
            .token(identifier.kind(), identifier.canonical())
            .tag();
        records.push((tag, record));
        expected.insert((*identifier).clone(), record);
    }
    let entries = capacity(records.len()).ok_or(PublisherError::Exhausted)?;
    let header = Header {
        list: plan.list.clone(),
        edition: Edition::Member,
        epoch: plan.epoch,
        sequence: plan.sequence,
        issued: plan.issued,
        entries: u32::try_from(entries).map_err(|_| PublisherError::Exhausted)?,
        rate: plan.rate,
        kinds: Kinds::of(Kind::ALL.iter().copied()),
        key_id: plan.key.id(),
    };
    let mut tags: Vec<Tag> = records.iter().map(|(tag, _)| *tag).collect();
    let decoys = entries.saturating_sub(tags.len());
    tags.extend(plan.decoys.tags(plan.list.as_str(), plan.epoch, decoys));
    let filter = encode_filter(&header, &tags).map_err(refused)?;
    let records = encode_records(&header, &sources, &records).map_err(refused)?;
    let files = Files {
        filter,
        records: Some(records),
        stash: None,
    };
    let descriptor = Descriptor::of(&header, None, &files).map_err(refused)?;
    Ok(Build {
        descriptor,
        files,
        expected,
        narrowed: chosen.narrowed,
        withheld: chosen.withheld,
        lapsed: chosen.lapsed,
    })
}

impl Build {
    pub(crate) const fn list(&self) -> &ListId {
        &self.descriptor.header.list
    }

    /// The files with their target paths and digests, filter first.
    pub(crate) fn parts(&self) -> impl Iterator<Item = (Part, PartDigest, &[u8])> {
        self.descriptor.parts().map(|(part, digest)| {
            let bytes = match part {
                Part::Filter => Some(&self.files.filter),
                Part::Records => self.files.records.as_ref(),
                Part::Stash => self.files.stash.as_ref(),
            };
            (part, digest, bytes.map(Vec::as_slice).unwrap_or_default())
        })
    }

    /// The target path of a part.
    pub(crate) fn path(&self, part: Part) -> String {
        self.descriptor.header.part_path(part)
    }
}

struct Chosen<'a> {
    strongest: BTreeMap<&'a Identifier, &'a Listing>,
    narrowed: usize,
    withheld: usize,
    lapsed: usize,
}

fn choose(listings: &[Listing], now: Time) -> Chosen<'_> {
    let mut strongest: BTreeMap<&Identifier, &Listing> = BTreeMap::new();
    let mut all: BTreeMap<&Identifier, State> = BTreeMap::new();
    for listing in listings {
        let identifier = &listing.entry.identifier;
        let state = all.entry(identifier).or_insert(listing.state);
        *state = (*state).max(listing.state);
        if listing.state == State::Withheld || now >= listing.entry.valid_until {
            continue;
        }
        let kept = strongest.entry(identifier).or_insert(listing);
        if listing.strength() > kept.strength() {
            *kept = listing;
        }
    }
    let count = |wanted: fn(State) -> bool| all.values().filter(|state| wanted(**state)).count();
    let withheld = count(|state| state == State::Withheld);
    let narrowed = strongest
        .values()
        .filter(|listing| listing.state == State::Narrowed)
        .count();
    let lapsed = all
        .len()
        .saturating_sub(withheld)
        .saturating_sub(strongest.len());
    Chosen {
        strongest,
        narrowed,
        withheld,
        lapsed,
    }
}

/// Sorted, so that the same register gives the same bytes.
fn sources(chosen: &Chosen<'_>) -> Vec<String> {
    let mut sources: Vec<String> = chosen
        .strongest
        .values()
        .map(|listing| listing.entry.source.clone())
        .collect();
    sources.sort();
    sources.dedup();
    sources
}

/// Entries a filter is sized for: the listed ones and at least a sixteenth or [`MIN_DECOYS`] decoys,
/// rounded up to 4, 5, 6 or 7 quarters of 10,000 times a power of two. The filter then tells how
/// many merchants are listed only to within a class of 14 to 25 %, and a few more seldom change it.
/// (Who may download the records can count them.)
fn capacity(listed: usize) -> Option<usize> {
    let needed = listed.checked_add(listed.div_euclid(16).max(MIN_DECOYS))?;
    let mut quarter = usize::try_from(MIN_ENTRIES).ok()?.div_euclid(4);
    loop {
        for quarters in 4..8_usize {
            let class = quarter.checked_mul(quarters)?;
            if class >= needed {
                return Some(class);
            }
        }
        quarter = quarter.checked_mul(2)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capacity_leaves_room_and_changes_in_steps() {
        for (listed, entries) in [
            (0, 10_000),
            (9_411, 10_000),
            (9_744, 12_500),
            (11_764, 12_500),
            (12_000, 15_000),
            (17_000, 20_000),
            (18_830, 25_000),
        ] {
            assert_eq!(capacity(listed), Some(entries), "{listed}");
        }
        assert_eq!(capacity(usize::MAX), None);
    }
}
