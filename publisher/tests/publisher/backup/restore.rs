//! A backup comes back whole or not at all.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use interdict_publisher::{
    BackupError, BackupIdentity, BackupKeys, BackupOptions, BackupRecipients, Publisher,
    PublisherError, TestKeys, new_backup_key,
};

use super::world::{World, rows};
use crate::coalition::{now, saved, tree};

/// Everything beside the coalition's home but the backup itself.
fn beside(world: &World) -> Vec<String> {
    let entries = fs::read_dir(world.home().parent().unwrap()).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}

fn restore(world: &World, file: &Path) -> Result<(), PublisherError> {
    Publisher::restore(file, &world.home(), &world.identity(), now()).map(drop)
}

#[test]
fn what_comes_back_is_what_was_backed_up() {
    use std::os::unix::fs::PermissionsExt as _;

    let mut world = World::with(TestKeys::No);
    world.backup(BackupKeys::With);
    world.die();
    let report = world.restore(now());
    assert!(report.missing_keys.is_none(), "{report}");
    assert_eq!((report.coalition.as_str(), report.targets), ("se", 1));
    assert_eq!(
        tree(&world.home().join("published")),
        tree(&world.dead().join("published"))
    );
    let before = rows(&world.dead().join("register.sqlite"));
    let mut after = rows(&world.home().join("register.sqlite"));
    // It says of itself that it is a copy.
    after.retain(|row| !row.contains("restored"));
    assert_eq!(after, before);
    assert_eq!(
        tree(&world.home().join("keys")),
        tree(&world.dead().join("keys"))
    );
    let (folder, file) = (0o700, 0o600);
    for (path, mode) in [
        ("", folder),
        ("keys", folder),
        ("published", folder),
        ("register.sqlite", file),
        ("history.jsonl", file),
    ] {
        let found = fs::metadata(world.home().join(path)).unwrap().permissions();
        assert_eq!(found.mode() & 0o777, mode, "{path}");
    }
    assert_eq!(beside(&world), ["dead", "se", "se.age", "served"]);
}

#[test]
fn a_directory_with_anything_in_it_stays_as_it_is() {
    let mut world = World::new();
    world.backup(BackupKeys::With);
    let before = saved(&world.home());
    let refused = restore(&world, &world.file()).unwrap_err();
    assert!(matches!(refused, PublisherError::NotEmpty(_)), "{refused}");
    assert_eq!(saved(&world.home()), before);
    world.die();
    // An empty one is as good as none.
    fs::create_dir(world.home()).unwrap();
    restore(&world, &world.file()).unwrap();
    assert!(world.home().join("register.sqlite").exists());
}

#[test]
fn every_flipped_bit_and_every_cut_is_refused_and_leaves_nothing() {
    let mut world = World::new();
    world.backup(BackupKeys::With);
    world.die();
    let good = fs::read(world.file()).unwrap();
    let file = world.file().with_file_name("bad.age");
    let names = [beside(&world), vec!["bad.age".to_owned()]].concat();
    let mut names: Vec<String> = names;
    names.sort();
    // A multiplicative generator (Lehmer, modulus 2^31 - 1): the same places in every run.
    let mut seed = 48_271_u64;
    let mut below = |bound: usize| {
        seed = seed * 48_271 % 2_147_483_647;
        usize::try_from(seed).unwrap() % bound
    };
    let mut bad: Vec<Vec<u8>> = Vec::new();
    for at in 0..300 {
        let mut bytes = good.clone();
        // Half of them in the header, which is short.
        let place = below(if at % 2 == 0 { bytes.len() } else { 400 });
        bytes[place] ^= 1 << below(8);
        bad.push(bytes);
    }
    for _ in 0..60 {
        bad.push(good[..below(good.len())].to_vec());
    }
    bad.push(good[..good.len() - 1].to_vec());
    bad.push([&good[..], &[0]].concat());
    bad.push(Vec::new());
    let mut refused = 0;
    for (at, bytes) in bad.iter().enumerate() {
        fs::write(&file, bytes).unwrap();
        let error = restore(&world, &file).unwrap_err();
        let known = matches!(
            error,
            PublisherError::Backup(BackupError::Damaged | BackupError::OtherIdentity)
        );
        assert!(known, "{at}: {error}");
        assert_eq!(beside(&world), names, "{at}");
        refused += 1;
    }
    assert_eq!(refused, 363);
    fs::write(&file, &good).unwrap();
    restore(&world, &file).unwrap();
}

#[test]
fn another_identity_opens_nothing() {
    let mut world = World::new();
    world.backup(BackupKeys::With);
    world.die();
    let other = BackupIdentity::of_file(&new_backup_key().0).unwrap();
    let refused = Publisher::restore(&world.file(), &world.home(), &other, now()).unwrap_err();
    assert!(matches!(
        refused,
        PublisherError::Backup(BackupError::OtherIdentity)
    ));
    assert!(!world.home().exists());
    for text in ["", "# nothing\n", "AGE-SECRET-KEY-1\n", world.recipient()] {
        let refused = BackupIdentity::of_file(text).unwrap_err();
        assert!(matches!(
            refused,
            PublisherError::Backup(BackupError::Identity)
        ));
    }
}

#[test]
fn a_passphrase_opens_what_it_sealed_and_no_other_does() {
    let mut world = World::new();
    let words = "correct horse battery staple\n";
    let recipients = BackupRecipients::of_passphrase(words).unwrap();
    let options = BackupOptions {
        recipients: &recipients,
        keys: BackupKeys::With,
    };
    let file = world.file();
    world
        .coalition
        .publisher
        .backup(&file, &options, now())
        .unwrap();
    world.die();
    let other = BackupIdentity::of_passphrase("correct horse battery stable").unwrap();
    let refused = Publisher::restore(&file, &world.home(), &other, now()).unwrap_err();
    assert!(
        matches!(refused, PublisherError::Backup(BackupError::OtherIdentity)),
        "{refused}"
    );
    let same = BackupIdentity::of_passphrase("correct horse battery staple\r\nmore").unwrap();
    Publisher::restore(&file, &world.home(), &same, now()).unwrap();
}

#[test]
fn without_its_keys_a_coalition_says_which_to_put_back() {
    let mut world = World::with(TestKeys::No);
    world.backup(BackupKeys::Without);
    world.die();
    let report = world.restore(now());
    let missing = &report.missing_keys;
    assert_eq!(missing.secrets, ["decoy-secret.hex", "list-key-1.hex"]);
    let said = report.to_string();
    for role in ["root", "targets", "snapshot", "timestamp"] {
        assert!(said.contains(&format!("{role}-1-1.pem")), "{said}");
    }
    let refused = world.try_recover(now()).unwrap_err();
    assert!(
        refused.to_string().contains("keys/list-key-1.hex"),
        "{refused}"
    );
    assert!(world.try_release(now()).is_err());
}

#[test]
fn with_the_keys_put_back_it_signs_again() {
    let mut world = World::with(TestKeys::No);
    world.backup(BackupKeys::Without);
    world.die();
    world.restore(now());
    let needs = ["list-key-1.hex", "decoy-secret.hex"];
    let signers = [
        "targets-1-1.pem",
        "targets-1-2.pem",
        "snapshot-1-1.pem",
        "timestamp-1-1.pem",
    ];
    for name in needs.iter().chain(&signers) {
        let from = world.dead().join("keys").join(name);
        fs::copy(from, world.home().join("keys").join(name)).unwrap();
    }
    let missing = world.coalition.publisher.missing_keys().unwrap();
    let roles: Vec<&str> = missing
        .signers
        .iter()
        .map(|one| one.role.as_str())
        .collect();
    assert_eq!((missing.secrets.len(), roles), (0, vec!["root"]));
    world.recover(now());
    world.release(now());
    assert!(world.blocks("old.example", now()));
}

/// A member of a tar archive.
type Entry<'e> = (&'e str, tar::EntryType, &'e [u8]);

/// A backup that somebody else made to the same recipient.
fn forged(world: &World, members: &[Entry<'_>]) -> Vec<u8> {
    let recipient: age::x25519::Recipient = world.recipient().parse().unwrap();
    let recipient = std::iter::once(&recipient as &dyn age::Recipient);
    let encryptor = age::Encryptor::with_recipients(recipient).unwrap();
    let mut file = Vec::new();
    let mut tar = tar::Builder::new(encryptor.wrap_output(&mut file).unwrap());
    for (name, kind, bytes) in members {
        let mut header = tar::Header::new_ustar();
        header.as_ustar_mut().unwrap().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_size(u64::try_from(bytes.len()).unwrap());
        header.set_entry_type(*kind);
        header.set_mode(0o777);
        header.set_cksum();
        tar.append(&header, *bytes).unwrap();
    }
    let mut writer = tar.into_inner().unwrap();
    writer.flush().unwrap();
    writer.finish().unwrap();
    file
}

fn manifest(files: [(&str, &[u8]); 2], change: impl Fn(&mut serde_json::Value)) -> Vec<u8> {
    use sha2::Digest as _;

    let members = files.map(|(name, bytes)| {
        let digest: [u8; 32] = sha2::Sha256::digest(bytes).into();
        let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        serde_json::json!({"name": name, "length": bytes.len(), "sha256": digest})
    });
    let mut value = serde_json::json!({
        "format": "interdict-backup-1", "coalition": "se", "created": "2026-11-22T00:00:00Z",
        "versions": {"root": 1, "targets": 1, "snapshot": 1, "timestamp": 1},
        "sequences": {"se/merchants": 1},
        "members": members,
    });
    change(&mut value);
    serde_json::to_vec(&value).unwrap()
}

#[test]
fn a_forged_backup_writes_nothing_outside_and_nothing_that_its_manifest_does_not_name() {
    use tar::EntryType::{Directory, Regular, Symlink};

    let mut world = World::new();
    world.backup(BackupKeys::Without);
    world.die();
    let read = |name: &str| fs::read(world.dead().join(name)).unwrap();
    let (register, history) = (read("register.sqlite"), read("history.jsonl"));
    let file = world.file().with_file_name("forged.age");
    let (first, second, third) = ("manifest.json", "register.sqlite", "history.jsonl");
    let (data, deeds) = (register.as_slice(), history.as_slice());
    let own = [(second, data), (third, deeds)];
    let same = |_: &mut serde_json::Value| {};
    let good = manifest(own, same);
    let version = manifest(own, |value| value["versions"]["targets"] = 2.into());
    let newer = manifest(own, |value| value["format"] = "interdict-backup-2".into());
    let member = manifest(own, |value| value["extra"] = 1.into());
    let other = manifest([(second, b"other"), (third, deeds)], same);
    let swapped = manifest([(third, deeds), (second, data)], same);
    let escape = manifest([(second, data), ("../escaped.jsonl", deeds)], same);
    let more = |name: &str| {
        manifest(own, |value| {
            let mut more = value["members"][0].clone();
            more["name"] = name.into();
            value["members"].as_array_mut().unwrap().push(more);
        })
    };
    let key = more("keys/../../escaped.pem");
    let said = more("published/../../escaped");
    let undigested = format!("published/{}", "ab".repeat(32));
    let part = more(&undigested);
    let whole = |manifest| {
        vec![
            (first, Regular, manifest),
            (second, Regular, data),
            (third, Regular, deeds),
        ]
    };
    let with = |manifest, more: Entry<'static>| [whole(manifest), vec![more]].concat();
    let cases: Vec<(&str, Vec<Entry<'_>>)> = vec![
        ("no manifest", whole(&good)[1..].to_vec()),
        ("no register", vec![(first, Regular, &good)]),
        ("no history", whole(&good)[..2].to_vec()),
        (
            "a link",
            vec![(first, Regular, &good), (second, Symlink, b"")],
        ),
        (
            "a directory",
            vec![(first, Regular, &good), (second, Directory, b"")],
        ),
        ("one more", with(&good, ("more", Regular, b"x"))),
        (
            "outside",
            vec![
                (first, Regular, &escape),
                (second, Regular, data),
                ("../escaped.jsonl", Regular, deeds),
            ],
        ),
        (
            "the other order",
            vec![
                (first, Regular, &swapped),
                (third, Regular, deeds),
                (second, Regular, data),
            ],
        ),
        (
            "a key outside",
            [whole(&key), vec![("keys/../../escaped.pem", Regular, data)]].concat(),
        ),
        (
            "a part outside",
            [
                whole(&said),
                vec![("published/../../escaped", Regular, data)],
            ]
            .concat(),
        ),
        (
            "a part with another digest",
            [whole(&part), vec![(undigested.as_str(), Regular, data)]].concat(),
        ),
        ("another digest", whole(&other)),
        ("another version", whole(&version)),
        ("a newer form", whole(&newer)),
        ("an unknown word", whole(&member)),
    ];
    let before = beside(&world);
    for (what, members) in cases {
        fs::write(&file, forged(&world, &members)).unwrap();
        let refused = restore(&world, &file).unwrap_err();
        let known = matches!(
            refused,
            PublisherError::Backup(BackupError::Damaged | BackupError::Form)
        );
        assert!(known, "{what}: {refused}");
        fs::remove_file(&file).unwrap();
        assert_eq!(beside(&world), before, "{what}");
    }
    // The same without a flaw comes in, so it was the flaws that were refused.
    fs::write(&file, forged(&world, &whole(&good))).unwrap();
    restore(&world, &file).unwrap();
}

/// Whoever knows the recipient can make a backup, so what is inside is checked like any register.
#[test]
fn a_register_whose_history_is_not_its_own_is_not_restored() {
    use tar::EntryType::Regular;

    let mut world = World::new();
    world.import("domain,more.example,x,block\n", now());
    world.backup(BackupKeys::Without);
    world.die();
    let read = |name: &str| fs::read(world.dead().join(name)).unwrap();
    let (register, history) = (read("register.sqlite"), read("history.jsonl"));
    let file = world.file().with_file_name("forged.age");
    let before = beside(&world);
    let mut flipped = history.clone();
    flipped[history.len() / 2] ^= 1;
    for wrong in [&history[..history.len() - 200], &flipped, b""] {
        let files = [("register.sqlite", &register[..]), ("history.jsonl", wrong)];
        let named = manifest(files, |_| {});
        let members = files.map(|(name, bytes)| (name, Regular, bytes));
        let members = [
            vec![("manifest.json", Regular, &named[..])],
            members.to_vec(),
        ]
        .concat();
        fs::write(&file, forged(&world, &members)).unwrap();
        let refused = restore(&world, &file).unwrap_err();
        assert!(
            matches!(refused, PublisherError::HistoryDamaged),
            "{refused}"
        );
        fs::remove_file(&file).unwrap();
        assert_eq!(beside(&world), before);
    }
}

#[test]
fn a_leftover_of_a_killed_restore_is_replaced_and_nothing_else_is() {
    let mut world = World::new();
    world.backup(BackupKeys::With);
    world.die();
    let room = world.home().with_file_name("se.restoring");
    fs::create_dir_all(room.join("keys")).unwrap();
    fs::write(room.join("register.sqlite"), "half a register").unwrap();
    fs::write(room.join("thesis.txt"), "not ours").unwrap();
    let refused = restore(&world, &world.file()).unwrap_err();
    assert!(matches!(
        refused,
        PublisherError::Backup(BackupError::Leftover(_))
    ));
    assert!(room.join("thesis.txt").exists());
    fs::remove_file(room.join("thesis.txt")).unwrap();
    restore(&world, &world.file()).unwrap();
    assert!(!room.exists());
}
