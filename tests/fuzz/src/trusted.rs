//! The first inputs of the trust room's targets: honest files, and honest sequences of calls.

use std::collections::BTreeMap;

use crate::calls::{
    ABORT, BEGIN, BEGIN_TARGET, COMPLETE, DAMAGED, FAILED, NOT_FOUND, OTHER, SUPPLY,
};
use crate::repository::{
    DELEGATED, RECOVER, RELEASES, ROOT, SE, SIGN, SNAPSHOT, TARGETS, TIMESTAMP, indented, root, se,
    sign, snapshot, targets, timestamp,
};
use crate::seeds::Seeds;

/// Adds them to the seeds.
pub(crate) fn add(seeds: &mut Seeds) {
    for (target, name, choice, keys, text) in [
        ("root", "", 0, &ROOT[..], root(2)),
        ("timestamp", "", 0, &TIMESTAMP, timestamp(2)),
        ("snapshot", "", 0, &SNAPSHOT, snapshot(2)),
        ("targets", "", 0, &TARGETS, targets(2)),
        ("targets", "delegated-", DELEGATED, &SE, se(2)),
    ] {
        let file = sign(text.as_bytes(), keys).expect("a text of our own");
        for (form, choice, bytes) in [
            ("signed", choice | SIGN, text.as_bytes().to_vec()),
            ("signed-indented", choice | SIGN, indented(text.as_bytes())),
            ("file", choice, file.clone()),
            ("file-indented", choice | RECOVER, indented(&file)),
        ] {
            let seed = [&[choice], &bytes[..]].concat();
            seeds.insert((target, format!("{name}{form}")), seed);
        }
    }
    variants(seeds);
    replays(seeds);
    calls(seeds);
}

/// Honest files that take other ways through the rules.
fn variants(seeds: &mut Seeds) {
    let mut add = |target, name: &str, choice, text: String| {
        let seed = [&[SIGN | RECOVER | choice], text.as_bytes()].concat();
        seeds.insert((target, name.to_owned()), seed);
    };
    let pinned = r#"{"length":9999,"hashes":{"sha256":"00","sha512":"00"},"version":2}"#;
    add(
        "timestamp",
        "pinned",
        0,
        timestamp(2).replace(r#"{"version":2}"#, pinned),
    );
    add("timestamp", "older", 0, timestamp(1));
    add("snapshot", "older", 0, snapshot(1));
    add(
        "snapshot",
        "without",
        0,
        snapshot(2).replace("se/team", "x"),
    );
    let rotated = root(2).replace(r#""key-3"],"threshold":1"#, r#""key-4"],"threshold":1"#);
    add("root", "rotated", 0, rotated);
    let expired = root(2).replace("2027", "2020");
    add("root", "expired", 0, expired);
    let odd = targets(2).replace(r#""name":"nl""#, r#""name":"../odd?""#);
    add("targets", "odd-name", 0, odd);
    let cycle = se(2).replace(r#""name":"se/team""#, r#""name":"se""#);
    add("targets", "delegated-cycle", DELEGATED, cycle);
}

/// The files that a host keeps, in the order of the requests. The first is the newer root, which does not
/// exist.
fn replays(seeds: &mut Seeds) {
    let order = ["timestamp", "snapshot", "targets", "se", "se%2Fteam", "nl"];
    for (name, release) in [("first", 0), ("third", 2)] {
        let files: &BTreeMap<_, _> = &RELEASES[release].files;
        let find = |role: &&str| {
            let end = format!("{role}.json");
            let exact = |path: &&String| {
                let name = path.trim_start_matches("metadata/");
                name.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.') == end
            };
            let path = files.keys().find(exact).expect("a file of every role");
            files[path].clone()
        };
        let mut seed = Vec::new();
        for file in order.iter().map(find) {
            seed.push(0);
            seed.extend(file);
        }
        seeds.insert(("state", name.to_owned()), seed);
    }
    let root = sign(root(2).as_bytes(), &ROOT).expect("a text of our own");
    let seed = [
        &root[..],
        &[0, 0],
        &RELEASES[0].files["metadata/timestamp.json"],
    ]
    .concat();
    seeds.insert(("state", "root".to_owned()), seed);
}

/// Updates by a host, with and without faults.
fn calls(seeds: &mut Seeds) {
    // A call, and what its high half says.
    let call = |kind: u8, choice: u8| choice << 4 | kind;
    let whole = |release: u8| {
        let mut calls = vec![call(BEGIN, 0), call(NOT_FOUND, 0)];
        calls.extend([call(SUPPLY, release); 6]);
        calls.push(call(COMPLETE, 0));
        calls
    };
    let mut add = |name: &str, calls: &[u8]| {
        seeds.insert(("supply", name.to_owned()), calls.to_vec());
    };
    add("update", &whole(0));
    add("two-updates", &[whole(0), whole(1)].concat());
    let (store, repository) = (call(BEGIN, 1), call(BEGIN, 0));
    let replay = [&whole(2)[..], &[store], &whole(0)[1..]].concat();
    add("older-replay", &replay);
    let search = [call(BEGIN_TARGET, 1), call(COMPLETE, 0)];
    add("search", &[&whole(0)[..], &search].concat());
    let wanted = [call(BEGIN, 8), call(NOT_FOUND, 0)];
    let some = [&wanted[..], &[call(SUPPLY, 0); 3], &[call(COMPLETE, 0)]].concat();
    add(
        "none-wanted",
        &[&some[..], &search, &[call(SUPPLY, 0); 3]].concat(),
    );
    let damaged = [repository, call(NOT_FOUND, 0), call(DAMAGED, 0), 0, 200, 1];
    add("damaged", &[&damaged[..], &whole(1)].concat());
    let other = [repository, call(NOT_FOUND, 0), call(OTHER, 1), 3];
    add(
        "other",
        &[&other[..], &whole(2), &[call(ABORT, 0)]].concat(),
    );
    add(
        "failed",
        &[&whole(0)[..], &[repository, call(FAILED, 0)], &whole(1)].concat(),
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calls::Calls;
    use crate::repository::{client, sign};
    use interdict_core::trust::{Outcome, Source, Step, Wanted};

    fn all() -> Seeds {
        let mut seeds = Seeds::new();
        add(&mut seeds);
        seeds
    }

    #[test]
    fn seeds_of_calls_end_where_they_should() {
        let all = all();
        for (name, version) in [
            ("update", 1),
            ("two-updates", 2),
            ("older-replay", 3),
            ("search", 1),
            ("none-wanted", 1),
            ("damaged", 2),
            ("other", 3),
            ("failed", 2),
        ] {
            let mut calls = Calls::default();
            let mut rest = &all[&("supply", name.to_owned())][..];
            while let Some(left) = calls.make(rest) {
                rest = left;
            }
            assert_eq!(calls.client.versions().targets, Some(version), "{name}");
        }
    }

    #[test]
    fn seeds_of_replays_are_whole() {
        let all = all();
        for name in ["first", "third"] {
            let mut client = client();
            client.begin(Source::Store, crate::repository::NOW, Wanted::All);
            for file in all[&("state", name.to_owned())].split(|byte| *byte == 0) {
                let outcome = match file {
                    [] => Outcome::NotFound,
                    file => Outcome::Bytes(file),
                };
                client.supply(outcome).expect("an honest file");
            }
            assert_eq!(client.step(), Step::Targets, "{name}");
        }
    }

    #[test]
    fn an_indented_file_is_signed_all_the_same() {
        let file = indented(&sign(timestamp(1).as_bytes(), &TIMESTAMP).expect("JSON"));
        let mut client = client();
        client.begin(Source::Repository, crate::repository::NOW, Wanted::All);
        client.supply(Outcome::NotFound).expect("no newer root");
        assert!(client.supply(Outcome::Bytes(&file)).is_ok());
    }
}
