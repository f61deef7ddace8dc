//! Freshness of a list behind delegations from one update to the next, the search for one file, and
//! the digest of the metadata.

use std::collections::BTreeMap;

use crate::testing::{DAY, Delegation, LIST, NOW, Repository, Scheme, Signer, drive, sign};
use crate::{Client, Freshness, RoleName, Source, Step, TrustError};
use interdict_common::hex;
use interdict_common::time::Time;

const SE: &str = "se/se.filter";
const NL: &str = "nl/nl.filter";

/// A client, and a repository that delegates `se/*` to one role, and `nl/*` to a role that
/// delegates it to another.
fn umbrella() -> (Client, Repository) {
    let mut repository = Repository::new();
    repository.delegate(Delegation::new("se", 31, "se/*"), &[(SE, b"se")]);
    repository.delegate(Delegation::new("benelux", 32, "nl/*"), &[]);
    repository.delegate_from("benelux", Delegation::new("nl", 33, "nl/*"), &[(NL, b"nl")]);
    repository.publish();
    let mut client = repository.client();
    repository.update(&mut client).unwrap();
    (client, repository)
}

fn all(client: &Client, now: Time) -> [Option<Freshness>; 3] {
    [LIST, SE, NL].map(|path| client.freshness(path, now))
}

const FRESH: Option<Freshness> = Some(Freshness::Fresh);
const LATE: Option<Freshness> = Some(Freshness::Late);
const EXPIRED: Option<Freshness> = Some(Freshness::Expired);
const UNTRUSTED: Option<Freshness> = Some(Freshness::Untrusted);

#[test]
fn an_expired_role_on_the_way_expires_the_lists_behind_it_alone() {
    let (_, mut repository) = umbrella();
    let long = "2027-05-01T00:00:00Z";
    repository.timestamp.expires = long;
    repository.snapshot.expires = long;
    repository.targets.expires = long;
    repository.roles.get_mut("nl").unwrap().state.expires = long;
    repository.roles.get_mut("se").unwrap().state.expires = long;
    // `benelux` expires on 2026-09-01.
    repository.release();
    let mut client = repository.client();
    repository.update(&mut client).unwrap();
    let last = Time::parse("2026-08-31T23:59:59Z").unwrap();
    assert_eq!(all(&client, last), [FRESH, FRESH, FRESH]);
    assert_eq!(all(&client, last.plus(1)), [FRESH, FRESH, EXPIRED]);
    let end = |path| client.target_expires(path);
    assert_eq!(end(NL), Some(last.plus(1)));
    assert_eq!(end(SE), Time::parse(long));
    assert_eq!(client.expires(), Some(last.plus(1)));
    assert_eq!(all(&client, Time::parse(long).unwrap()), [EXPIRED; 3]);
}

#[test]
fn revoked_keys_of_a_delegated_role_make_its_lists_untrusted_at_once() {
    let (mut client, mut repository) = umbrella();
    // The delegation of `se` gets another key. The file signed with that key is withheld.
    repository.delegations[0].signers = vec![Signer::new(Scheme::P256, 41)];
    repository.release();
    let run = repository.fetch(&mut client, NOW);
    assert!(matches!(
        run.result,
        Err(TrustError::TooFewSignatures { .. })
    ));
    assert_eq!(all(&client, NOW), [LATE, UNTRUSTED, LATE]);
    // A later completed update makes the list fresh again.
    repository.roles.get_mut("se").unwrap().state.signers = vec![Signer::new(Scheme::P256, 41)];
    repository.release();
    repository.update(&mut client).unwrap();
    assert_eq!(all(&client, NOW), [FRESH; 3]);
}

#[test]
fn a_withdrawn_or_narrowed_delegation_makes_its_lists_untrusted_at_once() {
    for change in [
        (|repository| _ = repository.delegations.remove(0)) as fn(&mut Repository),
        |repository| repository.delegations[0].paths = r#""paths":["se/cards.*"]"#.to_owned(),
        |repository| repository.delegations[0].threshold = 2,
    ] {
        let (mut client, mut repository) = umbrella();
        change(&mut repository);
        repository.release();
        // The update fails later on, so the old set stays live.
        repository.roles.get_mut("benelux").unwrap().state.version = 2;
        repository.publish();
        repository.served.remove("metadata/2.benelux.json").unwrap();
        assert!(repository.fetch(&mut client, NOW).result.is_err());
        assert_eq!(all(&client, NOW), [LATE, UNTRUSTED, LATE]);
    }
}

#[test]
fn a_role_in_the_middle_can_withdraw_its_delegation_too() {
    let (mut client, mut repository) = umbrella();
    let benelux = repository.roles.get_mut("benelux").unwrap();
    benelux.state.version = 2;
    benelux.delegations[0].signers = vec![Signer::new(Scheme::P256, 43)];
    repository.release();
    let run = repository.fetch(&mut client, NOW);
    assert!(matches!(
        run.result,
        Err(TrustError::TooFewSignatures { .. })
    ));
    assert_eq!(all(&client, NOW), [LATE, LATE, UNTRUSTED]);
}

#[test]
fn a_newer_delegated_role_that_is_withheld_makes_its_lists_late() {
    let (mut client, mut repository) = umbrella();
    repository.roles.get_mut("nl").unwrap().state.version = 2;
    repository.timestamp.version = 2;
    repository.snapshot.version = 2;
    repository.publish();
    repository.served.remove("metadata/2.nl.json").unwrap();
    let run = repository.fetch(&mut client, NOW);
    assert_eq!(run.result, Err(TrustError::NotFound(RoleName::Delegated)));
    assert_eq!(all(&client, NOW), [FRESH, FRESH, LATE]);
}

#[test]
fn an_expired_delegated_role_at_hand_is_asked_for_again() {
    let (mut client, mut repository) = umbrella();
    repository.timestamp.expires = "2026-12-01T00:00:00Z";
    repository.snapshot.expires = "2026-12-01T00:00:00Z";
    repository.targets.expires = "2026-12-01T00:00:00Z";
    repository.release();
    let later = Time::parse("2026-09-02T00:00:00Z").unwrap();
    let run = repository.fetch(&mut client, later);
    assert_eq!(run.result, Err(TrustError::Expired(RoleName::Delegated)));
    assert!(run.paths.last().unwrap().ends_with("/1.se.json"));
    assert_eq!(all(&client, later), [EXPIRED; 3], "of the first release");
}

#[test]
fn the_store_replays_delegated_roles_and_those_of_an_unfinished_update() {
    let (_, mut repository) = umbrella();
    let mut first = repository.client();
    let mut saved = BTreeMap::new();
    let run = drive(&mut first, Source::Repository, NOW, |request| {
        let bytes = repository.served.get(&request.path).cloned()?;
        saved.insert(request.name.clone(), bytes.clone());
        Some(bytes)
    });
    assert_eq!(run.result, Ok(()));
    assert_eq!(saved.len(), 6);

    let later = Time::parse("2031-01-01T00:00:00Z").unwrap();
    let replay = |client: &mut Client, files: &BTreeMap<String, Vec<u8>>| {
        let run = drive(client, Source::Store, later, |request| {
            files.get(&request.name).cloned()
        });
        assert_eq!(run.result, Ok(()));
        client.complete();
    };
    let mut client = repository.client();
    replay(&mut client, &saved);
    assert_eq!(all(&client, NOW), [FRESH; 3]);
    assert_eq!(all(&client, later), [EXPIRED; 3]);
    assert_eq!(
        repository.fetch(&mut client, NOW).paths.len(),
        2,
        "root and timestamp only"
    );

    // An update in which `se` got another key, and which ended before its file.
    repository.delegations[0].signers = vec![Signer::new(Scheme::P256, 41)];
    repository.release();
    let mut pending = BTreeMap::new();
    for (name, path) in [
        ("timestamp.json", "metadata/timestamp.json"),
        ("snapshot.json", "metadata/2.snapshot.json"),
        ("targets.json", "metadata/2.targets.json"),
    ] {
        pending.insert(name.to_owned(), repository.served[path].clone());
    }
    let mut client = repository.client();
    replay(&mut client, &saved);
    replay(&mut client, &pending);
    assert_eq!(all(&client, NOW), [LATE, UNTRUSTED, LATE]);

    // A store that lost one file ends the replay without an error.
    for lost in saved.keys() {
        let mut files = saved.clone();
        files.remove(lost);
        let mut client = repository.client();
        replay(&mut client, &files);
        assert_eq!(all(&client, NOW), [None; 3], "{lost}");
    }
}

#[test]
fn one_file_is_searched_for_in_the_live_metadata() {
    let (mut client, repository) = umbrella();
    for (path, content) in [(LIST, &b"one"[..]), (SE, b"se"), (NL, b"nl")] {
        let run = repository.search(&mut client, path);
        assert_eq!(run.result, Ok(()));
        assert!(run.paths.is_empty(), "every role is already verified");
        assert_eq!(client.step(), Step::Targets);
        let found: Vec<_> = client.targets().collect();
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].0, found[0].1.verify(content)), (path, Ok(())));
        client.complete();
        assert_eq!(client.step(), Step::Idle);
    }
    for path in ["se/missing", "dk/x", "se/se.filter/x", ""] {
        let run = repository.search(&mut client, path);
        assert_eq!(run.result, Err(TrustError::NoTarget), "{path}");
        assert_eq!(client.step(), Step::Idle);
    }
}

#[test]
fn a_search_changes_nothing_that_is_live() {
    let (mut client, repository) = umbrella();
    let before = (
        client.versions(),
        client.newest_time(),
        client.state_digest(),
    );
    let live = client.live_targets().count();
    assert_eq!(repository.search(&mut client, SE).result, Ok(()));
    client.complete();
    let after = (
        client.versions(),
        client.newest_time(),
        client.state_digest(),
    );
    assert_eq!(before, after);
    assert_eq!(client.live_targets().count(), live);
    let mut new = repository.client();
    let run = repository.search(&mut new, SE);
    assert_eq!(
        run.result,
        Err(TrustError::NotRequested),
        "before the first update"
    );
}

#[test]
fn a_file_listed_without_a_hash_we_know_is_not_even_fetched() {
    let (mut client, mut repository) = umbrella();
    let text = repository.targets_text();
    let text = text.replace(r#""hashes":{"sha256""#, r#""hashes":{"blake3""#);
    repository.timestamp.version = 2;
    repository.snapshot.version = 2;
    repository.targets.version = 2;
    let text = text.replace(r#""version":1"#, r#""version":2"#);
    repository.publish_targets(sign(&text, &repository.targets.signers));
    repository.update(&mut client).unwrap();
    let run = repository.search(&mut client, LIST);
    assert_eq!(run.result, Err(TrustError::TargetNoKnownHash));
    assert_eq!(repository.search(&mut client, SE).result, Ok(()));
}

#[test]
fn no_path_that_leaves_its_directory_is_searched_for() {
    let mut repository = Repository::new();
    repository.files.insert("../secret", b"secret");
    repository.files.insert("/etc/secret", b"secret");
    repository.publish();
    let mut client = repository.client();
    repository.update(&mut client).unwrap();
    for path in ["../secret", "/etc/secret"] {
        let run = repository.search(&mut client, path);
        assert_eq!(run.result, Err(TrustError::NoTarget));
    }
}

#[test]
fn gateways_that_were_shown_the_same_have_the_same_digest() {
    let (mut one, mut repository) = umbrella();
    let mut other = repository.client();
    assert_ne!(one.state_digest(), other.state_digest());
    repository.update(&mut other).unwrap();
    let before = one.state_digest();
    assert_eq!(other.state_digest(), before);

    // Timestamp and snapshot are signed again, and targets is served in another layout. Nothing
    // else is listed.
    repository.timestamp.version = 2;
    repository.snapshot.version = 2;
    repository.publish();
    let targets = repository
        .served
        .get_mut("metadata/1.targets.json")
        .unwrap();
    targets.extend(b"\n\n");
    let mut third = repository.client();
    assert_eq!(repository.fetch(&mut third, NOW.plus(DAY)).result, Ok(()));
    third.complete();
    assert_eq!(third.state_digest(), before);

    // One more delegated list: two views of the same version.
    repository
        .roles
        .get_mut("se")
        .unwrap()
        .files
        .insert("se/more", b"more");
    repository.publish();
    let mut split = repository.client();
    repository.update(&mut split).unwrap();
    assert_eq!(split.versions(), third.versions());
    assert_ne!(split.state_digest(), before);
    repository.rotate(|_| {});
    repository.update(&mut one).unwrap();
    assert_ne!(one.state_digest(), before, "another root");
}

#[test]
fn the_digest_is_made_of_lines_anyone_can_write() {
    let (client, _) = umbrella();
    let metadata = client.metadata();
    let files: Vec<_> = metadata.iter().map(|file| file.file.as_str()).collect();
    assert_eq!(
        files,
        [
            "root.json",
            "timestamp.json",
            "snapshot.json",
            "targets.json",
            "benelux.json",
            "nl.json",
            "se.json"
        ]
    );
    let mut text = String::new();
    let renewed = ["timestamp.json", "snapshot.json"];
    for file in metadata
        .iter()
        .filter(|file| !renewed.contains(&file.file.as_str()))
    {
        text += &format!(
            "{} {} {}\n",
            file.file,
            file.version,
            hex::text(&file.sha256)
        );
    }
    use sha2::Digest as _;
    let digest: [u8; 32] = sha2::Sha256::digest(text).into();
    assert_eq!(client.state_digest(), digest);
}
