//! The list, and the names to ask it about.

use anyhow::Result;
use interdict_core::common::time::Time;
use interdict_core::identifier::Identifier;
use interdict_core::list::{BlockList, Membership};
use interdict_core::token::{ListKey, Tag};

use crate::release::{self, NOW, Release, SECRET};
use interdict_tests::seeded::Stream;

/// Merchants on the list.
pub(super) const LISTED: u32 = 1_000_000;

/// Names asked for of each sort: more than a cache holds the records of.
pub(super) const ASKED: u32 = 65_536;

/// In how many rounds all of them are asked for.
pub(super) const ROUNDS: u32 = 31;

/// Names and tags that are asked for, and the list they are asked of.
pub(super) struct Questions {
    pub(super) key: ListKey,
    /// Every tag of the list.
    pub(super) listed: Vec<Tag>,
    /// Two labels, listed.
    pub(super) hit: Vec<Identifier>,
    /// Two labels, not listed.
    pub(super) miss: Vec<Identifier>,
    /// As long as `deep`, of two labels, not listed.
    pub(super) long: Vec<Identifier>,
    /// Eight labels, six of the names above it are tried, none listed.
    pub(super) deep: Vec<Identifier>,
}

impl Questions {
    pub(super) fn new() -> Result<Self> {
        let key = ListKey::new(SECRET);
        let hit = names("listed-")?;
        let mut listed = tags(&key, &hit);
        listed.extend(Stream::new("lookup: listed").tags(LISTED - ASKED));
        Ok(Self {
            listed,
            miss: names("absent-")?,
            long: names("a-b-c-d-e-f-absent-")?,
            deep: names("a.b.c.d.e.f.absent-")?,
            hit,
            key,
        })
    }

    /// The list with its filter at a rate, with records or without.
    pub(super) fn release(&self, rate: u8, records: bool) -> Result<Release> {
        let header = release::member(LISTED, rate)?;
        let filter = release::filter(&header, &self.listed)?;
        let records = records
            .then(|| release::records(&header, &self.listed))
            .transpose()?;
        Release::of(&header, filter, records)
    }

    /// The first names of each sort: hit, miss, long, deep.
    pub(super) fn sorts(&self, names: usize) -> [&[Identifier]; 4] {
        [&self.hit, &self.miss, &self.long, &self.deep]
            .map(|all| all.get(..names).unwrap_or_default())
    }

    /// Asks a list for names, and counts those it has.
    pub(super) fn found(&self, list: &BlockList, names: &[Identifier]) -> u32 {
        let now = Time::from_seconds(NOW);
        count(names, |name| {
            let membership = list.membership(name, Some(&self.key), now);
            matches!(membership, Membership::Listed { .. })
        })
    }

    /// Makes the token of every name, and asks no list.
    pub(super) fn tokens(&self, names: &[Identifier]) -> u32 {
        count(names, |name| release::tag(&self.key, name).0 != [0; 12])
    }
}

fn names(before: &str) -> Result<Vec<Identifier>> {
    (0..ASKED)
        .map(|index| release::domain(&format!("{before}{index:06}.example")))
        .collect()
}

pub(super) fn tags(key: &ListKey, names: &[Identifier]) -> Vec<Tag> {
    names.iter().map(|name| release::tag(key, name)).collect()
}

/// How many items of a slice satisfy a condition.
pub(super) fn count<T>(items: &[T], holds: impl Fn(&T) -> bool) -> u32 {
    let mut count = 0;
    for item in items {
        count += u32::from(holds(item));
    }
    count
}
