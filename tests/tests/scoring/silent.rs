//! Nobody who sees answers learns of a silent record: two releases that differ in it alone answer alike.

use interdict_core::common::hex;
use interdict_core::engine::SilentKey;
use interdict_core::identifier::Kind;
use interdict_core::list::{Action, Edition, Flags, Record};
use interdict_tests::coalition::RECORD;
use interdict_tests::gateway::NOW;
use interdict_tests::subject::Subject;
use interdict_tests::subjects::Native;
use interdict_tests::world::World;
use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

use crate::world::{ENTRIES, FLOWS, List, Scene, at, scene};

/// Pairs of releases, and how often each pair is asked.
const PAIRS: u32 = 500;
const REQUESTS: u32 = 200;
const DAY: u32 = 86_400;
const KEY: [u8; 32] = [0x33; 32];

/// Names of the same kinds as [`ENTRIES`] that no request names.
const STRANGERS: [&str; 5] = [
    "pay.nobody.example",
    "nobody.example",
    "nobody",
    "SE4550000000058398257466",
    "412345/NOBODY01",
];

/// Numbers that are the same in every run (xorshift64*).
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u32) -> u32 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let high = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33;
        u32::try_from(high % u64::from(bound)).unwrap()
    }

    fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        let bound = u32::try_from(of.len()).unwrap();
        &of[usize::try_from(self.below(bound)).unwrap()]
    }

    /// A request about some of the names that lists may hold, at some time.
    fn request(&mut self, scene: &Scene) -> (String, u32) {
        let mut request = scene.request();
        request["flow"] = (*self.one(&FLOWS)).into();
        request["view"] = (*self.one(&["system", "analyst"])).into();
        let all = request["identifiers"].as_array().cloned().unwrap();
        let mut named: Vec<_> = all.into_iter().filter(|_| self.below(4) > 0).collect();
        if self.below(4) == 0 {
            named.push(json!({"kind": "domain", "value": "shop.example"}));
        }
        if named.is_empty() || self.below(4) == 0 {
            request["url"] = "https://pay.shop.example/x".into();
        }
        request["identifiers"] = named.into();
        if self.below(3) == 0 {
            request["language"] = (*self.one(&["en", "sv", "nl"])).into();
        }
        let later = *self.one(&[0, 0, 0, 1, 5 * DAY, 45 * DAY, 400 * DAY]);
        (request.to_string(), NOW + later)
    }
}

/// A scene with one silent record more, of a name asked about and of a name that nobody asks about.
fn two(scene: &Scene, random: &mut Random) -> Option<([Scene; 2], usize, bool)> {
    let places = scene.places().into_iter().filter(|place| {
        let list = scene.lists[place.0][place.1].as_ref().unwrap();
        list.edition == Edition::Member
    });
    let places: Vec<_> = places.collect();
    let place = (!places.is_empty()).then(|| *random.one(&places))?;
    let list = scene.lists[place.0][place.1].as_ref()?;
    let fits = |entry: &usize| {
        let is_covered = list.only.is_none_or(|kind| ENTRIES[*entry].0 == kind);
        is_covered && list.entries.iter().all(|(other, _)| other != entry)
    };
    let free: Vec<usize> = (0..ENTRIES.len()).filter(fits).collect();
    let entry = (!free.is_empty()).then(|| *random.one(&free))?;
    let has_lapsed = random.below(3) == 0;
    let end = if has_lapsed {
        at(NOW)
    } else {
        RECORD.valid_until
    };
    let record = Record {
        action: Action::Monitor,
        flags: *random.one(&[Flags::SILENT, Flags(3), Flags(6)]),
        confidence: 1 + u16::try_from(random.below(999)).unwrap(),
        valid_until: end,
        ..RECORD
    };
    let with = |(kind, name): (Kind, &'static str)| {
        let mut changed = scene.clone();
        let list: &mut List = changed.lists[place.0][place.1].as_mut().unwrap();
        list.more.push((kind, name, record));
        changed
    };
    let stranger = (ENTRIES[entry].0, STRANGERS[entry]);
    Some(([with(ENTRIES[entry]), with(stranger)], entry, has_lapsed))
}

/// An answer without what names the release, `sealed` and `mac`, which keep their lengths.
fn masked(answer: &str) -> String {
    let mut masked = answer.to_owned();
    for member in ["metadata", "sealed", "mac"] {
        let head = format!("\"{member}\":\"");
        let mut rest = 0;
        while let Some(found) = masked[rest..].find(&head) {
            let start = rest + found + head.len();
            let end = start + masked[start..].find('"').unwrap();
            masked.replace_range(start..end, &"*".repeat(end - start));
            rest = end;
        }
    }
    masked
}

/// How many silent findings the holder of the key reads in an answer.
fn sealed(answer: &str) -> u8 {
    let (_, receipt) = answer.split_once(r#""receipt":"#).unwrap();
    let (before, rest) = receipt.split_once(r#","sealed":""#).unwrap();
    let (sealed, _) = rest.split_once('"').unwrap();
    let read = SilentKey(KEY).open(sealed, format!("{before}}}").as_bytes());
    read.unwrap().count
}

/// A subject that may have a number for its last verdict.
trait Numbered: Subject {
    fn number(&mut self) -> i32;
}

impl Numbered for Native {
    fn number(&mut self) -> i32 {
        0
    }
}

fn world<S: Subject>(scene: &Scene, subject: S) -> World<S> {
    let mut members: Value = scene.members();
    members["silent_key"] = hex::text(&KEY).into();
    World::new(subject, &scene.enrolled(), &members)
}

/// How many identifiers of a request an entry covers: the name itself, or one below or around it.
fn covered(request: &str, entry: usize) -> usize {
    let request: Value = serde_json::from_str(request).unwrap();
    let named = request["identifiers"].as_array().unwrap().iter();
    let named = named.filter_map(|one| one["value"].as_str());
    let mut names: Vec<_> = named.collect();
    if request["url"].is_string() {
        names.push("pay.shop.example");
    }
    names.sort_unstable();
    names.dedup();
    let is_covered = |name: &&&str| match entry {
        1 | 2 => name.ends_with("shop.example"),
        _ => **name == ENTRIES[entry].1,
    };
    names.iter().filter(is_covered).count()
}

fn compared<S: Numbered>(subject: impl Fn() -> S) {
    let mut runner = TestRunner::deterministic();
    let mut random = Random(0x5eed_0017);
    let (mut pairs, mut hits, mut lapsed) = (0, 0_u32, 0_u32);
    while pairs < PAIRS {
        let scene = scene().new_tree(&mut runner).unwrap().current();
        let Some((scenes, entry, has_lapsed)) = two(&scene, &mut random) else {
            continue;
        };
        pairs += 1;
        lapsed += u32::from(has_lapsed);
        let [mut one, mut other] = scenes.each_ref().map(|scene| world(scene, subject()));
        for _ in 0..REQUESTS {
            let (request, now) = random.request(&scene);
            let asked = |world: &mut World<S>| {
                world.now = now;
                let answer = world.bytes("screen", &request).unwrap();
                (answer, world.subject.number())
            };
            let ((first, number), (second, same)) = (asked(&mut one), asked(&mut other));
            assert_eq!(masked(&first), masked(&second), "{request}");
            assert_eq!((first.len(), number), (second.len(), same), "{request}");
            let found = sealed(&first) - sealed(&second);
            let expected = if has_lapsed {
                0
            } else {
                covered(&request, entry)
            };
            assert_eq!(usize::from(found), expected, "{request} {first}");
            hits += u32::from(found > 0);
        }
    }
    assert!(hits > PAIRS * REQUESTS / 4, "{hits}");
    assert!(lapsed > PAIRS / 5, "{lapsed}");
}

#[test]
fn of_two_releases_that_differ_in_one_silent_record_a_hundred_thousand_answers_are_equal() {
    compared(Native::default);
}

#[cfg(feature = "module")]
mod in_module {
    use interdict_tests::subjects::InModule;

    use super::{Numbered, compared};

    impl Numbered for InModule {
        fn number(&mut self) -> i32 {
            self.instance().verdict()
        }
    }

    #[test]
    fn and_so_are_those_of_the_module_with_their_numbers() {
        compared(|| InModule::new().unwrap());
    }
}
