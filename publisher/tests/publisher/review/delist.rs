use interdict_core::identifier::Kind;
use interdict_core::list::{Action, Membership};
use interdict_publisher::{
    DelistOptions, DelistReport, Delisted, Format, ImportOptions, ImportReport, Names,
    PublisherError,
};

use crate::coalition::{Coalition, now};

const LISTINGS: &str = "kind,value,source,action\n\
    domain,shop.example,hotline-se,block\n\
    domain,shop.example,police-se,review\n\
    domain,other.example,hotline-se,block\n\
    iban,SE3550000000054910000003,police-se,block\n";

fn delist(coalition: &mut Coalition, csv: &str, options: &DelistOptions) -> DelistReport {
    let names = Names::File {
        bytes: &mut csv.as_bytes(),
        format: Format::Csv,
    };
    coalition.publisher.delist(names, options, now()).unwrap()
}

fn delist_one(coalition: &mut Coalition, value: &str) -> DelistReport {
    let names = Names::One {
        kind: "domain",
        value,
    };
    let options = DelistOptions::default();
    coalition.publisher.delist(names, &options, now()).unwrap()
}

fn relist(coalition: &mut Coalition, csv: &str) -> ImportReport {
    let options = ImportOptions {
        delisted: Delisted::Relist,
        ..ImportOptions::new(Format::Csv, "x")
    };
    coalition.import_with(csv, &options)
}

fn refused(report: &ImportReport) -> Vec<(u64, &'static str)> {
    let refused = report.refused.iter();
    refused.map(|line| (line.line, line.rule.name())).collect()
}

#[test]
fn a_cleared_entry_does_not_come_back_with_the_next_feed() {
    let mut coalition = Coalition::new();
    coalition.import(LISTINGS);
    coalition.release();
    let csv = "kind,value\ndomain,SHOP.example.\niban,SE35 5000 0000 0549 1000 0003\n";
    let report = delist(&mut coalition, csv, &DelistOptions::default());
    assert_eq!((report.delisted, report.not_listed), (2, 0));
    assert!(report.refused.is_empty() && report.covered.is_empty());
    for _ in 0..2 {
        let report = coalition.import(LISTINGS);
        assert_eq!(
            refused(&report),
            [(2, "delisted"), (3, "delisted"), (5, "delisted")]
        );
        assert_eq!((report.accepted, report.unchanged), (0, 1));
        coalition.release();
        let absent = coalition.ask(Kind::Domain, "shop.example");
        assert_eq!(absent, Membership::Absent);
        assert_eq!(
            coalition.action(Kind::Domain, "other.example"),
            Some(Action::Block)
        );
    }
}

#[test]
fn a_merchant_cleared_before_any_feed_named_it_cannot_be_listed_either() {
    let mut coalition = Coalition::new();
    let report = delist_one(&mut coalition, "shop.example");
    assert_eq!((report.delisted, report.not_listed), (0, 1));
    let report = coalition.import(LISTINGS);
    assert_eq!(refused(&report), [(2, "delisted"), (3, "delisted")]);
}

#[test]
fn one_source_can_take_its_own_statement_back() {
    let mut coalition = Coalition::new();
    coalition.import(LISTINGS);
    let options = DelistOptions {
        source: Some("hotline-se".to_owned()),
        ..DelistOptions::default()
    };
    let report = delist(
        &mut coalition,
        "kind,value\ndomain,shop.example\n",
        &options,
    );
    assert_eq!((report.delisted, report.covered.as_slice()), (1, &[2][..]));
    assert_eq!(refused(&coalition.import(LISTINGS)), [(2, "delisted")]);
    coalition.release();
    assert_eq!(
        coalition.action(Kind::Domain, "shop.example"),
        Some(Action::Review)
    );
    // A source in the line goes before the one of the command.
    let csv = "kind,value,source\ndomain,shop.example,police-se\n";
    let report = delist(&mut coalition, csv, &options);
    assert_eq!((report.delisted, report.covered.len()), (1, 0));
    let report = coalition.import(LISTINGS);
    assert_eq!(refused(&report), [(2, "delisted"), (3, "delisted")]);
    let third = "kind,value,source\ndomain,shop.example,bank-a\n";
    assert_eq!(coalition.import(third).accepted, 1, "another source may");
}

#[test]
fn relisting_removes_the_tombstone_and_says_so() {
    let mut coalition = Coalition::new();
    coalition.import(LISTINGS);
    delist_one(&mut coalition, "shop.example");
    let report = relist(&mut coalition, LISTINGS);
    assert_eq!(
        (report.accepted, report.unchanged, report.relisted),
        (2, 2, 1)
    );
    assert!(report.to_string().contains("listed again"), "{report}");
    let report = coalition.import(LISTINGS);
    assert_eq!((report.unchanged, report.relisted), (4, 0));
    coalition.release();
    assert_eq!(
        coalition.action(Kind::Domain, "shop.example"),
        Some(Action::Block)
    );
}

#[test]
fn relisting_one_source_leaves_the_tombstone_of_another() {
    let mut coalition = Coalition::new();
    coalition.import(LISTINGS);
    let csv = "kind,value,source\n\
        domain,shop.example,hotline-se\n\
        domain,shop.example,police-se\n";
    delist(&mut coalition, csv, &DelistOptions::default());
    let only = "kind,value,source,action\ndomain,shop.example,police-se,review\n";
    assert_eq!(relist(&mut coalition, only).relisted, 1);
    assert_eq!(refused(&coalition.import(LISTINGS)), [(2, "delisted")]);
}

#[test]
fn what_a_name_above_still_covers_is_reported() {
    let mut coalition = Coalition::new();
    coalition.import(
        "kind,value,source,scope,valid_until\n\
         domain,shop.example,x,,\n\
         domain,pay.shop.example,x,,\n\
         domain,a.host.example,x,,\n\
         domain,host.example,x,host,\n\
         domain,ended.example,x,,2026-11-22\n\
         domain,bank.example,x,,\n\
         domain,narrow.example,x,,\n",
    );
    coalition.protect("bank.example\nmy.narrow.example\n");
    let both = "kind,value\n\
        domain,pay.shop.example\n\
        domain,a.host.example\n\
        domain,a.ended.example\n\
        domain,a.bank.example\n\
        domain,a.narrow.example\n";
    let report = delist(&mut coalition, both, &DelistOptions::default());
    assert_eq!((report.delisted, report.not_listed), (2, 3));
    assert_eq!(
        report.covered,
        [2],
        "by none that is a host, ended, withheld or narrowed"
    );
    assert!(report.to_string().contains("still listed"), "{report}");
    coalition.release();
    let found = coalition.ask(Kind::Domain, "pay.shop.example");
    assert!(matches!(found, Membership::Listed { .. }));
    let absent = coalition.ask(Kind::Domain, "a.host.example");
    assert_eq!(absent, Membership::Absent);
    // Of a file that takes off both, the order does not matter.
    let both = "kind,value\ndomain,pay.shop.example\ndomain,shop.example\n";
    let report = delist(&mut coalition, both, &DelistOptions::default());
    assert_eq!((report.delisted, report.not_listed), (1, 1));
    assert!(report.covered.is_empty());
}

#[test]
fn refused_lines_are_listed_without_their_values() {
    let mut coalition = Coalition::new();
    coalition.import(LISTINGS);
    let csv = "kind,value,source\n\
        domain,secret.example/x,\n\
        domian,secret.example,\n\
        domain,,\n\
        domain,secret.example,Secret Source\n\
        domain,secret.example,4000000000000002\n\
        domain,shop.example,\n";
    let report = delist(&mut coalition, csv, &DelistOptions::default());
    let found: Vec<_> = report
        .refused
        .iter()
        .map(|line| (line.line, line.rule.name()))
        .collect();
    let expected = [
        (2, "url_not_host"),
        (3, "kind_unknown"),
        (4, "value_missing"),
        (5, "source"),
        (6, "pan_refused"),
    ];
    assert_eq!((found.as_slice(), report.delisted), (&expected[..], 1));
    let printed = format!("{report}{report:?}{}", report.json_lines()).to_lowercase();
    assert!(!printed.contains("secret") && !printed.contains("4000"));
    let register = std::fs::read(coalition.directory().join("register.sqlite")).unwrap();
    assert!(!register.windows(14).any(|part| part == b"secret.example"));
}

#[test]
fn a_reason_is_short_and_holds_no_card_number() {
    let mut coalition = Coalition::new();
    for reason in [
        "",
        " ",
        "payer 4000 0000 0000 0002",
        "two\nlines",
        &"x".repeat(201),
    ] {
        let options = DelistOptions {
            reason: Some(reason.to_owned()),
            ..DelistOptions::default()
        };
        let one = Names::One {
            kind: "domain",
            value: "shop.example",
        };
        let refused = coalition.publisher.delist(one, &options, now());
        assert!(matches!(refused, Err(PublisherError::Reason)), "{reason:?}");
    }
    assert_eq!(coalition.import(LISTINGS).refused, [], "nothing was done");
    let options = DelistOptions {
        reason: Some("appeal 2026-118".to_owned()),
        ..DelistOptions::default()
    };
    delist(
        &mut coalition,
        "kind,value\ndomain,shop.example\n",
        &options,
    );
    let history = std::fs::read(coalition.directory().join("history.jsonl")).unwrap();
    assert!(history.windows(15).any(|part| part == b"appeal 2026-118"));
}

#[test]
fn a_file_of_unclear_shape_takes_nothing_off() {
    let mut coalition = Coalition::new();
    coalition.import(LISTINGS);
    for (csv, format) in [
        (
            "kind,value,action\ndomain,shop.example,block\n",
            Format::Csv,
        ),
        ("value\nshop.example\n", Format::Csv),
        ("shop.example\n", Format::Text),
    ] {
        let names = Names::File {
            bytes: &mut csv.as_bytes(),
            format,
        };
        let options = DelistOptions::default();
        let refused = coalition.publisher.delist(names, &options, now());
        assert!(matches!(refused, Err(PublisherError::File(_))), "{csv}");
    }
    assert_eq!(coalition.import(LISTINGS).unchanged, 4);
}

#[test]
fn tombstones_are_of_one_list() {
    let lists = ["se/a", "se/b"];
    let mut coalition = Coalition::with(interdict_publisher::TestKeys::Yes, &lists);
    let import = |coalition: &mut Coalition, list: &str| {
        let options = ImportOptions {
            list: Some(list.to_owned()),
            ..ImportOptions::new(Format::Csv, "x")
        };
        coalition.import_with(LISTINGS, &options).refused.len()
    };
    let one = || Names::One {
        kind: "domain",
        value: "shop.example",
    };
    let unclear = coalition
        .publisher
        .delist(one(), &DelistOptions::default(), now());
    assert!(matches!(unclear, Err(PublisherError::WhichList)));
    let options = DelistOptions {
        list: Some("se/a".to_owned()),
        ..DelistOptions::default()
    };
    coalition.publisher.delist(one(), &options, now()).unwrap();
    assert_eq!(lists.map(|list| import(&mut coalition, list)), [2, 0]);
}
