//! Which delegated roles are fetched, in which order, and whose files count (TUF 1.0.34 §5.6.7).

use super::{NL, SE, names, umbrella, under};
use crate::testing::{Delegation, LIST, NOW, Repository};
use crate::{Freshness, RoleName, TrustError, Wanted};

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
