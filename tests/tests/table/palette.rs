//! Coalitions in every state that a gateway can meet, published once and used in many worlds.

use interdict_core::common::time::Time;
use interdict_core::engine::{History, Sequences};
use interdict_core::identifier::Kind;
use interdict_core::list::{Edition, Kinds};
use interdict_core::trust::Floor;
use interdict_tests::coalition::{Coalition, Files, Publication};
use interdict_tests::enrolment::enrolled_for;
use interdict_tests::gateway;
use interdict_tests::seeded::Stream;
use interdict_tests::world::list;
use serde_json::{Value, json};

pub(crate) const NOW: u32 = gateway::NOW;
const HOUR: u32 = 3600;
const DAY: u32 = 24 * HOUR;

const NAMES: [&str; 3] = ["dk", "nl", "se"];
/// Of each coalition: two lists that may be published, and one that has left the targets.
const LISTS: [[&str; 3]; 3] = [
    ["dk/a", "dk/b", "dk/gone"],
    ["nl/a", "nl/b", "nl/gone"],
    ["se/a", "se/b", "se/gone"],
];
const KINDS: [Kind; 6] = [
    Kind::Domain,
    Kind::Iban,
    Kind::Phone,
    Kind::CardAcceptor,
    Kind::Label,
    Kind::Lei,
];
/// How many variants of each coalition there are.
const VARIANTS: usize = 16;

/// What happened after the first update.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Later {
    Nothing,
    /// Newer metadata came, and its targets were withheld.
    Withheld,
    /// A new root names other keys for targets.
    Revoked,
}

/// One published list.
#[derive(Debug, Clone)]
pub(crate) struct List {
    pub(crate) id: &'static str,
    pub(crate) kinds: Vec<Kind>,
    /// Whether it lists `shop.example`.
    pub(crate) lists_shop: bool,
    /// When its second epoch starts, if it is published for one.
    pub(crate) second_epoch: Option<u32>,
}

/// A coalition as it publishes.
#[derive(Clone)]
pub(crate) struct Variant {
    pub(crate) name: &'static str,
    pub(crate) edition: Edition,
    pub(crate) lists: Vec<List>,
    /// When targets, snapshot and timestamp expire.
    pub(crate) expires: [u32; 3],
    pub(crate) later: Later,
    gone: Option<&'static str>,
    files: Files,
    later_files: Files,
}

impl std::fmt::Debug for Variant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Variant")
            .field("name", &self.name)
            .field("edition", &self.edition)
            .field("lists", &self.lists)
            .field("expires", &self.expires)
            .field("later", &self.later)
            .field("gone", &self.gone)
            .finish_non_exhaustive()
    }
}

/// How a gateway came to a coalition's files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Loaded {
    Never,
    FromStore,
    FromRepository,
}

/// A coalition in one gateway.
#[derive(Debug, Clone)]
pub(crate) struct Enrolled {
    pub(crate) name: &'static str,
    pub(crate) variant: Variant,
    pub(crate) epochs: Vec<u32>,
    pub(crate) loaded: Loaded,
    /// When it was polled and the newest verified time, as its history says.
    pub(crate) history: Option<(u32, Option<u32>)>,
    /// Whether history or floor is above the files.
    pub(crate) above: Option<Above>,
}

/// What says that the files are too old.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Above {
    History,
    Floor,
}

pub(crate) struct Palette(Vec<Vec<Variant>>);

impl Palette {
    pub(crate) fn new() -> Self {
        let mut random = Stream::new("a palette of coalitions");
        let names = NAMES.into_iter().zip(LISTS);
        let variants = names.map(|(name, ids)| {
            (0..VARIANTS)
                .map(|_| Variant::random(&mut random, name, ids))
                .collect()
        });
        Self(variants.collect())
    }

    /// One to three coalitions.
    pub(crate) fn gateway(&self, random: &mut Stream) -> Vec<Enrolled> {
        let count = 1 + random.index(self.0.len());
        let variants = self.0.iter().take(count);
        variants
            .map(|variants| {
                let variant = random.pick(variants).clone();
                Enrolled::random(random, variant)
            })
            .collect()
    }
}

fn time(seconds: u32) -> Time {
    Time::from_seconds(seconds)
}

impl Variant {
    fn random(random: &mut Stream, name: &'static str, ids: [&'static str; 3]) -> Self {
        let edition = match random.below(10) {
            0..=6 => Edition::Member,
            7 => Edition::Compact,
            _ => Edition::Public,
        };
        let expires = [20 * DAY, 5 * DAY, 3 * DAY].map(|usual| {
            let sooner = random.chance(20);
            NOW + if sooner { usual / 3 } else { usual }
        });
        let count = 1 + random.index(2);
        let lists = ids[..count].iter().map(|id| {
            let mut kinds: Vec<_> = KINDS.into_iter().filter(|_| random.chance(60)).collect();
            if kinds.is_empty() {
                kinds.push(Kind::Domain);
            }
            let starts = [NOW - 5 * DAY, NOW - HOUR, NOW + 2 * DAY];
            let second = edition == Edition::Member && random.chance(25);
            List {
                id,
                lists_shop: kinds.contains(&Kind::Domain) && random.chance(40),
                kinds,
                second_epoch: second.then(|| *random.pick(&starts)),
            }
        });
        let lists: Vec<_> = lists.collect();
        let later = match random.below(10) {
            0..=6 => Later::Nothing,
            7 | 8 => Later::Withheld,
            _ => Later::Revoked,
        };
        let gone = random.chance(20).then_some(ids[2]);
        let mut variant = Self {
            name,
            edition,
            lists,
            expires,
            later,
            gone,
            files: Files::new(),
            later_files: Files::new(),
        };
        variant.publish();
        variant
    }

    fn publish(&mut self) {
        let coalition = Coalition::quick();
        let served = |version| {
            let releases = self
                .lists
                .iter()
                .flat_map(|list| self.releases(list, version));
            let releases: Vec<_> = releases.collect();
            let (first, others) = releases.split_first().expect("a list");
            coalition.publish_beside(first, others)
        };
        let mut later = served(2);
        match self.later {
            Later::Nothing => later.clear(),
            Later::Withheld => later.retain(|path, _| path != "metadata/2.targets.json"),
            Later::Revoked => {
                later = served(1);
                let root = coalition.revoking_root(gateway::far());
                later.insert("metadata/2.root.json".to_owned(), root);
            }
        }
        self.files = served(1);
        self.later_files = later;
    }

    fn releases(&self, one: &List, version: u32) -> Vec<Publication> {
        let first = Publication {
            version,
            sequence: u64::from(version),
            listed: if one.lists_shop {
                vec!["shop.example"]
            } else {
                Vec::new()
            },
            kinds: Kinds::of(one.kinds.iter().copied()),
            edition: self.edition,
            rate: match self.edition {
                Edition::Member => 2,
                Edition::Public => 6,
                Edition::Compact => 32,
            },
            expires: self.expires.map(time),
            ..list(one.id, "hotline.example")
        };
        let second = one.second_epoch.map(|start| Publication {
            epoch: 2,
            members: vec![("epoch_start", json!(time(start).to_string()))],
            ..first.clone()
        });
        [first].into_iter().chain(second).collect()
    }
}

impl Enrolled {
    fn random(random: &mut Stream, variant: Variant) -> Self {
        let epochs: &[&[u32]] = &[&[1], &[1], &[1, 2], &[1, 2], &[2], &[]];
        let polls = [NOW - HOUR, NOW - 30 * HOUR, NOW - 4 * DAY];
        let verified = [None, Some(NOW - HOUR), Some(NOW + 300), Some(NOW + 1200)];
        let history = random
            .chance(75)
            .then(|| (*random.pick(&polls), *random.pick(&verified)));
        Self {
            name: variant.name,
            epochs: random.pick(epochs).to_vec(),
            loaded: match random.below(10) {
                0 => Loaded::Never,
                1..=3 => Loaded::FromStore,
                _ => Loaded::FromRepository,
            },
            above: match random.below(12) {
                0 if history.is_some() => Some(Above::History),
                1 => Some(Above::Floor),
                _ => None,
            },
            history,
            variant,
        }
    }

    /// An element of `coalitions`.
    pub(crate) fn configured(&self) -> Value {
        let root = Coalition::quick().root(gateway::far());
        let mut coalition = enrolled_for(self.variant.edition, self.name, &root, &self.lists());
        if let Some((polled, verified)) = self.history {
            let timestamp = match self.above {
                Some(Above::History) => 9,
                _ => 0,
            };
            let history = History {
                coalition: self.name.to_owned(),
                verified: verified.map(time),
                polled: Some(time(polled)),
                versions: Floor {
                    timestamp,
                    ..Floor::default()
                },
                lists: Sequences::default(),
            };
            coalition["history"] = history.to_string().into();
        }
        if self.above == Some(Above::Floor) {
            coalition["at_least"] = json!({"lists": {self.variant.lists[0].id: 99}});
        }
        coalition
    }

    /// The lists that it is enrolled for.
    pub(crate) fn lists(&self) -> Vec<&'static str> {
        let lists = self.variant.lists.iter().map(|list| list.id);
        lists.chain(self.variant.gone).collect()
    }

    pub(crate) fn keys(&self) -> Vec<Value> {
        let keys = self.epochs.iter();
        keys.map(|epoch| json!({"coalition": self.name, "key": Coalition::list_key_text(*epoch)}))
            .collect()
    }

    /// The walks that bring its files.
    pub(crate) fn walks(&self) -> Vec<(&'static str, &Files)> {
        let first = match self.loaded {
            Loaded::Never => return Vec::new(),
            Loaded::FromStore => ("store", &self.variant.files),
            Loaded::FromRepository => ("repository", &self.variant.files),
        };
        let later = ("repository", &self.variant.later_files);
        let later = (self.variant.later != Later::Nothing).then_some(later);
        [first].into_iter().chain(later).collect()
    }
}
