//! Records loaded page by page answer like records loaded whole.

use interdict_tests::coalition::{Coalition, Files, Publication, generated};
use interdict_tests::gateway::{Gateway, codes, far, path_of};
use interdict_tests::subjects::Alike;
use serde_json::{Value, json};

/// Three pages of 2,048 records, the last one not full. At this rate a quarter of the clean names
/// needs one.
const LISTED: u32 = 5_000;

fn gateway(coalition: &Coalition, records: &str) -> Gateway<Alike> {
    let records = json!({"records": records});
    Gateway::new(Alike::new().unwrap(), coalition, &records)
}

fn large(version: u32) -> Publication {
    Publication {
        generated: LISTED,
        rate: 2,
        ..Publication::new(version, far())
    }
}

/// A gateway that loads pages, with the first release, and the files it was served.
fn paged(coalition: &Coalition) -> (Gateway<Alike>, Files) {
    let mut gateway = gateway(coalition, "paged");
    let served = coalition.publish(&large(1));
    assert_eq!(gateway.update(&served), "completed");
    (gateway, served)
}

fn names() -> impl Iterator<Item = String> {
    let listed = (0..LISTED).step_by(97).chain([LISTED - 1]).map(generated);
    let below = (0..LISTED)
        .step_by(491)
        .map(|index| format!("a.b.c.d.e.f.g.{}", generated(index)));
    let clean = (0..60).map(|index| format!("clean-{index}.example"));
    listed.chain(below).chain(clean)
}

/// A name whose verdict needs a page, and the first page it needs.
fn needing(gateway: &mut Gateway<Alike>, after: u32) -> (String, Value) {
    let needing = (after..LISTED).map(generated).find_map(|name| {
        let verdict = gateway.verdict(&name);
        let page = verdict["pages"].get(0)?.clone();
        Some((name, page))
    });
    needing.expect("a name that needs a page")
}

#[test]
fn paged_records_answer_like_whole_ones_once_the_pages_asked_for_are_there() {
    let coalition = Coalition::default();
    let (mut paged, served) = paged(&coalition);
    let mut whole = gateway(&coalition, "whole");
    assert_eq!(whole.update(&served), "completed");
    let mut asked = Vec::new();
    for name in names() {
        let first = paged.verdict(&name);
        let mut verdict = first.clone();
        while let Some(page) = verdict["pages"].get(0).cloned() {
            asked.extend(page["page"].as_u64());
            paged.page(&served, &page).unwrap();
            verdict = paged.verdict(&name);
        }
        assert_eq!(verdict, whole.verdict(&name), "{name}");
        let is_listed = name.contains("listed");
        assert_eq!(verdict["action"] == "block", is_listed, "{name}: {verdict}");
        // Until the page is loaded, the verdict is degraded and asks for review.
        if first["pages"].is_array() {
            assert_eq!(first["degraded"], true, "{first}");
            assert_eq!(first["action"], "review", "{first}");
            assert!(codes(&first).contains(&"candidate"), "{first}");
        }
    }
    asked.sort_unstable();
    assert_eq!(
        asked,
        [0, 1, 2],
        "each page is asked for once and then held"
    );
}

#[test]
fn a_paged_gateway_fetches_the_head_and_pages_and_never_the_whole_file() {
    let coalition = Coalition::default();
    let (mut gateway, served) = paged(&coalition);
    let records = path_of(&served, ".records");
    let size = served[&records].len();
    let head = "se%2Fmerchants.member-1.records.head".to_owned();
    assert!(gateway.asked.contains(&head), "{:?}", gateway.asked);
    let (_, page) = needing(&mut gateway, 0);
    let place = json!({"list": page["list"], "epoch": page["epoch"], "page": page["page"]});
    let progress = gateway.ok("poll", &json!({"coalition": "se", "page": place}));
    let length = progress["fetch"]["range"]["length"].as_u64().unwrap();
    assert_eq!(progress["fetch"]["path"], records);
    assert_eq!(progress["fetch"]["max_size"], length);
    assert!(usize::try_from(length).unwrap() * 2 < size);
}

#[test]
fn a_page_that_is_changed_cut_or_another_one_is_refused_and_the_verdict_stays_degraded() {
    let coalition = Coalition::default();
    let (mut gateway, served) = paged(&coalition);
    let (name, page) = needing(&mut gateway, 0);
    let records = path_of(&served, ".records");
    let start = served[&records].len() - usize::try_from(LISTED + 1).unwrap() * 28;
    let with = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut files = served.clone();
        change(files.get_mut(&records).unwrap());
        files
    };
    let changed = with(&|file| file[start..].iter_mut().for_each(|byte| *byte ^= 1));
    let shifted = with(&|file| file.rotate_right(28));
    let other_page = with(&|file| file[start..].rotate_left(2_048 * 28));
    let zero = with(&|file| file[start..].fill(0));
    for files in [changed, shifted, other_page, zero] {
        assert_eq!(gateway.page(&files, &page), Err("list_records_page"));
        let verdict = gateway.verdict(&name);
        assert_eq!(verdict["degraded"], true, "{verdict}");
        assert_eq!(verdict["pages"][0], page, "{verdict}");
        assert_eq!(verdict["action"], "review", "{verdict}");
    }
    let nothing = Files::new();
    assert_eq!(gateway.page(&nothing, &page), Err("list_part_not_found"));
    gateway.page(&served, &page).unwrap();
    assert_eq!(gateway.verdict(&name)["action"], "block");
}

#[test]
fn a_head_that_is_not_the_one_signed_is_refused() {
    let coalition = Coalition::default();
    let mut gateway = gateway(&coalition, "paged");
    let mut served = coalition.publish(&large(1));
    let records = path_of(&served, ".records");
    // In the page table: a page that was swapped must not find its own digest there.
    served.get_mut(&records).unwrap()[150] ^= 1;
    assert_eq!(gateway.update(&served), "list_records_head");
    assert!(gateway.lists().is_empty());
}

#[test]
fn a_page_nobody_has_is_no_page() {
    let coalition = Coalition::default();
    let (mut gateway, served) = paged(&coalition);
    let page = |page: u32| json!({"list": "se/merchants", "epoch": 1, "page": page});
    assert_eq!(gateway.page(&served, &page(3)), Err("no_such_page"));
    let other = json!({"list": "se/others", "epoch": 1, "page": 0});
    assert_eq!(gateway.page(&served, &other), Err("no_such_page"));
    let epoch = json!({"list": "se/merchants", "epoch": 2, "page": 0});
    assert_eq!(gateway.page(&served, &epoch), Err("no_such_page"));
    let mut whole = self::gateway(&coalition, "whole");
    assert_eq!(whole.update(&served), "completed");
    assert_eq!(whole.page(&served, &page(0)), Err("no_such_page"));
}

#[test]
fn a_page_of_one_list_is_not_taken_for_one_of_another() {
    let coalition = Coalition::default();
    let mut gateway = gateway(&coalition, "paged");
    let other = Publication {
        list: "se/others",
        listed: vec!["other.example"],
        ..Publication::new(1, far())
    };
    let served = coalition.publish_beside(&Publication::new(1, far()), &[other]);
    assert_eq!(gateway.update(&served), "completed");
    for name in ["other.example", "shop.example"] {
        let verdict = gateway.whole_verdict(&served, name);
        assert_eq!(verdict["action"], "block", "{verdict}");
    }
}

#[test]
fn a_stash_answers_without_a_page_and_leaves_those_at_hand_in_place() {
    let coalition = Coalition::default();
    let (mut gateway, served) = paged(&coalition);
    let (name, _) = needing(&mut gateway, 0);
    gateway.whole_verdict(&served, &name);
    let fewer = Publication {
        generated: LISTED - 2,
        listed: vec!["new.example"],
        base: Some(Box::new(large(1))),
        ..large(2)
    };
    assert_eq!(gateway.update(&coalition.publish(&fewer)), "completed");
    let removed = gateway.verdict(&generated(LISTED - 1));
    let added = gateway.verdict("new.example");
    for (verdict, action) in [(&removed, "allow"), (&added, "block")] {
        assert_eq!(verdict["action"], action, "{verdict}");
        assert_eq!(verdict["pages"], Value::Null, "{verdict}");
        assert_eq!(verdict["degraded"], false, "{verdict}");
    }
    let held = gateway.verdict(&name);
    assert_eq!(
        (&held["action"], &held["pages"]),
        (&json!("block"), &Value::Null)
    );
}

#[test]
fn pages_of_an_older_base_do_not_answer_for_a_newer_one() {
    let coalition = Coalition::default();
    let (mut gateway, served) = paged(&coalition);
    let removed = generated(LISTED - 1);
    assert_eq!(gateway.whole_verdict(&served, &removed)["action"], "block");
    let later = Publication {
        generated: LISTED - 1,
        ..large(2)
    };
    let later = coalition.publish(&later);
    assert_eq!(gateway.update(&later), "completed");
    for name in (0..50).map(generated) {
        let verdict = gateway.verdict(&name);
        assert_eq!(verdict["action"], "review", "no page yet: {verdict}");
        assert_eq!(verdict["degraded"], true, "{verdict}");
    }
    assert_ne!(gateway.verdict(&removed)["action"], "block");
    assert_eq!(gateway.whole_verdict(&later, &removed)["action"], "allow");
    assert_eq!(
        gateway.whole_verdict(&later, "shop.example")["action"],
        "block"
    );
}

#[test]
fn a_page_asked_for_ends_an_update_under_way_and_spoils_nothing() {
    let coalition = Coalition::default();
    let (mut gateway, served) = paged(&coalition);
    let (name, page) = needing(&mut gateway, 0);
    gateway.ok("poll", &json!({"coalition": "se", "begin": "repository"}));
    gateway.page(&served, &page).unwrap();
    assert_eq!(gateway.verdict(&name)["action"], "block");
    let later = coalition.publish(&large(2));
    assert_eq!(gateway.update(&later), "completed");
    assert_eq!(gateway.whole_verdict(&later, &name)["action"], "block");
}
