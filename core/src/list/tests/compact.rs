//! The compact edition: a filter and a stash, and no records.

use super::*;
use crate::list::testing::{FIRST, after_first, header, padding, release, source};

fn compact_header() -> Header {
    Header {
        edition: Edition::Compact,
        rate: 32,
        ..header()
    }
}

fn base(listed: &[(Tag, Record)]) -> (Descriptor, Files) {
    let held = listed.iter();
    let mut tags: Vec<Tag> = held
        .filter_map(|(tag, record)| compact_tag(*tag, record))
        .collect();
    tags.extend(padding(MIN_ENTRIES - u32::try_from(tags.len()).unwrap()));
    let files = Files {
        filter: encode_filter(&compact_header(), &tags).unwrap(),
        ..Files::default()
    };
    let descriptor = Descriptor::of_compact(&compact_header(), FIRST, 900, &files).unwrap();
    (descriptor, files)
}

fn changed(marks: &[(Tag, Mark)]) -> (Descriptor, Files) {
    let (base, mut files) = base(&listed());
    let later = Header {
        sequence: 2,
        ..compact_header()
    };
    files.stash = Some(encode_compact_stash(&later, &base.base_digest(), marks).unwrap());
    let descriptor = Descriptor::of_compact(&later, after_first(), 900, &files).unwrap();
    (descriptor, files)
}

fn hit(list: &BlockList, name: &str) -> bool {
    match ask(list, name) {
        Membership::Absent => false,
        Membership::Candidate => true,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_hit_is_a_candidate_in_filter_and_stash_and_a_removed_tag_is_absent() {
    let (descriptor, files) = base(&listed());
    let list = BlockList::load(&descriptor, files).unwrap();
    assert!(hit(&list, "shop.example") && hit(&list, "pay.shop.example"));
    assert!(!hit(&list, "other.example"));
    let marks = [
        (tag("shop.example"), Mark::Removed),
        (tag("new.example"), Mark::Added),
    ];
    let (descriptor, files) = changed(&marks);
    let list = BlockList::load(&descriptor, files).unwrap();
    assert!(!hit(&list, "shop.example") && !hit(&list, "pay.shop.example"));
    assert!(hit(&list, "new.example") && hit(&list, "pay.new.example"));
    assert_eq!((list.change_count(), list.record_count()), (2, None));
    // Without its key it says nothing.
    let found = list.membership(&domain("new.example"), None, NOW);
    assert_eq!(found, Membership::NoKey);
}

#[test]
fn an_entry_for_the_host_alone_is_not_hit_below_it() {
    let (descriptor, files) = base(&listed());
    let list = BlockList::load(&descriptor, files).unwrap();
    assert!(hit(&list, "host.test"));
    assert!(!hit(&list, "below.host.test"));
    let alone = Record {
        scope: Scope::Host,
        ..RECORD
    };
    let own = compact_tag(tag("new.example"), &alone).unwrap();
    // Every bit is the other way round, so that both tags share none.
    assert_eq!(own.0, tag("new.example").0.map(|byte| byte ^ 0xff));
    let (descriptor, files) = changed(&[(own, Mark::Added)]);
    let list = BlockList::load(&descriptor, files).unwrap();
    assert!(hit(&list, "new.example") && !hit(&list, "pay.new.example"));
    // To take back what holds for the host alone leaves what holds for the domain, and the reverse.
    let removed = compact_tag(tag("shop.example"), &alone).unwrap();
    let (descriptor, files) = changed(&[(removed, Mark::Removed)]);
    let list = BlockList::load(&descriptor, files).unwrap();
    assert!(hit(&list, "shop.example"));
}

#[test]
fn it_holds_what_asks_for_review_or_more_and_is_neither_silent_nor_about_a_victim() {
    let tag = tag("shop.example");
    for (action, held) in [
        (Action::Allow, false),
        (Action::Monitor, false),
        (Action::Review, true),
        (Action::HoldPayout, true),
        (Action::Block, true),
    ] {
        for (flags, open) in [
            (0, true),
            (Flags::MANDATORY.0, true),
            (Flags::SILENT.0, false),
            (Flags::POSSIBLY_VICTIM_CONTROLLED.0, false),
        ] {
            let record = Record {
                action,
                flags: Flags(flags),
                ..RECORD
            };
            let found = compact_tag(tag, &record);
            assert_eq!(found, (held && open).then_some(tag), "{action:?} {flags}");
        }
    }
}

#[test]
fn a_compact_release_has_no_records_one_rate_and_a_confidence() {
    let (descriptor, files) = base(&listed());
    for rate in [2, 14, 30, 34, 48] {
        let header = Header {
            rate,
            ..compact_header()
        };
        assert_eq!(header.check(), Err(ListError::Rate), "{rate}");
    }
    let (_, member) = release(&header(), &listed());
    let with_records = Files {
        records: member.records,
        ..files.clone()
    };
    let refused = Descriptor::of_compact(&compact_header(), FIRST, 900, &with_records).err();
    assert_eq!(refused, Some(ListError::EditionParts));
    for (confidence, found) in [
        (299, Some(ListError::Descriptor)),
        (300, None),
        (999, None),
        (1000, Some(ListError::Descriptor)),
    ] {
        let described = Descriptor::of_compact(&compact_header(), FIRST, confidence, &files);
        assert_eq!(described.err(), found, "{confidence}");
    }
    let custom = descriptor.to_custom();
    assert_eq!(
        Descriptor::from_custom(&custom),
        Some(Ok(descriptor.clone()))
    );
    // Another edition has none, and this one needs it.
    let text = String::from_utf8(custom.canonical()).unwrap();
    let said = "\"confidence\":900,";
    assert_eq!(text.matches(said).count(), 1);
    let limits = crate::common::json::Limits {
        depth: 8,
        nodes: 100,
    };
    let member = text
        .replace("\"compact\"", "\"member\"")
        .replace("\"rate\":32", "\"rate\":14");
    for (changed, refused) in [
        (text.replace(said, ""), ListError::Descriptor),
        (member, ListError::EditionParts),
    ] {
        let value = crate::common::json::parse(changed.as_bytes(), limits).unwrap();
        let found = Descriptor::from_custom(&value);
        assert_eq!(found, Some(Err(refused)), "{changed}");
    }
    // A filter of another edition is refused by its header.
    let (_, member) = release(&header(), &listed());
    let swapped = load(&descriptor, member.filter, None);
    assert_eq!(swapped, Some(ListError::HeaderMismatch(Part::Filter)));
}

/// Offset of the stride of a stash of `se/cards`.
const STRIDE: usize = BODY + 32;

fn load_stash(descriptor: &Descriptor, files: &Files, stash: Vec<u8>) -> Option<ListError> {
    let files = Files {
        stash: Some(stash),
        ..files.clone()
    };
    BlockList::load(descriptor, files).err()
}

#[test]
fn a_compact_stash_has_no_answers_and_says_added_or_removed() {
    let marks = [
        (tag("shop.example"), Mark::Removed),
        (tag("new.example"), Mark::Added),
    ];
    let (descriptor, files) = changed(&marks);
    let stash = files.stash.clone().unwrap();
    assert_eq!(load_stash(&descriptor, &files, stash.clone()), None);
    let layout = Some(ListError::Layout(Part::Stash));
    // Stride, sources and answers.
    for place in STRIDE..STRIDE + 6 {
        let mut other = stash.clone();
        other[place] = 1;
        assert_eq!(load_stash(&descriptor, &files, other), layout, "{place}");
    }
    for length in BODY..stash.len() {
        let cut = stash[..length].to_vec();
        assert_eq!(load_stash(&descriptor, &files, cut), layout, "{length}");
    }
    let longer = [&stash[..], &[0]].concat();
    assert_eq!(load_stash(&descriptor, &files, longer), layout);
    // Every other answer than 0 and 1, and every other order.
    let first = STRIDE + 10;
    let mut other = stash.clone();
    other[first + 12] = 2;
    let refused = Some(ListError::StashAnswer);
    assert_eq!(load_stash(&descriptor, &files, other.clone()), refused);
    other[first + 12..first + 14].copy_from_slice(&[1, 1]);
    assert_eq!(load_stash(&descriptor, &files, other), refused);
    let mut swapped = stash[..first].to_vec();
    swapped.extend_from_slice(&stash[first + 14..]);
    swapped.extend_from_slice(&stash[first..first + 14]);
    let order = Some(ListError::StashOrder);
    assert_eq!(load_stash(&descriptor, &files, swapped), order);
    let twice = [(tag("a.example"), Mark::Added); 2];
    let (base, _) = base(&listed());
    let encoded = encode_compact_stash(&compact_header(), &base.base_digest(), &twice);
    assert_eq!(encoded, Err(ListError::StashOrder));
}

/// Past the digest of the file, which refuses each of them.
#[test]
fn every_bit_of_a_compact_stash_is_refused_or_says_something_else() {
    let marks = [
        (tag("shop.example"), Mark::Removed),
        (tag("new.example"), Mark::Added),
    ];
    let (descriptor, files) = changed(&marks);
    let stash = files.stash.clone().unwrap();
    let own = read_marks(&descriptor.header, stash.clone());
    let (mut same, mut other) = (Vec::new(), 0);
    for bit in 0..stash.len() * 8 {
        let mut flipped = stash.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        if load_stash(&descriptor, &files, flipped.clone()).is_some() {
            continue;
        }
        match read_marks(&descriptor.header, flipped) == own {
            true => same.push(bit),
            false => other += 1,
        }
    }
    // The header's ignorable flags.
    assert_eq!(same, Vec::from_iter(128..160));
    // A bit of a tag, or of what is said of it, unless it changes the order.
    assert!((150..=2 * 97).contains(&other), "{other}");
}

#[test]
fn every_cut_of_a_compact_filter_is_refused() {
    let (descriptor, files) = base(&listed());
    for length in 0..files.filter.len() {
        let cut = files.filter[..length].to_vec();
        assert!(load(&descriptor, cut, None).is_some(), "{length}");
    }
}

#[test]
fn no_bit_of_a_compact_descriptor_is_without_meaning() {
    let (descriptor, _) = changed(&[(tag("new.example"), Mark::Added)]);
    let text = String::from_utf8(descriptor.to_custom().canonical()).unwrap();
    descriptor::means_something_in_every_bit(&text);
}

#[test]
fn a_stash_of_one_edition_is_none_of_another() {
    let (descriptor, files) = changed(&[(tag("new.example"), Mark::Added)]);
    let later = Header {
        sequence: 2,
        ..compact_header()
    };
    let sources = [source("stash-source")];
    let changes = [(tag("new.example"), Some(RECORD))];
    let encoded = encode_stash(&later, &descriptor.base_digest(), &sources, &changes);
    assert_eq!(encoded, Err(ListError::Layout(Part::Stash)));
    let member = Header {
        edition: Edition::Member,
        rate: 14,
        ..later
    };
    let marks = [(tag("new.example"), Mark::Added)];
    let encoded = encode_compact_stash(&member, &descriptor.base_digest(), &marks);
    assert_eq!(encoded, Err(ListError::Layout(Part::Stash)));
    let stash = encode_stash(&member, &descriptor.base_digest(), &sources, &changes).unwrap();
    let found = load_stash(&descriptor, &files, stash);
    assert_eq!(found, Some(ListError::HeaderMismatch(Part::Stash)));
}

#[test]
fn a_publisher_reads_back_what_a_compact_stash_says() {
    let mut marks = vec![
        (tag("shop.example"), Mark::Removed),
        (tag("new.example"), Mark::Added),
    ];
    let (descriptor, files) = changed(&marks);
    marks.sort_unstable_by_key(|(tag, _)| *tag);
    let found = read_marks(&descriptor.header, files.stash.unwrap());
    assert_eq!(found, Ok((descriptor.base_digest(), marks)));
}
