//! Overlapping keys, editions, and which published releases a gateway takes.

use interdict_core::list::{Edition, Part};
use interdict_tests::coalition::{Coalition, Files, Publication};
use interdict_tests::gateway::{Gateway, codes, far};
use interdict_tests::subjects::Alike;
use serde_json::{Value, json};

fn gateway(coalition: &Coalition) -> Gateway<Alike> {
    Gateway::new(Alike::new().unwrap(), coalition, &["se/merchants"])
}

/// A gateway that takes this edition.
fn of_edition(coalition: &Coalition, edition: Edition) -> Gateway<Alike> {
    Gateway::of_edition(Alike::new().unwrap(), coalition, edition)
}

/// A list whose answers show which epoch gave them: only epoch `n` lists `only-n.example`.
fn epoch(version: u32, epoch: u32) -> Publication {
    let own = ["only-1.example", "only-2.example", "only-3.example"];
    let index = usize::try_from(epoch).unwrap() - 1;
    Publication {
        listed: vec!["shop.example", own[index]],
        epoch,
        ..Publication::new(version, far())
    }
}

fn both_epochs(coalition: &Coalition) -> Files {
    coalition.publish_beside(&epoch(1, 2), &[epoch(1, 1)])
}

/// The epoch of the only release that answers.
fn answering(gateway: &mut Gateway<Alike>) -> Value {
    let verdict = gateway.verdict("shop.example");
    let lists = verdict["lists"].as_array().unwrap();
    assert_eq!(lists.len(), 1, "one epoch of a list answers: {verdict}");
    lists[0]["epoch"].clone()
}

#[test]
fn the_newest_epoch_with_a_key_answers_and_an_older_one_says_so() {
    let coalition = Coalition::default();
    let mut gateway = gateway(&coalition);
    for (keys, answers, outdated) in [
        (vec![1], 1, true),
        (vec![1, 2], 2, false),
        (vec![2, 1], 2, false),
        (vec![2], 2, false),
        (vec![1, 3], 1, true),
    ] {
        gateway.hold_keys(keys.clone());
        assert_eq!(gateway.update(&both_epochs(&coalition)), "completed");
        assert_eq!(gateway.lists().len(), 1);
        assert_eq!(answering(&mut gateway), answers, "{keys:?}");
        for (name, listed) in [
            ("shop.example", true),
            ("only-1.example", answers == 1),
            ("only-2.example", answers == 2),
            ("clean.example", false),
        ] {
            let verdict = gateway.verdict(name);
            assert_eq!(verdict["action"] == "block", listed, "{keys:?}: {verdict}");
            // The newer epoch has started, so the older one's list is stale.
            assert_eq!(verdict["degraded"], outdated, "{keys:?}: {verdict}");
            let codes = codes(&verdict);
            assert_eq!(
                codes.contains(&"key_outdated"),
                outdated,
                "{keys:?}: {verdict}"
            );
        }
    }
}

#[test]
fn after_its_epoch_is_retired_a_key_answers_nothing_and_never_clean() {
    let coalition = Coalition::default();
    let mut gateway = gateway(&coalition);
    assert_eq!(gateway.update(&both_epochs(&coalition)), "completed");
    assert_eq!(gateway.verdict("only-1.example")["action"], "block");
    let retired = coalition.publish(&epoch(2, 2));
    assert_eq!(gateway.update(&retired), "completed");
    for name in ["shop.example", "only-1.example", "clean.example"] {
        let verdict = gateway.verdict(name);
        assert!(codes(&verdict).contains(&"no_key"), "{verdict}");
        assert!(!codes(&verdict).contains(&"no_finding"), "{verdict}");
        assert_eq!(verdict["degraded"], true, "{verdict}");
    }
    gateway.hold_keys([2]);
    assert_eq!(gateway.verdict("only-2.example")["action"], "block");
    assert_eq!(gateway.verdict("only-1.example")["action"], "allow");
}

#[test]
fn no_key_or_a_wrong_one_is_told_and_never_clean() {
    let coalition = Coalition::default();
    let mut gateway = gateway(&coalition);
    assert_eq!(gateway.update(&both_epochs(&coalition)), "completed");
    for keys in [vec![], vec![3]] {
        gateway.hold_keys(keys);
        assert_eq!(gateway.update(&both_epochs(&coalition)), "completed");
        let verdict = gateway.verdict("shop.example");
        assert!(codes(&verdict).contains(&"no_key"), "{verdict}");
        assert_eq!(verdict["degraded"], true, "{verdict}");
        assert_eq!(
            answering(&mut gateway),
            2,
            "the newest is the one to say so"
        );
    }
}

#[test]
fn a_gateway_loads_the_epoch_of_a_list_that_its_keys_can_read() {
    let coalition = Coalition::default();
    let three = coalition.publish_beside(&epoch(1, 3), &[epoch(1, 1), epoch(1, 2)]);
    for (held, loaded) in [
        (vec![1], 1),
        (vec![1, 2], 2),
        (vec![2, 3], 3),
        (vec![], 3),
        (vec![9], 3),
    ] {
        let mut gateway = gateway(&coalition);
        gateway.hold_keys(held.iter().copied());
        assert_eq!(gateway.update(&three), "completed");
        let lists = gateway.lists();
        assert_eq!(lists.len(), 1, "{held:?}");
        assert_eq!(lists[0]["epoch"], loaded, "{held:?}");
        let foreign = format!(".member-{loaded}.");
        let parts = gateway
            .asked
            .iter()
            .filter(|name| name.contains(".member-"));
        assert!(
            parts.clone().all(|name| name.contains(&foreign)),
            "{held:?}"
        );
        assert_eq!(parts.count(), 2, "{held:?}");
        let verdict = gateway.verdict("shop.example");
        let answers = held.contains(&loaded);
        assert_eq!(verdict["action"] == "block", answers, "{verdict}");
        let outdated = answers && loaded < 3;
        assert_eq!(
            codes(&verdict).contains(&"key_outdated"),
            outdated,
            "{verdict}"
        );
    }
}

#[test]
fn each_epoch_has_its_own_sequence_of_releases() {
    let coalition = Coalition::default();
    let mut gateway = gateway(&coalition);
    gateway.hold_keys([2]);
    let second = Publication {
        sequence: 7,
        ..epoch(1, 2)
    };
    let both = coalition.publish_beside(&second, &[epoch(1, 1)]);
    assert_eq!(gateway.update(&both), "completed");
    // Epoch 1 moves on, still behind epoch 2.
    let third = Publication {
        version: 2,
        ..second.clone()
    };
    let both = coalition.publish_beside(&third, &[epoch(2, 1)]);
    assert_eq!(gateway.update(&both), "completed");
    let back = Publication {
        version: 3,
        sequence: 6,
        ..second
    };
    let both = coalition.publish_beside(&back, &[epoch(3, 1)]);
    assert_eq!(gateway.update(&both), "list_rollback");
}

/// The edition for browsers.
fn public(version: u32) -> Publication {
    Publication {
        edition: Edition::Public,
        rate: 6,
        ..Publication::new(version, far())
    }
}

/// The edition for little memory.
fn compact(version: u32) -> Publication {
    in_compact(Publication::new(version, far()))
}

fn in_compact(publication: Publication) -> Publication {
    Publication {
        edition: Edition::Compact,
        rate: 32,
        ..publication
    }
}

#[test]
fn a_gateway_takes_the_releases_of_its_own_edition_alone() {
    let coalition = Coalition::default();
    let member = Publication {
        listed: vec!["member.example"],
        ..Publication::new(1, far())
    };
    let all = coalition.publish_beside(&member, &[public(1), compact(1)]);
    for (choice, edition, parts) in [
        (Edition::Member, "member", 2),
        (Edition::Compact, "compact", 1),
        (Edition::Public, "public", 1),
    ] {
        let mut gateway = of_edition(&coalition, choice);
        assert_eq!(gateway.update(&all), "completed");
        let lists = gateway.lists();
        assert_eq!(lists.len(), 1, "{edition}");
        assert_eq!(lists[0]["edition"], edition, "{edition}");
        let asked = gateway
            .asked
            .iter()
            .filter(|name| name.starts_with("se%2f"));
        assert_eq!(asked.count(), parts, "{edition}");
        let verdict = gateway.verdict("member.example");
        assert_eq!(
            verdict["action"] == "block",
            edition == "member",
            "{verdict}"
        );
    }
}

#[test]
fn a_gateway_is_told_that_its_edition_is_not_published() {
    let coalition = Coalition::default();
    let [member, compact, public] = [Publication::new(1, far()), compact(1), public(1)];
    for (choice, others) in [
        (Edition::Member, [&compact, &public]),
        (Edition::Compact, [&member, &public]),
        (Edition::Public, [&member, &compact]),
    ] {
        let mut gateway = of_edition(&coalition, choice);
        let served = coalition.publish_beside(others[0], &[others[1].clone()]);
        assert_eq!(gateway.update(&served), "list_missing", "{choice:?}");
        assert!(gateway.lists().is_empty());
    }
}

#[test]
fn the_key_of_an_epoch_reads_the_compact_list_too() {
    let coalition = Coalition::default();
    let of = |number| in_compact(epoch(1, number));
    let served = coalition.publish_beside(&of(2), &[of(1), epoch(1, 1), epoch(1, 2)]);
    for (held, loaded) in [(vec![1], 1), (vec![1, 2], 2), (vec![2], 2), (vec![3], 2)] {
        let mut gateway = of_edition(&coalition, Edition::Compact);
        gateway.hold_keys(held.iter().copied());
        assert_eq!(gateway.update(&served), "completed");
        assert_eq!(answering(&mut gateway), loaded, "{held:?}");
        let own = format!("only-{loaded}.example");
        for name in ["shop.example", &own, "clean.example"] {
            let verdict = gateway.verdict(name);
            let codes = codes(&verdict);
            let can_read = held.contains(&loaded);
            assert_eq!(codes.contains(&"no_key"), !can_read, "{held:?}: {verdict}");
            let outdated = can_read && loaded < 2;
            assert_eq!(codes.contains(&"key_outdated"), outdated, "{held:?}");
            let listed = can_read && name != "clean.example";
            assert_eq!(verdict["because"] == "candidate", listed, "{verdict}");
        }
    }
}

/// What a gateway has of a coalition's lists and packs, and the files it asked for to get there.
fn taken(mut gateway: Gateway<Alike>, served: &Files) -> (Vec<Value>, Vec<Value>, String) {
    assert_eq!(gateway.update(served), "completed");
    let state = gateway.ok("state", &json!({}));
    let names = |member: &str| {
        let all = state["coalitions"][0][member].as_array();
        let all = all.into_iter().flatten();
        all.map(|one| one["list"].clone()).collect()
    };
    (names("lists"), names("typologies"), gateway.asked.join(" "))
}

#[test]
fn a_gateway_takes_the_lists_it_chose_with_their_packs_and_no_others() {
    let coalition = Coalition::default();
    let pack = Some(interdict_publisher::STANDARD_TYPOLOGIES.to_vec());
    let list = |list: &'static str| Publication {
        list,
        pack: pack.clone(),
        ..Publication::new(1, far())
    };
    let (merchants, others) = ("se/merchants", "se/merchants-2");
    let both = coalition.publish_beside(&list(merchants), &[list(others)]);
    for chosen in [merchants, others] {
        let gateway = Gateway::new(Alike::new().unwrap(), &coalition, &[chosen]);
        let (lists, packs, asked) = taken(gateway, &both);
        assert_eq!((lists, packs), (vec![chosen.into()], vec![chosen.into()]));
        // Four files of metadata, two parts and the pack.
        assert_eq!(asked.split(' ').count(), 7, "{asked}");
    }
    let gateway = Gateway::new(Alike::new().unwrap(), &coalition, &[merchants, others]);
    let (lists, packs, asked) = taken(gateway, &both);
    assert_eq!((lists.len(), packs.len()), (2, 2), "{asked}");
}

#[test]
fn a_public_edition_is_loaded_without_packs() {
    let coalition = Coalition::default();
    let pack = Some(interdict_publisher::STANDARD_TYPOLOGIES.to_vec());
    let member = Publication {
        pack,
        ..Publication::new(1, far())
    };
    let both = coalition.publish_beside(&member, &[public(1)]);
    let (lists, packs, asked) = taken(of_edition(&coalition, Edition::Public), &both);
    assert_eq!((lists.len(), packs.len()), (1, 0));
    assert!(!asked.contains("typologies"), "{asked}");
    let (lists, packs, asked) = taken(gateway(&coalition), &both);
    assert_eq!((lists.len(), packs.len()), (1, 1));
    assert!(asked.contains("typologies"), "{asked}");
}

#[test]
fn a_hit_of_the_public_edition_says_ask_the_gateway_and_nothing_more() {
    let coalition = Coalition::default();
    let mut gateway = of_edition(&coalition, Edition::Public);
    assert_eq!(gateway.update(&coalition.publish(&public(1))), "completed");
    for name in ["shop.example", "www.shop.example"] {
        let verdict = gateway.verdict_in("checkout", name);
        assert_eq!(codes(&verdict), ["ask_gateway"], "{verdict}");
        assert_eq!(verdict["action"], "monitor", "{verdict}");
        assert_eq!(verdict["reasons"][0]["source"], Value::Null, "{verdict}");
        assert_eq!(verdict["reasons"][0]["weight"], 0, "{verdict}");
        assert_eq!(verdict["degraded"], false, "{verdict}");
        for flow in ["onboarding", "authorisation", "payout"] {
            let verdict = gateway.verdict_in(flow, name);
            assert_eq!(codes(&verdict), ["ask_gateway", "degraded"], "{verdict}");
        }
    }
    assert_eq!(gateway.lists()[0]["records"], Value::Null);
    gateway.hold_keys([]);
    let verdict = gateway.verdict("shop.example");
    assert!(codes(&verdict).contains(&"no_key"), "{verdict}");
}

#[test]
fn a_public_release_with_exact_parts_is_refused() {
    let coalition = Coalition::default();
    let (_, member) = coalition.release(&Publication::new(1, far()));
    let records = Publication {
        instead: vec![(Part::Records, member.records.unwrap())],
        ..public(1)
    };
    let stash = Publication {
        instead: vec![(Part::Stash, member.filter)],
        ..public(1)
    };
    for publication in [records, stash] {
        let mut gateway = of_edition(&coalition, Edition::Public);
        let served = coalition.publish(&publication);
        assert_eq!(gateway.update(&served), "list_edition_parts");
        assert!(gateway.lists().is_empty());
    }
}

#[test]
fn a_member_release_under_a_public_path_is_refused() {
    let coalition = Coalition::default();
    let forged = Publication {
        path: Some("se/merchants.public-1"),
        ..Publication::new(1, far())
    };
    let other_epoch = Publication {
        path: Some("se/merchants.member-2"),
        ..Publication::new(1, far())
    };
    for (edition, publication) in [(Edition::Public, forged), (Edition::Member, other_epoch)] {
        let mut gateway = of_edition(&coalition, edition);
        assert_eq!(gateway.update(&coalition.publish(&publication)), "list_id");
        assert!(gateway.lists().is_empty());
    }
}

/// A key that became known since the files were saved makes another epoch the best; its files come with the
/// next update.
#[test]
fn saved_files_load_whichever_key_became_known_since() {
    let coalition = Coalition::default();
    let both = both_epochs(&coalition);
    for (before, after) in [(vec![1], vec![1, 2]), (vec![], vec![1]), (vec![2], vec![1])] {
        let mut gateway = gateway(&coalition);
        gateway.hold_keys(before.iter().copied());
        assert_eq!(gateway.update(&both), "completed");
        let saved = gateway.lists()[0]["epoch"].clone();
        gateway.hold_keys(after.iter().copied());
        gateway.restart();
        assert_eq!(gateway.lists()[0]["epoch"], saved, "{before:?} {after:?}");
        // Part of it is not enough.
        let mut cut = gateway.saved.clone();
        let records = cut.keys().find(|name| name.ends_with(".records")).unwrap();
        cut.remove(&records.clone());
        gateway.saved.clear();
        gateway.restart();
        assert_eq!(gateway.replay(&cut), "unfinished");
        assert!(gateway.lists().is_empty(), "{before:?} {after:?}");
        assert_eq!(gateway.update(&both), "completed");
        let best = after.last().copied();
        assert_eq!(
            gateway.lists()[0]["epoch"],
            json!(best),
            "{before:?} {after:?}"
        );
    }
}
