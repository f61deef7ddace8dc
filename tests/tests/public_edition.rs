//! The public edition: what it never hits, how often it hits others, and that nobody passes because of it.

use interdict_core::common::time::Time;
use interdict_core::identifier::{Identifier, Kind};
use interdict_core::list::{
    BlockList, Descriptor, Edition, Files, Header, Kinds, ListId, Membership, Provenance,
    encode_filter, encode_filter_without,
};
use interdict_core::token::{ListKey, Tag};
use interdict_tests::cases;
use interdict_tests::coalition::{Coalition, Publication};
use interdict_tests::enrolment::requiring;
use interdict_tests::gateway::{Gateway, codes, far};
use interdict_tests::seeded::Stream;
use interdict_tests::subjects::Native;
use interdict_tests::world::{Enrolled, World, list};
use serde_json::json;

const NOW: Time = Time::from_seconds(1_795_309_323);

const FLOWS: [&str; 4] = ["onboarding", "authorisation", "payout", "checkout"];

/// Every name of the Public Suffix List that a look-up can ask for, read without the publisher's code.
fn suffixes() -> Vec<Identifier> {
    let file = interdict_tests::workspace().join("publisher/data/public_suffixes.txt");
    let file = std::fs::read_to_string(file).unwrap();
    let rules = file.lines().filter(|rule| !rule.starts_with(['/', '!']));
    let rules = rules.map(|rule| rule.trim().trim_start_matches("*."));
    let names = rules.filter(|rule| rule.contains('.'));
    let names: Vec<_> = names
        .map(|name| Identifier::parse(Kind::Domain, name).unwrap())
        .collect();
    assert!(names.len() > 8_000);
    names
}

/// One random list: its key, its filter with exceptions, and the same without.
struct Random {
    key: ListKey,
    listed: Vec<Tag>,
    with: BlockList,
    without: BlockList,
}

fn random(number: u32, rate: u8, never: &[Identifier]) -> Random {
    let mut stream = Stream::new(&format!("public list {number} at {rate}"));
    let mut secret = [0; 32];
    secret[..12].copy_from_slice(&stream.tag().0);
    let key = ListKey::new(secret);
    let header = Header {
        list: ListId::parse("se/merchants").unwrap(),
        edition: Edition::Public,
        epoch: number + 1,
        sequence: 1,
        issued: Time::from_seconds(1_795_305_600),
        entries: 10_000,
        rate,
        kinds: Kinds::of([Kind::Domain]),
        key_id: key.id(),
    };
    let mut tags = stream.tags(10_000);
    let never: Vec<Tag> = never.iter().map(|name| tag(&key, name)).collect();
    let load = |filter: Vec<u8>| {
        let files = Files {
            filter,
            ..Files::default()
        };
        let provenance = Provenance {
            epoch_start: header.issued,
            history: Provenance::NO_HISTORY,
            ends: None,
            base: None,
        };
        let descriptor = Descriptor::of_public(&header, provenance, [7; 32], &files).unwrap();
        BlockList::load(&descriptor, files).unwrap()
    };
    // 1,000 listed shops among the decoys.
    for (index, place) in tags.iter_mut().take(1_000).enumerate() {
        *place = tag(&key, &domain(&format!("listed-{index}.example")));
    }
    let with = encode_filter_without(&header, &tags, &never).unwrap();
    let without = encode_filter(&header, &tags).unwrap();
    tags.truncate(1_000);
    Random {
        listed: tags,
        with: load(with),
        without: load(without),
        key,
    }
}

fn tag(key: &ListKey, name: &Identifier) -> Tag {
    key.tag(name.kind(), name.canonical())
}

fn domain(name: &str) -> Identifier {
    Identifier::parse(Kind::Domain, name).unwrap()
}

fn hit(list: &BlockList, key: &ListKey, name: &Identifier) -> bool {
    match list.membership(name, Some(key), NOW) {
        Membership::Absent => false,
        Membership::Candidate => true,
        other => panic!("{other:?}"),
    }
}

/// Whether a count is within six standard deviations of what is expected of so many tries.
fn is_near(count: usize, tried: usize, rate: u8) -> bool {
    let mean = i64::try_from(tried).unwrap() >> rate;
    let off = i64::try_from(count).unwrap() - mean;
    off * off <= 36 * (mean + 1)
}

#[test]
fn no_public_suffix_is_hit_and_all_others_are_as_before() {
    let suffixes = suffixes();
    // The names above a suffix are asked for with it, and are exceptions too.
    let above = |suffix: &Identifier| {
        let parents = suffix.parents().map(domain);
        parents.collect::<Vec<_>>()
    };
    let mut never: Vec<_> = suffixes.iter().flat_map(above).collect();
    never.extend(suffixes.iter().cloned());
    never.sort();
    never.dedup();
    let others: Vec<_> = (0..4_000)
        .map(|index| domain(&format!("shop-{index}.test")))
        .collect();
    for rate in [2, 4, 6] {
        for number in 0..cases(10) {
            let list = random(number, rate, &never);
            let what = format!("list {number} at 2^-{rate}");
            let hits = |name: &&Identifier| hit(&list.with, &list.key, name);
            assert_eq!(suffixes.iter().filter(hits).count(), 0, "{what}");
            // The rate of all other names, and which of them, is that of the filter without exceptions.
            let mut count = 0;
            for other in &others {
                let found = hits(&other);
                assert_eq!(found, hit(&list.without, &list.key, other), "{what}");
                count += usize::from(found);
            }
            assert!(is_near(count, others.len(), rate), "{what}: {count}");
            // What is listed is hit, so what a dictionary finds is unchanged.
            assert_eq!(list.listed.len(), 1_000);
            let listed = (0..1_000).map(|index| domain(&format!("listed-{index}.example")));
            assert!(listed.into_iter().all(|name| hits(&&name)), "{what}");
        }
    }
}

fn public(version: u32) -> Publication {
    Publication {
        edition: Edition::Public,
        rate: 6,
        ..Publication::new(version, far())
    }
}

fn gateway(publication: &Publication) -> Gateway<Native> {
    let coalition = Coalition::quick();
    let mut gateway = Gateway::public(Native::default(), &coalition);
    assert_eq!(gateway.update(&coalition.publish(publication)), "completed");
    gateway
}

/// Sets what happens in every flow when no list answers.
fn unavailable(gateway: &mut Gateway<Native>, action: &str) {
    let mut policy = requiring("se", &["se/merchants"]);
    for flow in FLOWS {
        policy["flows"][flow]["unavailable"] = action.into();
    }
    gateway.ok("configure", &json!({ "policy": policy }));
}

#[test]
fn what_public_editions_alone_miss_is_watched_in_a_page_and_unavailable_elsewhere() {
    let mut gateway = gateway(&public(1));
    for flow in FLOWS {
        let verdict = gateway.verdict_in(flow, "clean.example");
        if flow == "checkout" {
            assert_eq!(codes(&verdict), ["public_only"], "{verdict}");
            assert_eq!(verdict["action"], "monitor", "{verdict}");
            assert_eq!(verdict["degraded"], false, "{verdict}");
        } else {
            assert_eq!(codes(&verdict), ["public_only", "degraded"], "{verdict}");
            assert_eq!(verdict["degraded"], true, "{verdict}");
        }
        // A miss is no evidence.
        assert_eq!(verdict["score"], 201, "{verdict}");
    }
    unavailable(&mut gateway, "review");
    let verdict = gateway.verdict("clean.example");
    assert_eq!(verdict["action"], "review", "{verdict}");
}

#[test]
fn allow_never_comes_from_a_public_edition() {
    let mut fresh = gateway(&public(1));
    let mut keyless = gateway(&public(1));
    keyless.hold_keys([]);
    for gateway in [&mut fresh, &mut keyless] {
        unavailable(gateway, "monitor");
        for flow in FLOWS {
            for name in ["clean.example", "shop.example"] {
                let verdict = gateway.verdict_in(flow, name);
                assert_eq!(verdict["action"], "monitor", "{flow}: {verdict}");
            }
            // Nothing that a public edition covers, and a field that names nobody.
            let iban = json!({"kind": "iban", "value": "SE4550000000058398257466"});
            let message = json!({"flow": flow, "identifiers": [iban]});
            let verdict = gateway.ok("screen", &message);
            assert_eq!(verdict["action"], "monitor", "{flow}: {verdict}");
        }
    }
}

#[test]
fn a_public_edition_beside_a_list_of_other_kinds_answers_alone_for_its_own() {
    let accounts = Publication {
        kinds: Kinds::of([Kind::Iban]),
        ..list("nl/accounts", "a")
    };
    let enrolled = |name, publication| Enrolled {
        name,
        lists: vec![publication],
    };
    let coalitions = [enrolled("se", public(1)), enrolled("nl", accounts)];
    let mut world = World::new(Native::default(), &coalitions, &json!({}));
    let clean = json!({"kind": "domain", "value": "clean.example"});
    let message = json!({"flow": "checkout", "identifiers": [clean]});
    let verdict = world.ok("screen", &message);
    assert_eq!(codes(&verdict), ["public_only"], "{verdict}");
    assert_eq!(verdict["action"], "monitor", "{verdict}");
}

#[test]
fn without_required_lists_a_page_is_as_unavailable_as_anything_else() {
    let mut gateway = gateway(&public(1));
    let policy = json!({"without_lists": true, "flows": {"checkout": {"unavailable": "review"}}});
    gateway.ok("configure", &json!({ "policy": policy }));
    let verdict = gateway.verdict_in("checkout", "clean.example");
    assert_eq!(verdict["action"], "review", "{verdict}");
    assert_eq!(codes(&verdict), ["degraded"], "{verdict}");
}

#[test]
fn a_field_that_no_list_was_asked_about_is_unavailable_in_a_page_too() {
    let mut gateway = gateway(&public(1));
    unavailable(&mut gateway, "review");
    let clean = json!({"kind": "domain", "value": "clean.example"});
    let message = json!({"flow": "checkout", "identifiers": [clean], "url": "https://bad host/"});
    let verdict = gateway.ok("screen", &message);
    assert_eq!(verdict["action"], "review", "{verdict}");
    // The list is as fresh as it should be: only the field could not be used.
    assert_eq!(verdict["degraded"], false, "{verdict}");
    assert_eq!(verdict["because"], "unavailable", "{verdict}");
}
