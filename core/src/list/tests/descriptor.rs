//! What a signed descriptor may say.

use super::*;
use crate::common::json::Value;
use crate::list::testing::{FIRST, header, public_release, release, stashed};

fn parse(text: &str) -> Option<Result<Descriptor, ListError>> {
    let limits = crate::common::json::Limits {
        depth: 8,
        nodes: 100,
    };
    Descriptor::from_custom(&crate::common::json::parse(text.as_bytes(), limits).unwrap())
}

/// Replaces what must be there once.
fn replaced(text: &str, from: &str, to: &str) -> String {
    assert_eq!(text.matches(from).count(), 1, "{from} in {text}");
    text.replace(from, to)
}

#[test]
fn a_descriptor_round_trips_and_refuses_what_it_does_not_know() {
    let (descriptor, _) = release(&header(), &listed());
    let custom = descriptor.to_custom();
    assert_eq!(Descriptor::from_custom(&custom), Some(Ok(descriptor)));
    let text = String::from_utf8(custom.canonical()).unwrap();
    for (from, to, error) in [
        ("\"format\":1", "\"format\":2", ListError::DescriptorFormat),
        (
            "\"token_scheme\":2",
            "\"token_scheme\":1",
            ListError::TokenScheme(Part::Filter),
        ),
        (
            "\"token_scheme\":2",
            "\"token_scheme\":3",
            ListError::TokenScheme(Part::Filter),
        ),
        ("\"records\":", "\"rekords\":", ListError::UnknownPart),
        ("\"filter\":", "\"filler\":", ListError::UnknownPart),
        ("se/cards", "se/cards/x", ListError::ListId),
        (
            "\"edition\":\"member\"",
            "\"edition\":\"secret\"",
            ListError::Descriptor,
        ),
        ("\"epoch\":1", "\"epoch\":-1", ListError::Descriptor),
        ("\"epoch\":1", "\"epoch\":\"1\"", ListError::Descriptor),
        ("\"rate\":14", "\"rate\":13", ListError::Rate),
    ] {
        let changed = text.replace(from, to);
        assert_ne!(changed, text, "{from}");
        assert_eq!(parse(&changed), Some(Err(error)), "{to}");
    }
    let public = text
        .replace("\"member\"", "\"public\"")
        .replace("\"rate\":14", "\"rate\":6");
    assert_eq!(parse(&public), Some(Err(ListError::EditionParts)));
    assert_eq!(parse("{\"other\":{}}"), None);
}

#[test]
fn a_descriptor_says_when_its_epoch_starts_and_what_came_before_it() {
    let (descriptor, _) = release(&header(), &[]);
    let text = String::from_utf8(descriptor.to_custom().canonical()).unwrap();
    let start = "\"epoch_start\":\"2026-10-01T00:00:00Z\",";
    let zeros = "0".repeat(64);
    let history = format!("\"history\":\"{zeros}\",");
    let refused = Some(Err(ListError::Descriptor));
    for (from, to) in [
        (start, ""),
        (start, "\"epoch_start\":null,"),
        (start, "\"epoch_start\":1790812800,"),
        (start, "\"epoch_start\":\"2026-10-01\","),
        (start, "\"epoch_start\":\"2026-10-01T00:00:00.0Z\","),
        (start, "\"epoch_start\":\"2026-10-01T00:00:00+00:00\","),
        (&history, ""),
        (&history, "\"history\":null,"),
        (&history, &history.replacen('0', "", 1)),
        (&history, &history.replacen('0', "00", 1)),
        (&history, &history.replacen('0', "A", 1)),
        (&history, &history.replacen('0', "g", 1)),
    ] {
        assert_eq!(parse(&replaced(&text, from, to)), refused, "{to}");
    }
    let other = replaced(&text, &history, &history.replacen('0', "f", 1));
    let mut expected = [0; 32];
    expected[0] = 0xf0;
    let read = parse(&other).unwrap().unwrap();
    assert_eq!(read.provenance.history, expected);
    let written = String::from_utf8(read.to_custom().canonical()).unwrap();
    assert_eq!(written, other);
    // An epoch may start after its first release.
    let later = replaced(&text, start, "\"epoch_start\":\"2099-01-01T00:00:00Z\",");
    let read = parse(&later).unwrap().unwrap();
    let written = String::from_utf8(read.to_custom().canonical()).unwrap();
    assert_eq!(written, later);
    assert_eq!(
        read.provenance.epoch_start.to_string(),
        "2099-01-01T00:00:00Z"
    );
    assert_ne!(read, descriptor);
}

#[test]
fn a_format_ends_on_a_day_after_the_release() {
    let (descriptor, _) = release(&header(), &[]);
    assert_eq!(descriptor.provenance.ends, None);
    let text = String::from_utf8(descriptor.to_custom().canonical()).unwrap();
    let with = |ends: &str| {
        replaced(
            &text,
            "\"entries\":",
            &format!("\"ends\":{ends},\"entries\":"),
        )
    };
    for ends in ["2026-11-23T00:00:00Z", "2099-12-31T00:00:00Z"] {
        let read = parse(&with(&format!("\"{ends}\""))).unwrap().unwrap();
        assert_eq!(read.provenance.ends, Time::parse(ends));
        let again = Descriptor::from_custom(&read.to_custom());
        assert_eq!(again, Some(Ok(read.clone())));
        assert_ne!(read, descriptor, "it is part of what is compared");
    }
    for ends in [
        "null",
        "0",
        "1796083200",
        "\"\"",
        "\"soon\"",
        "\"2027-06-01\"",
        "\"2027-06-01T00:00:00+00:00\"",
        "\"2027-06-01T00:00:01Z\"",
        "\"2027-06-01T12:00:00Z\"",
        "\"2027-06-31T00:00:00Z\"",
        "\"2026-11-22T00:00:00Z\"",
        "\"2026-11-21T00:00:00Z\"",
        "\"1970-01-01T00:00:00Z\"",
        "\"9999-01-01T00:00:00Z\"",
    ] {
        let refused = Some(Err(ListError::Descriptor));
        assert_eq!(parse(&with(ends)), refused, "{ends}");
    }
}

#[test]
fn no_bit_of_a_descriptor_is_without_meaning() {
    means_something_in_every_bit(&stashed_text());
}

/// Of a small descriptor every bit and every cut is refused or is another descriptor.
pub(super) fn means_something_in_every_bit(text: &str) {
    let original = parse(text).unwrap();
    let read = |bytes: &[u8]| {
        let limits = crate::common::json::Limits {
            depth: 8,
            nodes: 100,
        };
        let value = crate::common::json::parse(bytes, limits).ok()?;
        Descriptor::from_custom(&value)
    };
    for bit in 0..text.len() * 8 {
        let mut changed = text.as_bytes().to_vec();
        changed[bit / 8] ^= 1 << (bit % 8);
        assert_ne!(read(&changed), Some(original.clone()), "bit {bit}");
    }
    for length in 0..text.len() {
        assert_eq!(read(&text.as_bytes()[..length]), None, "cut to {length}");
    }
}

#[test]
fn parts_of_two_releases_do_not_mix() {
    let (first, files) = release(&header(), &listed());
    let later = Header {
        sequence: 2,
        ..header()
    };
    let (second, newer) = release(&later, &listed()[..1]);
    let mismatch = |part| Some(ListError::HeaderMismatch(part));
    let (old, new) = (files.filter, newer.filter);
    assert_eq!(
        load(&second, old.clone(), newer.records.clone()),
        mismatch(Part::Filter)
    );
    assert_eq!(
        load(&second, new.clone(), files.records.clone()),
        mismatch(Part::Records)
    );
    assert_eq!(load(&first, new, files.records), mismatch(Part::Filter));
    assert_eq!(
        load(&first, old.clone(), None),
        Some(ListError::PartMissing)
    );
    // Same headers, other entries: the records are not in the filter.
    let (others, other) = release(&header(), &[(tag("other.example"), RECORD)]);
    let mixed = Descriptor {
        records: others.records,
        ..first
    };
    assert_eq!(
        load(&mixed, old, other.records),
        Some(ListError::RecordNotInFilter)
    );
}

/// A release with a stash, as text.
fn stashed_text() -> String {
    let (descriptor, _) = stashed(&listed(), &[(tag("shop.example"), None)]);
    let custom = descriptor.to_custom();
    assert_eq!(Descriptor::from_custom(&custom), Some(Ok(descriptor)));
    String::from_utf8(custom.canonical()).unwrap()
}

#[test]
fn a_base_and_a_stash_are_there_together_and_the_base_is_earlier() {
    let text = stashed_text();
    let base = "\"base\":{\"issued\":\"2026-11-22T00:00:00Z\",\"sequence\":1}";
    let with_base = |other: &str| replaced(&text, base, other);
    let without_base = with_base("\"other\":0");
    let (before, stash) = text.split_once(",\"stash\":{").unwrap();
    let (_, after) = stash.split_once('}').unwrap();
    let without_stash = format!("{before}{after}");
    let refused = Some(Err(ListError::Descriptor));
    for (attack, text) in [
        ("a stash without a base", without_base),
        ("a base without a stash", without_stash),
        ("of itself", with_base(&base.replace(":1}", ":2}"))),
        ("of a later release", with_base(&base.replace(":1}", ":3}"))),
        ("of release 0", with_base(&base.replace(":1}", ":0}"))),
        ("before release 0", with_base(&base.replace(":1}", ":-1}"))),
        ("issued later", with_base(&base.replace("00:00Z", "00:01Z"))),
        (
            "issued never",
            with_base(&base.replace("2026-11-22T00:00:00Z", "soon")),
        ),
        (
            "of no sequence",
            with_base("\"base\":{\"issued\":\"2026-11-22T00:00:00Z\"}"),
        ),
        ("not an object", with_base("\"base\":1")),
    ] {
        assert_eq!(parse(&text), refused, "{attack}");
    }
    assert!(matches!(parse(&text), Some(Ok(_))));
}

#[test]
fn a_member_release_has_records_and_no_confidence() {
    let text = stashed_text();
    let edition = "\"edition\":\"member\"";
    let sure = replaced(&text, edition, &format!("\"confidence\":900,{edition}"));
    assert_eq!(parse(&sure), Some(Err(ListError::Descriptor)));
    let (_, files) = release(&header(), &listed());
    let filter = Files {
        records: None,
        ..files
    };
    let refused = Descriptor::of(&header(), FIRST, &filter).err();
    assert_eq!(refused, Some(ListError::EditionParts));
}

#[test]
fn a_public_release_is_a_filter_and_nothing_else() {
    let text = stashed_text();
    let public = replaced(&text, "\"edition\":\"member\"", "\"edition\":\"public\"");
    let public = replaced(&public, "\"rate\":14", "\"rate\":6");
    assert_eq!(parse(&public), Some(Err(ListError::EditionParts)));
    let without_records = replaced(&public, "\"records\":", "\"filler\":");
    assert_eq!(parse(&without_records), Some(Err(ListError::UnknownPart)));
    let (_, files) = release(&header(), &listed());
    let public = Header {
        edition: Edition::Public,
        rate: 6,
        ..header()
    };
    let refused = Descriptor::of_public(&public, FIRST, [7; 32], &files).err();
    assert_eq!(refused, Some(ListError::EditionParts));
    let stash = Files {
        records: None,
        ..files
    };
    assert!(Descriptor::of_public(&public, FIRST, [7; 32], &stash).is_ok());
    let stash = Files {
        stash: Some(Vec::new()),
        ..stash
    };
    let refused = Descriptor::of_public(&public, FIRST, [7; 32], &stash).err();
    assert_eq!(refused, Some(ListError::EditionParts));
}

#[test]
fn the_public_edition_alone_names_the_public_suffix_list() {
    let (public, _) = public_release(6);
    let custom = public.to_custom();
    assert_eq!(Descriptor::from_custom(&custom), Some(Ok(public.clone())));
    let text = String::from_utf8(custom.canonical()).unwrap();
    let digest = "07".repeat(32);
    let named = format!("\"public_suffixes\":\"{digest}\",");
    let refused = Some(Err(ListError::Descriptor));
    for (what, other) in [
        ("none", replaced(&text, &named, "")),
        ("cut", replaced(&text, &digest, digest.get(1..).unwrap())),
        ("capitals", replaced(&text, &digest, &"0F".repeat(32))),
        ("a number", replaced(&text, &format!("\"{digest}\""), "7")),
    ] {
        assert_eq!(parse(&other), refused, "{what}");
    }
    assert_eq!(
        Descriptor::of(&public.header, FIRST, &Files::default()).err(),
        Some(ListError::Descriptor)
    );
    let (member, files) = release(&header(), &listed());
    let text = String::from_utf8(member.to_custom().canonical()).unwrap();
    let with = replaced(&text, "\"rate\":", &format!("{named}\"rate\":"));
    assert_eq!(parse(&with), refused);
    assert_eq!(
        Descriptor::of_public(&header(), FIRST, [7; 32], &files).err(),
        Some(ListError::Descriptor)
    );
}

#[test]
fn the_headers_of_a_base_s_files_say_what_the_base_was() {
    let (descriptor, _) = stashed(&listed(), &[(tag("shop.example"), None)]);
    for (part, sequence) in [(Part::Filter, 1), (Part::Records, 1), (Part::Stash, 2)] {
        let header = descriptor.part_header(part);
        assert_eq!(header.sequence, sequence, "{part:?}");
        let others = Header {
            sequence: 2,
            ..header
        };
        assert_eq!(others, descriptor.header, "{part:?}");
    }
    let parts: Vec<Part> = descriptor.parts().map(|(part, _)| part).collect();
    assert_eq!(parts, Part::ALL);
}

#[test]
fn a_target_is_a_part_only_with_the_path_length_and_digest_of_the_descriptor() {
    let (descriptor, _) = stashed(&[(tag("shop.example"), RECORD)], &[]);
    for (part, digest) in descriptor.parts() {
        let path = descriptor.header.part_path(part);
        let (length, sha256) = (u64::from(digest.length), Some(digest.sha256));
        assert_eq!(descriptor.part_of(&path, length, sha256), Some(part));
        assert_eq!(descriptor.part_of(&path, length + 1, sha256), None);
        assert_eq!(
            descriptor.part_of(&path, length + (1 << 32), sha256),
            None,
            "the length modulo 2^32 is another length"
        );
        assert_eq!(descriptor.part_of(&path, length, Some([0; 32])), None);
        assert_eq!(descriptor.part_of(&path, length, None), None);
        for other in ["se/cards.member-2.filter", "se/other.member-1.stash", ""] {
            assert_eq!(descriptor.part_of(other, length, sha256), None, "{other}");
        }
    }
}

#[test]
fn a_part_of_another_release_or_path_is_no_part_of_this_one() {
    let (one, _) = release(&header(), &[(tag("shop.example"), RECORD)]);
    let (other, _) = release(&header(), &[(tag("other.example"), RECORD)]);
    let path = one.header.part_path(Part::Records);
    let records = other.records.unwrap();
    let length = u64::from(records.length);
    assert_eq!(one.part_of(&path, length, Some(records.sha256)), None);
    let filter = (u64::from(one.filter.length), Some(one.filter.sha256));
    assert_eq!(one.part_of(&path, filter.0, filter.1), None);
}

#[test]
fn a_part_is_known_by_its_bytes() {
    let (descriptor, files) = release(&header(), &[]);
    assert!(descriptor.filter.is_of(&files.filter));
    let mut changed = files.filter.clone();
    changed[80] ^= 1;
    assert!(!descriptor.filter.is_of(&changed));
    assert!(!descriptor.filter.is_of(&files.filter[1..]));
}

#[test]
fn a_descriptor_under_another_path_is_refused() {
    let (descriptor, _) = release(&header(), &[]);
    let custom = descriptor.to_custom();
    let path = descriptor.header.part_path(Part::Filter);
    assert_eq!(
        Descriptor::of_target(&path, &custom),
        Some(Ok(descriptor.clone()))
    );
    for other in ["se/cards.member-2.filter", "se/cards.member-1.records"] {
        assert_eq!(
            Descriptor::of_target(other, &custom),
            Some(Err(ListError::ListId)),
            "{other}"
        );
    }
    assert_eq!(Descriptor::of_target(&path, &Value::Null), None);
}
