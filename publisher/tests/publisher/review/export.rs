//! Entries as files for others, and back.

use std::collections::{BTreeMap, BTreeSet};

use interdict_core::identifier::Kind;
use interdict_core::list::{Action, Membership};
use interdict_publisher::{
    ExportFormat, ExportReport, FileError, Format, ImportOptions, PublisherError, TestKeys,
    WwwNames,
};
use serde_json::Value;

use crate::coalition::{Coalition, DAY, import_by_source, now};

fn export(coalition: &Coalition, format: ExportFormat) -> (String, ExportReport) {
    let mut bytes = Vec::new();
    let report = coalition.publisher.export(None, format, now(), &mut bytes);
    (String::from_utf8(bytes).unwrap(), report.unwrap())
}

/// Every field, and all that could break a file: formulas, quotes, separators, other scripts, long names.
fn hard() -> Coalition {
    let mut coalition = Coalition::new();
    let label = "a".repeat(63);
    let long = format!("{label}.{label}.{label}.{}.example", "b".repeat(53));
    let rows = [
        "{\"kind\":\"domain\",\"value\":\"shop.example\",\"source\":\"hotline-se\",\"action\":\"block\",\
         \"category\":\"csae\",\"confidence\":990,\"valid_until\":\"2027-01-31T12:00:01Z\",\
         \"scope\":\"host\",\"flags\":[\"mandatory\",\"possibly_victim_controlled\"],\
         \"handling\":\"amber+strict\"}"
            .to_owned(),
        "{\"kind\":\"domain\",\"value\":\"shop.example\",\"source\":\"police-se\"}".to_owned(),
        "{\"kind\":\"domain\",\"value\":\"bücher.example\",\"source\":\"x\"}".to_owned(),
        format!("{{\"kind\":\"domain\",\"value\":\"{long}\",\"source\":\"x\",\"scope\":\"host\"}}"),
        "{\"kind\":\"phone\",\"value\":\"+46 70 123 45 67\",\"source\":\"x\",\"action\":\"monitor\",\
         \"flags\":\"silent\"}"
            .to_owned(),
        "{\"kind\":\"wallet\",\"value\":\"xrp:rrrrrrrrrrrrrrrrrrrrBZbvji/77\",\"source\":\"x\"}".to_owned(),
        "{\"kind\":\"card_acceptor\",\"value\":\"412345/=A, 'B;+1\",\"source\":\"x\"}".to_owned(),
        "{\"kind\":\"other\",\"value\":\"forum:-1\\\"2';=3\",\"source\":\"x\"}".to_owned(),
        "{\"kind\":\"handle\",\"value\":\"telegram:shop\",\"source\":\"x\"}".to_owned(),
        "{\"kind\":\"label\",\"value\":\"brandname\",\"source\":\"x\"}".to_owned(),
    ];
    let groups = [
        "=cmd|' /C calc'!A0",
        "+1",
        "-1",
        "@SUM(1+1)",
        "'=1",
        "''",
        "a;=1",
        "\\\"quoted\\\", and \\\"so on",
        "＝1",
        "new\u{2028}line",
        "\u{202e}turned",
        "',',",
        "a;'+1;;=2",
        "\\\\",
    ];
    let groups = groups.iter().enumerate().map(|(number, group)| {
        format!(
            "{{\"kind\":\"domain\",\"value\":\"group-{number}.example\",\"source\":\"x\",\
             \"group\":\"{group}\"}}"
        )
    });
    let text: String = rows
        .into_iter()
        .chain(groups)
        .map(|row| row + "\n")
        .collect();
    let options = ImportOptions::new(Format::JsonLines, "se");
    let report = import_by_source(&mut coalition.publisher, text, &options, now());

    assert_eq!((report.accepted, report.refused.as_slice()), (24, &[][..]));
    coalition
}

fn import(text: &str, format: Format, numeric: &[String]) -> Coalition {
    let mut coalition = Coalition::new();
    let options = ImportOptions {
        www: WwwNames::AsWritten,
        numeric: numeric.to_vec(),
        ..ImportOptions::new(format, "se")
    };
    let report = import_by_source(&mut coalition.publisher, text, &options, now());
    assert_eq!(report.refused, []);
    coalition
}

#[test]
fn an_exported_file_makes_the_same_register_again() {
    let coalition = hard();
    let [csv, json] = [ExportFormat::Csv, ExportFormat::JsonLines].map(|to| export(&coalition, to));
    for (read, as_format) in [(&csv.0, Format::Csv), (&json.0, Format::JsonLines)] {
        let again = import(read, as_format, &[]);
        assert_eq!(export(&again, ExportFormat::Csv).0, csv.0);
        assert_eq!(export(&again, ExportFormat::JsonLines).0, json.0);
    }
    assert_eq!((csv.1.exported, csv.1.left_out), (24, 0));
    // What is compared is all there is: with the first row's fields and the phone's plus sign.
    let first = "{\"kind\":\"domain\",\"value\":\"shop.example\",\"source\":\"hotline-se\",\
         \"action\":\"block\",\"category\":\"csae\",\"confidence\":990,\
         \"valid_until\":\"2027-01-31T12:00:01Z\",\"scope\":\"host\",\
         \"flags\":[\"mandatory\",\"possibly_victim_controlled\"],\"handling\":\"amber+strict\"}\n";
    assert!(json.0.contains(first), "{}", json.0);
    assert!(
        csv.0
            .contains("\nphone,'+46701234567,x,monitor,other,900,,,domain,silent,\n"),
        "{}",
        csv.0
    );
    assert!(json.0.contains("\"value\":\"+46701234567\""));
}

#[test]
fn no_cell_of_a_csv_file_begins_a_formula_wherever_cells_are_parted() {
    let (csv, _) = export(&hard(), ExportFormat::Csv);
    for delimiter in [b',', b';', b'\t'] {
        let mut reader = csv::ReaderBuilder::new();
        let reader = reader
            .delimiter(delimiter)
            .flexible(true)
            .has_headers(false);
        for record in reader.from_reader(csv.as_bytes()).records() {
            for cell in &record.unwrap() {
                let begins = cell.trim_start_matches([' ', '"']).chars().next();
                assert!(
                    !begins.is_some_and(|c| "=+-@＝＋－＠\t\r".contains(c)),
                    "{cell}"
                );
            }
        }
    }
}

#[test]
fn the_order_of_imports_changes_no_byte() {
    let rows = [
        "domain,b.example,x,g 2",
        "domain,a.example,y,g 1",
        "domain,a.example,x,g 2",
    ];
    let files: BTreeSet<Vec<String>> = [[0, 1, 2], [2, 1, 0], [1, 0, 2]]
        .iter()
        .map(|order| {
            let mut coalition = Coalition::new();
            for row in order {
                coalition.import(&format!("kind,value,source,group\n{}\n", rows[*row]));
            }
            let formats = [
                ExportFormat::Csv,
                ExportFormat::JsonLines,
                ExportFormat::Stix,
            ];
            formats.map(|format| export(&coalition, format).0).to_vec()
        })
        .collect();
    assert_eq!(files.len(), 1);
}

#[test]
fn the_report_says_what_import_must_be_told() {
    let mut coalition = Coalition::new();
    let options = ImportOptions {
        www: WwwNames::AsWritten,
        numeric: vec!["shopid".to_owned(), "777".to_owned()],
        ..ImportOptions::new(Format::Csv, "se")
    };
    let csv = "kind,value,source\nother,shopid:12345678901234567,x\n\
               sub_merchant,777/12345678901234567,x\nother,short:1,x\ndomain,www.shop.example,x\n";
    let report = import_by_source(&mut coalition.publisher, csv, &options, now());

    assert_eq!((report.accepted, report.refused.as_slice()), (4, &[][..]));
    let (text, report) = export(&coalition, ExportFormat::Csv);
    assert!(report.keep_www);
    let again = import(&text, Format::Csv, &report.numeric);
    assert_eq!(export(&again, ExportFormat::Csv).0, text);
    let (_, plain) = export(&hard(), ExportFormat::Csv);
    assert!(plain.numeric.is_empty() && !plain.keep_www, "{plain:?}");
}

/// What a gateway may and may not be asked to block, by what is said of it.
fn zones() -> Coalition {
    let mut coalition = Coalition::new();
    coalition.import(
        "kind,value,source,action,confidence,valid_until,scope,flags\n\
         domain,block.example,x,block,990,,,\n\
         domain,block.example,y,review,990,,,\n\
         domain,host.example,x,block,990,,host,\n\
         domain,today.example,x,block,990,2026-11-22,,\n\
         domain,today.example,y,review,990,,,\n\
         domain,tomorrow.example,x,block,990,2026-11-23,,\n\
         domain,review.example,x,review,990,,,\n\
         domain,hold.example,x,hold_payout,990,,,\n\
         domain,victim.example,x,block,990,,,possibly_victim_controlled\n\
         domain,silent.example,x,monitor,990,,,silent\n\
         domain,withheld.example,x,block,990,,,\n\
         domain,narrow.example,x,block,990,,,\n\
         domain,203.0.113.7,x,block,990,,,\n\
         domain,[2001:db8::7],x,block,990,,,\n\
         domain,bücher.example,x,block,990,,,\n\
         domain,my_shop.example,x,block,990,,,\n\
         iban,SE3550000000054910000003,x,block,990,,,\n\
         label,brandname,x,review,990,,,\n",
    );
    coalition.protect("withheld.example\nmine.narrow.example\n");
    coalition
}

const BLOCKED: [(&str, bool); 6] = [
    ("block.example", true),
    ("host.example", false),
    ("my_shop.example", true),
    ("narrow.example", false),
    ("tomorrow.example", true),
    ("xn--bcher-kva.example", true),
];

#[test]
fn a_hosts_file_has_exactly_the_domains_that_gateways_block() {
    let mut coalition = zones();
    let (hosts, report) = export(&coalition, ExportFormat::Hosts);
    let lines = hosts.lines().filter(|line| !line.starts_with('#'));
    let names: Vec<&str> = lines
        .map(|line| line.strip_prefix("0.0.0.0 ").unwrap())
        .collect();
    assert_eq!(names, BLOCKED.map(|(name, _)| name));
    assert_eq!((report.exported, report.left_out), (6, 12));
    coalition.release();
    for name in [
        "block", "host", "today", "tomorrow", "review", "hold", "victim", "silent", "withheld",
        "narrow",
    ] {
        let name = format!("{name}.example");
        let blocks = match coalition.ask(Kind::Domain, &name) {
            Membership::Listed { record, .. } => record.effective_action() == Action::Block,
            _ => false,
        };
        assert_eq!(blocks, names.contains(&name.as_str()), "{name}");
    }
}

#[test]
fn a_zone_covers_names_below_where_the_scope_does_and_spares_protected_ones() {
    let (zone, _) = export(&zones(), ExportFormat::Rpz);
    let mut lines = zone.lines().filter(|line| !line.starts_with(';'));
    assert_eq!(lines.next(), Some("$TTL 300"));
    let serial = format!(
        "@ SOA localhost. hostmaster.localhost. {} 3600 600 604800 300",
        now().seconds()
    );
    assert_eq!(lines.next(), Some(serial.as_str()));
    assert_eq!(lines.next(), Some("@ NS localhost."));
    let expected = BLOCKED.iter().flat_map(|(name, below)| {
        let itself = format!("{name} CNAME .");
        [Some(itself), below.then(|| format!("*.{name} CNAME ."))]
            .into_iter()
            .flatten()
    });
    assert_eq!(lines.collect::<Vec<_>>(), expected.collect::<Vec<_>>());
}

#[test]
fn a_bundle_has_what_others_may_act_on_with_its_end_and_marking() {
    let coalition = zones();
    let (text, report) = export(&coalition, ExportFormat::Stix);
    let bundle: Value = serde_json::from_str(&text).unwrap();
    let objects = bundle["objects"].as_array().unwrap();
    let indicators = objects.iter().filter(|one| one["type"] == "indicator");
    let by_pattern: BTreeMap<&str, Vec<&Value>> =
        indicators.fold(BTreeMap::new(), |mut all, one| {
            all.entry(one["pattern"].as_str().unwrap())
                .or_insert_with(Vec::new)
                .push(one);
            all
        });
    assert_eq!(by_pattern["[domain-name:value = 'block.example']"].len(), 2);
    for pattern in [
        "[ipv4-addr:value = '203.0.113.7']",
        "[ipv6-addr:value = '2001:db8::7']",
        "[domain-name:value = 'xn--bcher-kva.example']",
        "[x-interdict-iban:value = 'SE3550000000054910000003']",
    ] {
        assert!(by_pattern.contains_key(pattern), "{pattern}");
    }
    // Silent, withheld, and one that had ended when it came.
    assert_eq!((report.exported, report.left_out), (15, 3));
    for left_out in ["silent", "withheld"] {
        assert!(!text.contains(&format!("{left_out}.example")), "{left_out}");
    }
    let tomorrow = by_pattern["[domain-name:value = 'tomorrow.example']"][0];
    assert_eq!(tomorrow["valid_from"], "2026-11-22T00:00:00.000Z");
    assert_eq!(tomorrow["valid_until"], "2026-11-23T00:00:00.000Z");
    assert_eq!(
        (&tomorrow["confidence"], &tomorrow["pattern_type"]),
        (&99.into(), &"stix".into())
    );
    let amber = "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421";
    assert_eq!(tomorrow["object_marking_refs"], serde_json::json!([amber]));
    let ids: BTreeSet<&str> = objects
        .iter()
        .map(|one| one["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids.len(), objects.len(), "ids are unique");
    assert!(ids.contains(amber) && ids.contains(tomorrow["created_by_ref"].as_str().unwrap()));
    for id in ids
        .iter()
        .filter(|id| !id.starts_with("marking-definition"))
    {
        let (_, uuid) = id.split_once("--").unwrap();
        // RFC 9562: version 5, variant 10.
        assert_eq!(uuid.as_bytes()[14], b'5', "{id}");
        assert!(b"89ab".contains(&uuid.as_bytes()[19]), "{id}");
    }
    let narrow = by_pattern["[domain-name:value = 'narrow.example']"][0];
    let labels = narrow["labels"].as_array().unwrap();
    assert!(labels.contains(&"interdict:scope=host".into()), "{narrow}");
}

#[test]
fn an_indicator_keeps_its_id_and_says_when_it_changed() {
    let mut coalition = Coalition::new();
    coalition.import("kind,value,source\ndomain,shop.example,x\n");
    let indicator = |coalition: &Coalition| {
        let (text, _) = export(coalition, ExportFormat::Stix);
        let bundle: Value = serde_json::from_str(&text).unwrap();
        let objects = bundle["objects"].as_array().unwrap().clone();
        let mut indicators = objects.into_iter().filter(|one| one["type"] == "indicator");
        indicators.next().unwrap()
    };
    let before = indicator(&coalition);
    let csv = "kind,value,source,confidence,handling\ndomain,shop.example,x,300,red\n";
    let options = ImportOptions::new(Format::Csv, "se");
    let later = now().plus(DAY);
    import_by_source(&mut coalition.publisher, csv, &options, later);
    let after = indicator(&coalition);
    assert_eq!(
        (&before["id"], &before["created"]),
        (&after["id"], &after["created"])
    );
    assert_eq!(before["modified"], "2026-11-22T00:00:00.000Z");
    assert_eq!(after["modified"], "2026-11-23T00:00:00.000Z");
    assert_eq!(
        (&before["confidence"], &after["confidence"]),
        (&90.into(), &30.into())
    );
    let red = "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1";
    assert_eq!(after["object_marking_refs"], serde_json::json!([red]));
}

#[test]
fn a_pattern_holds_what_a_value_says_and_nothing_more() {
    let (text, _) = export(&hard(), ExportFormat::Stix);
    let bundle: Value = serde_json::from_str(&text).unwrap();
    let objects = bundle["objects"].as_array().unwrap();
    let patterns: Vec<&str> = objects
        .iter()
        .filter_map(|one| one["pattern"].as_str())
        .collect();
    for pattern in [
        r"[x-interdict-other:value = 'forum:-1\u{22}2\';=3']".replace("\\u{22}", "\""),
        r"[x-interdict-card-acceptor:value = '412345/=A, \'B;+1']".to_owned(),
    ] {
        assert!(
            patterns.contains(&pattern.as_str()),
            "{pattern}: {patterns:?}"
        );
    }
}

#[test]
fn an_empty_list_gives_files_that_can_be_read() {
    let mut coalition = Coalition::new();
    for (format, read) in [
        (ExportFormat::Csv, Some(Format::Csv)),
        (ExportFormat::JsonLines, Some(Format::JsonLines)),
        (ExportFormat::Hosts, None),
        (ExportFormat::Rpz, None),
        (ExportFormat::Stix, None),
    ] {
        let (text, report) = export(&coalition, format);
        assert_eq!((report.exported, report.left_out), (0, 0));
        if let Some(read) = read {
            // Read to its end, and without a row.
            let options = ImportOptions::new(read, "se");
            let read = coalition.publisher.import(text.as_bytes(), &options, now());
            assert!(matches!(read, Err(PublisherError::File(FileError::Empty))));
        }
    }
    let (text, _) = export(&coalition, ExportFormat::Stix);
    let bundle: Value = serde_json::from_str(&text).unwrap();
    // STIX 2.1, section 8: a bundle's list of objects is never empty.
    assert_eq!(bundle["objects"].as_array().unwrap().len(), 1);
}

#[test]
fn of_several_lists_one_must_be_named() {
    let mut coalition = Coalition::with(TestKeys::Yes, &["se/a", "se/b"]);
    let options = ImportOptions {
        list: Some("se/a".to_owned()),
        ..ImportOptions::new(Format::Csv, "se")
    };
    let csv = "kind,value,source\ndomain,shop.example,x\n";
    import_by_source(&mut coalition.publisher, csv, &options, now());
    let mut bytes = Vec::new();
    let which = coalition
        .publisher
        .export(None, ExportFormat::Csv, now(), &mut bytes);
    assert!(matches!(which, Err(PublisherError::WhichList)));
    let export = |list: &str| {
        let report =
            coalition
                .publisher
                .export(Some(list), ExportFormat::Csv, now(), &mut Vec::new());
        report.unwrap().exported
    };
    assert_eq!((export("se/a"), export("se/b")), (1, 0));
}
