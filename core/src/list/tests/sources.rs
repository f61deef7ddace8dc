//! Who may say what on whose list.

use super::*;
use crate::list::testing::{header, release, reseal, source, stashed};

/// The place of the table in the records of one source.
const TABLE: usize = BODY + 8;

/// How records and a stash with this table, of this many sources, are refused.
fn refused(count: u16, table: &[u8]) -> (Option<ListError>, Option<ListError>) {
    let (descriptor, files) = release(&header(), &[]);
    let records = files.records.unwrap();
    let mut changed = records[..TABLE].to_vec();
    changed[BODY + 2..BODY + 4].copy_from_slice(&count.to_le_bytes());
    changed.extend_from_slice(table);
    let descriptor = reseal(&descriptor, &changed);
    let records = load(&descriptor, files.filter, Some(changed));
    let (descriptor, mut files) = stashed(&[], &[]);
    let stash = files.stash.as_mut().unwrap();
    stash.truncate(BODY + 32 + 10);
    stash[BODY + 34..BODY + 36].copy_from_slice(&count.to_le_bytes());
    stash.extend_from_slice(table);
    (records, BlockList::load(&descriptor, files).err())
}

/// A table of sources by id and origin.
fn table(sources: &[(&str, &str)]) -> Vec<u8> {
    let texts = sources.iter().flat_map(|(id, origin)| [id, origin]);
    let sized = texts.flat_map(|text| {
        let size = u8::try_from(text.len()).unwrap();
        [&[size][..], text.as_bytes()].concat()
    });
    sized.collect()
}

fn of(sources: &[(&str, &str)]) -> Option<ListError> {
    let count = u16::try_from(sources.len()).unwrap();
    let (records, stash) = refused(count, &table(sources));
    assert_eq!(records, stash, "{sources:?}");
    records
}

#[test]
fn a_source_has_the_name_of_its_own_coalition_before_its_own() {
    let longest = format!("se.{}", "a".repeat(40));
    for id in ["se.hotline", "se.hotline.example", "se.1", "se..", &longest] {
        assert_eq!(of(&[(id, "hotline.example")]), None, "{id}");
    }
    let other = Some(ListError::SourceCoalition);
    for id in [
        "nl.hotline",
        "s.hotline",
        "see.hotline",
        "nl.",
        "hotline.example",
    ] {
        assert_eq!(of(&[(id, "hotline.example")]), other, "{id}");
    }
    let longer = format!("se.{}", "a".repeat(41));
    let malformed = Some(ListError::SourceForm);
    for id in [
        "",
        "se",
        "se.",
        ".hotline",
        "SE.hotline",
        "se.Hotline",
        "se.a b",
        "-.x",
        &longer,
    ] {
        assert_eq!(of(&[(id, "hotline.example")]), malformed, "{id}");
    }
}

#[test]
fn an_origin_has_at_most_forty_of_its_characters() {
    let (longest, longer) = ("a".repeat(40), "a".repeat(41));
    for origin in ["a", "hotline.example", "1-2", &longest] {
        assert_eq!(of(&[("se.a", origin)]), None, "{origin}");
    }
    for origin in ["", "A", "a_b", "a b", "\u{e5}", &longer] {
        let malformed = Some(ListError::SourceForm);
        assert_eq!(of(&[("se.a", origin)]), malformed, "{origin}");
    }
}

#[test]
fn sources_ascend_by_id_and_may_share_an_origin() {
    assert_eq!(of(&[("se.a", "x"), ("se.a.b", "x"), ("se.b", "a")]), None);
    let malformed = Some(ListError::SourceForm);
    assert_eq!(of(&[("se.b", "x"), ("se.a", "y")]), malformed);
    assert_eq!(of(&[("se.a", "x"), ("se.a", "y")]), malformed);
    let twice = [source("a"), source("a")];
    let records = encode_records(&header(), &twice, &[]);
    assert_eq!(records, Err(ListError::SourceForm));
    let stash = encode_stash(&header(), &[0; 32], &twice, &[]);
    assert_eq!(stash, Err(ListError::SourceForm));
}

#[test]
fn a_source_of_another_list_of_the_coalition_can_be_written_and_one_of_another_coalition_cannot() {
    let of_list = |list| {
        let list = ListId::parse(list).unwrap();
        let sources = [Source::new(&list, "hotline", "hotline.example").unwrap()];
        encode_records(&header(), &sources, &[]).map(drop)
    };
    assert_eq!(of_list("se/others"), Ok(()));
    assert_eq!(of_list("nl/cards"), Err(ListError::SourceCoalition));
}

/// Of a table with two sources, every bit and every cut is refused by name or stays a table.
#[test]
fn no_bit_and_no_cut_of_a_table_makes_a_source_of_another_coalition() {
    let good = table(&[
        ("se.hotline", "hotline.example"),
        ("se.police", "police.example"),
    ]);
    let named = [
        ListError::SourceForm,
        ListError::SourceCoalition,
        ListError::Layout(Part::Records),
        ListError::Layout(Part::Stash),
    ];
    assert_eq!(refused(2, &good), (None, None));
    for bit in 0..good.len() * 8 {
        let mut changed = good.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        let (records, stash) = refused(2, &changed);
        let named = [records, stash].map(|error| error.is_none_or(|error| named.contains(&error)));
        assert_eq!(named, [true; 2], "bit {bit}");
        let in_prefix = matches!(bit / 8, 1..=3 | 28..=30);
        assert!(records.is_some() || !in_prefix, "bit {bit}");
    }
    for length in 0..good.len() {
        let (records, stash) = refused(2, &good[..length]);
        let cut = (
            Some(ListError::Layout(Part::Records)),
            Some(ListError::Layout(Part::Stash)),
        );
        assert_eq!((records, stash), cut, "{length}");
    }
    for count in [0, 1, 3, u16::MAX] {
        let (records, stash) = refused(count, &good);
        assert!(records.is_some() && stash.is_some(), "{count}");
    }
}
