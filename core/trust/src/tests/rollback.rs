//! Files that are older than known ones, or do not belong together.

use crate::testing::{LIST, NOW, Repository, sign};
use crate::{Client, Freshness, RoleName, TrustError};

/// A client that completed an update to version 5 of every role, and the repository at that time.
fn at_version_five() -> (Client, Repository) {
    let mut repository = Repository::new();
    repository.timestamp.version = 4;
    repository.snapshot.version = 4;
    repository.targets.version = 4;
    repository.delegated.insert("se.json", 3);
    repository.release();
    let mut client = repository.client();
    repository.update(&mut client).unwrap();
    (client, repository)
}

#[test]
fn timestamp_version_rollback_is_refused() {
    let (mut client, mut repository) = at_version_five();
    repository.timestamp.version = 4;
    repository.publish();
    let result = repository.update(&mut client);
    let (role, trusted, found) = (RoleName::Timestamp, 5, 4);
    assert_eq!(
        result,
        Err(TrustError::Rollback {
            role,
            trusted,
            found
        })
    );
}

#[test]
fn a_timestamp_of_equal_version_and_other_content_is_discarded() {
    let (mut client, mut repository) = at_version_five();
    repository.snapshot.version = 6;
    repository.publish();
    let run = repository.fetch(&mut client, NOW);
    assert_eq!(run.result, Ok(()));
    assert!(run.kept.is_empty());
    client.complete();
    assert_eq!(client.versions().snapshot, Some(5));
}

#[test]
fn a_timestamp_pinning_an_older_snapshot_is_refused() {
    let (mut client, mut repository) = at_version_five();
    repository.timestamp.version = 6;
    repository.snapshot.version = 4;
    repository.publish();
    let result = repository.update(&mut client);
    assert_eq!(result, Err(TrustError::ListedRollback(RoleName::Timestamp)));
}

#[test]
fn snapshot_other_than_the_pinned_one_is_refused() {
    for served in [4, 6] {
        let (mut client, mut repository) = at_version_five();
        repository.timestamp.version = 6;
        repository.snapshot.version = 7;
        repository.publish();
        let mut other = repository.clone();
        other.snapshot.version = served;
        let bytes = sign(&other.snapshot_text(b""), &other.snapshot.signers);
        repository
            .served
            .insert("metadata/7.snapshot.json".to_owned(), bytes);
        let (role, expected, found) = (RoleName::Snapshot, 7, u32::try_from(served).unwrap());
        let result = repository.update(&mut client);
        assert_eq!(
            result,
            Err(TrustError::WrongVersion {
                role,
                expected,
                found
            })
        );
    }
}

#[test]
fn targets_other_than_the_pinned_ones_are_refused() {
    for served in [4, 6] {
        let (mut client, mut repository) = at_version_five();
        repository.timestamp.version = 6;
        repository.snapshot.version = 6;
        repository.targets.version = 7;
        repository.publish();
        let mut other = repository.clone();
        other.targets.version = served;
        let bytes = sign(&other.targets_text(), &other.targets.signers);
        repository
            .served
            .insert("metadata/7.targets.json".to_owned(), bytes);
        let (role, expected, found) = (RoleName::Targets, 7, u32::try_from(served).unwrap());
        let result = repository.update(&mut client);
        assert_eq!(
            result,
            Err(TrustError::WrongVersion {
                role,
                expected,
                found
            })
        );
    }
}

#[test]
fn a_snapshot_listing_older_targets_is_refused() {
    let (mut client, mut repository) = at_version_five();
    repository.timestamp.version = 6;
    repository.snapshot.version = 6;
    repository.targets.version = 4;
    repository.publish();
    let result = repository.update(&mut client);
    assert_eq!(result, Err(TrustError::ListedRollback(RoleName::Snapshot)));
}

#[test]
fn a_snapshot_listing_an_older_delegated_role_or_none_is_refused() {
    let (client, mut repository) = at_version_five();
    repository.release();
    repository.delegated.insert("se.json", 2);
    repository.publish();
    let result = repository.update(&mut client.clone());
    assert_eq!(result, Err(TrustError::ListedRollback(RoleName::Snapshot)));
    repository.delegated.remove("se.json");
    repository.publish();
    let result = repository.update(&mut client.clone());
    assert_eq!(
        result,
        Err(TrustError::ListedRoleRemoved(RoleName::Snapshot))
    );
    repository.delegated.insert("se.json", 3);
    repository.delegated.insert("nl.json", 1);
    repository.publish();
    assert_eq!(repository.update(&mut client.clone()), Ok(()));
}

#[test]
fn an_expired_snapshot_still_guards_against_rollback() {
    let (mut client, mut repository) = at_version_five();
    let later = interdict_common::time::Time::parse("2026-07-01T00:00:00Z").unwrap();
    assert_eq!(client.freshness(LIST, later), Some(Freshness::Stale));
    repository.timestamp.version = 6;
    repository.timestamp.expires = "2026-07-02T00:00:00Z";
    repository.snapshot.version = 6;
    repository.snapshot.expires = "2026-07-08T00:00:00Z";
    repository.targets.version = 4;
    repository.publish();
    let result = repository.fetch(&mut client, later).result;
    assert_eq!(result, Err(TrustError::ListedRollback(RoleName::Snapshot)));
}

#[test]
fn a_snapshot_or_targets_file_with_another_length_or_hash_is_refused() {
    for role in [RoleName::Snapshot, RoleName::Targets] {
        let mut repository = Repository::new();
        repository.hashes = true;
        repository.publish();
        let path = format!("metadata/1.{role}.json");
        let bytes = repository.served[&path].clone();
        // The same signed content in other bytes.
        repository
            .served
            .insert(path.clone(), [&bytes[..], b" "].concat());
        let result = repository.update(&mut repository.client());
        assert_eq!(result, Err(TrustError::WrongLength(role)));
        let text = String::from_utf8(bytes).unwrap();
        // Other bytes of equal length: the two members of the file are swapped.
        let object = text
            .strip_prefix("{\"signatures\":")
            .unwrap()
            .strip_suffix('}')
            .unwrap();
        let (signatures, signed) = object.split_once(",\"signed\":").unwrap();
        let swapped = format!("{{\"signed\":{signed},\"signatures\":{signatures}}}");
        assert_eq!(swapped.len(), text.len());
        repository.served.insert(path, swapped.into_bytes());
        let result = repository.update(&mut repository.client());
        assert_eq!(result, Err(TrustError::WrongHash(role)));
    }
}

#[test]
fn a_trusted_file_that_a_new_pin_does_not_fit_is_asked_for_again() {
    let (mut client, mut repository) = at_version_five();
    repository.hashes = true;
    repository.timestamp.version = 6;
    repository.snapshot.version = 5;
    repository.delegated.insert("nl.json", 1);
    repository.publish();
    let run = repository.fetch(&mut client, NOW);
    assert_eq!(run.result, Ok(()));
    assert_eq!(run.kept, ["timestamp.json", "snapshot.json"]);
}

#[test]
fn hashes_that_cannot_be_computed_are_refused_rather_than_skipped() {
    for hashes in ["{}", r#"{"md5":"00"}"#] {
        let mut repository = Repository::new();
        let text = repository.timestamp_text(b"").replace(
            r#"{"version":1}"#,
            &format!(r#"{{"version":1,"hashes":{hashes}}}"#),
        );
        let bytes = sign(&text, &repository.timestamp.signers);
        repository
            .served
            .insert("metadata/timestamp.json".to_owned(), bytes);
        let result = repository.update(&mut repository.client());
        assert_eq!(result, Err(TrustError::NoKnownHash(RoleName::Snapshot)));
    }
}
