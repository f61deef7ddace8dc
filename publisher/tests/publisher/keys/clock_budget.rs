//! What a release let out by a clock that ran ahead still counts once the clock is right.

use interdict_core::common::time::Time;
use interdict_publisher::{
    Confirm, Day, DelistOptions, Direction, Format, ImportOptions, Names, Proposal, PublisherError,
    RecoveredClock, ReleaseOptions, ReleaseReport,
};

use crate::coalition::{Coalition, DAY, import_by_source, now};

/// The publisher's clock while it runs ahead: what went out before counts no more.
fn ahead() -> Time {
    now().plus(40 * DAY)
}

fn noticed() -> Time {
    now().plus(2 * DAY)
}

fn rows(indexes: impl Iterator<Item = usize>) -> String {
    let rows = indexes.map(|index| format!("domain,shop-{index}.example,x,block\n"));
    format!("kind,value,source,action\n{}", rows.collect::<String>())
}

/// A released list of 400 blocked domains of which five were taken off by a right clock, which is all that may go.
fn published() -> Coalition {
    let mut coalition = Coalition::new();
    let options = ImportOptions::new(Format::Csv, "se");
    import_by_source(&mut coalition.publisher, rows(0..400), &options, now());
    coalition.release();
    let at = now().plus(DAY);
    assert_eq!(held(&delist(&mut coalition, 0..5, at)), 0);
    coalition
}

fn release(coalition: &mut Coalition, at: Time, confirm: Confirm) -> ReleaseReport {
    let options = ReleaseOptions {
        confirm,
        ..ReleaseOptions::default()
    };
    coalition.publisher.release(at, &options).unwrap()
}

/// Delists with one command, and releases.
fn delist(coalition: &mut Coalition, indexes: std::ops::Range<usize>, at: Time) -> ReleaseReport {
    let rows = indexes.map(|index| format!("domain,shop-{index}.example\n"));
    let csv = format!("kind,value\n{}", rows.collect::<String>());
    let names = Names::File {
        bytes: &mut csv.as_bytes(),
        format: Format::Csv,
    };
    let options = DelistOptions::default();
    coalition.publisher.delist(names, &options, at).unwrap();
    release(coalition, at, Confirm::Nothing)
}

fn delist_alone(coalition: &mut Coalition, index: usize, at: Time) {
    let value = format!("shop-{index}.example");
    let names = Names::One {
        kind: "domain",
        value: &value,
    };
    let options = DelistOptions::default();
    coalition.publisher.delist(names, &options, at).unwrap();
}

fn held(report: &ReleaseReport) -> usize {
    report.lists[0].held.iter().map(|cell| cell.count).sum()
}

fn recover(coalition: &mut Coalition) -> RecoveredClock {
    let today = Day::parse("2026-11-24");
    coalition.publisher.recover_clock(noticed(), today).unwrap()
}

fn went(recovered: &RecoveredClock) -> Vec<(&str, &str, &str, Direction, usize)> {
    let went = recovered.went.iter();
    let went = went.map(|one| {
        let (source, kind) = (one.source.as_str(), one.kind.as_str());
        (one.list.as_str(), source, kind, one.direction, one.count)
    });
    went.collect()
}

#[test]
fn what_went_out_by_the_fast_clock_uses_up_the_limits_and_is_named() {
    let mut coalition = published();
    assert_eq!(held(&delist(&mut coalition, 10..15, ahead())), 0);
    let recovered = recover(&mut coalition);
    let five = ("se/merchants", "se.x", "domain", Direction::Less, 5);
    assert_eq!(went(&recovered), [five]);
    let said = recovered.to_string();
    let part = "se/merchants: 5 of domain from se.x went out with less";
    assert!(said.contains(part), "{said}");
    assert_eq!(held(&delist(&mut coalition, 20..30, noticed())), 10);
    // For 30 days from then.
    let almost = noticed().plus(30 * DAY - 1);
    assert_eq!(held(&release(&mut coalition, almost, Confirm::Nothing)), 10);
    let after = noticed().plus(30 * DAY + 1);
    assert_eq!(held(&release(&mut coalition, after, Confirm::Nothing)), 5);
}

#[test]
fn what_went_out_after_a_confirmation_by_the_fast_clock_counts_and_what_went_before_does_not() {
    let mut coalition = published();
    let report = delist(&mut coalition, 10..110, ahead());
    assert_eq!(held(&report), 95);
    let digest = report.proposal.unwrap().digest;
    let later = ahead().plus(60);
    release(&mut coalition, later, Confirm::Proposal(digest));
    let report = delist(&mut coalition, 110..112, later.plus(60));
    assert_eq!(held(&report), 0);
    recover(&mut coalition);
    // Two of five have gone since a person agreed.
    assert_eq!(held(&delist(&mut coalition, 120..130, noticed())), 7);
}

#[test]
fn a_confirmation_after_the_recovery_begins_the_limits_anew() {
    let mut coalition = published();
    delist(&mut coalition, 10..15, ahead());
    recover(&mut coalition);
    let report = delist(&mut coalition, 20..30, noticed());
    let digest = report.proposal.unwrap().digest;
    release(
        &mut coalition,
        noticed().plus(60),
        Confirm::Proposal(digest),
    );
    let report = delist(&mut coalition, 30..40, noticed().plus(120));
    assert_eq!(held(&report), 5);
}

#[test]
fn identifiers_that_the_fast_clock_let_go_alone_count_and_one_that_went_twice_counts_twice() {
    let mut coalition = published();
    delist(&mut coalition, 390..395, ahead());
    for index in 100..119 {
        delist_alone(&mut coalition, index, ahead());
    }
    release(&mut coalition, ahead(), Confirm::Nothing);
    let options = ImportOptions {
        delisted: interdict_publisher::Delisted::Relist,
        ..ImportOptions::new(Format::Csv, "se")
    };
    let later = ahead().plus(60);
    import_by_source(&mut coalition.publisher, rows(100..101), &options, later);
    release(&mut coalition, later, Confirm::Nothing);
    delist_alone(&mut coalition, 100, later.plus(60));
    release(&mut coalition, later.plus(60), Confirm::Nothing);
    let recovered = recover(&mut coalition);
    let alone = recovered.alone.iter();
    let alone = alone.map(|(list, count)| (list.as_str(), *count));
    assert_eq!(alone.collect::<Vec<_>>(), [("se/merchants", 20)]);
    delist_alone(&mut coalition, 200, noticed());
    assert_eq!(
        held(&release(&mut coalition, noticed(), Confirm::Nothing)),
        1
    );
}

#[test]
fn what_the_fast_clock_held_back_may_be_confirmed_for_seven_days() {
    for (after, is_well) in [(7 * DAY - 1, true), (7 * DAY, false)] {
        let mut coalition = published();
        let report = delist(&mut coalition, 10..110, ahead());
        let Some(Proposal { digest, until, .. }) = report.proposal else {
            panic!("nothing was held back")
        };
        assert_eq!(until, ahead().plus(7 * DAY));
        recover(&mut coalition);
        let options = ReleaseOptions {
            confirm: Confirm::Proposal(digest),
            ..ReleaseOptions::default()
        };
        let result = coalition.publisher.release(noticed().plus(after), &options);
        match is_well {
            true => assert_eq!(held(&result.unwrap()), 0),
            false => assert!(matches!(result, Err(PublisherError::UnknownProposal))),
        }
    }
}

#[test]
fn nothing_is_named_where_nothing_was_let_out() {
    let mut coalition = published();
    release(&mut coalition, ahead(), Confirm::Nothing);
    let recovered = recover(&mut coalition);
    assert_eq!((&recovered.went, &recovered.alone), (&vec![], &vec![]));
    assert!(!recovered.to_string().contains("went out"));
}
