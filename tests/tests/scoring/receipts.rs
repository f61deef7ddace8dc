//! Receipts: the holder of the key detects every change.

use interdict_core::identifier::Kind;
use interdict_core::list::{Action, Category, Flags, Record};
use interdict_tests::coalition::RECORD;
use interdict_tests::subjects::{Alike, Native};
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

const SILENT_KEY: [u8; 32] = [0x33; 32];

/// The `sealed` of a receipt, and the members before it.
fn sealed(receipt: &str) -> (String, [u8; 64]) {
    let (before, sealed) = receipt.rsplit_once(r#","sealed":""#).unwrap();
    let sealed = sealed.strip_suffix("\"}").unwrap();
    (
        format!("{before}}}"),
        interdict_core::common::hex::array(sealed).unwrap(),
    )
}

/// What `docs/scoring.md` says that `sealed` holds, computed without the core.
fn opened(before: &str, sealed: [u8; 64]) -> Vec<u8> {
    let keyed = |what: &str, fields: &[&[u8]]| {
        let mut hasher = blake3::Hasher::new_keyed(&SILENT_KEY);
        let head: [&[u8]; 3] = [b"interdict", what.as_bytes(), &1_u32.to_le_bytes()];
        for field in head.iter().chain(fields) {
            hasher.update(&u64::try_from(field.len()).unwrap().to_le_bytes());
            hasher.update(field);
        }
        hasher.finalize_xof()
    };
    let (iv, encrypted) = sealed.split_at(16);
    let mut plain = [0; 48];
    keyed("keystream", &[iv]).fill(&mut plain);
    for (byte, encrypted) in plain.iter_mut().zip(encrypted) {
        *byte ^= encrypted;
    }
    let digest = blake3::hash(before.as_bytes());
    let mut expected = [0; 16];
    keyed("sealed", &[&plain, digest.as_bytes()]).fill(&mut expected);
    assert_eq!(iv, expected, "the synthetic IV");
    plain.to_vec()
}

fn domains(names: &[&str]) -> Value {
    let named = names.iter();
    let named: Vec<_> = named
        .map(|name| json!({"kind": "domain", "value": name}))
        .collect();
    json!({"flow": "payout", "identifiers": named})
}

#[test]
fn sealed_is_zeros_without_a_silent_key_and_holds_the_silent_findings_with_one() {
    let watched = Record {
        action: Action::Monitor,
        flags: Flags::SILENT,
        ..RECORD
    };
    let names = ["clean.example", "shop.example", "a.shop.example"];
    for (records, findings) in [(&[][..], 0_u8), (&[watched][..], 2)] {
        let mut world = gateway(records);
        let answer = world.bytes("screen", &domains(&names).to_string()).unwrap();
        assert_eq!(sealed(&receipt(&answer).0).1, [0; 64]);
        let silent_key = interdict_core::common::hex::text(&SILENT_KEY);
        world.ok("configure", &json!({"silent_key": silent_key}));
        let answer = world.bytes("screen", &domains(&names).to_string()).unwrap();
        let (body, mac) = receipt(&answer);
        assert_eq!(keyed("receipt", body.as_bytes()), mac);
        let (before, sealed) = sealed(&body);
        let mut expected = vec![0; 48];
        expected[0] = findings;
        // Coalition, list, identifier, category: 1 is `csae`.
        for (index, identifier) in (1..=findings).enumerate() {
            expected[1 + 4 * index..5 + 4 * index].copy_from_slice(&[0, 0, identifier, 1]);
        }
        assert_eq!(opened(&before, sealed), expected);
    }
}

#[test]
fn a_silent_finding_says_in_which_coalition_and_list_in_the_order_of_the_request() {
    let watching = |id, name: &'static str, category| {
        let record = Record {
            action: Action::Monitor,
            flags: Flags::SILENT,
            category,
            ..RECORD
        };
        let mut publication = list(id, "hotline.example");
        publication.others = vec![(Kind::Domain, name.into(), record)];
        publication
    };
    let enrolled = [
        Enrolled {
            name: "se",
            lists: vec![
                list("se/cards", "hotline.example"),
                watching("se/merchants", "other.example", Category::Csae),
            ],
        },
        Enrolled {
            name: "nl",
            lists: vec![watching(
                "nl/merchants",
                "shop.example",
                Category::Trafficking,
            )],
        },
    ];
    let secrets = [KEY, SILENT_KEY].map(|key| interdict_core::common::hex::text(&key));
    let members = json!({"receipt_key": secrets[0], "silent_key": secrets[1]});
    let mut world = World::new(Alike::new().unwrap(), &enrolled, &members);
    let names = ["shop.example", "clean.example", "other.example"];
    let answer = world.bytes("screen", &domains(&names).to_string()).unwrap();
    let (before, sealed) = sealed(&receipt(&answer).0);
    let mut expected = vec![0; 48];
    // Two; each with its coalition, list, identifier and category.
    expected[..9].copy_from_slice(&[2, 1, 0, 0, 2, 0, 1, 2, 1]);
    assert_eq!(opened(&before, sealed), expected);
}

#[test]
fn a_silent_key_without_a_receipt_key_is_refused() {
    let publication = list("se/merchants", "hotline.example");
    let enrolled = [Enrolled {
        name: "se",
        lists: vec![publication],
    }];
    let mut world = World::new(Alike::new().unwrap(), &enrolled, &json!({}));
    let silent_key = json!({"silent_key": "33".repeat(32)});
    let refused = world.bytes("configure", &silent_key.to_string());
    let (code, sentence) = refused.unwrap_err();
    assert_eq!(
        (code, sentence.starts_with("receipt_key: ")),
        (-18, true),
        "{sentence}"
    );
    let both = json!({"silent_key": "33".repeat(32), "receipt_key": "11".repeat(32)});
    world.ok("configure", &both);
}

#[test]
fn a_refused_request_has_a_receipt_with_its_flow_if_that_can_be_read() {
    let mut world = gateway(&[]);
    for (request, flow, code, path) in [
        (r#"{"flow":"payout","url":7}"#, Some("payout"), -19, "url"),
        (
            r#"{"flow":"refund","url":"https://a.example"}"#,
            None,
            -21,
            "flow",
        ),
        (r#"{"flow":"checkout"}"#, Some("checkout"), -24, ""),
        (r#"{"flow":"checkout""#, None, -11, ""),
    ] {
        let batch = world.bytes("screen_batch", request).unwrap();
        let answer: Value = serde_json::from_str(&batch).unwrap();
        let (_, body) = batch.split_once(r#""receipt":"#).unwrap();
        let body = body.strip_suffix("},\"line\":0}\n").unwrap();
        let (before, mac) = body.rsplit_once(r#","mac":""#).unwrap();
        assert_eq!(
            keyed("receipt", format!("{before}}}").as_bytes()),
            mac.strip_suffix("\"}").unwrap()
        );
        let found = &answer["error"]["receipt"];
        assert_eq!(found["flow"].as_str(), flow, "{batch}");
        assert_eq!(found["code"], code, "{batch}");
        assert_eq!(found["path"], path, "{batch}");
        assert_eq!(found["time"], world.now);
    }
}

/// The host sends the line again, and that answer has the receipt.
#[test]
fn a_line_whose_answer_does_not_fit_its_batch_has_no_receipt() {
    let mut publication = list("se/merchants", "hotline.example");
    publication.others = vec![(Kind::Domain, "shop.example".into(), RECORD)];
    let enrolled = [Enrolled {
        name: "se",
        lists: vec![publication],
    }];
    let members = json!({"receipt_key": interdict_core::common::hex::text(&KEY)});
    let mut world = World::new(Native::default(), &enrolled, &members);
    let names: Vec<_> = (0..32)
        .map(|number| format!("a{number}.shop.example"))
        .collect();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    let mut request = domains(&names);
    request["view"] = "analyst".into();
    request["language"] = "en".into();
    let line = request.to_string();
    let answer = world.bytes("screen", &line).unwrap();
    assert!(answer.contains(r#""receipt":"#));
    // One more than would fit in 64 MiB.
    let count = (64 << 20) / answer.len() + 1;
    let answers = world
        .bytes("screen_batch", &vec![line; count].join("\n"))
        .unwrap();
    let last = answers.lines().last().unwrap();
    assert!(last.starts_with(r#"{"error":{"code":-28,"#), "{last}");
    assert!(!last.contains("receipt"), "{last}");
}

/// Whether there is a receipt of a block, of an allow, and of a refused request.
fn has_receipts(world: &mut World<Alike>) -> [bool; 3] {
    let shop = world.ok("screen", &domains(&["shop.example"]));
    let clean = world.ok("screen", &domains(&["clean.example"]));
    assert_eq!([&shop["action"], &clean["action"]], ["block", "allow"]);
    let mut misspelt = domains(&["clean.example"]);
    misspelt["identifier"] = json!([]);
    let refused = world.bytes("screen_batch", &misspelt.to_string());
    let refused: Value = serde_json::from_str(&refused.unwrap()).unwrap();
    assert!(refused["error"].is_object());
    [&shop, &clean, &refused["error"]].map(|answer| answer.get("receipt").is_some())
}

#[test]
fn receipts_are_left_out_as_configured_until_it_is_said_otherwise() {
    let mut world = gateway(&[RECORD]);
    assert_eq!(has_receipts(&mut world), [true; 3]);
    for (receipts, has) in [
        ("findings", [true, false, true]),
        ("never", [false; 3]),
        ("always", [true; 3]),
    ] {
        world.ok("configure", &json!({"receipts": receipts}));
        assert_eq!(has_receipts(&mut world), has, "{receipts}");
        world.ok("configure", &json!({}));
        assert_eq!(has_receipts(&mut world), has, "{receipts} stays");
    }
    let (code, _) = world
        .call("configure", &json!({"receipts": "sometimes"}), None)
        .unwrap_err();
    assert_eq!(code, "unknown_value");
}

#[test]
fn beside_a_silent_key_no_receipt_is_left_out() {
    let silent_key = interdict_core::common::hex::text(&SILENT_KEY);
    for receipts in ["findings", "never"] {
        let mut world = gateway(&[RECORD]);
        world.ok(
            "configure",
            &json!({"receipts": receipts, "silent_key": silent_key}),
        );
        assert_eq!(has_receipts(&mut world), [true; 3], "{receipts}");
        world.ok("configure", &json!({"receipts": receipts}));
        assert_eq!(has_receipts(&mut world), [true; 3], "{receipts}");
    }
}

#[test]
fn a_receipt_is_the_same_whether_or_not_others_are_left_out() {
    let mut world = gateway(&[RECORD]);
    let request = domains(&["shop.example"]);
    let all = world.ok("screen", &request);
    world.ok("configure", &json!({"receipts": "findings"}));
    assert_eq!(world.ok("screen", &request), all);
}
