//! Names of delegated roles, and how many roles, bytes and patterns one update may take.

use super::{SE, refused};
use crate::testing::{Delegation, NOW, Repository};
use crate::{TrustError, Wanted};

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
