//! Releases that change an earlier one, and keys of two epochs.

use std::path::Path;

use interdict_helpers::{Coalition, LISTED, NOW, Release, base, change};
use interdict_host::{Action, Gateway, Outcome, Verdict};

use crate::opened::{enrol_file, open, settings};

fn screen(gateway: &Gateway, domain: &str) -> Verdict {
    let request =
        format!(r#"{{"flow":"payout","identifiers":[{{"kind":"domain","value":"{domain}"}}]}}"#);
    gateway.screen(&request, NOW).unwrap()
}

/// Action, and whether it is final.
fn answer(gateway: &Gateway, domain: &str) -> (Action, bool) {
    let verdict = screen(gateway, domain);
    (verdict.action, !verdict.degraded)
}

/// The names of a generation's release files.
fn parts(room: &Path, generation: u32) -> Vec<String> {
    let directory = room.join(format!("state/se/generation-{generation}"));
    let entries = std::fs::read_dir(directory).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.filter(|name| name.starts_with("se%2f")).collect();
    names.sort_unstable();
    names
}

#[test]
fn a_change_is_fetched_alone_and_stands_in_a_whole_generation() {
    let room = tempfile::tempdir().unwrap();
    let coalition = Coalition::new(room.path());
    enrol_file(room.path(), &coalition.enrolment("repository", &[1]));
    coalition.publish(1, &[base()]);
    let gateway = open(settings(room.path())).unwrap();
    assert_eq!(gateway.refresh(NOW).unwrap()[0].outcome, Outcome::Updated);
    coalition.publish(2, &[change()]);
    let report = gateway.refresh(NOW).unwrap().remove(0);
    assert_eq!(report.outcome, Outcome::Updated);
    // Timestamp, snapshot, targets and the stash.
    assert_eq!((report.files, report.state.lists[0].changes), (4, 2));
    assert!(report.bytes < 5_000, "{}", report.bytes);

    let names =
        ["filter", "records", "stash"].map(|part| format!("se%2fmerchants.member-1.{part}"));
    assert_eq!(parts(room.path(), 2), names);
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        let inode = |generation: u32| {
            let path = format!("state/se/generation-{generation}/{}", names[0]);
            room.path().join(path).metadata().unwrap().ino()
        };
        assert_eq!(inode(1), inode(2), "the filter is one file");
    }
    for gateway in [gateway, open(settings(room.path())).unwrap()] {
        assert_eq!(answer(&gateway, "shop.example"), (Action::Block, true));
        assert_eq!(answer(&gateway, "new.example"), (Action::Block, true));
        assert_eq!(answer(&gateway, "market.example"), (Action::Allow, true));
        assert!(gateway.warnings().is_empty());
    }

    // The next base takes the place of all three.
    coalition.publish(3, &[Release::base(1, 3, &["shop.example"])]);
    let gateway = open(settings(room.path())).unwrap();
    assert_eq!(gateway.refresh(NOW).unwrap()[0].files, 5);
    assert_eq!(parts(room.path(), 3), names[..2]);
    assert_eq!(answer(&gateway, "new.example"), (Action::Allow, true));
}

#[test]
fn a_damaged_stash_falls_back_to_the_generation_before() {
    let room = tempfile::tempdir().unwrap();
    let coalition = Coalition::new(room.path());
    enrol_file(room.path(), &coalition.enrolment("repository", &[1]));
    let gateway = open(settings(room.path())).unwrap();
    for (version, release) in [(1, base()), (2, change())] {
        coalition.publish(version, &[release]);
        gateway.refresh(NOW).unwrap();
    }
    let stash = room
        .path()
        .join("state/se/generation-2/se%2fmerchants.member-1.stash");
    let mut bytes = std::fs::read(&stash).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    for damage in [Some(bytes), None] {
        match damage {
            Some(bytes) => std::fs::write(&stash, bytes).unwrap(),
            None => std::fs::remove_file(&stash).unwrap(),
        }
        let gateway = open(settings(room.path())).unwrap();
        let warnings = gateway.warnings();
        assert!(warnings[0].text.contains("damaged"), "{warnings:?}");
        // The metadata that names the newer release is valid, so this one is known to be outdated.
        assert_eq!(answer(&gateway, "shop.example"), (Action::Block, false));
        assert_eq!(answer(&gateway, "market.example"), (Action::Block, false));
    }
    let report = gateway.refresh(NOW).unwrap().remove(0);
    assert_eq!((report.outcome, report.files), (Outcome::Updated, 4));
    assert_eq!(answer(&gateway, "new.example"), (Action::Block, true));
    assert!(gateway.warnings().is_empty());
}

#[test]
fn of_two_epochs_the_newest_with_a_key_is_loaded_alone() {
    let room = tempfile::tempdir().unwrap();
    let coalition = Coalition::new(room.path());
    enrol_file(room.path(), &coalition.enrolment("repository", &[1]));
    coalition.publish(1, &[base(), Release::base(2, 1, LISTED)]);
    let gateway = open(settings(room.path())).unwrap();
    let report = gateway.refresh(NOW).unwrap().remove(0);
    let [list] = report.state.lists.as_slice() else {
        panic!("{:?}", report.state.lists)
    };
    assert_eq!(
        (list.epoch, list.newest_epoch, list.key),
        (1, Some(2), true)
    );
    assert!(
        parts(room.path(), 1)
            .iter()
            .all(|name| name.contains("member-1."))
    );
    let verdict = screen(&gateway, "shop.example");
    assert_eq!((verdict.action, verdict.lists[0].epoch), (Action::Block, 1));

    // The newer key is there, but not the newer release: the older one answers until the refresh.
    enrol_file(room.path(), &coalition.enrolment("repository", &[1, 2]));
    gateway.reload(NOW).unwrap();
    assert_eq!(answer(&gateway, "shop.example"), (Action::Block, false));
    assert!(gateway.warnings().is_empty(), "{:?}", gateway.warnings());
    let report = gateway.refresh(NOW).unwrap().remove(0);
    let lists = report.state.lists.iter();
    let epochs: Vec<_> = lists.map(|list| (list.epoch, list.newest_epoch)).collect();
    assert_eq!(epochs, [(2, None)]);
    assert!(
        parts(room.path(), 2)
            .iter()
            .all(|name| name.contains("member-2."))
    );
    assert_eq!(screen(&gateway, "shop.example").lists[0].epoch, 2);
    // The earlier generation was not damaged, and stays to fall back to.
    assert_eq!(parts(room.path(), 1).len(), 2);
    assert_eq!(gateway.refresh(NOW).unwrap()[0].outcome, Outcome::Unchanged);
}
