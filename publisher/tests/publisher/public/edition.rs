//! The public edition: what it holds, what it keeps, and what a dictionary may tell of it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use interdict_core::common::time::Time;
use interdict_core::identifier::{Identifier, Kind};
use interdict_core::list::{Edition, Header, ListId, Membership, Part};
use interdict_core::token::ListKey;
use interdict_core::trust::RoleName;
use interdict_core::wire::{Enrolment, PublicEnrolment};
use interdict_publisher::{
    Confirm, Disclosure, Names, Online, Pattern, PublicReport, PublicSettings, PublisherError,
    ReleaseOptions, inspect,
};
use serde_json::Value;

use crate::coalition::{Coalition, DAY, now, tree};

const LIST: &str = "se/merchants";

fn rows(numbers: impl Iterator<Item = usize>) -> String {
    let rows = numbers.map(|n| format!("domain,n{n}.example,hotline-se,block\n"));
    format!("kind,value,source,action\n{}", rows.collect::<String>())
}

fn disclose(coalition: &mut Coalition, numbers: impl Iterator<Item = usize>, how: Disclosure) {
    let mut numbers = numbers.peekable();
    if numbers.peek().is_none() {
        // A file without a row is refused.
        return;
    }
    let rows = numbers.map(|n| format!("domain,n{n}.example\n"));
    let text = format!("kind,value\n{}", rows.collect::<String>());
    let names = Names::File {
        bytes: &mut text.as_bytes(),
        format: interdict_publisher::Format::Csv,
    };
    let report = coalition.publisher.disclose(names, None, how, now());
    assert_eq!(report.unwrap().refused, []);
}

/// A coalition that has blocked so many names for 30 days, the first ones disclosed, and a small
/// dictionary, so that the tests are quick: nothing here is about the bound unless it says so.
fn coalition(listed: usize, disclosed: usize) -> Coalition {
    let before = Time::from_seconds(now().seconds() - 30 * DAY);
    let mut coalition = Coalition::since(before);
    coalition.import(&rows(1..=listed));
    bound(&mut coalition, 1_000, 1_000);
    let options = ReleaseOptions {
        confirm: Confirm::First,
        ..ReleaseOptions::default()
    };
    let first = coalition.publisher.release(before, &options);
    assert_eq!(first.unwrap().lists[0].public, None);
    disclose(&mut coalition, 1..=disclosed, Disclosure::Mark);
    coalition
}

fn bound(coalition: &mut Coalition, dictionary: u32, share: u16) {
    let settings = PublicSettings { dictionary, share };
    coalition
        .publisher
        .set_public_settings(settings, now())
        .unwrap();
}

fn release(coalition: &mut Coalition, time: Time) -> Result<PublicReport, PublisherError> {
    let report = coalition
        .publisher
        .release(time, &ReleaseOptions::default())?;
    Ok(report.lists[0].public.unwrap())
}

fn enrolment(coalition: &Coalition) -> PublicEnrolment {
    let enrolment = coalition.publisher.public_enrolment("file:repository");
    enrolment.unwrap()
}

fn key(coalition: &Coalition) -> ListKey {
    enrolment(coalition).keys()[0].list_key().clone()
}

/// Bytes of the halves of a filter for 10,000 entries at 2^-6: ceil(10,000 * 3 / ln 2 / 8) and 45 before
/// them, twice.
const HALVES: usize = 2 * (5_411 + 45);

/// The bitmaps of the newest public filter, and its exceptions.
fn bitmaps(coalition: &Coalition) -> (Vec<u8>, Vec<u8>) {
    let files = tree(&coalition.repository());
    let filters = files
        .iter()
        .filter(|(path, _)| path.contains(".public-") && path.ends_with(".filter"));
    let headers = filters.map(|(_, bytes)| (Header::decode(Part::Filter, bytes).unwrap(), bytes));
    let newest = headers.max_by_key(|((header, _), _)| header.sequence);
    let ((_, body), bytes) = newest.unwrap();
    let (halves, exceptions) = bytes[body..].split_at(HALVES);
    (halves.to_vec(), exceptions.to_vec())
}

#[test]
fn a_list_without_disclosed_names_has_no_public_edition() {
    let mut coalition = coalition(3, 0);
    let report = coalition.release();
    assert_eq!(report.lists[0].public, None);
    let files = tree(&coalition.repository());
    assert!(!files.keys().any(|path| path.contains("public")));
    let refused = coalition.publisher.public_enrolment("file:repository");
    assert!(matches!(refused, Err(PublisherError::NoPublicEdition)));
}

#[test]
fn a_browser_finds_the_disclosed_names_and_few_others() {
    let mut coalition = coalition(20, 5);
    let report = release(&mut coalition, now()).unwrap();
    assert_eq!((report.epoch, report.listed), (1, 5));
    assert_eq!((report.entries, report.held_back), (10_000, 0));
    let mut gateway = coalition.gateway();
    gateway.update(&coalition.repository(), now()).unwrap();
    let list = gateway.public(LIST);
    let header = list.header();
    assert_eq!((header.edition, header.rate), (Edition::Public, 6));
    assert_eq!(list.record_count(), None);
    let key = key(&coalition);
    let ask = |value: &str| {
        let name = Identifier::parse(Kind::Domain, value).unwrap();
        list.membership(&name, Some(&key), now())
    };
    for n in 1..=5 {
        let found = ask(&format!("n{n}.example"));
        assert!(matches!(found, Membership::Candidate));
    }
    let others = (0..6_400).map(|n| format!("other-{n}.test"));
    let hits = others.filter(|value| ask(value) != Membership::Absent);
    // 100 expected for each of the three names a look-up asks for, at most.
    let hits = hits.count();
    assert!((50..300).contains(&hits), "{hits}");
    let account = Identifier::parse(Kind::Iban, "GB82WEST12345698765432").unwrap();
    let found = list.membership(&account, Some(&key), now());
    assert_eq!(found, Membership::NotCovered);
}

#[test]
fn no_public_suffix_is_hit_and_the_exceptions_are_those_everybody_can_compute() {
    let mut coalition = coalition(20, 5);
    release(&mut coalition, now()).unwrap();
    let mut gateway = coalition.gateway();
    gateway.update(&coalition.repository(), now()).unwrap();
    let files = tree(&coalition.repository());
    let path = |(path, _): &(&String, &Vec<u8>)| {
        path.contains(".public-1.filter") && !path.ends_with(".gz")
    };
    let (name, file) = files.iter().find(path).unwrap();
    let name = name.rsplit('/').next().unwrap();
    let shown = inspect(file, name, now()).unwrap();
    assert!(shown.contains("edition: public\n"), "{shown}");
    let (list, key) = (gateway.public(LIST), key(&coalition));
    let file = include_str!("../../../data/public_suffixes.txt");
    let rules = file.lines().filter(|rule| !rule.starts_with(['/', '!']));
    let rules = rules.map(|rule| rule.trim().trim_start_matches("*."));
    let suffixes = rules.filter(|rule| rule.contains('.'));
    let mut count = 0;
    for suffix in suffixes {
        let suffix = Identifier::parse(Kind::Domain, suffix).unwrap();
        let found = list.membership(&suffix, Some(&key), now());
        assert_eq!(found, Membership::Absent, "{}", suffix.text());
        count += 1;
    }
    assert!(count > 8_000);
    // About one in 64 of them, and of the names above them.
    let (_, before) = bitmaps(&coalition);
    let hit = (before.len() - 4) / 12;
    assert!((90..230).contains(&hit), "{hit}");
    // Names that the coalition protects are among them as all others are: to leave one out would tell.
    coalition.protect("co.uk\nbank.example\ngithub.io\n");
    release(&mut coalition, now().plus(DAY)).unwrap();
    assert!(bitmaps(&coalition).1 == before);
}

#[test]
fn a_name_that_strangers_lie_below_is_held_back() {
    let mut coalition = Coalition::new();
    let csv = "kind,value,source,action\ndomain,amazonaws.com,x,block\ndomain,a.example,x,block\n";
    coalition.import(csv);
    bound(&mut coalition, 1_000, 1_000);
    coalition.release();
    let csv = "kind,value\ndomain,amazonaws.com\ndomain,a.example\n";
    let names = Names::File {
        bytes: &mut csv.as_bytes(),
        format: interdict_publisher::Format::Csv,
    };
    let report = coalition
        .publisher
        .disclose(names, None, Disclosure::Mark, now());
    assert_eq!(report.unwrap().changed, 2);
    let report = release(&mut coalition, now().plus(30 * DAY)).unwrap();
    assert_eq!((report.listed, report.held_back), (1, 1));
}

#[test]
fn the_same_names_give_the_same_filter_and_one_name_more_changes_little() {
    let mut coalition = coalition(20, 5);
    release(&mut coalition, now()).unwrap();
    let first = bitmaps(&coalition);
    release(&mut coalition, now().plus(DAY)).unwrap();
    assert!(bitmaps(&coalition) == first);
    disclose(&mut coalition, 6..=6, Disclosure::Mark);
    release(&mut coalition, now().plus(2 * DAY)).unwrap();
    let second = bitmaps(&coalition);
    let differing: u32 = first
        .0
        .iter()
        .zip(&second.0)
        .map(|(a, b)| (a ^ b).count_ones())
        .sum();
    // One entry came and one decoy went, with three bits in each half.
    assert!((1..=12).contains(&differing), "{differing}");
}

#[test]
fn names_that_may_not_be_public_stay_out_whatever_was_marked() {
    let mut coalition = coalition(20, 5);
    coalition.import("kind,value,source,action\ndomain,n1.example,police-se,monitor\n");
    coalition.protect("n2.example\nshop.n3.example\n");
    let report = release(&mut coalition, now()).unwrap();
    assert_eq!((report.listed, report.held_back), (2, 3));
}

#[test]
fn a_public_epoch_keeps_its_rate_and_size_for_a_year() {
    let mut coalition = coalition(5_000, 0);
    let publisher = &mut coalition.publisher;
    for rate in [0, 1, 3, 8, 14] {
        let refused = publisher.public_start(None, Some(rate), now());
        assert!(matches!(refused, Err(PublisherError::PublicRate)), "{rate}");
    }
    let epoch = publisher.public_start(None, Some(4), now()).unwrap();
    assert_eq!((epoch.number, epoch.rate, epoch.capacity), (1, 4, 10_000));
    let year = now().plus(365 * DAY);
    let almost = Time::from_seconds(year.seconds() - 1);
    let young = publisher.public_start(None, Some(6), almost);
    let until = match young {
        Err(PublisherError::PublicEpochYoung { until, .. }) => until,
        other => panic!("{other:?}"),
    };
    assert_eq!(until, year);
    disclose(&mut coalition, 1..=5_000, Disclosure::Mark);
    let report = release(&mut coalition, now()).unwrap();
    assert_eq!((report.entries, report.listed), (10_000, 5_000));
    let first = key(&coalition).id();
    coalition
        .publisher
        .rotate_root(now().plus(300 * DAY), &[])
        .unwrap();
    let next = coalition.publisher.public_start(None, None, year).unwrap();
    assert_eq!((next.number, next.rate, next.capacity), (2, 4, 20_000));
    release(&mut coalition, year).unwrap();
    assert_ne!(key(&coalition).id(), first);
    let mut gateway = coalition.gateway();
    gateway.update(&coalition.repository(), year).unwrap();
    assert_eq!(gateway.public(LIST).header().epoch, 2);
}

#[test]
fn an_outgrown_public_filter_is_refused() {
    let mut coalition = coalition(9_800, 5);
    release(&mut coalition, now()).unwrap();
    disclose(&mut coalition, 6..=9_744, Disclosure::Mark);
    assert_eq!(release(&mut coalition, now()).unwrap().listed, 9_744);
    disclose(&mut coalition, 9_745..=9_745, Disclosure::Mark);
    let before = tree(&coalition.repository());
    let refused = release(&mut coalition, now());
    assert!(
        matches!(
            refused,
            Err(PublisherError::PublicOutgrown {
                capacity: 10_000,
                ..
            })
        ),
        "{refused:?}"
    );
    assert!(tree(&coalition.repository()) == before);
    disclose(&mut coalition, 9_745..=9_745, Disclosure::Undo);
    release(&mut coalition, now()).unwrap();
}

#[test]
fn a_dictionary_that_tells_too_much_stops_the_release() {
    let mut coalition = coalition(100, 100);
    // 100 listed and 1,562 others are hit: 6 %.
    bound(&mut coalition, 100_000, 50);
    let before = tree(&coalition.repository());
    let refused = release(&mut coalition, now());
    assert!(
        matches!(
            refused,
            Err(PublisherError::Enumerable { share, .. })
                if share.pattern == Pattern::In(0) && share.listed == 100
        ),
        "{refused:?}"
    );
    assert!(tree(&coalition.repository()) == before);
    bound(&mut coalition, 100_000, 70);
    let share = release(&mut coalition, now()).unwrap().share.unwrap();
    assert!((55_000..65_000).contains(&share.per_million()), "{share:?}");
    let listed = share.to_string();
    assert!(
        listed.contains("% of the hits of public release 1"),
        "{listed}"
    );
}

#[test]
fn what_earlier_public_releases_tell_counts_too() {
    let mut coalition = coalition(200, 100);
    bound(&mut coalition, 200_000, 80);
    let first = release(&mut coalition, now()).unwrap().share.unwrap();
    assert!(first.per_million() < 40_000, "{first:?}");
    // The new ones alone are few; that they are new gives them away.
    disclose(&mut coalition, 101..=110, Disclosure::Mark);
    let refused = release(&mut coalition, now());
    assert!(
        matches!(
            refused,
            Err(PublisherError::Enumerable { share, .. }) if share.pattern == Pattern::From(1)
        ),
        "{refused:?}"
    );
    // Nothing was published, so nothing is known of it.
    disclose(&mut coalition, 101..=110, Disclosure::Undo);
    let same = release(&mut coalition, now()).unwrap().share.unwrap();
    assert_eq!(same, first);
    disclose(&mut coalition, 1..=10, Disclosure::Undo);
    let refused = release(&mut coalition, now());
    assert!(
        matches!(
            refused,
            Err(PublisherError::Enumerable { share, .. }) if share.pattern == Pattern::Until(1)
        ),
        "{refused:?}"
    );
}

#[test]
fn a_second_public_epoch_gives_the_list_away_and_is_refused() {
    let mut coalition = coalition(200, 200);
    bound(&mut coalition, 1_000_000, 50);
    let year = now().plus(365 * DAY);
    release(&mut coalition, now()).unwrap();
    coalition.publisher.public_start(None, None, year).unwrap();
    let refused = release(&mut coalition, year);
    // 200 listed and one in 4,096 of the others.
    assert!(
        matches!(
            refused,
            Err(PublisherError::Enumerable { share, .. })
                if share.pattern == Pattern::Always && (180..320).contains(&share.others)
        ),
        "{refused:?}"
    );
}

#[test]
fn settings_without_meaning_are_refused() {
    let mut coalition = Coalition::new();
    let publisher = &mut coalition.publisher;
    let default = PublicSettings::default();
    assert_eq!(publisher.public_settings().unwrap(), default);
    for (dictionary, share) in [(0, 50), (1_000, 0), (1_000, 1_001)] {
        let settings = PublicSettings { dictionary, share };
        let refused = publisher.set_public_settings(settings, now());
        assert!(matches!(refused, Err(PublisherError::PublicBound)));
    }
    assert_eq!(publisher.public_settings().unwrap(), default);
}

#[test]
fn the_enrolment_of_browsers_holds_the_public_keys_alone() {
    let mut coalition = coalition(20, 5);
    release(&mut coalition, now()).unwrap();
    let enrolment = enrolment(&coalition);
    assert_eq!(enrolment.lists(), [ListId::parse(LIST).unwrap()]);
    assert_eq!(enrolment.keys().len(), 1);
    let bytes = enrolment.to_bytes();
    assert_eq!(PublicEnrolment::read(&bytes), Ok(enrolment));
    let text = String::from_utf8(bytes.clone()).unwrap();
    for (name, bytes) in tree(&coalition.directory().join("keys")) {
        let secret = String::from_utf8(bytes).unwrap();
        let public = name.contains("public-key");
        assert_eq!(text.contains(secret.trim()), public, "{name}");
    }
    let shown = inspect(&bytes, "x", now()).unwrap();
    assert!(shown.contains("file: public enrolment\n"), "{shown}");
    let member = Enrolment::read(&bytes);
    assert!(member.is_err());
}

const BUNDLE: &str = "metadata/bundle.json";

/// What a bundle holds, and that it is the metadata which the repository shows.
fn bundled(repository: &Path) -> BTreeMap<String, String> {
    let files = tree(repository);
    let bundle: Value = serde_json::from_slice(&files[BUNDLE]).unwrap();
    let members: Vec<_> = bundle.as_object().unwrap().keys().collect();
    assert_eq!(members, ["files", "format", "root"]);
    assert_eq!(bundle["format"], "interdict-bundle-1");
    let held: BTreeMap<String, String> = serde_json::from_value(bundle["files"].clone()).unwrap();
    for (path, text) in &held {
        assert_eq!(files[path], text.as_bytes(), "{path}");
    }
    let named = |text: &str, name: &str| {
        let file: Value = serde_json::from_str(text).unwrap();
        let version = file["signed"]["meta"][name]["version"].as_u64().unwrap();
        format!("metadata/{version}.{name}")
    };
    let snapshot = named(&held["metadata/timestamp.json"], "snapshot.json");
    let targets = named(&held[&snapshot], "targets.json");
    let roots: Vec<&String> = files
        .keys()
        .filter(|path| path.ends_with(".root.json"))
        .collect();
    assert_eq!(bundle["root"], roots.len());
    let mut expected = vec!["metadata/timestamp.json", &snapshot, &targets];
    expected.extend(roots.iter().map(|root| root.as_str()));
    expected.sort_unstable();
    assert_eq!(
        held.keys().map(String::as_str).collect::<Vec<_>>(),
        expected
    );
    held
}

#[test]
fn a_bundle_holds_the_metadata_of_the_newest_timestamp_and_follows_it() {
    let mut coalition = coalition(20, 5);
    assert!(
        !tree(&coalition.repository()).contains_key(BUNDLE),
        "no public edition yet"
    );
    release(&mut coalition, now()).unwrap();
    let released = bundled(&coalition.repository());
    let mirror = coalition.directory().join("../mirror");
    let upload = |coalition: &Coalition| {
        let online = Online::open(&coalition.directory()).unwrap();
        online.upload(&mirror, now()).unwrap()
    };
    upload(&coalition);
    assert_eq!(bundled(&mirror), released);
    assert_eq!(upload(&coalition).written, 0);
    // The machine that signs timestamps alone.
    let online = Online::open(&coalition.directory()).unwrap();
    online.renew(now()).unwrap();
    let renewed = bundled(&coalition.repository());
    let timestamp = "metadata/timestamp.json";
    assert_ne!(renewed[timestamp], released[timestamp]);
    // Snapshot, timestamp and the bundle of them.
    assert_eq!(upload(&coalition).written, 3);
    assert_eq!(bundled(&mirror), renewed);
    let replaced = [RoleName::Root, RoleName::Timestamp];
    coalition.publisher.rotate_root(now(), &replaced).unwrap();
    release(&mut coalition, now()).unwrap();
    assert!(bundled(&coalition.repository()).contains_key("metadata/2.root.json"));
    let bytes = &tree(&coalition.repository())[BUNDLE];
    let shown = inspect(bytes, "bundle.json", now()).unwrap();
    assert!(
        shown.starts_with("file: bundle of metadata\nroot version: 2\n"),
        "{shown}"
    );
    let files = shown.lines().filter(|line| line.starts_with("holds: "));
    assert_eq!(files.count(), 5);
}

#[test]
fn a_repository_without_a_public_edition_keeps_no_bundle() {
    let mut coalition = coalition(3, 0);
    fs::write(coalition.repository().join(BUNDLE), "{}").unwrap();
    coalition.release();
    assert!(!tree(&coalition.repository()).contains_key(BUNDLE));
}
