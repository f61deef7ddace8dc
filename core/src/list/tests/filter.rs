//! Forged filters, and the one there is.

use bloomfilter::Bloom;

use super::*;
use crate::list::testing::{header, padding, release};

#[test]
fn each_trap_of_the_filter_crate_is_refused() {
    let (
        descriptor,
        Files {
            filter, records, ..
        },
    ) = release(&header(), &listed());
    let half = (filter.len() - BODY) / 2;
    let size = BODY + 1;
    let hashes = BODY + 9;
    let seed = BODY + 13;
    let bits = BODY + BLOOM_HEADER;
    let equal_halves = |file: &mut Vec<u8>| {
        let first: Vec<u8> = file[seed..seed + 16].to_vec();
        file[seed + 16..seed + 32].copy_from_slice(&first);
    };
    type Change<'c> = &'c dyn Fn(&mut Vec<u8>);
    let cases: [(&str, Change<'_>, ListError); 7] = [
        (
            "zero-length bitmap",
            &|file| file[size..size + 8].fill(0),
            ListError::FilterSize,
        ),
        (
            "four billion hashes",
            &|file| file[hashes..hashes + 4].fill(0xff),
            ListError::FilterHashes,
        ),
        (
            "no hashes",
            &|file| file[hashes..hashes + 4].fill(0),
            ListError::FilterHashes,
        ),
        ("seed of equal halves", &equal_halves, ListError::FilterSeed),
        (
            "all ones",
            &|file| file[bits..BODY + half].fill(0xff),
            ListError::FilterFill,
        ),
        (
            "all zeros",
            &|file| file[bits..BODY + half].fill(0),
            ListError::FilterFill,
        ),
        (
            "second half all ones",
            &|file| {
                let second = BODY + half + BLOOM_HEADER;
                file[second..].fill(0xff);
            },
            ListError::FilterFill,
        ),
    ];
    for (name, change, error) in cases {
        let mut changed = filter.clone();
        change(&mut changed);
        assert_eq!(
            load(&descriptor, changed, records.clone()),
            Some(error),
            "{name}"
        );
    }
    let cut = filter[..BODY + BLOOM_HEADER].to_vec();
    let layout = ListError::Layout(Part::Filter);
    assert_eq!(load(&descriptor, cut, records.clone()), Some(layout));
    assert_eq!(load(&descriptor, filter, records), None);
}

#[test]
fn a_filter_of_the_right_fill_that_hits_everything_it_is_asked_is_refused() {
    // Filled with the very names the check tries, as a filter forged to hit too often would be.
    let mut stream = blake3::Hasher::new_derive_key("interdict 2026-11 filter probes");
    stream.update(&header().encode(Part::Filter));
    let mut probes = stream.finalize_xof();
    let mut tags = padding(MIN_ENTRIES);
    tags.iter_mut()
        .take(4096)
        .for_each(|tag| probes.fill(&mut tag.0));
    assert_eq!(encode_filter(&header(), &tags), Err(ListError::FilterRate));
}

#[test]
fn a_filter_of_the_right_fill_that_lost_its_entries_is_refused() {
    let (
        descriptor,
        Files {
            mut filter,
            records,
            ..
        },
    ) = release(&header(), &listed());
    let half = (filter.len() - BODY) / 2;
    filter[BODY + BLOOM_HEADER..BODY + half].reverse();
    assert_eq!(
        load(&descriptor, filter, records),
        Some(ListError::RecordNotInFilter)
    );
}

/// The crate's own `Hash` of arrays differs between 32 and 64 bits; ours must stay as it is, or
/// every published list would lose its entries. Golden: two bits set by one known key.
#[test]
fn the_filter_key_hashes_the_same_bytes_everywhere() {
    struct Plain([u8; 12]);
    impl core::hash::Hash for Plain {
        fn hash<H: core::hash::Hasher>(&self, state: &mut H) {
            state.write(&self.0);
        }
    }
    let (descriptor, Files { filter, .. }) = release(&header(), &[]);
    let half = (filter.len() - BODY) / 2;
    let bloom: Bloom<Plain> = Bloom::from_bytes(filter[BODY..BODY + half].to_vec()).unwrap();
    assert!(
        padding(MIN_ENTRIES)
            .iter()
            .all(|tag| bloom.check(&Plain(tag.0)))
    );
    // Of the whole file, so that sizes, seeds and positions are all pinned.
    let digest = crate::common::hex::text(&descriptor.filter.sha256);
    assert_eq!(
        digest,
        "fe4c5ba435f9bbaf4f1e1fe1ec9a666ae891f4e6ca836337db7f89eda40454d5"
    );
}

#[test]
fn counts_and_rates_a_list_may_not_have_are_refused() {
    for (header, error) in [
        (
            Header {
                entries: MIN_ENTRIES - 1,
                ..header()
            },
            ListError::EntryCount,
        ),
        (
            Header {
                entries: MAX_ENTRIES + 1,
                ..header()
            },
            ListError::EntryCount,
        ),
        (
            Header {
                rate: 15,
                ..header()
            },
            ListError::Rate,
        ),
        (
            Header {
                rate: 0,
                ..header()
            },
            ListError::Rate,
        ),
        (
            Header {
                rate: 50,
                ..header()
            },
            ListError::Rate,
        ),
        (
            Header {
                rate: 8,
                edition: Edition::Public,
                ..header()
            },
            ListError::Rate,
        ),
        (
            Header {
                sequence: 0,
                ..header()
            },
            ListError::Descriptor,
        ),
        (
            Header {
                sequence: 1 << 53,
                ..header()
            },
            ListError::Descriptor,
        ),
        (
            Header {
                epoch: 0,
                ..header()
            },
            ListError::Descriptor,
        ),
    ] {
        assert_eq!(header.check(), Err(error));
    }
}
