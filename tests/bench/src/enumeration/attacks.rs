//! The attacks. Each has what anybody can download, and the key if it is public.

use anyhow::Result;
use indicatif::{ProgressBar, ProgressStyle};
use interdict_core::token::{ListKey, Tag};

use crate::halves::Halves;
use crate::release;
use interdict_tests::seeded::Stream;

use super::dictionary::{self, Dictionary, FEWER_NAMES, NAMES, RELEASES, index};

/// The capacity class: decoys fill the disclosed entries up to this number.
pub(super) const ENTRIES: u32 = 10_000;

/// What one attack finds, by the number of releases it has.
pub(super) struct Attack {
    pub(super) name: &'static str,
    pub(super) steps: Vec<Step>,
    /// Which steps the table shows.
    pub(super) shown: Vec<u8>,
}

/// What is found with this many releases.
pub(super) struct Step {
    pub(super) releases: u8,
    /// With the smaller dictionary.
    pub(super) fewer: Found,
    /// With the whole one.
    pub(super) all: Found,
}

/// Names that hit, and how many of them are listed.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Found {
    pub(super) hits: u32,
    pub(super) listed: u32,
}

impl Found {
    pub(super) fn share(self) -> f64 {
        f64::from(self.listed) / f64::from(self.hits.max(1))
    }

    fn count(&mut self, is_listed: bool) {
        self.hits += 1;
        self.listed += u32::from(is_listed);
    }
}

impl Step {
    /// Counts the names that remain after this many releases.
    fn of(releases: u8, names: impl Iterator<Item = u32>, dictionary: &Dictionary) -> Self {
        let (mut fewer, mut all) = (Found::default(), Found::default());
        for name in names {
            let is_listed = dictionary.is_listed(name, releases);
            all.count(is_listed);
            if name < FEWER_NAMES {
                fewer.count(is_listed);
            }
        }
        Self {
            releases,
            fewer,
            all,
        }
    }
}

/// Every attack, on the same names.
pub(super) fn all(dictionary: &Dictionary) -> Result<Vec<Attack>> {
    let style = ProgressStyle::with_template("{bar:40} {msg}")?;
    let progress = ProgressBar::new(5).with_style(style);
    let step = |what: &'static str| {
        progress.set_message(what);
        progress.inc(1);
    };
    step("tokens of all names under the public key");
    let key = public_key(1);
    let tags = Dictionary::tags(&key);
    step("a series with constants and decoys kept");
    let [every, since] = kept_series(dictionary, &tags)?;
    step("a series with fresh decoys");
    let fresh = fresh_decoys(dictionary, &tags)?;
    step("a series with new keys");
    let renewed = new_keys(dictionary, &tags)?;
    step("the member edition");
    let mut attacks = vec![every, since, fresh, renewed];
    attacks.extend(member(dictionary, &tags)?);
    progress.finish_and_clear();
    Ok(attacks)
}

/// The key of a public epoch; everybody has it.
fn public_key(epoch: u8) -> ListKey {
    ListKey::new([epoch; 32])
}

/// One public release: what is disclosed, filled up with the first decoys of a stream.
fn public_release(
    dictionary: &Dictionary,
    release: u8,
    epoch: u8,
    decoys: &mut Stream,
) -> Result<Halves> {
    let key = public_key(epoch);
    let mut tags = dictionary.disclosed(release, &key);
    let missing = ENTRIES.saturating_sub(u32::try_from(tags.len())?);
    tags.extend(decoys.tags(missing));
    let header = release::public(ENTRIES, u32::from(epoch), &key)?;
    Halves::read(&release::filter(&header, &tags)?)
}

/// As designed: key, seeds and decoys stay, and each new entry takes the place of one decoy.
fn kept_series(dictionary: &Dictionary, tags: &[Tag]) -> Result<[Attack; 2]> {
    // For every name, one bit for each release that it hits.
    let mut history = vec![0_u16; tags.len()];
    for release in 1..=RELEASES {
        let mut decoys = Stream::new("enumeration: decoys");
        let halves = public_release(dictionary, release, 1, &mut decoys)?;
        for (tag, history) in tags.iter().zip(&mut history) {
            *history |= u16::from(halves.hit(*tag)) << (release - 1);
        }
    }
    let steps = |is_suspect: fn(u16, u8) -> bool, first: u8| {
        (first..=RELEASES)
            .map(|releases| {
                let seen = mask(releases);
                let names = (0_u32..).zip(&history);
                let suspects = names.filter(|(_, bits)| is_suspect(**bits & seen, releases));
                Step::of(releases, suspects.map(|(name, _)| name), dictionary)
            })
            .collect()
    };
    let every = Attack {
        name: "hits in every release",
        steps: steps(|bits, releases| bits == mask(releases), 1),
        shown: vec![1, RELEASES],
    };
    let since = Attack {
        name: "no hit at first, a hit from some release on",
        steps: steps(appears, 2),
        shown: vec![2, RELEASES],
    };
    Ok([every, since])
}

const fn mask(releases: u8) -> u16 {
    (1 << releases) - 1
}

/// Whether no bit is set up to some release and every bit after it.
const fn appears(bits: u16, releases: u8) -> bool {
    let missing = bits ^ mask(releases);
    bits != 0 && missing != 0 && missing & (missing + 1) == 0
}

/// The mistake: key and seeds stay, all decoys are drawn anew for each release.
fn fresh_decoys(dictionary: &Dictionary, tags: &[Tag]) -> Result<Attack> {
    let mut decoys = Stream::new("enumeration: fresh decoys");
    let mut left: Vec<u32> = (0..NAMES).collect();
    let mut steps = Vec::new();
    for release in 1..=RELEASES {
        let halves = public_release(dictionary, release, 1, &mut decoys)?;
        left.retain(|name| tags.get(index(*name)).is_some_and(|tag| halves.hit(*tag)));
        steps.push(Step::of(release, left.iter().copied(), dictionary));
    }
    Ok(Attack {
        name: "mistake: fresh decoys each time",
        steps,
        shown: vec![2, 4, RELEASES],
    })
}

/// The mistake: a new key, and with it new seeds, for each release.
fn new_keys(dictionary: &Dictionary, tags: &[Tag]) -> Result<Attack> {
    let mut left: Vec<u32> = (0..NAMES).collect();
    let mut steps = Vec::new();
    for release in 1..=RELEASES {
        let mut decoys = Stream::new("enumeration: decoys");
        let halves = public_release(dictionary, release, release, &mut decoys)?;
        let key = public_key(release);
        left.retain(|name| {
            let known = tags.get(index(*name)).copied().filter(|_| release == 1);
            halves.hit(known.unwrap_or_else(|| dictionary::tag(&key, *name)))
        });
        steps.push(Step::of(release, left.iter().copied(), dictionary));
    }
    Ok(Attack {
        name: "mistake: a new key each time",
        steps,
        shown: vec![2, 3, 4, RELEASES],
    })
}

/// The member edition of the last release, for somebody who can download it: first without its key, so
/// that only a wrong key can be tried, then with a leaked key.
fn member(dictionary: &Dictionary, wrong: &[Tag]) -> Result<Vec<Attack>> {
    let key = ListKey::new(release::SECRET);
    let mut records = dictionary.disclosed(RELEASES, &key);
    let mut entries = records.clone();
    let missing = ENTRIES.saturating_sub(u32::try_from(records.len())?);
    entries.extend(Stream::new("enumeration: member decoys").tags(missing));
    records.sort();
    let is_record = |tag: &Tag| records.binary_search(tag).is_ok();
    let attack = |name, tags: &mut dyn Iterator<Item = bool>| {
        let hits = (0_u32..).zip(tags).filter(|(_, hit)| *hit);
        let hits = hits.map(|(name, _)| name);
        Attack {
            name,
            steps: vec![Step::of(RELEASES, hits, dictionary)],
            shown: vec![RELEASES],
        }
    };
    let filter = |rate| {
        Halves::read(&release::filter(
            &release::member(ENTRIES, rate)?,
            &entries,
        )?)
    };
    let (coarse, fine) = (filter(14)?, filter(32)?);
    let leaked = (0..NAMES).map(|name| is_record(&dictionary::tag(&key, name)));
    Ok(vec![
        attack(
            "member filter 2^-14, no key",
            &mut wrong.iter().map(|tag| coarse.hit(*tag)),
        ),
        attack(
            "member filter 2^-32, no key",
            &mut wrong.iter().map(|tag| fine.hit(*tag)),
        ),
        attack("member records, no key", &mut wrong.iter().map(is_record)),
        attack("member records, key leaked", &mut { leaked }),
    ])
}
