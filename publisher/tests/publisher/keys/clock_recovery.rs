//! After a clock that ran ahead: from the release that it signed to the delisting that gateways take.

use std::collections::BTreeMap;

use interdict_core::common::time::Time;
use interdict_core::identifier::Kind;
use interdict_core::list::Membership;
use interdict_core::trust::{Freshness, RoleName, TrustError};
use interdict_publisher::{
    CompactEdition, Day, DelistOptions, Disclosure, Format, ImportOptions, Names, NewMember,
    PublisherError, ReleaseOptions, ReleaseReport, Urgency,
};

use crate::coalition::{Coalition, DAY, Gateway, import_by_source, now, tree};

const HOUR: u32 = 3_600;

/// The publisher's clock while it runs ahead.
fn ahead() -> Time {
    now().plus(200 * DAY)
}

/// The right time, once somebody has noticed.
fn noticed() -> Time {
    now().plus(2 * HOUR)
}

fn today() -> Option<Day> {
    Day::parse("2026-11-22")
}

fn import(coalition: &mut Coalition, rows: &str, at: Time) {
    let csv = format!("kind,value,source,action\n{rows}");
    let options = ImportOptions::new(Format::Csv, "se");
    let report = import_by_source(&mut coalition.publisher, csv, &options, at);
    assert_eq!(report.refused, []);
}

fn release(coalition: &mut Coalition, at: Time) -> Result<ReleaseReport, PublisherError> {
    let options = ReleaseOptions {
        compact: Some(CompactEdition::Yes),
        ..ReleaseOptions::default()
    };
    coalition.publisher.release(at, &options)
}

fn delist(coalition: &mut Coalition, value: &str, at: Time) {
    let kind = "domain";
    let names = Names::One { kind, value };
    let options = DelistOptions::default();
    let report = coalition.publisher.delist(names, &options, at).unwrap();
    assert_eq!(report.delisted, 1);
}

fn lists(gateway: &Gateway, name: &str) -> bool {
    let found = gateway.ask("se/merchants", Kind::Domain, name);
    matches!(found, Membership::Listed { .. })
}

/// Two releases: one by a right clock, one by a clock that was 200 days ahead.
fn signed_ahead() -> Coalition {
    let mut coalition = Coalition::new();
    import(&mut coalition, "domain,a.example,x,block\n", now());
    release(&mut coalition, now()).unwrap();
    import(&mut coalition, "domain,wrong.example,x,block\n", ahead());
    release(&mut coalition, ahead()).unwrap();
    coalition
}

#[test]
fn a_delisting_is_out_at_the_next_poll_after_a_clock_that_ran_ahead() {
    let mut coalition = Coalition::new();
    import(&mut coalition, "domain,a.example,x,block\n", now());
    release(&mut coalition, now()).unwrap();
    let repository = coalition.repository();
    let mut gateway = coalition.gateway();
    gateway.update(&repository, now()).unwrap();

    import(&mut coalition, "domain,wrong.example,x,block\n", ahead());
    release(&mut coalition, ahead()).unwrap();
    gateway.update(&repository, now().plus(HOUR)).unwrap();
    assert!(lists(&gateway, "wrong.example"));

    delist(&mut coalition, "wrong.example", noticed());
    let blocked = release(&mut coalition, noticed());
    assert!(
        matches!(blocked, Err(PublisherError::ClockBehind { newest, .. }) if newest == ahead()),
        "{blocked:?}"
    );
    let recovered = coalition.publisher.recover_clock(noticed(), today());
    let recovered = recovered.unwrap();
    assert_eq!(recovered.ahead, Some(ahead()));
    assert_eq!(recovered.valid_until, Some(ahead().plus(3 * DAY)));
    // Nothing was published yet, and a poll in between changes nothing.
    gateway.update(&repository, noticed()).unwrap();
    assert!(lists(&gateway, "wrong.example"));

    let report = release(&mut coalition, noticed()).unwrap();
    assert_eq!((report.versions, report.lists[0].sequence), ([3, 3, 3], 3));
    let bases = report.lists[0].epochs.iter();
    assert!(bases.clone().count() == 2 && bases.clone().all(|epoch| epoch.changes.is_none()));
    gateway.update(&repository, noticed()).unwrap();
    assert!(lists(&gateway, "a.example") && !lists(&gateway, "wrong.example"));
    assert_eq!(gateway.list("se/merchants").header().issued, noticed());
    // The timestamp ends when one of today ends.
    assert_eq!(gateway.freshness(noticed()), Some(Freshness::Fresh));
    let ended = noticed().plus(3 * DAY);
    assert_eq!(gateway.freshness(ended), Some(Freshness::Stale));

    // From here on all is as before: a stash, a renewal, and no way back before them.
    import(&mut coalition, "domain,b.example,x,block\n", noticed());
    let tomorrow = noticed().plus(DAY);
    let report = release(&mut coalition, tomorrow).unwrap();
    assert_eq!(report.lists[0].epochs[0].changes, Some(1));
    coalition.publisher.renew(tomorrow.plus(HOUR)).unwrap();
    gateway.update(&repository, tomorrow.plus(HOUR)).unwrap();
    assert!(lists(&gateway, "b.example"));
    let back = coalition.publisher.renew(tomorrow);
    assert!(
        matches!(back, Err(PublisherError::ClockBehind { newest, .. })
        if newest == tomorrow.plus(HOUR))
    );
}

#[test]
fn a_renewal_needs_no_release_first() {
    let mut coalition = signed_ahead();
    let mut gateway = coalition.gateway();
    let refused = coalition.publisher.renew(noticed());
    assert!(matches!(refused, Err(PublisherError::ClockBehind { .. })));
    let recovered = coalition.publisher.recover_clock(noticed(), today());
    recovered.unwrap();
    coalition.publisher.renew(noticed()).unwrap();
    gateway.update(&coalition.repository(), noticed()).unwrap();
    let ended = noticed().plus(3 * DAY);
    assert_eq!(gateway.freshness(ended), Some(Freshness::Stale));
}

#[test]
fn a_rotation_and_a_renewal_that_were_signed_ahead_are_recovered_too() {
    let mut coalition = signed_ahead();
    let later = ahead().plus(DAY);
    coalition.publisher.renew(later).unwrap();
    let latest = later.plus(DAY);
    coalition.publisher.rotate_root(latest, &[]).unwrap();
    let recovered = coalition.publisher.recover_clock(noticed(), today());
    assert_eq!(recovered.unwrap().ahead, Some(latest));
    assert_eq!(
        coalition.publisher.newest_published().unwrap(),
        Some(noticed())
    );
    release(&mut coalition, noticed()).unwrap();
    let mut gateway = coalition.gateway();
    gateway.update(&coalition.repository(), noticed()).unwrap();
    assert!(lists(&gateway, "a.example"));
}

#[test]
fn a_second_clock_that_runs_ahead_stops_publishing_again() {
    let mut coalition = signed_ahead();
    let recover = |coalition: &mut Coalition| {
        let recovered = coalition.publisher.recover_clock(noticed(), today());
        recovered.unwrap().ahead
    };
    assert_eq!(recover(&mut coalition), Some(ahead()));
    release(&mut coalition, ahead()).unwrap();
    let refused = release(&mut coalition, noticed());
    assert!(matches!(refused, Err(PublisherError::ClockBehind { .. })));
    assert_eq!(recover(&mut coalition), Some(ahead()));
    release(&mut coalition, noticed()).unwrap();
}

/// Its own clock was ahead as well: only a person at the gateway can know that.
#[test]
fn a_gateway_whose_clock_ran_ahead_too_takes_the_release_after_its_clock_is_reset() {
    let mut coalition = signed_ahead();
    let mut gateway = coalition.gateway();
    gateway.update(&coalition.repository(), ahead()).unwrap();
    let recovered = coalition.publisher.recover_clock(noticed(), today());
    recovered.unwrap();
    delist(&mut coalition, "wrong.example", noticed());
    release(&mut coalition, noticed()).unwrap();
    let refused = gateway.update(&coalition.repository(), noticed());
    assert_eq!(refused, Err(TrustError::Expired(RoleName::Timestamp)));
    gateway.reset_clock();
    gateway.update(&coalition.repository(), noticed()).unwrap();
    assert!(!lists(&gateway, "wrong.example"));
}

#[test]
fn what_was_signed_ahead_counts_no_more_once_its_online_keys_are_replaced() {
    let mut coalition = signed_ahead();
    let held_back = tree(&coalition.repository());
    let recovered = coalition.publisher.recover_clock(noticed(), today());
    recovered.unwrap();
    let online = [RoleName::Snapshot, RoleName::Timestamp];
    coalition.publisher.rotate_root(noticed(), &online).unwrap();
    release(&mut coalition, noticed()).unwrap();
    let mut gateway = coalition.gateway();
    // A gateway that is shown the old timestamp with the new root.
    let room = tempfile::tempdir().unwrap();
    let mut shown = held_back;
    shown.extend(
        tree(&coalition.repository())
            .into_iter()
            .filter(|(name, _)| name.ends_with("root.json")),
    );
    for (name, bytes) in shown {
        let path = room.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    let refused = gateway.update(room.path(), noticed());
    assert!(
        matches!(refused, Err(TrustError::TooFewSignatures { .. })),
        "{refused:?}"
    );
}

#[test]
fn a_recovery_waits_for_the_right_day_and_changes_nothing_without_need() {
    let mut coalition = signed_ahead();
    let before = files(&coalition);
    let refused = coalition.publisher.recover_clock(noticed(), None);
    let Err(error @ PublisherError::DayNeeded { .. }) = refused else {
        panic!("{refused:?}")
    };
    let said = error.to_string();
    for part in ["2026-11-22T02:00:00Z", "2027-06-10T00:00:00Z", "--today"] {
        assert!(said.contains(part), "{said}");
    }
    // The clock is still wrong.
    let refused = coalition.publisher.recover_clock(ahead(), today());
    assert!(matches!(refused, Err(PublisherError::OtherDay { .. })));
    for wrong in [Time::from_seconds(5), Time::from_seconds(u32::MAX)] {
        let refused = coalition.publisher.recover_clock(wrong, today());
        assert!(matches!(refused, Err(PublisherError::ClockRange)));
    }
    assert!(files(&coalition) == before);

    let mut coalition = Coalition::new();
    import(&mut coalition, "domain,a.example,x,block\n", now());
    release(&mut coalition, now()).unwrap();
    let register = times(&coalition);
    let recovered = coalition.publisher.recover_clock(noticed(), today());
    let recovered = recovered.unwrap();
    assert_eq!((recovered.ahead, recovered.dates), (None, 0));
    assert_eq!(times(&coalition), register);
    let before = Time::from_seconds(noticed().seconds() - 1);
    coalition.publisher.renew(before).unwrap();
}

/// All but the list of readers that SQLite keeps.
fn files(coalition: &Coalition) -> BTreeMap<String, Vec<u8>> {
    let mut files = tree(&coalition.directory());
    files.retain(|name, _| !name.ends_with("-shm"));
    files
}

/// Tables and columns of the register that hold when something was done, and its newest value there.
fn times(coalition: &Coalition) -> Vec<(String, Option<u32>)> {
    let path = coalition.directory().join("register.sqlite");
    let register = rusqlite::Connection::open(path).unwrap();
    let query = "SELECT m.name, c.name FROM sqlite_schema m, pragma_table_info(m.name) c \
         WHERE m.type = 'table' AND c.type = 'INTEGER' AND (c.name IN ('at', 'since', 'issued', \
         'announced') OR c.name LIKE '%\\_at' ESCAPE '\\') ORDER BY 1, 2";
    let mut statement = register.prepare(query).unwrap();
    let columns = statement.query_map([], |row| {
        Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))
    });
    let columns: Vec<_> = columns.unwrap().map(Result::unwrap).collect();
    let columns = columns.into_iter().map(|(table, column)| {
        let query = format!("SELECT max({column}) FROM {table}");
        let newest = register.query_row(&query, [], |row| row.get(0)).unwrap();
        (format!("{table}.{column}"), newest)
    });
    columns.collect()
}

#[test]
fn everything_that_was_dated_ahead_is_dated_back() {
    let mut coalition = signed_ahead();
    let publisher = &mut coalition.publisher;
    let one = |value| Names::One {
        kind: "domain",
        value,
    };
    publisher
        .disclose(one("a.example"), None, Disclosure::Mark, ahead())
        .unwrap();
    publisher
        .delist(one("b.example"), &DelistOptions::default(), ahead())
        .unwrap();
    publisher
        .protect(&b"bank.example\nnot a name\n"[..], Format::Text, ahead())
        .unwrap();
    let member = NewMember::by_hand("bank-a", "file:/x");
    publisher.member_add(&member, ahead()).unwrap();
    publisher.public_start(None, None, ahead()).unwrap();
    publisher.epoch_start(ahead(), Urgency::Planned).unwrap();
    release(&mut coalition, ahead()).unwrap();
    let notice = ahead().plus(8 * DAY);
    release(&mut coalition, notice).unwrap();
    coalition
        .publisher
        .epoch_retire(1, notice.plus(14 * DAY), Urgency::Planned)
        .unwrap_err();
    release(&mut coalition, ahead().plus(30 * DAY)).unwrap();
    let dated = times(&coalition);
    assert_eq!(dated.len(), 27, "{dated:?}");
    // Sources are older, and what nobody did has no time.
    let done = dated
        .into_iter()
        .filter(|(column, newest)| newest.is_some() && column != "source.since");
    for (column, newest) in done {
        assert!(newest >= Some(ahead().seconds()), "{column}: {newest:?}");
    }
    let recovered = coalition.publisher.recover_clock(noticed(), today());
    let recovered = recovered.unwrap();
    assert!(
        recovered.dates > 14 && recovered.epochs == [1],
        "{recovered:?}"
    );
    for (column, newest) in times(&coalition) {
        assert!(newest <= Some(noticed().seconds()), "{column}: {newest:?}");
    }
    // The week of the epoch that was announced ahead counts from now, and the one before has its lists.
    let report = release(&mut coalition, noticed()).unwrap();
    let epochs = report.lists[0].epochs.iter().map(|epoch| epoch.epoch);
    assert_eq!(epochs.collect::<Vec<_>>(), [1, 1]);
    let report = release(&mut coalition, noticed().plus(7 * DAY)).unwrap();
    let epochs = report.lists[0].epochs.iter().map(|epoch| epoch.epoch);
    assert_eq!(epochs.collect::<Vec<_>>(), [1, 2, 1, 2]);
}

#[test]
fn after_a_recovery_changed_entries_go_out_and_lost_ones_do_not() {
    let mut coalition = signed_ahead();
    let recovered = coalition.publisher.recover_clock(noticed(), today());
    recovered.unwrap();
    // Less than the release that was signed ahead says, and a person said so.
    import(&mut coalition, "domain,wrong.example,x,review\n", noticed());
    release(&mut coalition, noticed()).unwrap();
}
