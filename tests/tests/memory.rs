//! Memory that a load takes in the module: bounded by the bytes received, whatever they claim.

use interdict_core::list::{MAX_ENTRIES, Part};
use interdict_tests::coalition::{Coalition, Files, Publication};
use interdict_tests::enrolment::enrolled;
use interdict_tests::gateway::{Gateway, NOW, far};
use interdict_tests::subject::Subject as _;
use interdict_tests::subjects::InModule;
use serde_json::json;

/// Room for metadata, messages and the allocator's rounding: eight pages of WebAssembly memory.
const SMALL: usize = 8 * 65_536;

/// Length of each part's header, and the offset of the entry count in it.
const HEADER: usize = 59 + "se/merchants".len();
const ENTRIES: std::ops::Range<usize> = 46..50;

fn gateway(coalition: &Coalition) -> Gateway<InModule> {
    Gateway::new(InModule::new().unwrap(), coalition, &["se/merchants"])
}

fn size(gateway: &mut Gateway<InModule>) -> usize {
    gateway.subject.instance().memory_size()
}

/// Total bytes of the served parts.
fn parts_size(files: &Files) -> usize {
    let parts = files
        .iter()
        .filter(|(path, _)| path.starts_with("targets/"));
    parts.map(|(_, bytes)| bytes.len()).sum()
}

fn first() -> Publication {
    Publication::new(1, far())
}

fn second() -> Publication {
    Publication {
        listed: vec!["new.example"],
        base: Some(Box::new(first())),
        ..Publication::new(2, far())
    }
}

/// A part of a good release with a claim written into it.
fn claiming(publication: &Publication, part: Part, place: usize, claim: &[u8]) -> Vec<u8> {
    let (_, files) = Coalition::quick().release(publication);
    let bytes = match part {
        Part::Filter => Some(files.filter),
        Part::Records => files.records,
        Part::Stash => files.stash,
    };
    let mut bytes = bytes.unwrap();
    bytes[place..place + claim.len()].copy_from_slice(claim);
    bytes
}

#[test]
fn a_load_allocates_nothing_for_a_count_that_no_bytes_stand_behind() {
    let coalition = Coalition::quick();
    let most = [0xff; 4];
    let (records, stash) = (HEADER, HEADER + 32);
    let attacks = [
        (
            "bitmap",
            Part::Filter,
            HEADER + 1,
            &[0xff; 8][..],
            "list_filter_size",
        ),
        (
            "hashes",
            Part::Filter,
            HEADER + 9,
            &most,
            "list_filter_hashes",
        ),
        ("records", Part::Records, records + 4, &most, "list_layout"),
        ("strides", Part::Records, records, &[0xff; 2], "list_layout"),
        (
            "sources",
            Part::Records,
            records + 2,
            &[0xff; 2],
            "list_layout",
        ),
        ("changes", Part::Stash, stash + 6, &most, "list_stash_size"),
        (
            "most changes",
            Part::Stash,
            stash + 6,
            &[0, 0, 1, 0],
            "list_layout",
        ),
        ("answers", Part::Stash, stash + 4, &[0xff; 2], "list_layout"),
        (
            "wide answers",
            Part::Stash,
            stash,
            &[0xff; 6],
            "list_source_form",
        ),
        (
            "stash sources",
            Part::Stash,
            stash + 2,
            &[0xff; 2],
            "list_source_form",
        ),
    ];
    for (attack, part, place, claim, refusal) in attacks {
        let publication = if part == Part::Stash {
            second()
        } else {
            first()
        };
        let forged = Publication {
            instead: vec![(part, claiming(&publication, part, place, claim))],
            ..publication
        };
        let forged = coalition.publish(&forged);
        let mut gateway = gateway(&coalition);
        let before = size(&mut gateway);
        assert_eq!(gateway.update(&forged), refusal, "{attack}");
        let grown = size(&mut gateway) - before;
        // The file, and half of the filter while it is split.
        assert!(
            grown <= parts_size(&forged) * 3 / 2 + SMALL,
            "{attack}: {grown}"
        );
    }
}

#[test]
fn a_filter_that_claims_the_most_entries_takes_no_room_for_them() {
    let coalition = Coalition::quick();
    let most = MAX_ENTRIES.to_le_bytes();
    for rate in [2, 48] {
        let small = Publication { rate, ..first() };
        let parts = [Part::Filter, Part::Records];
        let claims = parts.map(|part| (part, claiming(&small, part, ENTRIES.start, &most)));
        let forged = Publication {
            claimed_entries: Some(MAX_ENTRIES),
            instead: claims.to_vec(),
            ..small
        };
        let forged = coalition.publish(&forged);
        let mut gateway = gateway(&coalition);
        let before = size(&mut gateway);
        assert_eq!(gateway.update(&forged), "list_layout", "rate {rate}");
        let grown = size(&mut gateway) - before;
        assert!(
            grown <= parts_size(&forged) * 3 / 2 + SMALL,
            "rate {rate}: {grown}"
        );
    }
}

/// Large enough that a second copy would exceed the rounding.
fn large(version: u32) -> Publication {
    Publication {
        generated: 100_000,
        entries: 200_000,
        ..Publication::new(version, far())
    }
}

#[test]
fn a_release_in_place_is_one_copy_of_its_files() {
    let coalition = Coalition::quick();
    let mut gateway = gateway(&coalition);
    let files = coalition.publish(&large(1));
    let filter = files.iter().find(|(path, _)| path.ends_with(".filter"));
    let half = filter.unwrap().1.len() / 2;
    let before = size(&mut gateway);
    assert_eq!(gateway.update(&files), "completed");
    let loaded = size(&mut gateway);
    let grown = loaded - before;
    assert!(grown <= parts_size(&files) + half + SMALL, "{grown}");
    // A stash shares the base.
    let stashed = Publication {
        listed: vec!["new.example"],
        base: Some(Box::new(large(1))),
        ..large(2)
    };
    assert_eq!(gateway.update(&coalition.publish(&stashed)), "completed");
    assert!(size(&mut gateway) <= loaded + SMALL);
    assert_eq!(gateway.verdict("new.example")["action"], "block");
}

#[test]
fn releases_that_replace_each_other_take_no_more_than_two_of_them() {
    let coalition = Coalition::quick();
    let mut gateway = gateway(&coalition);
    let before = size(&mut gateway);
    let files = coalition.publish(&large(1));
    let one = parts_size(&files);
    assert_eq!(gateway.update(&files), "completed");
    for version in 2..8 {
        let files = coalition.publish(&large(version));
        assert_eq!(gateway.update(&files), "completed", "{version}");
        let grown = size(&mut gateway) - before;
        assert!(grown <= 2 * one + SMALL, "{version}: {grown} of {one}");
    }
}

/// Loads what a coalition publishes.
fn load(module: &mut InModule, coalition: &str, files: &Files) {
    let mut call = |operation: &str, message: serde_json::Value, file| {
        let message = message.to_string();
        let answer = module.call(operation, message.as_bytes(), file, NOW);
        let answer = answer.unwrap().unwrap();
        serde_json::from_str::<serde_json::Value>(&answer).unwrap()
    };
    let begin = json!({"coalition": coalition, "begin": "repository"});
    let mut progress = call("poll", begin, None);
    while let Some(path) = progress["fetch"]["path"].as_str() {
        let file = files.get(path).cloned();
        let outcome = if file.is_some() { "bytes" } else { "not_found" };
        let name = &progress["fetch"]["name"];
        let message = json!({"coalition": coalition, "name": name, "outcome": outcome});
        progress = call("supply", message, file);
    }
    assert_eq!(progress["completed"], true);
}

#[test]
fn screening_many_lists_of_several_coalitions_never_grows_memory() {
    let publisher = Coalition::quick();
    let root = publisher.root(far());
    let lists = ["se/a", "se/b", "se/c", "se/d", "se/e", "se/f"];
    let publications = lists.map(|list| Publication {
        list,
        ..Publication::new(1, far())
    });
    let files = publisher.publish_beside(&publications[0], &publications[1..]);
    let mut module = InModule::new().unwrap();
    let names = ["se", "nl", "de"];
    let coalitions = names.map(|name| enrolled(name, &root, &lists));
    let required = json!({"se": lists, "nl": lists, "de": lists});
    let key = Coalition::list_key_text(1);
    let keys = names.map(|name| json!({"coalition": name, "key": key}));
    let policy = json!({"required": required});
    let configure = json!({"coalitions": coalitions, "keys": keys, "policy": policy}).to_string();
    module
        .call("configure", configure.as_bytes(), None, NOW)
        .unwrap()
        .unwrap();
    for name in names {
        load(&mut module, name, &files);
    }
    let line = |name: &str| {
        let identifier = json!({"kind": "domain", "value": name});
        json!({"flow": "checkout", "identifiers": [identifier]}).to_string()
    };
    let lines = ["shop.example", "a.b.c.shop.example", "clean.example"].map(line);
    let batch = lines.map(|line| format!("{line}\n")).concat().repeat(100);
    let mut screen = || {
        let answers = module.call("screen_batch", batch.as_bytes(), None, NOW);
        let answers = answers.unwrap().unwrap();
        let listed = answers.lines().filter(|line| line.contains("\"block\""));
        assert_eq!(listed.count(), 200);
        assert_eq!(answers.matches("\"sequence\":1").count(), 300 * 18);
        module.instance().memory_size()
    };
    screen();
    let before = screen();
    for _ in 0..10 {
        assert_eq!(screen(), before);
    }
}

#[test]
fn screening_never_grows_memory_after_the_first_call() {
    let coalition = Coalition::quick();
    let mut gateway = gateway(&coalition);
    assert_eq!(gateway.update(&coalition.publish(&second())), "completed");
    gateway.verdict("shop.example");
    let line =
        json!({"flow": "checkout", "identifiers": [{"kind": "domain", "value": "a.shop.example"}]});
    let batch = format!("{line}\n").repeat(1000);
    let screen = |gateway: &mut Gateway<InModule>| {
        let answers = gateway
            .subject
            .call("screen_batch", batch.as_bytes(), None, NOW);
        answers.unwrap().unwrap()
    };
    screen(&mut gateway);
    let before = size(&mut gateway);
    for _ in 0..50 {
        screen(&mut gateway);
        gateway.verdict("clean.example");
    }
    assert_eq!(size(&mut gateway), before);
}
