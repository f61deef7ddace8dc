//! The real command, killed or out of space at every write of a file: a backup and a restore leave the state
//! before or the state after. A limit on the size of files does both, at the same byte in every run: the
//! kernel kills whoever writes beyond it, or refuses the write if the signal is ignored.

use std::fs;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Command, ExitStatus};

use interdict_publisher::{BackupKeys, Publisher};

use super::world::{World, rows};
use crate::coalition::{now, tree};

/// What `ulimit -f` counts in.
const BLOCK: u64 = 512;

/// Runs the command with files of so many blocks at most; `trap` says what happens to whoever writes more.
fn limited(room: &Path, blocks: u64, trap: &str, arguments: &str) -> ExitStatus {
    let command = env!("CARGO_BIN_EXE_interdict-publish");
    let script = format!(
        "ulimit -c 0; {trap} ulimit -f {blocks}; exec {command} --clock 2026-11-22T00:00:00Z {arguments}"
    );
    let mut shell = Command::new("sh");
    let shell = shell.args(["-c", &script]).current_dir(room);
    shell.output().unwrap().status
}

/// Limits at every write of a file of this size: SQLite writes pages, others 64 KiB and the rest.
fn limits(largest: u64) -> Vec<u64> {
    (0..=largest.div_ceil(BLOCK)).step_by(8).collect()
}

/// As large as a backup is at most.
fn largest(world: &World) -> u64 {
    let files = tree(&world.home());
    let bytes: usize = files.values().map(|bytes| bytes.len() + 1_024).sum();
    u64::try_from(bytes).unwrap()
}

fn world() -> World {
    let mut world = World::new();
    let rows = (0..400).map(|n| format!("domain,shop-{n}.example,x,block\n"));
    let rows: String = rows.collect();
    world.import(&rows, now());
    fs::write(
        world.home().with_file_name("key.txt"),
        world.identity_text(),
    )
    .unwrap();
    world.close();
    world
}

#[test]
fn a_backup_that_is_killed_or_out_of_space_leaves_no_file_and_the_next_one_works() {
    let world = world();
    let room = world.home().parent().unwrap().to_owned();
    let largest = largest(&world);
    let before = rows(&world.home().join("register.sqlite"));
    let (mut killed, mut refused, mut done) = (0, 0, 0);
    for blocks in limits(largest) {
        for trap in ["", "trap '' XFSZ;"] {
            let arguments = format!(
                "backup se se.age --with-keys --recipient {}",
                world.recipient()
            );
            let status = limited(&room, blocks, trap, &arguments);
            let file = room.join("se.age");
            match (status.success(), status.signal()) {
                (true, _) => {
                    done += 1;
                    let back = room.join("back");
                    Publisher::restore(&file, &back, &world.identity(), now()).unwrap();
                    fs::remove_dir_all(back).unwrap();
                    fs::remove_file(&file).unwrap();
                }
                (false, None) => {
                    refused += 1;
                    assert!(!file.exists() && !room.join("se.age.partial").exists());
                    assert!(tree(&world.home().join("staging")).is_empty(), "{blocks}");
                }
                (false, Some(_)) => {
                    killed += 1;
                    assert!(!file.exists());
                }
            }
            assert_eq!(rows(&world.home().join("register.sqlite")), before);
        }
    }
    println!("backup: {killed} killed, {refused} out of space, {done} done");
    assert!(
        killed > 10 && refused > 10 && done > 0,
        "{killed} {refused} {done}"
    );
    let arguments = format!("backup se se.age --recipient {}", world.recipient());
    assert!(limited(&room, 1 << 20, "", &arguments).success());
    assert!(tree(&world.home().join("staging")).is_empty());
}

#[test]
fn a_restore_that_is_killed_or_out_of_space_leaves_no_directory_and_the_next_one_works() {
    let mut world = world();
    let room = world.home().parent().unwrap().to_owned();
    let largest = largest(&world);
    world.open();
    world.backup(BackupKeys::With);
    world.close();
    let mut expected = rows(&world.home().join("register.sqlite"));
    let (mut killed, mut refused, mut done) = (0, 0, 0);
    for blocks in limits(largest) {
        for trap in ["", "trap '' XFSZ;"] {
            let status = limited(
                &room,
                blocks,
                trap,
                "restore se.age back --identity key.txt",
            );
            let back = room.join("back");
            match (status.success(), status.signal()) {
                (true, _) => {
                    done += 1;
                    let mut found = rows(&back.join("register.sqlite"));
                    found.retain(|row| !row.contains("restored"));
                    expected.retain(|row| !row.contains("restored"));
                    assert_eq!(found, expected);
                    fs::remove_dir_all(back).unwrap();
                }
                (false, None) => {
                    refused += 1;
                    assert!(!back.exists() && !room.join("back.restoring").exists());
                }
                (false, Some(_)) => {
                    killed += 1;
                    assert!(!back.exists());
                }
            }
        }
    }
    println!("restore: {killed} killed, {refused} out of space, {done} done");
    assert!(
        killed > 10 && refused > 10 && done > 0,
        "{killed} {refused} {done}"
    );
    assert!(!room.join("back.restoring").exists());
}
