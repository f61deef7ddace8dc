//! The names that an attacker tries: ten million, among them the listed ones.

use interdict_core::identifier::Kind;
use interdict_core::token::{ListKey, Tag};

use interdict_tests::seeded::Stream;

/// Names in the whole dictionary.
pub(super) const NAMES: u32 = 10_000_000;

/// The smaller dictionary of a better-informed attacker. It contains all listed names.
pub(super) const FEWER_NAMES: u32 = 1_000_000;

/// Releases the attacker keeps.
pub(super) const RELEASES: u8 = 10;

/// Disclosed entries of the first release and of the last.
pub(super) const DISCLOSED: (usize, usize) = (1_000, 2_000);

const WORDS: [&str; 16] = [
    "shop", "store", "gallery", "club", "media", "photo", "video", "market", "member", "studio",
    "world", "planet", "direct", "online", "global", "central",
];

/// The names by number, and when each was disclosed.
pub(super) struct Dictionary {
    /// For every name, the release that lists it first; 0 for names that are never listed.
    first: Vec<u8>,
    /// The listed names in the order of their disclosure.
    pub(super) listed: Vec<u32>,
}

impl Dictionary {
    pub(super) fn new(releases: u8) -> Self {
        let mut first = vec![0; usize::try_from(NAMES).unwrap_or(0)];
        let mut choice = Stream::new("enumeration: listed");
        let mut listed = Vec::new();
        for release in 1..=releases {
            while listed.len() < release_count(release) {
                let name = choice.below(FEWER_NAMES);
                if let Some(first) = first.get_mut(index(name)).filter(|first| **first == 0) {
                    *first = release;
                    listed.push(name);
                }
            }
        }
        Self { first, listed }
    }

    /// Whether a name is disclosed in some release up to this one.
    pub(super) fn is_listed(&self, name: u32, release: u8) -> bool {
        let first = self.first.get(index(name));
        first.is_some_and(|first| (1..=release).contains(first))
    }

    /// The tags of what a release discloses.
    pub(super) fn disclosed(&self, release: u8, key: &ListKey) -> Vec<Tag> {
        let listed = self.listed.iter().take(release_count(release));
        listed.map(|name| tag(key, *name)).collect()
    }

    /// The tags of all names, in order.
    pub(super) fn tags(key: &ListKey) -> Vec<Tag> {
        (0..NAMES).map(|name| tag(key, name)).collect()
    }
}

/// How many entries a release discloses. The number grows by the same amount each time.
fn release_count(release: u8) -> usize {
    let (first, last) = DISCLOSED;
    let steps = usize::from(RELEASES - 1);
    first + (last - first) * usize::from(release.saturating_sub(1)) / steps
}

/// `planet-4711.example`
pub(super) fn text(name: u32) -> String {
    let words = u32::try_from(WORDS.len()).unwrap_or(1);
    let word = WORDS.get(index(name % words)).copied().unwrap_or_default();
    format!("{word}-{}.example", name / words)
}

pub(super) fn tag(key: &ListKey, name: u32) -> Tag {
    key.tag(Kind::Domain, text(name).as_bytes())
}

pub(super) fn index(name: u32) -> usize {
    usize::try_from(name).unwrap_or(usize::MAX)
}
