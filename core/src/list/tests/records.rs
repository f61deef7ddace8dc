//! Forged records files.

use super::*;
use crate::list::testing::{header, release, reseal};

#[test]
fn records_out_of_order_or_out_of_range_are_refused() {
    let (
        descriptor,
        Files {
            filter, records, ..
        },
    ) = release(&header(), &listed());
    let records = records.unwrap();
    let first = records.len() - 3 * 28;
    let (confidence, source, scope, flags) = (first + 14, first + 16, first + 18, first + 19);
    for (offset, value, error) in [
        (first, 0xff, ListError::RecordOrder),
        (confidence + 1, 0xff, ListError::RecordField),
        (source, 9, ListError::RecordField),
        (scope, 3, ListError::RecordField),
        (scope, 0, ListError::RecordField),
        (flags, 8, ListError::RecordField),
    ] {
        let mut changed = records.clone();
        changed[offset] = value;
        let resealed = reseal(&descriptor, &mut changed);
        let found = load(&resealed, filter.clone(), Some(changed));
        assert_eq!(found, Some(error), "offset {offset}");
    }
    let field = Some(ListError::RecordField);
    for (per_mille, error) in [(0_u16, field), (1, None), (999, None), (1_000, field)] {
        let mut changed = records.clone();
        changed[confidence..confidence + 2].copy_from_slice(&per_mille.to_le_bytes());
        let resealed = reseal(&descriptor, &mut changed);
        let found = load(&resealed, filter.clone(), Some(changed));
        assert_eq!(found, error, "{per_mille}");
    }
    let mut twice = records;
    let copy = twice[first..first + 28].to_vec();
    twice[first + 28..first + 56].copy_from_slice(&copy);
    let resealed = reseal(&descriptor, &mut twice);
    assert_eq!(
        load(&resealed, filter, Some(twice)),
        Some(ListError::RecordOrder)
    );
}

#[test]
fn newer_records_may_be_longer() {
    let (
        descriptor,
        Files {
            filter, records, ..
        },
    ) = release(&header(), &listed()[..1]);
    let mut records = records.unwrap();
    let stride = BODY;
    assert_eq!(records[stride], 28);
    records[stride] = 32;
    records.extend_from_slice(&[9; 4]);
    let descriptor = reseal(&descriptor, &mut records);
    let list = BlockList::load(
        &descriptor,
        Files {
            filter,
            records: Some(records),
            stash: None,
        },
        WHOLE,
    )
    .unwrap();
    assert!(matches!(
        ask(&list, "shop.example"),
        Membership::Listed { .. }
    ));
}

#[test]
fn every_truncation_and_every_extension_is_refused() {
    let (
        descriptor,
        Files {
            filter, records, ..
        },
    ) = release(&header(), &listed());
    let records = records.unwrap();
    for length in 0..records.len() {
        let cut = records[..length].to_vec();
        assert!(
            load(&descriptor, filter.clone(), Some(cut)).is_some(),
            "{length}"
        );
    }
    for length in (0..BODY + BLOOM_HEADER + 2).chain(filter.len() - 2..filter.len()) {
        let cut = filter[..length].to_vec();
        assert!(
            load(&descriptor, cut, Some(records.clone())).is_some(),
            "{length}"
        );
    }
    let longer = |bytes: &[u8]| [bytes, &[0]].concat();
    let error = load(&descriptor, longer(&filter), Some(records.clone()));
    assert_eq!(error, Some(ListError::Layout(Part::Filter)));
    let error = load(&descriptor, filter, Some(longer(&records)));
    assert_eq!(error, Some(ListError::Layout(Part::Records)));
}

/// Golden: the layout and every field's place.
#[test]
fn a_records_file_is_written_byte_for_byte_as_before() {
    let (descriptor, files) = release(&header(), &listed());
    let records = files.records.unwrap();
    let digests = descriptor.records.unwrap();
    let head = usize::try_from(digests.head.length).unwrap();
    // Header, counts, one source, one line of the page table; then three records.
    assert_eq!((head, records.len()), (BODY + 12 + 12 + 44, head + 3 * 28));
    assert_eq!(digests.head, PartDigest::of(&records[..head]).unwrap());
    assert_eq!(
        crate::common::hex::text(&digests.whole.sha256),
        "42703d77315af93526aa783eec1f9a94b86fbde3c6cc61f69710437a45f958c8"
    );
}

#[test]
fn a_tag_is_written_once() {
    let twice = [(tag("shop.example"), RECORD), (tag("shop.example"), RECORD)];
    let sources = ["test-source".to_owned()];
    let encoded = encode_records(&header(), &sources, &twice);
    assert_eq!(encoded, Err(ListError::RecordOrder));
}

#[test]
fn what_was_written_is_read_again() {
    let (_, files) = release(&header(), &listed());
    let RecordsContent { sources, records } =
        read_records(&header(), files.records.unwrap()).unwrap();
    assert_eq!(sources, ["test-source"]);
    let mut written = listed();
    written.sort_by_key(|(tag, _)| *tag);
    assert_eq!(records, written);
}

#[test]
fn source_ids_ascend_and_have_at_most_forty_of_their_characters() {
    let (_, files) = release(&header(), &[]);
    assert!(files.records.is_some());
    let sources = |ids: &[&str]| {
        let ids: Vec<_> = ids.iter().map(|id| (*id).to_owned()).collect();
        let records = encode_records(&header(), &ids, &[]).map(drop);
        let stash = encode_stash(&header(), &[0; 32], &ids, &[]).map(drop);
        (records, stash)
    };
    let refused = |part| Err(ListError::Layout(part));
    let both = (refused(Part::Records), refused(Part::Stash));
    let (longest, longer) = ("a".repeat(40), "a".repeat(41));
    assert_eq!(sources(&["a", "a-1", "b.c", "aa"]), both, "not ascending");
    assert_eq!(sources(&["1", "a.b", &longest]), (Ok(()), Ok(())));
    for ids in [
        &["a", "a"][..],
        &["b", "a"],
        &[&longer],
        &[""],
        &["A"],
        &["a_b"],
        &["a b"],
    ] {
        assert_eq!(sources(ids), both, "{ids:?}");
    }
}

#[test]
fn a_stride_of_fewer_bytes_than_a_record_is_refused_even_without_records() {
    let (_, files) = release(&header(), &[]);
    let records = files.records.unwrap();
    let head = |stride: u8| {
        let mut changed = records.clone();
        changed[BODY] = stride;
        RecordsDigest::of(&changed, &header()).map(drop)
    };
    assert_eq!((head(28), head(40)), (Ok(()), Ok(())));
    for stride in [0, 12, 27] {
        assert_eq!(
            head(stride),
            Err(ListError::Layout(Part::Records)),
            "{stride}"
        );
    }
}

#[test]
fn more_records_than_entries_are_refused_by_the_head() {
    let (_, files) = release(&header(), &listed());
    let records = files.records.unwrap();
    let head = |count: u32| {
        let mut changed = records.clone();
        changed[BODY + 4..BODY + 8].copy_from_slice(&count.to_le_bytes());
        // In one page, so that the head has the same length.
        changed[BODY + 8..BODY + 12].copy_from_slice(&65_536_u32.to_le_bytes());
        RecordsDigest::of(&changed, &header()).map(drop)
    };
    assert_eq!(head(MIN_ENTRIES), Ok(()));
    let layout = Err(ListError::Layout(Part::Records));
    assert_eq!(head(MIN_ENTRIES + 1), layout);
}

#[test]
fn counts_that_no_file_holds_are_refused() {
    let (descriptor, files) = release(&header(), &listed());
    let layout = Some(ListError::Layout(Part::Records));
    for (field, value) in [
        (BODY, vec![27, 0]),
        (BODY, vec![29, 0]),
        (BODY + 2, vec![2, 0]),
        (BODY + 2, vec![0xff, 0xff]),
        (BODY + 4, vec![2, 0, 0, 0]),
        (BODY + 4, vec![4, 0, 0, 0]),
        (BODY + 4, vec![0xff; 4]),
        (BODY + 8, vec![0, 0, 0, 0]),
        (BODY + 8, vec![1, 0, 1, 0]),
        (BODY + 8, vec![1, 0, 0, 0]),
        (BODY + 12, vec![0]),
        (BODY + 12, vec![41]),
        (BODY + 13, vec![b'T']),
    ] {
        let mut changed = files.records.clone().unwrap();
        changed[field..field + value.len()].copy_from_slice(&value);
        // Whatever head it now claims to have is the one that was signed.
        let resealed = RecordsDigest::of(&changed, &header()).ok();
        let resealed = Descriptor {
            records: resealed.or(descriptor.records),
            ..descriptor.clone()
        };
        let found = load(&resealed, files.filter.clone(), Some(changed));
        assert_eq!(found, layout, "{field}: {value:?}");
    }
}
