//! Forged records files.

use super::*;
use crate::list::testing::{header, release, reseal, source};

#[test]
fn records_out_of_order_or_out_of_range_are_refused() {
    let (
        descriptor,
        Files {
            filter, records, ..
        },
    ) = release(&header(), &listed());
    let records = records.unwrap();
    let first = records.len() - 3 * STRIDE;
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
        let resealed = reseal(&descriptor, &changed);
        let found = load(&resealed, filter.clone(), Some(changed));
        assert_eq!(found, Some(error), "offset {offset}");
    }
    let field = Some(ListError::RecordField);
    for (per_mille, error) in [(0_u16, field), (900, None), (999, None), (1_000, field)] {
        let mut changed = records.clone();
        changed[confidence..confidence + 2].copy_from_slice(&per_mille.to_le_bytes());
        let resealed = reseal(&descriptor, &changed);
        let found = load(&resealed, filter.clone(), Some(changed));
        assert_eq!(found, error, "{per_mille}");
    }
    let mut twice = records;
    let copy = twice[first..first + STRIDE].to_vec();
    twice[first + STRIDE..first + 2 * STRIDE].copy_from_slice(&copy);
    let resealed = reseal(&descriptor, &twice);
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
    assert_eq!(records[stride], 29);
    records[stride] = 33;
    records.extend_from_slice(&[9; 4]);
    let descriptor = reseal(&descriptor, &records);
    let list = BlockList::load(
        &descriptor,
        Files {
            filter,
            records: Some(records),
            stash: None,
        },
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
    // Header, counts, one source; then three records.
    assert_eq!(records.len(), BODY + 8 + SOURCES + 3 * STRIDE);
    assert_eq!(
        crate::common::hex::text(&descriptor.records.unwrap().sha256),
        "e1ab0eed7484c4ba7a38a71775f3026ba7a6c058785fd46b007a66d1071ad560"
    );
}

#[test]
fn a_tag_is_written_once() {
    let twice = [(tag("shop.example"), RECORD), (tag("shop.example"), RECORD)];
    let sources = [source("test-source")];
    let encoded = encode_records(&header(), &sources, &twice);
    assert_eq!(encoded, Err(ListError::RecordOrder));
}

#[test]
fn what_was_written_is_read_again() {
    let (_, files) = release(&header(), &listed());
    let RecordsContent { sources, records } =
        read_records(&header(), files.records.unwrap()).unwrap();
    assert_eq!(sources, [source("test-source")]);
    let mut written = listed();
    written.sort_by_key(|(tag, _)| *tag);
    assert_eq!(records, written);
}

#[test]
fn a_stride_of_fewer_bytes_than_a_record_is_refused_even_without_records() {
    let (_, files) = release(&header(), &[]);
    let records = files.records.unwrap();
    let with_stride = |stride: u8| {
        let mut changed = records.clone();
        changed[BODY] = stride;
        read_records(&header(), changed).map(drop)
    };
    assert_eq!((with_stride(29), with_stride(40)), (Ok(()), Ok(())));
    for stride in [0, 12, 28] {
        let layout = Err(ListError::Layout(Part::Records));
        assert_eq!(with_stride(stride), layout, "{stride}");
    }
}

#[test]
fn more_records_than_entries_are_refused() {
    let tags = (1..=MIN_ENTRIES).map(|index| {
        let mut tag = Tag([0; 12]);
        tag.0[..4].copy_from_slice(&index.to_be_bytes());
        tag
    });
    let records: Vec<_> = tags.map(|tag| (tag, RECORD)).collect();
    let sources = [source("test-source")];
    let most = encode_records(&header(), &sources, &records).unwrap();
    assert_eq!(read_records(&header(), most.clone()).map(drop), Ok(()));
    let mut more = most;
    more[BODY + 4..BODY + 8].copy_from_slice(&(MIN_ENTRIES + 1).to_le_bytes());
    more.extend_from_slice(&[0xff; 12]);
    more.extend_from_slice(&RECORD.encode());
    let layout = Err(ListError::Layout(Part::Records));
    assert_eq!(read_records(&header(), more).map(drop), layout);
}

/// The layout of before, with the records of a page after the counts and a table of the pages' first tags
/// and digests after the sources, and `head` in the descriptor.
#[test]
fn a_file_with_a_page_table_is_refused() {
    let named = [ListError::Layout(Part::Records), ListError::SourceForm];
    for listed in [listed(), Vec::new()] {
        let (descriptor, files) = release(&header(), &listed);
        let file = files.records.unwrap();
        let (counts, sources) = file.split_at(BODY + 8);
        let (sources, body) = sources.split_at(SOURCES);
        for page_records in [1_u32, 2, 0x0161, 2_048, 0x6101, 65_536] {
            let size = usize::try_from(page_records).unwrap() * STRIDE;
            let lines = body.chunks(size).flat_map(|page| {
                let sha256 = PartDigest::of(page).unwrap().sha256;
                [&page[..12], &sha256[..]].concat()
            });
            let table: Vec<u8> = lines.collect();
            let old = [counts, &page_records.to_le_bytes(), sources, &table, body].concat();
            let resealed = reseal(&descriptor, &old);
            let found = load(&resealed, files.filter.clone(), Some(old));
            let found = found.filter(|error| named.contains(error));
            assert!(found.is_some(), "{page_records} of {}", listed.len());
        }
    }
}

#[test]
fn counts_that_no_file_holds_are_refused() {
    let (descriptor, files) = release(&header(), &listed());
    let layout = Some(ListError::Layout(Part::Records));
    for (field, value) in [
        (BODY, vec![28, 0]),
        (BODY, vec![30, 0]),
        (BODY + 4, vec![2, 0, 0, 0]),
        (BODY + 4, vec![4, 0, 0, 0]),
        (BODY + 4, vec![0xff; 4]),
    ] {
        let mut changed = files.records.clone().unwrap();
        changed[field..field + value.len()].copy_from_slice(&value);
        let resealed = reseal(&descriptor, &changed);
        let found = load(&resealed, files.filter.clone(), Some(changed));
        assert_eq!(found, layout, "{field}: {value:?}");
    }
}
