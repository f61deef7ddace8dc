//! Policies that requests and clients choose by name.

use std::fs;

use interdict::{Config, Gateway, Replayed};
use interdict_helpers::NOW;
use serde_json::Value;

use crate::replay::{RELEASE, Room};

/// No verdict under it is clean.
const ASIDE: &str = "without_lists = true\ncoalitions = [\"se\"]\n";

const CLEAN: &str =
    r#"{"flow":"payout","identifiers":[{"kind":"domain","value":"clean.example"}]}"#;

fn named(request: &str, policy: &str) -> String {
    request.replacen('{', &format!("{{\"policy\":\"{policy}\","), 1)
}

#[test]
fn a_receipt_under_a_named_policy_replays_also_after_that_policy_has_changed() {
    let room = Room::new(&[1]);
    fs::write(room.path().join("aside.toml"), ASIDE).unwrap();
    room.say("[policies]\naside = \"aside.toml\"\n");
    room.release(1, &RELEASE, NOW);
    let receipt = |request: &str| {
        let verdict = room.gateway(NOW).host().screen(request, NOW).unwrap();
        verdict.receipt.unwrap().as_str().to_owned()
    };
    let action = |receipt: &str| {
        let receipt: Value = serde_json::from_str(receipt).unwrap();
        receipt["action"].as_str().unwrap().to_owned()
    };
    let asked = named(CLEAN, "aside");
    let (own, aside) = (receipt(CLEAN), receipt(&asked));
    let required = "required = { se = [\"se/merchants\"] }\n";
    fs::write(room.path().join("aside.toml"), required).unwrap();
    let again = receipt(&asked);
    let told = [&own, &aside, &again].map(|receipt| action(receipt));
    assert_eq!(told, ["allow", "review", "allow"]);
    for (receipt, request) in [(&own, CLEAN), (&aside, &*asked), (&again, &*asked)] {
        let replayed = room
            .replayer()
            .replay(receipt.as_bytes(), request.as_bytes());
        assert_eq!(replayed.unwrap(), Replayed::Same);
    }
}

#[test]
fn a_faulty_policy_is_told_with_its_file_and_its_place() {
    let room = Room::new(&[1]);
    let path = room.path().join("aside.toml");
    fs::write(
        &path,
        "without_lists = true\n\n[flows.payout]\nlate = \"allow\"\n",
    )
    .unwrap();
    room.say("[policies]\naside = \"aside.toml\"\n");
    let refused = Gateway::open(&room.config, NOW).unwrap_err().to_string();
    assert!(
        refused.contains("aside.toml")
            && refused.contains("line 4, column 8")
            && refused.contains("flows.payout.late"),
        "{refused}"
    );
    for (lines, told) in [
        (
            "[policies]\nAside = \"aside.toml\"\n",
            "the name of a policy",
        ),
        ("[policies]\naside = \"none.toml\"\n", "none.toml"),
        (
            "[[client]]\nname = \"a\"\nuid = 1\npolicy = \"beside\"\n",
            "[policies] has no policy \"beside\"",
        ),
    ] {
        fs::write(
            &room.config,
            format!("policy.required = {{ se = [\"se/merchants\"] }}\n{lines}"),
        )
        .unwrap();
        let refused = Config::read(&room.config).unwrap_err().to_string();
        assert!(refused.contains(told), "{lines}: {refused}");
    }
}

#[test]
fn a_refusal_under_a_named_policy_is_replayed_with_the_module_alone() {
    let room = Room::new(&[1]);
    fs::write(room.path().join("aside.toml"), ASIDE).unwrap();
    room.say("[policies]\naside = \"aside.toml\"\n");
    room.release(1, &RELEASE, NOW);
    let gateway = room.gateway(NOW);
    let faulty = r#"{"flow":"payout","identifiers":[{"kind":"domain"}]}"#;
    for (policy, path) in [
        ("aside", r#""path":"identifiers[0].value""#),
        ("beside", r#""path":"policy""#),
    ] {
        let request = named(faulty, policy);
        let lines = gateway.host().batch(request.as_bytes(), NOW).unwrap();
        let printed = String::from_utf8(lines[0].clone()).unwrap();
        let (_, printed) = printed.split_once("\"receipt\":").unwrap();
        let printed = printed.strip_suffix("}}").unwrap();
        assert!(printed.contains(path), "{printed}");
        let mut replayer = room.replayer();
        let replayed = replayer.replay(printed.as_bytes(), request.as_bytes());
        assert_eq!(replayed.unwrap(), Replayed::Same);
    }
}
