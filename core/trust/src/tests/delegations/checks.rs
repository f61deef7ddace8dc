//! The checks of each delegation and of the file behind it (TUF 1.0.34 §4.5, §5.6.7).

use super::{NL, SE, names, umbrella, under};
use crate::testing::{Delegated, Delegation, NOW, Repository, Scheme, Signer, sign};
use crate::{Member, RoleName, TrustError, Wanted};

#[test]
fn a_role_is_verified_under_each_delegation_that_leads_to_it() {
    // `release` is signed by the key that `a` names. A delegation of `b` leads to it as well.
    let mut repository = Repository::new();
    repository.delegate(Delegation::new("a", 31, "a/*"), &[]);
    repository.delegate(Delegation::new("b", 32, "b/*"), &[]);
    let files: &[(_, &[u8])] = &[("a/file", b"trusted"), ("b/file", b"malicious")];
    repository.delegate_from("a", Delegation::new("release", 33, "a/*"), files);
    repository.delegate_from("b", Delegation::new("release", 34, "b/*"), &[]);
    repository.publish();
    let few = TrustError::TooFewSignatures {
        role: RoleName::Delegated,
        found: 0,
        threshold: 1,
    };

    let mut client = repository.client();
    repository.fetch_wanted(&mut client, NOW, Wanted::Under(Vec::new()));
    client.complete();
    assert_eq!(repository.search(&mut client, "a/file").result, Ok(()));
    assert_eq!(client.targets().count(), 1);
    client.complete();
    assert_eq!(repository.search(&mut client, "b/file").result, Err(few));
    assert_eq!(client.targets().count(), 0);

    let mut client = repository.client();
    assert_eq!(repository.fetch(&mut client, NOW).result, Err(few));
    assert_eq!(
        repository
            .fetch_wanted(&mut client, NOW, under("a/"))
            .result,
        Ok(())
    );
    assert_eq!(client.targets().count(), 1);
    client.complete();
    assert_eq!(
        repository
            .fetch_wanted(&mut client, NOW, under("b/"))
            .result,
        Err(few)
    );

    // A file signed by both keys serves both delegations and is fetched once.
    let both = [33, 34].map(|seed| Signer::new(Scheme::P256, seed));
    repository.roles.get_mut("release").unwrap().state.signers = both.to_vec();
    repository.publish();
    let run = repository.fetch(&mut repository.client(), NOW);
    assert_eq!(run.result, Ok(()));
    assert_eq!(
        names(&run.paths)[3..],
        ["1.a.json", "1.release.json", "1.b.json"]
    );
}

#[test]
fn a_role_that_snapshot_does_not_list_is_not_even_fetched() {
    let mut repository = umbrella();
    let role = repository.roles.remove("se").unwrap();
    repository.publish();
    repository.roles.insert("se", role);
    let run = repository.fetch(&mut repository.client(), NOW);
    assert_eq!(
        run.result,
        Err(TrustError::MissingRole(RoleName::Delegated))
    );
    assert_eq!(names(&run.paths).len(), 3);
}

#[test]
fn a_delegated_role_must_be_the_pinned_one_unexpired_and_signed_by_the_delegated_keys() {
    let role = RoleName::Delegated;
    // The file of `se` after the change replaces the one that was pinned.
    let refused = |hashes: bool, change: fn(&mut Delegated)| {
        let mut repository = umbrella();
        repository.hashes = hashes;
        let signers = vec![Signer::new(Scheme::Ed25519, 31)];
        repository.delegations[0].signers.clone_from(&signers);
        repository.roles.get_mut("se").unwrap().state.signers = signers;
        repository.publish();
        let mut other = repository.clone();
        let role = other.roles.get_mut("se").unwrap();
        change(role);
        let path = format!("metadata/{}.se.json", role.state.version);
        other.publish_role("se");
        let file = other.served.remove(&path).unwrap();
        repository
            .served
            .insert("metadata/1.se.json".to_owned(), file);
        repository.update(&mut repository.client()).unwrap_err()
    };
    let few = |found, threshold| TrustError::TooFewSignatures {
        role,
        found,
        threshold,
    };
    let newer = TrustError::WrongVersion {
        role,
        expected: 1,
        found: 2,
    };
    assert_eq!(refused(false, |se| se.state.version = 2), newer);
    let stranger = |se: &mut Delegated| se.state.signers = vec![Signer::new(Scheme::P256, 99)];
    assert_eq!(refused(false, stranger), few(0, 1));
    let expired = |se: &mut Delegated| se.state.expires = "2026-06-01T00:00:00Z";
    assert_eq!(refused(false, expired), TrustError::Expired(role));
    let other = |se: &mut Delegated| se.state.expires = "2026-09-02T00:00:00Z";
    assert_eq!(refused(true, other), TrustError::WrongHash(role));
    let longer = |se: &mut Delegated| _ = se.files.insert("se/more", b"");
    assert_eq!(refused(true, longer), TrustError::WrongLength(role));

    // The threshold is that of the delegation, not the number of keys in the file.
    assert_eq!(
        super::refused(|repository| repository.delegations[0].threshold = 2),
        few(1, 2)
    );
}

#[test]
fn another_roles_file_signed_by_the_same_key_is_refused_by_its_version() {
    // A delegated file does not name its role. The pin in snapshot tells them apart.
    let mut repository = Repository::new();
    repository.hashes = true;
    repository.delegate(Delegation::new("se", 31, "se/*"), &[(SE, b"se")]);
    repository.delegate(Delegation::new("nl", 31, "nl/*"), &[(NL, b"nl")]);
    repository.publish();
    let other = repository.served["metadata/1.nl.json"].clone();
    repository
        .served
        .insert("metadata/1.se.json".to_owned(), other);
    let refused = repository.update(&mut repository.client());
    assert_eq!(refused, Err(TrustError::WrongHash(RoleName::Delegated)));
}

#[test]
fn malformed_delegations_are_refused_by_member() {
    let targets = |delegations: &str| {
        let mut repository = Repository::new();
        let text = repository.targets_text();
        let text = text.replacen('{', &format!(r#"{{"delegations":{delegations},"#), 1);
        repository.publish_targets(sign(&text, &repository.targets.signers));
        repository.update(&mut repository.client()).unwrap_err()
    };
    let role = |rest: &str| {
        let name = r#""name":"a","keyids":[]"#;
        targets(&format!(r#"{{"keys":{{}},"roles":[{{{name},{rest}}}]}}"#))
    };
    let malformed = |member| TrustError::Malformed(RoleName::Targets, member);
    for (error, member) in [
        (targets("[]"), Member::Delegations),
        (targets("{}"), Member::Delegations),
        (targets(r#"{"keys":{}}"#), Member::Delegations),
        (
            targets(r#"{"keys":{},"succinct_roles":{}}"#),
            Member::Delegations,
        ),
        (targets(r#"{"keys":[],"roles":[]}"#), Member::Delegations),
        (targets(r#"{"keys":{},"roles":[1]}"#), Member::Delegations),
        (
            targets(r#"{"keys":{},"roles":[{"keyids":[]}]}"#),
            Member::Delegations,
        ),
        (role(r#""threshold":1,"paths":[]"#), Member::Terminating),
        (
            role(r#""threshold":1,"terminating":0,"paths":[]"#),
            Member::Terminating,
        ),
        (role(r#""threshold":1,"terminating":true"#), Member::Paths),
        (
            role(r#""threshold":1,"terminating":true,"paths":"se/*""#),
            Member::Paths,
        ),
        (
            role(r#""threshold":1,"terminating":true,"paths":["[s]e"]"#),
            Member::Paths,
        ),
        (
            role(r#""threshold":1,"terminating":true,"paths":[],"path_hash_prefixes":[]"#),
            Member::Paths,
        ),
        (role(r#""terminating":true,"paths":[]"#), Member::Threshold),
    ] {
        assert_eq!(error, malformed(member));
    }
    assert_eq!(
        role(r#""threshold":0,"terminating":true,"paths":[]"#),
        TrustError::ZeroThreshold(RoleName::Delegated)
    );
    let few = role(r#""threshold":1,"terminating":true,"paths":["*/*"]"#);
    assert_eq!(
        few,
        TrustError::MissingRole(RoleName::Delegated),
        "no key, and no file"
    );
}

#[test]
fn unknown_members_of_a_delegation_are_signed_and_ignored() {
    let mut repository = umbrella();
    repository.delegations[0].paths += r#","x-note":[1,{"a":null}]"#;
    repository.publish();
    assert_eq!(repository.update(&mut repository.client()), Ok(()));
}
