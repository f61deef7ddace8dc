//! Whatever a gateway checks for having gone back, once each: the gateway saw the newer state, the register
//! comes from before it, and after a recovery and a release the gateway follows and answers as the register
//! says. (The gateways of `World` poll after every file that is uploaded.)

use std::fs;
use std::path::Path;

use interdict_core::common::time::Time;
use interdict_core::identifier::Kind;
use interdict_core::trust::RoleName;
use interdict_publisher::{
    BackupError, BackupKeys, CompactEdition, DelistOptions, Disclosure, FormatEnd, Names,
    PublisherError, RecoverOptions, ReleaseOptions, ReleaseReport, TestKeys, Urgency,
};

use super::world::World;
use crate::coalition::{Coalition, DAY, import_by_source, now, tree};

fn day(count: u32) -> Time {
    now().plus(count * DAY)
}

/// A backup on the first day, then what `after` does, then the machine is gone.
fn died(world: &mut World, after: impl FnOnce(&mut World)) {
    world.backup(BackupKeys::With);
    after(world);
    world.die();
}

/// These rows were released on the day after the backup.
fn died_after_release_of(rows: &str) -> World {
    let mut world = World::new();
    died(&mut world, |world| {
        world.import(rows, day(1));
        world.release(day(1));
    });
    world
}

/// More blocked domains than a release lists without a confirmation.
fn sixty_shops() -> String {
    let rows = (0..60).map(|n| format!("domain,shop-{n}.example,x,block\n"));
    rows.collect()
}

/// How many entries a release held back.
fn held(report: &ReleaseReport) -> usize {
    report.lists[0].held.iter().map(|cell| cell.count).sum()
}

/// The epochs that a gateway knows.
fn epochs(world: &World, now: Time) -> Vec<u32> {
    let sequences = world.sequences(now);
    sequences.iter().map(|(epoch, _)| *epoch).collect()
}

fn copy_tree(from: &Path, to: &Path) {
    for (path, bytes) in tree(from) {
        let file = to.join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, bytes).unwrap();
    }
}

/// A key that is not in the backup was kept elsewhere.
fn key_again(world: &World, file: &str) {
    fs::copy(world.dead().join(file), world.home().join(file)).unwrap();
}

fn delist(world: &mut World, name: &str, now: Time) {
    let names = Names::One {
        kind: "domain",
        value: name,
    };
    let options = DelistOptions::default();
    world
        .coalition
        .publisher
        .delist(names, &options, now)
        .unwrap();
}

fn sequence(world: &World, now: Time) -> u64 {
    world
        .sequences(now)
        .iter()
        .map(|(_, sequence)| *sequence)
        .max()
        .unwrap()
}

/// What the served file of a role says its version is.
fn version(world: &World, role: &str) -> u64 {
    let files = tree(&world.served().join("metadata"));
    let own = files
        .iter()
        .filter(|(name, _)| name.contains(&format!("{role}.json")));
    let versions = own.map(|(_, bytes)| {
        let value: serde_json::Value = serde_json::from_slice(bytes).unwrap();
        value["signed"]["version"].as_u64().unwrap()
    });
    versions.max().unwrap()
}

#[test]
fn targets_snapshot_timestamp_and_sequences_are_above_what_gateways_saw() {
    let mut world = World::new();
    died(&mut world, |world| {
        for at in 1..=3 {
            world.import(&format!("domain,n{at}.example,y,block\n"), day(at));
            world.release(day(at));
            world.renew(day(at).plus(7));
        }
    });
    let roles = ["targets", "snapshot", "timestamp"];
    let before = roles.map(|role| version(&world, role));
    let seen = sequence(&world, day(3));
    assert_eq!((before, seen), ([4, 7, 7], 4));
    world.restore(day(4));
    world.recover(day(4));
    world.release(day(4));
    let after = roles.map(|role| version(&world, role));
    assert!(
        before
            .iter()
            .zip(&after)
            .all(|(before, after)| after > before),
        "{after:?}"
    );
    assert!(sequence(&world, day(4)) > seen);
    for name in ["old.example", "n1.example", "n2.example", "n3.example"] {
        assert!(world.blocks(name, day(4)), "{name}");
    }
}

/// The copy that was recovered from is a day old, and gateways have seen renewals since.
#[test]
fn renewals_after_the_copy_was_taken_do_not_collide() {
    let mut world = World::new();
    world.backup(BackupKeys::With);
    world.import("domain,new.example,y,block\n", day(1));
    world.release(day(1));
    let copy = world.served().with_file_name("copy");
    copy_tree(&world.served(), &copy);
    for at in 1..=5 {
        world.renew(day(1).plus(at * 3_600));
    }
    world.die();
    world.restore(day(2));
    let options = RecoverOptions {
        repository: Some(copy),
        lost_keys: Vec::new(),
    };
    world.coalition.publisher.recover(&options, day(2)).unwrap();
    world.release(day(2));
    assert!(world.blocks("new.example", day(2)));
}

/// The person renews first and releases when the entries are sorted out.
#[test]
fn what_is_published_can_be_renewed_before_the_next_release() {
    let mut world = died_after_release_of("domain,new.example,y,block\n");
    world.restore(day(2));
    copy_tree(&world.served(), &world.coalition.repository());
    world.recover(day(2));
    world.renew(day(2));
    assert!(world.blocks("new.example", day(2)));
    let report = world.release(day(3));
    // With the files that are served, gateways fetch a stash: the one record that the base lacks.
    assert_eq!(report.lists[0].epochs[0].changes, Some(1));
}

#[test]
fn newer_roots_are_taken_over() {
    let mut world = World::new();
    died(&mut world, |world| {
        let replace = [RoleName::Root];
        world
            .coalition
            .publisher
            .rotate_root(day(1), &replace)
            .unwrap();
        world.coalition.publisher.rotate_root(day(1), &[]).unwrap();
        world.release(day(1));
    });
    world.restore(day(2));
    let report = world.recover(day(2));
    assert_eq!(report.roots, [2, 3]);
    // The backup has the first root's keys alone.
    let missing: Vec<&str> = report
        .missing_keys
        .signers
        .iter()
        .map(|one| one.role.as_str())
        .collect();
    assert_eq!(missing, ["root"]);
    assert!(report.to_string().contains("TEST-root-2-1.pem"), "{report}");
    for (name, bytes) in tree(&world.dead().join("keys")) {
        fs::write(world.home().join("keys").join(name), bytes).unwrap();
    }
    world.release(day(2));
    let rotated = world.coalition.publisher.rotate_root(day(3), &[]).unwrap();
    assert_eq!(rotated.version, 4);
    world.upload(day(3));
    assert!(world.blocks("old.example", day(3)));
}

#[test]
fn two_roots_of_one_version_are_never_signed_over() {
    let mut world = World::new();
    died(&mut world, |world| {
        world.coalition.publisher.rotate_root(day(1), &[]).unwrap();
        world.upload(day(1));
    });
    let served = world.served().join("metadata/2.root.json");
    let root = fs::read(&served).unwrap();
    fs::remove_file(&served).unwrap();
    world.restore(day(2));
    world.recover(day(2));
    world.coalition.publisher.rotate_root(day(2), &[]).unwrap();
    fs::write(&served, root).unwrap();
    let refused = world.try_recover(day(3)).unwrap_err();
    assert!(
        matches!(refused, PublisherError::Backup(BackupError::OtherRoot(2))),
        "{refused}"
    );
}

#[test]
fn a_repository_of_another_coalition_is_refused() {
    let mut world = World::with(TestKeys::No);
    world.backup(BackupKeys::With);
    world.die();
    world.restore(day(1));
    let mut other = World::with(TestKeys::No);
    other.release(day(1));
    let options = RecoverOptions {
        repository: Some(other.served()),
        lost_keys: Vec::new(),
    };
    let refused = world.coalition.publisher.recover(&options, day(1));
    assert!(refused.is_err());
    let nowhere = RecoverOptions {
        repository: Some(world.home().join("none")),
        lost_keys: Vec::new(),
    };
    assert!(world.coalition.publisher.recover(&nowhere, day(1)).is_err());
    assert!(
        world
            .try_release(day(1))
            .unwrap_err()
            .to_string()
            .contains("recover")
    );
}

#[test]
fn a_repository_with_a_missing_file_is_refused_and_nothing_is_changed() {
    let mut world = died_after_release_of("domain,new.example,y,block\n");
    world.restore(day(2));
    let before = super::world::rows(&world.home().join("register.sqlite"));
    let files = tree(&world.served());
    let needed = files.keys().filter(|path| {
        path.ends_with(".stash") || path.contains("timestamp") || path.contains("targets.json")
    });
    let mut tried = 0;
    for path in needed.filter(|path| !path.contains("1.targets.json")) {
        let file = world.served().join(path);
        let bytes = fs::read(&file).unwrap();
        fs::remove_file(&file).unwrap();
        assert!(world.try_recover(day(2)).is_err(), "{path}");
        let mut flipped = bytes.clone();
        flipped[bytes.len() / 2] ^= 1;
        fs::write(&file, flipped).unwrap();
        assert!(world.try_recover(day(2)).is_err(), "{path}");
        fs::write(&file, bytes).unwrap();
        tried += 1;
    }
    assert!(tried >= 3, "{tried}");
    assert_eq!(
        super::world::rows(&world.home().join("register.sqlite")),
        before
    );
    world.recover(day(2));
}

#[test]
fn a_clock_before_what_is_published_stops_a_recovered_register() {
    let mut world = World::new();
    died(&mut world, |world| {
        world.import("domain,new.example,y,block\n", day(9));
        world.release(day(9));
    });
    world.restore(day(10));
    world.recover(day(10));
    let refused = world.try_release(day(5));
    assert!(matches!(refused, Err(PublisherError::ClockBehind { .. })));
    world.release(day(10));
}

#[test]
fn an_epoch_that_began_after_the_backup_keeps_its_key_and_its_start() {
    let mut world = World::new();
    died(&mut world, |world| {
        world
            .coalition
            .publisher
            .epoch_start(day(1), Urgency::Planned)
            .unwrap();
        world.release(day(1));
        world.release(day(9));
    });
    let starts = |world: &World| {
        let files = tree(&world.served().join("metadata"));
        let newest = files
            .iter()
            .filter(|(name, _)| name.ends_with(".targets.json"));
        let newest = newest.max_by_key(|(name, _)| {
            let number = name.split('.').next().unwrap();
            number.parse::<u32>().unwrap()
        });
        let value: serde_json::Value = serde_json::from_slice(newest.unwrap().1).unwrap();
        value["signed"]["targets"]["se/merchants.member-2.filter"]["custom"]["interdict"]["epoch_start"]
            .as_str()
            .map(str::to_owned)
    };
    let before = starts(&world);
    assert!(before.is_some());
    world.restore(day(10));
    // The key was made after the backup.
    let refused = world.try_recover(day(10)).unwrap_err();
    let PublisherError::Backup(BackupError::KeyMissing { file, epoch }) = &refused else {
        panic!("{refused}");
    };
    assert_eq!((file.as_str(), *epoch), ("TEST-list-key-2.hex", 2));
    // Nor will another key do.
    let key = world.home().join("keys").join(file);
    fs::write(&key, format!("{}\n", "ab".repeat(32))).unwrap();
    assert!(world.try_recover(day(10)).is_err());
    fs::copy(world.dead().join("keys").join(file), &key).unwrap();
    world.recover(day(10));
    world.release(day(10));
    assert_eq!(starts(&world), before);
    assert_eq!(epochs(&world, day(10)), [1, 2]);
    // The older one ends two weeks after the newer one's start, as it would have.
    world.release(day(23));
    assert_eq!(epochs(&world, day(23)), [2]);
}

#[test]
fn an_epoch_whose_key_is_lost_ends_and_its_number_is_never_used_again() {
    let mut world = World::new();
    died(&mut world, |world| {
        world
            .coalition
            .publisher
            .epoch_start(day(1), Urgency::Leak)
            .unwrap();
        world.release(day(1));
    });
    world.restore(day(2));
    let options = RecoverOptions {
        repository: Some(world.served()),
        lost_keys: vec![2],
    };
    world.coalition.publisher.recover(&options, day(2)).unwrap();
    world.release(day(2));
    assert_eq!(epochs(&world, day(2)), [1]);
    let next = world
        .coalition
        .publisher
        .epoch_start(day(3), Urgency::Leak)
        .unwrap();
    assert_eq!(next.number, 3);
    world.release(day(3));
}

#[test]
fn an_epoch_that_ended_after_the_backup_does_not_come_back() {
    let mut world = World::new();
    world
        .coalition
        .publisher
        .epoch_start(day(1), Urgency::Leak)
        .unwrap();
    world.release(day(1));
    died(&mut world, |world| {
        // Its key had leaked.
        world
            .coalition
            .publisher
            .epoch_retire_confirmed(1, day(2), Urgency::Leak)
            .unwrap();
        world.release(day(2));
    });
    world.restore(day(3));
    let report = world.recover(day(3));
    assert!(report.to_string().contains("epoch 1 has ended"), "{report}");
    world.release(day(3));
    assert_eq!(epochs(&world, day(3)), [2]);
}

#[test]
fn an_epoch_that_was_announced_after_the_backup_starts_no_earlier() {
    let mut world = World::new();
    let (_, recipient) = interdict_publisher::new_backup_key();
    let member = interdict_publisher::NewMember {
        name: "bank-b",
        repository: "file:repository",
        recipient: Some(&recipient),
        edition: None,
    };
    world
        .coalition
        .publisher
        .member_add(&member, day(0))
        .unwrap();
    died(&mut world, |world| {
        world
            .coalition
            .publisher
            .epoch_start(day(1), Urgency::Planned)
            .unwrap();
        world.release(day(1));
    });
    world.restore(day(2));
    assert!(world.try_recover(day(2)).is_err(), "its key is not there");
    key_again(&world, "keys/TEST-list-key-2.hex");
    world.recover(day(2));
    let epochs = world.coalition.publisher.epochs().unwrap();
    assert_eq!(epochs[1].announced, Some(day(1)));
    assert_eq!(epochs[1].starts(), Some(day(8)));
    world.release(day(2));
    world.release(day(8));
    assert_eq!(world.sequences(day(8)).len(), 2);
}

#[test]
fn typologies_go_on_from_what_is_published() {
    let pack = |version: u32| {
        let text = format!(r#"{{"format":1,"version":{version},"name":"ours","rules":[]}}"#);
        text.into_bytes()
    };
    let mut world = World::new();
    world
        .coalition
        .publisher
        .set_typologies(None, &pack(1), now())
        .unwrap();
    world.release(now());
    died(&mut world, |world| {
        world
            .coalition
            .publisher
            .set_typologies(None, &pack(5), day(1))
            .unwrap();
        world.release(day(1));
    });
    world.restore(day(2));
    world.recover(day(2));
    world.release(day(2));
    let version = |world: &World| {
        let packs = world.gateway.packs().values();
        packs.map(|(_, pack)| pack.version).collect::<Vec<_>>()
    };
    assert_eq!(version(&world), [5]);
    // Version 5 has one content for good.
    let other = br#"{"format":1,"version":5,"name":"theirs","rules":[]}"#;
    let set = world
        .coalition
        .publisher
        .set_typologies(None, other, day(2));
    assert!(matches!(set, Err(PublisherError::TypologiesVersion { .. })));
}

#[test]
fn typologies_that_were_taken_back_after_the_backup_stay_away() {
    let mut world = World::new();
    let pack = br#"{"format":1,"version":1,"name":"ours","rules":[]}"#;
    world
        .coalition
        .publisher
        .set_typologies(None, pack, now())
        .unwrap();
    world.release(now());
    died(&mut world, |world| {
        let publisher = &mut world.coalition.publisher;
        publisher.remove_typologies(None, day(1)).unwrap();
        world.release(day(1));
    });
    world.restore(day(2));
    world.recover(day(2));
    world.release(day(2));
    assert!(world.gateway.packs().is_empty());
}

#[test]
fn the_constants_of_a_public_epoch_stay_as_they_are_published() {
    let mut world = World::new();
    world.import("domain,public.example,x,block\n", day(1));
    world.release(day(1));
    let bound = interdict_publisher::PublicSettings {
        dictionary: 1_000,
        share: 1_000,
    };
    world
        .coalition
        .publisher
        .set_public_settings(bound, day(1))
        .unwrap();
    let names = Names::One {
        kind: "domain",
        value: "public.example",
    };
    let mark = world
        .coalition
        .publisher
        .disclose(names, None, Disclosure::Mark, day(1));
    assert_eq!(mark.unwrap().changed, 1);
    died(&mut world, |world| {
        // Begun after the backup, with another rate than the usual one.
        world
            .coalition
            .publisher
            .public_start(None, Some(4), day(32))
            .unwrap();
        world.release(day(33));
    });
    let constants = |world: &World| {
        let header = world.gateway.public("se/merchants").header().clone();
        (header.epoch, header.rate, header.entries, header.key_id)
    };
    let published = constants(&world);
    assert_eq!((published.0, published.1), (1, 4));
    world.restore(day(34));
    let refused = world.try_recover(day(34)).unwrap_err();
    let missing = matches!(
        refused,
        PublisherError::Backup(BackupError::PublicKeyMissing { .. })
    );
    assert!(missing, "{refused}");
    key_again(&world, "keys/TEST-public-key-1.hex");
    world.recover(day(34));
    world.release(day(34));
    assert_eq!(constants(&world), published);
}

#[test]
fn kinds_and_the_end_of_the_format_follow_what_is_published() {
    let mut world = World::new();
    let list = |world: &World| {
        world
            .coalition
            .publisher
            .declared_kinds()
            .unwrap()
            .remove(0)
            .kinds
    };
    died(&mut world, |world| {
        let kinds = [Kind::Domain, Kind::Iban];
        world
            .coalition
            .publisher
            .declare_kinds(None, &kinds, day(1))
            .unwrap();
        let options = ReleaseOptions {
            ends: FormatEnd::on_day("2027-06-01"),
            compact: Some(CompactEdition::Yes),
            ..ReleaseOptions::default()
        };
        world.coalition.publisher.release(day(1), &options).unwrap();
        world.upload(day(1));
    });
    world.restore(day(2));
    assert_eq!(list(&world).len(), Kind::ALL.len());
    world.recover(day(2));
    assert_eq!(list(&world), [Kind::Domain, Kind::Iban]);
    world.release(day(2));
    let compact = world
        .gateway
        .ask_compact("se/merchants", Kind::Domain, "old.example");
    assert!(compact.is_some(), "members may take the compact edition");
    let files = tree(&world.coalition.repository().join("metadata"));
    let targets = files
        .iter()
        .find(|(name, _)| name.ends_with(".targets.json"))
        .unwrap();
    assert!(String::from_utf8_lossy(targets.1).contains("2027-06-01T00:00:00Z"));
}

#[test]
fn published_records_without_a_name_stay_until_somebody_decides() {
    let mut world = died_after_release_of(
        "domain,a.example,y,block\ndomain,b.example,y,block\ndomain,c.example,z,review\n",
    );
    world.restore(day(2));
    let report = world.recover(day(2));
    let list = &report.lists[0];
    assert_eq!(
        (list.published, list.same, list.unknown_records()),
        (5, 2, 3)
    );
    let by: Vec<_> = list
        .unknown
        .iter()
        .map(|((id, action), n)| (id.as_str(), *action, *n))
        .collect();
    assert_eq!(by, [("se.y", "block", 2), ("se.z", "review", 1)]);
    assert!(!report.to_string().contains("a.example"));
    world.release(day(2));
    world.release(day(40));
    assert!(world.blocks("a.example", day(40)) && world.blocks("b.example", day(40)));
    // Named again by an import, its statement is the register's, and `delist` ends it.
    world.import("domain,a.example,y,block\n", day(41));
    world.release(day(41));
    delist(&mut world, "a.example", day(42));
    // A tombstone names it too, whether or not it was imported again.
    delist(&mut world, "b.example", day(42));
    world.release(day(42));
    assert!(!world.blocks("a.example", day(42)) && !world.blocks("b.example", day(42)));
    let answers = |world: &World, name: &str| {
        let found = world
            .gateway
            .ask_at("se/merchants", Kind::Domain, name, day(43));
        matches!(found, interdict_core::list::Membership::Listed { .. })
    };
    assert!(answers(&world, "c.example"));
    // Nobody has named the third. A person who has seen how many there are may let it go.
    let report = world.release(day(43));
    assert_eq!(held(&report), 1);
    assert!(answers(&world, "c.example"));
    world.confirm(&report.proposal.unwrap().digest, day(44));
    assert!(!answers(&world, "c.example"));
    assert!(world.blocks("old.example", day(44)));
}

/// The tombstone and the protection are in the backup, the listing came after it.
#[test]
fn a_name_that_must_not_be_listed_is_taken_back_although_it_has_no_entry() {
    let mut world = World::new();
    delist(&mut world, "cleared.example", now());
    world.coalition.protect("bank.example\n");
    world.release(now());
    died(&mut world, |world| {
        let publisher = &mut world.coalition.publisher;
        let bank = Names::One {
            kind: "domain",
            value: "bank.example",
        };
        publisher.unprotect(bank, "sold", day(1)).unwrap();
        let options = interdict_publisher::ImportOptions {
            delisted: interdict_publisher::Delisted::Relist,
            ..interdict_publisher::ImportOptions::new(interdict_publisher::Format::Csv, "x")
        };
        let csv = "kind,value,action\ndomain,cleared.example,block\ndomain,bank.example,block\n";
        import_by_source(publisher, csv, &options, day(1));
        world.release(day(1));
    });
    assert!(world.blocks("cleared.example", day(1)) && world.blocks("bank.example", day(1)));
    world.restore(day(2));
    assert_eq!(world.recover(day(2)).lists[0].unknown_records(), 0);
    world.release(day(2));
    assert!(!world.blocks("cleared.example", day(2)) && !world.blocks("bank.example", day(2)));
    assert!(world.blocks("old.example", day(2)));
}

/// The next release compares itself with the copy that `recover` read, and not with a repository that is not
/// there or a release that is older.
#[test]
fn the_first_release_after_it_is_guarded_by_what_was_published_last() {
    let mut world = World::new();
    died(&mut world, |world| {
        world.import(&sixty_shops(), day(1));
        let report = world.release(day(1));
        let digest = report.proposal.unwrap().digest;
        world.confirm(&digest, day(1));
    });
    world.restore(day(2));
    world.recover(day(2));
    let kept = tree(&world.home().join("published"));
    let served = tree(&world.served().join("targets"));
    let said = served
        .values()
        .filter(|bytes| kept.values().any(|kept| kept == *bytes));
    assert!(said.count() > 0, "{:?}", kept.keys());
    fs::remove_dir_all(world.served()).unwrap();
    let report = world.release(day(2));
    assert_eq!(held(&report), 60, "none of them has a name");
    assert!(world.blocks("shop-59.example", day(2)));
}

/// Without a repository the backup alone says what was published.
#[test]
fn with_nothing_left_the_next_release_is_guarded_by_what_the_backup_says() {
    let mut world = World::new();
    died(&mut world, |_| {});
    fs::remove_dir_all(world.served()).unwrap();
    world.restore(day(1));
    let nothing = RecoverOptions::default();
    world.coalition.publisher.recover(&nothing, day(1)).unwrap();
    world.import(&sixty_shops(), day(1));
    let report = world.release(day(1));
    // 50 may answer with more in 30 days, and the backup knows of two that did.
    assert_eq!(held(&report), 12);
}

/// An entry that the guard held back was in the register and not in its last release.
#[test]
fn what_was_held_back_is_not_taken_for_what_was_taken_off() {
    let mut world = World::new();
    world.import(&sixty_shops(), day(1));
    let report = world.release(day(2));
    assert_eq!(held(&report), 12);
    died(&mut world, |world| {
        delist(world, "gone.example", day(3));
        world.release(day(3));
    });
    world.restore(day(4));
    let list = world.recover(day(4)).lists.remove(0);
    assert_eq!((list.pending, list.withdrawn, list.same), (12, 1, 49));
    // Another copy, a day later: what waits for a decision goes on waiting.
    let list = world.recover(day(5)).lists;
    assert!(list.is_empty() || list[0].withdrawn == 1);
    assert_eq!(world.coalition.publisher.withdrawn().unwrap().len(), 1);
}

/// The history was lost with what it says of the releases after the backup.
#[test]
fn verify_counts_the_releases_of_the_lost_register_and_proves_all_others() {
    let mut world = World::new();
    died(&mut world, |world| {
        world.import("domain,new.example,y,block\n", day(1));
        world.release(day(1));
        world.release(day(2));
    });
    world.restore(day(3));
    let verified = world.coalition.publisher.verify(None).unwrap();
    assert_eq!((verified.releases, verified.lost), (0, 0));
    world.recover(day(3));
    world.release(day(3));
    world.release(day(4));
    let served = world.served();
    let verified = world.coalition.publisher.verify(Some(&served)).unwrap();
    assert_eq!((verified.releases, verified.lost), (3, 2));
    assert!(
        verified
            .to_string()
            .contains("2 releases are of a register that was lost")
    );
    world.coalition.publisher.verify(None).unwrap();
    // What the register itself released is still held against its history.
    let mut other = Coalition::new();
    other.import("kind,value\ndomain,other.example\n");
    other.release();
    let refused = world.coalition.publisher.verify(Some(&other.repository()));
    assert!(
        matches!(refused, Err(PublisherError::HistoryRewritten { .. })),
        "{refused:?}"
    );
}

#[test]
fn the_new_base_has_the_records_without_a_name_as_the_stash_had() {
    let mut world = died_after_release_of("domain,a.example,y,block\n");
    world.restore(day(2));
    world.recover(day(2));
    let options = ReleaseOptions {
        base: interdict_publisher::NewBase::Always,
        compact: Some(CompactEdition::Yes),
        ..ReleaseOptions::default()
    };
    world.coalition.publisher.release(day(2), &options).unwrap();
    world.upload(day(2));
    assert!(world.blocks("a.example", day(2)));
    let compact = world
        .gateway
        .ask_compact("se/merchants", Kind::Domain, "a.example");
    assert!(matches!(
        compact,
        Some(interdict_core::list::Membership::Candidate)
    ));
}

#[test]
fn what_was_taken_off_after_the_backup_stays_off_until_somebody_decides() {
    let mut world = World::new();
    died(&mut world, |world| {
        delist(world, "gone.example", day(1));
        world.release(day(1));
    });
    assert!(!world.blocks("gone.example", day(1)));
    world.restore(day(2));
    let report = world.recover(day(2));
    assert_eq!((report.lists[0].withdrawn, report.lists[0].same), (1, 1));
    world.release(day(2));
    assert!(world.blocks("old.example", day(2)) && !world.blocks("gone.example", day(2)));
    let withdrawn = world.coalition.publisher.withdrawn().unwrap();
    assert_eq!(withdrawn.len(), 1);
    assert_eq!(withdrawn[0].1.text(), "gone.example");
    let publisher = &mut world.coalition.publisher;
    assert_eq!(publisher.list_withdrawn_again(day(3)).unwrap(), 1);
    world.release(day(3));
    assert!(world.blocks("gone.example", day(3)));
}

#[test]
fn an_entry_that_was_never_released_is_not_taken_for_one_that_was_taken_off() {
    let mut world = World::new();
    world.import("domain,next.example,y,block\n", day(1));
    died(&mut world, |world| {
        delist(world, "next.example", day(2));
        world.import("domain,other.example,y,block\n", day(2));
        world.release(day(2));
    });
    world.restore(day(3));
    let report = world.recover(day(3));
    let list = &report.lists[0];
    assert_eq!(
        (list.pending, list.withdrawn, list.unknown_records()),
        (1, 0, 1)
    );
}

#[test]
fn a_group_that_only_the_repository_knows_is_not_mixed_with_a_new_one() {
    let mut world = World::new();
    let import = |world: &mut World, row: &str, now: Time| {
        let csv = format!("kind,value,source,action,group\n{row}\n");
        let format = interdict_publisher::Format::Csv;
        let options = interdict_publisher::ImportOptions::new(format, "y");
        let report = import_by_source(&mut world.coalition.publisher, csv, &options, now);
        assert_eq!(report.accepted, 1);
    };
    died(&mut world, |world| {
        import(world, "domain,a.example,y,block,seller a", day(1));
        world.release(day(1));
    });
    world.restore(day(2));
    world.recover(day(2));
    import(&mut world, "domain,b.example,y,block,seller b", day(2));
    world.release(day(2));
    let group = |name: &str| {
        let found = world
            .gateway
            .ask_at("se/merchants", Kind::Domain, name, day(2));
        let interdict_core::list::Membership::Listed { record, .. } = found else {
            panic!("{name}");
        };
        record.group
    };
    let (a, b) = (group("a.example"), group("b.example"));
    assert!(a > 0 && b > 0 && a != b, "{a} {b}");
}

#[test]
fn recovering_twice_raises_nothing_twice() {
    let mut world = died_after_release_of("domain,a.example,y,block\n");
    world.restore(day(2));
    world.recover(day(2));
    let path = world.home().join("register.sqlite");
    let once = super::world::rows(&path);
    world.recover(day(2));
    assert_eq!(super::world::rows(&path), once);
}
