//! The compact edition beside member.

use interdict_core::identifier::Kind;
use interdict_core::list::{Descriptor, Edition, Membership};
use interdict_publisher::{CompactEdition, ReleaseOptions, ReleaseReport, Urgency, inspect};

use crate::coalition::{Coalition, Gateway, now, tree};

const LIST: &str = "se/merchants";
const HEADER: &str = "kind,value,source,action,confidence,flags,valid_until,scope\n";
const BASE: &str = "domain,block.example,x,block,950,,,\n\
    domain,review.example,x,review,850,,,\n\
    domain,watch.example,x,monitor,900,,,\n\
    domain,silent.example,x,monitor,900,silent,,\n\
    domain,victim.example,x,block,900,possibly_victim_controlled,,\n\
    domain,host.test,x,block,900,,,host\n\
    domain,ends.example,x,block,900,,2026-11-23,\n\
    iban,SE4550000000058398257466,x,hold_payout,900,,,\n";

fn release(coalition: &mut Coalition, compact: Option<CompactEdition>, day: u32) -> ReleaseReport {
    let options = ReleaseOptions {
        compact,
        ..ReleaseOptions::default()
    };
    let time = now().plus(day * crate::coalition::DAY);
    coalition.publisher.release(time, &options).unwrap()
}

fn coalition() -> Coalition {
    let mut coalition = Coalition::new();
    coalition.import(&format!("{HEADER}{BASE}"));
    coalition
}

fn gateway(coalition: &mut Coalition, day: u32) -> Gateway {
    let mut gateway = coalition.gateway();
    let time = now().plus(day * crate::coalition::DAY);
    gateway.update(&coalition.repository(), time).unwrap();
    gateway
}

/// Whether a compact list hits a domain; `None` if there is none.
fn hit(gateway: &Gateway, name: &str) -> Option<bool> {
    match gateway.ask_compact(LIST, Kind::Domain, name)? {
        Membership::Absent => Some(false),
        Membership::Candidate => Some(true),
        other => panic!("{other:?}"),
    }
}

/// The descriptor of the newest compact release.
fn descriptor(coalition: &Coalition) -> Descriptor {
    let metadata = tree(&coalition.repository().join("metadata"));
    let targets = metadata
        .iter()
        .filter(|(name, _)| name.ends_with("targets.json"));
    let newest =
        targets.max_by_key(|(name, _)| name.split('.').next().unwrap().parse::<u32>().ok());
    let targets: serde_json::Value = serde_json::from_slice(newest.unwrap().1).unwrap();
    let path = "se/merchants.compact-1.filter";
    let custom = targets["signed"]["targets"][path]["custom"].to_string();
    let limits = interdict_core::common::json::Limits {
        depth: 8,
        nodes: 100,
    };
    let custom = interdict_core::common::json::parse(custom.as_bytes(), limits).unwrap();
    Descriptor::of_target(path, &custom).unwrap().unwrap()
}

#[test]
fn it_is_published_once_asked_for_and_from_then_on_until_it_is_stopped() {
    let mut coalition = coalition();
    let report = release(&mut coalition, None, 0);
    let editions = |report: &ReleaseReport| -> Vec<Edition> {
        report.lists[0]
            .epochs
            .iter()
            .map(|one| one.edition)
            .collect()
    };
    assert_eq!(editions(&report), [Edition::Member]);
    assert_eq!(hit(&gateway(&mut coalition, 0), "block.example"), None);
    // A filter tells nobody what is in it, so a member base is built anew with it.
    let report = release(&mut coalition, Some(CompactEdition::Yes), 0);
    assert_eq!(editions(&report), [Edition::Member, Edition::Compact]);
    assert!(
        report.lists[0]
            .epochs
            .iter()
            .all(|one| one.changes.is_none())
    );
    assert!(
        report.to_string().contains("  compact  epoch 1: new base"),
        "{report}"
    );
    let report = release(&mut coalition, None, 0);
    assert_eq!(editions(&report), [Edition::Member, Edition::Compact]);
    assert!(
        report.lists[0]
            .epochs
            .iter()
            .all(|one| one.changes == Some(0))
    );
    release(&mut coalition, Some(CompactEdition::No), 0);
    assert_eq!(hit(&gateway(&mut coalition, 0), "block.example"), None);
    let report = release(&mut coalition, None, 0);
    assert_eq!(editions(&report), [Edition::Member]);
}

#[test]
fn it_holds_what_a_person_should_look_at_and_nothing_that_must_stay_quiet() {
    let mut coalition = coalition();
    release(&mut coalition, Some(CompactEdition::Yes), 0);
    let gateway = gateway(&mut coalition, 0);
    for (name, held) in [
        ("block.example", true),
        ("pay.block.example", true),
        ("review.example", true),
        ("ends.example", true),
        ("host.test", true),
        ("below.host.test", false),
        ("watch.example", false),
        ("silent.example", false),
        ("victim.example", false),
        ("other.example", false),
    ] {
        assert_eq!(hit(&gateway, name), Some(held), "{name}");
    }
    // 950, 850, 900, 900 and 900.
    assert_eq!(descriptor(&coalition).confidence, Some(900));
}

#[test]
fn a_stash_says_what_came_what_went_and_what_ended() {
    let mut coalition = coalition();
    release(&mut coalition, Some(CompactEdition::Yes), 0);
    coalition.import(&format!(
        "{HEADER}domain,new.example,x,review,900,,,\n\
         domain,block.example,x,monitor,900,,,\n\
         domain,watch.example,x,block,900,,,\n\
         domain,host.test,x,block,900,,,domain\n"
    ));
    let report = release(&mut coalition, None, 2);
    let compact = report.lists[0].epochs[1];
    // new, watch, host as a domain came; block, ends and host alone went.
    assert_eq!(
        (compact.edition, compact.changes),
        (Edition::Compact, Some(6))
    );
    let gateway = gateway(&mut coalition, 2);
    for (name, held) in [
        ("new.example", true),
        ("watch.example", true),
        ("below.host.test", true),
        ("review.example", true),
        ("block.example", false),
        ("ends.example", false),
    ] {
        assert_eq!(hit(&gateway, name), Some(held), "{name}");
    }
    let status = coalition.publisher.status(now()).unwrap().to_string();
    assert!(status.contains("compact epoch 1: release 2"), "{status}");
    assert!(status.contains("and 6 changes"), "{status}");
    // Both editions are of one release and one base.
    let found = descriptor(&coalition);
    assert_eq!(found.header.sequence, 2);
    assert_eq!(found.provenance.base.unwrap().sequence, 1);
    for (name, bytes) in tree(&coalition.repository()) {
        let part = name.contains(".compact-1.") && !name.ends_with(".gz");
        if let Some(file) = name.rsplit('/').next().filter(|_| part) {
            let shown = inspect(&bytes, file, now()).unwrap();
            assert!(shown.contains("edition: compact\n"), "{shown}");
            assert!(shown.contains("false hits: one in 2^32\n"), "{shown}");
            let stash = name.ends_with("stash");
            assert_eq!(shown.contains("removals: 3\n"), stash, "{shown}");
        }
    }
}

#[test]
fn a_protected_name_below_a_listed_one_is_not_hit() {
    let mut coalition = coalition();
    coalition.protect("pay.block.example\nreview.example\n");
    release(&mut coalition, Some(CompactEdition::Yes), 0);
    let gateway = gateway(&mut coalition, 0);
    assert_eq!(hit(&gateway, "block.example"), Some(true));
    assert_eq!(hit(&gateway, "pay.block.example"), Some(false));
    assert_eq!(hit(&gateway, "review.example"), Some(false));
}

#[test]
fn a_lost_compact_base_is_mended_by_new_bases_of_both() {
    let mut coalition = coalition();
    release(&mut coalition, Some(CompactEdition::Yes), 0);
    for name in tree(&coalition.repository()).keys() {
        if name.contains(".compact-1.filter") {
            std::fs::remove_file(coalition.repository().join(name)).unwrap();
        }
    }
    let report = release(&mut coalition, None, 0);
    assert!(
        report.lists[0]
            .epochs
            .iter()
            .all(|one| one.changes.is_none())
    );
    assert_eq!(
        hit(&gateway(&mut coalition, 0), "block.example"),
        Some(true)
    );
}

#[test]
fn retired_epochs_take_their_compact_edition_along() {
    let mut coalition = coalition();
    release(&mut coalition, Some(CompactEdition::Yes), 0);
    coalition
        .publisher
        .epoch_start(now(), Urgency::Leak)
        .unwrap();
    let report = release(&mut coalition, None, 0);
    assert_eq!(report.lists[0].epochs.len(), 4);
    coalition
        .publisher
        .epoch_retire(1, now(), Urgency::Leak)
        .unwrap();
    release(&mut coalition, None, 0);
    assert_eq!(hit(&gateway(&mut coalition, 0), "block.example"), None);
}
