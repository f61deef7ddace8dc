//! A ListKey that is gone: what `release` says, and that the commands it names work.

use std::fs;

use super::commands::{Desk, TODAY, said};

/// The commands that a message names, in order.
fn commands(message: &str) -> Vec<Vec<&str>> {
    let named = message.split('`').skip(1).step_by(2);
    let named = named.filter_map(|one| one.strip_prefix("interdict-publish "));
    named.map(|one| one.split(' ').collect()).collect()
}

#[test]
fn a_lost_key_of_the_only_epoch_is_named_and_the_commands_that_help_publish_again() {
    let desk = Desk::new();
    desk.well(TODAY, &["release", "se"]);
    let key = desk.path().join("se/keys/TEST-list-key-1.hex");
    fs::remove_file(&key).unwrap();
    for command in [&["release", "se"][..], &["plan", "se"]] {
        let output = desk.run(TODAY, command);
        let message = said(&output);
        assert_eq!(output.status.code(), Some(6), "{message}");
        for part in [
            "keys/TEST-list-key-1.hex is missing",
            "list key of epoch 1",
            "backup with keys",
            "othing was published",
        ] {
            assert!(message.contains(part), "{part} is not in: {message}");
        }
    }
    let message = desk.refused(TODAY, &["release", "se"]);
    let commands = commands(&message);
    let names = commands.iter().map(|one| one[0]);
    assert_eq!(
        names.collect::<Vec<_>>(),
        ["restore", "recover", "epoch", "release"]
    );
    // The first is for whoever has a backup, and it needs the file's name.
    for command in &commands[1..] {
        desk.well(TODAY, command);
    }
    let status = desk.well(TODAY, &["status", "se"]);
    assert!(status.contains("member epoch 2: release 102"), "{status}");
    assert!(!status.contains("member epoch 1"), "{status}");
}

#[test]
fn a_key_that_is_put_back_is_all_that_a_release_needs() {
    let desk = Desk::new();
    desk.well(TODAY, &["release", "se"]);
    let key = desk.path().join("se/keys/TEST-list-key-1.hex");
    let away = desk.path().join("away.hex");
    fs::rename(&key, &away).unwrap();
    desk.refused(TODAY, &["release", "se"]);
    fs::rename(&away, &key).unwrap();
    desk.well(TODAY, &["release", "se"]);
}
