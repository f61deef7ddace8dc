use interdict_core::common::time::Time;
use interdict_core::identifier::Kind;
use interdict_core::list::{Handling, Membership};
use interdict_publisher::{
    DelistOptions, DiscloseReport, Disclosure, Format, ListStatus, Names, PublisherError,
    ReleaseOptions,
};

use crate::coalition::{Coalition, DAY, now};

const HEADER: &str = "kind,value,source,action,flags,valid_until,handling\n";

fn disclose(coalition: &mut Coalition, csv: &str, disclosure: Disclosure) -> DiscloseReport {
    let names = Names::File {
        bytes: &mut csv.as_bytes(),
        format: Format::Csv,
    };
    let done = coalition.publisher.disclose(names, None, disclosure, now());
    done.unwrap()
}

fn mark(coalition: &mut Coalition, name: &str) -> Result<(u64, u64), &'static str> {
    let csv = format!("kind,value\ndomain,{name}\n");
    let report = disclose(coalition, &csv, Disclosure::Mark);
    match report.refused.first() {
        Some(refused) => Err(refused.rule.name()),
        None => Ok((report.changed, report.unchanged)),
    }
}

fn status(coalition: &Coalition) -> ListStatus {
    let mut status = coalition.publisher.status(now()).unwrap();
    status.lists.remove(0)
}

/// How many go into the public edition once they have waited, and how many marked ones do not.
fn public(coalition: &Coalition) -> (usize, usize) {
    let list = status(coalition);
    assert_eq!(list.disclosed, 0, "nothing was blocked yet");
    (list.waiting, list.held_back)
}

#[test]
fn what_must_stay_unknown_is_refused_with_its_rule() {
    let mut coalition = Coalition::new();
    let listings = [
        "domain,open.example,x,block,,,clear",
        "domain,open.example,y,review,mandatory,,",
        "domain,watched.example,x,monitor,,,",
        "domain,held.example,x,hold_payout,,,",
        "domain,silent.example,x,monitor,silent,,",
        "domain,victim.example,x,block,possibly_victim_controlled,,",
        "domain,red.example,x,block,,,red",
        "iban,SE3550000000054910000003,x,block,,,",
        // One statement of two is enough.
        "domain,mixed.example,x,block,,,",
        "domain,mixed.example,y,monitor,,,",
        // An ended listing no longer watches; what must be kept quiet must be kept for good.
        "domain,ended.example,x,block,,,",
        "domain,ended.example,y,monitor,,2026-11-01,",
        "domain,quiet.example,x,block,,,",
        "domain,quiet.example,y,monitor,silent,2026-11-01,",
    ];
    let csv = listings.join("\n");
    assert_eq!(coalition.import(&format!("{HEADER}{csv}\n")).accepted, 14);
    let asked = "kind,value\n\
        domain,open.example\n\
        domain,watched.example\n\
        domain,held.example\n\
        domain,silent.example\n\
        domain,victim.example\n\
        domain,red.example\n\
        iban,SE3550000000054910000003\n\
        domain,mixed.example\n\
        domain,ended.example\n\
        domain,quiet.example\n\
        domain,unknown.example\n\
        iban,SE7280000810340009783242\n\
        domain,bad value\n";
    let report = disclose(&mut coalition, asked, Disclosure::Mark);
    let refused: Vec<_> = report
        .refused
        .iter()
        .map(|line| (line.line, line.rule.name()))
        .collect();
    assert_eq!(
        refused,
        [
            (3, "action_not_public"),
            (4, "action_not_public"),
            (5, "flags_not_public"),
            (6, "flags_not_public"),
            (7, "handling_not_public"),
            (8, "kind_not_public"),
            (9, "action_not_public"),
            (11, "flags_not_public"),
            (12, "not_listed"),
            (13, "kind_not_public"),
            (14, "host_character"),
        ]
    );
    assert_eq!((report.changed, report.unchanged), (2, 0));
    let printed = format!("{report}{report:?}{}", report.json_lines());
    assert!(!printed.contains("example") && !printed.contains("SE35"));
    assert_eq!(public(&coalition), (2, 0));
}

#[test]
fn nothing_is_public_unless_marked_and_a_mark_can_be_taken_back() {
    let mut coalition = Coalition::new();
    coalition.import(&format!("{HEADER}domain,a.example,x,block,,,\n"));
    assert_eq!(public(&coalition), (0, 0));
    assert_eq!(mark(&mut coalition, "a.example"), Ok((1, 0)));
    assert_eq!(mark(&mut coalition, "A.example."), Ok((0, 1)));
    assert_eq!(public(&coalition), (1, 0));
    let csv = "kind,value\ndomain,a.example\ndomain,b.example\n";
    let report = disclose(&mut coalition, csv, Disclosure::Undo);
    assert_eq!((report.changed, report.unchanged), (1, 1));
    assert_eq!(public(&coalition), (0, 0));
}

#[test]
fn an_entry_that_changes_after_it_was_marked_drops_out() {
    for line in [
        "domain,a.example,x,monitor,,,",
        "domain,a.example,y,hold_payout,,,",
        "domain,a.example,y,monitor,silent,,",
        "domain,a.example,y,block,possibly_victim_controlled,,",
        "domain,a.example,y,block,,,amber",
        "domain,a.example,x,block,,2026-11-01,",
    ] {
        let mut coalition = Coalition::new();
        let first = "domain,a.example,x,block,,,\ndomain,b.example,x,block,,,\n";
        coalition.import(&format!("{HEADER}{first}"));
        mark(&mut coalition, "a.example").unwrap();
        mark(&mut coalition, "b.example").unwrap();
        assert_eq!(public(&coalition), (2, 0));
        let report = coalition.import(&format!("{HEADER}{line}\n"));
        assert!(report.refused.is_empty());
        assert_eq!(public(&coalition), (1, 1), "{line}");
    }
}

#[test]
fn protected_names_keep_listed_ones_out_of_public() {
    for protected in ["a.example", "www.a.example"] {
        let mut coalition = Coalition::new();
        coalition.import(&format!("{HEADER}domain,a.example,x,block,,,\n"));
        mark(&mut coalition, "a.example").unwrap();
        coalition.protect(protected);
        assert_eq!(public(&coalition), (0, 1), "{protected}");
    }
}

#[test]
fn an_entry_that_ends_drops_out_in_time() {
    let mut coalition = Coalition::new();
    coalition.import(&format!("{HEADER}domain,a.example,x,block,,2026-11-23,\n"));
    mark(&mut coalition, "a.example").unwrap();
    let tomorrow = coalition.publisher.status(now().plus(DAY)).unwrap();
    assert_eq!(public(&coalition), (1, 0));
    assert_eq!(
        (tomorrow.lists[0].waiting, tomorrow.lists[0].held_back),
        (0, 1)
    );
}

#[test]
fn listed_again_after_a_delisting_it_needs_the_approvers_again() {
    let mut coalition = Coalition::new();
    let csv = format!("{HEADER}domain,a.example,x,block,,,\ndomain,a.example,y,block,,,\n");
    coalition.import(&csv);
    mark(&mut coalition, "a.example").unwrap();
    let delist = |coalition: &mut Coalition, source: Option<&str>| {
        let names = Names::One {
            kind: "domain",
            value: "a.example",
        };
        let options = DelistOptions {
            source: source.map(str::to_owned),
            ..DelistOptions::default()
        };
        coalition.publisher.delist(names, &options, now()).unwrap();
    };
    delist(&mut coalition, Some("x"));
    assert_eq!(public(&coalition), (1, 0), "y still says so");
    delist(&mut coalition, Some("y"));
    let third = format!("{HEADER}domain,a.example,z,block,,,\n");
    assert_eq!(coalition.import(&third).accepted, 1);
    assert_eq!(public(&coalition), (0, 0));
}

#[test]
fn a_column_it_does_not_know_is_refused() {
    let mut coalition = Coalition::new();
    let csv = "kind,value,source\ndomain,a.example,x\n";
    let names = Names::File {
        bytes: &mut csv.as_bytes(),
        format: Format::Csv,
    };
    let refused = coalition
        .publisher
        .disclose(names, None, Disclosure::Mark, now());
    assert!(matches!(refused, Err(PublisherError::File(_))));
}

#[test]
fn handling_is_a_label_of_the_traffic_light_protocol_and_only_clear_is_public() {
    let mut coalition = Coalition::new();
    let labels = [
        "clear",
        "green",
        "amber",
        "amber+strict",
        "red",
        "CLEAR",
        "tlp:red",
        "white",
        "2",
        "å",
    ];
    let rows = labels.iter().enumerate();
    let rows = rows.map(|(index, label)| format!("domain,a{index}.example,x,block,,,{label}\n"));
    let report = coalition.import(&(HEADER.to_owned() + &rows.collect::<String>()));
    let refused: Vec<_> = report
        .refused
        .iter()
        .map(|line| (line.line, line.rule.name()))
        .collect();
    assert_eq!(refused, [7, 8, 9, 10, 11].map(|line| (line, "handling")));
    let closed = Err("handling_not_public");
    assert_eq!(mark(&mut coalition, "a0.example"), Ok((1, 0)));
    for closed_name in ["a1.example", "a2.example", "a3.example", "a4.example"] {
        assert_eq!(mark(&mut coalition, closed_name), closed, "{closed_name}");
    }
    // Taken back by the source, the label is gone.
    let changed = format!("{HEADER}domain,a4.example,x,block,,,\n");
    assert_eq!(coalition.import(&changed).updated, 1);
    assert_eq!(mark(&mut coalition, "a4.example"), Ok((1, 0)));
    coalition.release();
    for (name, handling) in [
        ("a0.example", Handling::Clear),
        ("a3.example", Handling::AmberStrict),
        // A label is for members: the coalition itself may say more.
        ("a4.example", Handling::Amber),
    ] {
        let Membership::Listed { record, .. } = coalition.ask(Kind::Domain, name) else {
            panic!("{name}")
        };
        assert_eq!(record.handling, handling, "{name}");
    }
}

/// How many of the marked names go out, and how many wait, on a day after the first release.
fn on_day(coalition: &Coalition, day: u32) -> (usize, usize) {
    let status = coalition.publisher.status(now().plus(day * DAY)).unwrap();
    (status.lists[0].disclosed, status.lists[0].waiting)
}

fn release_on(coalition: &mut Coalition, day: u32) {
    let time = now().plus(day * DAY);
    let options = ReleaseOptions::default();
    coalition.publisher.release(time, &options).unwrap();
}

#[test]
fn a_name_waits_until_gateways_have_blocked_it_for_30_days() {
    let mut coalition = Coalition::new();
    let csv = "domain,a.example,x,block,,,\ndomain,b.example,x,review,,,\n";
    coalition.import(&format!("{HEADER}{csv}"));
    mark(&mut coalition, "a.example").unwrap();
    mark(&mut coalition, "b.example").unwrap();
    assert_eq!(on_day(&coalition, 300), (0, 2), "nothing was released");
    release_on(&mut coalition, 0);
    assert_eq!(on_day(&coalition, 29), (0, 2));
    assert_eq!(on_day(&coalition, 30), (1, 1), "a review is no block");
    let second = Time::from_seconds(now().plus(30 * DAY).seconds() - 1);
    let status = coalition.publisher.status(second).unwrap();
    assert_eq!(status.lists[0].disclosed, 0, "one second early");
    // Later releases do not start it again, nor does a mark that is taken back and given again.
    release_on(&mut coalition, 20);
    let undo = "kind,value\ndomain,a.example\n";
    disclose(&mut coalition, undo, Disclosure::Undo);
    mark(&mut coalition, "a.example").unwrap();
    assert_eq!(on_day(&coalition, 30), (1, 1));
    // Now b is blocked as well.
    coalition.import(&format!("{HEADER}domain,b.example,x,block,,,\n"));
    release_on(&mut coalition, 25);
    assert_eq!(on_day(&coalition, 54), (1, 1));
    assert_eq!(on_day(&coalition, 55), (2, 0));
}

#[test]
fn a_block_that_was_taken_back_starts_again() {
    let mut coalition = Coalition::new();
    coalition.import(&format!("{HEADER}domain,a.example,x,block,,,\n"));
    mark(&mut coalition, "a.example").unwrap();
    release_on(&mut coalition, 0);
    coalition.import(&format!("{HEADER}domain,a.example,x,review,,,\n"));
    assert_eq!(on_day(&coalition, 30), (1, 0), "gateways still block it");
    release_on(&mut coalition, 10);
    assert_eq!(on_day(&coalition, 40), (0, 1));
    coalition.import(&format!("{HEADER}domain,a.example,x,block,,,\n"));
    release_on(&mut coalition, 20);
    assert_eq!(on_day(&coalition, 49), (0, 1));
    assert_eq!(on_day(&coalition, 50), (1, 0));
}

#[test]
fn terms_other_than_clear_keep_a_name_from_the_public() {
    for (handling, said) in [
        ("", Ok((1, 0))),
        ("clear", Ok((1, 0))),
        ("green", Err("handling_not_public")),
        ("amber", Err("handling_not_public")),
        ("red", Err("handling_not_public")),
    ] {
        let mut coalition = Coalition::new();
        let row = format!("domain,a.example,x,block,,,{handling}\n");
        coalition.import(&format!("{HEADER}{row}"));
        assert_eq!(mark(&mut coalition, "a.example"), said, "{handling}");
    }
}
