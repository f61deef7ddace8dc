//! Wrong bytes anywhere, through the core and the committed module: the last good release stays live, the
//! refusal says why, and no verdict turns into a silent allow.

use interdict_core::common::time::Time;
use interdict_core::wire::Code;
use interdict_tests::coalition::{Coalition, Files, Publication};
use interdict_tests::enrolment::{enrolled, requiring};
use interdict_tests::subject::Subject as _;
use interdict_tests::subjects::Alike;
use serde_json::{Value, json};

const NOW: u32 = 1_795_309_323;
const KEY: [u8; 32] = [8; 32];

fn far() -> Time {
    Time::parse("2027-11-22T00:00:00Z").unwrap()
}

/// A gateway in the module.
struct Gateway(Alike);

impl Gateway {
    fn new(coalition: &Coalition) -> Self {
        let mut module = Alike::new().unwrap();
        module.renew().unwrap();
        let mut gateway = Self(module);
        let lists = ["se/merchants"];
        let se = enrolled("se", &coalition.root(far()), &lists);
        let policy = requiring("se", &lists);
        gateway.ok("configure", &json!({"coalitions": [se], "policy": policy}));
        let key = interdict_core::common::hex::text(&KEY);
        gateway.ok(
            "configure",
            &json!({"keys": [{"coalition": "se", "key": key}]}),
        );
        gateway
    }

    fn ok(&mut self, operation: &str, message: &Value) -> Value {
        let answer = self
            .0
            .call(operation, message.to_string().as_bytes(), None, NOW)
            .unwrap();
        serde_json::from_str(&answer.unwrap()).unwrap()
    }

    /// Updates from a repository; the name of the code it ended with, or `completed`.
    fn update(&mut self, files: &Files) -> String {
        let mut progress = self.ok("poll", &json!({"coalition": "se", "begin": "repository"}));
        while let Some(path) = progress["fetch"]["path"].as_str() {
            let file = files.get(path).cloned();
            let outcome = if file.is_some() { "bytes" } else { "not_found" };
            let name = &progress["fetch"]["name"];
            let message = json!({"coalition": "se", "name": name, "outcome": outcome});
            match self
                .0
                .call("supply", message.to_string().as_bytes(), file, NOW)
                .unwrap()
            {
                Ok(answer) => progress = serde_json::from_str(&answer).unwrap(),
                Err((code, sentence)) => {
                    assert!(!sentence.is_empty(), "a refusal says why");
                    let known = Code::ALL.iter().find(|known| known.number() == code);
                    return known.expect("a code of the table").name().to_owned();
                }
            }
        }
        assert_eq!(progress["completed"], true);
        "completed".to_owned()
    }

    fn verdict(&mut self, name: &str) -> Value {
        let identifier = json!({"kind": "domain", "value": name});
        self.ok(
            "screen",
            &json!({"flow": "authorisation", "identifiers": [identifier]}),
        )
    }

    /// Release 1 is live and answers. It is fresh, unless the gateway knows of newer targets.
    fn assert_first_release(&mut self, attack: &str) {
        let state = self.ok("state", &json!({}));
        assert_eq!(
            state["coalitions"][0]["lists"][0]["sequence"], 1,
            "{attack}"
        );
        let verdict = self.verdict("shop.example");
        assert_eq!(verdict["action"], "block", "{attack}: {verdict}");
        let freshness = &verdict["lists"][0]["freshness"];
        assert!(
            freshness == "fresh" || freshness == "late",
            "{attack}: {verdict}"
        );
        assert_eq!(
            verdict["degraded"],
            freshness == "late",
            "{attack}: {verdict}"
        );
    }
}

fn second() -> Publication {
    Publication {
        listed: vec!["shop.example", "new.example"],
        ..Publication::new(2, far())
    }
}

#[test]
fn one_changed_bit_a_cut_and_an_extension_of_every_file_are_refused() {
    let coalition = Coalition::default();
    let mut gateway = Gateway::new(&coalition);
    assert_eq!(
        gateway.update(&coalition.publish(&Publication::new(1, far()))),
        "completed"
    );
    let files = coalition.publish(&second());
    assert_eq!(
        files.len(),
        5,
        "timestamp, snapshot, targets, filter, records"
    );
    let mut refusals = 0;
    for (path, bytes) in &files {
        let last = bytes.len() - 1;
        let places = [0, 1, 7, 8, bytes.len() / 3, bytes.len() / 2, last - 1, last];
        let flips = places.map(|place| {
            let mut changed = bytes.clone();
            changed[place] ^= 1 << (place % 7);
            (format!("bit flipped at {place}"), changed)
        });
        let cuts = [0, 1, last / 2, last].map(|at| (format!("cut to {at}"), bytes[..at].to_vec()));
        let longer = [b" ".to_vec(), b"\0".to_vec(), bytes.clone()];
        let longer = longer.map(|more| {
            (
                format!("{} bytes more", more.len()),
                [&bytes[..], &more].concat(),
            )
        });
        for (damage, changed) in flips.into_iter().chain(cuts).chain(longer) {
            let mut damaged = files.clone();
            damaged.insert(path.clone(), changed);
            let attack = format!("{path}: {damage}");
            let end = gateway.update(&damaged);
            // JSON may end in white space; signatures cover what is in it.
            let harmless =
                path.ends_with("timestamp.json") && damage == "1 bytes more" && end == "completed";
            if harmless {
                // The update was the honest one; start over for the next attack.
                gateway = Gateway::new(&coalition);
                let first = coalition.publish(&Publication::new(1, far()));
                assert_eq!(gateway.update(&first), "completed");
                continue;
            }
            assert_ne!(end, "completed", "{attack}");
            gateway.assert_first_release(&attack);
            refusals += 1;
        }
        let mut missing = files.clone();
        missing.remove(path);
        assert_ne!(gateway.update(&missing), "completed", "{path} missing");
        gateway.assert_first_release(path);
    }
    assert!(refusals >= 5 * 15 - 1, "{refusals}");
    assert_eq!(
        gateway.update(&files),
        "completed",
        "an honest update still succeeds"
    );
    assert_eq!(gateway.verdict("new.example")["action"], "block");
}

#[test]
fn whatever_is_signed_wrongly_or_does_not_belong_together_is_refused() {
    let coalition = Coalition::default();
    let now = Time::from_seconds(NOW);
    let other_list = Publication {
        path: Some("se/others.member-1"),
        ..second()
    };
    let attacks: [(&str, Publication, &str); 12] = [
        (
            "version 0",
            Publication {
                version: 0,
                ..second()
            },
            "trust_malformed",
        ),
        (
            "expired timestamp",
            Publication {
                expires: [far(), far(), now],
                ..second()
            },
            "trust_expired",
        ),
        (
            "expired snapshot",
            Publication {
                expires: [far(), now, far()],
                ..second()
            },
            "trust_expired",
        ),
        (
            "expired targets",
            Publication {
                expires: [now, far(), far()],
                ..second()
            },
            "trust_expired",
        ),
        (
            "timestamp by a wrong key",
            Publication {
                strangers: [false, false, true],
                ..second()
            },
            "trust_too_few_signatures",
        ),
        (
            "snapshot by a wrong key",
            Publication {
                strangers: [false, true, false],
                ..second()
            },
            "trust_too_few_signatures",
        ),
        (
            "targets by a wrong key",
            Publication {
                strangers: [true, false, false],
                ..second()
            },
            "trust_too_few_signatures",
        ),
        (
            "targets by one of two",
            Publication {
                targets_signatures: 1,
                ..second()
            },
            "trust_too_few_signatures",
        ),
        (
            "records of another release",
            Publication {
                records_of: Some(Box::new(Publication::new(1, far()))),
                ..second()
            },
            "list_header_mismatch",
        ),
        (
            "records with the same header of another release",
            Publication {
                records_of: Some(Box::new(Publication {
                    listed: vec!["elsewhere.example"],
                    ..second()
                })),
                ..second()
            },
            "list_record_not_in_filter",
        ),
        (
            "list of another path",
            Publication {
                list: "se/others",
                path: Some("se/merchants.member-1"),
                ..second()
            },
            "list_id",
        ),
        (
            "the configured list is gone",
            Publication {
                list: "se/others",
                ..other_list
            },
            "list_missing",
        ),
    ];
    for (attack, publication, refusal) in attacks {
        let mut gateway = Gateway::new(&coalition);
        let first = coalition.publish(&Publication::new(1, far()));
        assert_eq!(gateway.update(&first), "completed");
        assert_eq!(
            gateway.update(&coalition.publish(&publication)),
            refusal,
            "{attack}"
        );
        gateway.assert_first_release(attack);
    }
}

#[test]
fn an_older_repository_is_refused_after_a_newer_one() {
    let coalition = Coalition::default();
    let mut gateway = Gateway::new(&coalition);
    let newer = Publication {
        version: 3,
        ..second()
    };
    assert_eq!(gateway.update(&coalition.publish(&newer)), "completed");
    let older = coalition.publish(&second());
    assert_eq!(gateway.update(&older), "trust_rollback");
    // Newer metadata around an older release of the list.
    let disguised = Publication {
        version: 4,
        sequence: 1,
        ..second()
    };
    assert_eq!(
        gateway.update(&coalition.publish(&disguised)),
        "list_rollback"
    );
    // The same sequence with other content.
    let changed = Publication {
        version: 5,
        listed: vec!["other.example"],
        ..second()
    };
    assert_eq!(
        gateway.update(&coalition.publish(&changed)),
        "list_rollback"
    );
    assert_eq!(gateway.verdict("new.example")["action"], "block");
}

#[test]
fn a_wrong_or_missing_key_is_never_reported_as_clean() {
    let coalition = Coalition::default();
    let mut gateway = Gateway::new(&coalition);
    assert_eq!(gateway.update(&coalition.publish(&second())), "completed");
    let wrong = json!([{"coalition": "se", "key": "00".repeat(32)}]);
    for keys in [json!([]), wrong] {
        gateway.ok("configure", &json!({"keys": keys}));
        let verdict = gateway.verdict("shop.example");
        assert_eq!(verdict["degraded"], true, "{verdict}");
        assert!(
            verdict["reasons"].to_string().contains("no_key"),
            "{verdict}"
        );
    }
}
