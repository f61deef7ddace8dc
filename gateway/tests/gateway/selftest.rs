//! `interdict selftest`: each list is asked for the merchants that it must have, and what is said of that can be
//! signed.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use interdict::{Gateway, KeyUse, PersonKey, SelfTest, Statement, TestOutcome, self_test};
use interdict_core::identifier::{Identifier, Kind};
use interdict_core::list::{Action, Kinds, Reserved};
use interdict_forge::{Enrolment, Header, ListKey, Record, Release, Repository, time};
use interdict_helpers::NOW;
use interdict_host::DocumentKind;
use serde_json::Value;

use crate::command;
use crate::enrolment::enrol_file;

/// A list of coalition `se` as its publisher makes it, or not.
#[derive(Clone)]
struct Made {
    list: &'static str,
    /// 1 member, 3 compact.
    edition: u8,
    kinds: &'static [Kind],
    /// Test merchants that it lacks.
    without: &'static [&'static str],
    /// Names that it has besides.
    with: &'static [(Kind, &'static str)],
}

const GOOD: Made = Made {
    list: "se/merchants",
    edition: 1,
    kinds: &[Kind::Domain, Kind::Iban, Kind::Label],
    without: &[],
    with: &[],
};

/// Every byte of the key that the lists are made with.
const KEY: u8 = 8;

impl Made {
    fn release(&self) -> Release {
        let key = ListKey([KEY; 32]);
        let new = Header::new(self.list, &key);
        let kinds = Kinds::of(self.kinds.iter().copied());
        let is_compact = self.edition == 3;
        let header = Header {
            edition: self.edition,
            rate: if is_compact { 32 } else { new.rate },
            confidence: is_compact.then_some(900),
            kinds: kinds.0,
            issued: NOW - 1000,
            ..new
        };
        let mut release = Release::new(header, key);
        if is_compact {
            release.stride = None;
        }
        let entries = Reserved::entries(kinds);
        let promised = |action| action >= Action::Review || !is_compact;
        let entries = entries.filter(|(identifier, record)| {
            promised(record.action) && !self.without.contains(&identifier.text())
        });
        let entries = entries.map(|(identifier, record)| (identifier, record.action));
        let more = self.with.iter().map(|(kind, value)| {
            let identifier = Identifier::parse(*kind, value).unwrap();
            (identifier, Action::Review)
        });
        for (identifier, action) in entries.chain(more) {
            let tag = key.tag(identifier.kind().code(), identifier.canonical());
            let record = Record {
                action: Action::ALL.iter().position(|one| *one == action).unwrap() as u8,
                category: 4,
                ..Record::default()
            };
            release.listed.insert(tag, record);
        }
        release
    }
}

/// A gateway that has fetched these lists with this key, and the configuration.
fn gateway_with(room: &Path, lists: &[Made], key: u8) -> PathBuf {
    let mut repository = Repository::new(&time(NOW + 1_000_000));
    for made in lists {
        repository.targets.add(made.release().targets());
    }
    let edition = if lists.iter().any(|made| made.edition == 3) {
        "compact"
    } else {
        "member"
    };
    let enrolment = Enrolment {
        edition: edition.to_owned(),
        coalition: "se".to_owned(),
        member: "bank-a".to_owned(),
        repository: "repository".to_owned(),
        lists: lists.iter().map(|made| made.list.to_owned()).collect(),
        root: repository.root_file(),
        keys: vec![(1, ListKey([key; 32]))],
    };
    for (path, bytes) in repository.files() {
        let path = room.join("repository").join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    let config = enrol_file(room, &enrolment.bytes());
    let reports = Gateway::open(&config, NOW).unwrap();
    let reports = reports.host().refresh(NOW).unwrap();
    assert!(reports.iter().all(|one| one.succeeded()), "{reports:?}");
    config
}

/// A gateway whose list has the test merchants of these kinds, each with its own action.
pub(crate) fn gateway_of(room: &Path, kinds: &'static [Kind]) -> PathBuf {
    gateway_with(room, &[Made { kinds, ..GOOD }], KEY)
}

fn tested(lists: &[Made]) -> SelfTest {
    let room = tempfile::tempdir().unwrap();
    let config = gateway_with(room.path(), lists, KEY);
    self_test(Gateway::open(&config, NOW).unwrap().host(), NOW).unwrap()
}

/// Outcome, listed, clean, and the values that were missed and found.
type Told = (TestOutcome, u32, u32, Vec<String>, Vec<String>);

fn told(test: &SelfTest) -> Vec<Told> {
    let lists = test.lists.iter().map(|list| {
        let values = |names: &[interdict::TestName]| {
            let values = names.iter().map(|name| name.value.clone());
            values.collect::<Vec<_>>()
        };
        let (missed, found) = (values(&list.missed), values(&list.found));
        (list.outcome, list.listed, list.clean, missed, found)
    });
    lists.collect()
}

fn run(room: &Path, arguments: &[&str]) -> (i32, String) {
    let (code, text) = command::run(room, arguments);
    (code.unwrap(), text)
}

#[test]
fn a_list_passes_that_has_every_test_merchant_of_its_kinds_and_no_clean_one() {
    let test = tested(&[GOOD]);
    assert!(test.passed());
    assert_eq!((test.time, test.policy.len()), (NOW, 32));
    // Four of domain and iban each, two of label.
    assert_eq!(told(&test), [(TestOutcome::Passed, 10, 3, vec![], vec![])]);
    let every = Made {
        kinds: Kind::ALL,
        ..GOOD
    };
    let test = tested(&[every]);
    assert!(test.passed(), "{test:?}");
    assert_eq!(told(&test)[0].1 + told(&test)[0].2, 63);
}

#[test]
fn a_compact_list_passes_without_those_that_ask_to_monitor_and_fails_without_another() {
    let compact = Made { edition: 3, ..GOOD };
    let test = tested(std::slice::from_ref(&compact));
    assert_eq!(told(&test), [(TestOutcome::Passed, 7, 3, vec![], vec![])]);
    let without = Made {
        without: &["review.listed.test"],
        ..compact
    };
    let test = tested(&[without]);
    assert!(!test.passed());
    let missed = vec!["review.listed.test".to_owned()];
    assert_eq!(told(&test), [(TestOutcome::Failed, 7, 3, missed, vec![])]);
}

#[test]
fn a_missed_merchant_and_a_clean_one_that_is_found_fail_and_are_named() {
    let bad = Made {
        without: &["monitor.listed.test", "GB75TEST00000000000001"],
        with: &[(Kind::Domain, "clean.test")],
        ..GOOD
    };
    let test = tested(&[bad]);
    assert!(!test.passed());
    let missed = ["monitor.listed.test", "GB75TEST00000000000001"];
    let missed = missed.map(str::to_owned).to_vec();
    let found = vec!["clean.test".to_owned()];
    assert_eq!(told(&test), [(TestOutcome::Failed, 10, 3, missed, found)]);
}

#[test]
fn a_list_that_has_the_names_does_not_hide_another_that_lacks_them() {
    let bad = Made {
        list: "se/cards",
        without: &["block.listed.test"],
        ..GOOD
    };
    let test = tested(&[GOOD, bad]);
    assert!(!test.passed());
    let outcomes: Vec<_> = test
        .lists
        .iter()
        .map(|list| (list.list.as_str(), list.outcome))
        .collect();
    assert_eq!(
        outcomes,
        [
            ("se/cards", TestOutcome::Failed),
            ("se/merchants", TestOutcome::Passed)
        ]
    );
}

#[test]
fn a_list_without_its_key_one_that_is_not_loaded_and_no_list_at_all_never_pass() {
    let room = tempfile::tempdir().unwrap();
    let config = gateway_with(room.path(), &[GOOD], KEY + 1);
    let gateway = Gateway::open(&config, NOW).unwrap();
    let test = self_test(gateway.host(), NOW).unwrap();
    assert_eq!(told(&test)[0].0, TestOutcome::NoKey);
    assert!(!test.passed());
    assert_eq!(run(room.path(), &["selftest"]).0, 2);

    let files = room.path().join("state/se");
    for entry in fs::read_dir(&files).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            fs::remove_dir_all(path).unwrap();
        }
    }
    let (code, text) = run(room.path(), &["selftest"]);
    assert_eq!(code, 2, "{text}");
    assert!(
        text.contains("se/merchants of se: FAILED: it is not loaded"),
        "{text}"
    );

    let empty = tempfile::tempdir().unwrap();
    let config = crate::enrolment::empty_state(empty.path());
    fs::write(&config, "[policy]\nwithout_lists = true\n").unwrap();
    let gateway = Gateway::open(&config, NOW).unwrap();
    let test = self_test(gateway.host(), NOW).unwrap();
    assert!(test.lists.is_empty() && !test.passed() && test.policy.len() == 32);
    assert_eq!(run(empty.path(), &["selftest"]).0, 2);
    fs::remove_file(&config).unwrap();
    assert_eq!(run(empty.path(), &["selftest"]).0, 3);
}

/// Every file below a folder.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut all = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => all.extend(files(&path)),
            false => drop(all.insert(path.clone(), fs::read(path).unwrap())),
        }
    }
    all
}

#[test]
fn a_self_test_leaves_no_trace_in_audit_state_or_archive() {
    let room = tempfile::tempdir().unwrap();
    let config = gateway_with(room.path(), &[GOOD], KEY);
    let text = fs::read_to_string(&config).unwrap();
    fs::write(
        &config,
        format!("audit = \"audit.ndjson\"\narchive = \"archive\"\n{text}"),
    )
    .unwrap();
    fs::write(room.path().join("audit.ndjson"), "").unwrap();
    // The first command archives and compiles.
    assert_eq!(run(room.path(), &["describe"]).0, 0);
    let before = files(room.path());
    let (code, text) = run(room.path(), &["selftest"]);
    let line = "se/merchants of se: 10 listed were found, and none of 3 clean\npassed\n";
    assert_eq!((code, text.as_str()), (0, line));
    assert_eq!(files(room.path()), before);
    let (code, text) = run(room.path(), &["selftest", "--json"]);
    let json: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((code, &json["passed"]), (0, &Value::Bool(true)));
    assert_eq!(json["lists"][0]["outcome"], "passed");
}

#[test]
fn a_statement_says_what_was_tested_and_a_flipped_bit_anywhere_is_refused() {
    let room = tempfile::tempdir().unwrap();
    let one = Made {
        kinds: &[Kind::Domain],
        ..GOOD
    };
    let config = gateway_with(room.path(), &[one], KEY);
    let gateway = Gateway::open(&config, NOW).unwrap();
    let statement = Statement::new(gateway.host(), Some("pay.example"), None, NOW).unwrap();
    let key = PersonKey::create(KeyUse::SelfTest, "compliance").unwrap();
    let file = statement.sign(&key).unwrap();
    let read = Statement::verify(&file, &key.public()).unwrap();
    assert_eq!(read.signer, "compliance");
    assert_eq!(read.gateway.as_deref(), Some("pay.example"));
    assert_eq!(
        (read.time.as_str(), read.passed),
        ("2026-11-22T01:02:03Z", true)
    );
    assert_eq!(read.module.sha256.len(), 64);
    let [coalition] = &read.coalitions[..] else {
        panic!()
    };
    assert_eq!((coalition.coalition.as_str(), coalition.root), ("se", 1));
    let [release] = &coalition.releases[..] else {
        panic!()
    };
    let told = (release.list.as_str(), release.epoch, release.sequence);
    assert_eq!(told, ("se/merchants", 1, 1));
    assert_eq!(coalition.results[0].outcome, TestOutcome::Passed);

    for index in 0..file.len() {
        for bit in 0..8 {
            let mut flipped = file.clone();
            flipped[index] ^= 1 << bit;
            let refused = Statement::verify(&flipped, &key.public());
            assert!(refused.is_err(), "bit {bit} of byte {index}");
        }
    }
    for other in [&file[..file.len() - 1], &[&file[..], b" "].concat(), b""] {
        assert!(Statement::verify(other, &key.public()).is_err());
    }
    let other = PersonKey::create(KeyUse::SelfTest, "compliance").unwrap();
    assert!(Statement::verify(&file, &other.public()).is_err());
    assert!(Statement::verify(&file, &key.public().to_uppercase()).is_err());
}

#[test]
fn the_command_signs_for_one_coalition_with_a_key_of_its_own_kind_and_checks_what_it_signed() {
    let room = tempfile::tempdir().unwrap();
    gateway_with(room.path(), &[GOOD], KEY);
    let path = room.path();
    let (code, text) = run(
        path,
        &["selftest", "key", "the compliance", "--out", "keys"],
    );
    assert_eq!(code, 0, "{text}");
    let public = text
        .lines()
        .find(|line| line.len() == 64)
        .unwrap()
        .to_owned();
    let key = "keys/the-compliance.key";
    let sign = ["selftest", "--certificate", "q4.json", "--key", key];
    let (code, text) = run(path, &[&sign[..], &["--coalition", "se"]].concat());
    assert_eq!(code, 0, "{text}");
    let verify = ["selftest", "--verify", "q4.json", "--key", &public];
    let (code, text) = run(path, &verify);
    assert_eq!(code, 0, "{text}");
    for part in [
        "se/merchants of se: 10 listed were found, and none of 3 clean\n",
        "signed by \"the compliance\", at 2026-11-22T01:02:03Z\n",
        "coalition se, root version 1\n",
        "se/merchants: member edition, epoch 1, release 1, fresh\n",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    // The public half may be in a file, as the command that made it was told to write it.
    fs::write(path.join("officer.public"), format!("{public}\n")).unwrap();
    fs::write(path.join("other.public"), "0".repeat(63)).unwrap();
    for (key, expected, part) in [
        ("officer.public", 0, "signed by \"the compliance\""),
        (
            "other.public",
            3,
            "--key other.public: no public key of 64 digits 0-9 a-f, and no file that holds one",
        ),
        ("none.public", 3, "--key none.public: no public key"),
    ] {
        let (code, text) = run(path, &["selftest", "--verify", "q4.json", "--key", key]);
        assert!(code == expected && text.contains(part), "{key}: {text}");
    }
    // A statement is not overwritten, and one about a coalition that is not enrolled is not made.
    assert_eq!(run(path, &sign).0, 3);
    let stranger = [
        "--certificate",
        "no.json",
        "--key",
        key,
        "--coalition",
        "nl",
    ];
    assert_eq!(run(path, &[&["selftest"][..], &stranger].concat()).0, 3);
    assert!(!path.join("no.json").exists());

    let text = fs::read_to_string(path.join("q4.json")).unwrap();
    fs::write(
        path.join("q4.json"),
        text.replace("\"epoch\": 1", "\"epoch\": 2"),
    )
    .unwrap();
    let (code, text) = run(path, &verify);
    assert!(code == 2 && text.contains("REFUSED"), "{text}");

    // A key for overrides signs no statement.
    let key = PersonKey::create(DocumentKind::Override, "risk").unwrap();
    key.save(&path.join("risk.key")).unwrap();
    let (code, text) = run(
        path,
        &["selftest", "--certificate", "r.json", "--key", "risk.key"],
    );
    assert!(code == 3 && text.contains("no key file"), "{text}");
}

#[test]
fn a_failed_self_test_is_signed_as_failed() {
    let room = tempfile::tempdir().unwrap();
    let bad = Made {
        without: &["block.listed.test"],
        ..GOOD
    };
    let config = gateway_with(room.path(), &[bad], KEY);
    let gateway = Gateway::open(&config, NOW).unwrap();
    let statement = Statement::new(gateway.host(), None, Some("se"), NOW).unwrap();
    let key = PersonKey::create(KeyUse::SelfTest, "compliance").unwrap();
    let file = statement.sign(&key).unwrap();
    assert!(!Statement::verify(&file, &key.public()).unwrap().passed);
    fs::write(room.path().join("q4.json"), file).unwrap();
    let verify = ["selftest", "--verify", "q4.json", "--key", &key.public()];
    let (code, text) = run(room.path(), &verify);
    assert!(
        code == 2 && text.contains("were not found: domain block.listed.test"),
        "{text}"
    );
}
