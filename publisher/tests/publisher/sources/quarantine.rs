use interdict_core::identifier::Kind;
use interdict_core::list::{Action, Membership};
use interdict_publisher::{
    AcceptOptions, AcceptReport, DelistOptions, Disclosure, EmptyLists, Format, ImportOptions,
    ImportReport, Names, NewSource, Quarantine, ReleaseOptions, SourceChange, SourceClass,
};

use crate::coalition::{Coalition, now};

/// A coalition with a hotline whose tips wait.
fn coalition() -> Coalition {
    let mut coalition = Coalition::new();
    let tips = NewSource::new("tips", SourceClass::Hotline);
    coalition.publisher.source_add(tips, now()).unwrap();
    coalition
}

fn import(coalition: &mut Coalition, rows: &str) -> ImportReport {
    let options = ImportOptions::new(Format::Csv, "tips");
    let csv = format!("kind,value,action,confidence,valid_until\n{rows}");
    let report = coalition.publisher.import(csv.as_bytes(), &options, now());
    report.unwrap()
}

fn accept(coalition: &mut Coalition, csv: &str) -> AcceptReport {
    let names = Names::File {
        bytes: &mut csv.as_bytes(),
        format: Format::Csv,
    };
    let options = AcceptOptions::default();
    coalition.publisher.accept(names, &options, now()).unwrap()
}

fn accept_one(coalition: &mut Coalition, value: &str) -> AcceptReport {
    accept(coalition, &format!("kind,value\ndomain,{value}\n"))
}

fn action(coalition: &mut Coalition, value: &str) -> Option<Action> {
    let options = ReleaseOptions {
        empty: EmptyLists::Allow,
        ..ReleaseOptions::default()
    };
    coalition.publisher.release(now(), &options).unwrap();
    coalition.action(Kind::Domain, value)
}

fn rules(report: &AcceptReport) -> Vec<(u64, &'static str)> {
    let refused = report.refused.iter();
    refused.map(|line| (line.line, line.rule.name())).collect()
}

#[test]
fn a_tip_does_not_go_out_until_a_person_accepts_it() {
    let mut coalition = coalition();
    let report = import(&mut coalition, "domain,shop.example,block,950,\n");
    assert_eq!((report.accepted, report.quarantined), (1, 1));
    assert!(report.to_string().contains("in quarantine"), "{report}");
    assert_eq!(action(&mut coalition, "shop.example"), None);
    let status = coalition.publisher.status(now()).unwrap();
    assert_eq!(
        (status.lists[0].identifiers, status.lists[0].quarantined),
        (0, 1)
    );
    assert!(status.to_string().contains("1 statements in quarantine"));
    let again = import(&mut coalition, "domain,shop.example,block,950,\n");
    assert_eq!((again.unchanged, again.quarantined), (1, 0));

    let report = accept_one(&mut coalition, "www.shop.example");
    assert_eq!(report.accepted, 1, "under the name it is listed as");
    assert_eq!(action(&mut coalition, "shop.example"), Some(Action::Block));
    let status = coalition.publisher.status(now()).unwrap();
    assert_eq!(
        (status.lists[0].identifiers, status.lists[0].quarantined),
        (1, 0)
    );
    let again = import(&mut coalition, "domain,shop.example,block,950,\n");
    assert_eq!((again.unchanged, again.quarantined), (1, 0));
    let report = accept_one(&mut coalition, "shop.example");
    assert_eq!(
        (report.accepted, report.not_waiting.as_slice()),
        (0, &[2][..])
    );
}

#[test]
fn what_other_sources_say_about_a_tip_goes_out_all_the_same() {
    let mut coalition = coalition();
    import(&mut coalition, "domain,shop.example,block,990,\n");
    coalition.import("kind,value,source,action\ndomain,shop.example,police-se,review\n");
    assert_eq!(action(&mut coalition, "shop.example"), Some(Action::Review));
    let sources = coalition.publisher.sources(now()).unwrap();
    let counts = |source: &str| {
        let counts = &sources[0].sources[source];
        (
            counts.entries,
            counts.in_force,
            counts.alone,
            counts.waiting,
        )
    };
    assert_eq!(counts("police-se"), (1, 1, 1, 0));
    assert_eq!(counts("tips"), (0, 0, 0, 1));
}

#[test]
fn an_accepted_tip_cannot_grow_without_a_person_and_can_shrink() {
    let mut coalition = coalition();
    import(
        &mut coalition,
        "domain,shop.example,review,800,2027-01-31\n",
    );
    accept_one(&mut coalition, "shop.example");
    // A stronger action, more confidence, a later end: each waits, and what was accepted goes on.
    for row in [
        "domain,shop.example,block,950,2027-01-31\n",
        "domain,shop.example,review,801,2027-01-31\n",
        "domain,shop.example,review,800,2027-02-01\n",
        "domain,shop.example,monitor,801,2027-01-31\n",
    ] {
        assert_eq!(import(&mut coalition, row).quarantined, 1, "{row}");
        let found = action(&mut coalition, "shop.example");
        assert_eq!(found, Some(Action::Review), "{row}");
    }
    // Less goes out at once, and ends the wait of what was asked for before.
    let report = import(
        &mut coalition,
        "domain,shop.example,monitor,800,2027-01-31\n",
    );
    assert_eq!((report.updated, report.quarantined), (1, 0));
    assert_eq!(
        action(&mut coalition, "shop.example"),
        Some(Action::Monitor)
    );
    assert_eq!(accept_one(&mut coalition, "shop.example").accepted, 0);
}

#[test]
fn everything_of_one_source_is_accepted_and_nothing_of_another() {
    let mut coalition = coalition();
    let member = NewSource::new("bank-a", SourceClass::Member);
    coalition.publisher.source_add(member, now()).unwrap();
    import(
        &mut coalition,
        "domain,a.example,block,950,\ndomain,b.example,block,950,\n",
    );
    let options = ImportOptions::new(Format::Csv, "bank-a");
    let csv = &b"kind,value,action\ndomain,b.example,review\ndomain,c.example,review\n"[..];
    coalition.publisher.import(csv, &options, now()).unwrap();
    let report = coalition
        .publisher
        .accept_all("bank-a", None, now())
        .unwrap();
    assert_eq!(report.accepted, 2);
    assert_eq!(action(&mut coalition, "a.example"), None);
    assert_eq!(action(&mut coalition, "b.example"), Some(Action::Review));
    // Of one identifier one source's statement, by the source that the row names.
    let report = accept(
        &mut coalition,
        "kind,value,source\ndomain,a.example,bank-a\n",
    );
    assert_eq!((report.accepted, report.not_waiting.len()), (0, 1));
    let report = accept(&mut coalition, "kind,value,source\ndomain,a.example,tips\n");
    assert_eq!(report.accepted, 1);
    assert!(
        coalition
            .publisher
            .accept_all("nobody", None, now())
            .is_err()
    );
}

#[test]
fn what_changed_after_a_person_looked_at_it_is_not_accepted() {
    let mut coalition = coalition();
    import(
        &mut coalition,
        "domain,a.example,review,800,\ndomain,b.example,review,800,2027-01-31\n",
    );
    let mut printed =
        "kind,value,source,action,category,confidence,valid_until,scope,flags\n".to_owned();
    let waiting = coalition.publisher.waiting(None, None).unwrap();
    for statement in &waiting {
        printed += &(statement.row().join(",") + "\n");
    }
    assert!(
        printed.contains("domain,b.example,tips,review,other,800,2027-01-31T00:00:00Z,domain,\n")
    );
    import(&mut coalition, "domain,a.example,block,950,\n");
    let report = accept(&mut coalition, &printed);
    assert_eq!(report.accepted, 1);
    assert_eq!(rules(&report), [(2, "statement_changed")]);
    assert_eq!(action(&mut coalition, "a.example"), None);
    assert_eq!(action(&mut coalition, "b.example"), Some(Action::Review));
    // A debug line names no merchant.
    assert!(!format!("{waiting:?}").contains("example"));
}

#[test]
fn a_delisted_tip_is_gone_for_good() {
    let mut coalition = coalition();
    import(&mut coalition, "domain,shop.example,block,950,\n");
    let names = Names::One {
        kind: "domain",
        value: "shop.example",
    };
    let report = coalition
        .publisher
        .delist(names, &DelistOptions::default(), now());
    assert_eq!(report.unwrap().delisted, 1);
    assert_eq!(accept_one(&mut coalition, "shop.example").accepted, 0);
    let again = import(&mut coalition, "domain,shop.example,block,950,\n");
    assert_eq!(again.refused[0].rule.name(), "delisted");
    assert!(coalition.publisher.waiting(None, None).unwrap().is_empty());
}

#[test]
fn a_tip_cannot_be_made_public_and_one_above_a_protected_name_is_narrowed_once_accepted() {
    let mut coalition = coalition();
    import(&mut coalition, "domain,shop.example,block,950,\n");
    let names = Names::One {
        kind: "domain",
        value: "shop.example",
    };
    let report = coalition
        .publisher
        .disclose(names, None, Disclosure::Mark, now());
    assert_eq!(report.unwrap().refused[0].rule.name(), "not_listed");
    coalition.protect("pay.shop.example\n");
    let report = accept_one(&mut coalition, "shop.example");
    assert_eq!((report.accepted, report.conflicts.len()), (1, 1));
    assert_eq!(action(&mut coalition, "shop.example"), Some(Action::Block));
    let below = coalition.ask(Kind::Domain, "pay.shop.example");
    assert_eq!(below, Membership::Absent);
}

#[test]
fn a_kind_that_the_list_stopped_declaring_stays_in_quarantine() {
    let mut coalition = coalition();
    import(
        &mut coalition,
        "domain,a.example,review,900,\nphone,+46701234567,review,900,\n",
    );
    let declared = coalition
        .publisher
        .declare_kinds(None, &[Kind::Domain], now());
    declared.unwrap();
    let report = coalition.publisher.accept_all("tips", None, now()).unwrap();
    assert_eq!(
        (report.accepted, rules(&report)),
        (1, vec![(0, "kind_undeclared")])
    );
    let report = accept(&mut coalition, "kind,value\nphone,+46701234567\n");
    assert_eq!(rules(&report), [(2, "kind_undeclared")]);
}

#[test]
fn ending_a_quarantine_lets_the_next_file_through_and_not_what_waits() {
    let mut coalition = coalition();
    import(&mut coalition, "domain,a.example,block,950,\n");
    let off = SourceChange {
        quarantine: Some(Quarantine::Off),
        ..SourceChange::default()
    };
    coalition
        .publisher
        .source_change("tips", off, now())
        .unwrap();
    assert_eq!(action(&mut coalition, "a.example"), None);
    let report = import(&mut coalition, "domain,b.example,block,950,\n");
    assert_eq!((report.accepted, report.quarantined), (1, 0));
    assert_eq!(action(&mut coalition, "b.example"), Some(Action::Block));
    assert_eq!(coalition.action(Kind::Domain, "a.example"), None);
    // A newer statement goes out, and the one that waited is over.
    import(&mut coalition, "domain,a.example,review,950,\n");
    assert_eq!(accept_one(&mut coalition, "a.example").accepted, 0);
    assert_eq!(action(&mut coalition, "a.example"), Some(Action::Review));
}

#[test]
fn refused_lines_of_accept_have_no_values() {
    let mut coalition = coalition();
    let report = accept(
        &mut coalition,
        "kind,value\ndomain,secret.example/path\nother,x:4000000000000002\ndomian,secret.example\n",
    );
    assert_eq!(
        rules(&report),
        [(2, "url_not_host"), (3, "pan_refused"), (4, "kind_unknown")]
    );
    let printed = format!("{report}{report:?}{}", report.json_lines());
    assert!(
        !printed.contains("secret") && !printed.contains("4000"),
        "{printed}"
    );
}
