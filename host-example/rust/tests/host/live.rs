//! Updates that reach live instances: which of them are built again, and what is answered meanwhile.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use interdict_helpers::{Coalition, NOW, Release, TinyModule, base, change};
use interdict_host::{Action, Choices, Error, Gateway, Operator, Outcome, Settings, Verdict};
use serde_json::{Value, json};

use crate::opened::{enrol_file, open, settings, tiny_settings};

/// Makes an instance larger than a new one, for good.
const LARGE: usize = 8 << 20;

fn screen(gateway: &Gateway, domain: &str) -> Result<Verdict, Error> {
    let request =
        format!(r#"{{"flow":"payout","identifiers":[{{"kind":"domain","value":"{domain}"}}]}}"#);
    gateway.screen(&request, NOW)
}

fn action(gateway: &Gateway, domain: &str) -> Action {
    screen(gateway, domain).unwrap().action
}

/// Marks the instance that answers next: memory never shrinks.
fn mark(gateway: &Gateway) {
    let long = vec![b' '; LARGE];
    gateway.call("describe", &long, NOW).unwrap_err();
    assert!(is_marked(gateway));
}

fn is_marked(gateway: &Gateway) -> bool {
    gateway.memory_size(NOW).unwrap() > LARGE
}

fn coalition(room: &Path) -> Coalition {
    let coalition = Coalition::new(room);
    enrol_file(room, &coalition.enrolment("repository", &[1]));
    coalition.publish(1, &[base()]);
    coalition
}

/// A gateway that has the first release.
fn refreshed(settings: Settings) -> Gateway {
    let gateway = open(settings).unwrap();
    assert_eq!(gateway.refresh(NOW).unwrap()[0].outcome, Outcome::Updated);
    gateway
}

#[test]
fn what_changes_no_base_reaches_the_instance_that_is_there() {
    let room = tempfile::tempdir().unwrap();
    let coalition = coalition(room.path());
    let gateway = refreshed(settings(room.path()));
    mark(&gateway);
    // Nothing is new but the time of the poll.
    let later = NOW + 100;
    let report = gateway.refresh(later).unwrap().remove(0);
    assert_eq!((report.outcome, report.files), (Outcome::Unchanged, 1));
    assert_eq!(report.state.polled, Some(later));
    assert!(is_marked(&gateway));
    // Metadata alone, then a stash.
    coalition.publish(2, &[base()]);
    let report = gateway.refresh(later).unwrap().remove(0);
    assert_eq!((report.outcome, report.files), (Outcome::Updated, 3));
    assert_eq!(report.state.targets, Some(2));
    coalition.publish(3, &[change()]);
    let report = gateway.refresh(later).unwrap().remove(0);
    assert_eq!((report.outcome, report.files), (Outcome::Updated, 4));
    assert_eq!(report.state.lists[0].changes, 2);
    assert!(is_marked(&gateway));
    assert_eq!(action(&gateway, "new.example"), Action::Block);
    assert_eq!(action(&gateway, "market.example"), Action::Allow);
    // What it says is what an instance says that was built from the disk.
    let state = gateway.state(later).unwrap();
    assert_eq!(
        state,
        open(settings(room.path())).unwrap().state(later).unwrap()
    );
    assert!(gateway.warnings().is_empty(), "{:?}", gateway.warnings());
    // Another base needs another instance.
    coalition.publish(4, &[Release::base(1, 4, &["shop.example"])]);
    assert_eq!(gateway.refresh(later).unwrap()[0].outcome, Outcome::Updated);
    assert!(!is_marked(&gateway));
    assert_eq!(action(&gateway, "new.example"), Action::Allow);
}

#[test]
fn what_another_process_fetched_reaches_the_instance_that_is_there() {
    let room = tempfile::tempdir().unwrap();
    let coalition = coalition(room.path());
    let one = refreshed(settings(room.path()));
    let other = open(settings(room.path())).unwrap();
    mark(&one);
    mark(&other);
    // Each refreshes in its turn, and the other one follows.
    for (version, release, refreshing, following) in [
        (2, change(), &one, &other),
        (3, change(), &other, &one),
        (4, change(), &one, &other),
    ] {
        coalition.publish(version, &[release]);
        let report = refreshing.refresh(NOW).unwrap().remove(0);
        assert_eq!(report.outcome, Outcome::Updated, "{version}");
        following.reload_if_changed(NOW).unwrap();
        let state = |gateway: &Gateway| gateway.state(NOW).unwrap();
        assert_eq!(state(refreshing), state(following));
        assert_eq!(state(following)[0].targets, Some(version));
        assert_eq!(action(following, "new.example"), Action::Block);
        assert!(is_marked(&one) && is_marked(&other), "{version}");
    }
    // So does a poll that found nothing, or the other one would take its list for old.
    one.refresh(NOW + 9).unwrap();
    other.reload_if_changed(NOW + 9).unwrap();
    assert_eq!(other.state(NOW + 9).unwrap()[0].polled, Some(NOW + 9));
    assert!(is_marked(&other));
}

/// The instance that walks has no list to compare with: it knows what was saved.
#[test]
fn an_older_release_under_newer_metadata_is_refused_and_reaches_no_instance() {
    let room = tempfile::tempdir().unwrap();
    let coalition = coalition(room.path());
    let gateway = refreshed(settings(room.path()));
    coalition.publish(2, &[change()]);
    gateway.refresh(NOW).unwrap();
    mark(&gateway);
    coalition.publish(3, &[base()]);
    for _ in 0..2 {
        let report = gateway.refresh(NOW).unwrap().remove(0);
        let Outcome::Failed(why) = report.outcome else {
            panic!("{report:?}")
        };
        assert!(why.contains("list_rollback"), "{why}");
        let verdict = screen(&gateway, "new.example").unwrap();
        assert_eq!(
            (verdict.action, verdict.lists[0].sequence),
            (Action::Block, 2)
        );
        // The newer metadata is known, so what the list misses is no longer clean.
        assert!(screen(&gateway, "market.example").unwrap().degraded);
        assert!(is_marked(&gateway));
    }
}

#[test]
fn a_signed_stash_that_is_none_leaves_the_release_before_in_its_place() {
    let room = tempfile::tempdir().unwrap();
    let coalition = coalition(room.path());
    let gateway = refreshed(settings(room.path()));
    let spoilt = Release {
        is_no_stash: true,
        ..change()
    };
    coalition.publish(2, &[spoilt]);
    for _ in 0..2 {
        let report = gateway.refresh(NOW).unwrap().remove(0);
        assert!(matches!(report.outcome, Outcome::Failed(_)), "{report:?}");
        let why = report.warnings.join("");
        assert!(why.contains("stash") && why.contains("list_magic"), "{why}");
        let verdict = screen(&gateway, "market.example").unwrap();
        let first = (Action::Block, 1, true);
        assert_eq!(
            (verdict.action, verdict.lists[0].sequence, verdict.degraded),
            first
        );
    }
    drop(gateway);
    let started = open(settings(room.path())).unwrap();
    assert_eq!(action(&started, "market.example"), Action::Block);
    coalition.publish(3, &[change()]);
    assert_eq!(started.refresh(NOW).unwrap()[0].outcome, Outcome::Updated);
    assert_eq!(action(&started, "new.example"), Action::Block);
}

/// A kill after the switch on the disk and before an instance has it, or between two instances.
#[test]
fn an_update_that_was_saved_and_reached_no_instance_is_there_after_a_start() {
    let room = tempfile::tempdir().unwrap();
    let coalition = coalition(room.path());
    let killed = refreshed(settings(room.path()));
    coalition.publish(2, &[change()]);
    open(settings(room.path())).unwrap().refresh(NOW).unwrap();
    assert_eq!(action(&killed, "new.example"), Action::Allow);
    drop(killed);
    let started = open(settings(room.path())).unwrap();
    assert_eq!(action(&started, "new.example"), Action::Block);
    assert!(started.warnings().is_empty());
}

#[test]
fn an_instance_that_refuses_what_was_saved_is_built_again_from_the_disk() {
    let room = tempfile::tempdir().unwrap();
    let coalition = coalition(room.path());
    let gateway = refreshed(Settings {
        workers: 3,
        ..settings(room.path())
    });
    mark(&gateway);
    coalition.publish(2, &[change()]);
    open(settings(room.path())).unwrap().refresh(NOW).unwrap();
    let stash = "state/se/generation-2/se%2fmerchants.member-1.stash";
    std::fs::write(room.path().join(stash), b"of another base").unwrap();
    gateway.reload(NOW).unwrap();
    let warnings = gateway.warnings();
    assert!(
        warnings[0].text.contains("generation 2 is damaged"),
        "{warnings:?}"
    );
    for _ in 0..20 {
        let verdict = screen(&gateway, "market.example").unwrap();
        assert_eq!((verdict.action, verdict.degraded), (Action::Block, true));
        assert!(!is_marked(&gateway));
    }
}

#[test]
fn an_instance_that_a_caller_configured_is_built_again_though_nothing_changed() {
    let room = tempfile::tempdir().unwrap();
    let _coalition = coalition(room.path());
    let gateway = refreshed(settings(room.path()));
    mark(&gateway);
    let digest = || screen(&gateway, "shop.example").unwrap().policy;
    let own = digest();
    let other = json!({"policy": {"without_lists": true}}).to_string();
    gateway.call("configure", other.as_bytes(), NOW).unwrap();
    assert_ne!(digest(), own);
    gateway.refresh(NOW).unwrap();
    assert_eq!(digest(), own);
    assert!(!is_marked(&gateway));
}

#[test]
fn a_place_whose_instance_trapped_gets_another_with_the_next_load() {
    let room = tempfile::tempdir().unwrap();
    for workers in [1, 2] {
        let gateway = open(Settings {
            workers,
            ..tiny_settings(room.path(), &TinyModule::default())
        })
        .unwrap();
        for traps in 1..4 {
            gateway.screen("T", NOW).unwrap_err();
            gateway.reload(NOW).unwrap();
            assert_eq!(gateway.traps(), traps);
            gateway.screen("{}", NOW).unwrap();
        }
    }
}

/// Whose policy changes while it runs.
#[derive(Debug, Default)]
struct Changing(Mutex<Option<Value>>);

impl Operator for Changing {
    fn choices(&self) -> Choices {
        let required = json!({"required": {"se": ["se/merchants"]}});
        let policy = self.0.lock().unwrap().clone();
        Choices {
            policy: Some(policy.unwrap_or(required)),
            ..Choices::default()
        }
    }
}

#[test]
fn another_policy_reaches_the_instance_that_is_there_and_a_refused_one_none() {
    let room = tempfile::tempdir().unwrap();
    let _coalition = coalition(room.path());
    let operator = Arc::new(Changing::default());
    let gateway = Gateway::open(settings(room.path()), operator.clone(), NOW).unwrap();
    gateway.refresh(NOW).unwrap();
    mark(&gateway);
    let digest = || screen(&gateway, "shop.example").unwrap().policy;
    let first = digest();
    *operator.0.lock().unwrap() = Some(json!({"without_lists": true}));
    gateway.reload(NOW).unwrap();
    let second = digest();
    assert_ne!(first, second);
    *operator.0.lock().unwrap() = Some(json!({"required": 7}));
    for _ in 0..2 {
        let refused = gateway.reload(NOW);
        assert!(matches!(refused, Err(Error::Policy(_))), "{refused:?}");
        assert_eq!(digest(), second);
    }
    *operator.0.lock().unwrap() = None;
    gateway.reload(NOW).unwrap();
    assert_eq!(digest(), first);
    assert!(is_marked(&gateway));
}

/// What a verdict on a domain must be under each release: the base, the change of it, and the next base.
fn expected(sequence: u64, domain: &str) -> Action {
    let listed: &[&str] = match sequence {
        1 => &["shop.example", "market.example"],
        2 => &["shop.example", "new.example"],
        3 => &["market.example"],
        _ => panic!("release {sequence}"),
    };
    match listed.contains(&domain) {
        true => Action::Block,
        false => Action::Allow,
    }
}

#[test]
fn threads_that_ask_through_updates_are_answered_from_one_release_and_never_from_less() {
    for workers in [1, 3] {
        let room = tempfile::tempdir().unwrap();
        let coalition = coalition(room.path());
        let gateway = refreshed(Settings {
            workers,
            ..settings(room.path())
        });
        let ends = AtomicBool::new(false);
        let asked = std::thread::scope(|scope| {
            let ask = || {
                let (mut asked, mut seen) = (0_u32, [false; 4]);
                while !ends.load(Ordering::Relaxed) {
                    for domain in ["shop.example", "market.example", "new.example"] {
                        let verdict = screen(&gateway, domain).unwrap();
                        let list = &verdict.lists[0];
                        assert_eq!(verdict.action, expected(list.sequence, domain));
                        assert!(!verdict.degraded && list.freshness == "fresh", "{list:?}");
                        seen[usize::try_from(list.sequence).unwrap()] = true;
                        asked += 1;
                    }
                }
                (asked, seen)
            };
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(ask)).collect();
            let next = Release::base(1, 3, &["market.example"]);
            for (version, release) in [(2, base()), (3, change()), (4, change()), (5, next)] {
                let sequence = release.sequence;
                coalition.publish(version, &[release]);
                let refreshed = gateway.refresh(NOW).unwrap();
                assert_eq!(refreshed[0].outcome, Outcome::Updated, "{refreshed:?}");
                // Every instance has it once the refresh is over.
                for _ in 0..50 {
                    let verdict = screen(&gateway, "shop.example").unwrap();
                    assert_eq!(verdict.lists[0].sequence, sequence);
                }
                gateway.refresh(NOW).unwrap();
            }
            ends.store(true, Ordering::Relaxed);
            let asked = threads.into_iter().map(|thread| thread.join().unwrap());
            asked.collect::<Vec<_>>()
        });
        assert!(asked.iter().all(|(asked, _)| *asked > 0));
        assert_eq!(gateway.traps(), 0);
        assert!(gateway.warnings().is_empty(), "{:?}", gateway.warnings());
    }
}
