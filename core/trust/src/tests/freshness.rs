//! Expiry, withheld files and clocks.

use crate::testing::{DAY, LIST, NOW, Repository, drive};
use crate::{Floor, Freshness, RoleName, Source, TrustError};
use interdict_common::time::Time;

fn time(text: &str) -> Time {
    Time::parse(text).unwrap()
}

#[test]
fn the_first_role_to_expire_decides() {
    let repository = Repository::new();
    let mut client = repository.client();
    repository.update(&mut client).unwrap();
    for (now, freshness) in [
        ("2026-06-02T23:59:59Z", Freshness::Fresh),
        ("2026-06-03T00:00:00Z", Freshness::Stale),
        ("2026-08-31T23:59:59Z", Freshness::Stale),
        ("2026-09-01T00:00:00Z", Freshness::Expired),
        ("2099-01-01T00:00:00Z", Freshness::Expired),
    ] {
        assert_eq!(client.freshness(LIST, time(now)), Some(freshness), "{now}");
    }
    assert!(Freshness::ALL.is_sorted());
}

#[test]
fn an_expired_root_or_snapshot_counts_too() {
    let mut repository = Repository::new();
    repository.timestamp.expires = "2026-12-01T00:00:00Z";
    repository.targets.expires = "2027-12-01T00:00:00Z";
    repository.publish();
    let mut client = repository.client();
    repository.update(&mut client).unwrap();
    assert_eq!(
        client.freshness(LIST, time("2026-06-08T00:00:00Z")),
        Some(Freshness::Stale)
    );
    assert_eq!(
        client.freshness(LIST, time("2027-06-01T00:00:00Z")),
        Some(Freshness::Expired)
    );
}

#[test]
fn expired_files_from_the_repository_are_refused() {
    for role in [RoleName::Timestamp, RoleName::Snapshot, RoleName::Targets] {
        let mut repository = Repository::new();
        let state = match role {
            RoleName::Timestamp => &mut repository.timestamp,
            RoleName::Snapshot => &mut repository.snapshot,
            _ => &mut repository.targets,
        };
        // The second of expiry counts as expired.
        state.expires = "2026-06-01T00:00:00Z";
        repository.publish();
        let mut client = repository.client();
        assert_eq!(
            repository.update(&mut client),
            Err(TrustError::Expired(role))
        );
        assert_eq!(client.freshness(LIST, NOW), None);
    }
}

#[test]
fn expiry_of_a_kept_equal_version_timestamp_is_checked_again() {
    let repository = Repository::new();
    let mut client = repository.client();
    repository.update(&mut client).unwrap();
    let result = repository.fetch(&mut client, NOW.plus(3 * DAY)).result;
    assert_eq!(result, Err(TrustError::Expired(RoleName::Timestamp)));
    assert_eq!(client.newest_time(), Some(NOW));
}

#[test]
fn an_expired_snapshot_or_targets_at_hand_is_not_used_again() {
    let mut repository = Repository::new();
    repository.snapshot.expires = "2026-06-08T00:00:00Z";
    repository.targets.expires = "2026-06-20T00:00:00Z";
    repository.publish();
    let mut client = repository.client();
    repository.update(&mut client).unwrap();
    repository.timestamp.version = 2;
    repository.timestamp.expires = "2026-12-01T00:00:00Z";
    repository.publish();
    let run = repository.fetch(&mut client, time("2026-06-10T00:00:00Z"));
    assert_eq!(run.result, Err(TrustError::Expired(RoleName::Snapshot)));
    assert_eq!(run.kept, ["timestamp.json"], "the timestamp was good");
    repository.timestamp.version = 3;
    repository.snapshot.version = 2;
    repository.snapshot.expires = "2026-12-01T00:00:00Z";
    repository.publish();
    let run = repository.fetch(&mut client, time("2026-06-20T00:00:00Z"));
    assert_eq!(run.result, Err(TrustError::Expired(RoleName::Targets)));
    assert_eq!(client.versions().timestamp, Some(1));
}

#[test]
fn new_timestamps_over_a_withheld_list_do_not_keep_it_fresh() {
    let mut repository = Repository::new();
    let mut client = repository.client();
    repository.update(&mut client).unwrap();
    repository.timestamp.expires = "2026-06-05T00:00:00Z";
    repository.release();
    // A newer release is known as soon as its snapshot is pinned.
    for withheld in ["metadata/2.targets.json", "metadata/2.snapshot.json"] {
        let mut attacked = repository.clone();
        attacked.served.remove(withheld);
        let mut client = client.clone();
        assert!(attacked.update(&mut client).is_err());
        assert_eq!(client.freshness(LIST, NOW), Some(Freshness::Late));
        assert_eq!(
            client.freshness(LIST, NOW.plus(2 * DAY)),
            Some(Freshness::Stale)
        );
    }
    // The same holds if the metadata arrives and the list itself does not.
    assert_eq!(repository.fetch(&mut client, NOW).result, Ok(()));
    client.abort();
    assert_eq!(client.freshness(LIST, NOW), Some(Freshness::Late));
    // Another poll brings it.
    assert_eq!(repository.update(&mut client), Ok(()));
    assert_eq!(client.freshness(LIST, NOW), Some(Freshness::Fresh));
}

#[test]
fn a_clock_set_back_does_not_make_expired_files_good() {
    let mut repository = Repository::new();
    let mut client = repository.client();
    client.set_newest_time(Some(NOW.plus(3 * DAY)));
    let result = repository.fetch(&mut client, NOW).result;
    assert_eq!(result, Err(TrustError::Expired(RoleName::Timestamp)));
    client.set_newest_time(None);
    repository.timestamp.expires = "2026-07-01T00:00:00Z";
    repository.timestamp.version = 2;
    repository.publish();
    assert_eq!(repository.update(&mut client), Ok(()));
    client.set_newest_time(Some(NOW.plus(7 * DAY)));
    assert_eq!(client.freshness(LIST, NOW), Some(Freshness::Stale));
}

/// No update completes after the timestamp that it verified expires, so no update left such a time behind.
#[test]
fn a_newest_time_beyond_the_timestamp_it_was_verified_with_is_replaced_by_the_next_update() {
    let repository = Repository::new();
    let mut client = repository.client();
    repository.update(&mut client).unwrap();
    let expires = time("2026-06-03T00:00:00Z");
    let an_hour = Time::from_seconds(expires.seconds() - 3_600);
    for (kept, later, left) in [
        (an_hour, NOW, an_hour),
        (expires, NOW, NOW),
        (time("2099-01-01T00:00:00Z"), NOW, NOW),
        (time("2099-01-01T00:00:00Z"), NOW.plus(DAY), NOW.plus(DAY)),
    ] {
        let mut client = client.clone();
        client.set_newest_time(Some(kept));
        assert_eq!(client.newest_time(), Some(kept), "it is told until then");
        assert_eq!(client.freshness(LIST, NOW), Some(Freshness::Fresh));
        assert_eq!(repository.fetch(&mut client, later).result, Ok(()));
        client.complete();
        assert_eq!(client.newest_time(), Some(left), "{kept}");
    }
}

#[test]
fn a_newest_time_is_not_replaced_by_an_update_that_does_not_complete_or_by_a_replay() {
    let mut repository = Repository::new();
    let mut client = repository.client();
    repository.update(&mut client).unwrap();
    let kept = Some(time("2099-01-01T00:00:00Z"));
    client.set_newest_time(kept);
    let served = repository.served.clone();
    let replayed = drive(&mut client, Source::Store, NOW, |request| {
        served.get(&request.path).cloned()
    });
    assert_eq!(replayed.result, Ok(()));
    client.complete();
    assert_eq!(client.newest_time(), kept);
    repository.release();
    repository.served.remove("metadata/2.targets.json");
    assert!(repository.update(&mut client).is_err());
    assert_eq!(client.newest_time(), kept);
}

/// Older files under a newer history say nothing about the time that the newer ones were verified at.
#[test]
fn a_newest_time_is_kept_without_the_timestamp_it_was_verified_with() {
    let repository = Repository::new();
    let kept = Some(time("2099-01-01T00:00:00Z"));
    let expired = Err(TrustError::Expired(RoleName::Root));
    // Without a live set.
    let mut client = repository.client();
    client.set_newest_time(kept);
    assert_eq!(repository.update(&mut client), expired);
    assert_eq!((client.newest_time(), client.clock_floor()), (kept, None));
    // With one that is older than what was seen.
    for floor in [
        Floor {
            timestamp: 2,
            ..Floor::default()
        },
        Floor {
            root: 2,
            ..Floor::default()
        },
    ] {
        let mut client = repository.client();
        repository.update(&mut client).unwrap();
        client.set_newest_time(kept);
        client.set_floors(vec![floor]);
        assert_eq!(client.clock_floor(), kept);
        assert_eq!(client.freshness(LIST, NOW), Some(Freshness::Expired));
        assert_eq!(repository.update(&mut client), expired);
        assert_eq!(client.newest_time(), kept);
    }
}

#[test]
fn the_newest_time_never_falls_by_an_update() {
    let repository = Repository::new();
    let mut client = repository.client();
    assert_eq!(repository.fetch(&mut client, NOW.plus(DAY)).result, Ok(()));
    client.complete();
    assert_eq!(client.newest_time(), Some(NOW.plus(DAY)));
    assert_eq!(repository.update(&mut client), Ok(()));
    assert_eq!(client.newest_time(), Some(NOW.plus(DAY)));
    assert_eq!(repository.fetch(&mut client, NOW).result, Ok(()));
    client.set_newest_time(Some(NOW.plus(2 * DAY)));
    client.complete();
    assert_eq!(
        client.newest_time(),
        Some(NOW.plus(2 * DAY)),
        "set while under way"
    );
}

#[test]
fn a_clock_that_jumps_ahead_expires_a_list_only_while_it_is_ahead() {
    let repository = Repository::new();
    let mut client = repository.client();
    repository.update(&mut client).unwrap();
    let years_ahead = time("2031-01-01T00:00:00Z");
    assert_eq!(
        client.freshness(LIST, years_ahead),
        Some(Freshness::Expired)
    );
    let run = repository.fetch(&mut client, years_ahead);
    assert_eq!(run.result, Err(TrustError::Expired(RoleName::Root)));
    assert_eq!(client.newest_time(), Some(NOW), "no update completed there");
    assert_eq!(client.freshness(LIST, NOW), Some(Freshness::Fresh));

    // If the clock is ahead by less than any expiry, an update completes, and the newest time stays
    // ahead until it is reset.
    let day_ahead = NOW.plus(DAY);
    assert_eq!(repository.fetch(&mut client, day_ahead).result, Ok(()));
    client.complete();
    assert_eq!(client.newest_time(), Some(day_ahead));
    client.set_newest_time(None);
    assert_eq!(repository.update(&mut client), Ok(()));
    assert_eq!(client.newest_time(), Some(NOW));
}
