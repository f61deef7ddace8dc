//! What asking costs in allocations, natively: look-ups none, screening as many for a long list as
//! for a short one.

use allocation_counter::measure;
use interdict_core::common::time::Time;
use interdict_core::engine::Engine;
use interdict_core::identifier::{Identifier, Kind};
use interdict_core::list::{BlockList, Membership, RecordsMode};
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
        let list = BlockList::load(&descriptor, files, RecordsMode::Whole).unwrap();
        let ask = |name: &str| {
            let domain = Identifier::parse(Kind::Domain, name).unwrap();
            let (mut found, mut page) = (false, None);
            let allocations = measure(|| {
                let membership = list.membership(&domain, Some(&key), Time::from_seconds(NOW));
                found = matches!(membership, Membership::Listed { .. });
                page = list.page_needed(&domain, Some(&key));
            });
            assert_eq!(allocations.count_total, 0, "{name}");
            assert_eq!(page, None);
            found
        };
        assert!(ask(&listed) && ask(&format!("a.b.c.d.e.{listed}")));
        assert!(!ask("clean.example") && !ask("a.b.c.d.e.clean.example"));
    }
}

/// Allocations of one screening, once everything has its size.
fn screening(generated: u32, name: &str) -> u64 {
    let coalition = Coalition::quick();
    let mut gateway = Gateway::new(Native::default(), &coalition, &json!({}));
    let files = coalition.publish(&publication(generated));
    assert_eq!(gateway.update(&files), "completed");
    let identifier = json!({"kind": "domain", "value": name});
    let request = json!({"flow": "payout", "identifiers": [identifier]}).to_string();
    let engine: &mut Engine = gateway.subject.engine();
    let mut answer = Vec::new();
    let mut screen = || {
        answer.clear();
        let request = request.as_bytes();
        let screened = call(engine, Operation::Screen, request, None, NOW, &mut answer);
        screened.unwrap();
    };
    screen();
    measure(screen).count_total
}

#[test]
fn screening_allocates_as_much_for_a_long_list_as_for_a_short_one() {
    for name in ["shop.example", "a.b.shop.example", "clean.example"] {
        let short = screening(1, name);
        assert!(short > 0, "an answer is made of something");
        assert_eq!(screening(9_000, name), short, "{name}");
    }
}

/// Allocations of one screening with sixteen rules and every signal, once everything has its size.
fn scoring(members: &serde_json::Value, domain: &str) -> u64 {
    let mut world = sixteen::world(Native::default(), members);
    let request = sixteen::request(domain);
    let engine: &mut Engine = world.subject.engine();
    let mut answer = Vec::new();
    let mut screen = || {
        answer.clear();
        let request = request.as_bytes();
        let screened = call(engine, Operation::Screen, request, None, NOW, &mut answer);
        screened.unwrap();
    };
    screen();
    measure(screen).count_total
}

#[test]
fn scoring_allocates_as_often_as_the_document_says() {
    let text = std::fs::read_to_string(workspace().join("docs/benchmarks.md")).unwrap();
    let key = json!({"receipt_key": "11".repeat(32)});
    for (listed, domain) in [
        ("not listed", "pay.flowers.example"),
        ("listed by both", "pay.shop.example"),
    ] {
        for (proof, members) in [("without receipt", &json!({})), ("with receipt", &key)] {
            let count = scoring(members, domain);
            let line = format!("| {listed}, {proof} | {count} |");
            assert!(text.contains(&line), "not in the document: {line}");
        }
    }
}
