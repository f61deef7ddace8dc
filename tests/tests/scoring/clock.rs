//! A clock that is behind the newest verified time, in the verdict and in its receipt.

use interdict_core::common::time::Time;
use interdict_core::engine::{History, Sequences};
use interdict_core::identifier::Kind;
use interdict_core::list::{Edition, Record};
use interdict_core::trust::Floor;
use interdict_tests::coalition::{Coalition, Publication, RECORD};
use interdict_tests::enrolment::enrolled_for;
use interdict_tests::gateway::{NOW, far};
use interdict_tests::subjects::Native;
use interdict_tests::world::{World, list};
use serde_json::{Value, json};

use crate::world::{FLOWS, codes, enrolled, of_domain};

/// The host's clock in these tests: an hour before the newest update.
const BEHIND: u32 = NOW;
const NEWEST: u32 = NOW + 3600;

/// Coalitions `se`, with this list, and `nl`. `nl` was updated at [`NEWEST`]; then the clock was set back
/// to [`BEHIND`].
fn set_back(se: Publication) -> World<Native> {
    let nl = list("nl/merchants", "police.example");
    let newer = Publication {
        version: 2,
        sequence: 2,
        ..nl.clone()
    };
    let members = json!({"receipt_key": "11".repeat(32)});
    let enrolled = [enrolled("se", se), enrolled("nl", nl)];
    let mut world = World::new(Native::default(), &enrolled, &members);
    world.now = NEWEST;
    let served = Coalition::quick().publish(&newer);
    assert_eq!(world.update("nl", &served), Ok(()));
    world.now = BEHIND;
    world
}

fn se() -> Publication {
    list("se/merchants", "hotline.example")
}

fn listed_until(seconds: u32) -> Publication {
    let record = Record {
        valid_until: Time::from_seconds(seconds),
        ..RECORD
    };
    Publication {
        others: vec![(Kind::Domain, "shop.example".into(), record)],
        ..se()
    }
}

fn screened(world: &mut World<Native>) -> Value {
    world.ok("screen", &of_domain("payout", "shop.example"))
}

#[test]
fn a_clock_that_is_behind_is_reported_in_verdict_and_receipt() {
    let mut world = set_back(se());
    let verdict = screened(&mut world);
    assert_eq!(codes(&verdict), ["clock_behind", "degraded"]);
    let receipt = &verdict["receipt"];
    assert_eq!(receipt["reasons"], verdict["reasons"]);
    assert_eq!(receipt["time"], BEHIND, "the host's own clock");
    let newest = |index: usize| receipt["coalitions"][index]["newest_time"].clone();
    assert_eq!([newest(0), newest(1)], [json!(NOW), json!(NEWEST)]);
    // Each list has the age that it has at its coalition's own newest time.
    let issued = receipt["coalitions"][0]["lists"][0]["issued"].as_u64();
    let age = |now: u32| u64::from(now) - issued.unwrap();
    let ages = [0, 1].map(|index| verdict["lists"][index]["age_s"].clone());
    assert_eq!(ages, [json!(age(NOW)), json!(age(NEWEST))]);
}

#[test]
fn a_clock_that_is_ten_minutes_behind_or_less_is_not_reported() {
    let mut world = set_back(se());
    for (now, reported) in [
        (NEWEST - 601, true),
        (NEWEST - 600, false),
        (NEWEST, false),
        (NEWEST + 1, false),
        (NEWEST - 3600, true),
    ] {
        world.now = now;
        let verdict = screened(&mut world);
        let codes = codes(&verdict);
        assert_eq!(
            codes.contains(&"clock_behind".to_owned()),
            reported,
            "{now}"
        );
        assert_eq!(verdict["receipt"]["time"], now);
    }
}

#[test]
fn a_clock_that_is_set_back_makes_no_list_fresh_again() {
    let expiring = |version| Publication {
        version,
        sequence: version.into(),
        expires: [far(), far(), Time::from_seconds(NEWEST + 1)],
        ..se()
    };
    let mut world = set_back(expiring(1));
    world.now = NEWEST;
    let served = Coalition::quick().publish(&expiring(2));
    assert_eq!(world.update("se", &served), Ok(()));
    for (now, freshness) in [
        (NEWEST, "fresh"),
        (NEWEST + 1, "stale"),
        (NEWEST - 600, "fresh"),
        (NEWEST - 601, "stale"),
        (BEHIND, "stale"),
    ] {
        world.now = now;
        for flow in FLOWS {
            let verdict = world.ok("screen", &of_domain(flow, "flowers.example"));
            assert_eq!(verdict["degraded"], freshness == "stale", "{flow} {now}");
            assert_eq!(verdict["lists"][0]["freshness"], freshness, "{now}");
            let receipt = &verdict["receipt"];
            let list = &receipt["coalitions"][0]["lists"][0];
            assert_eq!(list["freshness"], freshness);
        }
    }
}

#[test]
fn a_clock_that_is_set_back_revives_no_listing_that_has_ended() {
    for (until, action) in [(NEWEST, "review"), (NEWEST + 1, "block")] {
        let mut world = set_back(listed_until(until));
        let newer = Publication {
            version: 2,
            sequence: 2,
            ..listed_until(until)
        };
        world.now = NEWEST;
        let served = Coalition::quick().publish(&newer);
        assert_eq!(world.update("se", &served), Ok(()));
        world.now = BEHIND;
        let verdict = screened(&mut world);
        assert_eq!(verdict["action"], action, "until {until}");
        let lapsed = codes(&verdict).contains(&"listing_lapsed".to_owned());
        assert_eq!(lapsed, action == "review");
    }
}

#[test]
fn the_newest_time_can_be_forgotten_and_is_not_told_then() {
    let mut world = set_back(se());
    world.ok("configure", &json!({"reset_clock": false}));
    assert!(codes(&screened(&mut world)).contains(&"clock_behind".to_owned()));
    world.ok("configure", &json!({"reset_clock": true}));
    let verdict = screened(&mut world);
    assert_eq!(codes(&verdict), ["no_history", "no_history", "degraded"]);
    // The last poll is forgotten with it: it may lie in the future.
    assert_eq!(verdict["doubts"], json!(["no_history"]));
    for coalition in verdict["receipt"]["coalitions"].as_array().unwrap() {
        assert_eq!(coalition.get("newest_time"), None);
        assert_eq!(coalition.get("polled"), None);
    }
}

#[test]
fn each_doubt_is_told_once_and_with_the_coalition_it_is_about() {
    let mut world = set_back(se());
    let doubts = |verdict: &Value| {
        let receipt = &verdict["receipt"];
        let about = |index: usize| receipt["coalitions"][index]["doubts"].clone();
        assert_eq!(receipt["doubts"], verdict["doubts"]);
        [verdict["doubts"].clone(), about(0), about(1)]
    };
    let told = |world: &mut World<Native>| doubts(&screened(world));
    let behind = json!(["clock_behind"]);
    assert_eq!(
        told(&mut world),
        [behind.clone(), json!([]), behind.clone()]
    );
    // A replay says that the clock had stopped; no coalition is to blame.
    world.ok("configure", &json!({"clock_stopped": true}));
    let both = json!(["clock_behind", "clock_stopped"]);
    assert_eq!(told(&mut world), [both, json!([]), behind.clone()]);
    world.ok("configure", &json!({"clock_stopped": false}));
    assert_eq!(
        told(&mut world),
        [behind.clone(), json!([]), behind.clone()]
    );
    world.now = NOW - 601;
    assert_eq!(told(&mut world), [behind.clone(), behind.clone(), behind]);
}

/// A time of a coalition whose files are gone cannot be compared with the timestamp it was verified with.
#[test]
fn a_newest_time_without_the_lists_it_was_verified_with_makes_no_record_ask_for_less() {
    let coalition = Coalition::quick();
    let root = coalition.root(far());
    let listed = listed_until(far().seconds());
    let own = enrolled_for(Edition::Member, "se", &root, &["se/merchants"]);
    let mut nl = enrolled_for(Edition::Member, "nl", &root, &["nl/merchants"]);
    let history = History {
        coalition: "nl".to_owned(),
        verified: Time::parse("2099-01-01T00:00:00Z"),
        polled: None,
        versions: Floor::default(),
        lists: Sequences::default(),
    };
    nl["history"] = history.to_string().into();
    let mut world = World::new(Native::default(), &[enrolled("se", se())], &json!({}));
    let key = json!({"coalition": "se", "key": Coalition::list_key_text(1)});
    let required = json!({"se": ["se/merchants"], "nl": ["nl/merchants"]});
    let policy = json!({ "required": required });
    world.ok(
        "configure",
        &json!({"coalitions": [own, nl], "keys": [key], "policy": policy}),
    );
    assert_eq!(world.update("se", &coalition.publish(&listed)), Ok(()));
    let verdict = screened(&mut world);
    assert_eq!(verdict["action"], "block");
    assert_eq!(verdict["lists"][0]["freshness"], "fresh");
    assert_eq!(verdict["doubts"], json!(["clock_behind", "no_history"]));
}

#[test]
fn a_state_that_lost_something_is_doubted_until_the_host_says_that_it_is_there() {
    let mut world = set_back(se());
    world.now = NEWEST;
    let doubts = |world: &mut World<Native>| {
        let verdict = screened(world);
        let doubts = verdict["receipt"]["doubts"].clone();
        let in_doubt = doubts != json!([]);
        assert_eq!(verdict.get("doubts"), in_doubt.then_some(&doubts));
        let action = if in_doubt { "review" } else { "allow" };
        assert_eq!(
            (&verdict["action"], &verdict["degraded"]),
            (&json!(action), &json!(in_doubt))
        );
        doubts
    };
    assert_eq!(doubts(&mut world), json!([]));
    world.ok("configure", &json!({"state_lost": true}));
    assert_eq!(doubts(&mut world), json!(["state_lost"]));
    // Neither doubt ends the other.
    world.ok("configure", &json!({"clock_stopped": true}));
    let both = json!(["clock_stopped", "state_lost"]);
    assert_eq!(doubts(&mut world), both);
    world.ok("configure", &json!({"clock_stopped": false}));
    assert_eq!(doubts(&mut world), json!(["state_lost"]));
    world.ok("configure", &json!({"state_lost": false}));
    assert_eq!(doubts(&mut world), json!([]));
}

#[test]
fn a_receipt_says_when_each_coalition_was_polled_and_which_file_answered() {
    let mut world = set_back(se());
    let receipt = screened(&mut world)["receipt"].clone();
    let polled = |index: usize| receipt["coalitions"][index]["polled"].clone();
    assert_eq!([polled(0), polled(1)], [json!(NOW), json!(NEWEST)]);
    assert_eq!(receipt["module"].get("sha256"), None);
    world.ok("configure", &json!({"module": "22".repeat(32)}));
    let receipt = screened(&mut world)["receipt"].clone();
    assert_eq!(receipt["module"]["sha256"], "22".repeat(32));
}
