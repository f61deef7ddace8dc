//! A register that a disk or a hand has damaged: no release that says less goes out as a success.

use std::fs;
use std::path::Path;

use interdict_core::common::time::Time;
use interdict_core::identifier::Kind;
use interdict_core::list::{Action, ListError, Membership};
use interdict_publisher::{
    DelistOptions, Format, ImportOptions, Names, Publisher, PublisherError, ReleaseOptions,
    ReleaseReport,
};

use crate::coalition::{Coalition, DAY, import_by_source, now, tree};

/// Enough for a b-tree with interior pages.
const ENTRIES: usize = 3_000;

/// SQLite's default, which the register keeps.
const PAGE: usize = 4_096;

/// When the damaged register is released: the entries were imported and released before.
fn later() -> Time {
    now().plus(2 * DAY)
}

fn name(index: usize) -> String {
    format!("shop-{index}.example")
}

/// A coalition of many entries, some of them with an end, imported a day before its first release.
fn large() -> Coalition {
    let mut coalition = Coalition::new();
    let mut csv = "kind,value,source,action,valid_until\n".to_owned();
    for index in 0..ENTRIES {
        let end = if index % 3 == 0 { "2027-06-30" } else { "" };
        csv.push_str(&format!("domain,{},hotline,block,{end}\n", name(index)));
    }
    assert_eq!(coalition.import(&csv).refused.len(), 0);
    let options = ReleaseOptions::default();
    coalition
        .publisher
        .release(now().plus(DAY), &options)
        .unwrap();
    coalition
}

/// Places in the file to flip a bit at: in the head of every page, where the b-tree is, and
/// throughout its content.
fn places(length: usize) -> Vec<(usize, u8)> {
    let mut places = Vec::new();
    // A multiplicative generator (Lehmer, modulus 2^31 - 1): the same places in every run.
    let mut seed = 48_271_u64;
    let mut below = |bound: usize| {
        seed = seed * 48_271 % 2_147_483_647;
        usize::try_from(seed).unwrap() % bound
    };
    for page in 0..length / PAGE {
        let head = if page == 0 { 100 } else { 0 };
        places.push((page * PAGE + head + below(16), 1 << below(8)));
        for _ in 0..2 {
            places.push((page * PAGE + below(PAGE), 1 << below(8)));
        }
    }
    places
}

fn restore(directory: &Path, files: &std::collections::BTreeMap<String, Vec<u8>>) {
    fs::remove_dir_all(directory).unwrap();
    for (path, bytes) in files {
        let file = directory.join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, bytes).unwrap();
    }
}

/// Names a gateway that updates now no longer blocks.
fn missing(coalition: &mut Coalition) -> Vec<String> {
    let repository = coalition.repository();
    let mut gateway = coalition.gateway();
    gateway.update(&repository, later()).unwrap();
    let blocked = |name: &String| match gateway.ask_at("se/merchants", Kind::Domain, name, later())
    {
        Membership::Listed { record, .. } => record.effective_action() == Action::Block,
        _ => false,
    };
    (0..ENTRIES)
        .map(name)
        .filter(|name| !blocked(name))
        .collect()
}

#[test]
fn no_flipped_bit_in_the_register_leads_to_a_release_that_says_less() {
    let mut coalition = large();
    let path = coalition.directory().join("register.sqlite");
    let register = fs::read(&path).unwrap();
    let repository = tree(&coalition.repository());
    let (mut refused, mut released) = (0, 0);
    for (place, bit) in places(register.len()) {
        let mut bytes = register.clone();
        bytes[place] ^= bit;
        fs::write(&path, &bytes).unwrap();
        let mut damaged = Publisher::open(&coalition.directory());
        let report = damaged
            .as_mut()
            .map(|publisher| publisher.release(later(), &ReleaseOptions::default()));
        let Ok(Ok(report)) = report else {
            refused += 1;
            assert!(tree(&coalition.repository()) == repository, "{place}");
            continue;
        };
        released += 1;
        fs::write(&path, &register).unwrap();
        coalition.publisher = Publisher::open(&coalition.directory()).unwrap();
        let missing = missing(&mut coalition);
        assert!(
            missing.is_empty() && report.lists[0].listed >= ENTRIES,
            "bit {bit} at {place}: {} of {ENTRIES} listed, {} missing",
            report.lists[0].listed,
            missing.len()
        );
        restore(&coalition.repository(), &repository);
    }
    // Neither outcome would show anything alone.
    assert!(refused > 20 && released > 20, "{refused} {released}");
}

/// Changes the register as no command does, and opens it again.
fn by_hand(coalition: &mut Coalition, sql: &str) {
    let register = rusqlite::Connection::open(coalition.directory().join("register.sqlite"));
    register.unwrap().execute_batch(sql).unwrap();
    coalition.publisher = Publisher::open(&coalition.directory()).unwrap();
}

fn import_at(coalition: &mut Coalition, csv: &str, at: Time) {
    let options = ImportOptions::new(Format::Csv, "x");
    let report = import_by_source(&mut coalition.publisher, csv, &options, at);
    assert_eq!(report.refused.len(), 0);
}

fn release_at(
    coalition: &mut Coalition,
    at: Time,
    entries: Option<usize>,
) -> Result<ReleaseReport, PublisherError> {
    let options = ReleaseOptions {
        entries,
        ..ReleaseOptions::default()
    };
    coalition.publisher.release(at, &options)
}

/// Seven entries, imported a day before their first release.
fn small() -> Coalition {
    let mut coalition = Coalition::new();
    coalition.import(
        "kind,value,source,action,valid_until\n\
         domain,a.example,x,block,\ndomain,b.example,x,block,2027-06-30\n\
         domain,c.example,x,block,2026-11-24\ndomain,d.example,x,block,\n\
         domain,e.example,x,block,2026-11-24\ndomain,e.example,y,review,\n\
         domain,f.example,x,block,\ndomain,g.example,x,block,\n",
    );
    let report = release_at(&mut coalition, now().plus(DAY), None).unwrap();
    assert_eq!(report.lists[0].listed, 7);
    coalition
}

#[test]
fn entries_that_vanish_or_weaken_by_no_command_wait_for_a_person() {
    for (sql, lost, listed) in [
        (
            "DELETE FROM entry WHERE text IN ('a.example', 'b.example')",
            2,
            14,
        ),
        (
            "UPDATE entry SET text = 'z.example' WHERE text = 'a.example'",
            1,
            16,
        ),
        (
            "UPDATE entry SET action = 'hold_payout', confidence = 800 WHERE text = 'a.example'",
            1,
            16,
        ),
        (
            "UPDATE entry SET action = 'monitor' WHERE text = 'a.example'",
            1,
            16,
        ),
        (
            "UPDATE entry SET action = 'monitor', flags = 2 WHERE text = 'a.example'",
            1,
            16,
        ),
        (
            "UPDATE entry SET scope = 'host' WHERE text = 'a.example'",
            1,
            16,
        ),
        (
            "UPDATE entry SET valid_until = 1795000000 WHERE text = 'a.example'",
            1,
            15,
        ),
    ] {
        let mut coalition = small();
        // New entries do not hide that old ones are gone.
        let more: String = (0..9)
            .map(|n| format!("domain,new-{n}.example,x\n"))
            .collect();
        let more = format!("kind,value,source\n{more}");
        import_at(&mut coalition, &more, now().plus(DAY + 1));
        by_hand(&mut coalition, sql);
        let before = tree(&coalition.repository());
        let at = now().plus(DAY + 2);
        let refused = release_at(&mut coalition, at, None);
        let Err(
            error @ PublisherError::EntriesLost {
                count,
                listed: would,
                ..
            },
        ) = refused
        else {
            panic!("{sql}: {refused:?}")
        };
        assert_eq!((count, would), (lost, listed), "{sql}");
        assert!(error.to_string().contains(&format!("--entries {listed}")));
        for wrong in [listed - 1, listed + 1, 0] {
            let refused = release_at(&mut coalition, at, Some(wrong));
            assert!(
                matches!(refused, Err(PublisherError::EntryCount { stated, .. }) if stated == wrong),
                "{sql}: {refused:?}"
            );
        }
        assert!(tree(&coalition.repository()) == before);
        let report = release_at(&mut coalition, at, Some(listed)).unwrap();
        assert_eq!(report.lists[0].listed, listed, "{sql}");
        release_at(&mut coalition, at, None).unwrap();
    }
}

#[test]
fn what_gateways_would_refuse_is_not_published() {
    for (sql, refused) in [
        ("SET confidence = 899", ListError::RecordConfidence),
        ("SET flags = 2", ListError::RecordSilence),
        ("SET source = 'X Y'", ListError::SourceForm),
    ] {
        let mut coalition = small();
        by_hand(
            &mut coalition,
            &format!("UPDATE entry {sql} WHERE text = 'a.example'"),
        );
        let before = tree(&coalition.repository());
        let found = release_at(&mut coalition, now().plus(DAY + 2), Some(7));
        assert!(
            matches!(found, Err(PublisherError::List { source, .. }) if source == refused),
            "{sql}: {found:?}"
        );
        assert!(tree(&coalition.repository()) == before);
    }
}

#[test]
fn what_people_decided_and_what_ended_needs_no_second_word() {
    let mut coalition = small();
    let names = Names::One {
        kind: "domain",
        value: "a.example",
    };
    let options = DelistOptions::default();
    let at = now().plus(DAY + 1);
    coalition.publisher.delist(names, &options, at).unwrap();
    let weaker = "kind,value,source,action,valid_until,scope\n\
                  domain,b.example,x,monitor,2026-12-01,host\n";
    import_at(&mut coalition, weaker, at);
    let protected = "d.example\npay.f.example\n".as_bytes();
    coalition
        .publisher
        .protect(protected, Format::Text, at)
        .unwrap();
    // By then c.example has ended, and of e.example the stronger statement.
    let at = now().plus(3 * DAY);
    let report = release_at(&mut coalition, at, None).unwrap();
    let [list] = report.lists.as_slice() else {
        panic!("{report:?}")
    };
    assert_eq!(
        (list.listed, list.narrowed, list.withheld, list.lapsed),
        (4, 1, 1, 1)
    );
    // The next one compares with this one, stash and all.
    by_hand(
        &mut coalition,
        "DELETE FROM entry WHERE text IN ('e.example', 'g.example')",
    );
    let refused = release_at(&mut coalition, at, None);
    assert!(
        matches!(
            refused,
            Err(PublisherError::EntriesLost {
                count: 2,
                listed: 2,
                ..
            })
        ),
        "{refused:?}"
    );
}

#[test]
fn without_the_repository_entries_are_counted() {
    let mut coalition = small();
    fs::remove_dir_all(coalition.repository()).unwrap();
    let names = Names::One {
        kind: "domain",
        value: "a.example",
    };
    let at = now().plus(3 * DAY);
    coalition
        .publisher
        .delist(names, &DelistOptions::default(), at)
        .unwrap();
    coalition
        .publisher
        .plan(at, &ReleaseOptions::default())
        .unwrap();
    by_hand(&mut coalition, "DELETE FROM entry WHERE text = 'b.example'");
    let refused = release_at(&mut coalition, at, None);
    assert!(
        matches!(refused, Err(PublisherError::EntriesLost { count: 1, .. })),
        "{refused:?}"
    );
}

#[test]
fn a_number_of_entries_is_stated_for_one_list() {
    let mut coalition = Coalition::with(interdict_publisher::TestKeys::Yes, &["se/a", "se/b"]);
    let refused = release_at(&mut coalition, now(), Some(0));
    assert!(
        matches!(refused, Err(PublisherError::WhichList)),
        "{refused:?}"
    );
}

#[test]
fn a_register_sqlite_finds_damaged_is_refused_whatever_is_stated() {
    let mut coalition = small();
    // A row of a list that is not there: the file is whole, and its content is not.
    by_hand(
        &mut coalition,
        "PRAGMA foreign_keys = OFF; UPDATE entry SET list = 'se/other' WHERE text = 'a.example'",
    );
    for stated in [None, Some(6)] {
        let refused = release_at(&mut coalition, now().plus(2 * DAY), stated);
        let damaged = matches!(refused, Err(PublisherError::RegisterDamaged));
        assert!(damaged, "{refused:?}");
    }
}
