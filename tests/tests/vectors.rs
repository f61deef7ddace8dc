//! Runs published vectors on the subjects of this process, and checks that the reason given for each
//! difference explains it.

use std::collections::BTreeSet;

use idna::AsciiDenyList;
use idna::uts46::{DnsLength, Hyphens, Uts46};
use interdict_core::identifier::{Identifier, Kind};
use interdict_tests::fixtures;
use interdict_tests::subjects::{Alike, InProcess, Native};
use interdict_tests::vectors::{Case, Published, Vectors, read, vectors};

#[test]
fn native_and_module_give_every_published_vector_its_verdict() {
    let mut subject = InProcess(Alike::new().unwrap());
    let mut failed = Vec::new();
    for vectors in vectors(&fixtures()).unwrap() {
        for (index, case) in vectors.cases.iter().enumerate() {
            if let Err(error) = vectors.run(case, &mut subject, &mut []) {
                failed.push(format!("{}[{index}]: {error:#}", vectors.name));
            }
        }
    }
    let count = failed.len();
    failed.truncate(10);
    assert!(failed.is_empty(), "{count} failed: {failed:#?}");
}

#[test]
fn an_accepted_vector_reads_back_as_itself() {
    for vectors in vectors(&fixtures()).unwrap() {
        let Some(kind) = Kind::from_name(&vectors.kind) else {
            panic!("{}: no kind {}", vectors.name, vectors.kind)
        };
        for text in vectors.cases.iter().filter_map(|case| case.text.as_deref()) {
            let again = Identifier::parse(kind, text).map(|found| found.text().to_owned());
            assert_eq!(again.as_deref(), Ok(text), "{}", vectors.name);
        }
    }
}

fn idna() -> Vectors {
    let all = vectors(&fixtures()).unwrap();
    let idna = all.into_iter().find(|vectors| vectors.name == "idna");
    idna.expect("idna.json")
}

/// Four in a hundred published names have one label; the same label in a longer name is a merchant's.
#[test]
fn a_published_label_is_mapped_alike_before_a_dot() {
    let mut mapped = 0;
    for case in idna()
        .cases
        .iter()
        .filter(|case| case.is_of("single_label"))
    {
        let Some(Published::Text(published)) = &case.published else {
            panic!("a published name")
        };
        let name = format!("{}.example", case.input());
        let found = Identifier::parse(Kind::Domain, &name).unwrap();
        assert_eq!(found.text(), format!("{published}.example"));
        mapped += 1;
    }
    assert!(mapped > 100, "{mapped}");
}

/// An A-label and its Unicode form are two spellings of one name, for every character.
#[test]
fn a_name_with_any_character_is_found_in_both_its_spellings() {
    let mut found_twice = 0;
    for c in '\0'..=char::MAX {
        for name in [format!("{c}.example"), format!("a{c}b.example")] {
            let Ok(found) = Identifier::parse(Kind::Domain, &name) else {
                continue;
            };
            let text = found.text().as_bytes();
            let (unicode, valid) =
                Uts46::new().to_unicode(text, AsciiDenyList::EMPTY, Hyphens::Allow);
            if valid.is_ok() {
                let again = Identifier::parse(Kind::Domain, &unicode);
                assert_eq!(again.as_ref(), Ok(&found), "{name:?}");
                found_twice += 1;
            }
        }
    }
    assert!(found_twice > 200_000, "{found_twice}");
}

/// Every way in which Interdict is laxer than the strictest profile of UTS #46.
const LAXER: [&str; 4] = ["hyphens", "empty_label", "bidi_by_label", "a_label_kept"];

#[test]
fn an_idna_difference_has_every_reason_it_claims_and_no_other() {
    let mut differences = 0;
    for case in &idna().cases {
        let (Some(text), Some(claimed)) = (&case.text, &case.difference) else {
            continue;
        };
        differences += 1;
        let claimed: BTreeSet<&str> = claimed.split(' ').collect();
        if claimed.contains("newer_tables") {
            assert_eq!(strict(case.input(), &BTreeSet::new()).as_ref(), Some(text));
            continue;
        }
        let found = strict(case.input(), &claimed);
        assert_eq!(
            found.as_ref(),
            Some(text),
            "{:?}: {claimed:?}",
            case.input()
        );
        for reason in &claimed {
            let mut fewer = claimed.clone();
            fewer.remove(reason);
            let found = strict(case.input(), &fewer);
            assert_eq!(found, None, "{:?} without {reason}", case.input());
        }
    }
    assert!(differences > 2_000, "{differences}");
}

#[test]
fn an_idna_agreement_needs_no_excuse() {
    let mut agreements = 0;
    for case in &idna().cases {
        if let (Some(text), None) = (&case.text, &case.difference) {
            let found = strict(case.input(), &BTreeSet::new());
            assert_eq!(found.as_ref(), Some(text), "{:?}", case.input());
            agreements += 1;
        }
    }
    assert!(agreements > 400, "{agreements}");
}

/// UTS #46 ToASCII of a whole name by the strictest profile, relaxed only in the named ways.
fn strict(name: &str, lax: &BTreeSet<&str>) -> Option<String> {
    assert!(lax.iter().all(|way| LAXER.contains(way)), "{lax:?}");
    let hyphens = if lax.contains("hyphens") {
        Hyphens::Allow
    } else {
        Hyphens::Check
    };
    let labels: Vec<&str> = name
        .split(['.', '\u{3002}', '\u{ff0e}', '\u{ff61}'])
        .collect();
    if !lax.contains("a_label_kept") && labels.iter().any(|label| kept(label)) {
        return None;
    }
    // The rules over the whole name do not apply to a kept label.
    let whole: Vec<&str> = labels
        .iter()
        .map(|label| if kept(label) { "x" } else { label })
        .collect();
    let whole = whole.join(".");
    if !lax.contains("bidi_by_label") && ascii(&whole, hyphens).is_none() {
        return None;
    }
    let mut out = Vec::new();
    for label in &labels {
        let label = if kept(label) {
            label.to_ascii_lowercase()
        } else {
            ascii(label, hyphens)?
        };
        if label.len() > 63 || (label.is_empty() && !lax.contains("empty_label")) {
            return None;
        }
        if !label.is_empty() {
            out.push(label);
        }
    }
    let name = out.join(".");
    (!name.is_empty() && name.len() <= 253).then_some(name)
}

/// An A-label that decodes to nothing valid.
fn kept(label: &str) -> bool {
    let (Some(prefix), Some(rest)) = (label.get(..4), label.get(4..)) else {
        return false;
    };
    prefix.eq_ignore_ascii_case("xn--")
        && ascii(label, Hyphens::Allow).is_none()
        && rest.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

fn ascii(name: &str, hyphens: Hyphens) -> Option<String> {
    let ascii = Uts46::new().to_ascii(
        name.as_bytes(),
        AsciiDenyList::STD3,
        hyphens,
        DnsLength::Ignore,
    );
    ascii.ok().map(std::borrow::Cow::into_owned)
}

fn file(cases: &str, differences: &str) -> String {
    let count = cases.matches("\"value\"").count();
    format!(
        r#"{{"source": "s", "licence": "l", "kind": "domain", "count": {count},
            "differences": {differences}, "cases": [{cases}]}}"#
    )
}

const LAX: &str = r#"{"lax": {"reason": "r", "ours": ["text"], "published": ["V7"]}}"#;

#[test]
fn a_file_that_contradicts_itself_is_refused() {
    let right =
        r#"{"value": "a.b", "text": "a.b", "difference": "lax", "published": {"error": "V7"}}"#;
    read(&file(right, LAX)).unwrap();
    for (cases, differences, sentence) in [
        (right, "{}", "no class lax"),
        (
            r#"{"value": "a.b", "text": "a.b"}"#,
            LAX,
            "lax is no case's",
        ),
        (
            r#"{"value": "a", "error": "single_label", "difference": "lax", "published": {"error": "V7"}}"#,
            LAX,
            "both refuse",
        ),
        (
            r#"{"value": "a.b", "text": "a.b", "difference": "lax", "published": {"text": "a.b"}}"#,
            LAX,
            "both say",
        ),
        (
            r#"{"value": "a.b", "text": "a.b", "difference": "lax", "published": {"text": "b.a"}}"#,
            LAX,
            "nothing published",
        ),
        (
            r#"{"value": "a.b", "text": "a.b", "difference": "lax", "published": {"error": "V7 B1"}}"#,
            LAX,
            "of no class claimed",
        ),
        (
            r#"{"value": "a.b", "text": "a.b", "difference": "lax"}"#,
            LAX,
            "has a class and",
        ),
        (
            r#"{"value": "a.b", "text": "a.b", "error": "idna"}"#,
            "{}",
            "text or error",
        ),
        (
            r#"{"value": "a.b", "url": "a.b", "text": "a.b"}"#,
            "{}",
            "value or url",
        ),
        (
            r#"{"value": "a", "error": "single_label", "canonical": "61"}"#,
            "{}",
            "bytes of a refused",
        ),
        (
            r#"{"value": "a.b", "text": "a.b", "note": "x"}"#,
            "{}",
            "unknown field",
        ),
    ] {
        let error = format!("{:#}", read(&file(cases, differences)).unwrap_err());
        assert!(error.contains(sentence), "{cases}: {error}");
    }
    let lost = file(right, LAX).replace("\"count\": 1", "\"count\": 2");
    assert!(format!("{:#}", read(&lost).unwrap_err()).contains("are stated"));
}

#[test]
fn a_wrong_verdict_fails_the_run() {
    for (case, sentence) in [
        (
            r#"{"value": "SHOP.example", "text": "SHOP.example"}"#,
            "accepted as shop.example",
        ),
        (
            r#"{"value": "shop.example", "error": "idna"}"#,
            "accepted as",
        ),
        (
            r#"{"value": "localhost", "text": "localhost"}"#,
            "refused by single_label",
        ),
        (
            r#"{"value": "localhost", "error": "idna"}"#,
            "refused by single_label",
        ),
        (
            r#"{"value": "a.b", "text": "a.b", "canonical": "00"}"#,
            "canonical bytes",
        ),
        (
            r#"{"value": "a.b", "text": "a.b", "look_ups": ["b"]}"#,
            "look-ups",
        ),
    ] {
        let error = run(&file(case, "{}"));
        assert!(error.contains(sentence), "{case}: {error}");
    }
    let unknown = file(r#"{"value": "x", "text": "x"}"#, "{}").replace("domain", "no_such_kind");
    assert!(run(&unknown).contains("has no kind no_such_kind"));
}

/// The error of a file with one case.
fn run(text: &str) -> String {
    let vectors = read(text).unwrap();
    let case: &Case = vectors.cases.first().expect("a case");
    let mut native = InProcess(Native::default());
    let error = vectors.run(case, &mut native, &mut []).unwrap_err();
    format!("{error:#}")
}
