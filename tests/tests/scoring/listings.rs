//! `listed(KIND)` in a rule is never "yes", since a record counts itself, and "no" only if every list that
//! covers the kind answers no.

use interdict_core::common::time::Time;
use interdict_core::identifier::Kind;
use interdict_core::list::{Action, Edition, Flags, Kinds, Record};
use interdict_tests::coalition::{Coalition, Publication, RECORD};
use interdict_tests::gateway::{NOW, far};
use interdict_tests::subjects::Native;
use interdict_tests::world::{Enrolled, World, list};
use serde_json::{Value, json};

use crate::world::{Rule, enrolled, of_domain, pack};

const SILENT: Record = Record {
    action: Action::Monitor,
    flags: Flags::SILENT,
    ..RECORD
};

/// A list whose pack would count 500 if a domain is listed, and -100 if none is. Neither ever counts: a
/// record counts itself, and a miss says nothing.
fn with_rule() -> Publication {
    let rule = Rule {
        id: "R1",
        when: "listed(domain)",
        weight: 500,
        otherwise: -100,
    };
    Publication {
        pack: Some(pack(&[rule])),
        ..list("se/merchants", "hotline.example")
    }
}

fn listing(record: Record) -> Publication {
    Publication {
        others: vec![(Kind::Domain, "shop.example".into(), record)],
        ..with_rule()
    }
}

fn stale_at_60(publication: Publication) -> Publication {
    Publication {
        expires: [far(), far(), Time::from_seconds(NOW + 60)],
        ..publication
    }
}

fn world(coalitions: &[Enrolled]) -> World<Native> {
    let members = json!({"receipt_key": "11".repeat(32)});
    World::new(Native::default(), coalitions, &members)
}

fn screened(world: &mut World<Native>) -> Value {
    let mut request = of_domain("payout", "shop.example");
    request["view"] = "analyst".into();
    world.ok("screen", &request)
}

/// Whether the rule holds, and what it weighs.
fn rule(verdict: &Value) -> (Option<bool>, i64) {
    let rule = &verdict["rules"][0];
    assert_eq!(
        rule["weight"], verdict["receipt"]["odds"]["typologies"],
        "the rule is all there is"
    );
    (rule["holds"].as_bool(), rule["weight"].as_i64().unwrap())
}

#[test]
fn a_record_counts_itself_and_a_fresh_miss_says_no() {
    let listed = screened(&mut world(&[enrolled("se", listing(RECORD))]));
    assert_eq!(rule(&listed), (None, 0));
    assert_eq!(listed["receipt"]["odds"]["total"], 6629);
    let missed = screened(&mut world(&[enrolled("se", with_rule())]));
    assert_eq!(rule(&missed), (Some(false), 0));
}

#[test]
fn a_stale_list_never_says_no() {
    let mut world = world(&[enrolled("se", stale_at_60(with_rule()))]);
    assert_eq!(rule(&screened(&mut world)), (Some(false), 0));
    world.now = NOW + 60;
    assert_eq!(rule(&screened(&mut world)), (None, 0));
}

#[test]
fn a_stale_list_beside_a_fresh_one_leaves_it_unknown() {
    let stale = || stale_at_60(list("nl/merchants", "police.example"));
    let mut both = world(&[enrolled("se", with_rule()), enrolled("nl", stale())]);
    assert_eq!(rule(&screened(&mut both)), (Some(false), 0));
    both.now = NOW + 60;
    assert_eq!(rule(&screened(&mut both)), (None, 0));
    // A list of other kinds is not asked about domains, however old it is.
    let accounts = Publication {
        kinds: Kinds::of([Kind::Iban]),
        ..stale()
    };
    let mut others = world(&[enrolled("se", with_rule()), enrolled("nl", accounts)]);
    others.now = NOW + 60;
    assert_eq!(rule(&screened(&mut others)), (Some(false), 0));
}

#[test]
fn a_list_without_its_key_never_says_no() {
    let second = Publication {
        epoch: 2,
        ..list("nl/merchants", "police.example")
    };
    let mut world = world(&[enrolled("se", with_rule()), enrolled("nl", second)]);
    assert_eq!(rule(&screened(&mut world)), (None, 0));
    let keys = [("se", 1), ("nl", 2)].map(|(coalition, epoch)| {
        let key = Coalition::list_key_text(epoch);
        json!({"coalition": coalition, "key": key})
    });
    world.ok("configure", &json!({"keys": keys}));
    assert_eq!(rule(&screened(&mut world)), (Some(false), 0));
}

#[test]
fn a_record_of_a_stale_list_counts_itself_too() {
    let mut world = world(&[enrolled("se", stale_at_60(listing(RECORD)))]);
    world.now = NOW + 60;
    assert_eq!(rule(&screened(&mut world)), (None, 0));
}

#[test]
fn a_hit_of_a_compact_list_says_neither_yes_nor_no() {
    let bare = |publication| Publication {
        edition: Edition::Compact,
        rate: 32,
        ..publication
    };
    let missed = screened(&mut world(&[enrolled("se", bare(with_rule()))]));
    assert_eq!(rule(&missed), (Some(false), 0));
    let hit = screened(&mut world(&[enrolled("se", bare(listing(RECORD)))]));
    assert_eq!(hit["reasons"][0]["code"], "candidate");
    assert_eq!(rule(&hit), (None, 0));
    // A fresh list that misses the name does not turn another list's hit into a false one.
    let other = bare(Publication {
        others: vec![(Kind::Domain, "shop.example".into(), RECORD)],
        ..list("nl/merchants", "police.example")
    });
    let both = [enrolled("se", with_rule()), enrolled("nl", other)];
    assert_eq!(rule(&screened(&mut world(&both))), (None, 0));
}

#[test]
fn a_silent_record_answers_as_if_it_were_not_there() {
    for seconds in [0, 60] {
        let asked = |publication| {
            let mut world = world(&[enrolled("se", stale_at_60(publication))]);
            world.now = NOW + seconds;
            screened(&mut world)
        };
        let (silent, missed) = (asked(listing(SILENT)), asked(with_rule()));
        assert_eq!(rule(&silent), rule(&missed), "after {seconds} seconds");
        assert_eq!(silent["score"], missed["score"]);
        assert_eq!(silent["receipt"]["odds"], missed["receipt"]["odds"]);
        assert_eq!(silent["receipt"]["reasons"], missed["receipt"]["reasons"]);
    }
}
