//! Receipts computed again from the archive, long after the gateway has deleted the files that they name.

use std::fs;
use std::path::{Path, PathBuf};

use interdict::{Config, Gateway, Replayed, Replayer};
use interdict_helpers::{Coalition, NOW, Release, workspace};
use interdict_host::{Enrolment, Module, OtherRoot, enrol};
use serde_json::Value;

use crate::enrolment::enrol_file;

/// A gateway that keeps an archive.
pub(crate) struct Room {
    room: tempfile::TempDir,
    pub(crate) coalition: Coalition,
    pub(crate) config: PathBuf,
}

impl Room {
    pub(crate) fn new(epochs: &[u32]) -> Self {
        Self::of_edition("member", epochs)
    }

    fn of_edition(edition: &str, epochs: &[u32]) -> Self {
        let room = tempfile::tempdir().unwrap();
        let coalition = Coalition::new(room.path());
        let file = coalition.enrolment_for(edition, "repository", epochs);
        let config = enrol_file(room.path(), &file);
        let room = Self {
            room,
            coalition,
            config,
        };
        room.say("archive = \"archive\"\n");
        room
    }

    /// Adds to the configuration.
    pub(crate) fn say(&self, text: &str) {
        let before = fs::read_to_string(&self.config).unwrap();
        fs::write(&self.config, before + text).unwrap();
    }

    pub(crate) fn path(&self) -> &Path {
        self.room.path()
    }

    pub(crate) fn archive(&self) -> PathBuf {
        self.path().join("archive")
    }

    pub(crate) fn gateway(&self, now: u32) -> Gateway {
        Gateway::open(&self.config, now).unwrap()
    }

    /// Publishes, refreshes, and screens; the receipt.
    pub(crate) fn release(&self, version: u32, releases: &[Release], now: u32) -> String {
        self.coalition.publish(version, releases);
        let gateway = self.gateway(now);
        for report in gateway.host().refresh(now).unwrap() {
            assert!(report.succeeded(), "{report:?}");
        }
        assert_eq!(gateway.warnings(), []);
        receipt(&gateway, now)
    }

    pub(crate) fn replayer(&self) -> Replayer {
        let config = Config::read(&self.config).unwrap();
        Replayer::new(&config.state(), &self.archive()).unwrap()
    }

    pub(crate) fn replay(&self, receipt: &str) -> Replayed {
        self.replayer()
            .replay(receipt.as_bytes(), REQUEST.as_bytes())
            .unwrap()
    }
}

pub(crate) const RELEASE: [Release; 1] = [Release::base(1, 1, &["shop.example"])];

pub(crate) const REQUEST: &str =
    r#"{"flow":"payout","identifiers":[{"kind":"domain","value":"shop.example"}]}"#;

pub(crate) fn receipt(gateway: &Gateway, now: u32) -> String {
    let receipt = gateway
        .host()
        .screen(REQUEST, now)
        .unwrap()
        .receipt
        .unwrap();
    receipt.as_str().to_owned()
}

/// Every file below a directory.
pub(crate) fn files(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found
}

#[test]
fn a_receipt_gives_the_same_bytes_after_two_refreshes_and_another_policy() {
    let room = Room::new(&[1]);
    let first = room.release(1, &[Release::base(1, 1, &["shop.example"])], NOW);
    let second = room.release(2, &[Release::base(1, 2, &["other.example"])], NOW + 100);
    room.say("policy.typology_cap = 7\n");
    let third = room.release(3, &[Release::base(1, 3, &["third.example"])], NOW + 200);
    let action = |receipt: &str| {
        let receipt: Value = serde_json::from_str(receipt).unwrap();
        receipt["action"].as_str().unwrap().to_owned()
    };
    assert_eq!(action(&first), "block");
    assert_ne!(action(&second), "block");
    for receipt in [&first, &second, &third] {
        assert_eq!(room.replay(receipt), Replayed::Same);
    }
    let mut replayer = room.replayer();
    let marked = REQUEST.replace(
        "{\"flow\"",
        "{\"reference\":\"case 7\",\"view\":\"analyst\",\"language\":\"sv\",\"flow\"",
    );
    let mut replay = |request: &str| {
        let replayed = replayer.replay(first.as_bytes(), request.as_bytes());
        replayed.ok()
    };
    assert_eq!(replay(&marked), Some(Replayed::Same));
    let other = REQUEST.replace("shop", "third");
    assert_eq!(replay(&other), Some(Replayed::Different("request".into())));
    assert_eq!(replay("{}"), None);
}

/// An archive may have states of both editions, and each receipt is replayed with its own.
#[test]
fn receipts_of_a_compact_list_and_of_the_member_list_before_it_replay() {
    let room = Room::new(&[1]);
    let both = |sequence, listed| {
        let member = Release::base(1, sequence, listed);
        [member.clone(), member.compact()]
    };
    let first = room.release(1, &both(1, &["shop.example"]), NOW);
    let file = room.coalition.enrolment_for("compact", "repository", &[1]);
    enrol_file(room.path(), &file);
    // The files of the member edition are of no use to it.
    let gateway = room.gateway(NOW);
    assert!(receipt(&gateway, NOW).contains("\"no_list\""));
    for report in gateway.host().refresh(NOW).unwrap() {
        assert!(report.succeeded(), "{report:?}");
        assert_eq!(report.state.lists[0].edition, "compact");
    }
    assert_eq!(gateway.warnings(), []);
    let second = receipt(&gateway, NOW);
    let third = room.release(2, &both(2, &["other.example"]), NOW + 100);
    let told = |receipt: &str| {
        let receipt: Value = serde_json::from_str(receipt).unwrap();
        let edition = &receipt["coalitions"][0]["lists"][0]["edition"];
        let words = [&receipt["action"], &receipt["because"], edition];
        words.map(|word| word.as_str().unwrap_or("-").to_owned())
    };
    assert_eq!(told(&first), ["block", "record", "member"]);
    assert_eq!(told(&second), ["review", "candidate", "compact"]);
    assert_eq!(told(&third), ["allow", "-", "compact"]);
    for receipt in [&first, &second, &third] {
        assert_eq!(room.replay(receipt), Replayed::Same);
    }
}

#[test]
fn a_compact_receipt_replays_with_each_epoch_that_its_key_opens() {
    let room = Room::of_edition("compact", &[1, 2]);
    let of = |epoch, sequence, listed| {
        let member = Release::base(epoch, sequence, listed);
        [member.clone(), member.compact()]
    };
    let first = room.release(1, &of(1, 1, &["shop.example"]), NOW);
    let both = [of(1, 2, &["shop.example"]), of(2, 2, &["shop.example"])].concat();
    let second = room.release(2, &both, NOW + 100);
    for (receipt, epoch) in [(&first, 1), (&second, 2)] {
        assert!(receipt.contains(&format!("\"epoch\":{epoch}")), "{receipt}");
        assert_eq!(room.replay(receipt), Replayed::Same);
    }
}

#[test]
fn a_receipt_outlives_the_epoch_of_its_key_and_a_new_enrolment() {
    let room = Room::new(&[1]);
    let releases = [
        Release::base(1, 1, &["shop.example"]),
        Release::base(2, 1, &["other.example"]),
    ];
    // The same metadata, first with only the key of the first epoch, then with both keys.
    let first = room.release(1, &releases, NOW);
    enrol_file(
        room.path(),
        &room.coalition.enrolment("repository", &[1, 2]),
    );
    // The key is there, but the list is not.
    let between = receipt(&room.gateway(NOW + 50), NOW + 50);
    let second = room.release(1, &releases, NOW + 100);
    assert_ne!(
        first.contains("\"epoch\":1"),
        second.contains("\"epoch\":1")
    );
    let third = room.release(2, &releases[1..], NOW + 200);
    for receipt in [first, between, second, third] {
        assert_eq!(room.replay(&receipt), Replayed::Same, "{receipt}");
    }
}

#[test]
fn a_receipt_of_a_module_of_another_minor_version_is_given_again_by_that_module() {
    let built_in = Module::built_in().unwrap();
    for (file, wasm) in [
        ("older.wasm", interdict_forge::older_module(built_in.wasm())),
        ("newer.wasm", interdict_forge::newer_module(built_in.wasm())),
    ] {
        let room = Room::new(&[1]);
        fs::write(room.path().join(file), &wasm).unwrap();
        let before = fs::read_to_string(&room.config).unwrap();
        room.say(&format!("module = \"{file}\"\n"));
        let receipt = room.release(1, &RELEASE, NOW);
        // The gateway has another module since.
        fs::write(&room.config, before).unwrap();
        fs::remove_file(room.path().join(file)).unwrap();
        room.release(2, &[Release::base(1, 2, &["other.example"])], NOW + 100);
        let sha256: String = interdict_forge::hex(&interdict_forge::sha256(&wasm));
        assert!(receipt.contains(&sha256), "{file}: {receipt}");
        assert_eq!(room.replay(&receipt), Replayed::Same, "{file}");
    }
}

#[test]
fn two_coalitions_that_publish_in_one_repository_are_kept_apart() {
    let room = Room::new(&[1]);
    let saved = fs::read_to_string(room.path().join("state/se/enrolment.json")).unwrap();
    let other = saved.replace("\"coalition\": \"se\"", "\"coalition\": \"nl\"");
    let other = other.replace("se/merchants", "nl/merchants");
    let both = |sequence, listed| {
        let se = Release::base(1, sequence, listed);
        let list = "nl/merchants";
        [Release { list, ..se.clone() }, se]
    };
    let other = Enrolment::read(other.as_bytes()).unwrap();
    let module = Module::built_in().unwrap();
    let state = room.path().join("state");
    enrol(&module, &state, &other, OtherRoot::Refuse, NOW).unwrap();
    let first = room.release(1, &both(1, &["shop.example"]), NOW);
    assert!(first.contains("\"nl/merchants\"") && first.contains("\"se/merchants\""));
    let second = room.release(2, &both(2, &["other.example"]), NOW + 100);
    for receipt in [first, second] {
        assert_eq!(room.replay(&receipt), Replayed::Same);
    }
}

#[test]
fn what_was_in_force_before_and_beside_a_release_is_replayed_too() {
    let room = Room::new(&[1]);
    // Nothing yet.
    let none = receipt(&room.gateway(NOW), NOW);
    let first = room.release(1, &[Release::base(1, 1, &["shop.example"])], NOW);
    // Newer metadata whose release cannot be had: the older one answers, and is late.
    room.coalition
        .publish(2, &[Release::base(1, 2, &["other.example"])]);
    let targets = room.coalition.repository.join("targets");
    fs::rename(&targets, room.path().join("hidden")).unwrap();
    let gateway = room.gateway(NOW + 100);
    assert!(!gateway.host().refresh(NOW + 100).unwrap()[0].succeeded());
    let late = receipt(&gateway, NOW + 100);
    assert!(late.contains("\"freshness\":\"late\""), "{late}");
    fs::rename(room.path().join("hidden"), &targets).unwrap();
    let last = room.release(3, &[Release::base(1, 3, &["third.example"])], NOW + 200);
    for receipt in [none, first, late, last] {
        assert_eq!(room.replay(&receipt), Replayed::Same, "{receipt}");
    }
}

#[test]
fn another_module_is_taken_from_the_archive() {
    let room = Room::new(&[1]);
    // The same module in a file with another digest: a custom section changes nothing it does.
    let mut module = fs::read(workspace().join("wasm/dist/interdict.wasm")).unwrap();
    module.extend([0, 2, 1, b'x']);
    fs::write(room.path().join("other.wasm"), module).unwrap();
    let before = fs::read_to_string(&room.config).unwrap();
    room.say("module = \"other.wasm\"\n");
    let receipt = room.release(1, &[Release::base(1, 1, &["shop.example"])], NOW);
    fs::write(&room.config, before).unwrap();
    fs::remove_file(room.path().join("other.wasm")).unwrap();
    assert_eq!(room.replay(&receipt), Replayed::Same);
    fs::remove_dir_all(room.archive().join("modules")).unwrap();
    let Replayed::Missing(missing) = room.replay(&receipt) else {
        panic!("the module is missing");
    };
    assert!(missing[0].starts_with("module "), "{missing:?}");
}

#[test]
fn a_receipt_sealed_under_a_silent_key_is_replayed_without_the_key_and_no_changed_one_is() {
    let room = Room::new(&[1]);
    let plain = room.release(1, &RELEASE, NOW);
    let gateway = room.gateway(NOW);
    let silent_key = format!(r#"{{"silent_key":"{}"}}"#, "22".repeat(32));
    let host = gateway.host();
    host.call("configure", silent_key.as_bytes(), NOW).unwrap();
    let sealed = receipt(&gateway, NOW);
    assert!(plain.contains(&"0".repeat(128)) && !sealed.contains(&"0".repeat(128)));
    assert_eq!(room.replay(&sealed), Replayed::Same);
    let start = sealed.find("\"sealed\":\"").unwrap() + 10;
    for place in [start, start + 64, start + 127, sealed.len() - 3] {
        let other = if &sealed[place..=place] == "a" {
            "b"
        } else {
            "a"
        };
        let changed = format!("{}{other}{}", &sealed[..place], &sealed[place + 1..]);
        let replayed = room.replay(&changed);
        assert!(matches!(replayed, Replayed::Different(_)), "{place}");
    }
}

#[test]
fn the_receipt_of_a_refusal_is_replayed_with_the_module_alone() {
    let room = Room::new(&[1]);
    room.release(1, &RELEASE, NOW);
    let gateway = room.gateway(NOW);
    let request = r#"{"flow":"payout","identifiers":[{"kind":"domain"}]}"#;
    let lines = gateway.host().batch(request.as_bytes(), NOW).unwrap();
    let line: Value = serde_json::from_slice(&lines[0]).unwrap();
    let printed = String::from_utf8(lines[0].clone()).unwrap();
    let (_, printed) = printed.split_once("\"receipt\":").unwrap();
    let printed = printed.strip_suffix("}}").unwrap();
    assert_eq!(line["error"]["receipt"]["code"], -18);
    let mut replayer = room.replayer();
    let mut replay = |receipt: &str, request: &str| {
        replayer
            .replay(receipt.as_bytes(), request.as_bytes())
            .unwrap()
    };
    assert_eq!(replay(printed, request), Replayed::Same);
    let different = |member: &str| Replayed::Different(member.to_owned());
    assert_eq!(replay(printed, REQUEST), different("code"));
    assert_eq!(replay(printed, "{}"), different("flow"));
    let changed = printed.replace("identifiers[0]", "identifiers[1]");
    assert_eq!(replay(&changed, request), different("path"));
}
