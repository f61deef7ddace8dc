//! What a release would change, by name.

use std::fs;

use interdict_core::common::time::Time;
use interdict_core::list::Action;
use interdict_publisher::{
    DelistOptions, Direction, Format, ListChanges, Names, PlanReport, ReleaseOptions, Removal,
};

use crate::coalition::{Coalition, DAY, now, tree};

fn plan(coalition: &Coalition, at: Time) -> PlanReport {
    let options = ReleaseOptions::default();
    coalition.publisher.plan(at, &options).unwrap()
}

fn added(changes: &ListChanges) -> Vec<&str> {
    let added = changes.added.iter();
    added.map(|entry| entry.identifier.text()).collect()
}

#[test]
fn a_plan_names_what_is_added_changed_and_removed_and_why() {
    let mut coalition = Coalition::new();
    coalition.import(
        "kind,value,source,action,valid_until\n\
         domain,stays.example,x,review,\n\
         domain,stronger.example,x,review,\n\
         domain,delisted.example,x,review,\n\
         domain,protected.example,x,review,\n\
         domain,ends.example,x,review,2026-11-24\n",
    );
    let first = plan(&coalition, now());
    assert_eq!(first.changes[0].since, None);
    assert_eq!(first.changes[0].added.len(), 5);
    assert!(
        first
            .to_string()
            .contains("  + domain stays.example: review")
    );
    coalition.release();
    let same = &plan(&coalition, now()).changes[0];
    assert_eq!(same.since, Some(1));
    assert_eq!(
        (same.added.len(), same.changed.len(), same.removed.len()),
        (0, 0, 0)
    );
    coalition.import("kind,value,source,action\ndomain,new.example,x,review\n");
    coalition.import("kind,value,source,action\ndomain,stronger.example,y,hold_payout\n");
    coalition.protect("protected.example\n");
    let name = Names::One {
        kind: "domain",
        value: "delisted.example",
    };
    let options = DelistOptions::default();
    coalition.publisher.delist(name, &options, now()).unwrap();
    let before = tree(&coalition.directory());
    // Before the entry ends: a list says by itself when one has ended, so it is no change later.
    let report = plan(&coalition, now().plus(DAY));
    assert!(tree(&coalition.directory()).keys().eq(before.keys()));
    let changes = &report.changes[0];
    assert_eq!(added(changes), ["new.example"]);
    let [(was, will)] = &changes.changed[..] else {
        panic!("{changes:?}")
    };
    assert_eq!(was.identifier.text(), "stronger.example");
    assert_eq!(
        (was.record.action, will.record.action),
        (Action::Review, Action::HoldPayout)
    );
    assert_eq!(
        (was.source.as_str(), will.source.as_str()),
        ("se.x", "se.y")
    );
    let removed = changes.removed.iter();
    let removed: Vec<_> = removed
        .map(|(entry, why)| (entry.identifier.text(), *why))
        .collect();
    assert_eq!(
        removed,
        [
            ("delisted.example", Removal::Delisted),
            ("protected.example", Removal::Protected)
        ]
    );
    assert_eq!(changes.unnamed, []);
    let text = report.to_string();
    for line in [
        "se/merchants: 1 added, 1 changed, 2 removed; since release 1\n",
        "  ~ domain stronger.example: hold_payout other 900 from se.y; before review other 900 from se.x\n",
        "  - domain delisted.example: delisted; before review other 900 from se.x\n",
    ] {
        assert!(text.contains(line), "{text}");
    }
}

#[test]
fn a_plan_needs_none_of_the_keys_that_sign() {
    let mut coalition = Coalition::new();
    coalition.import("kind,value,source\ndomain,a.example,x\n");
    let whole = plan(&coalition, now());
    for entry in fs::read_dir(coalition.directory().join("keys")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "pem") {
            fs::remove_file(path).unwrap();
        }
    }
    assert_eq!(plan(&coalition, now()), whole);
}

#[test]
fn a_plan_is_compared_with_what_is_published_and_not_with_what_was_cut_off() {
    let mut coalition = Coalition::new();
    coalition.import("kind,value,source\ndomain,a.example,x\n");
    coalition.release();
    coalition.import("kind,value,source\ndomain,b.example,x\n");
    let obstacle = coalition.repository().join("metadata/2.targets.json/full");
    fs::create_dir_all(obstacle).unwrap();
    let options = ReleaseOptions::default();
    assert!(coalition.publisher.release(now(), &options).is_err());
    fs::remove_dir_all(coalition.repository().join("metadata/2.targets.json")).unwrap();
    assert_eq!(added(&plan(&coalition, now()).changes[0]), ["b.example"]);
    let pending = coalition.publisher.pending(now()).unwrap();
    assert_eq!(added(&pending[0]), ["b.example"]);
}

#[test]
fn a_plan_names_what_would_be_held_back_as_published_and_as_it_would_be() {
    let mut coalition = Coalition::new();
    let row = |index: u32| format!("domain,shop-{index}.example,x,block\n");
    let rows: String = (0..20).map(row).collect();
    coalition.import(&format!("kind,value,source,action\n{rows}"));
    coalition.release();
    let options = DelistOptions::default();
    let off = format!("kind,value\n{}", rows.replace(",x,block", ""));
    let names = Names::File {
        bytes: &mut off.as_bytes(),
        format: Format::Csv,
    };
    coalition.publisher.delist(names, &options, now()).unwrap();
    let report = plan(&coalition, now());
    let changes = &report.changes[0];
    // Five may go, and what is held back is no removal.
    assert_eq!((changes.removed.len(), changes.held.len()), (5, 15));
    assert_eq!((changes.unnamed(), changes.held_unnamed), (0, 0));
    for held in &changes.held {
        assert_eq!(held.direction, Direction::Less);
        assert_eq!(held.before.as_ref().unwrap().record.action, Action::Block);
        assert_eq!(held.after, None);
    }
    let text = report.to_string();
    let line = "; would be absent\n";
    assert_eq!(text.matches(line).count(), 15, "{text}");
}
