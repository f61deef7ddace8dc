//! Copies of what answers, for long work.

use interdict_helpers::{Coalition, NOW, Release, TinyModule, base, change};
use interdict_host::{Action, Answer, Gateway, Receipts, Settings, Snapshot, Verdict};
use serde_json::json;

use crate::opened::{enrol_file, open, settings, tiny_settings};

fn line(domain: &str) -> String {
    let identifiers = json!([{"kind": "domain", "value": domain}]);
    json!({"flow": "payout", "identifiers": identifiers}).to_string()
}

fn screen(snapshot: &mut Snapshot<'_>, domain: &str) -> Verdict {
    let answers = snapshot.batch(line(domain).as_bytes(), NOW).unwrap();
    verdict(&answers[0])
}

fn verdict(answer: &[u8]) -> Verdict {
    match Answer::read(answer) {
        Some(Answer::Verdict(verdict)) => *verdict,
        other => panic!("{other:?}"),
    }
}

struct Room {
    room: tempfile::TempDir,
    coalition: Coalition,
}

impl Room {
    fn new() -> Self {
        let room = tempfile::tempdir().unwrap();
        let coalition = Coalition::new(room.path());
        enrol_file(room.path(), &coalition.enrolment("repository", &[1]));
        std::fs::write(room.path().join("state/receipt.key"), "ab".repeat(32)).unwrap();
        coalition.publish(1, &[base()]);
        Self { room, coalition }
    }

    fn settings(&self) -> Settings {
        settings(self.room.path())
    }

    fn gateway(&self, settings: Settings) -> Gateway {
        let gateway = open(settings).unwrap();
        assert!(gateway.refresh(NOW).unwrap()[0].succeeded());
        gateway
    }
}

#[test]
fn a_snapshot_answers_from_its_release_whatever_goes_live_meanwhile() {
    let room = Room::new();
    let gateway = room.gateway(room.settings());
    let mut before = gateway.snapshots(2, NOW).unwrap();
    let releases = [change(), Release::base(1, 3, &["market.example"])];
    for (version, release) in (2..).zip(releases) {
        room.coalition.publish(version, &[release]);
        assert!(gateway.refresh(NOW).unwrap()[0].succeeded());
        for snapshot in &mut before {
            let verdict = screen(snapshot, "shop.example");
            assert_eq!(
                (verdict.action, verdict.lists[0].sequence),
                (Action::Block, 1)
            );
        }
        let mut after = gateway.snapshots(1, NOW).unwrap();
        let verdict = screen(&mut after[0], "new.example");
        assert_eq!(verdict.lists[0].sequence, u64::from(version));
    }
}

#[test]
fn what_is_clean_has_no_receipt_in_a_snapshot_and_what_is_found_has_the_same() {
    let room = Room::new();
    let gateway = room.gateway(room.settings());
    let mut snapshot = gateway.snapshots(1, NOW).unwrap().remove(0);
    let live = |domain| verdict(&gateway.batch(line(domain).as_bytes(), NOW).unwrap()[0]);
    let (clean, found) = (live("flowers.example"), live("shop.example"));
    assert!(clean.receipt.is_some() && found.receipt.is_some());
    assert_eq!(screen(&mut snapshot, "shop.example"), found);
    let without = Verdict {
        receipt: None,
        ..clean.clone()
    };
    assert_eq!(screen(&mut snapshot, "flowers.example"), without);
    // The gateway itself goes on as it was.
    assert_eq!(live("flowers.example"), clean);
    // Whoever wants no receipts gets none.
    let none = room.gateway(Settings {
        receipts: Receipts::Never,
        ..room.settings()
    });
    let mut snapshot = none.snapshots(1, NOW).unwrap().remove(0);
    assert_eq!(screen(&mut snapshot, "shop.example").receipt, None);
}

#[test]
fn with_a_silent_key_every_answer_of_a_snapshot_has_its_receipt() {
    let room = Room::new();
    let silent_key = Some(serde_json::from_value(json!("cd".repeat(32))).unwrap());
    let gateway = room.gateway(Settings {
        silent_key,
        ..room.settings()
    });
    let mut snapshot = gateway.snapshots(1, NOW).unwrap().remove(0);
    assert!(screen(&mut snapshot, "flowers.example").receipt.is_some());
}

#[test]
fn a_snapshot_has_the_choices_of_the_gateway_and_not_those_of_one_caller() {
    let room = Room::new();
    let gateway = room.gateway(room.settings());
    let digest = |gateway: &Gateway| {
        let mut snapshot = gateway.snapshots(1, NOW).unwrap().remove(0);
        screen(&mut snapshot, "shop.example").policy
    };
    let own = digest(&gateway);
    let other = json!({"policy": {"without_lists": true}}).to_string();
    gateway.call("configure", other.as_bytes(), NOW).unwrap();
    assert_ne!(
        gateway.screen(&line("shop.example"), NOW).unwrap().policy,
        own
    );
    assert_eq!(digest(&gateway), own);
}

#[test]
fn a_snapshot_that_traps_is_counted_and_the_gateway_answers_on() {
    let room = tempfile::tempdir().unwrap();
    let traps = TinyModule {
        instead: Some(("interdict_screen_batch", &[0x00])),
        ..TinyModule::default()
    };
    let gateway = open(tiny_settings(room.path(), &traps)).unwrap();
    let mut snapshot = gateway.snapshots(1, NOW).unwrap().remove(0);
    snapshot.batch(b"{}", NOW).unwrap_err();
    drop(snapshot);
    assert_eq!(gateway.traps(), 1);
    gateway.screen("{}", NOW).unwrap();
}

/// Long messages: the buffers of a copy are those of its original.
#[test]
fn every_instance_answers_the_same_after_a_start_and_after_a_new_base() {
    let room = Room::new();
    let gateway = room.gateway(Settings {
        workers: 3,
        ..room.settings()
    });
    room.coalition
        .publish(2, &[Release::base(1, 2, &["new.example"])]);
    assert!(gateway.refresh(NOW).unwrap()[0].succeeded());
    let again = open(Settings {
        workers: 3,
        ..room.settings()
    });
    let lines = (line("shop.example") + "\n" + &line("new.example") + "\n").repeat(500);
    for gateway in [gateway, again.unwrap()] {
        let expected = gateway.batch(lines.as_bytes(), NOW).unwrap();
        let actions: Vec<_> = expected
            .iter()
            .map(|answer| verdict(answer).action)
            .collect();
        assert_eq!(actions, [Action::Allow, Action::Block].repeat(500));
        std::thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| assert_eq!(gateway.batch(lines.as_bytes(), NOW).unwrap(), expected));
            }
        });
        assert_eq!(gateway.traps(), 0);
    }
}
