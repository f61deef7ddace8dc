//! Sealed keys as the core sees them: targets that it fetches, verifies and hands back, and never opens.

use interdict_core::list::Edition;
use interdict_tests::coalition::{Coalition, Files, Publication};
use interdict_tests::gateway::{Gateway, far, path_of};
use interdict_tests::subjects::{Alike, Native};
use serde_json::{Value, json};

const FIRST: &str = "se/epoch-1.key.age";
const SECOND: &str = "se/epoch-2.key.age";

fn gateway(coalition: &Coalition) -> Gateway<Alike> {
    Gateway::new(Alike::new().unwrap(), coalition, &["se/merchants"])
}

/// A release with these sealed keys beside it.
fn release(version: u32, keys: &[(&'static str, &str)]) -> Publication {
    let keys = keys.iter();
    Publication {
        sealed_keys: keys
            .map(|(path, text)| (*path, text.as_bytes().to_vec()))
            .collect(),
        ..Publication::new(version, far())
    }
}

fn state(gateway: &mut Gateway<Alike>) -> Value {
    let state = gateway.ok("state", &json!({}));
    state["coalitions"][0]["sealed_keys"].clone()
}

fn asked_for_keys(gateway: &Gateway<Alike>) -> Vec<&str> {
    let asked = gateway.asked.iter().map(String::as_str);
    asked.filter(|name| name.ends_with(".key.age")).collect()
}

#[test]
fn a_sealed_key_is_verified_saved_and_named_with_its_epoch() {
    let coalition = Coalition::default();
    let mut gateway = gateway(&coalition);
    let served = coalition.publish(&release(1, &[(FIRST, "one"), (SECOND, "two")]));
    assert_eq!(gateway.update(&served), "completed");
    let names = ["se%2fepoch-1.key.age", "se%2fepoch-2.key.age"];
    assert_eq!(asked_for_keys(&gateway), names);
    let expected = json!([
        {"coalition": "se", "epoch": 1, "name": names[0]},
        {"coalition": "se", "epoch": 2, "name": names[1]},
    ]);
    assert_eq!(state(&mut gateway), expected);
    for (name, bytes) in names.into_iter().zip([b"one", b"two"]) {
        assert_eq!(gateway.saved[name], bytes);
    }
    // From the host's own files.
    gateway.restart();
    assert_eq!(state(&mut gateway), expected);
    // What is live is not fetched again; what changed is.
    let served = coalition.publish(&release(2, &[(FIRST, "one"), (SECOND, "six")]));
    assert_eq!(gateway.update(&served), "completed");
    assert_eq!(asked_for_keys(&gateway), [names[1]]);
    assert_eq!(gateway.saved[names[1]], b"six");
    // An epoch that has ended.
    let served = coalition.publish(&release(3, &[(SECOND, "six")]));
    assert_eq!(gateway.update(&served), "completed");
    assert_eq!(
        state(&mut gateway),
        json!([{"coalition": "se", "epoch": 2, "name": names[1]}])
    );
    assert!(!gateway.saved.contains_key(names[0]));
}

#[test]
fn a_gateway_takes_the_sealed_keys_of_its_own_lists_alone() {
    let coalition = Coalition::default();
    let keys = [
        (FIRST, "one"),
        ("nl/epoch-1.key.age", "other"),
        ("se/epoch-01.key.age", "none"),
    ];
    let served = coalition.publish(&release(1, &keys));
    let mut gateway = gateway(&coalition);
    assert_eq!(gateway.update(&served), "completed");
    assert_eq!(asked_for_keys(&gateway), ["se%2fepoch-1.key.age"]);
    let public = Publication {
        edition: Edition::Public,
        rate: 6,
        ..release(1, &keys)
    };
    let served = coalition.publish(&public);
    let mut browser = Gateway::public(Alike::new().unwrap(), &coalition);
    assert_eq!(browser.update(&served), "completed");
    assert_eq!(asked_for_keys(&browser), [""; 0]);
}

/// What is served of a release after the one in place, and how it must be refused.
fn refused(gateway: &mut Gateway<Native>, served: &Files, code: &str) {
    assert_eq!(gateway.update(served), code);
    assert_eq!(gateway.asked.last().unwrap(), "se%2fepoch-1.key.age");
    assert_eq!(gateway.verdict("shop.example")["action"], "block");
}

#[test]
fn a_sealed_key_that_is_not_the_signed_one_is_refused_and_the_lists_stay() {
    let coalition = Coalition::quick();
    let mut gateway = Gateway::new(Native::default(), &coalition, &["se/merchants"]);
    let first = coalition.publish(&Publication::new(1, far()));
    assert_eq!(gateway.update(&first), "completed");
    let file = "age-encryption.org/v1\n-> X25519 one\n";
    let keys = [
        (FIRST, file),
        (SECOND, "age-encryption.org/v1\n-> X25519 two\n"),
    ];
    let honest = coalition.publish(&release(2, &keys));
    let path = path_of(&honest, "epoch-1.key.age");
    let other = honest[&path_of(&honest, "epoch-2.key.age")].clone();
    assert_eq!(file.len(), other.len());
    let serve = |bytes: Option<Vec<u8>>| {
        let mut served = honest.clone();
        served.remove(&path);
        served.extend(bytes.map(|bytes| (path.clone(), bytes)));
        served
    };
    for bit in 0..file.len() * 8 {
        let mut bytes = file.as_bytes().to_vec();
        bytes[bit / 8] ^= 1 << (bit % 8);
        refused(&mut gateway, &serve(Some(bytes)), "trust_hash");
    }
    for length in 0..file.len() {
        let cut = file.as_bytes()[..length].to_vec();
        refused(&mut gateway, &serve(Some(cut)), "trust_length");
    }
    let longer = [file.as_bytes(), b"x"].concat();
    refused(&mut gateway, &serve(Some(longer)), "trust_length");
    refused(&mut gateway, &serve(Some(other)), "trust_hash");
    // Withheld: the update is not complete.
    refused(&mut gateway, &serve(None), "list_part_not_found");
    assert_eq!(gateway.update(&honest), "completed");
}

#[test]
fn the_host_reads_no_more_of_a_sealed_key_than_any_can_have() {
    let coalition = Coalition::quick();
    let huge = vec![7; (1 << 20) + 1];
    let most = vec![7; 1 << 20];
    for (bytes, end) in [(most, "completed"), (huge, "trust_length")] {
        let mut publication = Publication::new(1, far());
        publication.sealed_keys = vec![(FIRST, bytes)];
        let mut served = coalition.publish(&publication);
        let path = path_of(&served, "epoch-1.key.age");
        // As a host does.
        served.get_mut(&path).unwrap().truncate(1 << 20);
        let mut gateway = Gateway::new(Native::default(), &coalition, &["se/merchants"]);
        assert_eq!(gateway.update(&served), end);
    }
}

#[test]
fn no_part_of_a_release_is_taken_for_a_sealed_key() {
    let coalition = Coalition::quick();
    let publication = Publication {
        list: "se/epoch-2",
        ..Publication::new(1, far())
    };
    let mut gateway = Gateway::new(Native::default(), &coalition, &["se/epoch-2"]);
    assert_eq!(
        gateway.update(&coalition.publish(&publication)),
        "completed"
    );
    for part in ["filter", "records"] {
        assert!(
            gateway
                .saved
                .contains_key(&format!("se%2fepoch-2.member-1.{part}"))
        );
    }
    let state = gateway.ok("state", &json!({}));
    assert_eq!(state["coalitions"][0]["sealed_keys"], Value::Null);
}
