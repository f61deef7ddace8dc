//! `allow` means clean, and one fault is no kill switch: each way in which a verdict said less than it should,
//! or stopped more than it should, as a test of its own.

use interdict_core::identifier::Kind;
use interdict_core::list::Edition;
use interdict_tests::coalition::{Coalition, Publication, RECORD};
use interdict_tests::gateway::{Gateway, NOW, far};
use interdict_tests::subjects::{Alike, Native};
use interdict_tests::world::{Enrolled, World, list};
use serde_json::{Value, json};

const HOUR: u32 = 3600;
const FLOWS: [&str; 4] = ["onboarding", "authorisation", "payout", "checkout"];
/// The third row of the table, by flow.
const UNAVAILABLE: [&str; 4] = ["review", "monitor", "review", "monitor"];

fn enrolled(name: &'static str, list: Publication) -> Enrolled {
    Enrolled {
        name,
        lists: vec![list],
    }
}

/// Coalition `se` lists `412345/SHOP0001`, an account, and `shop.example`.
fn listing() -> World<Native> {
    let others = [
        (Kind::CardAcceptor, "412345/SHOP0001"),
        (Kind::Iban, "GB82WEST12345698765432"),
        (Kind::Domain, "shop.example"),
    ];
    let listed = Publication {
        others: others
            .map(|(kind, value)| (kind, value.into(), RECORD))
            .to_vec(),
        ..list("se/merchants", "hotline.example")
    };
    World::new(Native::default(), &[enrolled("se", listed)], &json!({}))
}

fn of_domain(flow: &str, name: &str) -> Value {
    json!({"flow": flow, "identifiers": [{"kind": "domain", "value": name}]})
}

/// What a verdict says in three words.
fn told(verdict: &Value) -> (&str, &str, bool) {
    (
        verdict["action"].as_str().unwrap(),
        verdict["because"].as_str().unwrap_or("nothing"),
        verdict["degraded"].as_bool().unwrap(),
    )
}

#[test]
fn a_nul_in_the_id_of_a_listed_card_acceptor_is_not_clean() {
    let mut world = listing();
    for (flow, action) in FLOWS.into_iter().zip(UNAVAILABLE) {
        // At the end it is padding, and the listing is found. Elsewhere nobody knows what was meant.
        for (id, expected) in [
            ("SHOP0001\u{0}", ("block", "record", false)),
            ("SHOP\u{0}0001", (action, "unavailable", false)),
        ] {
            let verdict = world.ok(
                "screen",
                &json!({"flow": flow, "url": "https://ok.example",
                    "iso8583": {"de32": "412345", "de42": id}}),
            );
            assert_eq!(told(&verdict), expected, "{verdict}");
        }
    }
}

#[test]
fn an_invisible_character_in_a_listed_account_is_not_clean() {
    let mut world = listing();
    for invisible in ['\u{200b}', '\u{200d}', '\u{2060}', '\u{feff}', '\u{ad}'] {
        let iban = format!("GB82WEST{invisible}12345698765432");
        let request = json!({"flow": "payout", "url": "https://ok.example",
            "iso20022": {"cdtr_acct_iban": iban}});
        let verdict = world.ok("screen", &request);
        // Read without it, or of no use.
        assert!(["block", "review"].contains(&told(&verdict).0), "{verdict}");
    }
}

#[test]
fn a_gateway_without_lists_is_never_clean() {
    for (flow, action) in FLOWS.into_iter().zip(UNAVAILABLE) {
        for policy in [
            json!({"without_lists": true}),
            json!({"required": {"se": ["se/merchants"]}}),
        ] {
            let never = Enrolled {
                name: "nl",
                lists: Vec::new(),
            };
            let mut world = World::new(Native::default(), &[never], &json!({"policy": policy}));
            let verdict = world.ok("screen", &of_domain(flow, "ok.example"));
            assert_eq!(told(&verdict), (action, "unavailable", true), "{verdict}");
        }
    }
}

#[test]
fn a_list_without_its_key_is_never_clean() {
    for keys in [
        json!([]),
        json!([{"coalition": "se", "key": "f".repeat(64)}]),
    ] {
        let mut world = listing();
        world.ok("configure", &json!({"keys": keys}));
        let verdict = world.ok("screen", &of_domain("payout", "ok.example"));
        assert_eq!(told(&verdict), ("review", "unavailable", true), "{verdict}");
    }
}

/// A list of epoch 1, and the same for an epoch 2 that starts at this time, to a gateway with the first key.
fn outdated(start: u32) -> Gateway<Alike> {
    let coalition = Coalition::quick();
    let mut gateway = Gateway::new(Alike::new().unwrap(), &coalition, &["se/merchants"]);
    let first = Publication {
        rate: 2,
        ..Publication::new(1, far())
    };
    let start = interdict_core::common::time::Time::from_seconds(start);
    let second = Publication {
        epoch: 2,
        members: vec![("epoch_start", json!(start.to_string()))],
        ..first.clone()
    };
    let served = coalition.publish_beside(&second, &[first]);
    assert_eq!(gateway.update(&served), "completed");
    gateway
}

#[test]
fn a_list_of_the_older_epoch_is_stale_from_the_start_of_the_newer_one() {
    for (start, expected) in [
        (NOW + 1, ("allow", "nothing", false)),
        (NOW, ("monitor", "late", true)),
        (NOW - 72 * HOUR + 1, ("monitor", "late", true)),
        (NOW - 72 * HOUR, ("review", "unavailable", true)),
    ] {
        let mut gateway = outdated(start);
        let verdict = gateway.verdict_in("payout", "ok.example");
        assert_eq!(told(&verdict), expected, "{start}: {verdict}");
        let listed = gateway.verdict_in("payout", "shop.example");
        assert_eq!(told(&listed).0, "block", "{start}: {listed}");
        assert!(verdict.to_string().contains("key_outdated"));
    }
}

#[test]
fn a_list_of_400_days_ago_is_never_clean() {
    let mut world = listing();
    world.now = NOW + 400 * 24 * HOUR;
    for (flow, action) in FLOWS.into_iter().zip(UNAVAILABLE) {
        let verdict = world.ok("screen", &of_domain(flow, "ok.example"));
        assert_eq!(told(&verdict), (action, "unavailable", true), "{verdict}");
    }
}

#[test]
fn a_clock_two_years_behind_is_never_clean_and_lowers_no_block() {
    let mut world = listing();
    for (behind, expected) in [
        (0, ("allow", "nothing", false)),
        (600, ("allow", "nothing", false)),
        (601, ("review", "unavailable", true)),
        (730 * 24 * HOUR, ("review", "unavailable", true)),
    ] {
        world.now = NOW - behind;
        let verdict = world.ok("screen", &of_domain("payout", "ok.example"));
        assert_eq!(told(&verdict), expected, "{behind}: {verdict}");
        let listed = world.ok("screen", &of_domain("payout", "shop.example"));
        assert_eq!(told(&listed).0, "block", "{behind}: {listed}");
    }
}

#[test]
fn a_clock_that_has_stopped_is_never_clean_and_lowers_no_block() {
    let mut world = listing();
    let clock = interdict_core::engine::Clock::Stopped;
    world.subject.engine().set_clock(clock);
    let verdict = world.ok("screen", &of_domain("payout", "ok.example"));
    assert_eq!(told(&verdict), ("review", "unavailable", true), "{verdict}");
    assert_eq!(verdict["doubts"], json!(["clock_stopped"]));
    let listed = world.ok("screen", &of_domain("payout", "shop.example"));
    assert_eq!(told(&listed), ("block", "record", true), "{listed}");
    let clock = interdict_core::engine::Clock::Runs;
    world.subject.engine().set_clock(clock);
    let verdict = world.ok("screen", &of_domain("payout", "ok.example"));
    assert_eq!(told(&verdict), ("allow", "nothing", false), "{verdict}");
}

/// The module counts its calls; the core does not.
#[cfg(feature = "module")]
#[test]
fn a_module_that_is_given_one_time_a_million_times_is_never_clean_again() {
    use interdict_tests::subject::Subject as _;
    use interdict_tests::subjects::InModule;

    let enrolled = [enrolled("se", list("se/merchants", "hotline.example"))];
    let mut world = World::new(InModule::new().unwrap(), &enrolled, &json!({}));
    let ask = of_domain("payout", "ok.example");
    let before = world.ok("screen", &ask);
    assert_eq!(told(&before), ("allow", "nothing", false));
    // Whatever the calls say; a batch of many lines is one.
    for _ in 0..1_000_000 {
        let answer = world.subject.call("poll", b"", None, world.now).unwrap();
        assert!(answer.is_err());
    }
    let verdict = world.ok("screen", &ask);
    assert_eq!(told(&verdict), ("review", "unavailable", true), "{verdict}");
    assert_eq!(verdict["doubts"], json!(["clock_stopped"]));
    world.now += 1;
    assert_eq!(told(&world.ok("screen", &ask)), told(&before));
}

#[test]
fn a_store_that_is_replayed_without_its_history_is_never_clean() {
    let coalition = Coalition::quick();
    let lists = ["se/merchants"];
    let mut gateway = Gateway::new(Alike::new().unwrap(), &coalition, &lists);
    let served = coalition.publish(&Publication::new(1, far()));
    assert_eq!(gateway.update(&served), "completed");
    let clean = gateway.verdict_in("payout", "ok.example");
    assert_eq!(told(&clean), ("allow", "nothing", false));
    let mut other = Gateway::new(Alike::new().unwrap(), &coalition, &lists);
    assert_eq!(other.replay(&gateway.saved), "completed");
    let verdict = other.verdict_in("payout", "ok.example");
    assert_eq!(told(&verdict), ("review", "unavailable", true), "{verdict}");
    let listed = other.verdict_in("payout", "shop.example");
    assert_eq!(told(&listed), ("block", "record", true), "{listed}");
    // One completed poll heals it.
    assert_eq!(other.update(&served), "completed");
    let verdict = other.verdict_in("payout", "ok.example");
    assert_eq!(told(&verdict), told(&clean), "{verdict}");
}

#[test]
fn without_a_floor_a_gateway_that_came_without_a_history_says_so_after_its_first_poll() {
    let coalition = Coalition::quick();
    for (floor, reason) in [(json!({}), true), (json!({"root": 1}), false)] {
        let lists = ["se/merchants"];
        let mut gateway = Gateway::new(Alike::new().unwrap(), &coalition, &lists);
        gateway.set("history", json!("none"));
        gateway.set("at_least", floor);
        gateway.restart();
        let served = coalition.publish(&Publication::new(1, far()));
        assert_eq!(gateway.update(&served), "completed");
        let verdict = gateway.verdict_in("payout", "ok.example");
        assert_eq!(told(&verdict), ("allow", "nothing", false), "{verdict}");
        let named = verdict["reasons"].to_string().contains("no_history");
        assert_eq!(named, reason, "{verdict}");
        // The history that it saved since speaks for itself.
        gateway.restart();
        let verdict = gateway.verdict_in("payout", "ok.example");
        assert!(!verdict["reasons"].to_string().contains("no_history"));
    }
}

#[test]
fn what_a_public_edition_misses_is_never_clean_in_any_flow() {
    let public = Publication {
        edition: Edition::Public,
        rate: 6,
        ..list("se/merchants", "hotline.example")
    };
    let mut world = World::new(Native::default(), &[enrolled("se", public)], &json!({}));
    // The members' list holds the name; the public edition leaves it out.
    let page = world.ok("screen", &of_domain("checkout", "known-to-members.example"));
    assert_eq!(told(&page), ("monitor", "public_only", false), "{page}");
    for (flow, action) in FLOWS.into_iter().zip(UNAVAILABLE).take(3) {
        let verdict = world.ok("screen", &of_domain(flow, "known-to-members.example"));
        assert_eq!(told(&verdict), (action, "unavailable", true), "{verdict}");
    }
}

#[test]
fn one_withheld_file_leaves_payouts_at_monitor_until_nobody_has_polled_for_days() {
    let coalition = Coalition::quick();
    let long = |version| Publication {
        rate: 2,
        ..Publication::new(version, far())
    };
    for withheld in [
        "metadata/2.snapshot.json",
        "metadata/2.targets.json",
        "merchants.member-1.filter",
    ] {
        let enrolled = [enrolled("se", long(1))];
        let mut world = World::new(Native::default(), &enrolled, &json!({}));
        let mut served = coalition.publish(&long(2));
        served.retain(|path, _| !path.ends_with(withheld));
        assert!(world.update("se", &served).is_err());
        for (hours, expected) in [
            (0, ("monitor", "late", true)),
            (36, ("monitor", "late", true)),
            // Not polled for 36 hours, and stale for 72 more.
            (36 + 71, ("monitor", "late", true)),
            (36 + 72, ("review", "unavailable", true)),
        ] {
            world.now = NOW + hours * HOUR;
            let verdict = world.ok("screen", &of_domain("payout", "ok.example"));
            assert_eq!(told(&verdict), expected, "{withheld} {hours}: {verdict}");
            let listed = world.ok("screen", &of_domain("payout", "shop.example"));
            assert_eq!(told(&listed), ("block", "record", true), "{listed}");
        }
        world.now = NOW;
        assert_eq!(world.update("se", &coalition.publish(&long(2))), Ok(()));
        let verdict = world.ok("screen", &of_domain("payout", "ok.example"));
        assert_eq!(told(&verdict), ("allow", "nothing", false), "{verdict}");
    }
}

#[test]
fn a_repository_that_is_not_polled_makes_its_lists_stale() {
    let mut world = listing();
    for (after, reason, expected) in [
        (36 * HOUR, "no_finding", ("allow", "nothing", false)),
        (36 * HOUR + 1, "not_polled", ("monitor", "late", true)),
        (
            (36 + 72) * HOUR,
            "not_polled",
            ("review", "unavailable", true),
        ),
    ] {
        world.now = NOW + after;
        let verdict = world.ok("screen", &of_domain("payout", "ok.example"));
        assert_eq!(told(&verdict), expected, "{after}: {verdict}");
        assert_eq!(verdict["reasons"][0]["code"], reason, "{verdict}");
    }
}

#[test]
fn a_national_telephone_or_an_american_registration_does_not_stop_a_payout() {
    let mut world = listing();
    for facilitator in [
        json!({"phone": "070-123 45 67"}),
        json!({"phone": "(202) 555-0123"}),
        json!({"country": "US", "registration": "C1234567"}),
        json!({"url": "not an address"}),
        json!({"lei": "x"}),
    ] {
        let mut request = of_domain("payout", "ok.example");
        request["facilitator"] = facilitator;
        let verdict = world.ok("screen", &request);
        assert_eq!(told(&verdict), ("monitor", "fields", false), "{verdict}");
    }
}

#[test]
fn an_absent_acquirer_is_monitor_unless_the_policy_allows_or_reviews_it() {
    let mut world = listing();
    for (incomplete, expected) in [
        (None, ("monitor", "fields", false)),
        (Some("monitor"), ("monitor", "fields", false)),
        (Some("allow"), ("allow", "nothing", false)),
        (Some("review"), ("review", "fields", false)),
    ] {
        let flows = json!({"payout": {"incomplete": incomplete}});
        world.ok("configure", &json!({"policy": {"flows": flows}}));
        let mut request = of_domain("payout", "ok.example");
        request["iso8583"] = json!({"de42": "SHOP0001"});
        let verdict = world.ok("screen", &request);
        assert_eq!(told(&verdict), expected, "{verdict}");
        let reasons = verdict["reasons"].as_array().unwrap();
        let codes: Vec<_> = reasons.iter().map(|reason| &reason["code"]).collect();
        assert_eq!(codes, ["incomplete"], "not that nothing was found");
        // With nothing else that says who is paid, nothing was checked.
        let alone = json!({"flow": "payout", "iso8583": {"de42": "SHOP0001"}});
        let verdict = world.ok("screen", &alone);
        assert_eq!(told(&verdict).0, "review", "{verdict}");
    }
}

/// Names of coalitions: `c00` and so on.
fn many(count: usize) -> Vec<&'static str> {
    let names = (0..count).map(|number| &*format!("c{number:02}").leak());
    names.collect()
}

#[test]
fn thirty_two_dead_additional_coalitions_of_sixty_four_change_no_action() {
    let names = many(64);
    let live = |name: &&'static str| {
        let list = list("se/merchants", "hotline.example");
        enrolled(name, list)
    };
    let dead = |name: &&'static str| Enrolled {
        name,
        lists: Vec::new(),
    };
    let (first, last) = names.split_at(32);
    let coalitions: Vec<_> = first
        .iter()
        .map(live)
        .chain(last.iter().map(dead))
        .collect();
    let required =
        json!({"policy": {"required": {"c00": ["se/merchants"], "c01": ["se/merchants"]}}});
    let mut world = World::new(Native::default(), &coalitions, &required);
    let mut alone = World::new(Native::default(), &coalitions[..2], &required);
    for flow in FLOWS {
        for (name, unused) in [
            ("ok.example", false),
            ("shop.example", false),
            ("ok.example", true),
        ] {
            let mut request = of_domain(flow, name);
            if unused {
                request["facilitator"] = json!({"phone": "112"});
            }
            let verdict = world.ok("screen", &request);
            assert_eq!(told(&verdict), told(&alone.ok("screen", &request)));
            // Their state is told, after all that matters.
            let first = verdict["reasons"][0]["code"].as_str();
            assert_ne!(first, Some("no_list"), "{verdict}");
        }
    }
    let analyst = json!({"flow": "payout", "view": "analyst",
        "identifiers": [{"kind": "domain", "value": "ok.example"}]});
    let verdict = world.ok("screen", &analyst);
    let reasons = verdict["reasons"].as_array().unwrap().iter();
    let dead = reasons.filter(|reason| reason["code"] == "no_list").count();
    assert_eq!(dead, 32);
}

#[test]
fn one_dead_coalition_of_eight_does_not_degrade_a_verdict_about_kinds_that_it_does_not_hold() {
    let names = many(8);
    let coalitions: Vec<_> = names
        .iter()
        .enumerate()
        .map(|(number, name)| {
            let cards = Publication {
                kinds: interdict_core::list::Kinds::of([Kind::CardAcceptor]),
                // Its timestamp ends long before the others'.
                expires: [
                    far(),
                    far(),
                    interdict_core::common::time::Time::from_seconds(NOW + 1),
                ],
                ..list("se/merchants", "hotline.example")
            };
            let all = list("se/merchants", "hotline.example");
            enrolled(name, if number == 0 { cards } else { all })
        })
        .collect();
    let mut world = World::new(Native::default(), &coalitions, &json!({}));
    world.now = NOW + 30 * HOUR;
    let verdict = world.ok("screen", &of_domain("payout", "ok.example"));
    assert_eq!(told(&verdict), ("allow", "nothing", false), "{verdict}");
    let mut request = of_domain("payout", "ok.example");
    request["iso8583"] = json!({"de32": "412345", "de42": "SHOP0002"});
    let verdict = world.ok("screen", &request);
    assert_eq!(told(&verdict), ("monitor", "late", true), "{verdict}");
}

#[test]
fn a_list_that_has_left_the_targets_is_no_list_and_stops_no_other() {
    let both = |version| {
        let of = |id| Publication {
            version,
            sequence: u64::from(version),
            ..list(id, "hotline.example")
        };
        [of("se/merchants"), of("se/others")]
    };
    let coalition = Coalition::quick();
    let lists = ["se/merchants", "se/others"];
    let mut gateway = Gateway::new(Alike::new().unwrap(), &coalition, &lists);
    let [first, second] = both(1);
    let served = coalition.publish_beside(&first, &[second]);
    assert_eq!(gateway.update(&served), "completed");
    let [first, _] = both(2);
    assert_eq!(gateway.update(&coalition.publish(&first)), "completed");
    let verdict = gateway.verdict_in("payout", "ok.example");
    assert_eq!(told(&verdict), ("review", "unavailable", true), "{verdict}");
    assert!(verdict["reasons"].to_string().contains("no_list"));
    assert_eq!(gateway.lists()[0]["sequence"], 2, "the other went on");
}
