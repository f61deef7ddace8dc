//! Walks over the repositories in `fixtures/`, as `docs/abi.md`, "poll and supply", describes them.

#![expect(
    clippy::disallowed_methods,
    reason = "the repositories are files; only tests read them"
)]

use std::collections::BTreeMap;
use std::path::PathBuf;

use interdict_helpers::fixtures;

use super::{Choice, Coalition, Delivery, Epochs, Fetch, WalkProgress};
use crate::common::time::Time;
use crate::engine::doubt::Doubt;
use crate::engine::error::{EngineError, Error};
use crate::engine::history::{AtLeast, History, Sequences};
use crate::list::ListId;
use crate::policy::Policy;
use crate::token::ListKey;
use crate::trust::{Floor, Freshness, Source, TrustError};

/// 2026-11-03T12:00:00Z: none of these repositories has expired.
const NOW: Time = Time::from_seconds(1_793_707_200);

/// Files by the names that the host saves them under.
type Store = BTreeMap<String, Vec<u8>>;

fn folder(repository: &str) -> PathBuf {
    fixtures().join("repositories").join(repository)
}

fn coalition(repository: &str) -> Coalition {
    let root = std::fs::read(folder(repository).join("metadata/1.root.json")).unwrap();
    Coalition::new("se", &root, Choice::default(), None).unwrap()
}

/// The file of a repository that a walk asks for.
fn served(repository: &str, fetch: &Fetch) -> Delivery {
    let file = std::fs::read(folder(repository).join(&fetch.path));
    file.map_or(Delivery::NotFound, Delivery::Bytes)
}

/// Updates to the end. Returns the end, and every file to save.
fn update(coalition: &mut Coalition, repository: &str) -> (WalkProgress, Store) {
    coalition.begin(Source::Repository, NOW);
    let mut progress = coalition.progress(None);
    let mut saved = Store::new();
    while let Some(fetch) = progress.fetch.take() {
        let delivery = served(repository, &fetch);
        let bytes = match &delivery {
            Delivery::Bytes(bytes) => bytes.clone(),
            Delivery::Saved | Delivery::NotFound | Delivery::Failed => Vec::new(),
        };
        progress = coalition.supply(&fetch.name, delivery).unwrap();
        if progress.keep == Some(true) {
            saved.insert(fetch.name, bytes);
        }
    }
    (progress, saved)
}

/// Replays these files to the end.
fn replay(coalition: &mut Coalition, store: &Store) -> WalkProgress {
    coalition.begin(Source::Store, NOW);
    let mut progress = coalition.progress(None);
    while let Some(fetch) = progress.fetch.take() {
        let saved = store.get(&fetch.name).cloned();
        let delivery = saved.map_or(Delivery::NotFound, Delivery::Bytes);
        progress = coalition.supply(&fetch.name, delivery).unwrap();
    }
    progress
}

#[test]
fn a_coalition_is_made_with_a_name_of_the_required_form() {
    let root = std::fs::read(folder("sample").join("metadata/1.root.json")).unwrap();
    let long = "a".repeat(33);
    for name in ["", "SE", "se/nl", "s e", "-se", long.as_str()] {
        let refused = Coalition::new(name, &root, Choice::default(), None);
        let error = refused.map(|made| made.name().to_owned()).unwrap_err();
        assert_eq!(error, Error::Engine(EngineError::CoalitionName), "{name}");
    }
    let longest = "a".repeat(32);
    for name in ["se", "a-1", longest.as_str()] {
        let made = Coalition::new(name, &root, Choice::default(), None);
        assert_eq!(made.unwrap().name(), name);
    }
}

/// A file's place in the walk says what it is checked as.
#[test]
fn a_file_of_another_name_is_not_taken_and_the_walk_still_asks_for_its_own() {
    let mut coalition = coalition("sample");
    coalition.begin(Source::Repository, NOW);
    let asked = coalition.progress(None).fetch.unwrap();
    for name in ["", "timestamp.json", "2.root.json2", "metadata/2.root.json"] {
        let refused = coalition.supply(name, served("sample", &asked));
        assert_eq!(
            refused,
            Err(Error::Engine(EngineError::OtherFile)),
            "{name}"
        );
        assert_eq!(coalition.progress(None).fetch.as_ref(), Some(&asked));
    }
    let next = coalition.supply(&asked.name, served("sample", &asked));
    assert_ne!(next.unwrap().fetch, Some(asked));
}

#[test]
fn a_refusal_ends_the_walk_and_the_next_begins_from_the_beginning() {
    let mut coalition = coalition("sample");
    coalition.begin(Source::Repository, NOW);
    let first = coalition.progress(None).fetch.unwrap();
    let mut fetch = first.clone();
    while fetch.name != "targets.json" {
        let next = coalition.supply(&fetch.name, served("sample", &fetch));
        fetch = next.unwrap().fetch.unwrap();
    }
    let refused = coalition.supply(&fetch.name, Delivery::Bytes(b"{}".to_vec()));
    assert!(matches!(refused, Err(Error::Trust(_))), "{refused:?}");
    let ended = coalition.progress(None);
    assert_eq!((ended.fetch, ended.completed), (None, false));
    let late = coalition.supply(&fetch.name, served("sample", &fetch));
    assert_eq!(late, Err(Error::Engine(EngineError::NoUpdate)));
    coalition.begin(Source::Repository, NOW);
    assert_eq!(coalition.progress(None).fetch, Some(first));
}

/// The same for a file that the verified metadata names.
#[test]
fn a_refused_part_ends_the_walk_too() {
    let mut coalition = coalition("sample");
    coalition.begin(Source::Repository, NOW);
    let mut fetch = coalition.progress(None).fetch.unwrap();
    while !fetch.path.starts_with("targets/") {
        let next = coalition.supply(&fetch.name, served("sample", &fetch));
        fetch = next.unwrap().fetch.unwrap();
    }
    let refused = coalition.supply(&fetch.name, Delivery::Bytes(Vec::new()));
    assert_eq!(refused, Err(Error::Trust(TrustError::TargetLength)));
    assert_eq!(coalition.progress(None).fetch, None);
    let late = coalition.supply(&fetch.name, served("sample", &fetch));
    assert_eq!(late, Err(Error::Engine(EngineError::NoUpdate)));
}

#[test]
fn an_update_under_way_is_not_completed_though_the_last_one_was() {
    let mut coalition = coalition("sample");
    let (end, _) = update(&mut coalition, "sample");
    assert!(end.completed && !end.files.is_empty());
    coalition.begin(Source::Repository, NOW);
    let mut progress = coalition.progress(None);
    while let Some(fetch) = progress.fetch.take() {
        assert!(!progress.completed, "{}", fetch.name);
        assert_eq!(progress.files, [""; 0], "{}", fetch.name);
        progress = coalition
            .supply(&fetch.name, served("sample", &fetch))
            .unwrap();
    }
    assert_eq!((progress.completed, progress.files), (true, end.files));
}

#[test]
fn the_files_of_a_state_are_what_was_saved_and_what_a_replay_needs() {
    // The root was replaced once, and a pack is published with the list.
    for (repository, own) in [
        ("sample", None),
        ("rotated", Some("2.root.json")),
        ("typologies", Some("se%2fmerchants.typologies.json")),
    ] {
        let mut first = coalition(repository);
        let (mut end, saved) = update(&mut first, repository);
        assert!(end.completed, "{repository}");
        end.files.sort();
        assert!(end.files.iter().eq(saved.keys()), "{:?}", end.files);
        if let Some(own) = own {
            assert!(saved.contains_key(own), "{own}: {:?}", end.files);
        }
        let mut second = coalition(repository);
        let mut replayed = replay(&mut second, &saved);
        assert!(replayed.completed, "{repository}");
        replayed.files.sort();
        assert_eq!(replayed.files, end.files);
        assert_eq!(second.metadata_digest, first.metadata_digest);
        assert_eq!(second.packs.len(), first.packs.len());
    }
}

/// Updates to the end, and leaves the parts of releases with the host. Returns the end, and those parts.
fn check(coalition: &mut Coalition, repository: &str) -> (WalkProgress, Vec<String>) {
    coalition.begin(Source::Repository, NOW);
    let mut progress = coalition.progress(None);
    let mut left = Vec::new();
    while let Some(fetch) = progress.fetch.take() {
        let end = fetch.name.rsplit('.').next().unwrap();
        let is_part = ["filter", "records", "stash"].contains(&end);
        let delivery = match is_part {
            true => Delivery::Saved,
            false => served(repository, &fetch),
        };
        progress = coalition.supply(&fetch.name, delivery).unwrap();
        if is_part {
            assert_eq!(progress.keep, Some(false), "{}", fetch.name);
            left.push(fetch.name);
        }
    }
    (progress, left)
}

/// docs/abi.md, "poll and supply": such a host learns what there is to fetch, and screens with another instance.
#[test]
fn a_release_whose_parts_stay_with_the_host_is_verified_and_never_live() {
    for repository in ["sample", "changed", "rotated", "typologies"] {
        let mut whole = coalition(repository);
        let (full, _) = update(&mut whole, repository);
        let mut checked = coalition(repository);
        let (end, left) = check(&mut checked, repository);
        assert!(end.completed && left.len() > 1, "{repository}: {left:?}");
        assert_eq!(end.files, full.files, "{repository}");
        assert_eq!(checked.history(), whole.history(), "{repository}");
        assert_eq!(checked.metadata_digest, whole.metadata_digest);
        assert!(checked.lists.is_empty(), "{repository}: nothing to ask");
        // What is known is not asked for again, and does not come to life by that.
        let (again, left) = check(&mut checked, repository);
        assert_eq!((again.files, left), (full.files, Vec::new()));
        assert!(checked.lists.is_empty());
    }
}

#[test]
fn one_part_that_stays_with_the_host_keeps_its_release_from_going_live() {
    let mut coalition = coalition("sample");
    coalition.begin(Source::Repository, NOW);
    let mut progress = coalition.progress(None);
    while let Some(fetch) = progress.fetch.take() {
        let delivery = match fetch.name.ends_with(".records") {
            true => Delivery::Saved,
            false => served("sample", &fetch),
        };
        progress = coalition.supply(&fetch.name, delivery).unwrap();
    }
    assert!(progress.completed && coalition.lists.is_empty());
}

#[test]
fn nothing_but_a_part_of_a_release_may_stay_with_the_host() {
    for end in [
        "2.root.json",
        "timestamp.json",
        "targets.json",
        "typologies.json",
    ] {
        let mut coalition = coalition("typologies");
        coalition.begin(Source::Repository, NOW);
        let mut fetch = coalition.progress(None).fetch.unwrap();
        while !fetch.name.ends_with(end) {
            let next = coalition.supply(&fetch.name, served("typologies", &fetch));
            fetch = next.unwrap().fetch.unwrap();
        }
        assert!(
            coalition.supply(&fetch.name, Delivery::Saved).is_err(),
            "{end}"
        );
        assert_eq!(coalition.progress(None).fetch, None, "{end}");
    }
}

/// A publisher loads every epoch of a list; still one of them answers, as in a gateway.
#[test]
fn of_all_epochs_the_newest_with_a_key_answers_and_without_one_the_newest() {
    let key = |name: &str| {
        let text = std::fs::read_to_string(folder("epochs").join(name)).unwrap();
        ListKey::from_hex(text.trim()).unwrap()
    };
    let (first, second) = (key("TEST-list.key"), key("TEST-list-2.key"));
    let root = std::fs::read(folder("epochs").join("metadata/1.root.json")).unwrap();
    for (keys, epoch, has_key) in [
        (vec![], 2, false),
        (vec![first.clone()], 1, true),
        (vec![second.clone()], 2, true),
        (vec![first, second], 2, true),
    ] {
        let choice = Choice {
            epochs: Epochs::All,
            ..Choice::default()
        };
        let coalition = Coalition::new("se", &root, choice, None).unwrap();
        let mut coalition = coalition.with_keys(keys);
        assert!(update(&mut coalition, "epochs").0.completed);
        assert_eq!(coalition.lists.len(), 2);
        let answering = coalition.answering();
        let answering: Vec<_> = answering
            .map(|(live, key)| (live.descriptor.header.epoch, key.is_some()))
            .collect();
        assert_eq!(answering, [(epoch, has_key)]);
    }
}

/// What a host saved of `se`: versions of 9, and sequence 41 of each of these lists.
fn seen(ids: &[&str]) -> History {
    let mut lists = Sequences::default();
    for id in ids {
        let list = ListId::parse(id).unwrap();
        assert!(lists.raise(list, 41).is_some());
    }
    History {
        coalition: "se".to_owned(),
        verified: None,
        polled: None,
        versions: Floor {
            root: 9,
            timestamp: 9,
            snapshot: 9,
            targets: 9,
        },
        lists,
    }
}

/// A coalition that takes `se/merchants` alone.
fn with_history(history: Option<History>) -> Coalition {
    let root = std::fs::read(folder("sample").join("metadata/1.root.json")).unwrap();
    let choice = Choice {
        lists: Some(vec![ListId::parse("se/merchants").unwrap()]),
        ..Choice::default()
    };
    Coalition::new("se", &root, choice, history).unwrap()
}

fn sequences(history: &History) -> Vec<(&str, u64)> {
    let lists = history.lists.iter();
    lists
        .map(|(id, sequence)| (id.as_str(), sequence))
        .collect()
}

#[test]
fn a_history_has_what_is_live_if_nothing_newer_was_seen() {
    let mut coalition = with_history(None);
    assert_eq!(coalition.doubts(), [Doubt::NoHistory]);
    assert!(update(&mut coalition, "sample").0.completed);
    let history = coalition.history();
    assert_eq!(sequences(&history), [("se/merchants", 2)]);
    let Floor {
        root,
        snapshot,
        targets,
        ..
    } = history.versions;
    // The highest numbers in the names of the repository's files.
    assert_eq!((root, snapshot, targets), (1, 2, 2));
    assert_eq!(history.polled, Some(NOW));
    assert!(coalition.doubts().is_empty());
}

#[test]
fn a_history_keeps_what_was_seen_before_and_forgets_lists_that_were_given_up() {
    let mut coalition = with_history(Some(seen(&["se/merchants", "se/others"])));
    assert!(update(&mut coalition, "sample").0.completed);
    let history = coalition.history();
    assert_eq!(sequences(&history), [("se/merchants", 41)]);
    let versions = history.versions;
    assert_eq!((versions.root, versions.snapshot), (9, 9));
    assert_eq!(coalition.doubts(), [Doubt::RolledBack]);
    // A list that is no longer taken is not missed.
    let given_up = History {
        versions: Floor::default(),
        ..seen(&["se/others"])
    };
    let mut coalition = with_history(Some(given_up));
    assert!(update(&mut coalition, "sample").0.completed);
    assert!(coalition.doubts().is_empty());
    assert_eq!(sequences(&coalition.history()), [("se/merchants", 2)]);
}

/// Without it, one wrong time of one coalition would make every list old, and refuse its own repository.
#[test]
fn a_newest_time_that_cannot_be_true_keeps_no_list_from_its_effect_and_ends_with_a_poll() {
    let mut coalition = with_history(None);
    let (_, store) = update(&mut coalition, "sample");
    let poisoned = History {
        verified: Time::parse("2099-01-01T00:00:00Z"),
        ..coalition.history()
    };
    let mut coalition = with_history(Some(poisoned.clone()));
    assert_eq!(coalition.client.clock_floor(), None, "nothing is loaded");
    assert!(replay(&mut coalition, &store).completed);
    assert_eq!(coalition.history(), poisoned);
    assert_eq!(coalition.client.clock_floor(), None);
    let live = coalition.lists.first().unwrap();
    let freshness = coalition.client.freshness(&live.path, NOW);
    assert_eq!(freshness, Some(Freshness::Fresh));
    assert_eq!(coalition.effective(NOW), NOW);
    assert!(coalition.is_clock_behind(NOW), "it is told until then");
    assert!(coalition.has_full_effect(live, &Policy::default(), NOW));
    assert!(update(&mut coalition, "sample").0.completed);
    assert_eq!(coalition.history().verified, Some(NOW));
    // Files that are older than the history do not say when the newer ones were verified.
    let mut floor = poisoned.clone();
    floor.versions.timestamp += 1;
    let mut coalition = with_history(Some(floor));
    assert!(replay(&mut coalition, &store).completed);
    assert_eq!(coalition.client.clock_floor(), poisoned.verified);
}

/// A mirror could repeat what it had until its timestamp expires.
#[test]
fn a_host_that_keeps_no_history_says_so_after_each_start_unless_it_has_a_floor() {
    let mut coalition = with_history(None);
    assert!(update(&mut coalition, "sample").0.completed);
    assert!(coalition.may_be_replayed());
    let history = coalition.history();
    let kept = with_history(Some(history.clone()));
    assert!(!kept.may_be_replayed());
    let lost = with_history(Some(history)).without_kept_history();
    assert!(lost.may_be_replayed() && lost.doubts() == [Doubt::RolledBack]);
    let floor = AtLeast {
        versions: Floor {
            root: 1,
            ..Floor::default()
        },
        ..AtLeast::default()
    };
    assert!(!lost.with_at_least(floor).may_be_replayed());
}
