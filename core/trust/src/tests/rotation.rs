//! New roots: who may make them, and what they invalidate.

use crate::limits::MAX_ROTATIONS;
use crate::testing::{LIST, NOW, Repository, Scheme, Signer, sign};
use crate::{Freshness, RoleName, TrustError};

fn p256(seed: u8) -> Signer {
    Signer::new(Scheme::P256, seed)
}

#[test]
fn a_chain_of_roots_is_followed_one_by_one() {
    let mut repository = Repository::new();
    let mut client = repository.client();
    repository.rotate(|repository| repository.root.signers = vec![p256(2), p256(3), p256(4)]);
    repository.rotate(|repository| repository.root.signers = vec![p256(3), p256(4), p256(5)]);
    repository.rotate(|repository| repository.root.threshold = 3);
    let run = repository.fetch(&mut client, NOW);
    assert_eq!(run.result, Ok(()));
    assert_eq!(run.kept[..3], ["2.root.json", "3.root.json", "4.root.json"]);
    assert_eq!(client.versions().root, 4);
}

#[test]
fn a_root_must_be_signed_by_the_old_keys_and_by_the_new() {
    let old = [p256(1), p256(2)];
    let new = [p256(31), p256(32)];
    for (signers, found) in [(&old[..], 0), (&new[..], 0), (&[old[0], new[0], new[1]], 1)] {
        let mut repository = Repository::new();
        let mut client = repository.client();
        repository.root.signers = new.to_vec();
        repository.root.version = 2;
        repository.publish_root_signed_by(signers);
        let result = repository.update(&mut client);
        let (role, threshold) = (RoleName::Root, 2);
        assert_eq!(
            result,
            Err(TrustError::TooFewSignatures {
                role,
                found,
                threshold
            })
        );
        assert_eq!(client.versions().root, 1);
        repository.publish_root_signed_by(&[&old[..], &new[..]].concat());
        assert_eq!(
            repository.update(&mut client),
            Ok(()),
            "the next update can succeed"
        );
    }
}

#[test]
fn a_root_of_any_other_version_than_the_next_is_refused() {
    for version in [1, 3, 99] {
        let mut repository = Repository::new();
        let mut client = repository.client();
        repository.root.version = version;
        let bytes = sign(&repository.root_text(), &repository.root.signers);
        repository
            .served
            .insert("metadata/2.root.json".to_owned(), bytes);
        let (role, expected, found) = (RoleName::Root, 2, u32::try_from(version).unwrap());
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
fn the_last_possible_root_version_has_no_successor() {
    let mut repository = Repository::new();
    repository.root.version = i64::from(u32::MAX);
    repository.publish_root();
    let path = format!("metadata/{}.root.json", u32::MAX);
    let mut client = crate::Client::new(&repository.served[&path]).unwrap();
    let result = repository.update(&mut client);
    assert!(matches!(result, Err(TrustError::WrongVersion { .. })));
    repository.served.remove(&path);
    assert_eq!(repository.update(&mut client), Ok(()));
}

#[test]
fn expiry_of_a_root_on_the_way_does_not_matter_but_of_the_last_does() {
    let mut repository = Repository::new();
    let mut client = repository.client();
    repository.rotate(|repository| repository.root.expires = "2026-01-01T00:00:00Z");
    let run = repository.fetch(&mut client, NOW);
    assert_eq!(run.result, Err(TrustError::Expired(RoleName::Root)));
    assert_eq!(run.paths, ["metadata/2.root.json", "metadata/3.root.json"]);
    assert_eq!(client.versions().root, 2, "it is trusted all the same");
    repository.rotate(|repository| repository.root.expires = "2026-06-01T00:00:01Z");
    assert_eq!(repository.update(&mut client), Ok(()));
}

#[test]
fn roots_beyond_the_limit_wait_for_the_next_update() {
    let mut repository = Repository::new();
    let online = Signer::new(Scheme::Ed25519, 1);
    repository.root.signers = vec![online];
    repository.root.threshold = 1;
    repository.publish_root();
    let mut client = repository.client();
    for _ in 0..=MAX_ROTATIONS {
        repository.rotate(|_| ());
    }
    assert_eq!(repository.update(&mut client), Ok(()));
    assert_eq!(client.versions().root, MAX_ROTATIONS + 1);
    assert_eq!(repository.update(&mut client), Ok(()));
    assert_eq!(client.versions().root, MAX_ROTATIONS + 2);
}

#[test]
fn an_expired_root_at_the_limit_is_refused_like_any_last_root() {
    let mut repository = Repository::new();
    repository.root.signers = vec![Signer::new(Scheme::Ed25519, 1)];
    repository.root.threshold = 1;
    repository.publish_root();
    let mut client = repository.client();
    for _ in 0..MAX_ROTATIONS {
        repository.rotate(|repository| repository.root.expires = "2026-01-01T00:00:00Z");
    }
    let result = repository.update(&mut client);
    assert_eq!(result, Err(TrustError::Expired(RoleName::Root)));
    assert_eq!(client.versions().timestamp, None);
}

#[test]
fn a_rotation_of_targets_keys_is_untrusted_until_the_update_completes() {
    let mut repository = Repository::new();
    let mut client = repository.client();
    repository.update(&mut client).unwrap();
    repository.rotate(|repository| repository.targets.signers = vec![p256(13), p256(14)]);
    let withheld = repository.served.remove("metadata/timestamp.json").unwrap();
    let result = repository.update(&mut client);
    assert_eq!(result, Err(TrustError::NotFound(RoleName::Timestamp)));
    assert_eq!(client.freshness(LIST, NOW), Some(Freshness::Untrusted));
    assert_eq!(
        client.live_targets().count(),
        1,
        "the list is marked, not removed"
    );

    // A later root does not restore what an earlier one revoked.
    repository.rotate(|repository| repository.targets.signers = vec![p256(11), p256(12)]);
    let _ = repository.update(&mut client);
    assert_eq!(client.freshness(LIST, NOW), Some(Freshness::Untrusted));
    repository.rotate(|repository| repository.targets.signers = vec![p256(13), p256(14)]);

    // The old targets file under the new root.
    repository
        .served
        .insert("metadata/timestamp.json".to_owned(), withheld);
    let result = repository.update(&mut client);
    let (role, found, threshold) = (RoleName::Targets, 0, 2);
    assert_eq!(
        result,
        Err(TrustError::TooFewSignatures {
            role,
            found,
            threshold
        })
    );

    repository.release();
    assert_eq!(repository.fetch(&mut client, NOW).result, Ok(()));
    assert_eq!(client.freshness(LIST, NOW), Some(Freshness::Untrusted));
    client.complete();
    assert_eq!(client.freshness(LIST, NOW), Some(Freshness::Fresh));
}

#[test]
fn a_rotation_of_online_keys_is_at_best_stale_until_the_update_completes() {
    for role in [RoleName::Timestamp, RoleName::Snapshot] {
        let mut repository = Repository::new();
        let mut client = repository.client();
        repository.update(&mut client).unwrap();
        let key = vec![Signer::new(Scheme::Ed25519, 21)];
        repository.rotate(|repository| match role {
            RoleName::Timestamp => repository.timestamp.signers = key,
            _ => repository.snapshot.signers = key,
        });
        repository.served.remove("metadata/timestamp.json").unwrap();
        let _ = repository.update(&mut client);
        assert_eq!(client.freshness(LIST, NOW), Some(Freshness::Stale));
        repository.release();
        assert_eq!(repository.update(&mut client), Ok(()));
        assert_eq!(client.freshness(LIST, NOW), Some(Freshness::Fresh));
    }
}

#[test]
fn a_rotation_of_root_keys_alone_changes_nothing_else() {
    let mut repository = Repository::new();
    let mut client = repository.client();
    repository.update(&mut client).unwrap();
    repository.rotate(|repository| repository.root.signers = vec![p256(4), p256(5), p256(6)]);
    let run = repository.fetch(&mut client, NOW);
    assert_eq!(run.kept, ["2.root.json"], "what is trusted stays trusted");
    assert_eq!(client.freshness(LIST, NOW), Some(Freshness::Fresh));
}

#[test]
fn a_raised_threshold_revokes_what_too_few_signed() {
    let mut repository = Repository::new();
    repository.targets.threshold = 1;
    repository.publish_root();
    let mut client = repository.client();
    let both = repository.targets.signers.clone();
    repository.targets.signers.truncate(1);
    repository.publish();
    repository.targets.signers = both;
    repository.update(&mut client).unwrap();
    repository.rotate(|repository| repository.targets.threshold = 2);
    let _ = repository.update(&mut client);
    assert_eq!(client.freshness(LIST, NOW), Some(Freshness::Untrusted));
}

#[test]
fn new_online_keys_undo_versions_a_thief_pushed_far_ahead() {
    for role in [RoleName::Timestamp, RoleName::Snapshot] {
        let mut repository = Repository::new();
        let mut client = repository.client();
        let mut stolen = repository.clone();
        stolen.timestamp.version = 4_000_000_000;
        stolen.snapshot.version = 4_000_000_000;
        stolen.targets.version = 4_000_000_000;
        stolen.publish();
        assert_eq!(stolen.update(&mut client), Ok(()));
        repository.release();
        assert!(repository.update(&mut client).is_err());
        let key = vec![Signer::new(Scheme::Ed25519, 21)];
        repository.rotate(|repository| match role {
            RoleName::Timestamp => repository.timestamp.signers = key,
            _ => repository.snapshot.signers = key,
        });
        repository.release();
        assert_eq!(repository.update(&mut client), Ok(()));
        assert_eq!(client.versions().targets, Some(3));
        assert_eq!(client.freshness(LIST, NOW), Some(Freshness::Fresh));
    }
}

#[test]
fn a_root_that_turns_consistent_snapshots_off_changes_the_paths() {
    let mut repository = Repository::new();
    let mut client = repository.client();
    repository.rotate(|repository| repository.consistent = false);
    repository.release();
    let run = repository.fetch(&mut client, NOW);
    assert_eq!(run.result, Ok(()));
    assert_eq!(
        run.paths[2..],
        [
            "metadata/timestamp.json",
            "metadata/snapshot.json",
            "metadata/targets.json"
        ][..]
    );
}
