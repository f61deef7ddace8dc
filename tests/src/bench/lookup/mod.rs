//! What one look-up costs in a list of a million: its steps natively, the whole call natively and in
//! the module, and the same keys in other data structures.

mod others;
mod steps;

use anyhow::Result;
use interdict_core::common::time::Time;
use interdict_core::identifier::Identifier;
use interdict_core::list::{BlockList, Membership};
use interdict_core::token::{ListKey, Tag};

use crate::release::{self, NOW, Release, SECRET};
use crate::seeded::Stream;
use crate::table;

/// Merchants on the list.
const LISTED: u32 = 1_000_000;

/// Names asked for of each sort: more than a cache holds the records of.
const ASKED: u32 = 65_536;

const ROUNDS: u32 = 31;

pub(crate) fn run() -> Result<()> {
    println!(
        "{} entries; {} names of each sort, all of them in every one of {ROUNDS} rounds, in turn\n",
        table::count(LISTED),
        table::count(ASKED)
    );
    let questions = Questions::new()?;
    others::run(&questions)?;
    steps::run(&questions)
}

/// Names and tags that are asked for, and the list they are asked of.
struct Questions {
    key: ListKey,
    /// Every tag of the list.
    listed: Vec<Tag>,
    /// Two labels, listed.
    hit: Vec<Identifier>,
    /// Two labels, not listed.
    miss: Vec<Identifier>,
    /// As long as `deep`, of two labels, not listed.
    long: Vec<Identifier>,
    /// Eight labels, six of the names above it are tried, none listed.
    deep: Vec<Identifier>,
}

impl Questions {
    fn new() -> Result<Self> {
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
    fn release(&self, rate: u8, records: bool) -> Result<Release> {
        let header = release::member(LISTED, rate)?;
        let filter = release::filter(&header, &self.listed)?;
        let records = records
            .then(|| release::records(&header, &self.listed))
            .transpose()?;
        Release::of(&header, filter, records)
    }

    /// The first names of each sort: hit, miss, long, deep.
    fn sorts(&self, names: usize) -> [&[Identifier]; 4] {
        [&self.hit, &self.miss, &self.long, &self.deep]
            .map(|all| all.get(..names).unwrap_or_default())
    }

    /// Asks a list for names; how many it holds.
    fn found(&self, list: &BlockList, names: &[Identifier]) -> u32 {
        let now = Time::from_seconds(NOW);
        count(names, |name| {
            let membership = list.membership(name, Some(&self.key), now);
            matches!(membership, Membership::Listed { .. })
        })
    }

    /// Makes the token of every name and nothing more.
    fn tokens(&self, names: &[Identifier]) -> u32 {
        count(names, |name| release::tag(&self.key, name).0 != [0; 12])
    }
}

fn names(before: &str) -> Result<Vec<Identifier>> {
    (0..ASKED)
        .map(|index| release::domain(&format!("{before}{index:06}.example")))
        .collect()
}

fn tags(key: &ListKey, names: &[Identifier]) -> Vec<Tag> {
    names.iter().map(|name| release::tag(key, name)).collect()
}

/// How many of a slice something holds for.
fn count<T>(items: &[T], holds: impl Fn(&T) -> bool) -> u32 {
    let mut count = 0;
    for item in items {
        count += u32::from(holds(item));
    }
    count
}
