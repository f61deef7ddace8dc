//! Releases that say only what changed.

use std::fs;

use interdict_core::common::time::Time;
use interdict_core::identifier::Kind;
use interdict_core::list::{Action, Membership};
use interdict_publisher::{
    DelistOptions, Format, ImportOptions, Names, NewBase, ReleaseOptions, ReleaseReport, Urgency,
};

use crate::coalition::{Coalition, DAY, now, tree};

const LIST: &str = "se/merchants";

fn rows(names: impl Iterator<Item = usize>) -> String {
    let rows = names.map(|n| format!("domain,n{n}.example,hotline-se,block\n"));
    format!("kind,value,source,action\n{}", rows.collect::<String>())
}

fn release_at(coalition: &mut Coalition, time: Time) -> ReleaseReport {
    let options = ReleaseOptions::default();
    coalition.publisher.release(time, &options).unwrap()
}

fn changes(report: &ReleaseReport) -> Vec<Option<usize>> {
    let epochs = report.lists[0].epochs.iter();
    epochs.map(|epoch| epoch.changes).collect()
}

fn delist(coalition: &mut Coalition, value: &str) {
    let kind = "domain";
    let names = Names::One { kind, value };
    let options = DelistOptions::default();
    let report = coalition.publisher.delist(names, &options, now()).unwrap();
    assert_eq!(report.refused, []);
}

#[test]
fn a_stash_adds_changes_and_removes() {
    let mut coalition = Coalition::new();
    coalition.import(&rows(1..=4));
    let base = coalition.release();
    assert_eq!(changes(&base), [None]);
    let mut gateway = coalition.gateway();
    gateway.update(&coalition.repository(), now()).unwrap();
    coalition.import(
        "kind,value,source,action\n\
         domain,n1.example,hotline-se,review\n\
         domain,n2.example,bank-a,block\n\
         domain,n5.example,bank-a,block\n",
    );
    delist(&mut coalition, "n3.example");
    coalition.protect("n4.example\n");
    let report = release_at(&mut coalition, now().plus(60));
    // n2 now has two sources that say the same; the first by alphabet goes out.
    assert_eq!(changes(&report), [Some(5)]);
    assert_eq!(report.lists[0].sequence, 2);
    let epoch = report.lists[0].epochs[0];
    assert!(epoch.new_bytes < 300, "{epoch:?}");
    assert_eq!(epoch.bytes, base.lists[0].epochs[0].bytes + epoch.new_bytes);

    gateway
        .update(&coalition.repository(), now().plus(60))
        .unwrap();
    let list = gateway.list(LIST);
    assert_eq!((list.header().sequence, list.change_count()), (2, 5));
    let found = |value| match gateway.ask(LIST, Kind::Domain, value) {
        Membership::Listed { record, source, .. } => Some((record.action, source.id())),
        Membership::Absent => None,
        other => panic!("{other:?}"),
    };
    assert_eq!(found("n1.example"), Some((Action::Review, "se.hotline-se")));
    assert_eq!(found("a.n2.example"), Some((Action::Block, "se.bank-a")));
    assert_eq!(found("n5.example"), Some((Action::Block, "se.bank-a")));
    assert_eq!(found("n3.example"), None);
    assert_eq!(found("n4.example"), None);
}

#[test]
fn a_stash_is_of_the_base_not_of_the_stash_before() {
    let mut coalition = Coalition::new();
    coalition.import(&rows(1..=3));
    coalition.release();
    delist(&mut coalition, "n1.example");
    assert_eq!(changes(&coalition.release()), [Some(1)]);
    coalition.import(&rows(4..=4));
    assert_eq!(changes(&coalition.release()), [Some(2)]);
    let value = "n1.example";
    assert_eq!(coalition.ask(Kind::Domain, value), Membership::Absent);
    // Listed again as it was: the base says so already.
    let options = ImportOptions {
        delisted: interdict_publisher::Delisted::Relist,
        ..ImportOptions::new(Format::Csv, "x")
    };
    let again = rows(1..=1);
    coalition.import_with(&again, &options);
    assert_eq!(changes(&coalition.release()), [Some(1)]);
    assert_eq!(coalition.action(Kind::Domain, value), Some(Action::Block));
}

#[test]
fn what_has_lapsed_since_the_base_needs_no_change() {
    let mut coalition = Coalition::new();
    coalition.import(
        "kind,value,source,valid_until\n\
         domain,short.example,x,2026-11-23\n\
         domain,long.example,x,\n",
    );
    coalition.release();
    let later = now().plus(2 * DAY);
    assert_eq!(changes(&release_at(&mut coalition, later)), [Some(0)]);
    let mut gateway = coalition.gateway();
    gateway.update(&coalition.repository(), later).unwrap();
    let found = gateway.ask_at(LIST, Kind::Domain, "short.example", later);
    assert!(matches!(found, Membership::Lapsed(_)), "{found:?}");
    // Listed on, it is a change.
    coalition.import("kind,value,source,valid_until\ndomain,short.example,x,2026-12-23\n");
    assert_eq!(changes(&release_at(&mut coalition, later)), [Some(1)]);
    gateway.update(&coalition.repository(), later).unwrap();
    let found = gateway.ask_at(LIST, Kind::Domain, "short.example", later);
    assert!(matches!(found, Membership::Listed { .. }), "{found:?}");
}

#[test]
fn too_many_changes_make_a_new_base() {
    let mut coalition = Coalition::new();
    coalition.import(&rows(1..=10));
    coalition.release();
    coalition.import(&rows(11..=266).replace(",hotline-se,", ",y,"));
    assert_eq!(changes(&coalition.release()), [Some(256)]);
    coalition.import(&rows(267..=267));
    assert_eq!(changes(&coalition.release()), [None]);
    assert_eq!(
        coalition.action(Kind::Domain, "n1.example"),
        Some(Action::Block)
    );
    // 2 % of 20,000 are more than 256.
    coalition.import(&rows(1..=20_000).replace(",hotline-se,", ",z,"));
    assert_eq!(changes(&coalition.release()), [None]);
    coalition.import(&rows(20_001..=20_400).replace(",hotline-se,", ",w,"));
    assert_eq!(changes(&coalition.release()), [Some(400)]);
    coalition.import(&rows(20_401..=20_401));
    assert_eq!(changes(&coalition.release()), [None]);
}

#[test]
fn age_rate_and_wish_make_a_new_base() {
    let mut coalition = Coalition::new();
    coalition.import(&rows(1..=3));
    coalition.release();
    let almost = Time::from_seconds(now().plus(30 * DAY).seconds() - 1);
    assert_eq!(changes(&release_at(&mut coalition, almost)), [Some(0)]);
    let old = now().plus(30 * DAY);
    assert_eq!(changes(&release_at(&mut coalition, old)), [None]);
    assert_eq!(changes(&release_at(&mut coalition, old)), [Some(0)]);
    let rate = ReleaseOptions {
        rate: 16,
        ..ReleaseOptions::default()
    };
    let report = coalition.publisher.release(old, &rate).unwrap();
    assert_eq!(changes(&report), [None]);
    let report = coalition.publisher.release(old, &rate).unwrap();
    assert_eq!(changes(&report), [Some(0)]);
    let wish = ReleaseOptions {
        base: NewBase::Always,
        ..rate
    };
    let report = coalition.publisher.release(old, &wish).unwrap();
    assert_eq!(changes(&report), [None]);
}

#[test]
fn a_base_that_is_gone_or_changed_is_put_back_or_made_anew() {
    for part in [".filter", ".records"] {
        for cut in [true, false] {
            let mut coalition = Coalition::new();
            coalition.import(&rows(1..=3));
            coalition.release();
            let files = tree(&coalition.repository());
            let (path, bytes) = files.iter().find(|(path, _)| path.ends_with(part)).unwrap();
            let file = coalition.repository().join(path);
            if cut {
                fs::remove_file(&file).unwrap();
            } else {
                let mut bytes = bytes.clone();
                *bytes.last_mut().unwrap() ^= 1;
                fs::write(&file, bytes).unwrap();
            }
            // Of the records a copy is kept, and the release puts it back.
            let expected = (part == ".records").then_some(0);
            assert_eq!(changes(&coalition.release()), [expected], "{part} {cut}");
            let found = coalition.action(Kind::Domain, "n1.example");
            assert_eq!(found, Some(Action::Block));
        }
    }
}

#[test]
fn every_live_epoch_goes_out_and_a_retired_one_ends() {
    let mut coalition = Coalition::new();
    coalition.import(&rows(1..=3));
    coalition.release();
    let mut old = coalition.gateway();
    coalition
        .publisher
        .epoch_start(now(), Urgency::Leak)
        .unwrap();
    let mut new = coalition.gateway();
    delist(&mut coalition, "n1.example");
    let report = coalition.release();
    assert_eq!(changes(&report), [Some(1), None]);
    assert_eq!(report.lists[0].sequence, 2);
    for (gateway, epoch) in [(&mut old, 1), (&mut new, 2)] {
        gateway.update(&coalition.repository(), now()).unwrap();
        assert_eq!(gateway.epochs(LIST), [1, 2]);
        let header = gateway.list(LIST).header();
        assert_eq!((header.epoch, header.sequence), (epoch, 2));
        let ask = |value| gateway.ask(LIST, Kind::Domain, value);
        assert_eq!(ask("n1.example"), Membership::Absent);
        assert!(matches!(ask("n2.example"), Membership::Listed { .. }));
    }
    coalition
        .publisher
        .epoch_retire(1, now(), Urgency::Leak)
        .unwrap();
    let report = coalition.release();
    assert_eq!(changes(&report), [Some(0)]);
    new.update(&coalition.repository(), now()).unwrap();
    assert_eq!(new.epochs(LIST), [2]);
}

#[test]
fn a_retired_epoch_ends_for_lists_that_are_not_built_too() {
    let mut coalition = Coalition::with(interdict_publisher::TestKeys::Yes, &["se/a", "se/b"]);
    for list in ["se/a", "se/b"] {
        let options = ImportOptions {
            list: Some(list.to_owned()),
            ..ImportOptions::new(Format::Csv, "x")
        };
        let text = rows(1..=3);
        coalition.import_with(&text, &options);
    }
    coalition
        .publisher
        .epoch_start(now(), Urgency::Leak)
        .unwrap();
    coalition.release();
    coalition
        .publisher
        .epoch_retire(1, now(), Urgency::Leak)
        .unwrap();
    let only = ReleaseOptions {
        lists: vec!["se/a".to_owned()],
        ..ReleaseOptions::default()
    };
    coalition.publisher.release(now(), &only).unwrap();
    let mut gateway = coalition.gateway();
    gateway.update(&coalition.repository(), now()).unwrap();
    assert_eq!(gateway.epochs("se/a"), [2]);
    assert_eq!(gateway.epochs("se/b"), [2]);
    assert_eq!(gateway.list("se/b").header().sequence, 1);
}

#[test]
fn the_status_tells_the_base_and_what_changed() {
    let mut coalition = Coalition::new();
    coalition.import(&rows(1..=3));
    coalition.release();
    coalition.import(&rows(4..=5));
    release_at(&mut coalition, now().plus(DAY));
    let status = coalition.publisher.status(now().plus(DAY)).unwrap();
    let epoch = &status.lists[0].published[0];
    assert_eq!((epoch.epoch, epoch.sequence), (1, 2));
    assert_eq!((epoch.base_issued, epoch.changes), (now(), Some(2)));
    let text = status.to_string();
    let line = "  member epoch 1: release 2, base of 2026-11-22T00:00:00Z and 2 changes\n";
    assert!(text.contains(line), "{text}");
}
