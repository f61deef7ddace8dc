//! Honest updates: which files are requested, by which names, and which are kept.

use crate::testing::{DAY, LIST, NOW, Repository, drive};
use crate::{
    Client, FileName, Freshness, Kept, Outcome, RoleName, Source, Step, TrustError, Versions,
    Wanted,
};
use interdict_common::json::Value;
use interdict_common::time::Time;

#[test]
fn a_first_update_asks_for_every_role_in_order_and_keeps_all() {
    let mut repository = Repository::new();
    repository.release();
    let mut client = repository.client();
    assert_eq!(client.step(), Step::Idle);
    assert_eq!(client.freshness(LIST, NOW), None);
    let run = repository.fetch(&mut client, NOW);
    assert_eq!(run.result, Ok(()));
    assert_eq!(
        run.paths,
        [
            "metadata/2.root.json",
            "metadata/timestamp.json",
            "metadata/2.snapshot.json",
            "metadata/2.targets.json"
        ]
    );
    assert_eq!(
        run.kept,
        ["timestamp.json", "snapshot.json", "targets.json"]
    );
    assert_eq!(client.step(), Step::Targets);
    assert_eq!(
        client.live_targets().count(),
        0,
        "nothing is live before complete"
    );
    client.complete();
    assert_eq!(client.step(), Step::Idle);
    assert_eq!(client.freshness(LIST, NOW), Some(Freshness::Fresh));
    assert_eq!(client.newest_time(), Some(NOW));
    let (timestamp, snapshot, targets) = (Some(2), Some(2), Some(2));
    assert_eq!(
        client.versions(),
        Versions {
            root: 1,
            timestamp,
            snapshot,
            targets
        }
    );
}

#[test]
fn a_poll_with_nothing_new_asks_for_root_and_timestamp_only() {
    for hashes in [false, true] {
        let mut repository = Repository::new();
        repository.hashes = hashes;
        repository.publish();
        let mut client = repository.client();
        repository.update(&mut client).unwrap();
        let run = repository.fetch(&mut client, NOW);
        assert_eq!(
            run.paths,
            ["metadata/2.root.json", "metadata/timestamp.json"]
        );
        assert!(run.kept.is_empty());
        assert_eq!(client.step(), Step::Targets);
        assert_eq!(client.targets().count(), 1);
    }
}

#[test]
fn a_new_timestamp_alone_is_kept_and_refreshes_the_live_set() {
    let mut repository = Repository::new();
    let mut client = repository.client();
    repository.update(&mut client).unwrap();
    repository.timestamp.version = 2;
    repository.timestamp.expires = "2026-06-05T00:00:00Z";
    repository.publish();
    let run = repository.fetch(&mut client, NOW);
    assert_eq!(run.kept, ["timestamp.json"]);
    let later = NOW.plus(3 * DAY);
    assert_eq!(client.freshness(LIST, later), Some(Freshness::Stale));
    client.complete();
    assert_eq!(client.freshness(LIST, later), Some(Freshness::Fresh));
}

#[test]
fn without_consistent_snapshots_names_carry_no_version_or_hash() {
    let mut repository = Repository::new();
    repository.consistent = false;
    repository.publish_root();
    repository.publish();
    let mut client = repository.client();
    let run = repository.fetch(&mut client, NOW);
    assert_eq!(run.result, Ok(()));
    assert_eq!(
        run.paths,
        [
            "metadata/2.root.json",
            "metadata/timestamp.json",
            "metadata/snapshot.json",
            "metadata/targets.json"
        ]
    );
    assert!(!client.consistent_snapshot());
    let (path, target) = client.targets().next().unwrap();
    assert_eq!(
        target.path(path, client.consistent_snapshot()),
        "targets/se/cards.filter"
    );
}

#[test]
fn a_target_is_named_by_its_hash_and_checked_by_length_and_hash() {
    let repository = Repository::new();
    let mut client = repository.client();
    repository.update(&mut client).unwrap();
    let (path, target) = client.live_targets().next().unwrap();
    let hash = "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed";
    assert_eq!(
        target.path(path, true),
        format!("targets/se/{hash}.cards.filter")
    );
    assert_eq!(target.path("flat", true), format!("targets/{hash}.flat"));
    let sequence = target
        .custom
        .as_ref()
        .and_then(|custom| custom.as_object()?.get("sequence"));
    assert_eq!(sequence.and_then(Value::as_integer), Some(41));
    assert_eq!(target.verify(b"one"), Ok(()));
    assert_eq!(target.verify(b"on"), Err(TrustError::TargetLength));
    assert_eq!(target.verify(b"ont"), Err(TrustError::TargetHash));
}

#[test]
fn every_listed_hash_of_a_target_must_match_and_one_must_be_known() {
    let repository = Repository::new();
    let mut client = repository.client();
    repository.update(&mut client).unwrap();
    let mut target = client.live_targets().next().unwrap().1.clone();
    target.sha512 = Some([0; 64]);
    assert_eq!(target.verify(b"one"), Err(TrustError::TargetHash));
    target.sha256 = None;
    assert_eq!(target.verify(b"one"), Err(TrustError::TargetHash));
    assert_eq!(
        target.path("a/b", true),
        format!("targets/a/{}.b", "0".repeat(128))
    );
    target.sha512 = None;
    assert_eq!(target.verify(b"one"), Err(TrustError::TargetNoKnownHash));
}

#[test]
fn an_update_that_fails_half_way_resumes_where_it_stopped() {
    let mut repository = Repository::new();
    let mut client = repository.client();
    repository.update(&mut client).unwrap();
    repository.release();
    let withheld = repository.served.remove("metadata/2.targets.json").unwrap();
    let run = repository.fetch(&mut client, NOW);
    assert_eq!(run.result, Err(TrustError::NotFound(RoleName::Targets)));
    assert_eq!(run.kept, ["timestamp.json", "snapshot.json"]);
    assert_eq!(client.targets().count(), 0);
    assert_eq!(
        client.versions().targets,
        Some(1),
        "the last completed set stays"
    );
    repository
        .served
        .insert("metadata/2.targets.json".to_owned(), withheld);
    let run = repository.fetch(&mut client, NOW);
    assert_eq!(
        run.paths,
        [
            "metadata/2.root.json",
            "metadata/timestamp.json",
            "metadata/2.targets.json"
        ]
    );
    client.complete();
    assert_eq!(client.versions().targets, Some(2));
}

#[test]
fn an_aborted_update_leaves_the_live_set_and_the_time() {
    let mut repository = Repository::new();
    let mut client = repository.client();
    repository.update(&mut client).unwrap();
    repository.release();
    assert_eq!(repository.fetch(&mut client, NOW.plus(DAY)).result, Ok(()));
    client.abort();
    assert_eq!(client.step(), Step::Idle);
    assert_eq!(client.versions().targets, Some(1));
    assert_eq!(client.newest_time(), Some(NOW));
    client.complete();
    assert_eq!(
        client.versions().targets,
        Some(1),
        "complete after abort does nothing"
    );
}

#[test]
fn a_source_that_cannot_be_asked_is_an_error_even_for_the_next_root() {
    for source in [Source::Repository, Source::Store] {
        let mut client = Repository::new().client();
        client.begin(source, NOW, Wanted::All);
        assert_eq!(
            client.supply(Outcome::Failed),
            Err(TrustError::Unavailable(RoleName::Root))
        );
        assert_eq!(client.step(), Step::Idle);
    }
}

#[test]
fn a_file_nobody_asked_for_is_refused() {
    let repository = Repository::new();
    let mut client = repository.client();
    let root = Outcome::Bytes(&repository.served["metadata/1.root.json"]);
    assert_eq!(client.supply(root), Err(TrustError::NotRequested));
    assert_eq!(repository.fetch(&mut client, NOW).result, Ok(()));
    assert_eq!(client.supply(root), Err(TrustError::NotRequested));
}

#[test]
fn requests_name_file_store_and_largest_size() {
    let mut repository = Repository::new();
    repository.hashes = true;
    repository.publish();
    let mut client = repository.client();
    client.begin(Source::Repository, NOW, Wanted::All);
    let Step::Fetch(request) = client.step() else {
        panic!("root comes first")
    };
    assert_eq!(
        (request.file, request.max_size),
        (FileName::Root(2), 512_000)
    );
    assert_eq!(request.name, "2.root.json");
    assert_eq!(client.supply(Outcome::NotFound), Ok(Kept::No));
    let Step::Fetch(request) = client.step() else {
        panic!("timestamp comes second")
    };
    assert_eq!(
        (request.file, request.max_size),
        (FileName::Timestamp, 16_384)
    );
    client
        .supply(Outcome::Bytes(&repository.served[&request.path]))
        .unwrap();
    let Step::Fetch(request) = client.step() else {
        panic!("snapshot comes third")
    };
    let snapshot = &repository.served["metadata/1.snapshot.json"];
    assert_eq!(request.file, FileName::Snapshot);
    assert_eq!(
        request.max_size,
        u32::try_from(snapshot.len()).unwrap(),
        "the listed length"
    );
    assert_eq!(request.name, "snapshot.json");
}

#[test]
fn the_store_replays_a_generation_and_what_came_after_it() {
    let mut repository = Repository::new();
    repository.release();
    let mut first = repository.client();
    let mut generation = std::collections::BTreeMap::new();
    let run = drive(&mut first, Source::Repository, NOW, |request| {
        let bytes = repository.served.get(&request.path).cloned()?;
        generation.insert(request.name.clone(), bytes.clone());
        Some(bytes)
    });
    assert_eq!(run.result, Ok(()));
    repository.release();
    let pending = repository.served["metadata/timestamp.json"].clone();

    // Years later everything has expired.
    let later = Time::parse("2031-01-01T00:00:00Z").unwrap();
    let mut client = repository.client();
    let replay = drive(&mut client, Source::Store, later, |request| {
        generation.get(&request.name).cloned()
    });
    assert_eq!(replay.result, Ok(()));
    assert_eq!(client.step(), Step::Targets);
    client.complete();
    assert_eq!(
        client.newest_time(),
        None,
        "a replay does not move the newest time"
    );
    assert_eq!(client.versions().targets, Some(2));
    assert_eq!(client.freshness(LIST, later), Some(Freshness::Expired));
    assert_eq!(client.freshness(LIST, NOW), Some(Freshness::Fresh));

    let replay = drive(&mut client, Source::Store, later, |request| {
        (request.file == FileName::Timestamp).then(|| pending.clone())
    });
    assert_eq!(replay.result, Ok(()), "a store may end anywhere");
    assert_eq!(client.step(), Step::Idle);
    assert_eq!(
        client.versions().timestamp,
        Some(2),
        "the live set is the completed one"
    );

    // The unfinished update still protects against rollback.
    let mut old = Repository::new();
    old.release();
    assert!(matches!(
        old.fetch(&mut client, NOW).result,
        Err(TrustError::Rollback {
            role: RoleName::Timestamp,
            trusted: 3,
            found: 2
        })
    ));
}

#[test]
fn an_expired_pinned_root_still_leads_to_its_successors() {
    let mut repository = Repository::new();
    repository.root.expires = "2025-01-01T00:00:00Z";
    repository.publish_root();
    let pinned = repository.served["metadata/1.root.json"].clone();
    repository.rotate(|repository| repository.root.expires = "2027-01-01T00:00:00Z");
    let mut client = Client::new(&pinned).unwrap();
    assert_eq!(repository.update(&mut client), Ok(()));
    assert_eq!(client.versions().root, 2);
}
