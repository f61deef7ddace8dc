//! Finding entries, and listing those in one state.

use std::ops::ControlFlow;

use interdict_core::identifier::Kind;
use interdict_core::list::Action;
use interdict_publisher::{EntryFilter, EntryState, Format, ImportOptions, TestKeys};

use crate::coalition::{Coalition, import_by_source, now};

const LISTINGS: &str = "kind,value,source,action,valid_until\n\
    domain,zoo-shop.example,hotline-se,block,\n\
    domain,SHOP.example,police-se,review,\n\
    domain,shop.example,hotline-se,block,\n\
    domain,bücher.example,hotline-se,block,2026-11-01\n\
    iban,SE35 5000 0000 0549 1000 0003,police-se,block,\n\
    phone,+46 70-123 45 67,hotline-se,review,\n\
    card_acceptor,412345/AB 12-34,bank-a,review,\n\
    handle,telegram:ShopSupport,bank-a,monitor,\n";

fn found(coalition: &Coalition, filter: &EntryFilter) -> Vec<String> {
    let mut found = Vec::new();
    let read = coalition.publisher.entries(filter, now(), |row| {
        found.push(format!("{} {}", row.value, row.source));
        ControlFlow::Continue(())
    });
    read.unwrap();
    found
}

fn searched(coalition: &Coalition, text: &str) -> Vec<String> {
    let filter = EntryFilter {
        text: Some(text.to_owned()),
        ..EntryFilter::default()
    };
    found(coalition, &filter)
}

#[test]
fn a_part_of_a_value_is_found_in_any_case_and_spelling() {
    let mut coalition = Coalition::new();
    assert_eq!(coalition.import(LISTINGS).accepted, 8);
    let shop = ["shop.example hotline-se", "shop.example police-se"];
    for (text, values) in [
        ("ZOO", &["zoo-shop.example hotline-se"][..]),
        ("zoo-s", &["zoo-shop.example hotline-se"]),
        ("zoos", &[]),
        (" bücher ", &["xn--bcher-kva.example hotline-se"]),
        ("BÜCHER", &["xn--bcher-kva.example hotline-se"]),
        ("cher-kva", &["xn--bcher-kva.example hotline-se"]),
        ("cher.ex", &["xn--bcher-kva.example hotline-se"]),
        ("5000 0000", &["SE3550000000054910000003 police-se"]),
        ("se35 5000", &["SE3550000000054910000003 police-se"]),
        ("(070)-123", &[]),
        ("(70)-123 45", &["+46701234567 hotline-se"]),
        (
            "12-34",
            &["412345/AB 12-34 bank-a", "+46701234567 hotline-se"],
        ),
        ("ab 12-", &["412345/AB 12-34 bank-a"]),
        ("%", &[]),
        ("_", &[]),
        ("'; DROP TABLE entry; --", &[]),
    ] {
        assert_eq!(searched(&coalition, text), values, "{text}");
    }
    let mut all = searched(&coalition, "shop.example");
    all.pop();
    assert_eq!(all, shop);
}

#[test]
fn rows_come_sorted_whatever_their_order_in_the_file() {
    let mut coalition = Coalition::new();
    coalition.import(LISTINGS);
    let filter = EntryFilter::default();
    let mut rows = Vec::new();
    let read = coalition.publisher.entries(&filter, now(), |row| {
        rows.push((row.kind.name(), row.value.clone(), row.source.clone()));
        ControlFlow::Continue(())
    });
    read.unwrap();
    let mut sorted = rows.clone();
    sorted.sort();
    assert_eq!(rows, sorted);
    assert_eq!(rows.len(), 8);
}

#[test]
fn filters_hold_together() {
    let mut coalition = Coalition::new();
    coalition.import(LISTINGS);
    let filter = EntryFilter {
        kind: Some(Kind::Domain),
        source: Some("hotline-se".to_owned()),
        action: Some(Action::Block),
        state: Some(EntryState::Listed),
        ..EntryFilter::default()
    };
    assert_eq!(
        found(&coalition, &filter),
        ["shop.example hotline-se", "zoo-shop.example hotline-se"]
    );
    let other = EntryFilter {
        action: Some(Action::Monitor),
        ..filter
    };
    assert!(found(&coalition, &other).is_empty());
}

#[test]
fn the_withheld_of_the_status_are_found_by_name() {
    let mut coalition = Coalition::new();
    coalition.import(LISTINGS);
    coalition.import(
        "kind,value,source,valid_until\ndomain,bank.example,x,2026-11-01\n\
         domain,above.example,x,\ndomain,over.example,x,2026-11-22\n",
    );
    coalition.protect("shop.example\nbank.example\na.above.example\na.over.example\n");
    let status = coalition.publisher.status(now()).unwrap();
    assert_eq!(status.lists[0].withheld, 2);
    let in_state = |state| {
        let filter = EntryFilter {
            state: Some(state),
            ..EntryFilter::default()
        };
        found(&coalition, &filter)
    };
    assert_eq!(
        in_state(EntryState::Withheld),
        [
            "bank.example x",
            "shop.example hotline-se",
            "shop.example police-se"
        ]
    );
    assert_eq!(in_state(EntryState::Narrowed), ["above.example x"]);
    assert_eq!(
        in_state(EntryState::Lapsed),
        ["over.example x", "xn--bcher-kva.example hotline-se"]
    );
    let listed = in_state(EntryState::Listed);
    assert_eq!(
        listed.len(),
        11 - 3 - 1 - 2,
        "each is in one state: {listed:?}"
    );
}

#[test]
fn one_list_or_all_are_read() {
    let mut coalition = Coalition::with(TestKeys::Yes, &["se/a", "se/b"]);
    for list in ["se/b", "se/a"] {
        let csv = format!("kind,value,source\ndomain,shop.example,{}\n", &list[3..]);
        let options = ImportOptions {
            list: Some(list.to_owned()),
            ..ImportOptions::new(Format::Csv, "se")
        };
        import_by_source(&mut coalition.publisher, csv, &options, now());
    }
    let mut filter = EntryFilter::default();
    assert_eq!(
        found(&coalition, &filter),
        ["shop.example a", "shop.example b"]
    );
    filter.list = Some("se/b".to_owned());
    assert_eq!(found(&coalition, &filter), ["shop.example b"]);
    filter.list = Some("se/c".to_owned());
    let read = coalition
        .publisher
        .entries(&filter, now(), |_| ControlFlow::Continue(()));
    assert!(read.is_err());
}

#[test]
fn reading_stops_when_enough_was_read() {
    let mut coalition = Coalition::new();
    coalition.import(LISTINGS);
    let mut count = 0;
    let filter = EntryFilter::default();
    let read = coalition.publisher.entries(&filter, now(), |_| {
        count += 1;
        if count == 3 {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    });
    read.unwrap();
    assert_eq!(count, 3);
}
