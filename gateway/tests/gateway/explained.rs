//! The rules in force, as a person reads them.

use std::process::{Command, Output};

use interdict_core::common::time::Time;
use interdict_helpers::NOW;
use interdict_host::{Enrolment, Module, OtherRoot, enrol};
use interdict_publisher::{
    Format, ImportOptions, InitOptions, NewMember, Publisher, ReleaseOptions, STANDARD_TYPOLOGIES,
    TestKeys,
};

#[test]
fn a_gateway_with_a_fresh_pack_is_told_that_its_rules_count_and_later_that_they_do_not() {
    let room = tempfile::tempdir().unwrap();
    let now = Time::from_seconds(NOW);
    let init = InitOptions::new("se", TestKeys::Yes, now);
    let mut publisher = Publisher::init(&room.path().join("se"), &init).unwrap();
    let csv = "kind,value,action\ndomain,shop.example,block\n";
    let options = ImportOptions::new(Format::Csv, "se");
    publisher.import(csv.as_bytes(), &options, now).unwrap();
    publisher
        .set_typologies(None, STANDARD_TYPOLOGIES, now)
        .unwrap();
    publisher.release(now, &ReleaseOptions::default()).unwrap();
    let address = format!("file:{}", room.path().join("se/repository").display());
    let enrolment = publisher
        .member_add(&NewMember::by_hand("bank-a", &address), now)
        .unwrap();
    let policy = "policy.required = { se = [\"se/merchants\"] }\n";
    std::fs::write(room.path().join("gateway.toml"), policy).unwrap();
    let enrolment = Enrolment::read(&enrolment.to_bytes()).unwrap();
    let module = Module::built_in().unwrap();
    let state = room.path().join("state");
    enrol(&module, &state, &enrolment, OtherRoot::Refuse, NOW).unwrap();
    let run = |command: &str, now: u32| -> (Option<i32>, String) {
        let Output { status, stdout, .. } = Command::new(env!("CARGO_BIN_EXE_interdict"))
            .current_dir(room.path())
            .args([command, "--now", &Time::from_seconds(now).to_string()])
            .output()
            .unwrap();
        (status.code(), String::from_utf8(stdout).unwrap())
    };
    assert_eq!(run("refresh", NOW).0, Some(0));
    let (code, told) = run("explain-rules", NOW);
    assert_eq!(code, Some(0), "{told}");
    assert!(
        told.starts_with("standard of se/merchants (se), version 2: counts\n"),
        "{told}"
    );
    for id in 2..=17 {
        assert!(told.contains(&format!("\n  T{id:02}  ")), "{told}");
    }
    let (code, told) = run("explain-rules", NOW + 2 * 365 * 86_400);
    assert_eq!(code, Some(2), "{told}");
    assert!(told.contains("DOES NOT COUNT"), "{told}");
}
