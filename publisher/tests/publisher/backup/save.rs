//! What a backup holds and what it never does.

use std::fs;
use std::io::Read as _;
use std::path::Path;

use interdict_publisher::{BackupError, BackupKeys, BackupRecipients, PublisherError, TestKeys};

use super::world::{World, rows};
use crate::coalition::{saved, tree};

/// The members of a backup, by the age and tar crates alone.
fn members(world: &World, file: &Path) -> Vec<(String, Vec<u8>)> {
    let identity: age::x25519::Identity = secret(world).parse().unwrap();
    let bytes = fs::read(file).unwrap();
    let decryptor = age::Decryptor::new(&bytes[..]).unwrap();
    let identity = std::iter::once(&identity as &dyn age::Identity);
    let mut archive = tar::Archive::new(decryptor.decrypt(identity).unwrap());
    let entries = archive.entries().unwrap().map(|entry| {
        let mut entry = entry.unwrap();
        let name = entry.path().unwrap().to_str().unwrap().to_owned();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        (name, bytes)
    });
    entries.collect()
}

fn secret(world: &World) -> String {
    let mut lines = world.identity_text().lines();
    lines
        .find(|line| !line.starts_with('#'))
        .unwrap()
        .to_owned()
}

#[test]
fn a_backup_is_a_tar_archive_inside_age_whose_manifest_names_every_member() {
    let mut world = World::new();
    fs::write(world.home().join("keys/notes.txt"), "not ours").unwrap();
    let report = world.backup(BackupKeys::With);
    let members = members(&world, &world.file());
    let names: Vec<&str> = members.iter().map(|(name, _)| name.as_str()).collect();
    let first = ["manifest.json", "register.sqlite", "history.jsonl"];
    assert_eq!(names[..3], first);
    let keys = tree(&world.home().join("keys"));
    let ours = keys.keys().filter(|name| *name != "notes.txt");
    let ours: Vec<String> = ours.map(|name| format!("keys/{name}")).collect();
    assert_eq!(
        names
            .iter()
            .filter(|name| name.starts_with("keys/"))
            .count(),
        ours.len()
    );
    assert_eq!(report.keys, ours.len());
    for name in &ours {
        let (_, bytes) = members.iter().find(|(member, _)| member == name).unwrap();
        assert_eq!(Some(bytes), keys.get(&name[5..]));
    }
    let manifest: serde_json::Value = serde_json::from_slice(&members[0].1).unwrap();
    assert_eq!(manifest["coalition"], "se");
    assert_eq!(manifest["created"], "2026-11-22T00:00:00Z");
    assert_eq!(manifest["versions"]["targets"], 1);
    assert_eq!(manifest["sequences"]["se/merchants"], 1);
    for (at, (name, bytes)) in members[1..].iter().enumerate() {
        let named = &manifest["members"][at];
        assert_eq!(named["name"], *name);
        assert_eq!(named["length"], bytes.len());
    }
    let copy = world.file().with_file_name("copy.sqlite");
    fs::write(&copy, &members[1].1).unwrap();
    assert_eq!(rows(&copy), rows(&world.home().join("register.sqlite")));
}

#[test]
fn a_backup_is_its_owners_alone_and_overwrites_nothing() {
    use std::os::unix::fs::PermissionsExt as _;

    let mut world = World::new();
    world.backup(BackupKeys::Without);
    let mode = fs::metadata(world.file()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let before = fs::read(world.file()).unwrap();
    let file = world.file();
    let again = world.try_backup(&file, BackupKeys::With);
    let exists = PublisherError::Backup(BackupError::Exists(file.clone()));
    assert_eq!(again.unwrap_err().to_string(), exists.to_string());
    assert_eq!(fs::read(&file).unwrap(), before);
}

#[test]
fn no_copy_of_the_register_is_left_behind_whether_or_not_the_file_could_be_written() {
    let mut world = World::new();
    let before = saved(&world.home());
    world.backup(BackupKeys::With);
    assert_eq!(saved(&world.home()), before);
    let nowhere = world.home().with_file_name("none").join("se.age");
    assert!(world.try_backup(&nowhere, BackupKeys::With).is_err());
    assert_eq!(saved(&world.home()), before);
}

#[test]
fn a_leftover_of_a_killed_backup_is_replaced() {
    let mut world = World::new();
    let left = world.home().join("staging/backup.sqlite");
    fs::write(&left, "half a register").unwrap();
    let partial = world.file().with_file_name("se.age.partial");
    fs::write(&partial, "half a backup").unwrap();
    world.backup(BackupKeys::Without);
    assert!(!left.exists() && !partial.exists());
    let members = members(&world, &world.file());
    assert!(members.iter().all(|(_, bytes)| !bytes.starts_with(b"half")));
}

#[test]
fn the_history_goes_with_the_register_up_to_where_it_stood() {
    let mut world = World::new();
    let history = world.home().join("history.jsonl");
    let text = fs::read(&history).unwrap();
    // A command that was killed before its deed was complete.
    let cut = r#"{"deed":99,"at":"2026-11-22T00:00:00Z","by":"x","command":"import"}"#;
    fs::write(&history, [&text[..], cut.as_bytes()].concat()).unwrap();
    let report = world.backup(BackupKeys::Without);
    assert_eq!(report.history, u64::try_from(text.len()).unwrap());
    let members = members(&world, &world.file());
    assert_eq!(members[2], ("history.jsonl".to_owned(), text));
}

#[test]
fn what_the_last_release_said_goes_with_the_register_wherever_it_lies() {
    let mut world = World::new();
    let published = tree(&world.home().join("published"));
    assert_eq!(published.len(), 1, "the records of one list");
    let in_backup = |world: &World| {
        let members = members(world, &world.file()).into_iter();
        let own = members.filter_map(|(name, bytes)| {
            let name = name.strip_prefix("published/")?;
            Some((name.to_owned(), bytes))
        });
        own.collect::<std::collections::BTreeMap<_, _>>()
    };
    world.backup(BackupKeys::Without);
    assert_eq!(in_backup(&world), published);
    fs::remove_file(world.file()).unwrap();
    fs::remove_dir_all(world.home().join("published")).unwrap();
    world.backup(BackupKeys::Without);
    assert_eq!(in_backup(&world), published);
}

#[test]
fn a_damaged_register_is_not_backed_up() {
    let mut world = World::new();
    world.close();
    let path = world.home().join("register.sqlite");
    let register = rusqlite::Connection::open(&path).unwrap();
    // By a hand that knows nothing of the history.
    let changed = register.execute("UPDATE entry SET action = 'review'", []);
    assert_eq!(changed.unwrap(), 2);
    drop(register);
    world.open();
    let file = world.file();
    let refused = world.try_backup(&file, BackupKeys::Without).unwrap_err();
    assert!(
        matches!(refused, PublisherError::RegisterDamaged),
        "{refused}"
    );
    assert!(!file.exists());
}

#[test]
fn nobody_can_be_named_whose_backup_everybody_could_open() {
    let world = World::with(TestKeys::No);
    let good = world.recipient().to_owned();
    BackupRecipients::of_keys([good.as_str()]).unwrap();
    let low = "age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq5cu47z";
    for wrong in [low, "age1", "", "ssh-ed25519 AAAA"] {
        let refused = BackupRecipients::of_keys([wrong]).unwrap_err();
        assert!(matches!(
            refused,
            PublisherError::Backup(BackupError::Recipient)
        ));
    }
    let none = BackupRecipients::of_keys([]).unwrap_err();
    assert!(matches!(
        none,
        PublisherError::Backup(BackupError::NoRecipient)
    ));
    let short = BackupRecipients::of_passphrase("nineteen characters\n").unwrap_err();
    assert!(matches!(
        short,
        PublisherError::Backup(BackupError::Passphrase)
    ));
}
