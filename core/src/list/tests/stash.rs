//! Forged stashes, and what an honest one changes.

use super::*;
use crate::identifier::Relation;
use crate::list::testing::{header, source, stashed};

/// Where the fields of the stash of [`good`] lie.
const BASE: usize = BODY;
const STRIDE: usize = BASE + 32;
const SOURCE_COUNT: usize = STRIDE + 2;
const ANSWER_COUNT: usize = SOURCE_COUNT + 2;
const CHANGE_COUNT: usize = ANSWER_COUNT + 2;
const SOURCES: usize = CHANGE_COUNT + 4;
const ANSWERS: usize = SOURCES + 1 + "se.stash-source".len() + 1 + "stash-source".len();
/// Bytes of an answer.
const ANSWER: usize = 17;
const CHANGES: usize = ANSWERS + 2 * ANSWER;

const WEAKER: Record = Record {
    action: Action::Review,
    ..RECORD
};

/// Three changes with two answers.
pub(super) fn good() -> (Descriptor, Files) {
    let changes = [
        (tag("shop.example"), None),
        (tag("new.example"), Some(RECORD)),
        (tag("host.test"), Some(WEAKER)),
    ];
    stashed(&listed(), &changes)
}

/// How a stash is refused that is [`good`]'s but for this change; nothing if it is not.
fn refusal(change: impl FnOnce(&mut Vec<u8>)) -> Option<ListError> {
    let (descriptor, mut files) = good();
    let stash = files.stash.as_mut().unwrap();
    assert_eq!(stash.len(), CHANGES + 3 * 14);
    change(stash);
    BlockList::load(&descriptor, files).err()
}

#[test]
fn a_stash_decides_before_filter_and_records() {
    let weaker = Record {
        action: Action::Review,
        ..RECORD
    };
    let changes = [
        (tag("shop.example"), None),
        (tag("new.example"), Some(RECORD)),
        (tag("host.test"), Some(weaker)),
    ];
    let (descriptor, files) = stashed(&listed(), &changes);
    let list = BlockList::load(&descriptor, files).unwrap();
    assert_eq!(ask(&list, "shop.example"), Membership::Absent);
    let new = Membership::Listed {
        record: RECORD,
        source: &source("stash-source"),
        relation: Relation::Itself,
    };
    assert_eq!(ask(&list, "new.example"), new);
    let changed = Membership::Listed {
        record: weaker,
        source: &source("stash-source"),
        relation: Relation::Itself,
    };
    assert_eq!(ask(&list, "host.test"), changed);
    assert!(matches!(ask(&list, "old.example"), Membership::Lapsed(_)));
    assert_eq!(list.change_count(), 3);
}

/// Golden: the layout and every field's place.
#[test]
fn a_stash_is_written_byte_for_byte_as_before() {
    let (descriptor, _) = good();
    assert_eq!(
        crate::common::hex::text(&descriptor.stash.unwrap().sha256),
        "d52e66787592b238449089490bd00ec81c0aff4b2dde0196715229f7b6ee23a4"
    );
    assert_eq!(refusal(|_| {}), None);
}

#[test]
fn what_was_written_is_read_again() {
    let (descriptor, files) = good();
    let read = read_stash(&descriptor.header, files.stash.unwrap()).unwrap();
    assert_eq!(read.base, descriptor.base_digest());
    assert_eq!(read.sources, [source("stash-source")]);
    let mut written = vec![
        (tag("shop.example"), None),
        (tag("new.example"), Some(RECORD)),
        (tag("host.test"), Some(WEAKER)),
    ];
    written.sort_by_key(|(tag, _)| *tag);
    assert_eq!(read.changes, written);
}

#[test]
fn a_stash_of_another_base_is_refused() {
    for byte in BASE..STRIDE {
        let found = refusal(|stash| stash[byte] ^= 1);
        assert_eq!(found, Some(ListError::StashBase), "{byte}");
    }
    // Of the same filter with other records.
    let (descriptor, files) = good();
    let filter_only = Descriptor {
        records: None,
        ..descriptor.clone()
    };
    assert_ne!(descriptor.base_digest(), filter_only.base_digest());
    let files = Files {
        records: None,
        ..files
    };
    let found = BlockList::load(&filter_only, files).err();
    assert_eq!(found, Some(ListError::StashBase));
}

#[test]
fn a_stash_of_another_release_is_refused() {
    let (descriptor, files) = good();
    let (mut older, mut other_list, mut other_epoch, mut other_key) = (
        descriptor.clone(),
        descriptor.clone(),
        descriptor.clone(),
        descriptor,
    );
    older.header.sequence += 1;
    other_list.header.list = ListId::parse("se/others").unwrap();
    other_epoch.header.epoch += 1;
    other_key.header.key_id.0[0] ^= 1;
    // As an update, so that filter and records are not what is refused.
    let list = BlockList::load(&good().0, files.clone()).unwrap();
    let refused = |descriptor: &Descriptor| list.update(descriptor, files.stash.clone()).err();
    let mismatch = ListError::HeaderMismatch(Part::Stash);
    assert_eq!(refused(&older), Some(mismatch));
    for other in [other_list, other_epoch, other_key] {
        assert_eq!(refused(&other), Some(ListError::StashBase));
    }
    assert_eq!(refused(&good().0), None);
}

#[test]
fn a_stash_of_more_changes_than_one_may_hold_is_refused() {
    let too_many = (MAX_STASH + 1).to_le_bytes();
    for count in [too_many, [0xff; 4]] {
        let found = refusal(|stash| stash[CHANGE_COUNT..SOURCES].copy_from_slice(&count));
        assert_eq!(found, Some(ListError::StashSize));
    }
    let changes: Vec<(Tag, Option<Record>)> = (0..=MAX_STASH)
        .map(|index| {
            let mut tag = Tag([0; 12]);
            tag.0[..4].copy_from_slice(&index.to_be_bytes());
            (tag, None)
        })
        .collect();
    let encode = |changes: &[_]| encode_stash(&header(), &[0; 32], &[], changes);
    let most = usize::try_from(MAX_STASH).unwrap();
    assert!(encode(&changes[..most]).is_ok());
    assert_eq!(encode(&changes), Err(ListError::StashSize));
}

#[test]
fn changes_out_of_order_or_twice_are_refused() {
    let swapped = refusal(|stash| stash[CHANGES..CHANGES + 28].rotate_left(14));
    assert_eq!(swapped, Some(ListError::StashOrder));
    let twice = refusal(|stash| stash.copy_within(CHANGES..CHANGES + 12, CHANGES + 14));
    assert_eq!(twice, Some(ListError::StashOrder));
    let last = refusal(|stash| stash.copy_within(CHANGES + 14..CHANGES + 26, CHANGES + 28));
    assert_eq!(last, Some(ListError::StashOrder));
    let change = (tag("shop.example"), None);
    let encoded = encode_stash(&header(), &[0; 32], &[], &[change, change]);
    assert_eq!(encoded, Err(ListError::StashOrder));
}

#[test]
fn an_answer_that_is_out_of_range_unused_unsorted_or_there_twice_is_refused() {
    let number = |stash: &mut Vec<u8>, change: usize, number: u8| {
        let (start, _) = (CHANGES + 14 * change + 12, stash.len());
        stash[start..start + 2].copy_from_slice(&[number, 0]);
    };
    let refused = Some(ListError::StashAnswer);
    let cases: [(&str, Option<ListError>); 6] = [
        (
            "number beyond the last",
            refusal(|stash| (0..3).for_each(|change| number(stash, change, 3))),
        ),
        (
            "far beyond the last",
            refusal(|stash| stash[CHANGES + 12..CHANGES + 14].fill(0xff)),
        ),
        (
            "the second unused",
            refusal(|stash| (0..3).for_each(|change| number(stash, change, 1))),
        ),
        (
            "none used",
            refusal(|stash| (0..3).for_each(|change| number(stash, change, 0))),
        ),
        (
            "unsorted",
            refusal(|stash| stash[ANSWERS..CHANGES].rotate_left(ANSWER)),
        ),
        (
            "there twice",
            refusal(|stash| stash.copy_within(ANSWERS..ANSWERS + ANSWER, ANSWERS + ANSWER)),
        ),
    ];
    for (attack, found) in cases {
        assert_eq!(found, refused, "{attack}");
    }
}

#[test]
fn a_removal_may_not_name_an_answer_beyond_the_last_though_each_answer_is_used() {
    let (_, files) = good();
    let stash = files.stash.unwrap();
    let number = |change: usize| CHANGES + 14 * change + 12;
    let removal = (0..3).find(|change| stash[number(*change)] == 0).unwrap();
    let found = refusal(|stash| stash[number(removal)] = 3);
    assert_eq!(found, Some(ListError::StashAnswer));
}

#[test]
fn a_stride_of_fewer_bytes_than_an_answer_is_refused_even_without_answers() {
    for (stride, error) in [(17, None), (16, Some(ListError::Layout(Part::Stash)))] {
        let (descriptor, mut files) = stashed(&listed(), &[(tag("shop.example"), None)]);
        files.stash.as_mut().unwrap()[STRIDE] = stride;
        let found = BlockList::load(&descriptor, files).err();
        assert_eq!(found, error, "{stride}");
    }
}

#[test]
fn an_answer_with_a_field_out_of_range_is_refused() {
    let last = ANSWERS + ANSWER;
    for (offset, value) in [(3, 0xff), (4, 1), (5, 1), (6, 0), (6, 3), (7, 8)] {
        let found = refusal(|stash| stash[last + offset] = value);
        assert_eq!(found, Some(ListError::StashAnswer), "{offset}: {value}");
    }
    let none = refusal(|stash| stash[last + 2..last + 4].fill(0));
    assert_eq!(none, Some(ListError::StashAnswer), "confidence 0");
    let unknown = Record {
        source: 1,
        ..RECORD
    };
    let sources = [source("stash-source")];
    let changes = [(tag("shop.example"), Some(unknown))];
    let encoded = encode_stash(&header(), &[0; 32], &sources, &changes);
    assert_eq!(encoded, Err(ListError::StashAnswer));
}

#[test]
fn counts_that_the_file_does_not_hold_are_refused() {
    for (field, value) in [
        (STRIDE, &[16, 0][..]),
        (STRIDE, &[0, 0]),
        (STRIDE, &[18, 0]),
        (STRIDE, &[0xff, 0xff]),
        (SOURCE_COUNT, &[0, 0]),
        (ANSWER_COUNT, &[1, 0]),
        (ANSWER_COUNT, &[3, 0]),
        (ANSWER_COUNT, &[0xff, 0xff]),
        (CHANGE_COUNT, &[2, 0, 0, 0]),
        (CHANGE_COUNT, &[4, 0, 0, 0]),
    ] {
        let found = refusal(|stash| stash[field..field + value.len()].copy_from_slice(value));
        let layout = Some(ListError::Layout(Part::Stash));
        assert_eq!(found, layout, "{field}: {value:?}");
    }
}

#[test]
fn every_cut_and_every_extension_is_refused() {
    let (_, files) = good();
    for length in 0..files.stash.unwrap().len() {
        let found = refusal(|stash| stash.truncate(length));
        assert!(found.is_some(), "{length}");
    }
    for more in [1, 14, ANSWER] {
        let found = refusal(|stash| stash.resize(stash.len() + more, 0));
        assert_eq!(found, Some(ListError::Layout(Part::Stash)), "{more} more");
    }
}

#[test]
fn newer_answers_may_be_longer() {
    let longer = |stash: &mut Vec<u8>| {
        stash[STRIDE] = 20;
        stash.splice(CHANGES..CHANGES, [7; 3]);
        stash.splice(ANSWERS + ANSWER..ANSWERS + ANSWER, [9; 3]);
    };
    assert_eq!(refusal(longer), None);
    let (descriptor, mut files) = good();
    longer(files.stash.as_mut().unwrap());
    let list = BlockList::load(&descriptor, files).unwrap();
    assert!(is_listed(&list, "new.example"));
    let changed = ask(&list, "host.test");
    assert!(
        matches!(changed, Membership::Listed { record, .. } if record == WEAKER),
        "{changed:?}"
    );
}
