//! A publisher signed one wrong byte. The release is refused, or differs only in what that byte means.
//!
//! These bytes may be accepted: the ignorable flags, but no other byte of a header; a bit of the filter
//! that no record needs; a letter of
//! a source's name or origin; a tag changed to another that keeps the order, if the filter has it (records) or lacks it
//! (stash); a field of a record, if only that field changes; the number of the answer that a change of
//! the stash points at.

use std::collections::BTreeMap;

use interdict_core::common::time::Time;
use interdict_core::identifier::{Identifier, Kind};
use interdict_core::list::{BlockList, Descriptor, Files, Membership, PartDigest, Record};
use interdict_tests::coalition::{Coalition, Publication, RECORD};
use interdict_tests::gateway::{NOW, far};

/// The header of each part.
const HEADER: usize = 59 + "se/merchants".len();
/// The only bytes of a header that may change: ignorable flags.
const FLAGS: std::ops::Range<usize> = 16..20;
/// The table of one source: its id and its origin, each after its length.
const SOURCE: usize = 1 + ID + 1 + "hotline.example".len();
const ID: usize = "se.hotline.example".len();
const RECORD_SIZE: usize = 29;
const ANSWER: usize = RECORD_SIZE - 12;
const CHANGE: usize = 14;

/// Three listed names, of which the stash adds or changes the last two; one that it removes; two that are
/// never listed.
const NAMES: [&str; 6] = [
    "shop.example",
    "b.example",
    "c.test",
    "removed.example",
    "clean.example",
    "other.test",
];

/// For each name, its record and the record's source.
type Answers = BTreeMap<&'static str, Option<(Record, String)>>;

fn answers(list: &BlockList) -> Answers {
    let now = Time::from_seconds(NOW);
    let key = Coalition::list_key(1);
    let answer = |name| {
        let domain = Identifier::parse(Kind::Domain, name).unwrap();
        match list.membership(&domain, Some(&key), now) {
            Membership::Absent => None,
            Membership::Lapsed(record) => Some((record, String::new())),
            Membership::Listed { record, source, .. } => {
                let source = [source.id(), source.origin()].join(" ");
                Some((record, source))
            }
            other => panic!("{name}: {other:?}"),
        }
    };
    NAMES.into_iter().map(|name| (name, answer(name))).collect()
}

fn base() -> Publication {
    Publication {
        listed: vec!["shop.example", "c.test", "removed.example"],
        rate: 2,
        ..Publication::new(1, far())
    }
}

/// A stash that adds one, changes one and removes one, with two answers.
fn stashed() -> Publication {
    let held = Record {
        confidence: 950,
        ..RECORD
    };
    Publication {
        listed: vec!["shop.example", "b.example", "c.test"],
        records: BTreeMap::from([("c.test", held)]),
        base: Some(Box::new(base())),
        rate: 2,
        ..Publication::new(2, far())
    }
}

fn load(descriptor: &Descriptor, files: Files) -> Option<BlockList> {
    BlockList::load(descriptor, files).ok()
}

/// The descriptor with the digest of these records, even if the records are malformed.
fn resealed(descriptor: &Descriptor, records: &[u8]) -> Descriptor {
    Descriptor {
        records: Some(PartDigest::of(records).unwrap()),
        ..descriptor.clone()
    }
}

/// Every other value of a byte, one bit or all of them changed.
fn other_values(byte: u8) -> impl Iterator<Item = u8> {
    (0..8).map(move |bit| byte ^ (1 << bit)).chain([!byte])
}

/// Whether the records differ only in the field that holds the changed byte.
fn differs_only_in(place: usize, before: Record, after: Record) -> bool {
    let expected = match place {
        0 => Record {
            action: after.action,
            ..before
        },
        1 => Record {
            category: after.category,
            ..before
        },
        2 | 3 => Record {
            confidence: after.confidence,
            ..before
        },
        6 => Record {
            scope: after.scope,
            ..before
        },
        7 => Record {
            flags: after.flags,
            ..before
        },
        8 => Record {
            handling: after.handling,
            ..before
        },
        9..13 => Record {
            group: after.group,
            ..before
        },
        13..17 => Record {
            valid_until: after.valid_until,
            ..before
        },
        _ => before,
    };
    expected == after
}

/// Whether a byte is of the name or the origin of the only source, whose table starts here. The coalition
/// before the name may not change.
fn names_a_source(place: usize, table: usize) -> bool {
    let name = table + 1 + "se.".len()..=table + ID;
    let origin = table + 1 + ID + 1..table + SOURCE;
    name.contains(&place) || origin.contains(&place)
}

/// The records before and after, for each name whose answer changed.
fn differences(before: &Answers, after: &Answers) -> Vec<(Option<Record>, Option<Record>)> {
    let record = |answer: &Option<(Record, String)>| answer.as_ref().map(|(record, _)| *record);
    let pairs = before.values().zip(after.values());
    let pairs = pairs.map(|(before, after)| (record(before), record(after)));
    pairs.filter(|(before, after)| before != after).collect()
}

#[test]
fn a_wrong_byte_of_a_filter_is_refused_or_changes_no_answer() {
    let (descriptor, files) = Coalition::default().release(&base());
    let before = answers(&load(&descriptor, files.clone()).unwrap());
    let half = (files.filter.len() - HEADER) / 2;
    let mut accepted = 0;
    for place in 0..files.filter.len() {
        let in_header = place < HEADER + 45 || (HEADER + half..HEADER + half + 45).contains(&place);
        let own = files.filter[place];
        let values = other_values(own).filter(|value| in_header || *value == !own);
        for value in values {
            let mut changed = files.clone();
            changed.filter[place] = value;
            let resealed = Descriptor {
                filter: PartDigest::of(&changed.filter).unwrap(),
                ..descriptor.clone()
            };
            let Some(list) = load(&resealed, changed) else {
                continue;
            };
            assert!(!in_header || FLAGS.contains(&place), "{place}: {value}");
            assert_eq!(answers(&list), before, "{place}: {value}");
            accepted += 1;
        }
    }
    assert!(
        accepted > files.filter.len() / 2,
        "bits that no record needs"
    );
    for length in 0..files.filter.len() {
        let mut cut = files.clone();
        cut.filter.truncate(length);
        let resealed = Descriptor {
            filter: PartDigest::of(&cut.filter).unwrap(),
            ..descriptor.clone()
        };
        assert!(load(&resealed, cut).is_none(), "{length}");
    }
}

#[test]
fn a_wrong_byte_of_records_is_refused_or_changes_what_it_says() {
    let (descriptor, files) = Coalition::default().release(&base());
    let before = answers(&load(&descriptor, files.clone()).unwrap());
    let records = files.records.clone().unwrap();
    let first = records.len() - 3 * RECORD_SIZE;
    let sources = HEADER + 8;
    let mut accepted = 0;
    for (place, own) in records.iter().enumerate() {
        for value in other_values(*own) {
            let mut changed = records.clone();
            changed[place] = value;
            let files = Files {
                records: Some(changed.clone()),
                ..files.clone()
            };
            let Some(list) = load(&resealed(&descriptor, &changed), files) else {
                continue;
            };
            accepted += 1;
            let after = answers(&list);
            let differences = differences(&before, &after);
            let says = format!("{place}: {value}: {after:?}");
            match place {
                _ if FLAGS.contains(&place) => assert_eq!(after, before, "{says}"),
                _ if names_a_source(place, sources) => {
                    assert!(differences.is_empty() && after != before, "{says}");
                }
                _ if place < first => panic!("accepted: {says}"),
                _ => match (place - first) % RECORD_SIZE {
                    // The record now belongs to another name, which is not in `NAMES`.
                    0..12 => assert!(matches!(differences[..], [(Some(_), None)]), "{says}"),
                    field => assert!(
                        differences.len() == 1
                            && differences.iter().all(|(before, after)| differs_only_in(
                                field - 12,
                                before.unwrap(),
                                after.unwrap()
                            )),
                        "{says}"
                    ),
                },
            }
        }
    }
    assert!(accepted > 3 * 40, "{accepted}: fields a record may have");
    for length in 0..records.len() {
        let files = Files {
            records: Some(records[..length].to_vec()),
            ..files.clone()
        };
        let resealed = resealed(&descriptor, &records[..length]);
        assert!(load(&resealed, files).is_none(), "{length}");
    }
}

#[test]
fn a_wrong_byte_of_a_stash_is_refused_or_changes_what_it_says() {
    let (descriptor, files) = Coalition::default().release(&stashed());
    let stash = files.stash.clone().unwrap();
    let list = load(&descriptor, files).unwrap();
    let before = answers(&list);
    assert!(before["removed.example"].is_none() && before["b.example"].is_some());
    let changes = stash.len() - 3 * CHANGE;
    let answers_start = changes - 2 * ANSWER;
    let sources = answers_start - SOURCE;
    // A change may point at another answer of the stash.
    let own: Vec<Record> = ["b.example", "c.test"]
        .iter()
        .map(|name| before[name].as_ref().unwrap().0)
        .collect();
    let mut accepted = 0;
    for (place, byte) in stash.iter().enumerate() {
        // An update reads no filter: there is time for every value.
        for value in (0..=u8::MAX).filter(|value| value != byte) {
            let mut changed = stash.clone();
            changed[place] = value;
            let Ok(list) = list.update(&descriptor, Some(changed)) else {
                continue;
            };
            accepted += 1;
            let after = answers(&list);
            let differences = differences(&before, &after);
            let says = format!("{place}: {value}: {after:?}");
            match place {
                _ if FLAGS.contains(&place) => assert_eq!(after, before, "{says}"),
                _ if names_a_source(place, sources) => {
                    assert!(differences.is_empty() && after != before, "{says}");
                }
                _ if place < answers_start => panic!("accepted: {says}"),
                _ if place < changes => assert!(
                    differences.len() == 1
                        && differences.iter().all(|(before, after)| differs_only_in(
                            (place - answers_start) % ANSWER,
                            before.unwrap(),
                            after.unwrap()
                        )),
                    "{says}"
                ),
                _ if (place - changes) % CHANGE < 12 => {
                    // Its name answers as in the base, and no other name changed.
                    assert_eq!(differences.len(), 1, "{says}");
                    let based = differences[0].1;
                    assert!(based.is_none_or(|record| record == RECORD), "{says}");
                }
                _ => {
                    assert_eq!(differences.len(), 1, "{says}");
                    let other = differences[0].1;
                    assert!(other.is_none_or(|record| own.contains(&record)), "{says}");
                }
            }
        }
    }
    assert!(
        accepted > 2 * ANSWER * 40,
        "{accepted}: fields an answer may have"
    );
    for length in 0..stash.len() {
        let cut = stash[..length].to_vec();
        assert!(list.update(&descriptor, Some(cut)).is_err(), "{length}");
    }
}
