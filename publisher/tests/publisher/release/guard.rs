//! What one person, one file or one mistake does to a list: gateways notice little of it until a person agrees.

use std::collections::{BTreeMap, BTreeSet};

use interdict_core::common::time::Time;
use interdict_core::identifier::Kind;
use interdict_core::list::{Action, Flags, Membership};
use interdict_publisher::{
    Confirm, DelistOptions, Direction, Format, ImportOptions, Names, PublisherError,
    ReleaseOptions, ReleaseReport,
};

use crate::coalition::{Coalition, DAY, import_by_source, now};

fn name(index: usize) -> String {
    format!("shop-{index}.example")
}

/// A CSV file with a row for each domain, and these fields after the value.
fn rows(fields: &str, values: &str, indexes: impl Iterator<Item = usize>) -> String {
    let rows = indexes.map(|index| format!("domain,{},{values}\n", name(index)));
    format!("kind,value,{fields}\n{}", rows.collect::<String>())
}

fn import_at(coalition: &mut Coalition, csv: &str, at: Time) {
    let options = ImportOptions::new(Format::Csv, "se");
    let report = import_by_source(&mut coalition.publisher, csv, &options, at);
    assert_eq!(report.refused.len(), 0);
}

fn release_at(coalition: &mut Coalition, at: Time, confirm: Confirm) -> ReleaseReport {
    let options = ReleaseOptions {
        confirm,
        ..ReleaseOptions::default()
    };
    coalition.publisher.release(at, &options).unwrap()
}

fn delist_all(coalition: &mut Coalition, indexes: impl Iterator<Item = usize>, at: Time) {
    let csv = rows("source", "x", indexes);
    let names = Names::File {
        bytes: &mut csv.as_bytes(),
        format: Format::Csv,
    };
    let options = DelistOptions::default();
    coalition.publisher.delist(names, &options, at).unwrap();
}

fn delist_one(coalition: &mut Coalition, value: &str, at: Time) {
    let names = Names::One {
        kind: "domain",
        value,
    };
    let options = DelistOptions::default();
    coalition.publisher.delist(names, &options, at).unwrap();
}

/// A released list of this many blocked domains, all from source `x`.
fn published(count: usize) -> Coalition {
    let mut coalition = Coalition::new();
    let csv = rows("source,action", "x,block", 0..count);
    import_at(&mut coalition, &csv, now());
    let report = release_at(&mut coalition, now(), Confirm::First);
    assert_eq!((report.lists[0].listed, report.proposal), (count, None));
    coalition
}

/// What a gateway that updates now finds on the list.
fn listed(coalition: &mut Coalition, at: Time, indexes: std::ops::Range<usize>) -> BTreeSet<usize> {
    let repository = coalition.repository();
    let mut gateway = coalition.gateway();
    gateway.update(&repository, at).unwrap();
    let blocks = |index: &usize| {
        let found = gateway.ask_at("se/merchants", Kind::Domain, &name(*index), at);
        matches!(found, Membership::Listed { record, .. } if record.effective_action() == Action::Block)
    };
    indexes.filter(blocks).collect()
}

fn held(report: &ReleaseReport) -> Vec<(Direction, usize)> {
    let held = report.lists[0].held.iter();
    held.map(|cell| (cell.direction, cell.count)).collect()
}

/// Everything that makes a mass of entries answer with less, and how many of them still block at once.
fn attacks() -> BTreeMap<&'static str, fn(&mut Coalition, Time)> {
    let mut attacks: BTreeMap<&str, fn(&mut Coalition, Time)> = BTreeMap::new();
    attacks.insert("delisting", |coalition, at| {
        delist_all(coalition, 0..400, at);
    });
    attacks.insert("protection", |coalition, at| {
        let names: String = (0..400).map(|index| name(index) + "\n").collect();
        coalition
            .publisher
            .protect(names.as_bytes(), Format::Text, at)
            .unwrap();
    });
    attacks.insert("names below that are protected", |coalition, at| {
        let names: String = (0..400)
            .map(|index| format!("pay.{}\n", name(index)))
            .collect();
        coalition
            .publisher
            .protect(names.as_bytes(), Format::Text, at)
            .unwrap();
    });
    attacks.insert("a lapse bomb", |coalition, at| {
        let end = at.plus(3_600);
        let csv = rows(
            "source,action,valid_until",
            &format!("x,block,{end}"),
            0..400,
        );
        import_at(coalition, &csv, at);
    });
    attacks.insert("silence", |coalition, at| {
        let csv = rows("source,action,flags", "x,monitor,silent", 0..400);
        import_at(coalition, &csv, at);
    });
    attacks.insert("a lower action", |coalition, at| {
        import_at(coalition, &rows("source,action", "x,review", 0..400), at);
    });
    attacks.insert("the mark of a victim", |coalition, at| {
        let flags = "x,block,possibly_victim_controlled";
        import_at(coalition, &rows("source,action,flags", flags, 0..400), at);
    });
    attacks.insert("a narrower scope", |coalition, at| {
        import_at(
            coalition,
            &rows("source,action,scope", "x,block,host", 0..400),
            at,
        );
    });
    attacks
}

#[test]
fn a_mass_of_entries_that_would_answer_with_less_stays_as_published() {
    for (what, attack) in attacks() {
        let mut coalition = published(400);
        let at = now().plus(DAY);
        attack(&mut coalition, at);
        let report = release_at(&mut coalition, at, Confirm::Nothing);
        assert_eq!(held(&report), [(Direction::Less, 395)], "{what}");
        // Two hours later too: a bomb has gone off by then.
        let at = at.plus(7_200);
        let repository = coalition.repository();
        let mut gateway = coalition.gateway();
        gateway.update(&repository, at).unwrap();
        let whole = (0..400).filter(|index| {
            let below = format!("www.{}", name(*index));
            let found = gateway.ask_at("se/merchants", Kind::Domain, &below, at);
            matches!(found, Membership::Listed { record, .. } if record.effective_action() == Action::Block)
        });
        assert_eq!(whole.count(), 395, "{what}");
    }
}

#[test]
fn a_drip_of_removals_is_held_once_it_exceeds_one_in_a_hundred_of_a_month() {
    let mut coalition = published(1_000);
    let mut at = now();
    for day in 0..10_usize {
        at = at.plus(DAY);
        delist_all(&mut coalition, day * 4..day * 4 + 4, at);
        release_at(&mut coalition, at, Confirm::Nothing);
    }
    assert_eq!(listed(&mut coalition, at, 0..1_000).len(), 990);
    // After a month as many again, whatever waits.
    let at = now().plus(34 * DAY);
    release_at(&mut coalition, at, Confirm::Nothing);
    assert_eq!(listed(&mut coalition, at, 0..1_000).len(), 981);
}

#[test]
fn with_101_removals_waiting_one_that_was_delisted_alone_is_out_at_the_next_poll() {
    let mut coalition = published(1_000);
    let at = now().plus(DAY);
    delist_all(&mut coalition, 0..111, at);
    let report = release_at(&mut coalition, at, Confirm::Nothing);
    assert_eq!(held(&report), [(Direction::Less, 101)]);
    delist_one(&mut coalition, &name(500), at.plus(60));
    let at = at.plus(120);
    release_at(&mut coalition, at, Confirm::Nothing);
    let left = listed(&mut coalition, at, 0..1_000);
    assert!(!left.contains(&500) && left.len() == 989, "{}", left.len());
}

#[test]
fn twenty_delisted_alone_go_out_in_a_month_and_the_next_ones_are_held() {
    let mut coalition = published(400);
    let at = now().plus(DAY);
    // The limits are used up first.
    delist_all(&mut coalition, 390..400, at);
    release_at(&mut coalition, at, Confirm::Nothing);
    for index in 0..25 {
        delist_one(
            &mut coalition,
            &name(index),
            at.plus(u32::try_from(index).unwrap()),
        );
    }
    let report = release_at(&mut coalition, at.plus(60), Confirm::Nothing);
    assert_eq!(held(&report), [(Direction::Less, 10)]);
    assert_eq!(listed(&mut coalition, at.plus(60), 0..25).len(), 5);
    // The oldest went first.
    assert!(listed(&mut coalition, at.plus(60), 0..20).is_empty());
}

#[test]
fn no_mandatory_entry_answers_with_less_unconfirmed_not_even_alone() {
    let mut coalition = Coalition::new();
    let csv = rows("source,action,flags", "x,block,mandatory", 0..3);
    import_at(&mut coalition, &csv, now());
    release_at(&mut coalition, now(), Confirm::First);
    let at = now().plus(DAY);
    delist_one(&mut coalition, &name(0), at);
    import_at(&mut coalition, &rows("source,action", "x,block", 1..2), at);
    let report = release_at(&mut coalition, at, Confirm::Nothing);
    assert_eq!(held(&report), [(Direction::Less, 2)]);
    assert_eq!(listed(&mut coalition, at, 0..3).len(), 3);
    let digest = report.proposal.unwrap().digest;
    release_at(&mut coalition, at.plus(60), Confirm::Proposal(digest));
    assert_eq!(listed(&mut coalition, at.plus(60), 0..3), [1, 2].into());
}

#[test]
fn a_flood_of_new_listings_waits_and_what_is_only_watched_does_not() {
    let mut coalition = published(10);
    let at = now().plus(DAY);
    import_at(
        &mut coalition,
        &rows("source,action", "x,block", 100..300),
        at,
    );
    import_at(
        &mut coalition,
        &rows("source,action", "x,monitor", 300..500),
        at,
    );
    let report = release_at(&mut coalition, at, Confirm::Nothing);
    assert_eq!(held(&report), [(Direction::More, 150)]);
    assert_eq!(report.lists[0].listed, 10 + 50 + 200);
}

#[test]
fn the_first_file_of_a_source_is_agreed_to_in_the_same_command_and_no_other_is() {
    let mut coalition = published(10);
    let at = now().plus(DAY);
    import_at(
        &mut coalition,
        &rows("source,action", "y,block", 100..300),
        at,
    );
    import_at(
        &mut coalition,
        &rows("source,action", "x,block", 300..500),
        at,
    );
    let report = release_at(&mut coalition, at, Confirm::First);
    assert_eq!(held(&report), [(Direction::More, 150)]);
    assert_eq!(listed(&mut coalition, at, 100..300).len(), 200);
    // Once.
    import_at(
        &mut coalition,
        &rows("source,action", "y,block", 500..700),
        at,
    );
    let report = release_at(&mut coalition, at.plus(60), Confirm::First);
    assert_eq!(listed(&mut coalition, at.plus(60), 500..700).len(), 50);
    assert_eq!(
        held(&report),
        [(Direction::More, 150), (Direction::More, 150)]
    );
}

#[test]
fn a_confirmation_holds_once_for_seven_days_for_what_was_seen_whatever_else_goes_out() {
    let mut coalition = published(400);
    let at = now().plus(DAY);
    delist_all(&mut coalition, 0..105, at);
    let report = release_at(&mut coalition, at, Confirm::Nothing);
    let proposal = report.proposal.unwrap();
    assert_eq!((proposal.entries, proposal.until), (100, at.plus(7 * DAY)));
    // Meanwhile: something else goes out, more removals come, and one of those seen changes its mind.
    let at = at.plus(DAY);
    import_at(
        &mut coalition,
        &rows("source,action", "z,block", 900..910),
        at,
    );
    delist_all(&mut coalition, 200..300, at);
    let back = ImportOptions {
        delisted: interdict_publisher::Delisted::Relist,
        ..ImportOptions::new(Format::Csv, "se")
    };
    let csv = rows("source,action", "x,review", 104..105);
    import_by_source(&mut coalition.publisher, csv, &back, at);
    let other = release_at(&mut coalition, at, Confirm::Nothing)
        .proposal
        .unwrap();
    assert_ne!(other.digest, proposal.digest);
    let before = listed(&mut coalition, at, 0..400);
    assert_eq!(before.len(), 395);
    let at = at.plus(DAY);
    release_at(
        &mut coalition,
        at,
        Confirm::Proposal(proposal.digest.clone()),
    );
    let after = listed(&mut coalition, at, 0..400);
    let gone: BTreeSet<usize> = before.difference(&after).copied().collect();
    // The 99 that were seen as they still are, and no other.
    assert_eq!(gone.iter().filter(|index| **index < 104).count(), 99);
    assert_eq!(gone.len(), 99);
    // The limits begin anew with that.
    release_at(&mut coalition, at.plus(30), Confirm::Nothing);
    assert_eq!(listed(&mut coalition, at, 0..400).len(), after.len() - 5);
    let again = coalition.publisher.release(
        at.plus(60),
        &ReleaseOptions {
            confirm: Confirm::Proposal(proposal.digest),
            ..ReleaseOptions::default()
        },
    );
    assert!(
        matches!(again, Err(PublisherError::UnknownProposal)),
        "{again:?}"
    );
    // The other one is over by now.
    let late = now().plus(10 * DAY);
    let refused = coalition.publisher.release(
        late,
        &ReleaseOptions {
            confirm: Confirm::Proposal(other.digest),
            ..ReleaseOptions::default()
        },
    );
    assert!(
        matches!(refused, Err(PublisherError::UnknownProposal)),
        "{refused:?}"
    );
}

#[test]
fn an_end_that_was_published_needs_no_second_word_however_many_it_ends() {
    let mut coalition = Coalition::new();
    let csv = rows("source,action,valid_until", "x,block,2026-11-24", 0..200);
    import_at(&mut coalition, &csv, now());
    release_at(&mut coalition, now(), Confirm::First);
    let csv = rows("source,action", "x,monitor", 0..200);
    import_at(&mut coalition, &csv, now().plus(3 * DAY));
    let report = release_at(&mut coalition, now().plus(3 * DAY), Confirm::Nothing);
    assert_eq!((held(&report), report.proposal), (Vec::new(), None));
}

#[test]
fn a_whole_kind_that_is_no_longer_declared_stays_until_it_is_confirmed() {
    let mut coalition = published(100);
    let at = now().plus(DAY);
    delist_all(&mut coalition, 0..100, at);
    let kinds = [Kind::Iban, Kind::Lei];
    coalition.publisher.declare_kinds(None, &kinds, at).unwrap();
    let report = release_at(&mut coalition, at, Confirm::Nothing);
    assert_eq!(held(&report), [(Direction::Less, 95)]);
    assert_eq!(listed(&mut coalition, at, 0..100).len(), 95);
}

#[test]
fn a_plan_holds_back_the_same_and_keeps_nothing() {
    let mut coalition = published(100);
    let at = now().plus(DAY);
    delist_all(&mut coalition, 0..50, at);
    let plan = coalition
        .publisher
        .plan(at, &ReleaseOptions::default())
        .unwrap();
    let report = release_at(&mut coalition, at, Confirm::Nothing);
    assert_eq!(
        (held(&plan.release), plan.release.proposal),
        (held(&report), report.proposal)
    );
}

/// Random edits by one person over 60 days, without a confirmation.
#[test]
fn whatever_one_person_does_in_60_days_the_list_never_loses_more_than_the_limits() {
    let mut seed = 1_664_525_u64;
    let mut random = move |bound: usize| {
        seed = seed * 48_271 % 2_147_483_647;
        usize::try_from(seed).unwrap() % bound
    };
    let most = 600;
    let mut coalition = published(most);
    let before: BTreeSet<usize> = (0..most).collect();
    // When each entry was first missed at a gateway, newest last.
    let mut gone: Vec<(Time, usize)> = Vec::new();
    let mut singles: Vec<(Time, usize)> = Vec::new();
    for day in 1..=60 {
        let at = now().plus(day * DAY);
        for _ in 0..3 {
            let from = random(most);
            let count = [1, 3, 30, 300][random(4)];
            let indexes = from..(from + count).min(most);
            match random(7) {
                0 => delist_all(&mut coalition, indexes, at),
                1 => {
                    delist_one(&mut coalition, &name(from), at);
                    singles.push((at, from));
                }
                2 => {
                    let names: String = indexes.map(|index| name(index) + "\n").collect();
                    coalition
                        .publisher
                        .protect(names.as_bytes(), Format::Text, at)
                        .unwrap();
                }
                3 => {
                    let end = at.plus(DAY / 2);
                    let said = format!("x,block,{end}");
                    relist(
                        &mut coalition,
                        &rows("source,action,valid_until", &said, indexes),
                        at,
                    );
                }
                4 => relist(
                    &mut coalition,
                    &rows("source,action,flags", "x,monitor,silent", indexes),
                    at,
                ),
                5 => relist(
                    &mut coalition,
                    &rows("source,action", "x,review", indexes),
                    at,
                ),
                _ => relist(
                    &mut coalition,
                    &rows("source,action", "x,block", indexes),
                    at,
                ),
            }
        }
        release_at(&mut coalition, at, Confirm::Nothing);
        // Just before the next release, when every bomb has gone off.
        let there = listed(&mut coalition, at.plus(DAY - 1), 0..most);
        gone.retain(|(_, index)| !there.contains(index));
        for index in before.difference(&there) {
            if !gone.iter().any(|(_, known)| known == index) {
                gone.push((at, *index));
            }
        }
        let recent = gone
            .iter()
            .filter(|(when, _)| when.plus(30 * DAY) > at)
            .count();
        // 1 % of 600, and the 20 that were delisted alone.
        assert!(
            recent <= 6 + 20,
            "day {day}: {recent} entries gone in 30 days"
        );
        assert!(
            gone.len() <= 2 * (6 + 20),
            "day {day}: {} entries gone",
            gone.len()
        );
    }
    assert!(
        gone.len() > 6 && !singles.is_empty(),
        "the run shows something"
    );
}

fn relist(coalition: &mut Coalition, csv: &str, at: Time) {
    let options = ImportOptions {
        delisted: interdict_publisher::Delisted::Relist,
        ..ImportOptions::new(Format::Csv, "se")
    };
    import_by_source(&mut coalition.publisher, csv, &options, at);
}

#[test]
fn silence_is_less_even_where_nothing_else_changes() {
    let mut coalition = Coalition::new();
    import_at(
        &mut coalition,
        &rows("source,action", "x,monitor", 0..60),
        now(),
    );
    release_at(&mut coalition, now(), Confirm::First);
    let at = now().plus(DAY);
    import_at(
        &mut coalition,
        &rows("source,action,flags", "x,monitor,silent", 0..60),
        at,
    );
    let report = release_at(&mut coalition, at, Confirm::Nothing);
    assert_eq!(held(&report), [(Direction::Less, 55)]);
    let repository = coalition.repository();
    let mut gateway = coalition.gateway();
    gateway.update(&repository, at).unwrap();
    let silent = (0..60).filter(|index| {
        let found = gateway.ask_at("se/merchants", Kind::Domain, &name(*index), at);
        matches!(found, Membership::Listed { record, .. } if record.flags.has(Flags::SILENT))
    });
    assert_eq!(silent.count(), 5);
}
