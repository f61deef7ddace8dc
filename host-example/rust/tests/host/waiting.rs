//! Releases that wait before they answer: never for longer than `hold`, never behind an older one, and never where the
//! live one cannot answer.

use std::fs;
use std::path::Path;

use interdict_helpers::{Coalition, NOW, Release, base, change};
use interdict_host::{Action, Error, Gateway, Outcome, Settings};

use crate::opened::{enrol_file, open, settings};

const HOUR: u32 = 3_600;
const HOLD: u32 = 6 * HOUR;

/// A gateway that saw [`base`] and lets newer releases wait.
struct Room {
    folder: tempfile::TempDir,
    coalition: Coalition,
    hold: u32,
}

impl Room {
    fn new() -> Self {
        Self::holding(HOLD)
    }

    fn holding(hold: u32) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let coalition = Coalition::new(folder.path());
        enrol_file(folder.path(), &coalition.enrolment("repository", &[1]));
        coalition.publish(1, &[base()]);
        let room = Self {
            folder,
            coalition,
            hold,
        };
        // Nothing is live, so nothing waits.
        assert_eq!(room.refresh(NOW), Outcome::Updated);
        room
    }

    fn gateway(&self) -> Gateway {
        let settings = Settings {
            hold: Some(self.hold),
            ..settings(self.folder.path())
        };
        open(settings).unwrap()
    }

    fn refresh(&self, now: u32) -> Outcome {
        self.gateway().refresh(now).unwrap().remove(0).outcome
    }

    /// Number, beginning and end of what waits.
    fn waiting(&self, now: u32) -> Option<(u64, u32, u32)> {
        let waiting = self.gateway().waiting(now).unwrap();
        let mut all = waiting.iter().map(|one| (one.number, one.since, one.until));
        all.next()
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join("state/se").join(name)
    }
}

/// Action, whether it is final, and freshness.
fn answer(gateway: &Gateway, domain: &str, now: u32) -> (Action, bool, String) {
    let request =
        format!(r#"{{"flow":"payout","identifiers":[{{"kind":"domain","value":"{domain}"}}]}}"#);
    let verdict = gateway.screen(&request, now).unwrap();
    let state = gateway.state(now).unwrap();
    assert_eq!(state[0].doubts, [] as [String; 0]);
    (
        verdict.action,
        !verdict.degraded,
        state[0].lists[0].freshness.clone(),
    )
}

fn fresh(action: Action) -> (Action, bool, String) {
    (action, true, "fresh".to_owned())
}

fn third() -> Release {
    Release {
        sequence: 3,
        changes: Some(("third.example", "market.example")),
        ..base()
    }
}

#[test]
fn a_newer_release_waits_on_the_disk_and_answers_when_its_time_has_come() {
    let room = Room::new();
    room.coalition.publish(2, &[change()]);
    let gateway = room.gateway();
    assert_eq!(gateway.refresh(NOW).unwrap()[0].outcome, Outcome::Waits);
    // The process that fetched it, and one that starts while it waits.
    for gateway in [&gateway, &room.gateway()] {
        assert_eq!(answer(gateway, "new.example", NOW), fresh(Action::Allow));
        assert_eq!(answer(gateway, "market.example", NOW), fresh(Action::Block));
        gateway.reload(NOW).unwrap();
        assert_eq!(answer(gateway, "new.example", NOW), fresh(Action::Allow));
    }
    assert_eq!(room.waiting(NOW), Some((2, NOW, NOW + HOLD)));
    assert_eq!(room.refresh(NOW + HOUR), Outcome::Waits);
    assert_eq!(room.waiting(NOW + HOUR), Some((2, NOW, NOW + HOLD)));
    fs::rename(&room.coalition.repository, room.folder.path().join("away")).unwrap();
    assert!(gateway.activate_due(NOW + HOLD - 1).unwrap().is_empty());
    let report = gateway.activate_due(NOW + HOLD).unwrap().remove(0);
    assert_eq!(report.outcome, Outcome::Updated);
    assert_eq!(
        report.state.polled,
        Some(NOW + HOUR),
        "when it was fetched last"
    );
    for gateway in [gateway, room.gateway()] {
        assert_eq!(
            answer(&gateway, "new.example", NOW + HOLD),
            fresh(Action::Block)
        );
    }
    assert_eq!(room.waiting(NOW + HOLD), None);
    assert!(!room.path("waiting").exists() && !room.path("arriving").exists());
}

#[test]
fn a_refresh_alone_ends_the_wait_even_if_the_repository_is_gone() {
    for is_there in [true, false] {
        let room = Room::new();
        room.coalition.publish(2, &[change()]);
        assert_eq!(room.refresh(NOW), Outcome::Waits);
        if !is_there {
            fs::remove_dir_all(&room.coalition.repository).unwrap();
        }
        let outcome = room.refresh(NOW + HOLD);
        assert_eq!(outcome == Outcome::Updated, is_there, "{outcome:?}");
        let gateway = room.gateway();
        assert_eq!(
            answer(&gateway, "new.example", NOW + HOLD),
            fresh(Action::Block)
        );
        assert_eq!(room.waiting(NOW + HOLD), None);
    }
}

#[test]
fn a_newer_one_takes_the_place_of_the_one_that_waits_and_waits_no_longer() {
    let room = Room::new();
    room.coalition.publish(2, &[change()]);
    assert_eq!(room.refresh(NOW), Outcome::Waits);
    room.coalition.publish(3, &[third()]);
    assert_eq!(room.refresh(NOW + HOUR), Outcome::Waits);
    assert_eq!(room.waiting(NOW + HOUR), Some((3, NOW, NOW + HOLD)));
    assert!(!room.path("generation-2").exists());
    let gateway = room.gateway();
    gateway.activate_due(NOW + HOLD).unwrap();
    assert_eq!(
        answer(&gateway, "third.example", NOW + HOLD),
        fresh(Action::Block)
    );
    assert_eq!(
        answer(&gateway, "new.example", NOW + HOLD),
        fresh(Action::Allow)
    );
}

#[test]
fn a_mirror_that_goes_back_behind_the_release_that_waits_is_refused() {
    let room = Room::new();
    room.coalition.publish(3, &[change()]);
    assert_eq!(room.refresh(NOW), Outcome::Waits);
    let known = fs::read(room.path("waiting")).unwrap();
    room.coalition.publish(2, &[third()]);
    let report = room.gateway().refresh(NOW).unwrap().remove(0);
    assert!(matches!(report.outcome, Outcome::Failed(_)), "{report:?}");
    let code = report.code.unwrap();
    assert!(code.starts_with("trust_"), "{code}");
    assert_eq!(fs::read(room.path("waiting")).unwrap(), known);
    assert_eq!(
        answer(&room.gateway(), "market.example", NOW),
        fresh(Action::Block)
    );
    let gateway = room.gateway();
    gateway.activate(&["se"], NOW).unwrap();
    assert_eq!(answer(&gateway, "new.example", NOW), fresh(Action::Block));
    // Now that it is live, the same holds.
    assert!(matches!(room.refresh(NOW), Outcome::Failed(_)));
}

#[test]
fn what_only_says_how_new_a_release_is_does_not_wait() {
    let room = Room::new();
    room.coalition.renew(2, 1, &[base()]);
    assert_eq!(room.refresh(NOW + HOUR), Outcome::Updated);
    let state = room.gateway().state(NOW + HOUR).unwrap();
    assert_eq!(state[0].polled, Some(NOW + HOUR));
    assert_eq!(room.waiting(NOW + HOUR), None);
}

#[test]
fn nothing_waits_where_the_live_release_cannot_be_relied_on() {
    // Not polled for 36 hours.
    let room = Room::holding(35 * HOUR);
    room.coalition.publish(2, &[change()]);
    assert_eq!(room.refresh(NOW + 37 * HOUR), Outcome::Updated);
    // It becomes so while one waits.
    let room = Room::holding(35 * HOUR);
    room.coalition.publish(2, &[change()]);
    assert_eq!(room.refresh(NOW + 10 * HOUR), Outcome::Waits);
    let until = |now: u32| room.waiting(now).unwrap().2;
    assert_eq!(until(NOW + 36 * HOUR), NOW + 45 * HOUR);
    assert_eq!(until(NOW + 36 * HOUR + 1), NOW + 36 * HOUR + 1);
    let gateway = room.gateway();
    let live = gateway.activate_due(NOW + 36 * HOUR + 1).unwrap();
    assert_eq!(live[0].outcome, Outcome::Updated);
    // Its polls count from then on.
    let now = NOW + 36 * HOUR + 1;
    assert_eq!(answer(&gateway, "new.example", now), fresh(Action::Block));
}

#[test]
fn a_clock_that_goes_back_lets_nothing_wait_for_longer_than_hold() {
    let room = Room::new();
    room.coalition.publish(2, &[change()]);
    assert_eq!(room.refresh(NOW + HOUR), Outcome::Waits);
    assert_eq!(room.refresh(NOW), Outcome::Waits);
    assert_eq!(room.waiting(NOW), Some((2, NOW, NOW + HOLD)));
}

#[test]
fn a_release_of_which_a_part_is_withheld_is_hidden_for_as_long_as_one_waits_and_then_shown() {
    let room = Room::new();
    room.coalition.publish(2, &[change()]);
    let stash = newest(&room.coalition.repository, ".stash");
    let bytes = fs::read(&stash).unwrap();
    fs::remove_file(&stash).unwrap();
    assert!(matches!(room.refresh(NOW), Outcome::Failed(_)));
    let gateway = room.gateway();
    assert_eq!(
        answer(&gateway, "market.example", NOW),
        fresh(Action::Block)
    );
    assert_eq!(
        answer(&gateway, "flowers.example", NOW),
        fresh(Action::Allow)
    );
    // Its time began when it was known.
    assert!(matches!(room.refresh(NOW + HOLD), Outcome::Failed(_)));
    let gateway = room.gateway();
    let (action, is_final, freshness) = answer(&gateway, "flowers.example", NOW + HOLD);
    assert_eq!(
        (action, is_final, &*freshness),
        (Action::Monitor, false, "late")
    );
    fs::write(&stash, bytes).unwrap();
    assert_eq!(room.refresh(NOW + HOLD), Outcome::Updated);
    assert_eq!(
        answer(&room.gateway(), "new.example", NOW + HOLD),
        fresh(Action::Block)
    );
}

#[test]
fn what_was_fetched_behind_the_one_that_waits_is_not_lost_when_that_goes_live() {
    let room = Room::new();
    room.coalition.publish(2, &[change()]);
    assert_eq!(room.refresh(NOW), Outcome::Waits);
    room.coalition.publish(3, &[third()]);
    fs::remove_file(newest(&room.coalition.repository, ".stash")).unwrap();
    assert!(matches!(room.refresh(NOW + HOUR), Outcome::Failed(_)));
    assert_eq!(room.waiting(NOW + HOUR), Some((2, NOW, NOW + HOLD)));
    assert!(matches!(room.refresh(NOW + HOLD), Outcome::Failed(_)));
    let gateway = room.gateway();
    assert_eq!(
        answer(&gateway, "new.example", NOW + HOLD),
        fresh(Action::Block)
    );
    room.coalition.publish(3, &[third()]);
    assert_eq!(room.refresh(NOW + HOLD), Outcome::Waits);
    // A mirror cannot go back behind what was known of it.
    room.coalition.publish(2, &[change()]);
    assert!(matches!(room.refresh(NOW + HOLD), Outcome::Failed(_)));
}

#[test]
fn a_damaged_record_or_release_is_fetched_again_and_nothing_else_is_lost() {
    for damage in ["record", "gone", "release", "cut"] {
        let room = Room::new();
        room.coalition.publish(2, &[change()]);
        assert_eq!(room.refresh(NOW), Outcome::Waits);
        let targets = newest(&room.path("generation-2"), "targets.json");
        match damage {
            "record" => fs::write(room.path("waiting"), "interdict-waiting-1 x\n").unwrap(),
            "gone" => fs::remove_file(room.path("waiting")).unwrap(),
            "release" => fs::remove_dir_all(room.path("generation-2")).unwrap(),
            _ => fs::write(targets, "{}").unwrap(),
        }
        assert_eq!(
            answer(&room.gateway(), "market.example", NOW),
            fresh(Action::Block)
        );
        assert_eq!(room.refresh(NOW), Outcome::Waits, "{damage}");
        let gateway = room.gateway();
        gateway.activate(&["se"], NOW).unwrap();
        assert_eq!(
            answer(&gateway, "new.example", NOW),
            fresh(Action::Block),
            "{damage}"
        );
    }
}

#[test]
fn a_release_that_was_damaged_while_it_waited_does_not_go_live() {
    let room = Room::new();
    room.coalition.publish(2, &[change()]);
    assert_eq!(room.refresh(NOW), Outcome::Waits);
    fs::write(newest(&room.path("generation-2"), "targets.json"), "{}").unwrap();
    let gateway = room.gateway();
    let report = gateway.activate_due(NOW + HOLD).unwrap().remove(0);
    assert!(matches!(report.outcome, Outcome::Failed(_)), "{report:?}");
    assert!(matches!(
        gateway.trial(&["se"], NOW),
        Err(Error::NothingWaits)
    ));
    for gateway in [&gateway, &room.gateway()] {
        assert_eq!(
            answer(gateway, "market.example", NOW + HOLD),
            fresh(Action::Block)
        );
    }
    assert_eq!(room.refresh(NOW + HOLD), Outcome::Waits);
}

#[test]
fn a_trial_answers_as_the_release_that_waits_would_and_keeps_nothing() {
    let room = Room::new();
    room.coalition.publish(2, &[change()]);
    assert_eq!(room.refresh(NOW), Outcome::Waits);
    let gateway = room.gateway();
    let before = files(&room.path(""));
    let trial = gateway.trial(&["se"], NOW).unwrap();
    assert_eq!(answer(&trial, "new.example", NOW), fresh(Action::Block));
    assert_eq!(answer(&gateway, "new.example", NOW), fresh(Action::Allow));
    assert_eq!(files(&room.path("")), before);
    assert!(matches!(
        gateway.trial(&["nl"], NOW),
        Err(Error::NothingWaits)
    ));
}

#[test]
fn one_that_was_killed_while_it_made_a_release_live_leaves_nothing_that_waits() {
    let room = Room::new();
    room.coalition.publish(2, &[change()]);
    assert_eq!(room.refresh(NOW), Outcome::Waits);
    let waiting = fs::read(room.path("waiting")).unwrap();
    room.gateway().activate(&["se"], NOW).unwrap();
    fs::write(room.path("waiting"), waiting).unwrap();
    assert_eq!(room.waiting(NOW), None);
    assert_eq!(
        answer(&room.gateway(), "new.example", NOW),
        fresh(Action::Block)
    );
    // The next one waits for its own time.
    room.coalition.publish(3, &[third()]);
    assert_eq!(room.refresh(NOW + HOLD), Outcome::Waits);
    assert_eq!(
        room.waiting(NOW + HOLD),
        Some((3, NOW + HOLD, NOW + 2 * HOLD))
    );
}

fn files(directory: &Path) -> Vec<(std::path::PathBuf, u64)> {
    let mut all = Vec::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => all.extend(files(&path)),
            false => all.push((path.clone(), path.metadata().unwrap().len())),
        }
    }
    all.sort_unstable();
    all
}

/// The file below a directory whose name ends so; of several, the one that was written last.
fn newest(directory: &Path, end: &str) -> std::path::PathBuf {
    let all = files(directory).into_iter().map(|(path, _)| path);
    let ending = all.filter(|path| path.to_str().unwrap().ends_with(end));
    ending
        .max_by_key(|path| path.metadata().unwrap().modified().unwrap())
        .unwrap()
}
