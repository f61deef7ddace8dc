//! Allocations of the native core: a look-up makes none, and a screening makes as many for a long list as
//! for a short one.

use allocation_counter::measure;
use interdict_core::common::time::Time;
use interdict_core::engine::Engine;
use interdict_core::identifier::{Identifier, Kind};
use interdict_core::list::{BlockList, Membership};
use interdict_core::wire::{Operation, call};
use interdict_tests::coalition::{Coalition, Publication, generated};
use interdict_tests::gateway::{Gateway, NOW, far};
use interdict_tests::subjects::Native;
use interdict_tests::{sixteen, workspace};
use serde_json::json;

fn publication(generated: u32) -> Publication {
    Publication {
        generated,
        rate: 2,
        ..Publication::new(1, far())
    }
}

#[test]
fn a_look_up_allocates_nothing() {
    let base = publication(5_000);
    let stashed = Publication {
        listed: vec!["new.example"],
        base: Some(Box::new(base.clone())),
        sequence: 2,
        ..base.clone()
    };
    let key = Coalition::list_key(1);
    let listed = generated(7);
    for publication in [base, stashed] {
        let (descriptor, files) = Coalition::default().release(&publication);
        let list = BlockList::load(&descriptor, files).unwrap();
        let ask = |name: &str| {
            let domain = Identifier::parse(Kind::Domain, name).unwrap();
            let mut found = false;
            let allocations = measure(|| {
                let membership = list.membership(&domain, Some(&key), Time::from_seconds(NOW));
                found = matches!(membership, Membership::Listed { .. });
            });
            assert_eq!(allocations.count_total, 0, "{name}");
            found
        };
        assert!(ask(&listed) && ask(&format!("a.b.c.d.e.{listed}")));
        assert!(!ask("clean.example") && !ask("a.b.c.d.e.clean.example"));
    }
}

/// Counts the allocations of one screening after the first has sized every buffer. The hundredth call
/// must make as many, and keep nothing.
fn of_one_call(engine: &mut Engine, request: &str) -> u64 {
    let mut answer = Vec::new();
    let mut screen = || {
        answer.clear();
        let request = request.as_bytes();
        let screened = call(engine, Operation::Screen, request, None, NOW, &mut answer);
        screened.unwrap();
    };
    screen();
    let first = measure(&mut screen);
    assert!(first.count_total > 0, "an answer takes memory");
    for _ in 0..99 {
        let later = measure(&mut screen);
        assert_eq!(later.count_total, first.count_total, "grows by the call");
        assert_eq!((later.count_current, later.bytes_current), (0, 0), "kept");
    }
    first.count_total
}

fn screening(generated: u32, name: &str) -> u64 {
    let coalition = Coalition::quick();
    let mut gateway = Gateway::new(Native::default(), &coalition, &["se/merchants"]);
    let files = coalition.publish(&publication(generated));
    assert_eq!(gateway.update(&files), "completed");
    let identifier = json!({"kind": "domain", "value": name});
    let request = json!({"flow": "payout", "identifiers": [identifier]}).to_string();
    of_one_call(gateway.subject.engine(), &request)
}

#[test]
fn screening_allocates_as_much_for_a_long_list_as_for_a_short_one() {
    for name in ["shop.example", "a.b.shop.example", "clean.example"] {
        assert_eq!(screening(9_000, name), screening(1, name), "{name}");
    }
}

/// Screens with sixteen rules and every signal.
fn scoring(members: &serde_json::Value, domain: &str) -> u64 {
    let mut world = sixteen::world(Native::default(), members);
    of_one_call(world.subject.engine(), &sixteen::request(domain))
}

/// The bound that the document gives for a row of its table.
fn bound(text: &str, row: &str) -> u64 {
    let start = format!("| {row} | ");
    let line = text.lines().find_map(|line| line.strip_prefix(&start));
    let bound = line.and_then(|rest| rest.strip_suffix(" |")?.parse().ok());
    bound.unwrap_or_else(|| panic!("no number in the document for: {row}"))
}

#[test]
fn scoring_allocates_no_more_often_than_the_document_says() {
    let text = std::fs::read_to_string(workspace().join("docs/benchmarks.md")).unwrap();
    let table = text.split("\n| | allocations, at most |\n").nth(1).unwrap();
    let key = json!({"receipt_key": "11".repeat(32)});
    for (listed, domain) in [
        ("not listed", "pay.flowers.example"),
        ("listed by both", "pay.shop.example"),
    ] {
        for (proof, members) in [("without receipt", &json!({})), ("with receipt", &key)] {
            let row = format!("{listed}, {proof}");
            let (count, bound) = (scoring(members, domain), bound(table, &row));
            assert!(count <= bound, "{row}: {count}, more than {bound}");
            assert!(bound <= 2 * count, "{row}: {bound} is no bound for {count}");
        }
    }
}
