//! What a record must fulfil on any list, in the base and in a stash.

use super::*;
use crate::list::testing::{header, release, reseal, source, stashed};

/// How a release is refused whose only record, or only answer in a stash, has these codes.
fn refused(action: u8, confidence: u16, flags: u8) -> Option<ListError> {
    let (descriptor, files) = release(&header(), &listed()[..1]);
    let mut records = files.records.unwrap();
    let fields = records.len() - STRIDE + 12;
    let change = |fields: &mut [u8]| {
        fields[0] = action;
        fields[2..4].copy_from_slice(&confidence.to_le_bytes());
        fields[7] = flags;
    };
    change(&mut records[fields..]);
    let descriptor = reseal(&descriptor, &records);
    let in_base = load(&descriptor, files.filter, Some(records));
    let changes = [(tag("new.example"), Some(RECORD))];
    let (descriptor, mut files) = stashed(&[], &changes);
    let stash = files.stash.as_mut().unwrap();
    let answer = stash.len() - 14 - (STRIDE - 12);
    change(&mut stash[answer..]);
    assert_eq!(BlockList::load(&descriptor, files).err(), in_base);
    in_base
}

#[test]
fn each_action_needs_its_confidence_at_every_step() {
    let least = [
        (1, 1),
        (2, 300),
        (3, 800),
        (4, 900),
        (0, 300),
        (5, 300),
        (255, 300),
    ];
    for (action, least) in least {
        for confidence in 1..=999 {
            let low = (confidence < least).then_some(ListError::RecordConfidence);
            assert_eq!(
                refused_once(action, confidence),
                low,
                "{action} {confidence}"
            );
        }
        let low = Some(ListError::RecordConfidence);
        assert!(
            least == 1 || refused(action, least - 1, 0) == low,
            "{action}"
        );
        assert_eq!(refused(action, least, 0), None, "{action}");
    }
}

/// The rule alone, without a release around it.
fn refused_once(action: u8, confidence: u16) -> Option<ListError> {
    let mut fields = RECORD.encode();
    fields[0] = action;
    fields[2..4].copy_from_slice(&confidence.to_le_bytes());
    let record = Record::decode(&fields).unwrap();
    record.check().err()
}

#[test]
fn a_silent_record_asks_to_monitor_and_for_no_more() {
    let silence = Some(ListError::RecordSilence);
    for flags in [2, 3, 6, 7] {
        assert_eq!(refused(1, 990, flags), None, "{flags}");
        for action in [2, 3, 4] {
            assert_eq!(refused(action, 990, flags), silence, "{action} {flags}");
        }
    }
    for flags in [0, 1, 4, 5] {
        assert_eq!(refused(4, 990, flags), None, "{flags}");
    }
}

/// A newer publisher's action may be a weak one, so nothing but the confidence of a review is asked of it.
#[test]
fn an_action_of_a_newer_version_may_be_silent_and_is_then_watched() {
    for action in [0, 5, 77, 255] {
        assert_eq!(refused(action, 300, 2), None, "{action}");
        let low = Some(ListError::RecordConfidence);
        assert_eq!(refused(action, 299, 2), low, "{action}");
        let mut fields = RECORD.encode();
        (fields[0], fields[7]) = (action, 2);
        let record = Record::decode(&fields).unwrap();
        assert_eq!((record.action, record.check()), (Action::Monitor, Ok(())));
    }
    let record = Record {
        action: Action::Review,
        flags: Flags::SILENT,
        ..RECORD
    };
    // This version writes no such record.
    let sources = [source("test-source")];
    let written = encode_records(&header(), &sources, &[(tag("shop.example"), record)]);
    assert_eq!(written, Err(ListError::RecordSilence));
}

#[test]
fn a_handling_of_a_newer_version_is_the_strictest() {
    for code in 0..=255_u8 {
        let mut fields = RECORD.encode();
        fields[8] = code;
        let read = Record::decode(&fields).unwrap().handling;
        let known = usize::from(code).checked_sub(1);
        let known = known.and_then(|index| Handling::ALL.get(index));
        assert_eq!(read, known.copied().unwrap_or(Handling::Red), "{code}");
    }
    let strictest = Handling::ALL.iter().max();
    assert_eq!(strictest, Some(&Handling::Red));
    for handling in Handling::ALL {
        assert_eq!(Handling::from_name(handling.name()), Some(handling));
        let record = Record { handling, ..RECORD };
        assert_eq!(Record::decode(&record.encode()), Some(record));
    }
}

#[test]
fn test_entries_are_not_counted_among_the_records() {
    let test = Record {
        category: Category::Test,
        ..RECORD
    };
    let records = [
        (tag("block.listed.test"), test),
        (tag("shop.example"), RECORD),
        (tag("other.example"), RECORD),
    ];
    let (descriptor, files) = release(&header(), &records);
    let list = BlockList::load(&descriptor, files).unwrap();
    assert_eq!(list.record_count(), Some(2));
    assert!(is_listed(&list, "block.listed.test"));
}
