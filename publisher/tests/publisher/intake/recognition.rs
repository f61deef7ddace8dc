//! Files as spreadsheets of several countries write them, and files that could be read in two ways.

use interdict_core::common::time::Time;
use interdict_core::identifier::Kind;
use interdict_core::list::Membership;
use interdict_publisher::{
    ConfidenceScale, DateOrder, Delimiter, Doubt, Effect, Encoding, FileError, Format,
    ImportOptions, ImportReport, Mapping, MappingError, PublisherError, ReadOptions,
};

use crate::coalition::{Coalition, now, tree};

/// The columns of an export in the words of its users, with an empty line's end of each system.
const ROWS: [[&str; 5]; 3] = [
    ["kind", "value", "source", "confidence", "valid_until"],
    ["domain", "sh\u{f6}p.example", "x", "0,95", "31-12-2027"],
    ["domain", "b.example", "x", "0,3", "01-02-2027"],
];

fn text(delimiter: &str, end: &str) -> String {
    ROWS.iter().map(|row| row.join(delimiter) + end).collect()
}

fn utf_16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(bytes).collect()
}

/// Every character of the text is below U+0100, where Windows-1252 is Latin-1.
fn windows(text: &str) -> Vec<u8> {
    text.chars()
        .map(|character| u8::try_from(u32::from(character)).unwrap())
        .collect()
}

fn import(bytes: &[u8], read: ReadOptions) -> Result<(Coalition, ImportReport), FileError> {
    let mut coalition = Coalition::new();
    coalition.source("x");
    let options = ImportOptions {
        read,
        ..ImportOptions::new(Format::Csv, "x")
    };
    match coalition.publisher.import(bytes, &options, now()) {
        Ok(report) => Ok((coalition, report)),
        Err(PublisherError::File(error)) => Err(error),
        Err(other) => panic!("{other}"),
    }
}

fn doubt(csv: &str) -> Option<Doubt> {
    match import(csv.as_bytes(), ReadOptions::default()) {
        Ok(_) => None,
        Err(FileError::Doubt(doubt)) => Some(doubt),
        Err(other) => panic!("{other}"),
    }
}

/// Confidence and end of a listed name.
fn listed(coalition: &mut Coalition, name: &str) -> (u16, String) {
    match coalition.ask(Kind::Domain, name) {
        Membership::Listed { record, .. } => (record.confidence, record.valid_until.to_string()),
        _ => panic!("not listed"),
    }
}

#[test]
fn exports_of_swedish_dutch_and_german_spreadsheets_are_read_without_options() {
    let semicolons = text(";", "\r\n");
    let tabs = text("\t", "\r\n");
    let marked = format!("\u{feff}{semicolons}");
    for (bytes, encoding, delimiter, mark) in [
        (
            marked.as_bytes().to_vec(),
            Encoding::Utf8,
            Delimiter::Semicolon,
            true,
        ),
        (
            semicolons.as_bytes().to_vec(),
            Encoding::Utf8,
            Delimiter::Semicolon,
            false,
        ),
        (
            windows(&semicolons),
            Encoding::Windows1252,
            Delimiter::Semicolon,
            false,
        ),
        (
            utf_16(&format!("\u{feff}{tabs}"), u16::to_le_bytes),
            Encoding::Utf16Le,
            Delimiter::Tab,
            true,
        ),
        (
            utf_16(&format!("\u{feff}{tabs}"), u16::to_be_bytes),
            Encoding::Utf16Be,
            Delimiter::Tab,
            true,
        ),
    ] {
        let (mut coalition, report) = import(&bytes, ReadOptions::default()).unwrap();
        assert_eq!(
            (report.accepted, report.refused.len()),
            (2, 0),
            "{encoding:?}"
        );
        let found = report.recognised;
        assert_eq!((found.encoding, found.byte_order_mark), (encoding, mark));
        assert_eq!(
            (found.delimiter, found.decimal_comma),
            (Some(delimiter), true)
        );
        assert_eq!(found.confidence, Some(ConfidenceScale::Fraction));
        assert_eq!(found.dates, Some(DateOrder::DayFirst));
        assert_eq!(report.respelled, [2]);
        coalition.release();
        let end = "2027-12-31T00:00:00Z".to_owned();
        assert_eq!(listed(&mut coalition, "xn--shp-tna.example"), (950, end));
        let end = "2027-02-01T00:00:00Z".to_owned();
        assert_eq!(listed(&mut coalition, "b.example"), (300, end));
    }
}

#[test]
fn confidence_is_recognised_over_the_whole_column_or_refused() {
    let csv = |numbers: &[&str]| -> String {
        let rows = (1..).zip(numbers);
        let rows =
            rows.map(|(number, text)| format!("domain;n{number}.example;x;monitor;{text}\n"));
        format!(
            "kind;value;source;action;confidence\n{}",
            rows.collect::<String>()
        )
    };
    for (numbers, doubt_expected) in [
        (&["90"][..], Some(Doubt::Confidence)),
        (&["1"], Some(Doubt::Confidence)),
        (&["100", "1", "55"], Some(Doubt::Confidence)),
        (&["0.9", "90"], Some(Doubt::ConfidenceMixed)),
        (&["0,5", "95,5"], Some(Doubt::ConfidenceMixed)),
        (&["90%", "90"], Some(Doubt::ConfidenceMixed)),
        (&["90", "101"], None),
        (&["", ""], None),
        (&["0,9", "1"], None),
        (&["95,5", "90"], None),
        (&["90%", "5 %"], None),
    ] {
        assert_eq!(doubt(&csv(numbers)), doubt_expected, "{numbers:?}");
    }
    for (numbers, scale, expected) in [
        (["90", "101"], None, [90, 101]),
        (["95.5", "100"], None, [955, 999]),
        (["0.0019", "1,0"], None, [1, 999]),
        (["90", "1"], Some(ConfidenceScale::Percent), [900, 10]),
        (["90", "1"], Some(ConfidenceScale::PerMille), [90, 1]),
    ] {
        let read = ReadOptions {
            confidence: scale,
            ..ReadOptions::default()
        };
        let (mut coalition, report) = import(csv(&numbers).as_bytes(), read).unwrap();
        assert_eq!(report.accepted, 2, "{numbers:?} {report}");
        coalition.release();
        for (number, expected) in (1..).zip(expected) {
            let name = format!("n{number}.example");
            assert_eq!(listed(&mut coalition, &name).0, expected, "{numbers:?}");
        }
    }
    // In a column of per mille, what is none is refused alone.
    let (_, report) = import(
        csv(&["900", "0,9", "1000"]).as_bytes(),
        ReadOptions::default(),
    )
    .unwrap();
    assert_eq!(report.refused_by_rule()["confidence"], 2);
}

#[test]
fn dates_are_recognised_over_the_whole_column_or_refused() {
    let csv = |dates: &[&str]| -> String {
        let rows = (1..).zip(dates);
        let rows = rows.map(|(number, text)| format!("domain,n{number}.example,x,{text}\n"));
        format!(
            "kind,value,source,valid_until\n{}",
            rows.collect::<String>()
        )
    };
    for (dates, doubt_expected) in [
        (&["01/02/2027"][..], Some(Doubt::Dates)),
        (&["01-02-2027", "2027-01-31"], Some(Doubt::Dates)),
        (&["31/12/2027", "12/31/2027"], Some(Doubt::DatesMixed)),
        (&["01.02.2027"], None),
        (&["05/05/2027"], None),
        (&["01/02/2027", "13/02/2027"], None),
    ] {
        assert_eq!(doubt(&csv(dates)), doubt_expected, "{dates:?}");
    }
    for (dates, order, expected) in [
        (
            ["1/2/2027", "13/2/2027"],
            None,
            ["2027-02-01", "2027-02-13"],
        ),
        (
            ["1/2/2027", "2/13/2027"],
            None,
            ["2027-01-02", "2027-02-13"],
        ),
        (
            ["01.02.2027", "2027-12-31"],
            None,
            ["2027-02-01", "2027-12-31"],
        ),
        (
            ["01/02/2027", "02-03-2027"],
            Some(DateOrder::MonthFirst),
            ["2027-01-02", "2027-02-03"],
        ),
        (
            ["01/02/2027", "01.02.2027"],
            Some(DateOrder::DayFirst),
            ["2027-02-01", "2027-02-01"],
        ),
    ] {
        let read = ReadOptions {
            dates: order,
            ..ReadOptions::default()
        };
        let (mut coalition, report) = import(csv(&dates).as_bytes(), read).unwrap();
        assert_eq!(report.accepted, 2, "{dates:?} {report}");
        coalition.release();
        for (number, expected) in (1..).zip(expected) {
            let end = listed(&mut coalition, &format!("n{number}.example")).1;
            assert_eq!(end, format!("{expected}T00:00:00Z"), "{dates:?}");
        }
    }
    let read = ReadOptions {
        dates: Some(DateOrder::Iso),
        ..ReadOptions::default()
    };
    let (_, report) = import(csv(&["31.12.2027", "2027-12-31"]).as_bytes(), read).unwrap();
    assert_eq!(report.refused_by_rule()["valid_until"], 1);
}

#[test]
fn a_header_that_splits_in_two_ways_and_bytes_of_no_known_encoding_are_refused() {
    assert_eq!(
        doubt("kind,value;source\ndomain,a.example;x\n"),
        Some(Doubt::Delimiter)
    );
    let header = b"kind,value,source,group\ndomain,a.example,x,".to_vec();
    // A letter of Polish in Windows-1250, a zero byte, and UTF-8 beside what is none.
    for wrong in [&b"\xb9\n"[..], b"a\0\n", b"\xc3\xb6 \xf6\n"] {
        let bytes = [&header[..], wrong].concat();
        let error = import(&bytes, ReadOptions::default()).err();
        assert_eq!(error, Some(FileError::Doubt(Doubt::Encoding)), "{wrong:?}");
    }
    let read = ReadOptions {
        encoding: Some(Encoding::Utf8),
        ..ReadOptions::default()
    };
    let bytes = [&header[..], b"\xb9\ndomain,b.example,x,\n"].concat();
    let (_, report) = import(&bytes, read).unwrap();
    assert_eq!(
        (report.accepted, report.refused_by_rule()["encoding"]),
        (1, 1)
    );
}

#[test]
fn a_column_or_kind_of_card_numbers_is_always_refused() {
    for name in ["payment-card", "cc-number", "Card Number", "PAN"] {
        let csv = format!("kind,value,source,{name}\ndomain,a.example,x,\n");
        let ignoring = ReadOptions {
            mapping: Some(Mapping::parse("ignore = \"rest\"").unwrap()),
            ..ReadOptions::default()
        };
        for read in [ReadOptions::default(), ignoring] {
            let error = import(csv.as_bytes(), read).err();
            assert_eq!(error, Some(FileError::CardColumn(4)), "{name}");
        }
    }
    let csv = "kind,value,source\npayment-card,1,x\ncc-number,2,x\ndomain,a.example,x\n";
    let (_, report) = import(csv.as_bytes(), ReadOptions::default()).unwrap();
    assert_eq!(
        (report.accepted, report.refused_by_rule()["pan_refused"]),
        (1, 2)
    );
    let line =
        "{\"kind\":\"domain\",\"value\":\"a.example\",\"source\":\"x\",\"cc-number\":\"1\"}\n";
    let mut coalition = Coalition::new();
    coalition.source("x");
    let options = ImportOptions::new(Format::JsonLines, "x");
    let report = coalition
        .publisher
        .import(line.as_bytes(), &options, now())
        .unwrap();
    assert_eq!(report.refused_by_rule()["pan_refused"], 1);
}

#[test]
fn a_mapping_names_columns_constants_and_what_to_leave_out() {
    let csv =
        "URL,Score,Note\nhttps://shop.example:8443/a?b=c,90,x\nhttps://www.two.example/,80,\n";
    let mapping = "value = \"URL\"\nconfidence = \"Score\"\nignore = [\"Note\"]\n\
                   [constants]\nkind = \"url\"\naction = \"review\"\n";
    let read = ReadOptions {
        mapping: Some(Mapping::parse(mapping).unwrap()),
        confidence: Some(ConfidenceScale::Percent),
        ..ReadOptions::default()
    };
    let (mut coalition, report) = import(csv.as_bytes(), read).unwrap();
    assert_eq!((report.accepted, report.refused.len()), (2, 0), "{report}");
    assert_eq!(report.www, [3]);
    let found = report.recognised;
    assert_eq!(
        (found.hosts_kept, found.paths_dropped, found.columns_ignored),
        (2, 1, 1)
    );
    coalition.release();
    assert_eq!(listed(&mut coalition, "shop.example").0, 900);

    let unmapped = ReadOptions {
        mapping: Some(Mapping::parse("value = \"URL\"").unwrap()),
        ..ReadOptions::default()
    };
    assert_eq!(
        import(csv.as_bytes(), unmapped).err(),
        Some(FileError::UnknownColumn(2))
    );
    for (text, error) in [
        ("value = ", MappingError::Syntax { line: 1 }),
        (
            "kind = \"a\"\nvalue = \"b\n",
            MappingError::Syntax { line: 2 },
        ),
        ("secret = \"URL\"", MappingError::UnknownField),
        ("value = [1]", MappingError::NotText("value")),
        ("ignore = 3", MappingError::Ignore),
        (
            "kind = \"URL\"\nvalue = \"URL\"",
            MappingError::ColumnTwice("value"),
        ),
        (
            "value = \"URL\"\nignore = [\"URL\"]",
            MappingError::ColumnTwice("value"),
        ),
    ] {
        assert_eq!(
            Mapping::parse(text),
            Err(FileError::Mapping(error)),
            "{text}"
        );
        assert!(!error.to_string().contains("secret"));
    }
}

#[test]
fn an_empty_file_is_refused_in_every_format() {
    for (format, text) in [
        (Format::Csv, "kind,value,source\r\n\r\n"),
        (Format::JsonLines, "\n"),
        (Format::Hosts, "# nothing\n127.0.0.1 localhost\n"),
        (Format::Urls, "# nothing\n"),
        (Format::Stix, "{\"type\":\"bundle\",\"objects\":[]}"),
        (Format::Misp, "{\"response\":[]}"),
    ] {
        let mut coalition = Coalition::new();
        coalition.source("x");
        let options = ImportOptions::new(format, "x");
        match coalition.publisher.import(text.as_bytes(), &options, now()) {
            Err(PublisherError::File(FileError::Empty)) => {}
            other => panic!("{format:?} {other:?}"),
        }
    }
}

#[test]
fn a_dry_run_reports_the_same_and_keeps_nothing() {
    let csv = "kind,value,source\ndomain,www.Shop.example,x\ndomain,,x\n";
    let mut coalition = Coalition::new();
    coalition.source("x");
    let commit = ImportOptions::new(Format::Csv, "x");
    let dry = ImportOptions {
        effect: Effect::DryRun,
        ..commit.clone()
    };
    let first = coalition
        .publisher
        .import(csv.as_bytes(), &dry, now())
        .unwrap();
    let second = coalition
        .publisher
        .import(csv.as_bytes(), &commit, now())
        .unwrap();
    assert_eq!((first.accepted, second.accepted, second.entries), (1, 1, 1));
    let as_committed = ImportReport {
        effect: Effect::Commit,
        ..first
    };
    assert_eq!(as_committed, second);
}

#[test]
fn an_end_in_the_past_is_a_warning_with_line_numbers() {
    let csv = "kind,value,source,valid_until\ndomain,a.example,x,2026-11-21\n\
               domain,b.example,x,2026-11-22\ndomain,c.example,x,2026-11-23\n";
    let (_, report) = import(csv.as_bytes(), ReadOptions::default()).unwrap();
    assert_eq!((report.accepted, report.ended.as_slice()), (3, &[2, 3][..]));
    assert!(
        report.to_string().contains("warning: valid_until is over"),
        "{report}"
    );
    assert!(
        report
            .json_lines()
            .contains("{\"line\":2,\"note\":\"ended\"}")
    );
    assert_eq!(
        Time::parse("2026-11-22T00:00:00Z"),
        Some(now()),
        "the second line ends now"
    );
}

#[test]
fn a_list_that_nearly_fills_a_release_is_a_warning() {
    let csv = "kind,value,source\ndomain,a.example,x\n";
    let (_, mut report) = import(csv.as_bytes(), ReadOptions::default()).unwrap();
    assert!(!report.to_string().contains("holds at most"), "{report}");
    report.entries = 18_000_000;
    assert!(
        report
            .to_string()
            .contains("18000000 entries, and a release holds at most 20000000")
    );
}

#[test]
fn delist_protect_and_disclose_read_what_spreadsheets_write() {
    use interdict_publisher::{DelistOptions, Disclosure, Names};
    let mut coalition = Coalition::new();
    coalition.source("x");
    coalition
        .import("kind,value,source,action\ndomain,a.example,x,block\ndomain,b.example,x,block\n");
    let export = "\u{feff}kind;value\r\nurl;https://a.example/path\r\n";
    let mut bytes = export.as_bytes();
    let names = Names::File {
        bytes: &mut bytes,
        format: Format::Csv,
    };
    let disclosed = coalition
        .publisher
        .disclose(names, None, Disclosure::Mark, now());
    assert_eq!(disclosed.unwrap().changed, 1);
    let mut bytes = export.as_bytes();
    let names = Names::File {
        bytes: &mut bytes,
        format: Format::Csv,
    };
    let delisted = coalition
        .publisher
        .delist(names, &DelistOptions::default(), now());
    assert_eq!(delisted.unwrap().delisted, 1);
    let protected = coalition
        .publisher
        .protect(export.as_bytes(), Format::Csv, now());
    assert_eq!(protected.unwrap().added, 1);
}

#[test]
fn a_dry_run_leaves_no_deed_and_no_row() {
    let mut coalition = Coalition::new();
    coalition.source("x");
    let before = tree(&coalition.directory());
    let csv = "kind,value\ndomain,a.example\ndomain,\n";
    let dry = ImportOptions {
        effect: Effect::DryRun,
        ..ImportOptions::new(Format::Csv, "x")
    };
    let report = coalition.publisher.import(csv.as_bytes(), &dry, now());
    let report = report.unwrap();
    assert_eq!((report.accepted, report.refused.len()), (1, 1));
    assert!(tree(&coalition.directory()) == before);
}

#[test]
fn a_line_that_is_refused_again_is_kept_once() {
    let mut coalition = Coalition::new();
    coalition.source("x");
    let options = ImportOptions::new(Format::Csv, "x");
    for csv in [
        "kind,value\ndomain,\ndomain,a.example\n",
        "kind,value\ndomain,\n\n",
        "kind,value\ndomain,\ndomain,a.example\n",
    ] {
        let report = coalition
            .publisher
            .import(csv.as_bytes(), &options, now())
            .unwrap();
        assert_eq!(report.refused.len(), 1);
    }
    let path = coalition.directory().join("register.sqlite");
    let register = rusqlite::Connection::open(path).unwrap();
    let count: i64 = register
        .query_row("SELECT count(*) FROM rejected", [], |row| row.get(0))
        .unwrap();
    assert_eq!(count, 2, "one of each file");
}

#[test]
fn a_phone_number_that_export_guards_against_formulas_comes_back() {
    let csv = "kind,value\nphone,'+46701234567\n";
    let (mut coalition, report) = import(csv.as_bytes(), ReadOptions::default()).unwrap();
    assert_eq!((report.accepted, report.refused.len()), (1, 0), "{report}");
    coalition.release();
    assert!(matches!(
        coalition.ask(Kind::Phone, "+46701234567"),
        Membership::Listed { .. }
    ));
}
