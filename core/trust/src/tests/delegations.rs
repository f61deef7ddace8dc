//! Which delegated roles are fetched, in which order, and the checks of each (TUF 1.0.34 §4.5,
//! §5.6.7).

use crate::testing::{Delegated, Delegation, LIST, NOW, Repository, Scheme, Signer, sign};
use crate::{Freshness, Member, RoleName, TrustError, Wanted};

const SE: &str = "se/se.filter";
const NL: &str = "nl/nl.filter";

/// A repository that delegates `se/*` and `nl/*` to one role each, and whose targets role lists a
/// file itself.
fn umbrella() -> Repository {
    let mut repository = Repository::new();
    repository.delegate(Delegation::new("se", 31, "se/*"), &[(SE, b"se")]);
    repository.delegate(Delegation::new("nl", 32, "nl/*"), &[(NL, b"nl")]);
    repository.publish();
    repository
}

fn under(prefix: &str) -> Wanted {
    Wanted::Under(vec![prefix.to_owned()])
}

fn names(run: &[String]) -> Vec<&str> {
    let files = run.iter().filter_map(|path| path.rsplit('/').next());
    files.filter(|file| !file.ends_with("root.json")).collect()
}

/// The error of one update after this change to the repository.
fn refused(change: impl FnOnce(&mut Repository)) -> TrustError {
    let mut repository = umbrella();
    change(&mut repository);
    repository.publish();
    repository.update(&mut repository.client()).unwrap_err()
}

#[test]
fn delegated_roles_are_fetched_in_order_and_their_files_are_found() {
    let repository = umbrella();
    let mut client = repository.client();
    let run = repository.fetch(&mut client, NOW);
    assert_eq!(run.result, Ok(()));
    let top_level = ["timestamp.json", "1.snapshot.json", "1.targets.json"];
    assert_eq!(
        names(&run.paths),
        [&top_level[..], &["1.se.json", "1.nl.json"]].concat()
    );
    let delegated = ["delegated.se.json", "delegated.nl.json"];
    assert_eq!(run.kept[3..], delegated);
    let found: Vec<_> = client.targets().map(|(path, _)| path.to_owned()).collect();
    assert_eq!(found, [NL, LIST, SE]);
    client.complete();
    for path in [NL, LIST, SE] {
        assert_eq!(
            client.freshness(path, NOW),
            Some(Freshness::Fresh),
            "{path}"
        );
    }
    assert_eq!(client.freshness("se/other", NOW), None);
}

#[test]
fn a_poll_with_nothing_new_asks_for_no_delegated_role() {
    let repository = umbrella();
    let mut client = repository.client();
    repository.update(&mut client).unwrap();
    let run = repository.fetch(&mut client, NOW);
    assert_eq!(names(&run.paths), ["timestamp.json"]);
    assert_eq!(client.targets().count(), 3);
}

#[test]
fn only_the_roles_that_might_list_a_wanted_file_are_asked() {
    let mut repository = umbrella();
    repository.served.remove("metadata/1.nl.json").unwrap();
    let mut client = repository.client();
    let run = repository.fetch_wanted(&mut client, NOW, under("se/se."));
    assert_eq!(run.result, Ok(()));
    let found: Vec<_> = client.targets().map(|(path, _)| path).collect();
    assert_eq!(found, [SE]);
    let all = repository.fetch(&mut client, NOW);
    assert_eq!(all.result, Err(TrustError::NotFound(RoleName::Delegated)));
    let run = repository.fetch_wanted(&mut repository.client(), NOW, Wanted::Under(Vec::new()));
    assert_eq!(names(&run.paths).len(), 3, "no delegated role");
    assert_eq!(run.result, Ok(()));
}

#[test]
fn what_a_role_lists_outside_the_paths_delegated_to_it_does_not_count() {
    let mut repository = umbrella();
    let stolen = &mut repository.roles.get_mut("se").unwrap().files;
    stolen.insert(NL, b"by se");
    stolen.insert("se/deep/er", b"by se");
    stolen.insert(LIST, b"by se");
    repository.publish();
    let mut client = repository.client();
    repository.update(&mut client).unwrap();
    let found: Vec<_> = client.live_targets().collect();
    let paths: Vec<_> = found.iter().map(|(path, _)| *path).collect();
    assert_eq!(paths, [NL, LIST, SE]);
    assert_eq!(found[0].1.verify(b"nl"), Ok(()));
    assert_eq!(
        found[1].1.verify(b"one"),
        Ok(()),
        "the delegator's own comes first"
    );
}

#[test]
fn the_first_delegation_in_order_decides_and_a_terminating_one_hides_those_after_it() {
    let path = "se/both";
    let found = |first: Delegation, first_has_it: bool| {
        let mut repository = Repository::new();
        let files: &[(_, &[u8])] = &[(path, b"first")];
        let files = if first_has_it { files } else { &[] };
        repository.delegate(first, files);
        repository.delegate(Delegation::new("second", 32, "se/*"), &[(path, b"second")]);
        repository.publish();
        let mut client = repository.client();
        repository.update(&mut client).unwrap();
        let target = client.live_targets().find(|(other, _)| *other == path);
        target.map(|(_, target)| target.verify(b"first").is_ok())
    };
    let first = || Delegation::new("first", 31, "*/both");
    assert_eq!(found(first(), true), Some(true));
    assert_eq!(found(first(), false), Some(false), "found at the second");
    assert_eq!(found(first().terminating(), true), Some(true));
    assert_eq!(
        found(first().terminating(), false),
        None,
        "the second is not asked"
    );
    let elsewhere = Delegation::new("first", 31, "nl/*").terminating();
    assert_eq!(
        found(elsewhere, false),
        Some(false),
        "it ends the search of its own paths only"
    );
}

/// The roles fetched in a search for a file that nobody lists. An edge is `delegator > role`, with
/// `!` if the delegation is terminating.
fn order(edges: &[&'static str]) -> Vec<String> {
    let mut repository = Repository::new();
    for edge in edges {
        let (delegator, role) = edge.split_once(" > ").unwrap();
        let (role, terminating) = (role.trim_end_matches('!'), role.ends_with('!'));
        let mut delegation = Delegation::new(role, role.as_bytes()[0], "*");
        delegation.terminating = terminating;
        repository.delegate_from(delegator, delegation, &[]);
    }
    repository.publish();
    let mut client = repository.client();
    let run = repository.fetch_wanted(&mut client, NOW, Wanted::Under(Vec::new()));
    assert_eq!(run.result, Ok(()));
    client.complete();
    let run = repository.search(&mut client, "missing");
    assert_eq!(run.result, Err(TrustError::NoTarget));
    names(&run.paths)
        .into_iter()
        .map(|file| file.split('.').nth(1).unwrap().to_owned())
        .collect()
}

#[test]
fn the_search_is_pre_order_and_depth_first() {
    for (edges, visited) in [
        (&["targets > A"][..], "A"),
        (&["targets > A", "targets > B"], "AB"),
        (&["targets > A", "targets > B", "B > C"], "ABC"),
        (&["targets > A", "targets > B", "A > C", "A > D"], "ACDB"),
        (&["targets > A", "targets > B", "A > C", "C > D"], "ACDB"),
        (&["targets > A", "targets > B", "A > C!", "A > D"], "AC"),
        (&["targets > A", "targets > B", "A > C!", "C > D"], "ACD"),
        (&["targets > A", "targets > B!", "targets > C"], "AB"),
        (
            &["targets > A", "targets > B", "B > C", "C > D", "D > B"],
            "ABCD",
        ),
        (&["targets > A", "A > A"], "A"),
        (&["targets > A", "targets > B", "B > C", "A > C"], "ACB"),
    ] {
        assert_eq!(order(edges).concat(), visited, "{edges:?}");
    }
}

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
        self::refused(|repository| repository.delegations[0].threshold = 2),
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
fn names_of_top_level_roles_and_repeated_or_endless_ones_are_refused() {
    for name in ["", "root", "timestamp", "snapshot", "targets"] {
        let change = |repository: &mut Repository| repository.delegations[0].name = name;
        assert_eq!(refused(change), TrustError::DelegatedName, "{name}");
    }
    let twice = |repository: &mut Repository| {
        let again = Delegation::new("se", 33, "dk/*");
        repository.delegations.push(again);
    };
    assert_eq!(refused(twice), TrustError::DelegatedName);
    let endless = |repository: &mut Repository| {
        repository.delegations[0].name = "\u{e5}".repeat(34).leak();
    };
    assert_eq!(refused(endless), TrustError::DelegatedName);
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
fn a_delegation_by_hash_of_the_path_covers_those_that_start_so() {
    // SHA-256 of "se/se.filter" and "nl/nl.filter".
    let mut repository = Repository::new();
    let mut bins = Vec::new();
    for (name, prefixes) in [("low", "01234567"), ("high", "89abcdef")] {
        let digits: Vec<_> = prefixes
            .chars()
            .map(|digit| format!("\"{digit}\""))
            .collect();
        let mut bin = Delegation::new(name, 31, "");
        bin.paths = format!(r#""path_hash_prefixes":[{}]"#, digits.join(","));
        bins.push(bin);
    }
    let files: &[(_, &[u8])] = &[(SE, b"se"), (NL, b"nl")];
    for bin in bins {
        repository.delegate(bin, files);
    }
    repository.publish();
    let mut client = repository.client();
    repository.fetch_wanted(&mut client, NOW, Wanted::Under(Vec::new()));
    client.complete();
    for path in [SE, NL] {
        use sha2::Digest as _;
        let high = sha2::Sha256::digest(path)[0] >= 0x80;
        let run = repository.search(&mut client, path);
        assert_eq!(run.result, Ok(()));
        let bin = if high { "1.high.json" } else { "1.low.json" };
        assert_eq!(names(&run.paths), [bin], "{path}");
    }
    let all = repository.fetch_wanted(&mut repository.client(), NOW, under("se/"));
    assert_eq!(
        names(&all.paths)[3..],
        ["1.low.json", "1.high.json"],
        "either might have one"
    );
}

#[test]
fn no_role_name_leaves_its_directory() {
    for (name, path, kept) in [
        ("?", "metadata/1.%3F.json", "delegated.%3f.json"),
        ("#", "metadata/1.%23.json", "delegated.%23.json"),
        ("/role", "metadata/1.%2Frole.json", "delegated.%2frole.json"),
        (
            "../role",
            "metadata/1...%2Frole.json",
            "delegated.%2e%2e%2frole.json",
        ),
        (
            "1.root",
            "metadata/1.1.root.json",
            "delegated.1%2eroot.json",
        ),
    ] {
        let mut repository = Repository::new();
        repository.delegate(Delegation::new(name, 31, "*"), &[]);
        repository.publish();
        let run = repository.fetch(&mut repository.client(), NOW);
        assert_eq!(run.result, Ok(()), "{name}");
        assert_eq!(run.paths.last().unwrap(), path);
        assert_eq!(run.kept.last().unwrap(), kept);
    }
}

/// A repository whose targets role delegates `*` to `count` roles.
fn many(count: usize) -> Repository {
    let mut repository = Repository::new();
    for index in 0..count {
        let name = format!("role-{index:02}").leak();
        repository.delegate(Delegation::new(name, 31, "*"), &[]);
    }
    repository.publish();
    repository
}

#[test]
fn thirty_two_delegated_roles_are_followed_and_not_one_more() {
    let repository = many(32);
    assert_eq!(repository.update(&mut repository.client()), Ok(()));
    let repository = many(33);
    let refused = repository.fetch(&mut repository.client(), NOW);
    assert_eq!(refused.result, Err(TrustError::TooManyRoles));
    let mut client = repository.client();
    repository.fetch_wanted(&mut client, NOW, Wanted::Under(Vec::new()));
    client.complete();
    let run = repository.search(&mut client, "missing");
    assert_eq!(
        run.result,
        Err(TrustError::TooManyRoles),
        "never a plain absence"
    );
    assert_eq!(run.paths.len(), 32, "the last one is not fetched");
}

#[test]
fn delegated_roles_that_are_too_much_together_are_refused() {
    let padded = |count: usize| {
        let mut repository = many(count);
        for index in 0..count {
            let path = format!("metadata/1.role-{index:02}.json");
            let served = repository.served.get_mut(&path).unwrap();
            served.resize(4_900_000, b' ');
        }
        repository.update(&mut repository.client())
    };
    assert_eq!(padded(4), Ok(()));
    assert_eq!(padded(5), Err(TrustError::TooManyRoles));
}

#[test]
fn patterns_made_to_take_for_ever_are_refused() {
    let pattern = format!("*{}b", "a".repeat(5_000));
    let path: &str = "a".repeat(10_000).leak();
    let mut repository = Repository::new();
    repository.delegate(Delegation::new("se", 31, &pattern), &[]);
    repository.delegate(Delegation::new("nl", 32, "*"), &[(path, b"")]);
    repository.publish();
    let refused = repository.update(&mut repository.client());
    assert_eq!(refused, Err(TrustError::TooManyPatterns));
}

#[test]
fn a_delegated_role_of_the_same_name_as_another_is_read_from_its_own_file() {
    // Roles whose names differ only in case have separate files in every store.
    let mut repository = Repository::new();
    repository.delegate(Delegation::new("se", 31, "se/*"), &[(SE, b"se")]);
    repository.delegate(Delegation::new("SE", 32, "SE/*"), &[("SE/x", b"SE")]);
    repository.publish();
    let mut client = repository.client();
    let run = repository.fetch(&mut client, NOW);
    assert_eq!(
        run.kept[3..],
        ["delegated.se.json", "delegated.%53%45.json"]
    );
    assert_eq!(client.targets().count(), 3);
}

#[test]
fn unknown_members_of_a_delegation_are_signed_and_ignored() {
    let mut repository = umbrella();
    repository.delegations[0].paths += r#","x-note":[1,{"a":null}]"#;
    repository.publish();
    assert_eq!(repository.update(&mut repository.client()), Ok(()));
}
