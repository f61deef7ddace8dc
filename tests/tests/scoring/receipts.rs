//! Receipts: the holder of the key detects every change.

use std::collections::BTreeSet;

use interdict_core::identifier::Kind;
use interdict_core::list::{Action, Flags, Record};
use interdict_tests::coalition::RECORD;
use interdict_tests::gateway::NOW;
use interdict_tests::subjects::Alike;
use interdict_tests::world::{Enrolled, World, list};
use serde_json::{Value, json};

use crate::world::{ENTRIES, standard};

const KEY: [u8; 32] = [0x11; 32];

/// The digest of a receipt's member: keyed BLAKE3 over fields, each preceded by its length.
fn keyed(what: &str, bytes: &[u8]) -> String {
    let mut hasher = blake3::Hasher::new_keyed(&KEY);
    for field in [b"interdict", what.as_bytes(), &1_u32.to_le_bytes(), bytes] {
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
    assert_eq!(keyed("receipt", body.as_bytes()), told);
    for index in 0..body.len() {
        for change in [1, 0x20, 0x80] {
            let mut changed = body.clone().into_bytes();
            changed[index] ^= change;
            assert_ne!(keyed("receipt", &changed), told, "byte {index}");
        }
        let mut shorter = body.clone().into_bytes();
        shorter.remove(index);
        assert_ne!(keyed("receipt", &shorter), told, "without byte {index}");
    }
}

/// A gateway with one list that has these records of `shop.example`.
fn gateway(records: &[Record]) -> World<Alike> {
    let mut publication = list("se/merchants", "hotline.example");
    let entry = |record: &Record| (Kind::Domain, "shop.example".into(), *record);
    publication.others = records.iter().map(entry).collect();
    let enrolled = [Enrolled {
        name: "se",
        lists: vec![publication],
    }];
    let members = json!({"receipt_key": interdict_core::common::hex::text(&KEY)});
    World::new(Alike::new().unwrap(), &enrolled, &members)
}

/// The receipt's `silent`, and what `docs/scoring.md` says it is a digest of: the request, its time
/// and the silent reasons, which only the analyst's view has.
fn silent(world: &mut World<Alike>, name: &str) -> (String, [String; 3]) {
    let identifier = json!({"kind": "domain", "value": name});
    let request = json!({"flow": "payout", "identifiers": [identifier], "view": "analyst"});
    let answer = world.bytes("screen", &request.to_string()).unwrap();
    let reasons: Vec<_> = answer
        .match_indices(r#"{"code":"silent""#)
        .filter_map(|(start, _)| answer[start..].split_inclusive('}').next())
        .collect();
    let (body, _) = receipt(&answer);
    let receipt: Value = serde_json::from_str(&body).unwrap();
    let member = receipt["silent"].as_str().unwrap().to_owned();
    let parts = [
        receipt["request"].to_string(),
        world.now.to_string(),
        format!("[{}]", reasons.join(",")),
    ];
    (member, parts)
}

#[test]
fn the_silent_member_is_the_keyed_digest_of_request_time_and_silent_reasons() {
    let watched = Record {
        action: Action::Monitor,
        flags: Flags::SILENT,
        ..RECORD
    };
    let mut worlds = [gateway(&[]), gateway(&[watched])];
    let mut members = BTreeSet::new();
    for (world, silent_reasons) in worlds.iter_mut().zip([0, 1]) {
        for (name, later) in [
            ("shop.example", 0),
            ("clean.example", 0),
            ("shop.example", 1),
        ] {
            world.now = NOW + later;
            let (member, parts) = silent(world, name);
            let found = parts[2].matches("silent").count();
            let expected = if name == "shop.example" {
                silent_reasons
            } else {
                0
            };
            assert_eq!(found, expected, "{name}");
            let text = format!("[{}]", parts.join(","));
            assert_eq!(member, keyed("silent", text.as_bytes()), "{text}");
            members.insert(member);
        }
    }
    // `clean.example` has the same member in both gateways; nothing else has.
    assert_eq!(members.len(), 5);
}
