//! A release signed on one machine and published on another.

use std::fs;
use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use interdict_core::common::hex;
use interdict_core::identifier::{Identifier, Kind};
use interdict_core::list::Membership;
use interdict_core::token::ListKey;
use interdict_core::trust::{Freshness, RoleName};
use interdict_publisher::{Day, NewBase, NewMember, Online, PublisherError, ReleaseOptions};

use super::split;
use crate::coalition::{Coalition, DAY, Gateway, now, tree};

const RECIPIENT: &str = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj";

struct Machines {
    offline: Coalition,
    room: tempfile::TempDir,
}

impl Machines {
    fn new() -> Self {
        let offline = Coalition::new();
        let room = tempfile::tempdir().unwrap();
        split(&offline.directory(), &room.path().join("online"));
        Self { offline, room }
    }

    fn online(&self) -> PathBuf {
        self.room.path().join("online")
    }

    fn repository(&self) -> PathBuf {
        self.online().join("repository")
    }

    fn staged(&self) -> PathBuf {
        self.room.path().join("staged")
    }

    fn import(&mut self, name: &str) {
        let csv = format!("kind,value,source,action\ndomain,{name}.example,hotline-se,block\n");
        self.offline.import(&csv);
    }

    fn stage(&mut self, day: u32) {
        let (options, folder) = (ReleaseOptions::default(), self.staged());
        let publisher = &mut self.offline.publisher;
        publisher
            .stage(now().plus(day * DAY), &options, &folder)
            .unwrap();
    }

    fn publish(&self, day: u32) -> Result<[u32; 3], PublisherError> {
        let online = Online::open(&self.online())?;
        let report = online.publish(&self.staged(), now().plus(day * DAY))?;
        Ok(report.versions)
    }

    fn update(&self, gateway: &mut Gateway, day: u32) {
        let at = now().plus(day * DAY);
        gateway.update(&self.repository(), at).unwrap();
        assert_eq!(gateway.freshness(at), Some(Freshness::Fresh));
    }
}

fn lists(gateway: &Gateway, name: &str) -> bool {
    let name = format!("{name}.example");
    let found = gateway.ask("se/merchants", Kind::Domain, &name);
    matches!(found, Membership::Listed { .. })
}

#[test]
fn a_release_signed_on_one_machine_is_published_on_another() {
    let mut machines = Machines::new();
    let mut gateway = machines.offline.gateway();
    machines.import("one");
    machines.stage(0);
    // On its own machine nothing is published.
    assert!(
        !machines
            .offline
            .repository()
            .join("metadata/timestamp.json")
            .exists()
    );
    assert_eq!(machines.publish(0).unwrap(), [1, 1, 1]);
    machines.update(&mut gateway, 0);
    assert!(lists(&gateway, "one"));
    // The next is a stash on the base that the first machine kept; renewals went on meanwhile.
    Online::open(&machines.online())
        .unwrap()
        .renew(now().plus(DAY))
        .unwrap();
    machines.import("two");
    machines.stage(1);
    assert_eq!(machines.publish(2).unwrap(), [2, 3, 3]);
    machines.update(&mut gateway, 2);
    assert!(lists(&gateway, "one") && lists(&gateway, "two"));
    let stashes = tree(&machines.repository());
    assert!(stashes.keys().any(|path| path.ends_with(".stash")));
    // To publish it again only renews.
    assert_eq!(machines.publish(3).unwrap(), [2, 4, 4]);
    machines.update(&mut gateway, 3);
}

#[test]
fn a_folder_that_was_lost_on_the_way_is_not_missed() {
    let mut machines = Machines::new();
    let mut gateway = machines.offline.gateway();
    machines.import("one");
    machines.stage(0);
    fs::remove_dir_all(machines.staged()).unwrap();
    machines.import("two");
    machines.stage(1);
    assert_eq!(machines.publish(1).unwrap(), [2, 1, 1]);
    machines.update(&mut gateway, 1);
    assert!(lists(&gateway, "one") && lists(&gateway, "two"));
}

#[test]
fn a_new_root_travels_with_the_next_release() {
    let mut machines = Machines::new();
    let mut gateway = machines.offline.gateway();
    machines.import("one");
    machines.stage(0);
    machines.publish(0).unwrap();
    let replace = [RoleName::Root, RoleName::Targets];
    let publisher = &mut machines.offline.publisher;
    publisher.rotate_root(now(), &replace).unwrap();
    machines.import("two");
    machines.stage(1);
    machines.publish(1).unwrap();
    machines.update(&mut gateway, 1);
    assert!(lists(&gateway, "two"));
    // The machine itself goes on from the new root.
    Online::open(&machines.online())
        .unwrap()
        .renew(now().plus(DAY))
        .unwrap();
    machines.update(&mut gateway, 1);
}

#[test]
fn nothing_of_a_folder_that_is_damaged_or_forged_is_published() {
    let mut machines = Machines::new();
    machines.import("one");
    machines.stage(0);
    machines.publish(0).unwrap();
    machines.import("two");
    let base = ReleaseOptions {
        base: NewBase::Always,
        ..ReleaseOptions::default()
    };
    let folder = machines.staged();
    fs::remove_dir_all(&folder).unwrap();
    let publisher = &mut machines.offline.publisher;
    publisher.stage(now(), &base, &folder).unwrap();
    let before = tree(&machines.repository());
    let files = tree(&folder);
    let mut tried = 0;
    for (path, bytes) in &files {
        // The root is here already, and the one on the way is not read.
        if path.ends_with("root.json") {
            continue;
        }
        let mut changed = bytes.clone();
        let middle = changed.len() / 2;
        changed[middle] ^= 1;
        for change in [Some(&changed), None] {
            match change {
                Some(change) => fs::write(folder.join(path), change).unwrap(),
                None => fs::remove_file(folder.join(path)).unwrap(),
            }
            assert!(machines.publish(0).is_err(), "{path}");
            assert!(tree(&machines.repository()) == before, "{path}");
            tried += 1;
        }
        fs::write(folder.join(path), bytes).unwrap();
    }
    assert_eq!(tried, 2 * 3, "filter, records and targets");
    machines.publish(0).unwrap();
}

#[test]
fn an_older_folder_is_refused() {
    let mut machines = Machines::new();
    machines.import("one");
    machines.stage(0);
    let old = machines.room.path().join("old");
    super::copy(&machines.staged(), &old);
    machines.import("two");
    machines.stage(0);
    machines.publish(0).unwrap();
    let online = Online::open(&machines.online()).unwrap();
    let refused = online.publish(&old, now());
    assert!(
        matches!(
            refused,
            Err(PublisherError::StagedOld {
                staged: 1,
                published: 2
            })
        ),
        "{refused:?}"
    );
    let empty = machines.room.path().join("empty");
    let refused = online.publish(&empty, now());
    assert!(
        matches!(refused, Err(PublisherError::NothingStaged(_))),
        "{refused:?}"
    );
}

#[test]
fn the_unattended_machine_holds_no_name_no_list_key_and_no_tag_outside_its_lists() {
    let names = [
        (Kind::Domain, "shop.example"),
        (Kind::Iban, "SE3550000000054910000003"),
        (Kind::CardAcceptor, "412345/SHOP0001"),
    ];
    let mut machines = Machines::new();
    let rows = names.map(|(kind, value)| format!("{},{value},hotline-se\n", kind.name()));
    let csv = format!("kind,value,source\n{}", rows.concat());
    machines.offline.import(&csv);
    let member = NewMember {
        recipient: Some(RECIPIENT),
        ..NewMember::by_hand("bank-a", "file:repository")
    };
    machines
        .offline
        .publisher
        .member_add(&member, now())
        .unwrap();
    machines.stage(0);
    machines.publish(0).unwrap();
    let online = Online::open(&machines.online()).unwrap();
    online.renew(now().plus(DAY)).unwrap();
    online.status(now()).unwrap().unwrap();
    let mirror = machines.room.path().join("mirror");
    online.upload(&mirror, now().plus(DAY)).unwrap();

    let keys = machines.offline.directory().join("keys");
    let key = fs::read_to_string(keys.join("TEST-list-key-1.hex")).unwrap();
    let key: [u8; 32] = hex::array(key.trim()).unwrap();
    let secrets = ["TEST-list-key-1.hex", "TEST-decoy-secret.hex"].map(|file| {
        let text = fs::read_to_string(keys.join(file)).unwrap();
        hex::array::<32>(text.trim()).unwrap()
    });
    let mut never: Vec<Vec<u8>> = Vec::new();
    for secret in secrets {
        never.push(secret.to_vec());
        never.push(hex::text(&secret).into_bytes());
        never.push(STANDARD.encode(secret).into_bytes());
    }
    for (_, value) in names {
        never.push(value.as_bytes().to_vec());
    }
    for part in ["shop", "SHOP0001", "54910000003", "hotline", "bank-a"] {
        never.push(part.as_bytes().to_vec());
    }
    let list_key = ListKey::new(key);
    let tags: Vec<[u8; 12]> = names
        .iter()
        .map(|(kind, value)| {
            let identifier = Identifier::parse(*kind, value).unwrap();
            list_key.tag(*kind, identifier.canonical()).0
        })
        .collect();
    let holds = |bytes: &[u8], part: &[u8]| bytes.windows(part.len()).any(|window| window == part);
    // Everything on the machine: its directory, what was carried over, and what it copied out.
    let files = tree(machines.room.path());
    let mut tags_in_lists = 0;
    for (path, bytes) in &files {
        for part in &never {
            // A list names its sources, which are ids and no merchants.
            let source = path.contains("/targets/") && part == b"hotline";
            assert!(source || !holds(bytes, part), "{path}");
        }
        for tag in &tags {
            let found = holds(bytes, tag) || holds(bytes, hex::text(tag).as_bytes());
            assert!(!found || path.contains("/targets/"), "{path}");
            tags_in_lists += usize::from(found);
        }
    }
    // The search would have found them: in the records here, in the folder and in the copy.
    assert_eq!(tags_in_lists, 3 * tags.len());
    let known = fs::read(machines.offline.directory().join("history.jsonl")).unwrap();
    assert!(holds(&known, b"shop.example"));
    assert!(
        !files
            .keys()
            .any(|path| path.contains("register") || path.contains("list-key"))
    );
}

#[test]
fn renew_and_status_need_no_register_and_no_other_key() {
    let mut coalition = Coalition::new();
    coalition.import("kind,value,source\ndomain,shop.example,x\n");
    coalition.release();
    let mut gateway = coalition.gateway();
    let room = tempfile::tempdir().unwrap();
    let directory = room.path().join("online");
    split(&coalition.directory(), &directory);
    let online = Online::open(&directory).unwrap();
    for day in [1, 3, 13] {
        // Also after an outage that lasted longer than the timestamp.
        let at = now().plus(day * DAY);
        let report = online.renew(at).unwrap();
        assert_eq!(report.renew_before, at.plus(3 * DAY));
        gateway.update(&directory.join("repository"), at).unwrap();
        assert_eq!(gateway.freshness(at), Some(Freshness::Fresh));
    }
    let mut left: Vec<String> = tree(&directory).into_keys().collect();
    left.retain(|path| !path.starts_with("repository/"));
    let expected = [
        "keys/TEST-snapshot-1-1.pem",
        "keys/TEST-timestamp-1-1.pem",
        "lock",
        "versions.json",
    ];
    assert_eq!(left, expected);
    let back = online.renew(now());
    assert!(
        matches!(back, Err(PublisherError::ClockBehind { .. })),
        "{back:?}"
    );
    let nowhere = Online::open(&room.path().join("nowhere"));
    assert!(matches!(nowhere, Err(PublisherError::NoRepository(_))));
}

#[test]
fn a_damaged_register_does_not_stop_renewals() {
    let mut coalition = Coalition::new();
    coalition.import("kind,value,source\ndomain,shop.example,x\n");
    coalition.release();
    fs::write(coalition.directory().join("register.sqlite"), "no register").unwrap();
    let online = Online::open(&coalition.directory()).unwrap();
    online.renew(now().plus(DAY)).unwrap();
    assert!(online.status(now()).unwrap().is_some());
}

#[test]
fn an_unattended_machine_that_signed_ahead_goes_on_once_a_person_states_the_day() {
    let mut machines = Machines::new();
    let mut gateway = machines.offline.gateway();
    machines.import("one");
    machines.stage(0);
    machines.publish(0).unwrap();
    let online = Online::open(&machines.online()).unwrap();
    let late = online.confirm_clock(now().plus(15 * DAY), None);
    assert!(
        matches!(late, Err(PublisherError::ClockAhead { .. })),
        "{late:?}"
    );
    online.renew(now().plus(100 * DAY)).unwrap_err();
    online.renew(now().plus(80 * DAY)).unwrap();
    let today = Day::parse("2026-11-23");
    let refused = online.renew(now().plus(DAY));
    assert!(
        matches!(refused, Err(PublisherError::ClockBehind { .. })),
        "{refused:?}"
    );
    let refused = online.recover_clock(now().plus(DAY), None);
    assert!(
        matches!(refused, Err(PublisherError::DayNeeded { .. })),
        "{refused:?}"
    );
    let recovered = online.recover_clock(now().plus(DAY), today).unwrap();
    assert_eq!(recovered.ahead, Some(now().plus(80 * DAY)));
    machines.import("two");
    machines.stage(1);
    machines.publish(1).unwrap();
    machines.update(&mut gateway, 1);
    assert!(lists(&gateway, "two"));
    // Not before that from now on.
    let back = online.renew(now());
    assert!(
        matches!(back, Err(PublisherError::ClockBehind { .. })),
        "{back:?}"
    );
}
