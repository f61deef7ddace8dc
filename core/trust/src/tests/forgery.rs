//! Files that the right keys did not sign, or signed for another purpose.

use crate::testing::{NOW, Repository, Scheme, Signer, sign};
use crate::{Client, Member, RoleName, TrustError};
use interdict_common::json::JsonError;

const STRANGER: Signer = Signer::new(Scheme::P256, 99);

fn pinned(text: &str, signers: &[Signer]) -> Result<Client, TrustError> {
    Client::new(&sign(text, signers))
}

fn few(role: RoleName, found: u32, threshold: u32) -> TrustError {
    TrustError::TooFewSignatures {
        role,
        found,
        threshold,
    }
}

/// The result of an update after this change to the text of timestamp, which is then signed.
fn with_timestamp(change: impl Fn(String) -> String) -> Result<(), TrustError> {
    let mut repository = Repository::new();
    let text = change(repository.timestamp_text(b""));
    let bytes = sign(&text, &repository.timestamp.signers);
    repository
        .served
        .insert("metadata/timestamp.json".to_owned(), bytes);
    repository.update(&mut repository.client())
}

#[test]
fn a_pinned_root_must_meet_its_own_threshold() {
    let repository = Repository::new();
    let (text, signers) = (repository.root_text(), &repository.root.signers);
    assert!(pinned(&text, &signers[..2]).is_ok());
    assert_eq!(
        pinned(&text, &signers[..1]).unwrap_err(),
        few(RoleName::Root, 1, 2)
    );
    assert_eq!(pinned(&text, &[]).unwrap_err(), few(RoleName::Root, 0, 2));
    let strangers = [signers[0], STRANGER];
    assert_eq!(
        pinned(&text, &strangers).unwrap_err(),
        few(RoleName::Root, 1, 2)
    );
}

#[test]
fn every_role_must_meet_its_threshold() {
    for role in [RoleName::Timestamp, RoleName::Snapshot, RoleName::Targets] {
        let mut repository = Repository::new();
        let (signers, error) = match role {
            RoleName::Timestamp => (&mut repository.timestamp.signers, few(role, 0, 1)),
            RoleName::Snapshot => (&mut repository.snapshot.signers, few(role, 0, 1)),
            _ => (&mut repository.targets.signers, few(role, 1, 2)),
        };
        *signers.last_mut().unwrap() = STRANGER;
        repository.publish();
        assert_eq!(repository.update(&mut repository.client()), Err(error));
    }
}

#[test]
fn a_bad_signature_beside_enough_good_ones_does_no_harm() {
    let repository = Repository::new();
    let (text, signers) = (repository.root_text(), &repository.root.signers);
    let good = String::from_utf8(sign(&text, signers)).unwrap();
    let sig = signers[0].sign(
        &interdict_common::json::parse(text.as_bytes(), LIMITS)
            .unwrap()
            .canonical(),
    );
    for bad in ["", "00", &"ab".repeat(70), &"ab".repeat(1000)] {
        assert!(Client::new(good.replace(&sig, bad).as_bytes()).is_ok());
    }
    let one_left = good.replace(&sig, "").replace(&signers[1].id(), "nobody");
    assert!(Client::new(one_left.as_bytes()).is_err());
}

const LIMITS: interdict_common::json::Limits = interdict_common::json::Limits {
    depth: 20,
    nodes: 1000,
};

#[test]
fn one_changed_character_of_the_signed_part_is_refused() {
    let repository = Repository::new();
    let root = String::from_utf8(repository.served["metadata/1.root.json"].clone()).unwrap();
    let changed = root.replace("2027-06-01", "2028-06-01");
    assert_eq!(
        Client::new(changed.as_bytes()).unwrap_err(),
        few(RoleName::Root, 0, 2)
    );
}

#[test]
fn unknown_members_are_signed_and_ignored() {
    let repository = Repository::new();
    let text = repository
        .root_text()
        .replacen('{', r#"{"x-new":[1,{"deep":null}],"#, 1);
    let bytes = String::from_utf8(sign(&text, &repository.root.signers)).unwrap();
    assert!(Client::new(bytes.as_bytes()).is_ok());
    let changed = bytes.replace("null", "true");
    assert_eq!(
        Client::new(changed.as_bytes()).unwrap_err(),
        few(RoleName::Root, 0, 2)
    );
}

#[test]
fn one_key_under_two_ids_counts_once() {
    for scheme in [Scheme::P256, Scheme::Ed25519] {
        let mut repository = Repository::new();
        let key = Signer::new(scheme, 40);
        repository.root.signers = vec![key, key.alias(1)];
        let text = repository.root_text();
        let both = pinned(&text, &repository.root.signers);
        assert_eq!(both.unwrap_err(), few(RoleName::Root, 1, 2));
        let other = Signer::new(scheme, 41);
        repository.root.signers.push(other);
        assert!(pinned(&repository.root_text(), &[key.alias(1), other]).is_ok());
    }
}

#[test]
fn a_threshold_of_zero_or_less_is_refused() {
    for (threshold, error) in [
        (0, TrustError::ZeroThreshold(RoleName::Targets)),
        (-1, TrustError::Malformed(RoleName::Root, Member::Threshold)),
        (
            1 << 40,
            TrustError::Malformed(RoleName::Root, Member::Threshold),
        ),
    ] {
        let mut repository = Repository::new();
        repository.targets.threshold = threshold;
        let signers = &repository.root.signers;
        assert_eq!(pinned(&repository.root_text(), signers).unwrap_err(), error);
    }
}

#[test]
fn a_key_id_listed_twice_in_a_role_is_refused() {
    let mut repository = Repository::new();
    let twice = repository.targets.signers[0];
    repository.targets.signers.push(twice);
    let error = pinned(&repository.root_text(), &repository.root.signers).unwrap_err();
    assert_eq!(error, TrustError::DuplicateKeyId(RoleName::Targets));
}

#[test]
fn two_signatures_with_one_key_id_are_refused() {
    let repository = Repository::new();
    let mut signers = repository.root.signers.clone();
    signers.push(signers[0]);
    let error = pinned(&repository.root_text(), &signers).unwrap_err();
    assert_eq!(error, TrustError::DuplicateSignature(RoleName::Root));
}

#[test]
fn keys_of_unknown_kinds_never_count_and_do_no_harm() {
    let repository = Repository::new();
    let (text, signers) = (repository.root_text(), &repository.root.signers);
    let unknown = text.replacen(r#""keytype":"ecdsa""#, r#""keytype":"ml-dsa""#, 1);
    assert!(pinned(&unknown, &signers[1..]).is_ok());
    assert_eq!(
        pinned(&unknown, &signers[..2]).unwrap_err(),
        few(RoleName::Root, 1, 2)
    );
    let aliased = text.replace(r#""keytype":"ecdsa""#, r#""keytype":"ecdsa-sha2-nistp256""#);
    assert!(pinned(&aliased, &signers[..2]).is_ok());
}

#[test]
fn a_file_of_another_role_signed_by_the_same_key_is_refused() {
    // Timestamp and snapshot share a key, as in most repositories.
    let mut repository = Repository::new();
    let snapshot = repository.served["metadata/1.snapshot.json"].clone();
    repository
        .served
        .insert("metadata/timestamp.json".to_owned(), snapshot);
    let error = repository.update(&mut repository.client());
    assert_eq!(error, Err(TrustError::WrongType(RoleName::Timestamp)));
}

#[test]
fn only_specification_version_one_is_read() {
    let timestamp = |version: &str| with_timestamp(|text| text.replace("1.0.34", version));
    for version in ["1.0", "1.0.0", "1.1.0", "1.99.123"] {
        assert_eq!(timestamp(version), Ok(()), "{version}");
    }
    for version in [
        "2.0.0", "0.9", "10.0", "1", "1.", "1.0.", "1.0.0.0", "1.x", "", "1.0.-1",
    ] {
        let refused = Err(TrustError::SpecVersion(RoleName::Timestamp));
        assert_eq!(timestamp(version), refused, "{version}");
    }
}

#[test]
fn malformed_members_are_refused_by_name() {
    let refused = |member| Err(TrustError::Malformed(RoleName::Timestamp, member));
    for version in ["0", "-1", "4294967296", "\"1\"", "null"] {
        let result = with_timestamp(|text| {
            text.replace(
                r#""spec_version":"1.0.34","version":1"#,
                &format!(r#""spec_version":"1.0.34","version":{version}"#),
            )
        });
        assert_eq!(result, refused(Member::Version), "{version}");
    }
    let result = with_timestamp(|text| text.replace("2026-06-03T00:00:00Z", "2026-06-03"));
    assert_eq!(result, refused(Member::Expires));
    let result = with_timestamp(|text| text.replace("snapshot.json", "snap.json"));
    assert_eq!(result, refused(Member::Meta));
    for pin in [
        r#"{"version":0}"#,
        r#"{"version":1,"length":-1}"#,
        "1",
        r#"{"version":1,"hashes":1}"#,
    ] {
        let result = with_timestamp(|text| text.replace(r#"{"version":1}"#, pin));
        assert_eq!(result, refused(Member::Meta), "{pin}");
    }
    for hash in ["00", &"AB".repeat(32), &"zz".repeat(32)] {
        let pin = format!(r#"{{"version":1,"hashes":{{"sha256":"{hash}"}}}}"#);
        let result = with_timestamp(|text| text.replace(r#"{"version":1}"#, &pin));
        assert_eq!(result, refused(Member::Meta), "{pin}");
    }
}

#[test]
fn a_root_lacking_a_role_is_refused() {
    let repository = Repository::new();
    for role in ["root", "timestamp", "snapshot", "targets"] {
        let text = repository
            .root_text()
            .replace(&format!(r#""{role}":{{"#), &format!(r#""x{role}":{{"#));
        let error = pinned(&text, &repository.root.signers).unwrap_err();
        assert!(matches!(error, TrustError::MissingRole(name) if name.as_str() == role));
    }
}

#[test]
fn a_snapshot_without_targets_is_refused() {
    let mut repository = Repository::new();
    let text = repository
        .snapshot_text(b"")
        .replace("targets.json", "others.json");
    repository.publish_snapshot(sign(&text, &repository.snapshot.signers));
    let result = repository.update(&mut repository.client());
    assert_eq!(result, Err(TrustError::MissingRole(RoleName::Targets)));
}

#[test]
fn json_that_two_readers_could_read_differently_is_refused() {
    let repository = Repository::new();
    let good = String::from_utf8(repository.served["metadata/1.root.json"].clone()).unwrap();
    let fault = |text: String| Client::new(text.as_bytes()).unwrap_err();
    let error = |error| TrustError::Json(RoleName::Root, error);
    assert_eq!(
        fault(good.replacen(r#""version""#, r#""version":9,"version""#, 1)),
        error(JsonError::DuplicateMember)
    );
    assert_eq!(
        fault(good.replacen(r#""version":1"#, r#""version":1.0"#, 1)),
        error(JsonError::NonInteger)
    );
    assert_eq!(fault(format!("{good}{{}}")), error(JsonError::Syntax));
    assert_eq!(
        fault(good.replacen(
            "{",
            &format!("{{\"x\":{}1{},", "[".repeat(24), "]".repeat(24)),
            1
        )),
        error(JsonError::TooDeep)
    );
    assert_eq!(fault(String::new()), error(JsonError::Syntax));
    assert_eq!(
        fault("[]".to_owned()),
        TrustError::Malformed(RoleName::Root, Member::Signed)
    );
}

#[test]
fn no_prefix_or_flipped_byte_of_a_file_is_accepted_or_stops_the_client() {
    let repository = Repository::new();
    let timestamp = &repository.served["metadata/timestamp.json"];
    let mut client = repository.client();
    for length in 0..timestamp.len() {
        let mut cut = repository.clone();
        cut.served.insert(
            "metadata/timestamp.json".to_owned(),
            timestamp[..length].to_vec(),
        );
        assert!(cut.fetch(&mut client, NOW).result.is_err());
    }
    for index in 0..timestamp.len() {
        let mut flipped = repository.clone();
        let file = flipped.served.get_mut("metadata/timestamp.json").unwrap();
        file[index] ^= 1;
        let result = flipped.fetch(&mut client, NOW).result;
        assert!(result.is_err(), "byte {index}");
    }
}
