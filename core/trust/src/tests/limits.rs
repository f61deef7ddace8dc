//! The largest accepted sizes and counts.

use crate::limits::MAX_KEYS;
use crate::testing::{Repository, Scheme, Signer, sign};
use crate::{Client, RoleName, TrustError};
use interdict_common::json::JsonError;

/// The file, padded with spaces to this size.
fn padded(bytes: &[u8], size: usize) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes.resize(size, b' ');
    bytes
}

#[test]
fn a_file_may_have_its_largest_size_and_not_a_byte_more() {
    for (role, path, size) in [
        (RoleName::Root, "metadata/2.root.json", 512_000),
        (RoleName::Timestamp, "metadata/timestamp.json", 16_384),
        (RoleName::Snapshot, "metadata/1.snapshot.json", 2_000_000),
        (RoleName::Targets, "metadata/1.targets.json", 5_000_000),
    ] {
        let mut repository = Repository::new();
        repository.rotate(|_| ());
        let bytes = repository.served[path].clone();
        repository
            .served
            .insert(path.to_owned(), padded(&bytes, size));
        assert_eq!(
            repository.update(&mut repository.client()),
            Ok(()),
            "{role}"
        );
        repository
            .served
            .insert(path.to_owned(), padded(&bytes, size + 1));
        let result = repository.update(&mut repository.client());
        assert_eq!(result, Err(TrustError::TooLarge(role)));
    }
    let root = &Repository::new().served["metadata/1.root.json"];
    assert!(Client::new(&padded(root, 512_000)).is_ok());
    assert_eq!(
        Client::new(&padded(root, 512_001)).unwrap_err(),
        TrustError::TooLarge(RoleName::Root)
    );
}

#[test]
fn a_file_of_many_tiny_values_is_refused() {
    let mut repository = Repository::new();
    let bomb = format!("[{}0]", "0,".repeat(8_000));
    repository
        .served
        .insert("metadata/timestamp.json".to_owned(), bomb.into_bytes());
    let result = repository.update(&mut repository.client());
    assert_eq!(
        result,
        Err(TrustError::Json(
            RoleName::Timestamp,
            JsonError::TooManyValues
        ))
    );
}

#[test]
fn a_role_may_list_its_most_keys_and_not_one_more() {
    let signer = |seed: usize| Signer::new(Scheme::Ed25519, u8::try_from(seed + 1).unwrap());
    let mut repository = Repository::new();
    repository.targets.signers = (0..MAX_KEYS).map(signer).collect();
    let root = |repository: &Repository| {
        Client::new(&sign(&repository.root_text(), &repository.root.signers))
    };
    assert!(root(&repository).is_ok());
    repository.targets.signers.push(signer(MAX_KEYS));
    assert_eq!(
        root(&repository).unwrap_err(),
        TrustError::TooManyKeys(RoleName::Targets)
    );
}
