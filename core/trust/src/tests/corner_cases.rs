//! Attacks that fit nowhere else: malformed members, largest values, and clocks in a search.

use crate::limits::MAX_FILE_KEYS;
use crate::limits::MAX_SIGNATURES;
use crate::testing::{DAY, Delegation, LIST, NOW, Repository, Scheme, Signer, drive, sign};
use crate::{Client, Freshness, Member, Outcome, RoleName, Source, Step, TrustError, Wanted};

fn pinned(repository: &Repository, text: &str) -> Result<Client, TrustError> {
    Client::new(&sign(text, &repository.root.signers))
}

/// A repository whose timestamp has this pin for snapshot.
fn with_pin(pin: &str) -> Repository {
    let mut repository = Repository::new();
    let text = repository
        .timestamp_text(b"")
        .replace(r#"{"version":1}"#, pin);
    let bytes = sign(&text, &repository.timestamp.signers);
    repository
        .served
        .insert("metadata/timestamp.json".to_owned(), bytes);
    repository
}

/// A repository with one delegated role, whose file expires before targets.
fn umbrella() -> Repository {
    let mut repository = Repository::new();
    repository.delegate(Delegation::new("nl", 31, "nl/*"), &[("nl/list", b"nl")]);
    repository.roles.get_mut("nl").unwrap().state.expires = "2026-06-10T00:00:00Z";
    repository.publish();
    repository
}

#[test]
fn an_ecdsa_key_counts_under_its_own_scheme_only() {
    let repository = Repository::new();
    let text = repository.root_text();
    let own = r#""scheme":"ecdsa-sha2-nistp256""#;
    for scheme in ["ed25519", "ecdsa-sha2-nistp384", "rsassa-pss-sha256", ""] {
        let text = text.replacen(own, &format!(r#""scheme":"{scheme}""#), 1);
        let bytes = sign(&text, &repository.root.signers[..2]);
        let (role, found, threshold) = (RoleName::Root, 1, 2);
        let few = TrustError::TooFewSignatures {
            role,
            found,
            threshold,
        };
        assert_eq!(Client::new(&bytes).unwrap_err(), few, "{scheme}");
    }
}

#[test]
fn consistent_snapshot_is_true_or_false_and_nothing_else() {
    let repository = Repository::new();
    for value in ["1", "null", "\"true\"", "{}"] {
        let text = repository.root_text().replace(
            r#""consistent_snapshot":true"#,
            &format!(r#""consistent_snapshot":{value}"#),
        );
        let error = TrustError::Malformed(RoleName::Root, Member::ConsistentSnapshot);
        assert_eq!(pinned(&repository, &text).unwrap_err(), error, "{value}");
    }
}

#[test]
fn a_known_hash_of_another_length_is_refused_rather_than_skipped() {
    for known in ["sha256", "sha512"] {
        let other = "00".repeat(48);
        let pin = format!(r#"{{"version":1,"hashes":{{"{known}":"{other}"}}}}"#);
        let repository = with_pin(&pin);
        let result = repository.update(&mut repository.client());
        let error = TrustError::Malformed(RoleName::Timestamp, Member::Meta);
        assert_eq!(result, Err(error), "{known}");
    }
}

#[test]
fn a_file_shorter_than_its_listed_length_is_refused() {
    let repository = with_pin(r#"{"version":1,"length":100000}"#);
    let result = repository.update(&mut repository.client());
    assert_eq!(result, Err(TrustError::WrongLength(RoleName::Snapshot)));
}

#[test]
fn a_listed_length_never_raises_what_is_read() {
    for length in ["2000001", "4294967296", "9223372036854775807"] {
        let repository = with_pin(&format!(r#"{{"version":1,"length":{length}}}"#));
        let mut client = repository.client();
        client.begin(Source::Repository, NOW, Wanted::All);
        client.supply(Outcome::NotFound).unwrap();
        let timestamp = &repository.served["metadata/timestamp.json"];
        client.supply(Outcome::Bytes(timestamp)).unwrap();
        let Step::Fetch(request) = client.step() else {
            panic!("snapshot comes third")
        };
        assert_eq!(request.max_size, 2_000_000, "{length}");
    }
}

#[test]
fn a_timestamp_of_forty_megabytes_is_refused_unread() {
    let mut repository = Repository::new();
    let endless = vec![b' '; 40_000_000];
    repository
        .served
        .insert("metadata/timestamp.json".to_owned(), endless);
    let result = repository.update(&mut repository.client());
    assert_eq!(result, Err(TrustError::TooLarge(RoleName::Timestamp)));
}

#[test]
fn a_file_may_list_its_most_keys_and_not_one_more() {
    let repository = Repository::new();
    let listed = repository.root_text().matches("keytype").count();
    for (count, result) in [
        (MAX_FILE_KEYS, Ok(())),
        (
            MAX_FILE_KEYS + 1,
            Err(TrustError::TooManyKeys(RoleName::Root)),
        ),
    ] {
        let more: String = (listed..count).map(|n| format!("\"x{n}\":0,")).collect();
        let text =
            repository
                .root_text()
                .replacen(r#""keys":{"#, &format!(r#""keys":{{{more}"#), 1);
        assert_eq!(pinned(&repository, &text).map(|_| ()), result, "{count}");
    }
}

#[test]
fn a_file_may_hold_its_most_signatures_and_not_one_more() {
    let repository = Repository::new();
    let good = String::from_utf8(repository.served["metadata/1.root.json"].clone()).unwrap();
    let held = repository.root.signers.len();
    for (count, result) in [
        (MAX_SIGNATURES, Ok(())),
        (
            MAX_SIGNATURES + 1,
            Err(TrustError::TooManySignatures(RoleName::Root)),
        ),
    ] {
        let more: String = (held..count)
            .map(|n| format!(r#"{{"keyid":"x{n}","sig":""}},"#))
            .collect();
        let text = good.replacen(r#""signatures":["#, &format!(r#""signatures":[{more}"#), 1);
        assert_eq!(
            Client::new(text.as_bytes()).map(|_| ()),
            result,
            "{count} signatures"
        );
    }
}

#[test]
fn a_target_path_is_percent_encoded_below_the_base() {
    let repository = Repository::new();
    let mut client = repository.client();
    repository.update(&mut client).unwrap();
    let (_, target) = client.live_targets().next().unwrap();
    assert_eq!(
        target.path("se/a b?c#d%", false),
        "targets/se/a%20b%3Fc%23d%25"
    );
}

#[test]
fn completing_an_update_half_way_leaves_it_under_way() {
    let mut client = Repository::new().client();
    client.begin(Source::Repository, NOW, Wanted::All);
    let step = client.step();
    client.complete();
    assert_eq!(client.step(), step);
    assert_eq!(client.live_targets().count(), 0);
}

#[test]
fn a_refused_search_ends_the_update_under_way() {
    let repository = Repository::new();
    let mut client = repository.client();
    repository.update(&mut client).unwrap();
    for path in ["../up", "no/such"] {
        assert_eq!(repository.fetch(&mut client, NOW).result, Ok(()));
        let refused = client.begin_target(Source::Repository, NOW, path);
        assert_eq!(refused, Err(TrustError::NoTarget));
        assert_eq!(client.step(), Step::Idle, "{path}");
    }
}

#[test]
fn a_clock_set_back_does_not_make_a_delegated_role_good_in_a_search() {
    let repository = umbrella();
    let mut client = repository.client();
    repository.fetch_wanted(&mut client, NOW, Wanted::Under(Vec::new()));
    client.complete();
    client.set_newest_time(Some(NOW.plus(30 * DAY)));
    let result = repository.search(&mut client, "nl/list").result;
    assert_eq!(result, Err(TrustError::Expired(RoleName::Delegated)));
}

#[test]
fn the_first_of_root_and_the_roles_on_the_way_says_when_a_list_expires() {
    let mut repository = umbrella();
    let mut client = repository.client();
    repository.update(&mut client).unwrap();
    let text = |time: Option<interdict_common::time::Time>| time.unwrap().to_string();
    assert_eq!(text(client.target_expires(LIST)), "2026-09-01T00:00:00Z");
    assert_eq!(
        text(client.target_expires("nl/list")),
        "2026-06-10T00:00:00Z"
    );
    assert_eq!(text(client.expires()), "2026-06-10T00:00:00Z");
    repository.rotate(|repository| repository.root.expires = "2026-06-05T00:00:00Z");
    repository.update(&mut client).unwrap();
    for time in [client.target_expires(LIST), client.expires()] {
        assert_eq!(text(time), "2026-06-05T00:00:00Z");
    }
    assert_eq!(client.target_expires("no/such"), None);
}

#[test]
fn a_key_that_targets_no_longer_names_at_the_same_place_does_not_serve_from_memory() {
    let mut repository = umbrella();
    let mut client = repository.client();
    repository.update(&mut client).unwrap();
    // The delegated role keeps its version and its file. Only the delegation changes.
    repository.delegations[0].signers = vec![Signer::new(Scheme::P256, 32)];
    for role in [
        &mut repository.timestamp,
        &mut repository.snapshot,
        &mut repository.targets,
    ] {
        role.version += 1;
    }
    let file = repository.served["metadata/1.nl.json"].clone();
    repository.publish();
    repository
        .served
        .insert("metadata/1.nl.json".to_owned(), file);
    let (role, found, threshold) = (RoleName::Delegated, 0, 1);
    let few = TrustError::TooFewSignatures {
        role,
        found,
        threshold,
    };
    assert_eq!(repository.update(&mut client), Err(few));
    assert_eq!(client.freshness("nl/list", NOW), Some(Freshness::Untrusted));
}

#[test]
fn delegations_in_a_circle_come_to_an_end() {
    let mut repository = Repository::new();
    repository.delegate(Delegation::new("a", 31, "a/*"), &[("a/file", b"a")]);
    repository.delegate_from("a", Delegation::new("b", 32, "a/*"), &[]);
    repository.delegate_from("b", Delegation::new("a", 31, "a/*"), &[]);
    repository.publish();
    let mut client = repository.client();
    assert_eq!(repository.update(&mut client), Ok(()));
    assert_eq!(client.freshness("a/file", NOW), Some(Freshness::Fresh));
    let absent = repository.search(&mut client, "a/none").result;
    assert_eq!(absent, Err(TrustError::NoTarget));
}

#[test]
fn a_role_answered_differently_to_each_delegator_never_serves_the_other() {
    // `shared` has one file for `a` and another for `b`, each signed by the key of that delegation.
    let mut repository = Repository::new();
    for (name, seed, pattern) in [("a", 31, "a/*"), ("b", 32, "b/*")] {
        repository.delegate(Delegation::new(name, seed, pattern), &[]);
        repository.delegate_from(name, Delegation::new("shared", seed + 2, pattern), &[]);
    }
    let files = [(33, &b"trusted"[..]), (34, b"malicious")].map(|(seed, bytes)| {
        let shared = repository.roles.get_mut("shared").unwrap();
        shared.state.signers = vec![Signer::new(Scheme::P256, seed)];
        shared.files = [("a/file", bytes)].into();
        repository.publish();
        repository.served["metadata/1.shared.json"].clone()
    });
    let mut client = repository.client();
    for _ in 0..2 {
        let mut answers = files.iter();
        let run = drive(
            &mut client,
            Source::Repository,
            NOW,
            |request| match request.path.as_str() {
                "metadata/1.shared.json" => answers.next().cloned(),
                path => repository.served.get(path).cloned(),
            },
        );
        assert_eq!(run.result, Ok(()));
        assert_eq!(answers.len(), 0, "each delegation requests its own file");
        let (_, target) = client
            .targets()
            .find(|(path, _)| *path == "a/file")
            .unwrap();
        assert_eq!(target.verify(b"trusted"), Ok(()));
        client.complete();
    }
}
