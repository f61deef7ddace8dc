//! `gateway.toml`, and what the gateway says about it.

use std::process::Command;

use interdict::{Config, Error, Gateway};
use interdict_helpers::{Coalition, NOW, TinyModule, base};
use interdict_host::Addresses;

use crate::enrolment::{empty_state, enrol_file};

#[test]
fn a_configuration_with_an_unknown_name_is_refused_with_its_line() {
    let room = tempfile::tempdir().unwrap();
    let path = room.path().join("gateway.toml");
    for (text, line) in [
        ("# one\nstate = \"s\"\nstat = 1\n", "line 3"),
        (
            "[[repository]]\ncoalition = \"se\"\nurl = \"/x\"\nkey = 1\n",
            "line 4",
        ),
        ("state = \n", "line 1"),
        ("[[repository]]\ncoalition = \"se\"\n", "line 2"),
        ("\nmodule_sha256 = \"ab\"\n", "line 2"),
        ("module = \"x\"\n\nmodule_sha256 = \"AB\"\n", "line 3"),
        (
            "[[repository]]\ncoalition = \"se\"\nurl = \"/x\"\n[[repository]]\nurl = \"/y\"\ncoalition = \"se\"\n",
            "line 6",
        ),
        ("\n\n[polices]\n", "line 3"),
        ("\nreceipts = \"sometimes\"\n", "line 2"),
    ] {
        std::fs::write(&path, text).unwrap();
        let error = Config::read(&path).unwrap_err().to_string();
        assert!(error.contains(line), "{error}");
    }
}

#[test]
fn records_paged_in_a_configuration_is_refused_by_name() {
    let room = tempfile::tempdir().unwrap();
    let path = room.path().join("gateway.toml");
    for value in ["\"paged\"", "\"whole\"", "7"] {
        let text = format!("[[repository]]\ncoalition = \"se\"\nurl = \"/x\"\nrecords = {value}\n");
        std::fs::write(&path, text).unwrap();
        let error = Config::read(&path).unwrap_err().to_string();
        let told = "line 4: pages of records were removed, and records are always loaded whole; \
            delete this line";
        assert!(error.contains(told), "{error}");
    }
}

#[test]
fn what_is_said_of_a_coalition_that_is_not_enrolled_is_not_passed_over() {
    let room = tempfile::tempdir().unwrap();
    let config = empty_state(room.path());
    let special = "# one\n\n[[repository]]\nurl = \"/mirror\"\ncoalition = \"se\"\n";
    std::fs::write(&config, special).unwrap();
    let error = Gateway::open(&config, NOW).unwrap_err().to_string();
    assert!(
        error.contains("line 5: no coalition \"se\" is enrolled"),
        "{error}"
    );
    // A mirror may be named before the coalition is enrolled.
    let coalition = Coalition::new(room.path());
    enrol_file(room.path(), &coalition.enrolment("/nowhere", &[1]));
    assert!(Gateway::open(&config, NOW).is_ok());
}

#[test]
fn a_policy_the_module_refuses_keeps_the_gateway_from_opening() {
    let room = tempfile::tempdir().unwrap();
    let path = empty_state(room.path());
    for policy in [
        "review_scor = 700",
        "review_score = 7000",
        "review_score = 0.5",
    ] {
        std::fs::write(&path, format!("[policy]\nwithout_lists = true\n{policy}\n")).unwrap();
        let error = Gateway::open(&path, NOW).unwrap_err();
        assert!(matches!(error, Error::Policy { .. }), "{policy}: {error}");
    }
    std::fs::write(
        &path,
        "[policy]\nwithout_lists = true\nlist_max_age_days = 20\n",
    )
    .unwrap();
    assert!(Gateway::open(&path, NOW).is_ok());
}

#[test]
fn another_module_may_be_named() {
    let room = tempfile::tempdir().unwrap();
    let config = empty_state(room.path());
    std::fs::write(room.path().join("tiny.wasm"), TinyModule::default().bytes()).unwrap();
    std::fs::write(&config, "module = \"tiny.wasm\"\n").unwrap();
    let gateway = Gateway::open(&config, NOW).unwrap();
    assert_eq!(gateway.host().screen("{}", NOW).unwrap().score, 7);
}

#[test]
fn a_module_of_another_digest_than_the_configuration_says_is_not_run() {
    let room = tempfile::tempdir().unwrap();
    let config = empty_state(room.path());
    std::fs::write(room.path().join("tiny.wasm"), TinyModule::default().bytes()).unwrap();
    let open = |sha256: &str| {
        let text = format!("module = \"tiny.wasm\"\nmodule_sha256 = \"{sha256}\"\n");
        std::fs::write(&config, text).unwrap();
        Gateway::open(&config, NOW)
    };
    let refused = open(&"0".repeat(64)).unwrap_err().to_string();
    let (_, rest) = refused.split_once("tiny.wasm: its SHA-256 is ").unwrap();
    let found = rest[..64].to_owned();
    assert!(rest[64..].starts_with(" and not 0000"), "{refused}");
    assert!(open(&found).is_ok());
    // The file is replaced, and the configuration is not.
    let other = TinyModule {
        max_pages: Some(65),
        ..TinyModule::default()
    };
    std::fs::write(room.path().join("tiny.wasm"), other.bytes()).unwrap();
    assert!(open(&found).is_err());
}

#[test]
fn a_module_that_is_refused_is_named_with_its_file() {
    let room = tempfile::tempdir().unwrap();
    let config = empty_state(room.path());
    std::fs::write(&config, "module = \"no.wasm\"\n").unwrap();
    std::fs::write(room.path().join("no.wasm"), b"\0asm").unwrap();
    let refused = Gateway::open(&config, NOW).unwrap_err().to_string();
    assert!(refused.contains("no.wasm"), "{refused}");
}

#[test]
fn permission_for_a_private_repository_is_added_once_and_never_to_a_table_that_is_there() {
    let room = tempfile::tempdir().unwrap();
    let path = room.path().join("gateway.toml");
    std::fs::write(&path, "state = \"s\"").unwrap();
    let addresses = || Config::read(&path).unwrap().addresses("se");
    assert_eq!(addresses(), Addresses::Public);
    Config::allow_private(&path, "se").unwrap();
    assert_eq!(addresses(), Addresses::Private);
    for table in [
        "[[repository]]\ncoalition = \"se\"\nurl = \"/mirror\"\n",
        "repository = [{coalition = \"nl\", url = \"/x\"}]\n",
    ] {
        std::fs::write(&path, table).unwrap();
        let refused = Config::allow_private(&path, "se").unwrap_err().to_string();
        assert!(refused.contains("add allow_private = true"), "{refused}");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), table);
    }
}

/// A directory that is restored whole cannot be told from the one it was, except by what lies outside it.
#[test]
fn a_floor_as_it_is_printed_is_reached_and_one_above_it_is_a_doubt() {
    let room = tempfile::tempdir().unwrap();
    let coalition = Coalition::new(room.path());
    let config = enrol_file(room.path(), &coalition.enrolment("repository", &[1]));
    coalition.publish(1, &[base()]);
    Gateway::open(&config, NOW)
        .unwrap()
        .host()
        .refresh(NOW)
        .unwrap();
    let printed = Command::new(env!("CARGO_BIN_EXE_interdict"))
        .args([
            "describe",
            "--floor",
            "--now",
            "2026-11-22T01:02:03Z",
            "--config",
        ])
        .arg(&config)
        .output()
        .unwrap();
    let floor = String::from_utf8(printed.stdout).unwrap();
    assert_eq!(
        floor,
        "[at_least.se]\nroot = 1\ntimestamp = 1\nsnapshot = 1\ntargets = 1\nlists = { \"se/merchants\" = 1 }\n"
    );
    let before = std::fs::read_to_string(&config).unwrap();
    let doubts = |floor: &str| {
        std::fs::write(&config, format!("{before}{floor}")).unwrap();
        let gateway = Gateway::open(&config, NOW).unwrap();
        gateway.host().state(NOW).unwrap().remove(0).doubts
    };
    assert_eq!(doubts(&floor), [""; 0]);
    for (from, to) in [("timestamp = 1", "timestamp = 2"), ("\" = 1 }", "\" = 2 }")] {
        assert_eq!(doubts(&floor.replace(from, to)), ["rolled_back"], "{to}");
    }
    let stranger = floor.replace("at_least.se", "at_least.nl");
    std::fs::write(&config, format!("{before}{stranger}")).unwrap();
    let error = Gateway::open(&config, NOW).unwrap_err().to_string();
    assert!(error.contains("no coalition \"nl\" is enrolled"), "{error}");
}

#[test]
fn a_state_directory_that_is_not_where_it_should_be_is_no_empty_one() {
    let room = tempfile::tempdir().unwrap();
    let coalition = Coalition::new(room.path());
    let config = enrol_file(room.path(), &coalition.enrolment("/nowhere", &[1]));
    assert!(Gateway::open(&config, NOW).is_ok());
    let text = std::fs::read_to_string(&config).unwrap();
    std::fs::write(&config, format!("state = \"stat\"\n{text}")).unwrap();
    for command in [["describe"], ["refresh"], ["screen"]] {
        let output = Command::new(env!("CARGO_BIN_EXE_interdict"))
            .args(command)
            .arg("--config")
            .arg(&config)
            .output()
            .unwrap();
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(told.contains("there is no state directory here"), "{told}");
        assert!(!output.status.success());
    }
    assert!(!room.path().join("stat").exists());
}
