//! Successive releases: what is fetched, what is refused, and what answers in between.

use interdict_core::list::Part;
use interdict_tests::coalition::{Coalition, Files, Publication};
use interdict_tests::gateway::{Gateway, codes, far, path_of};
use interdict_tests::subjects::Alike;
use serde_json::{Value, json};

const PARTS: [&str; 3] = ["filter", "records", "stash"];

fn gateway(coalition: &Coalition) -> Gateway<Alike> {
    Gateway::new(Alike::new().unwrap(), coalition, &["se/merchants"])
}

/// A base release that lists these.
fn base(version: u32, listed: &[&'static str]) -> Publication {
    Publication {
        listed: listed.to_vec(),
        ..Publication::new(version, far())
    }
}

/// A release that lists these by a stash on another.
fn stashed(version: u32, listed: &[&'static str], on: Publication) -> Publication {
    Publication {
        base: Some(Box::new(on)),
        ..base(version, listed)
    }
}

fn first() -> Publication {
    base(1, &["shop.example"])
}

/// The parts of releases that the last update asked for.
fn parts_asked(gateway: &Gateway<Alike>) -> Vec<&str> {
    let names = gateway.asked.iter();
    let parts = names.filter_map(|name| name.rsplit('.').next());
    parts.filter(|part| PARTS.contains(part)).collect()
}

fn blocked(gateway: &mut Gateway<Alike>, name: &str) -> bool {
    let verdict = gateway.verdict(name);
    assert_eq!(verdict["degraded"], false, "{verdict}");
    verdict["action"] == "block"
}

fn in_place(gateway: &mut Gateway<Alike>) -> Value {
    let list = &gateway.lists()[0];
    json!([list["sequence"], list["changes"]])
}

#[test]
fn a_release_of_the_base_in_place_asks_for_its_stash_alone() {
    let coalition = Coalition::default();
    let mut gateway = gateway(&coalition);
    assert_eq!(gateway.update(&coalition.publish(&first())), "completed");
    assert_eq!(parts_asked(&gateway), ["filter", "records"]);
    let second = stashed(2, &["shop.example", "new.example"], first());
    assert_eq!(gateway.update(&coalition.publish(&second)), "completed");
    assert_eq!(parts_asked(&gateway), ["stash"]);
    assert_eq!(in_place(&mut gateway), json!([2, 1]));
    assert!(blocked(&mut gateway, "shop.example"));
    assert!(blocked(&mut gateway, "www.new.example"));
    assert!(!blocked(&mut gateway, "clean.example"));
}

#[test]
fn a_gateway_that_slept_needs_nothing_between_its_base_and_the_newest_stash() {
    let coalition = Coalition::default();
    let mut gateway = gateway(&coalition);
    assert_eq!(gateway.update(&coalition.publish(&first())), "completed");
    let ninth = stashed(9, &["one.example", "two.example"], first());
    assert_eq!(gateway.update(&coalition.publish(&ninth)), "completed");
    assert_eq!(parts_asked(&gateway), ["stash"]);
    assert_eq!(in_place(&mut gateway), json!([9, 3]));
    assert!(!blocked(&mut gateway, "shop.example"));
    assert!(blocked(&mut gateway, "one.example") && blocked(&mut gateway, "two.example"));
    // A gateway that never had the base takes it together with its stash.
    let mut newcomer = self::gateway(&coalition);
    assert_eq!(newcomer.update(&coalition.publish(&ninth)), "completed");
    assert_eq!(parts_asked(&newcomer), PARTS);
    assert!(!blocked(&mut newcomer, "shop.example"));
    assert!(blocked(&mut newcomer, "one.example"));
}

#[test]
fn a_removal_reaches_a_gateway_with_its_next_update_and_survives_the_next_base() {
    let coalition = Coalition::default();
    let mut gateway = gateway(&coalition);
    let listed = base(1, &["shop.example", "other.example"]);
    assert_eq!(gateway.update(&coalition.publish(&listed)), "completed");
    assert!(blocked(&mut gateway, "shop.example"));
    let removed = stashed(2, &["other.example"], listed);
    assert_eq!(gateway.update(&coalition.publish(&removed)), "completed");
    assert!(!blocked(&mut gateway, "shop.example"));
    gateway.restart();
    assert!(!blocked(&mut gateway, "shop.example"), "from the store");
    let rebased = base(3, &["other.example"]);
    assert_eq!(gateway.update(&coalition.publish(&rebased)), "completed");
    assert_eq!(parts_asked(&gateway), ["filter", "records"]);
    assert_eq!(in_place(&mut gateway), json!([3, 0]));
    assert!(!blocked(&mut gateway, "shop.example") && blocked(&mut gateway, "other.example"));
    let back = stashed(4, &["shop.example"], rebased);
    assert_eq!(gateway.update(&coalition.publish(&back)), "completed");
    assert!(blocked(&mut gateway, "shop.example") && !blocked(&mut gateway, "other.example"));
}

#[test]
fn newer_metadata_of_the_same_release_asks_for_no_part() {
    let coalition = Coalition::default();
    let mut gateway = gateway(&coalition);
    let second = stashed(2, &["new.example"], first());
    assert_eq!(gateway.update(&coalition.publish(&second)), "completed");
    let again = Publication {
        sequence: 2,
        ..stashed(3, &["new.example"], first())
    };
    assert_eq!(gateway.update(&coalition.publish(&again)), "completed");
    assert_eq!(parts_asked(&gateway), [""; 0]);
    assert!(blocked(&mut gateway, "new.example") && !blocked(&mut gateway, "shop.example"));
    gateway.restart();
    assert!(blocked(&mut gateway, "new.example") && !blocked(&mut gateway, "shop.example"));
}

/// A gateway with the second release, a stash on the first.
fn with_second(coalition: &Coalition) -> Gateway<Alike> {
    let mut gateway = gateway(coalition);
    assert_eq!(gateway.update(&coalition.publish(&first())), "completed");
    let second = stashed(2, &["shop.example", "new.example"], first());
    assert_eq!(gateway.update(&coalition.publish(&second)), "completed");
    gateway
}

/// The second release still answers; it is stale if newer targets are known.
fn assert_second(gateway: &mut Gateway<Alike>, attack: &str) {
    assert_eq!(in_place(gateway), json!([2, 1]), "{attack}");
    for (name, is_listed) in [
        ("shop.example", true),
        ("new.example", true),
        ("third.example", false),
    ] {
        let verdict = gateway.verdict(name);
        let late = verdict["lists"][0]["freshness"] == "late";
        let action = match (is_listed, late) {
            (true, _) => "block",
            (false, true) => "monitor",
            (false, false) => "allow",
        };
        assert_eq!(verdict["action"], action, "{attack}: {verdict}");
        assert_eq!(verdict["degraded"], late, "{attack}: {verdict}");
    }
}

fn third() -> Publication {
    stashed(3, &["third.example"], first())
}

#[test]
fn a_stash_that_is_not_the_one_of_its_release_is_refused_and_the_last_release_answers() {
    let coalition = Coalition::default();
    let elsewhere = base(1, &["elsewhere.example"]);
    let second = stashed(2, &["shop.example", "new.example"], first());
    let of_another_base = stashed(3, &["third.example"], elsewhere);
    let attacks = [
        ("of another base", of_another_base, "list_stash_base"),
        ("of an older release", second, "list_header_mismatch"),
    ];
    for (attack, stash_of, refusal) in attacks {
        let mut gateway = with_second(&coalition);
        let forged = Publication {
            stash_of: Some(Box::new(stash_of)),
            ..third()
        };
        assert_eq!(
            gateway.update(&coalition.publish(&forged)),
            refusal,
            "{attack}"
        );
        assert_second(&mut gateway, attack);
        gateway.restart();
        assert_second(&mut gateway, attack);
    }
}

#[test]
fn a_malformed_stash_is_refused_though_it_is_signed() {
    let coalition = Coalition::default();
    let (_, files) = coalition.release(&third());
    let stash = files.stash.unwrap();
    let cut = stash[..stash.len() - 1].to_vec();
    let longer = [&stash[..], b"\0"].concat();
    let attacks = [
        ("cut", cut, "list_layout"),
        ("longer", longer, "list_layout"),
        ("another part", files.filter, "list_magic"),
        ("nothing", Vec::new(), "list_layout"),
    ];
    for (attack, bytes, refusal) in attacks {
        let mut gateway = with_second(&coalition);
        let forged = Publication {
            instead: vec![(Part::Stash, bytes)],
            ..third()
        };
        assert_eq!(
            gateway.update(&coalition.publish(&forged)),
            refusal,
            "{attack}"
        );
        assert_second(&mut gateway, attack);
    }
}

#[test]
fn a_stash_that_is_missing_changed_or_cut_is_refused_and_a_later_update_succeeds() {
    let coalition = Coalition::default();
    let mut gateway = with_second(&coalition);
    let good = coalition.publish(&third());
    let path = path_of(&good, ".stash");
    let with = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut files = good.clone();
        change(files.get_mut(&path).unwrap());
        files
    };
    let mut missing = good.clone();
    missing.remove(&path);
    let attacks: [(&str, Files, &str); 4] = [
        ("missing", missing, "list_part_not_found"),
        ("changed", with(&|stash| stash[90] ^= 1), "trust_hash"),
        ("cut", with(&|stash| stash.truncate(90)), "trust_length"),
        ("longer", with(&|stash| stash.push(0)), "trust_length"),
    ];
    for (attack, files, refusal) in attacks {
        assert_eq!(gateway.update(&files), refusal, "{attack}");
        assert_second(&mut gateway, attack);
    }
    assert_eq!(gateway.update(&good), "completed");
    assert!(blocked(&mut gateway, "third.example") && !blocked(&mut gateway, "shop.example"));
}

#[test]
fn a_part_the_host_could_not_bring_leaves_the_last_release_in_place() {
    let coalition = Coalition::default();
    let mut gateway = with_second(&coalition);
    let files = coalition.publish(&third());
    let mut progress = gateway.ok("poll", &json!({"coalition": "se", "begin": "repository"}));
    let end = loop {
        let path = progress["fetch"]["path"].as_str().unwrap();
        let file = files
            .get(path)
            .filter(|_| !path.ends_with("stash"))
            .cloned();
        let outcome = match file {
            Some(_) => "bytes",
            None if path.ends_with("stash") => "failed",
            None => "not_found",
        };
        let name = &progress["fetch"]["name"];
        let message = json!({"coalition": "se", "name": name, "outcome": outcome});
        match gateway.call("supply", &message, file) {
            Ok(next) => progress = next,
            Err(code) => break code,
        }
    };
    assert_eq!(end, "list_part_unavailable");
    assert_second(&mut gateway, "failed");
}

#[test]
fn a_store_that_lost_a_file_ends_its_replay_and_refuses_nothing() {
    let coalition = Coalition::default();
    let saved = with_second(&coalition).saved;
    let second = coalition.publish(&stashed(2, &["shop.example", "new.example"], first()));
    let names: Vec<&String> = saved.keys().collect();
    assert_eq!(names.len(), 6, "{names:?}");
    for lost in names {
        let mut gateway = gateway(&coalition);
        let mut files = saved.clone();
        files.remove(lost);
        assert_eq!(gateway.replay(&files), "unfinished", "{lost}");
        assert!(gateway.lists().is_empty(), "all or none: {lost}");
        assert_eq!(gateway.verdict("shop.example")["degraded"], true, "{lost}");
        assert_eq!(gateway.update(&second), "completed", "{lost}");
        assert_second(&mut gateway, lost);
    }
}

#[test]
fn a_release_without_its_records_file_is_refused() {
    let coalition = Coalition::default();
    let mut gateway = with_second(&coalition);
    for part in [".filter", ".records"] {
        let mut files = coalition.publish(&base(3, &["third.example"]));
        files.remove(&path_of(&files, part));
        assert_eq!(gateway.update(&files), "list_part_not_found", "{part}");
        assert_second(&mut gateway, part);
    }
}

#[test]
fn a_part_that_the_targets_do_not_name_is_missed_though_the_base_is_in_place() {
    let coalition = Coalition::default();
    for part in [Part::Records, Part::Stash] {
        let forged = Publication {
            unnamed: Some(part),
            ..third()
        };
        let forged = coalition.publish(&forged);
        let mut gateway = with_second(&coalition);
        assert_eq!(gateway.update(&forged), "list_part_mismatch", "{part:?}");
        assert_second(&mut gateway, part.name());
        let mut newcomer = self::gateway(&coalition);
        assert_eq!(newcomer.update(&forged), "list_part_mismatch", "{part:?}");
    }
    let again = Publication {
        sequence: 2,
        unnamed: Some(Part::Filter),
        ..stashed(3, &["shop.example", "new.example"], first())
    };
    // Without its filter a list is not published at all.
    let mut gateway = with_second(&coalition);
    assert_eq!(gateway.update(&coalition.publish(&again)), "list_missing");
    assert_second(&mut gateway, "no filter");
    let again = Publication {
        unnamed: Some(Part::Records),
        ..again
    };
    let mut gateway = with_second(&coalition);
    assert_eq!(
        gateway.update(&coalition.publish(&again)),
        "list_part_mismatch"
    );
    assert_second(&mut gateway, "nothing new");
}

/// The descriptor is signed with the targets, so both are the publisher's own words. If they differ,
/// nobody can say which bytes are meant.
#[test]
fn a_descriptor_of_other_bytes_than_the_targets_name_is_refused() {
    let coalition = Coalition::default();
    for part in [Part::Filter, Part::Records, Part::Stash] {
        for member in ["sha256", "length"] {
            let forged = coalition.publish(&Publication {
                misdescribed: Some((part, member)),
                ..third()
            });
            let mut gateway = with_second(&coalition);
            let end = gateway.update(&forged);
            assert_eq!(end, "list_part_mismatch", "{part:?} {member}");
            assert_second(&mut gateway, part.name());
            let mut newcomer = self::gateway(&coalition);
            let end = newcomer.update(&forged);
            assert_eq!(end, "list_part_mismatch", "{part:?} {member}");
            assert!(newcomer.lists().is_empty());
        }
    }
}

#[test]
fn an_older_stash_under_newer_metadata_is_a_rollback() {
    let coalition = Coalition::default();
    let mut gateway = gateway(&coalition);
    assert_eq!(gateway.update(&coalition.publish(&first())), "completed");
    assert_eq!(gateway.update(&coalition.publish(&third())), "completed");
    let third_again = |version, listed: &[&'static str]| Publication {
        sequence: 3,
        ..stashed(version, listed, first())
    };
    let older = Publication {
        sequence: 2,
        ..stashed(4, &["shop.example"], first())
    };
    let base_again = Publication {
        version: 5,
        ..first()
    };
    for (attack, publication) in [
        ("an older stash", older),
        ("the base without its stash", base_again),
        (
            "another stash of the same sequence",
            third_again(6, &["other.example"]),
        ),
    ] {
        // The same gateway throughout: a refused update must leave nothing behind.
        let end = gateway.update(&coalition.publish(&publication));
        assert_eq!(end, "list_rollback", "{attack}");
        assert_eq!(gateway.verdict("third.example")["action"], "block");
        // Newer targets are known, so that what the list misses is not clean.
        assert_eq!(gateway.verdict("shop.example")["action"], "monitor");
    }
    let same = coalition.publish(&third_again(7, &["third.example"]));
    assert_eq!(gateway.update(&same), "completed");
}

#[test]
fn of_two_lists_both_go_live_or_none() {
    let coalition = Coalition::default();
    let others = |publication: Publication| Publication {
        list: "se/others",
        ..publication
    };
    let one = |version| Publication {
        sequence: 2,
        ..base(version, &["new.example"])
    };
    let lists = ["se/merchants", "se/others"];
    let mut gateway = Gateway::new(Alike::new().unwrap(), &coalition, &lists);
    let before = coalition.publish_beside(&first(), &[others(first())]);
    assert_eq!(gateway.update(&before), "completed");
    let foreign_records = Publication {
        records_of: Some(Box::new(others(first()))),
        ..others(one(2))
    };
    let forged = coalition.publish_beside(&one(2), &[foreign_records]);
    assert_eq!(gateway.update(&forged), "list_header_mismatch");
    // Both are refused as well if the bad list is read first.
    let read_first = Publication {
        records_of: Some(Box::new(others(first()))),
        ..one(3)
    };
    let forged = coalition.publish_beside(&read_first, &[others(one(3))]);
    assert_eq!(gateway.update(&forged), "list_header_mismatch");
    let good = coalition.publish_beside(&one(4), &[others(one(4))]);
    let mut missing = good.clone();
    missing.remove(&path_of(&good, "others.member-1.records"));
    assert_eq!(gateway.update(&missing), "list_part_not_found");
    let sequences = |gateway: &mut Gateway<Alike>| -> Vec<Value> {
        let lists = gateway.lists().into_iter();
        lists.map(|list| list["sequence"].clone()).collect()
    };
    assert_eq!(sequences(&mut gateway), [1, 1]);
    assert_eq!(gateway.verdict("shop.example")["action"], "block");
    assert_eq!(gateway.verdict("new.example")["action"], "monitor");
    assert_eq!(gateway.update(&good), "completed");
    assert_eq!(sequences(&mut gateway), [2, 2]);
    assert!(blocked(&mut gateway, "new.example") && !blocked(&mut gateway, "shop.example"));
}

#[test]
fn an_entry_that_lapsed_is_told_and_leads_to_nothing() {
    let coalition = Coalition::default();
    let mut gateway = gateway(&coalition);
    let lapsed = interdict_core::list::Record {
        valid_until: interdict_core::common::time::Time::from_seconds(
            interdict_tests::gateway::NOW,
        ),
        ..interdict_tests::coalition::RECORD
    };
    let mut listed = base(1, &["shop.example", "old.example"]);
    listed.records.insert("old.example", lapsed);
    let mut later = stashed(2, &["shop.example", "old.example"], listed.clone());
    later.records.insert("old.example", lapsed);
    later.records.insert("shop.example", lapsed);
    assert_eq!(gateway.update(&coalition.publish(&listed)), "completed");
    let old = gateway.verdict("old.example");
    assert_eq!(
        (&old["action"], codes(&old)),
        (&json!("allow"), vec!["listing_lapsed", "no_finding"])
    );
    assert!(blocked(&mut gateway, "shop.example"));
    assert_eq!(gateway.update(&coalition.publish(&later)), "completed");
    for name in ["old.example", "shop.example"] {
        let verdict = gateway.verdict(name);
        assert!(codes(&verdict).contains(&"listing_lapsed"), "{verdict}");
        assert_eq!(verdict["action"], "allow", "{verdict}");
    }
}
