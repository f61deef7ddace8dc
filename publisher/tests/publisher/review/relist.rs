//! What lifts a tombstone keeps it for whoever asks why.

use interdict_publisher::{
    DelistOptions, Delisted, Format, ImportOptions, ImportReport, Names, Tombstone,
};

use super::show::shown;
use crate::coalition::{Coalition, DAY, import_by_source, now};

const SHOP: &str = "kind,value,source\ndomain,shop.example,hotline-se\n";

fn delist(coalition: &mut Coalition, source: Option<&str>, reason: &str, days: u32) {
    let names = Names::One {
        kind: "domain",
        value: "shop.example",
    };
    let options = DelistOptions {
        source: source.map(str::to_owned),
        reason: Some(reason.to_owned()),
        ..DelistOptions::default()
    };
    let now = now().plus(days * DAY);
    coalition.publisher.delist(names, &options, now).unwrap();
}

fn relist(coalition: &mut Coalition, days: u32) -> ImportReport {
    let options = ImportOptions {
        delisted: Delisted::Relist,
        ..ImportOptions::new(Format::Csv, "se")
    };
    let now = now().plus(days * DAY);
    import_by_source(&mut coalition.publisher, SHOP, &options, now)
}

fn tombstones(coalition: &Coalition) -> Vec<Tombstone> {
    let shown = shown(coalition, "domain", "shop.example");
    shown.lists[0].tombstones.clone()
}

#[test]
fn a_lifted_tombstone_keeps_its_reason_and_no_longer_refuses() {
    let mut coalition = Coalition::new();
    coalition.import(SHOP);
    delist(&mut coalition, None, "appeal 7", 1);
    assert_eq!(relist(&mut coalition, 2).relisted, 1);
    let kept = Tombstone {
        source: None,
        reason: Some("appeal 7".to_owned()),
        at: now().plus(DAY),
        lifted_at: Some(now().plus(2 * DAY)),
    };
    assert_eq!(tombstones(&coalition), [kept]);
    let report = coalition.import(SHOP);
    assert_eq!((report.unchanged, report.refused.len()), (1, 0));
    let status = coalition.publisher.status(now()).unwrap();
    assert_eq!(status.lists[0].delisted, 0);
}

#[test]
fn every_round_of_delisting_and_listing_again_is_kept() {
    let mut coalition = Coalition::new();
    coalition.import(SHOP);
    // Both on one day: neither takes the other's place.
    for _ in 0..2 {
        delist(&mut coalition, None, "first", 1);
        relist(&mut coalition, 1);
    }
    delist(&mut coalition, Some("hotline-se"), "second", 2);
    delist(&mut coalition, None, "third", 3);
    relist(&mut coalition, 4);
    delist(&mut coalition, None, "fourth", 5);
    let kept = tombstones(&coalition);
    let kept: Vec<_> = kept
        .iter()
        .map(|one| {
            (
                one.reason.as_deref().unwrap(),
                one.source.as_deref(),
                one.lifted_at.is_some(),
            )
        })
        .collect();
    assert_eq!(
        kept,
        [
            ("first", None, true),
            ("first", None, true),
            ("second", Some("hotline-se"), true),
            ("third", None, true),
            ("fourth", None, false),
        ]
    );
    let report = coalition.import(SHOP);
    assert_eq!(report.refused.len(), 1, "the last one holds");
}

#[test]
fn listing_one_source_again_leaves_the_tombstones_of_others() {
    let mut coalition = Coalition::new();
    coalition.import(SHOP);
    delist(&mut coalition, Some("police-se"), "theirs", 1);
    delist(&mut coalition, Some("hotline-se"), "ours", 1);
    relist(&mut coalition, 2);
    let lifted = tombstones(&coalition).into_iter();
    let lifted: Vec<_> = lifted
        .map(|one| (one.source.unwrap(), one.lifted_at.is_some()))
        .collect();
    assert_eq!(
        lifted,
        [
            ("hotline-se".to_owned(), true),
            ("police-se".to_owned(), false)
        ]
    );
}
