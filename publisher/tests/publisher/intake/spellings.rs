//! What one line lists besides the name it writes.

use interdict_core::identifier::Kind;
use interdict_core::list::{Action, Membership, Scope};
use interdict_publisher::{Format, ImportOptions, WwwNames};

use crate::coalition::{Coalition, now};

const HEADER: &str = "kind,value,source,action,confidence,scope\n";
const ACCOUNT: &str = "xrp:r9cZA1mLK5R5Am25ArfXFmqgNwjZgnfk59";

fn listed(lines: &str) -> Coalition {
    let mut coalition = Coalition::new();
    let report = coalition.import(&format!("{HEADER}{lines}"));
    assert_eq!(report.refused, []);
    coalition.release();
    coalition
}

#[test]
fn a_name_with_www_is_listed_without_it_and_the_report_says_so() {
    let mut coalition = Coalition::new();
    let report = coalition.import(&format!(
        "{HEADER}domain,other.example,a,block,900,\ndomain,WWW.Shop.example,a,block,900,\n"
    ));
    assert_eq!((report.accepted, &report.www[..]), (2, &[3][..]));
    let printed = report.to_string();
    assert!(
        printed.contains("names listed without their www."),
        "{printed}"
    );
    assert!(report.json_lines().contains(r#""line":3"#));
    coalition.release();
    for asked in ["shop.example", "www.shop.example", "pay.shop.example"] {
        assert_eq!(
            coalition.action(Kind::Domain, asked),
            Some(Action::Block),
            "{asked}"
        );
    }
}

#[test]
fn with_scope_host_the_name_is_listed_with_www_and_without() {
    let mut coalition = listed("domain,www.shop.example,a,block,900,host\n");
    for asked in ["shop.example", "www.shop.example"] {
        assert_eq!(
            coalition.action(Kind::Domain, asked),
            Some(Action::Block),
            "{asked}"
        );
    }
    for asked in ["pay.shop.example", "pay.www.shop.example"] {
        assert_eq!(coalition.action(Kind::Domain, asked), None, "{asked}");
    }
}

#[test]
fn www_stays_before_a_name_that_belongs_to_many_and_where_it_is_wanted() {
    let mut coalition =
        listed("domain,www.github.io,a,block,900,\ndomain,www.co.uk,a,block,900,\n");
    for (asked, action) in [
        ("www.github.io", Some(Action::Block)),
        ("github.io", None),
        ("www.co.uk", Some(Action::Block)),
        ("co.uk", None),
    ] {
        assert_eq!(coalition.action(Kind::Domain, asked), action, "{asked}");
    }
    let mut coalition = Coalition::new();
    let options = ImportOptions {
        www: WwwNames::AsWritten,
        ..ImportOptions::new(Format::Csv, "x")
    };
    let csv = format!("{HEADER}domain,www.shop.example,a,block,900,\n");
    let report = coalition.import_with(&csv, &options);
    assert_eq!(report.www, [0_u64; 0]);
    coalition.release();
    assert_eq!(coalition.action(Kind::Domain, "shop.example"), None);
    assert_eq!(
        coalition.action(Kind::Domain, "www.shop.example"),
        Some(Action::Block)
    );
}

#[test]
fn what_was_imported_with_www_is_taken_off_with_www() {
    let mut coalition =
        listed("domain,www.shop.example,a,block,900,\ndomain,x.example,a,block,900,\n");
    let named = interdict_publisher::Names::One {
        kind: "domain",
        value: "www.shop.example",
    };
    let report = coalition
        .publisher
        .delist(named, &Default::default(), now())
        .unwrap();
    assert_eq!((report.delisted, report.not_listed), (1, 0));
    let report = coalition.import(&format!("{HEADER}domain,www.shop.example,a,block,900,\n"));
    assert_eq!(report.refused[0].rule.name(), "delisted");
}

#[test]
fn of_a_listed_tag_the_account_without_it_is_watched_and_no_other_customer_is() {
    let mut coalition = listed(&format!("wallet,{ACCOUNT}/7,a,block,900,\n"));
    let tagged = format!("{ACCOUNT}/7");
    assert_eq!(coalition.action(Kind::Wallet, &tagged), Some(Action::Block));
    let Membership::Listed { record, .. } = coalition.ask(Kind::Wallet, ACCOUNT) else {
        panic!("not listed")
    };
    assert_eq!(
        (record.action, record.scope),
        (Action::Monitor, Scope::Host)
    );
    assert_eq!(
        coalition.action(Kind::Wallet, &format!("{ACCOUNT}/8")),
        None
    );
}

#[test]
fn a_statement_on_the_account_itself_counts_before_that_of_its_tags() {
    let mut coalition = listed(&format!(
        "wallet,{ACCOUNT}/7,a,block,900,\nwallet,{ACCOUNT},b,review,900,\n"
    ));
    assert_eq!(
        coalition.action(Kind::Wallet, ACCOUNT),
        Some(Action::Review)
    );
    let mut coalition = Coalition::new();
    coalition
        .publisher
        .protect(
            format!("kind,value\nwallet,{ACCOUNT}\n").as_bytes(),
            Format::Csv,
            now(),
        )
        .unwrap();
    coalition.import(&format!("{HEADER}wallet,{ACCOUNT}/7,a,block,900,\n"));
    coalition.release();
    assert_eq!(coalition.action(Kind::Wallet, ACCOUNT), None);
}

#[test]
fn a_number_of_mexico_is_found_in_both_spellings() {
    let mut coalition =
        listed("phone,+5215512345678,a,block,900,\nphone,+541123456789,a,block,900,\n");
    for asked in [
        "+525512345678",
        "+52 1 55 1234 5678",
        "+541123456789",
        "+5491123456789",
    ] {
        assert_eq!(
            coalition.action(Kind::Phone, asked),
            Some(Action::Block),
            "{asked}"
        );
    }
}

#[test]
fn an_id_as_long_as_a_card_number_needs_somebody_who_gives_such_ids_out() {
    let csv = format!(
        "{HEADER}other,shop.example:5901234123457,a,block,900,\n\
         sub_merchant,214365/4000000000000002,a,block,900,\n"
    );
    let mut coalition = Coalition::new();
    let report = coalition.import(&csv);
    let rules: Vec<_> = report.refused.iter().map(|line| line.rule.name()).collect();
    assert_eq!(rules, ["pan_refused", "pan_refused"]);
    let options = ImportOptions {
        numeric: vec!["shop.example".to_owned(), "214365".to_owned()],
        ..ImportOptions::new(Format::Csv, "x")
    };
    let report = coalition.import_with(&csv, &options);
    assert_eq!((report.accepted, report.refused.len()), (2, 0));
    // They are read back, released and taken off.
    coalition.release();
    let named = interdict_publisher::Names::One {
        kind: "other",
        value: "shop.example:5901234123457",
    };
    let report = coalition
        .publisher
        .delist(named, &Default::default(), now())
        .unwrap();
    assert_eq!((report.delisted, report.refused.len()), (1, 0));
    let unknown = interdict_publisher::Names::One {
        kind: "other",
        value: "shop.example:4111111111111111",
    };
    let report = coalition
        .publisher
        .delist(unknown, &Default::default(), now())
        .unwrap();
    assert_eq!(report.refused[0].rule.name(), "pan_refused");
}

/// Requests are read as the handle, so an entry of the domain would be found by nobody.
#[test]
fn a_domain_of_a_payment_host_is_refused_with_the_advice_to_list_the_handle() {
    let mut coalition = Coalition::new();
    let report = coalition.import(&format!(
        "{HEADER}domain,badshop.t.me,a,block,900,\ndomain,t.me,a,block,900,\n\
         domain,patreon.com,a,block,900,\ndomain,shop.example,a,block,900,\n\
         handle,telegram:badshop,a,block,900,\n"
    ));
    let refused = report
        .refused
        .iter()
        .map(|line| (line.line, line.rule.name()));
    let refused: Vec<_> = refused.collect();
    let host = "payment_host";
    assert_eq!(refused, [(2, host), (3, host), (4, host)]);
    assert_eq!(report.accepted, 2);
    let advice = report.refused[0].rule.advice();
    assert!(advice.contains("list the handle"), "{advice}");
}
