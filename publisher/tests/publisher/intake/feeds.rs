//! What others publish: hosts files, web addresses, STIX and MISP.

use interdict_core::identifier::Kind;
use interdict_core::list::{Handling, Membership};
use interdict_publisher::{Format, ImportOptions, ImportReport};

use crate::coalition::{Coalition, now};

/// Made by the Python library stix2 3.0.2.
const STIX: &str = include_str!("samples/stix.json");

/// Made by the Python library pymisp 2.5.34.4.
const MISP: &str = include_str!("samples/misp.json");

fn import(format: Format, text: &str) -> (Coalition, ImportReport) {
    let mut coalition = Coalition::new();
    coalition.source("feed");
    let options = ImportOptions::new(format, "feed");
    let report = coalition
        .publisher
        .import(text.as_bytes(), &options, now())
        .unwrap();
    (coalition, report)
}

fn refused(report: &ImportReport) -> Vec<(u64, &'static str)> {
    let lines = report.refused.iter();
    lines.map(|line| (line.line, line.rule.name())).collect()
}

/// Confidence, end and handling of a listed name.
fn listed(coalition: &mut Coalition, name: &str) -> (u16, String, Handling) {
    match coalition.ask(Kind::Domain, name) {
        Membership::Listed { record, .. } => (
            record.confidence,
            record.valid_until.to_string(),
            record.handling,
        ),
        _ => panic!("{name} is not listed"),
    }
}

#[test]
fn a_hosts_file_lists_its_names_and_skips_those_of_the_own_machine() {
    let text = "# a list\n127.0.0.1 localhost localhost.localdomain\n::1 ip6-localhost\n\
                0.0.0.0 0.0.0.0\nfe80::1%lo0 localhost\n255.255.255.255 broadcasthost\n\
                0.0.0.0 one.example two.example # both\n127.0.0.1\tThree.example\r\n\
                :: four.example\n192.0.2.7 server.example\nfive.example\n0.0.0.0\n";
    let (mut coalition, report) = import(Format::Hosts, text);
    assert_eq!(report.accepted, 4, "{report}");
    assert_eq!(report.recognised.skipped, 6);
    assert_eq!(
        refused(&report),
        [(10, "hosts_address"), (11, "syntax"), (12, "syntax")]
    );
    assert_eq!(report.respelled, [8]);
    coalition.release();
    for name in [
        "one.example",
        "two.example",
        "three.example",
        "four.example",
    ] {
        listed(&mut coalition, name);
    }
}

#[test]
fn of_web_addresses_the_host_is_kept_and_what_is_dropped_is_counted() {
    let text = "# a list\nhttps://user:secret@one.example:8443/pay?id=1#top\nhttp://two.example\n\
                three.example\nfour.example/path\nHTTP://Five.example/\nhXXp://six[.]example/\n\
                https://[2001:db8::1]/\n";
    let (mut coalition, report) = import(Format::Urls, text);
    assert_eq!(report.recognised.hosts_kept, 7, "{report}");
    assert_eq!(report.recognised.paths_dropped, 2);
    assert_eq!(report.recognised.defanged, 1);
    assert_eq!((report.accepted, report.refused.len()), (7, 0));
    let printed = format!("{report}{}", report.json_lines());
    assert!(
        !printed.contains("example") && !printed.contains("secret"),
        "{printed}"
    );
    coalition.release();
    for name in [
        "one.example",
        "two.example",
        "three.example",
        "four.example",
        "five.example",
        "six.example",
    ] {
        listed(&mut coalition, name);
    }
}

#[test]
fn indicators_of_stix_are_listed_one_by_one_and_what_is_no_name_is_refused_by_rule() {
    let (mut coalition, report) = import(Format::Stix, STIX);
    assert_eq!(report.accepted, 6, "{report}");
    assert_eq!(report.recognised.skipped, 3, "an identity and two markings");
    let expected = [
        (5, "pattern_operator"),
        (6, "pattern_operator"),
        (7, "pattern_operator"),
        (8, "pattern_operator"),
        (9, "pattern_path"),
        (10, "revoked"),
        (11, "not_yet_valid"),
        (12, "pattern_operator"),
        (13, "pattern_operator"),
        (14, "pattern_operator"),
        (15, "object_type"),
    ];
    assert_eq!(refused(&report), expected);
    coalition.release();
    let never = "2106-02-07T06:28:15Z".to_owned();
    assert_eq!(
        listed(&mut coalition, "one.example"),
        (850, never.clone(), Handling::Green)
    );
    let end = "2027-06-30T12:00:00Z".to_owned();
    assert_eq!(
        listed(&mut coalition, "two.example"),
        (999, end.clone(), Handling::Amber)
    );
    assert_eq!(
        listed(&mut coalition, "three.example"),
        (999, end, Handling::Amber)
    );
    for name in ["four.example", "five.example"] {
        assert_eq!(
            listed(&mut coalition, name),
            (900, never.clone(), Handling::AmberStrict)
        );
    }
    listed(&mut coalition, "twelve.example");
}

#[test]
fn an_envelope_of_taxii_is_read_as_a_bundle_and_odd_indicators_are_refused() {
    let indicator = |more: &str, pattern: &str| {
        format!(
            "{{\"type\":\"indicator\",\"pattern_type\":\"stix\",\"valid_from\":\"2026-01-01T00:00:00Z\",\
             {more}\"pattern\":\"{pattern}\"}}"
        )
    };
    let objects = [
        indicator("", "[domain-name:value = 'it\\\\'s.example']"),
        indicator("", "[domain-name:value = 'one.example'"),
        indicator("", "[payment-card:value = '1']"),
        indicator("", "[x-own:value = 'one.example']"),
        indicator("", "[domain-name:value != 'one.example']"),
        indicator("", "([domain-name:value = 'one.example'])"),
        indicator("\"confidence\":0,", "[domain-name:value = 'one.example']"),
        indicator("\"confidence\":101,", "[domain-name:value = 'one.example']"),
        indicator(
            "\"object_marking_refs\":[\"marking-definition--00000000-0000-4000-8000-000000000009\"],",
            "[domain-name:value = 'one.example']",
        ),
        indicator(
            "\"valid_until\":\"2027\",",
            "[domain-name:value = 'one.example']",
        ),
        "{\"type\":\"indicator\",\"pattern\":\"rule x {}\",\"pattern_type\":\"yara\"}".to_owned(),
        "{\"type\":\"indicator\",\"pattern\":7}".to_owned(),
        "{\"type\":\"payment-card\",\"value\":\"1\"}".to_owned(),
        "7".to_owned(),
        indicator(
            "",
            "[hostname:value='two.example' OR bank-account:iban='GB29NWBK60161331926819']",
        ),
    ];
    let text = format!("{{\"more\":false,\"objects\":[{}]}}", objects.join(","));
    let (_, report) = import(Format::Stix, &text);
    let rules = [
        "host_character",
        "pattern_syntax",
        "pan_refused",
        "pattern_path",
        "pattern_operator",
        "pattern_operator",
        "confidence",
        "confidence",
        "marking_unknown",
        "valid_until",
        "pattern_type",
        "syntax",
        "pan_refused",
        "syntax",
    ];
    let expected: Vec<_> = (1..).zip(rules).collect();
    assert_eq!(refused(&report), expected);
    assert_eq!(report.accepted, 2, "{report}");
}

#[test]
fn attributes_of_misp_are_listed_and_all_others_are_refused_by_rule() {
    let (mut coalition, report) = import(Format::Misp, MISP);
    assert_eq!(report.accepted, 8, "{report}");
    assert_eq!(report.recognised.skipped, 1, "a deleted attribute");
    assert_eq!(
        (
            report.recognised.hosts_kept,
            report.recognised.paths_dropped
        ),
        (1, 1)
    );
    let expected = [
        (8, "pan_refused"),
        (9, "attribute_type"),
        (10, "to_ids"),
        (12, "pan_refused"),
        (13, "pan_refused"),
    ];
    assert_eq!(refused(&report), expected);
    coalition.release();
    assert_eq!(listed(&mut coalition, "one.example").2, Handling::Green);
    assert_eq!(
        listed(&mut coalition, "two.example").2,
        Handling::Amber,
        "the narrower label"
    );
    for name in ["pay.three.example", "four.example", "five.example"] {
        listed(&mut coalition, name);
    }
    let wallet = "bitcoin:1BpEi6DfDAUFd7GtittLSdBeYJvcoaVggu";
    assert!(coalition.action(Kind::Wallet, wallet).is_some());
    assert!(
        coalition
            .action(Kind::Iban, "GB29NWBK60161331926819")
            .is_some()
    );
    assert!(coalition.action(Kind::Phone, "+46701740605").is_some());
}

#[test]
fn an_export_of_several_events_keeps_the_label_of_each() {
    let event = |tag: &str, name: &str| {
        format!(
            "{{\"Event\":{{\"Attribute\":[{{\"type\":\"domain\",\"value\":\"{name}\",\"to_ids\":\"1\"}}],\
             \"Tag\":[{{\"name\":\"{tag}\"}}]}}}}"
        )
    };
    let events = [
        event("TLP:WHITE", "a.example"),
        event("tlp:red", "b.example"),
        event("tlp:odd", "c.example"),
        event("other", "d.example"),
    ];
    let (mut coalition, report) = import(
        Format::Misp,
        &format!("{{\"response\":[{}]}}", events.join(",")),
    );
    assert_eq!(
        (report.accepted, refused(&report)),
        (3, vec![(3, "marking_unknown")])
    );
    coalition.release();
    assert_eq!(listed(&mut coalition, "a.example").2, Handling::Clear);
    assert_eq!(listed(&mut coalition, "b.example").2, Handling::Red);
    assert_eq!(listed(&mut coalition, "d.example").2, Handling::Amber);
}

#[test]
fn files_that_are_not_what_their_format_says_are_refused_whole() {
    for (format, text) in [
        (Format::Stix, "{\"Event\":{}}"),
        (Format::Stix, "{\"objects\":7}"),
        (Format::Stix, "{\"objects\":[{}]"),
        (Format::Misp, "{\"objects\":[]}"),
        (Format::Misp, ""),
    ] {
        let mut coalition = Coalition::new();
        coalition.source("feed");
        let options = ImportOptions::new(format, "feed");
        let error = coalition
            .publisher
            .import(text.as_bytes(), &options, now())
            .unwrap_err();
        assert!(
            error
                .to_string()
                .contains("not the JSON that its format asks for"),
            "{text}: {error}"
        );
    }
}
