//! The state directory and the enrolment file.

use std::sync::Arc;

use interdict_helpers::{NOW, TinyModule};
use interdict_host::{
    Choices, CoalitionSettings, Enrolled, Enrolment, EnrolmentError, Error, Gateway, OtherRoot,
    Settings, Store, StoreError, enrol,
};
use serde_json::{Value, json};

use crate::opened::{open, settings, tiny_settings};

fn enrolment() -> Value {
    json!({
        "format": "interdict-enrolment-1", "coalition": "se", "member": "bank-a",
        "repository": "/nowhere", "root": "cm9vdCAx", "lists": ["se/merchants"],
        "keys": [{"epoch": 1, "key": "ab".repeat(32)}],
    })
}

fn read(enrolment: &Value) -> Result<Enrolment, EnrolmentError> {
    Enrolment::read(enrolment.to_string().as_bytes())
}

fn with(member: &str, value: Value) -> Value {
    let mut enrolment = enrolment();
    enrolment[member] = value;
    enrolment
}

fn take(settings: &Settings, value: &Value, other: OtherRoot) -> Result<Enrolled, Error> {
    let enrolment = read(value).unwrap();
    enrol(&settings.module, &settings.state, &enrolment, other, NOW)
}

#[test]
fn settings_of_a_coalition_that_is_not_enrolled_are_refused() {
    let room = tempfile::tempdir().unwrap();
    let special = CoalitionSettings {
        mirror: Some("/mirror".to_owned()),
        ..CoalitionSettings::default()
    };
    let settings = Settings {
        coalitions: [("se".to_owned(), special)].into(),
        ..tiny_settings(room.path(), &TinyModule::default())
    };
    let refused = open(settings.clone());
    assert!(matches!(refused, Err(Error::NotEnrolled(name)) if name == "se"));
    take(&settings, &enrolment(), OtherRoot::Refuse).unwrap();
    assert!(open(settings).is_ok());
}

#[test]
fn a_receipt_key_that_is_gone_and_secrets_that_others_may_read_are_told() {
    let room = tempfile::tempdir().unwrap();
    let settings = tiny_settings(room.path(), &TinyModule::default());
    let told = || -> Vec<String> {
        let warnings = open(settings.clone()).unwrap().warnings();
        warnings.iter().map(ToString::to_string).collect()
    };
    assert_eq!(told(), [] as [String; 0], "nothing is enrolled");
    take(&settings, &enrolment(), OtherRoot::Refuse).unwrap();
    assert_eq!(told(), [] as [String; 0]);
    let key = room.path().join("state/receipt.key");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let enrolment = room.path().join("state/se/enrolment.json");
        for (path, mode) in [(&enrolment, 0o644), (&key, 0o660)] {
            std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
        }
        let [first, second] = &told()[..] else {
            panic!()
        };
        assert!(
            first.contains("enrolment.json") && first.contains("chmod 600"),
            "{first}"
        );
        assert!(second.contains("receipt.key"), "{second}");
        std::fs::set_permissions(&enrolment, PermissionsExt::from_mode(0o600)).unwrap();
    }
    std::fs::remove_file(&key).unwrap();
    let [lost] = &told()[..] else { panic!() };
    assert!(lost.contains("receipt.key is gone"), "{lost}");
    take(&settings, &enrolment(), OtherRoot::Refuse).unwrap();
    assert_eq!(told(), [] as [String; 0]);
}

#[test]
fn an_enrolment_is_exactly_what_the_format_says() {
    assert!(read(&enrolment()).is_ok());
    let unknown = read(&with("note", json!("x"))).unwrap_err();
    assert_eq!(
        unknown.to_string(),
        "a member the enrolment format does not have"
    );
    let mut missing = enrolment();
    missing.as_object_mut().unwrap().remove("lists");
    assert_eq!(
        read(&missing).unwrap_err().to_string(),
        "lists: a member the enrolment format requires is missing"
    );
    assert_eq!(
        read(&with("format", json!("interdict-enrolment-2"))),
        Err(EnrolmentError::Format)
    );
    for (member, value) in [
        ("coalition", json!("../se")),
        ("coalition", json!("SE")),
        ("member", json!("a\u{1b}[2J")),
        ("repository", json!("")),
        ("root", json!("not base64!")),
        ("lists", json!([])),
        ("lists", json!(["merchants"])),
        ("keys", json!([{"epoch": 1, "key": "AB".repeat(32)}])),
        ("keys", json!([{"epoch": 0, "key": "ab".repeat(32)}])),
        (
            "keys",
            json!([{"epoch": 1, "key": "ab".repeat(32)}, {"epoch": 1, "key": "cd".repeat(32)}]),
        ),
    ] {
        let refused = read(&with(member, value.clone())).unwrap_err();
        assert!(
            refused.to_string().starts_with(member),
            "{refused}: {value}"
        );
    }
}

#[test]
fn a_key_of_the_wrong_type_is_not_repeated_in_the_error() {
    let error = read(&with("keys", json!(["5ec7e75ec7e7"])))
        .unwrap_err()
        .to_string();
    assert!(!error.contains("5ec7e7"), "{error}");
}

#[test]
fn another_root_is_refused_unless_it_is_asked_for() {
    let room = tempfile::tempdir().unwrap();
    // The tiny module trusts every root, which is what this test needs.
    let settings = tiny_settings(room.path(), &TinyModule::default());
    let take = |value: &Value, other| take(&settings, value, other);
    assert_eq!(
        take(&enrolment(), OtherRoot::Refuse).unwrap(),
        Enrolled::Added
    );
    let key = std::fs::read(room.path().join("state/receipt.key")).unwrap();

    let keys = json!([{"epoch": 1, "key": "ab".repeat(32)}, {"epoch": 2, "key": "cd".repeat(32)}]);
    let renewed = take(&with("keys", keys), OtherRoot::Refuse).unwrap();
    assert_eq!(renewed, Enrolled::Merged { new_keys: 1 });
    // The first file again takes no key away.
    let again = take(&enrolment(), OtherRoot::Refuse).unwrap();
    assert_eq!(again, Enrolled::Merged { new_keys: 0 });
    let store = Store::open(&room.path().join("state")).unwrap();
    assert_eq!(store.enrolment("se").unwrap().unwrap().keys().len(), 2);

    let other = with("root", json!("cm9vdCAy"));
    assert!(matches!(
        take(&other, OtherRoot::Refuse),
        Err(Error::OtherRoot(_))
    ));
    assert_eq!(store.enrolment("se").unwrap().unwrap().root(), b"root 1");

    // A root that was verified from the pinned one is the same trust.
    let shelf = room.path().join("state/se");
    std::fs::create_dir(shelf.join("generation-1")).unwrap();
    std::fs::write(shelf.join("generation-1/2.root.json"), b"root 2").unwrap();
    std::fs::write(shelf.join("current"), "1\n").unwrap();
    assert_eq!(
        take(&other, OtherRoot::Refuse).unwrap(),
        Enrolled::Merged { new_keys: 0 }
    );
    assert_eq!(store.enrolment("se").unwrap().unwrap().root(), b"root 1");

    let third = with("root", json!("cm9vdCAz"));
    assert_eq!(
        take(&third, OtherRoot::Replace).unwrap(),
        Enrolled::Replaced
    );
    assert!(!shelf.join("current").exists() && !shelf.join("generation-1").exists());
    assert_eq!(
        std::fs::read(room.path().join("state/receipt.key")).unwrap(),
        key
    );
    #[cfg(unix)]
    for file in ["receipt.key", "se/enrolment.json"] {
        use std::os::unix::fs::PermissionsExt as _;
        let path = room.path().join("state").join(file);
        assert_eq!(
            path.metadata().unwrap().permissions().mode() & 0o777,
            0o600,
            "{file}"
        );
    }
}

#[test]
fn another_key_of_a_known_epoch_is_refused_unless_it_is_asked_for() {
    let room = tempfile::tempdir().unwrap();
    let settings = tiny_settings(room.path(), &TinyModule::default());
    let take = |value: &Value, other| take(&settings, value, other);
    take(&enrolment(), OtherRoot::Refuse).unwrap();
    let store = Store::open(&room.path().join("state")).unwrap();
    let before = store.enrolment("se").unwrap();
    let keys = json!([{"epoch": 2, "key": "ab".repeat(32)}, {"epoch": 1, "key": "cd".repeat(32)}]);
    let other = with("keys", keys);
    let error = take(&other, OtherRoot::Refuse).unwrap_err();
    assert!(
        matches!(&error, Error::OtherKey { epoch: 1, .. }),
        "{error}"
    );
    assert!(!error.to_string().contains("cdcd"), "{error}");
    assert_eq!(store.enrolment("se").unwrap(), before, "no key was taken");
    let replaced = take(&other, OtherRoot::Replace).unwrap();
    assert_eq!(replaced, Enrolled::Replaced);
    assert_eq!(store.enrolment("se").unwrap().unwrap().keys().len(), 2);
    // Asked for without need, nothing is forgotten.
    let again = take(&other, OtherRoot::Replace).unwrap();
    assert_eq!(again, Enrolled::Merged { new_keys: 0 });
}

#[test]
fn a_root_the_module_does_not_trust_is_not_saved() {
    let room = tempfile::tempdir().unwrap();
    let error = take(&settings(room.path()), &enrolment(), OtherRoot::Refuse).unwrap_err();
    assert!(matches!(error, Error::NotTrusted(_)), "{error}");
    assert!(!room.path().join("state/se").exists());
}

#[test]
fn one_process_at_a_time_changes_the_state() {
    let room = tempfile::tempdir().unwrap();
    let gateway = open(settings(room.path())).unwrap();
    let store = Store::open(&room.path().join("state")).unwrap();
    let lock = store.lock().unwrap();
    assert!(matches!(
        gateway.refresh(NOW),
        Err(Error::Store(StoreError::Busy(_)))
    ));
    assert!(gateway.state(NOW).is_ok());
    drop(lock);
    assert_eq!(gateway.refresh(NOW).unwrap(), []);
}

#[test]
fn a_damaged_enrolment_or_receipt_key_is_not_passed_over() {
    let room = tempfile::tempdir().unwrap();
    let settings = tiny_settings(room.path(), &TinyModule::default());
    std::fs::create_dir_all(room.path().join("state/se")).unwrap();
    let enrolment = room.path().join("state/se/enrolment.json");
    std::fs::write(&enrolment, b"{").unwrap();
    assert!(matches!(
        open(settings.clone()),
        Err(Error::Store(StoreError::Enrolment { .. }))
    ));
    std::fs::remove_file(&enrolment).unwrap();
    std::fs::write(room.path().join("state/receipt.key"), b"").unwrap();
    assert!(matches!(
        open(settings),
        Err(Error::Store(StoreError::Damaged(_)))
    ));
}

#[test]
fn a_state_with_a_pages_folder_is_refused_by_name() {
    let room = tempfile::tempdir().unwrap();
    let settings = tiny_settings(room.path(), &TinyModule::default());
    take(&settings, &enrolment(), OtherRoot::Refuse).unwrap();
    let gateway = open(settings.clone()).unwrap();
    let pages = settings.state.join("se/pages");
    std::fs::create_dir(&pages).unwrap();
    let told = format!(
        "{}: pages of records were removed, and records are loaded whole; delete this folder, then refresh",
        pages.display()
    );
    let again = take(&settings, &enrolment(), OtherRoot::Refuse);
    for refused in [
        open(settings.clone()).map(drop),
        gateway.reload(NOW),
        gateway.refresh(NOW).map(drop),
        again.map(drop),
    ] {
        assert_eq!(refused.unwrap_err().to_string(), told);
    }
    std::fs::remove_dir(&pages).unwrap();
    gateway.reload(NOW).unwrap();
    open(settings).unwrap();
}

#[test]
fn a_clock_that_is_off_is_an_error() {
    let room = tempfile::tempdir().unwrap();
    let choices = Arc::new(Choices::default());
    let error = Gateway::open(settings(room.path()), choices, 0).unwrap_err();
    assert!(error.to_string().contains("clock"), "{error}");
}

/// What a gateway says of its state directory, opened and refreshed: an error or its warnings. It must not take
/// longer than an honest one.
#[cfg(unix)]
fn told_at_once(room: &std::path::Path) -> String {
    let (send, told) = std::sync::mpsc::channel();
    let room = room.to_owned();
    std::thread::spawn(move || {
        let text = match open(settings(&room)) {
            Err(error) => error.to_string(),
            Ok(gateway) => {
                let mut told: Vec<String> =
                    gateway.warnings().iter().map(ToString::to_string).collect();
                match gateway.refresh(NOW) {
                    Err(error) => told.push(error.to_string()),
                    Ok(reports) => {
                        told.extend(reports.iter().map(|report| report.outcome.to_string()));
                    }
                }
                told.join("\n")
            }
        };
        let _ = send.send(text);
    });
    told.recv_timeout(std::time::Duration::from_secs(60))
        .expect("it waits for nobody")
}

#[cfg(unix)]
#[test]
fn a_pipe_a_device_or_a_directory_instead_of_any_state_file_is_named_at_once() {
    use interdict_helpers::{Coalition, base};
    for file in [
        "lock",
        "receipt.key",
        "member.key",
        "se/lock",
        "se/enrolment.json",
        "se/current",
        "se/history",
        "se/generation-1/timestamp.json",
        "se/generation-1/se%2fmerchants.member-1.filter",
    ] {
        for kind in ["pipe", "device", "directory"] {
            let room = tempfile::tempdir().unwrap();
            let coalition = Coalition::new(room.path());
            crate::opened::enrol_file(room.path(), &coalition.enrolment("repository", &[1]));
            coalition.publish(1, &[base()]);
            open(settings(room.path())).unwrap().refresh(NOW).unwrap();
            let path = room.path().join("state").join(file);
            let _ = std::fs::remove_file(&path);
            match kind {
                "pipe" => {
                    let made = std::process::Command::new("mkfifo").arg(&path).status();
                    assert!(made.unwrap().success());
                }
                "device" => std::os::unix::fs::symlink("/dev/zero", &path).unwrap(),
                _ => std::fs::create_dir(&path).unwrap(),
            }
            let told = told_at_once(room.path());
            assert!(
                told.contains(path.to_str().unwrap()),
                "{kind} {file}: {told}"
            );
        }
    }
}
