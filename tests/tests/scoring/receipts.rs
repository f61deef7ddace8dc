//! Receipts: whoever has the key sees every change.

use interdict_tests::coalition::RECORD;
use interdict_tests::subjects::Alike;
use interdict_tests::world::{Enrolled, World, list};
use serde_json::{Value, json};

use crate::world::{ENTRIES, standard};

const KEY: [u8; 32] = [0x11; 32];

/// As the core does it: each field with its length.
fn mac(bytes: &[u8]) -> String {
    let mut hasher = blake3::Hasher::new_keyed(&KEY);
    for field in [
        b"interdict",
        b"receipt".as_slice(),
        &1_u32.to_le_bytes(),
        bytes,
    ] {
        hasher.update(&u64::try_from(field.len()).unwrap().to_le_bytes());
        hasher.update(field);
    }
    hasher.finalize().to_hex()[..32].to_owned()
}

/// The bytes of the receipt in an answer, and the mac at its end.
fn receipt(answer: &str) -> (String, String) {
    let (_, receipt) = answer.split_once(r#""receipt":"#).unwrap();
    let receipt = receipt.strip_suffix('}').unwrap();
    let (body, mac) = receipt.rsplit_once(r#","mac":""#).unwrap();
    (
        format!("{body}}}"),
        mac.strip_suffix("\"}").unwrap().to_owned(),
    )
}

#[test]
fn a_receipt_with_one_byte_changed_has_another_mac() {
    let (kind, value) = ENTRIES[1];
    let mut publication = list("se/merchants", "hotline.example");
    publication.others = vec![(kind, value.into(), RECORD)];
    publication.pack = Some(standard());
    let enrolled = [Enrolled {
        name: "se",
        lists: vec![publication],
    }];
    let members =
        json!({"receipt_key": interdict_core::common::hex::text(&KEY), "module": "22".repeat(32)});
    let mut world = World::new(Alike::new().unwrap(), &enrolled, &members);
    let shop = json!({"kind": "domain", "value": "shop.example"});
    let request =
        json!({"flow": "payout", "identifiers": [shop], "signals": {"prepaid_only": true}});
    let answer = world.bytes("screen", &request.to_string()).unwrap();
    let (body, told) = receipt(&answer);
    assert!(serde_json::from_str::<Value>(&body).is_ok());
    assert_eq!(mac(body.as_bytes()), told);
    for index in 0..body.len() {
        for change in [1, 0x20, 0x80] {
            let mut changed = body.clone().into_bytes();
            changed[index] ^= change;
            assert_ne!(mac(&changed), told, "byte {index}");
        }
        let mut shorter = body.clone().into_bytes();
        shorter.remove(index);
        assert_ne!(mac(&shorter), told, "without byte {index}");
    }
}

#[test]
fn the_silent_member_of_no_two_receipts_is_alike_and_so_tells_nothing() {
    let enrolled = [Enrolled {
        name: "se",
        lists: vec![list("se/merchants", "hotline.example")],
    }];
    let members = json!({"receipt_key": interdict_core::common::hex::text(&KEY)});
    let mut world = World::new(Alike::new().unwrap(), &enrolled, &members);
    let mut silent: Vec<_> = ["a.example", "b.example", "a.example"]
        .into_iter()
        .map(|value| {
            world.now += 1;
            let identifier = json!({"kind": "domain", "value": value});
            let request = json!({"flow": "payout", "identifiers": [identifier]});
            let verdict = world.ok("screen", &request);
            verdict["receipt"]["silent"].as_str().unwrap().to_owned()
        })
        .collect();
    silent.sort();
    silent.dedup();
    assert_eq!(silent.len(), 3);
}
