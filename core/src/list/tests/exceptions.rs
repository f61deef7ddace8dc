//! The exceptions of a public filter: what it hits by chance and must not answer for.

use super::*;
use crate::list::exceptions::Exceptions;
use crate::list::filter::Filter;
use crate::list::testing::{header, never_listed, padding, public_header, public_release, release};

/// Bytes of a filter's halves, without their headers, for 10,000 entries.
fn halves(rate: u8) -> usize {
    let bits = 10_000 * u64::from(rate / 2) * 1_442_695_041;
    2 * (BLOOM_HEADER + usize::try_from(bits.div_ceil(8_000_000_000)).unwrap())
}

/// Where the exceptions of a public filter of `se/cards` begin.
fn start(rate: u8) -> usize {
    BODY + halves(rate)
}

fn tags(file: &[u8], rate: u8) -> Vec<Tag> {
    let tags = file[start(rate) + 4..].chunks_exact(12);
    tags.map(|tag| Tag(tag.try_into().unwrap())).collect()
}

fn loaded(file: &[u8], rate: u8) -> Result<Filter, ListError> {
    Filter::decode(file.to_vec(), &public_header(rate))
}

/// The release with other exceptions.
fn with(rate: u8, exceptions: &[Tag]) -> Option<ListError> {
    let (descriptor, files) = public_release(rate);
    let mut file = files.filter[..start(rate)].to_vec();
    file.extend(u32::try_from(exceptions.len()).unwrap().to_le_bytes());
    file.extend(exceptions.iter().flat_map(|tag| tag.0));
    load(&descriptor, file, None)
}

#[test]
fn what_must_not_be_hit_is_not_and_all_else_answers_as_before() {
    for rate in [2, 4, 6] {
        let (_, files) = public_release(rate);
        let exceptions = tags(&files.filter, rate);
        // 10,000 names at 2^-t, within six standard deviations.
        let mean = 10_000_i64 >> rate;
        let off = i64::try_from(exceptions.len()).unwrap() - mean;
        assert!(off * off <= 36 * mean, "{rate}: {off}");
        let filter = loaded(&files.filter, rate).unwrap();
        assert!(never_listed().iter().all(|tag| !filter.hit(*tag)));
        assert!(filter.hit(tag("shop.example")));
        // The same filter without exceptions hits exactly them besides.
        let mut bare = files.filter[..start(rate)].to_vec();
        bare.extend([0; 4]);
        let bare = loaded(&bare, rate).unwrap();
        let mut hit = never_listed();
        hit.retain(|tag| bare.hit(*tag));
        hit.sort_unstable();
        assert_eq!(hit, exceptions);
        for other in padding(60_000).split_off(30_000) {
            assert_eq!(filter.hit(other), bare.hit(other));
        }
    }
}

#[test]
fn exceptions_are_sorted_hit_and_no_more_than_the_rate_allows() {
    for rate in [2, 4, 6] {
        let (_, files) = public_release(rate);
        let good = tags(&files.filter, rate);
        assert_eq!(with(rate, &good), None);
        assert_eq!(with(rate, &[]), None);
        let mut swapped = good.clone();
        swapped.swap(3, 4);
        assert_eq!(with(rate, &swapped), Some(ListError::ExceptionOrder));
        let mut twice = good.clone();
        twice.insert(3, twice[3]);
        assert_eq!(with(rate, &twice), Some(ListError::ExceptionOrder));
        let mut missed = good.clone();
        let miss = never_listed().into_iter().find(|tag| !good.contains(tag));
        missed.push(miss.unwrap());
        missed.sort_unstable();
        assert_eq!(with(rate, &missed), Some(ListError::ExceptionNotInFilter));
    }
    // 65,536 / 64 + six deviations of Poisson and six: at 2^-6 1,024 + 192 + 6.
    let (_, files) = public_release(6);
    let filter = loaded(&files.filter, 6).unwrap();
    let mut hit = padding(300_000).split_off(20_000);
    hit.retain(|tag| filter.hit(*tag));
    hit.truncate(1_223);
    hit.sort_unstable();
    assert_eq!(with(6, &hit), Some(ListError::ExceptionCount));
    hit.pop();
    assert_eq!(with(6, &hit), None);
}

#[test]
fn every_cut_and_every_further_byte_is_refused() {
    let (descriptor, files) = public_release(6);
    let file = files.filter;
    for length in start(6)..file.len() {
        let found = load(&descriptor, file[..length].to_vec(), None);
        assert_eq!(found, Some(ListError::Layout(Part::Filter)), "{length}");
    }
    let longer = [&file[..], &[0]].concat();
    let found = load(&descriptor, longer, None);
    assert_eq!(found, Some(ListError::Layout(Part::Filter)));
}

#[test]
fn every_bit_of_the_exceptions_is_checked_when_the_list_is_loaded() {
    let (_, files) = public_release(6);
    let (halves, exceptions) = files.filter.split_at(start(6));
    let bare = loaded(&[halves, &[0; 4]].concat(), 6).unwrap();
    let good = tags(&files.filter, 6);
    let mut taken = 0;
    for index in 0..exceptions.len() {
        for bit in 0..8 {
            let mut changed = exceptions.to_vec();
            changed[index] ^= 1 << bit;
            let found = Exceptions::decode(changed.clone(), 6);
            if !found.is_ok_and(|found| found.tags().all(|tag| bare.hit(tag))) {
                continue;
            }
            // One in 64 of the other tags hits too. It then is as good an exception as the one before, which
            // is hit again: the digest of the file is what keeps it.
            let filter = loaded(&[halves, &changed].concat(), 6).unwrap();
            let lost = good.iter().filter(|tag| filter.hit(**tag));
            assert_eq!(lost.count(), 1, "{index}");
            taken += 1;
        }
    }
    // One in 64, of the flips that keep the order.
    assert!(taken <= 8 * exceptions.len() / 32, "{taken}");
}

#[test]
fn other_editions_have_no_exceptions() {
    let (descriptor, files) = release(&header(), &listed());
    let file = [&files.filter[..], &[0; 4]].concat();
    let found = load(&descriptor, file, files.records);
    assert_eq!(found, Some(ListError::Layout(Part::Filter)));
    let tags = padding(MIN_ENTRIES);
    let file = encode_filter_without(&header(), &tags, &never_listed());
    assert_eq!(file, encode_filter(&header(), &tags));
}

#[test]
fn a_public_filter_has_the_entries_of_a_capacity_class() {
    for (needed, class) in [
        (0, Some(10_000)),
        (10_000, Some(10_000)),
        (10_001, Some(20_000)),
        (40_001, Some(80_000)),
        (10_240_000, Some(10_240_000)),
        (10_240_001, None),
        (u32::MAX, None),
    ] {
        assert_eq!(public_capacity(needed), class, "{needed}");
    }
    for (entries, found) in [
        (10_000, Ok(())),
        (10_001, Err(ListError::EntryCount)),
        (12_500, Err(ListError::EntryCount)),
        (20_000, Ok(())),
        (10_240_000, Ok(())),
        (20_000_000, Err(ListError::EntryCount)),
    ] {
        let header = Header {
            entries,
            ..public_header(6)
        };
        assert_eq!(header.check(), found, "{entries}");
    }
    let member = Header {
        entries: 12_500,
        ..header()
    };
    assert_eq!(member.check(), Ok(()));
}
