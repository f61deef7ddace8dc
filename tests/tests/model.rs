//! Random histories of a coalition and a gateway, compared with a small model: the gateway reports as
//! listed what the model lists, and nothing else.

use std::collections::{BTreeMap, BTreeSet};

use interdict_core::list::{Action, Record};
use interdict_tests::coalition::{Coalition, Files, Publication, RECORD};
use interdict_tests::gateway::{Gateway, codes, far};
use interdict_tests::subjects::Alike;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::json;

/// Names that the random steps list and unlist.
const NAMES: [&str; 5] = [
    "a.example",
    "b.example",
    "c.test",
    "shop.a.example",
    "www.c.test",
];

/// Names that are never listed.
const OTHERS: [&str; 3] = ["deep.down.shop.a.example", "clean.example", "example.test"];

#[derive(Debug, Clone)]
enum Step {
    List(usize, Action),
    /// Removes the entry with this number, modulo the number of entries.
    Unlist(usize),
    PublishBase,
    PublishStash,
    /// Publishes new metadata for unchanged releases.
    Resign,
    StartEpoch,
    RetireEpoch,
    /// The gateway updates from an older repository, in which one file may be missing.
    Poll {
        age: usize,
        withheld: Option<usize>,
    },
    Restart,
    HoldKeys(BTreeSet<u32>),
}

fn step() -> impl Strategy<Value = Step> {
    let names = 0..NAMES.len();
    let action = prop_oneof![Just(Action::Block), Just(Action::HoldPayout)];
    let withheld = prop::option::weighted(0.3, 0_usize..12);
    prop_oneof![
        6 => (names.clone(), action).prop_map(|(name, action)| Step::List(name, action)),
        6 => names.prop_map(Step::Unlist),
        4 => Just(Step::PublishBase),
        6 => Just(Step::PublishStash),
        1 => Just(Step::Resign),
        1 => Just(Step::StartEpoch),
        1 => Just(Step::RetireEpoch),
        8 => Just(Step::Poll { age: 0, withheld: None }),
        3 => (0_usize..4, withheld).prop_map(|(age, withheld)| Step::Poll { age, withheld }),
        2 => Just(Step::Restart),
        2 => prop::collection::btree_set(1_u32..5, 0..3).prop_map(Step::HoldKeys),
    ]
}

/// What one repository publishes.
#[derive(Debug, Clone)]
struct Published {
    listed: BTreeMap<&'static str, Action>,
    epochs: std::ops::RangeInclusive<u32>,
}

/// Everything an answer depends on.
#[derive(Debug, Default)]
struct Model {
    history: Vec<Published>,
    /// Index of the newest repository whose timestamp the gateway may have taken.
    seen: Option<usize>,
    /// Index of the repository whose releases are live.
    in_place: Option<usize>,
    /// The epoch that is live: the best when the releases came.
    epoch: u32,
    keys: BTreeSet<u32>,
}

impl Model {
    /// How an update from a whole repository ends.
    fn end(&self, index: usize) -> &'static str {
        match self.seen {
            Some(seen) if index < seen => "trust_rollback",
            _ => "completed",
        }
    }

    /// The epoch that answers, and what it lists; nothing without a key or a list.
    fn answers(&self) -> Option<(u32, &Published)> {
        let published = self.history.get(self.in_place?)?;
        let has_key = self.keys.contains(&self.epoch);
        has_key.then_some((self.epoch, published))
    }

    /// The epoch that an update loads.
    fn best(&self, index: usize) -> u32 {
        let epochs = self.history[index].epochs.clone();
        let readable = epochs.clone().rev().find(|epoch| self.keys.contains(epoch));
        readable.unwrap_or(*epochs.end())
    }
}

impl Published {
    /// What a name should lead to: the strongest of itself and the names above it.
    fn action(&self, name: &str) -> Option<Action> {
        let listed = self.listed.iter();
        let above = listed.filter(|(listed, _)| {
            let rest = name.strip_suffix(**listed);
            rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        });
        above.map(|(_, action)| *action).max()
    }
}

/// The coalition's side: the register, and what was built from it.
struct Publisher {
    coalition: Coalition,
    register: BTreeMap<&'static str, Action>,
    /// What the newest base lists, and its sequence.
    base: (BTreeMap<&'static str, Action>, u64),
    /// What the newest release lists, and its sequence.
    newest: (BTreeMap<&'static str, Action>, u64),
    epochs: std::ops::RangeInclusive<u32>,
    served: Vec<Files>,
}

impl Publisher {
    fn publication(
        &self,
        epoch: u32,
        (listed, sequence): &(BTreeMap<&'static str, Action>, u64),
    ) -> Publication {
        let version = u32::try_from(self.served.len() + 1).unwrap();
        let record = |action| Record { action, ..RECORD };
        Publication {
            sequence: *sequence,
            listed: listed.keys().copied().collect(),
            records: listed
                .iter()
                .map(|(name, action)| (*name, record(*action)))
                .collect(),
            epoch,
            rate: 2,
            ..Publication::new(version, far())
        }
    }

    fn publish(&mut self) -> Published {
        let release = |epoch| {
            let newest = self.publication(epoch, &self.newest);
            let base = (self.base.1 < self.newest.1)
                .then(|| Box::new(self.publication(epoch, &self.base)));
            Publication { base, ..newest }
        };
        let older: Vec<_> = (*self.epochs.start()..*self.epochs.end())
            .map(release)
            .collect();
        let files = self
            .coalition
            .publish_beside(&release(*self.epochs.end()), &older);
        self.served.push(files);
        Published {
            listed: self.newest.0.clone(),
            epochs: self.epochs.clone(),
        }
    }

    fn publish_base(&mut self) -> Published {
        self.newest = (self.register.clone(), self.newest.1 + 1);
        self.base = self.newest.clone();
        self.publish()
    }
}

struct World {
    publisher: Publisher,
    gateway: Gateway<Alike>,
    model: Model,
}

impl World {
    fn new() -> Self {
        let coalition = Coalition::quick();
        let gateway = Gateway::new(Alike::new().unwrap(), &coalition, &["se/merchants"]);
        let nothing = (BTreeMap::new(), 0);
        let mut publisher = Publisher {
            coalition,
            register: BTreeMap::new(),
            base: nothing.clone(),
            newest: nothing,
            epochs: 1..=1,
            served: Vec::new(),
        };
        let model = Model {
            history: vec![publisher.publish_base()],
            keys: BTreeSet::from([1]),
            ..Model::default()
        };
        Self {
            publisher,
            gateway,
            model,
        }
    }

    fn take(&mut self, step: Step) {
        let publisher = &mut self.publisher;
        let (oldest, newest) = (*publisher.epochs.start(), *publisher.epochs.end());
        match step {
            Step::List(name, action) => {
                publisher.register.insert(NAMES[name], action);
            }
            Step::Unlist(number) => {
                let mut listed = publisher.register.keys().copied();
                let name = listed.nth(number % publisher.register.len().max(1));
                publisher.register.retain(|other, _| Some(*other) != name);
            }
            Step::PublishBase => self.model.history.push(publisher.publish_base()),
            Step::PublishStash => {
                publisher.newest = (publisher.register.clone(), publisher.newest.1 + 1);
                self.model.history.push(publisher.publish());
            }
            Step::Resign => self.model.history.push(publisher.publish()),
            Step::StartEpoch if newest < 4 => {
                publisher.epochs = oldest..=newest + 1;
                self.model.history.push(publisher.publish_base());
            }
            Step::RetireEpoch if oldest < newest => {
                publisher.epochs = oldest + 1..=newest;
                self.model.history.push(publisher.publish());
            }
            Step::StartEpoch | Step::RetireEpoch => {}
            Step::Poll { age, withheld } => self.poll(age, withheld),
            Step::Restart => {
                self.gateway.restart();
                self.restarted();
                self.check_all();
            }
            Step::HoldKeys(keys) => {
                self.gateway.hold_keys(keys.iter().copied());
                self.model.keys = keys;
                self.check_all();
            }
        }
    }

    /// An update that did not complete may do so from the saved files with another epoch, which was live
    /// before.
    fn restarted(&mut self) {
        let state = self.gateway.ok("state", &json!({}));
        let version = state["coalitions"][0]["timestamp"].as_u64();
        let in_place = version.map(|version| usize::try_from(version).unwrap() - 1);
        if in_place != self.model.in_place {
            assert_eq!(in_place, self.model.seen);
            self.model.in_place = in_place;
        }
        if let Some(list) = self.gateway.lists().first() {
            assert_eq!(list["epoch"], self.model.epoch, "{list}");
        }
    }

    /// Checks every name. Called only when an answer can change.
    fn check_all(&mut self) {
        for name in NAMES.into_iter().chain(OTHERS) {
            self.check(name);
        }
    }

    fn poll(&mut self, age: usize, withheld: Option<usize>) {
        let index = self.model.history.len().saturating_sub(age + 1);
        let mut served = self.publisher.served[index].clone();
        let path = withheld.and_then(|number| served.keys().nth(number).cloned());
        let gone = path.as_ref().and_then(|path| served.remove(path));
        let end = self.gateway.update(&served);
        let expected = self.model.end(index);
        // A file that is not needed may be missing.
        assert!(
            end == expected || gone.is_some() && end != "completed",
            "{end}, not {expected}"
        );
        if end == "completed" {
            self.model.in_place = Some(index);
            self.model.epoch = self.model.best(index);
        }
        let heard = path.is_none_or(|path| path != "metadata/timestamp.json");
        if heard && expected == "completed" {
            self.model.seen = Some(index);
        }
        self.check_all();
    }

    fn check(&mut self, name: &str) {
        let in_place = self.model.in_place;
        let verdict = self.gateway.verdict(name);
        let codes = codes(&verdict);
        let Some((epoch, published)) = self.model.answers() else {
            let expected = if in_place.is_some() {
                "no_key"
            } else {
                "no_list"
            };
            assert!(codes.contains(&expected), "{name}: {verdict}");
            assert!(!codes.contains(&"listed"), "{name}: {verdict}");
            assert_eq!(verdict["degraded"], true, "{name}: {verdict}");
            return;
        };
        assert_eq!(verdict["lists"][0]["epoch"], epoch, "{name}: {verdict}");
        let outdated = epoch < *published.epochs.end();
        assert_eq!(
            codes.contains(&"key_outdated"),
            outdated,
            "{name}: {verdict}"
        );
        let action = published.action(name);
        assert_eq!(
            codes.contains(&"listed"),
            action.is_some(),
            "{name}: {verdict}"
        );
        // What only a stale list misses is not clean.
        let missed = match verdict["lists"][0]["freshness"] == "fresh" {
            true => Action::Allow,
            false => Action::Monitor,
        };
        let expected = action.unwrap_or(missed).name();
        assert_eq!(verdict["action"], expected, "{name}: {verdict}");
        if in_place == self.model.seen {
            assert_eq!(verdict["degraded"], outdated, "{name}: {verdict}");
        }
    }
}

#[test]
fn a_gateway_answers_what_the_releases_it_was_served_list_and_nothing_else() {
    let config = Config {
        cases: interdict_tests::cases(120),
        failure_persistence: None,
        ..Config::default()
    };
    let history = prop::collection::vec(step(), 1..60);
    let outcome = TestRunner::new(config).run(&history, |steps| {
        let mut world = World::new();
        for step in steps {
            world.take(step);
        }
        Ok(())
    });
    outcome.unwrap();
}
