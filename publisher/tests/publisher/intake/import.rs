use interdict_core::common::time::Time;
use interdict_core::identifier::Kind;
use interdict_core::list::{Action, Category, Flags, Membership, Reserved, Scope};
use interdict_publisher::{FileError, Format, ImportOptions, PublisherError, RefusedLine};

use crate::coalition::{Coalition, now};

const HEADER: &str = "kind,value,source,action,category,confidence,valid_until,group,scope,flags\n";

/// A made-up number with the shape of a card number: issuer range and Luhn digit are right.
const CARD: &str = "4000000000000002";

fn rules(refused: &[RefusedLine]) -> Vec<(u64, Option<Kind>, &'static str)> {
    refused
        .iter()
        .map(|line| (line.line, line.kind, line.rule.name()))
        .collect()
}

#[test]
fn every_refused_line_is_listed_with_number_kind_and_rule_and_without_its_value() {
    let lines = [
        (
            "domain,co.uk,hotline-se,,,,,,,",
            Some(Kind::Domain),
            "public_suffix",
        ),
        (
            "domain,github.io,hotline-se,,,,,,,",
            Some(Kind::Domain),
            "public_suffix",
        ),
        (
            "label,blogspot,hotline-se,,,,,,,",
            Some(Kind::Label),
            "public_label",
        ),
        (
            "label,secretbrand,hotline-se,block,,,,,,",
            Some(Kind::Label),
            "label_action",
        ),
        (
            "domain,secret.example/path,hotline-se,,,,,,,",
            Some(Kind::Domain),
            "url_not_host",
        ),
        (
            "iban,SE3550000000054910000004,hotline-se,,,,,,,",
            Some(Kind::Iban),
            "iban_check_digits",
        ),
        (
            "card_acceptor,secret-id,hotline-se,,,,,,,",
            Some(Kind::CardAcceptor),
            "separator_missing",
        ),
        (
            "domian,secret.example,hotline-se,,,,,,,",
            None,
            "kind_unknown",
        ),
        (",secret.example,hotline-se,,,,,,,", None, "kind_missing"),
        (
            "domain,,hotline-se,,,,,,,",
            Some(Kind::Domain),
            "value_missing",
        ),
        (
            "domain,secret.example,hotline-se,block,,899,,,,",
            Some(Kind::Domain),
            "action_confidence",
        ),
        (
            "domain,secret.example,Secret Source,,,,,,,",
            Some(Kind::Domain),
            "source_other",
        ),
        (
            "domain,secret.example,hotline-se,allow,,,,,,",
            Some(Kind::Domain),
            "action",
        ),
        (
            "domain,secret.example,hotline-se,blcok,,,,,,",
            Some(Kind::Domain),
            "action",
        ),
        (
            "domain,secret.example,hotline-se,,unspecified,,,,,",
            Some(Kind::Domain),
            "category",
        ),
        (
            "domain,secret.example,hotline-se,,,0,,,,",
            Some(Kind::Domain),
            "confidence",
        ),
        (
            "domain,secret.example,hotline-se,,,1000,,,,",
            Some(Kind::Domain),
            "confidence",
        ),
        (
            "domain,secret.example,hotline-se,,,0.9,,,,",
            Some(Kind::Domain),
            "confidence",
        ),
        (
            "domain,secret.example,hotline-se,,,+9,,,,",
            Some(Kind::Domain),
            "confidence",
        ),
        (
            "domain,secret.example,hotline-se,,,,31/13/2027,,,",
            Some(Kind::Domain),
            "valid_until",
        ),
        (
            "domain,secret.example,hotline-se,,,,2227-01-01,,,",
            Some(Kind::Domain),
            "valid_until",
        ),
        (
            "domain,secret.example,hotline-se,,,,,,all,",
            Some(Kind::Domain),
            "scope",
        ),
        (
            "iban,SE3550000000054910000003,hotline-se,,,,,,host,",
            Some(Kind::Iban),
            "scope",
        ),
        (
            "domain,secret.example,hotline-se,,,,,,,urgent",
            Some(Kind::Domain),
            "flags",
        ),
        ("domain,secret.example,hotline-se", None, "field_count"),
        (
            "card_acceptor,411111/4000000000000002,hotline-se,,,,,,,",
            Some(Kind::CardAcceptor),
            "acceptor_too_long",
        ),
        (
            "domain,secret.example,hotline-se,,,,,4000 0000 0000 0002,,",
            Some(Kind::Domain),
            "pan_refused",
        ),
        (
            "customer,4000000000000002,hotline-se,,,,,,,",
            None,
            "pan_refused",
        ),
    ];
    let csv = lines
        .iter()
        .fold(HEADER.to_owned(), |csv, (line, ..)| csv + line + "\n");
    let mut coalition = Coalition::new();
    let report = coalition.import(&csv);
    let expected: Vec<_> = (2..)
        .zip(&lines)
        .map(|(number, (_, kind, rule))| (number, *kind, *rule))
        .collect();
    assert_eq!(rules(&report.refused), expected);
    assert_eq!(
        (report.accepted, report.updated, report.unchanged),
        (0, 0, 0)
    );

    let printed = format!("{report}{report:?}{}", report.json_lines()).to_lowercase();
    for part in [
        "secret",
        "co.uk",
        "github",
        "se35",
        CARD,
        "4000 0000",
        "customer",
        "domian",
    ] {
        assert!(!printed.contains(part), "{part}");
    }
    // What is kept of refused lines has no value either.
    let register = std::fs::read(coalition.directory().join("history.jsonl")).unwrap();
    for part in [
        &b"secret.example"[..],
        b"co.uk",
        CARD.as_bytes(),
        b"4000 0000",
    ] {
        assert!(!register.windows(part.len()).any(|window| window == part));
    }
    assert!(
        register
            .windows(13)
            .any(|window| window == b"public_suffix")
    );
}

#[test]
fn defaults_are_the_careful_ones_and_every_field_arrives() {
    let mut coalition = Coalition::new();
    let report = coalition.import(&format!(
        "\u{feff}{HEADER}domain,Shop.Example.,hotline-se,,,,,,,\n\
         card_acceptor,412345/SHOP0001,police-se,block,csae,990,2027-01-31,seller 1,,\
         mandatory possibly_victim_controlled\n\
         domain,host.example,police-se,hold_payout,trafficking,800,2027-01-31T12:00:00Z,seller 1,host,\n"
    ));
    assert_eq!((report.accepted, report.refused.len()), (3, 0));
    coalition.release();

    let Membership::Listed { record, .. } = coalition.ask(Kind::Domain, "shop.example") else {
        panic!("not listed")
    };
    assert_eq!(
        (record.action, record.category),
        (Action::Review, Category::Other)
    );
    assert_eq!(
        (record.confidence, record.group, record.scope),
        (900, 0, Scope::Domain)
    );
    assert_eq!(record.valid_until, Time::from_seconds(u32::MAX));

    let ask = coalition.ask(Kind::CardAcceptor, "412345/shop0001");
    let Membership::Listed { record, .. } = ask else {
        panic!("not listed")
    };
    assert_eq!(
        (record.action, record.category),
        (Action::Block, Category::Csae)
    );
    assert_eq!((record.confidence, record.group), (990, 1));
    assert_eq!(
        record.flags,
        Flags::MANDATORY.with(Flags::POSSIBLY_VICTIM_CONTROLLED)
    );
    assert_eq!(
        Some(record.valid_until),
        Time::parse("2027-01-31T00:00:00Z")
    );

    assert_eq!(
        coalition.action(Kind::Domain, "host.example"),
        Some(Action::HoldPayout)
    );
    assert_eq!(
        coalition.ask(Kind::Domain, "sub.host.example"),
        Membership::Absent
    );
    assert_eq!(
        coalition.action(Kind::Domain, "sub.shop.example"),
        Some(Action::Review)
    );
}

#[test]
fn the_latest_line_of_one_source_wins_and_says_so() {
    let mut coalition = Coalition::new();
    let csv = "kind,value,source,action\n\
               domain,shop.example,hotline-se,review\n\
               domain,SHOP.example.,hotline-se,block\n\
               domain,shop.example,hotline-se,block\n";
    let report = coalition.import(csv);
    assert_eq!(
        (report.accepted, report.updated, report.unchanged),
        (1, 1, 1)
    );
    let report = coalition.import(csv);
    assert_eq!(
        (report.accepted, report.updated, report.unchanged),
        (0, 2, 1)
    );
    coalition.release();
    assert_eq!(
        coalition.action(Kind::Domain, "shop.example"),
        Some(Action::Block)
    );
}

#[test]
fn of_two_sources_the_stronger_statement_goes_out() {
    let mut coalition = Coalition::new();
    coalition.import(
        "kind,value,source,action,confidence\n\
         domain,shop.example,z-source,block,900\n\
         domain,shop.example,a-source,review,999\n",
    );
    coalition.release();
    let mut gateway = coalition.gateway();
    gateway.update(&coalition.repository(), now()).unwrap();
    let found = gateway.ask("se/merchants", Kind::Domain, "shop.example");
    let Membership::Listed { record, source, .. } = found else {
        panic!("not listed")
    };
    assert_eq!((record.action, record.confidence), (Action::Block, 900));
    assert_eq!((source.id(), source.origin()), ("se.z-source", "z-source"));
}

#[test]
fn json_lines_are_read_strictly() {
    let mut coalition = Coalition::new();
    let lines = [
        (
            r#"{"kind":"domain","value":"shop.example","source":"hotline-se","action":"monitor","confidence":950,"flags":["silent"]}"#,
            None,
        ),
        ("", None),
        (
            r#"{"kind":"domain","value":"a.example","source":"hotline-se","vlaue":"x"}"#,
            Some("unknown_field"),
        ),
        (
            r#"{"kind":"domain","value":"a.example","source":"hotline-se","value":"b.example"}"#,
            Some("duplicate_field"),
        ),
        (
            r#"{"kind":"domain","value":7,"source":"hotline-se"}"#,
            Some("field_type"),
        ),
        (
            r#"{"kind":"domain","value":"a.example","source":"hotline-se","confidence":0.9}"#,
            Some("field_type"),
        ),
        (r#"["domain","a.example"]"#, Some("syntax")),
        ("{\"kind\":", Some("syntax")),
    ];
    let text: String = lines.iter().map(|(line, _)| format!("{line}\n")).collect();
    coalition.source("hotline-se");
    let options = ImportOptions::new(Format::JsonLines, "hotline-se");
    let report = coalition.publisher.import(text.as_bytes(), &options, now());
    let report = report.unwrap();
    assert_eq!(report.accepted, 1);
    let expected: Vec<_> = (1..)
        .zip(lines)
        .filter_map(|(number, (_, rule))| rule.map(|rule| (number, rule)))
        .collect();
    let found: Vec<_> = report
        .refused
        .iter()
        .map(|line| (line.line, line.rule.name()))
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn a_file_of_unclear_shape_changes_nothing() {
    let mut coalition = Coalition::new();
    for (csv, error) in [
        (
            "kind,value,sorce\ndomain,shop.example,x\n",
            FileError::UnknownColumn(3),
        ),
        (
            "domain,shop.example,hotline-se\n",
            FileError::UnknownColumn(1),
        ),
        ("kind,value,source,kind\n", FileError::DuplicateColumn(4)),
        (
            "kind,source\ndomain,hotline-se\n",
            FileError::MissingColumn("value"),
        ),
        ("", FileError::MissingColumn("kind")),
        (
            "kind,value,source\ndomain,a.example,x\ndomain,\"b.example,x\ndomain,c.example,x\n",
            FileError::LineBreak { line: 3 },
        ),
    ] {
        let options = ImportOptions::new(Format::Csv, "se");
        match coalition.publisher.import(csv.as_bytes(), &options, now()) {
            Err(PublisherError::File(found)) => assert_eq!(found, error),
            other => panic!("{other:?}"),
        }
        let printed = error.to_string();
        assert!(
            !printed.contains("shop") && !printed.contains("sorce"),
            "{printed}"
        );
    }
    let report = coalition.import("kind,value,source\ndomain,a.example,x\n");
    assert_eq!(report.accepted, 1, "nothing of the refused files was kept");
}

#[test]
fn line_ends_of_every_system_and_quotes_are_read_and_lines_keep_their_numbers() {
    for end in ["\n", "\r\n", "\r"] {
        let mut coalition = Coalition::new();
        let lines = [
            "kind,value,source,group",
            "domain,a.example,x,\"one, two\"",
            "",
            "domain, b.example ,x,",
            "domain,bad value.example,x,",
            "domain,c.example,x,",
        ];
        let report = coalition.import(&lines.join(end));
        assert_eq!(report.accepted, 3, "{end:?}");
        assert_eq!(
            rules(&report.refused),
            [(5, Some(Kind::Domain), "host_character")]
        );
    }
}

#[test]
fn a_list_must_be_one_of_the_coalition() {
    let mut coalition = Coalition::with(interdict_publisher::TestKeys::Yes, &["se/a", "se/b"]);
    let csv = "kind,value,source\ndomain,shop.example,x\n";
    for (list, expected) in [
        (None, "several"),
        (Some("nl/a"), "COALITION/NAME"),
        (Some("se/c"), "no list se/c"),
        (Some("se"), "COALITION/NAME"),
    ] {
        let list = list.map(str::to_owned);
        let options = ImportOptions {
            list,
            ..ImportOptions::new(Format::Csv, "x")
        };
        let error = coalition
            .publisher
            .import(csv.as_bytes(), &options, now())
            .unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
    }
}

#[test]
fn a_wallet_to_which_strangers_are_paid_under_tags_is_pointed_out() {
    // Accounts of the standard's own examples (XLS-5d, BIP-173).
    let account = "xrp:rGWrZyQqhTp9Xu7G5Pkayo7bXjH4k4QYpf";
    let other = "bitcoin:BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4";
    let mut coalition = Coalition::new();
    let report = coalition.import(&format!(
        "kind,value,source,action,scope\nwallet,{account},x,block,\nwallet,{account}/1,x,block,\n\
         wallet,{other},x,block,\nwallet,{account},y,block,host\n"
    ));
    assert_eq!((report.accepted, report.shared.as_slice()), (4, &[2][..]));
    assert!(report.to_string().contains("an exchange"), "{report}");
    coalition.release();
    // The stronger of two statements counts for what is below.
    let tagged = format!("{account}/7");
    assert_eq!(coalition.action(Kind::Wallet, &tagged), Some(Action::Block));
}

#[test]
fn one_customer_of_an_exchange_is_listed_and_another_is_not() {
    let account = "xrp:rGWrZyQqhTp9Xu7G5Pkayo7bXjH4k4QYpf";
    let mut coalition = Coalition::new();
    let csv = format!("kind,value,source,action\nwallet,{account}/1,x,block\n");
    assert!(coalition.import(&csv).shared.is_empty());
    coalition.release();
    // The same account and tag in one address (XLS-5d).
    let both = "xrp:XVLhHMPHU98es4dbozjVtdWzVrDjtV8xvjGQTYPiAx6gwDC";
    assert_eq!(coalition.action(Kind::Wallet, both), Some(Action::Block));
    let other = format!("{account}/2");
    assert_eq!(coalition.ask(Kind::Wallet, &other), Membership::Absent);
    let bare = coalition.action(Kind::Wallet, account);
    assert_eq!(
        bare,
        Some(Action::Monitor),
        "its other customers are strangers"
    );
}

#[test]
fn reserved_identifiers_and_their_source_are_refused_by_import_and_protect() {
    let own = Reserved::ALL
        .iter()
        .map(|one| (one.kind, one.value.to_owned()));
    let below = [
        "listed.test",
        "pay.block.listed.test",
        "shop.clean.test",
        "BLOCK.Listed.Test.",
    ];
    let below = below.map(|name| (Kind::Domain, name.to_owned()));
    let all: Vec<_> = own.chain(below).collect();
    assert_eq!(all.len(), 67);
    let refused: Vec<_> = (2..)
        .zip(&all)
        .map(|(line, (kind, _))| (line, Some(*kind), "reserved"))
        .collect();
    let rows = |more: &str| -> String {
        let rows = all
            .iter()
            .map(|(kind, value)| format!("{},{value}{more}\n", kind.name()));
        rows.collect()
    };
    let mut coalition = Coalition::new();
    let report = coalition.import(&format!("kind,value,source\n{}", rows(",x")));
    assert_eq!(
        (report.accepted, rules(&report.refused)),
        (0, refused.clone())
    );
    let report = coalition.publisher.protect(
        format!("kind,value\n{}", rows("")).as_bytes(),
        Format::Csv,
        now(),
    );
    let report = report.unwrap();
    assert_eq!((report.added, rules(&report.refused)), (0, refused));
    let report = coalition.import("kind,value,source\ndomain,shop.example,test\n");
    let expected = [(2, Some(Kind::Domain), "source_other")];
    assert_eq!(
        (report.accepted, rules(&report.refused)),
        (0, expected.to_vec())
    );
    // A name that only ends alike is nobody's.
    let report =
        coalition.import("kind,value,source\ndomain,unlisted.test,x\ndomain,un-clean.test,x\n");
    assert_eq!(report.accepted, 2);
}
