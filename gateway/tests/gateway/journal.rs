//! The journal against whoever changes, copies, cuts or kills it.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use interdict::{
    Content, Entry, Error, Extent, Flaw, Journal, JournalError, JournalReport, JournalSettings,
    PersonKey, SignedDecision, SyncPolicy, TraceId, Word, examine, find_reference, journal_key,
    verify_journals,
};
use interdict_helpers::NOW;
use interdict_host::DocumentKind;
use sha2::{Digest as _, Sha256};

use crate::replay::{RELEASE, REQUEST, Room};

const DAY: u32 = 86_400;
const RECEIPT: &str = r#"{"format":1,"action":"allow","mac":"00"}"#;

fn settings(directory: &Path) -> JournalSettings {
    JournalSettings {
        directory: directory.to_owned(),
        sync: SyncPolicy::Never,
        max_megabytes: 4,
        rotate_megabytes: 1,
        ..JournalSettings::default()
    }
}

fn entry(content: &str) -> Entry<'_> {
    Entry::of(Content::Receipt(content))
}

/// The files of lines, oldest first.
fn files(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).unwrap();
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|end| end == "jsonl"));
    files.sort();
    files
}

fn verified(directories: &[&Path]) -> JournalReport {
    let keys: Vec<_> = directories
        .iter()
        .map(|one| journal_key(one).unwrap())
        .collect();
    let directories: Vec<_> = directories.iter().map(|one| one.to_path_buf()).collect();
    verify_journals(&directories, &keys, Extent::Whole).unwrap()
}

fn flaws(directory: &Path) -> Vec<Flaw> {
    let report = verified(&[directory]);
    let faults = report.directories[0].faults.iter();
    faults.map(|fault| fault.what).collect()
}

/// Three files: the second begins behind a line that was cut, the third on the next day.
fn small(directory: &Path) {
    let settings = settings(directory);
    let journal = Journal::open(&settings, NOW).unwrap();
    let word = Word::new("psp-1").unwrap();
    let full = Entry {
        client: Some(&word),
        door: Some(&word),
        reference: Some("order 17"),
        trace: TraceId::parse("4bf92f3577b34da6a3ce929d0e0e4736"),
        content: Content::Receipt(RECEIPT),
    };
    journal.append(&full, NOW).unwrap();
    let refusal = Content::Refusal(r#"{"format":1,"code":-17}"#);
    journal.append(&Entry::of(refusal), NOW + 1).unwrap();
    drop(journal);
    tear(directory);
    let journal = Journal::open(&settings, NOW + 2).unwrap();
    let what = Word::new("case_closed").unwrap();
    let about = (Word::new("case").unwrap(), Word::new("case_17").unwrap());
    let key = PersonKey::create(DocumentKind::Clearance, "analyst").unwrap();
    let decision = SignedDecision::new(&what, &[about], NOW + 3).unwrap();
    let decision = decision.sign(&key).unwrap();
    journal
        .append(&Entry::of(decision.content()), NOW + 3)
        .unwrap();
    journal.append(&entry(RECEIPT), NOW + DAY).unwrap();
    journal.append(&entry(RECEIPT), NOW + DAY).unwrap();
}

/// Half a line, as an interrupted write leaves it.
fn tear(directory: &Path) {
    let last = files(directory).pop().unwrap();
    let mut file = fs::File::options().append(true).open(last).unwrap();
    file.write_all(b"{\"format\":1,\"id\":\"0192").unwrap();
}

#[test]
fn a_whole_journal_is_whole_and_private_and_its_files_sort_by_time() {
    let room = tempfile::tempdir().unwrap();
    let directory = room.path().join("journal");
    small(&directory);
    let report = verified(&[&directory]);
    assert!(report.is_whole(), "{report:?}");
    let one = &report.directories[0];
    assert_eq!((one.files, one.first, one.last, one.lines), (3, 1, 8, 8));
    assert_eq!((one.cuts, one.unsigned), (1, 2));
    assert_eq!(one.signed.as_ref().unwrap().number, 5);
    assert_eq!(one.people.len(), 1);
    #[cfg(unix)]
    for entry in fs::read_dir(&directory).unwrap() {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
        assert_eq!(mode(&directory), 0o700);
    }
}

#[test]
fn every_changed_byte_is_named() {
    let room = tempfile::tempdir().unwrap();
    let directory = room.path().join("journal");
    small(&directory);
    let keys = [journal_key(&directory).unwrap()];
    let mut flips = 0_u32;
    for path in files(&directory) {
        let good = fs::read(&path).unwrap();
        for (place, byte) in good.iter().enumerate() {
            let mut changed = good.clone();
            changed[place] = byte ^ (1 << (place % 8));
            fs::write(&path, &changed).unwrap();
            let report =
                verify_journals(std::slice::from_ref(&directory), &keys, Extent::Whole).unwrap();
            let name = path.display();
            assert!(!report.is_whole(), "{name}: byte {place}");
            flips += 1;
        }
        fs::write(&path, &good).unwrap();
    }
    assert!(flips > 3_000 && verified(&[&directory]).is_whole());
}

/// Rewrites a line, digest and all, as somebody does who can write in the directory.
fn forge(path: &Path, line: usize, change: impl Fn(&str) -> String) {
    let text = fs::read_to_string(path).unwrap();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let (body, _) = lines[line].rsplit_once(",\"digest\":\"").unwrap();
    let body = change(body);
    let digest: String = interdict_forge::hex(&Sha256::digest(&body));
    lines[line] = format!("{body},\"digest\":\"{digest}\"}}");
    fs::write(path, lines.join("\n") + "\n").unwrap();
}

#[test]
fn a_line_rewritten_with_its_digest_breaks_the_link_and_no_head_can_be_rewritten() {
    let room = tempfile::tempdir().unwrap();
    let directory = room.path().join("journal");
    let journal = Journal::open(&settings(&directory), NOW).unwrap();
    journal.append(&entry(RECEIPT), NOW).unwrap();
    journal.append(&entry(RECEIPT), NOW).unwrap();
    journal.close(NOW).unwrap();
    let path = files(&directory).pop().unwrap();
    let good = fs::read(&path).unwrap();
    forge(&path, 1, |line| line.replace("allow", "block"));
    assert_eq!(flaws(&directory), [Flaw::Unlinked { number: 3 }]);
    fs::write(&path, &good).unwrap();
    forge(&path, 2, |line| line.replace("allow", "block"));
    assert_eq!(flaws(&directory), [Flaw::Unlinked { number: 4 }]);
    fs::write(&path, &good).unwrap();
    // The last line, a head, says another time or follows another line.
    for (from, to) in [
        ("\"first\":1", "\"first\":2"),
        ("\"time\":17", "\"time\":16"),
    ] {
        forge(&path, 3, |line| line.replace(from, to));
        assert_eq!(flaws(&directory), [Flaw::Signature { number: 4 }], "{from}");
        fs::write(&path, &good).unwrap();
    }
    // Signed by somebody else.
    let other = room.path().join("other");
    drop(Journal::open(&settings(&other), NOW).unwrap());
    let keys = [journal_key(&other).unwrap()];
    let report = verify_journals(&[directory], &keys, Extent::Whole).unwrap();
    let faults: Vec<_> = report.directories[0]
        .faults
        .iter()
        .map(|one| one.what)
        .collect();
    assert_eq!(faults, [1, 4].map(|number| Flaw::OtherKey { number }));
}

#[test]
fn a_missing_swapped_or_repeated_line_and_a_missing_file_are_named() {
    let room = tempfile::tempdir().unwrap();
    let directory = room.path().join("journal");
    small(&directory);
    let paths = files(&directory);
    let good = fs::read_to_string(&paths[0]).unwrap();
    let lines: Vec<&str> = good.split_inclusive('\n').collect();
    let check = |order: &[usize], expected: &[Flaw]| {
        let text: String = order.iter().map(|index| lines[*index]).collect();
        fs::write(&paths[0], text).unwrap();
        assert_eq!(flaws(&directory), expected, "{order:?}");
        fs::write(&paths[0], &good).unwrap();
    };
    let fork = |number| Flaw::Fork { number };
    let gap = |number| Flaw::Gap {
        from: number,
        to: number,
    };
    check(&[0, 2, 3], &[gap(2)]);
    let undeclared = Flaw::Undeclared { from: 1, to: 1 };
    check(&[1, 2, 3], &[Flaw::Beginning, undeclared]);
    check(&[0, 2, 1, 3], &[gap(2), fork(2), gap(3)]);
    check(&[0, 1, 1, 2, 3], &[fork(2)]);
    check(&[0, 1, 2], &[Flaw::OtherCut]);
    check(&[0, 1, 2, 3, 3], &[Flaw::Cut, Flaw::OtherCut]);
    for (missing, expected) in [
        (0, vec![Flaw::Undeclared { from: 1, to: 3 }]),
        (1, vec![Flaw::Gap { from: 4, to: 5 }]),
    ] {
        let bytes = fs::read(&paths[missing]).unwrap();
        fs::remove_file(&paths[missing]).unwrap();
        let found = flaws(&directory);
        fs::write(&paths[missing], bytes).unwrap();
        for one in expected {
            assert!(found.contains(&one), "{missing}: {found:?}");
        }
    }
    fs::write(directory.join("1.jsonl"), "").unwrap();
    assert_eq!(flaws(&directory), [Flaw::Stranger]);
}

#[test]
fn a_cloned_machine_is_named_by_the_first_number_that_differs() {
    let room = tempfile::tempdir().unwrap();
    let (one, other) = (room.path().join("one"), room.path().join("other"));
    small(&one);
    fs::create_dir(&other).unwrap();
    for entry in fs::read_dir(&one).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, other.join(path.file_name().unwrap())).unwrap();
    }
    // A copy is no fork, and neither is one that is older.
    assert!(verified(&[&one, &other]).is_whole());
    let add = |directory: &Path, now: u32| {
        let journal = Journal::open(&settings(directory), now).unwrap();
        journal.append(&entry(RECEIPT), now).unwrap();
    };
    add(&one, NOW + 2 * DAY);
    assert!(verified(&[&one, &other]).is_whole());
    add(&other, NOW + 2 * DAY + 5);
    let report = verified(&[&one, &other]);
    assert!(report.directories.iter().all(|one| one.faults.is_empty()));
    assert_eq!((report.forks.len(), report.forks[0].number), (1, 9));
    assert!(!report.is_whole());
    // Both in one directory.
    let stray = files(&other).pop().unwrap();
    fs::copy(&stray, one.join(stray.file_name().unwrap())).unwrap();
    assert!(flaws(&one).contains(&Flaw::Fork { number: 9 }));
    // Replicas have chains of their own.
    let replica = room.path().join("replica");
    small(&replica);
    assert!(verified(&[&replica, &other]).is_whole());
}

#[test]
fn whole_lines_that_were_spoiled_are_named_for_good_although_the_journal_goes_on() {
    let room = tempfile::tempdir().unwrap();
    let directory = room.path().join("journal");
    let settings = settings(&directory);
    let journal = Journal::open(&settings, NOW).unwrap();
    for _ in 0..3 {
        journal.append(&entry(RECEIPT), NOW).unwrap();
    }
    drop(journal);
    let path = files(&directory).pop().unwrap();
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replacen("allow", "block", 1)).unwrap();
    let journal = Journal::open(&settings, NOW).unwrap();
    journal.append(&entry(RECEIPT), NOW).unwrap();
    assert_eq!(flaws(&directory), [Flaw::Spoiled]);
    // Whoever spoils the first line of the newest file is asked for a person.
    drop(journal);
    let path = files(&directory).pop().unwrap();
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replacen("format", "farmat", 1)).unwrap();
    let refused = Journal::open(&settings, NOW).unwrap_err();
    assert!(matches!(refused, Error::Journal(JournalError::Damaged(named)) if named == path));
}

#[test]
fn old_files_are_deleted_whole_and_only_what_a_head_declares_may_be_missing() {
    let room = tempfile::tempdir().unwrap();
    let directory = room.path().join("journal");
    let settings = JournalSettings {
        retention_days: 2,
        ..settings(&directory)
    };
    let journal = Journal::open(&settings, NOW).unwrap();
    for day in 0..6 {
        journal.append(&entry(RECEIPT), NOW + day * DAY).unwrap();
        journal.tick(NOW + day * DAY).unwrap();
    }
    let report = verified(&[&directory]);
    assert!(report.is_whole(), "{report:?}");
    let one = &report.directories[0];
    // The file in which the lines of two days ago begin is kept.
    assert_eq!(one.files, 3);
    assert!(one.first > 1 && one.last > one.first);
    let gone = format!(
        "numbers 1 to {} of the chain are deleted after retention_days, as a signed line says",
        one.first - 1
    );
    for question in [
        &["audit", "verify", "journal"][..],
        &[
            "audit",
            "questions",
            "journal",
            "--from",
            "2026-11-01",
            "--to",
            "2027-11-01",
        ],
    ] {
        let (_, told) = run(room.path(), question);
        assert!(told.contains(&gone), "{told}");
    }
    fs::remove_file(&files(&directory)[0]).unwrap();
    assert!(matches!(flaws(&directory)[..], [Flaw::Undeclared { .. }]));
}

#[test]
fn at_the_bound_on_disk_use_nothing_is_written_and_an_alarm_came_before() {
    let room = tempfile::tempdir().unwrap();
    let directory = room.path().join("journal");
    let settings = JournalSettings {
        max_megabytes: 2,
        ..settings(&directory)
    };
    let journal = Journal::open(&settings, NOW).unwrap();
    let large = format!(r#"{{"format":1,"padding":"{}"}}"#, "x".repeat(90_000));
    let mut was_alarmed = false;
    let refused = loop {
        match journal.append(&entry(&large), NOW) {
            Ok(_) => was_alarmed |= journal.alarm().is_some(),
            Err(refused) => break refused,
        }
    };
    assert!(was_alarmed);
    assert!(matches!(refused, Error::Journal(JournalError::Full { .. })));
    let total: u64 = files(&directory)
        .iter()
        .map(|path| fs::metadata(path).unwrap().len())
        .sum();
    assert!(total <= 2_000_000 && files(&directory).len() > 1);
    assert!(verified(&[&directory]).is_whole());
    // There is always room to sign, to open it again, and to delete what is old.
    journal.close(NOW).unwrap();
    drop(journal);
    tear(&directory);
    let journal = Journal::open(&settings, NOW).unwrap();
    assert!(journal.append(&entry(&large), NOW).is_err());
    let later = NOW + settings.retention_days * DAY;
    journal.tick(later + DAY).unwrap();
    journal.tick(later + 2 * DAY).unwrap();
    journal.append(&entry(&large), later + 2 * DAY).unwrap();
    assert!(journal.alarm().is_none() && verified(&[&directory]).is_whole());
}

#[test]
fn heads_are_signed_every_hour_and_after_a_thousand_lines() {
    let room = tempfile::tempdir().unwrap();
    let directory = room.path().join("journal");
    let journal = Journal::open(&settings(&directory), NOW).unwrap();
    let signed = || {
        let report = verified(&[&directory]);
        let one = &report.directories[0];
        (one.signed.as_ref().unwrap().number, one.unsigned)
    };
    journal.append(&entry(RECEIPT), NOW + 3_599).unwrap();
    assert_eq!(signed(), (0, 1));
    journal.tick(NOW + 3_600).unwrap();
    assert_eq!(signed(), (2, 0));
    let many = vec![entry(RECEIPT); 2_500];
    let ids = journal.append_all(&many, NOW + 3_601).unwrap();
    assert_eq!(ids.len(), 2_500);
    assert_eq!(signed(), (2_004, 500));
}

#[test]
fn threads_that_append_at_once_write_one_chain_under_every_sync_policy() {
    for sync in [SyncPolicy::Every, SyncPolicy::Second, SyncPolicy::Never] {
        let room = tempfile::tempdir().unwrap();
        let directory = room.path().join("journal");
        let settings = JournalSettings {
            sync,
            ..settings(&directory)
        };
        let journal = Journal::open(&settings, NOW).unwrap();
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for second in 0..25 {
                        journal.append(&entry(RECEIPT), NOW + second).unwrap();
                    }
                });
            }
        });
        let report = verified(&[&directory]);
        assert!(report.is_whole() && report.directories[0].lines == 101);
    }
}

#[test]
fn nothing_in_the_directory_names_a_merchant_or_a_reference_and_the_receipt_is_there_byte_for_byte()
{
    let room = Room::new(&[1]);
    let receipt = room.release(1, &RELEASE, NOW);
    let directory = room.path().join("journal");
    let journal = Journal::open(&settings(&directory), NOW).unwrap();
    let client = Word::new("psp-1").unwrap();
    let named = Entry {
        client: Some(&client),
        reference: Some("DISTINCT-REFERENCE"),
        ..entry(&receipt)
    };
    let id = journal.append(&named, NOW).unwrap().to_string();
    assert!(REQUEST.contains("shop.example"));
    for entry in fs::read_dir(&directory).unwrap() {
        let text = fs::read_to_string(entry.unwrap().path()).unwrap();
        for hidden in ["shop", "DISTINCT", "distinct"] {
            assert!(!text.contains(hidden), "{hidden}: {text}");
        }
    }
    let found = find_reference(std::slice::from_ref(&directory), "DISTINCT-REFERENCE").unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(
        (found[0].id.as_str(), found[0].what),
        (id.as_str(), "receipt")
    );
    assert!(found[0].text.contains(&receipt));
    assert!(
        find_reference(std::slice::from_ref(&directory), "DISTINCT")
            .unwrap()
            .is_empty()
    );
    let told = examine(&[directory], NOW, NOW + 1).unwrap().to_string();
    for line in [
        "| payout | block | record | 1 |",
        "| se/merchants of se, member, epoch 1, release 1 | 1 |",
        "Nobody decided anything.",
    ] {
        assert!(told.contains(line), "{line}: {told}");
    }
}

#[test]
fn what_is_no_receipt_or_has_a_line_feed_is_refused_before_anything_is_written() {
    let room = tempfile::tempdir().unwrap();
    let directory = room.path().join("journal");
    let journal = Journal::open(&settings(&directory), NOW).unwrap();
    let before = fs::read(&files(&directory)[0]).unwrap();
    let long = format!(r#"{{"a":"{}"}}"#, "x".repeat(1 << 20));
    for bad in ["", "[]", "{", "{}{}", "{\n}", "{\"a\":1}\n", "null", &long] {
        assert!(journal.append(&entry(bad), NOW).is_err(), "{bad:.20}");
    }
    // A decision is made of words, whoever wrote it.
    let name = r#"{"signatures":[],"signed":{"_type":"interdict-decision","about":{"case":"shop.example"},"time":1,"what":"x"}}"#;
    for bad in [name, RECEIPT] {
        let entry = Entry::of(Content::Decision(bad));
        assert!(journal.append(&entry, NOW).is_err(), "{bad}");
    }
    assert_eq!(fs::read(&files(&directory)[0]).unwrap(), before);
    journal.append(&entry(RECEIPT), NOW).unwrap();
    assert!(verified(&[&directory]).is_whole());
}

#[test]
fn a_decision_is_signed_by_its_person_and_a_changed_one_is_named() {
    let room = tempfile::tempdir().unwrap();
    let directory = room.path().join("journal");
    let journal = Journal::open(&settings(&directory), NOW).unwrap();
    let word = |text: &str| Word::new(text).unwrap();
    let about = [(word("case"), word("case_17"))];
    let decision = || SignedDecision::new(&word("case_closed"), &about, NOW).unwrap();
    let key = PersonKey::create(DocumentKind::Clearance, "risk \"lead\"").unwrap();
    let (decision, signed) = (decision(), decision().sign(&key).unwrap());
    let both = [decision.content(), signed.content()].map(Entry::of);
    journal.append_all(&both, NOW).unwrap();
    let report = verified(&[&directory]);
    let one = &report.directories[0];
    let person = ("risk \"lead\"".to_owned(), key.public());
    assert_eq!(one.people.get(&person), Some(&1));
    assert_eq!(one.unsigned_decisions, 1);
    let told = examine(std::slice::from_ref(&directory), NOW, NOW + 1)
        .unwrap()
        .to_string();
    assert!(
        told.contains("case_closed, case case_17; signed by risk \"lead\""),
        "{told}"
    );
    assert!(
        told.contains("case_closed, case case_17; nobody signed it"),
        "{told}"
    );
    forge(&files(&directory)[0], 2, |line| {
        line.replace("case_17", "case_18")
    });
    assert_eq!(flaws(&directory), [Flaw::Decision { number: 3 }]);
}

/// A gateway whose configuration has a journal, with a receipt of its first release.
fn configured() -> (Room, String, JournalSettings) {
    let room = Room::new(&[1]);
    room.say("[journal]\nmax_megabytes = 200\n");
    let receipt = room.release(1, &RELEASE, NOW);
    let config = interdict::Config::read(&room.config).unwrap();
    (room, receipt, config.journal().unwrap())
}

/// The exit code and all that was printed.
fn run(room: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_interdict"))
        .current_dir(room)
        .args(arguments)
        .output()
        .unwrap();
    let printed = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(printed).unwrap())
}

#[test]
fn the_command_verifies_finds_answers_and_prints_the_key() {
    let (room, receipt, settings) = configured();
    let journal = Journal::open(&settings, NOW).unwrap();
    let named = Entry {
        reference: Some("order 17"),
        ..entry(&receipt)
    };
    let id = journal.append(&named, NOW).unwrap().to_string();
    journal.close(NOW).unwrap();
    let (code, key) = run(room.path(), &["audit", "journal-key"]);
    assert_eq!((code, key.len()), (Some(0), 65));
    fs::write(room.path().join("journal.pub"), &key).unwrap();
    let verify = ["audit", "verify", "journal", "--key", "journal.pub"];
    let (code, told) = run(room.path(), &verify);
    assert!(
        code == Some(0) && told.contains("signed up to line 2"),
        "{told}"
    );
    let (code, told) = run(room.path(), &["audit", "find", "--reference", "order 17"]);
    assert!(code == Some(0) && told.contains(&id), "{told}");
    let span = [
        "--from",
        "2026-11-01T00:00:00Z",
        "--to",
        "2026-12-01T00:00:00Z",
    ];
    let (code, told) = run(room.path(), &[&["audit", "questions"], &span[..]].concat());
    assert!(
        code == Some(0) && told.contains("| payout | block | record | 1 |"),
        "{told}"
    );
    forge(&files(&settings.directory)[0], 1, |line| {
        line.replace("block", "allow")
    });
    let (code, told) = run(room.path(), &verify);
    assert!(
        code == Some(2)
            && told.contains("WRONG: ")
            && told.contains("line 3: number 3 of the chain does not continue the one before"),
        "{told}"
    );
    let (code, told) = run(room.path(), &[&["audit", "questions"], &span[..]].concat());
    assert!(
        code == Some(2) && told.starts_with("NOT WHOLE: "),
        "an answer from a changed journal says so first: {told}"
    );
    let (code, _) = run(
        room.path(),
        &["audit", "verify", "none", "--key", "journal.pub"],
    );
    assert_eq!(code, Some(3));
}

#[test]
fn reports_replays_and_the_silent_key_read_the_receipts_in_a_journal() {
    let (room, receipt, settings) = configured();
    let journal = Journal::open(&settings, NOW).unwrap();
    let what = Word::new("policy").unwrap();
    let decision = SignedDecision::new(&what, &[], NOW).unwrap();
    let all = [entry(&receipt), Entry::of(decision.content())];
    journal.append_all(&all, NOW).unwrap();
    let file = files(&settings.directory).pop().unwrap();
    let file = file.to_str().unwrap();
    let (code, told) = run(room.path(), &["report", file]);
    assert!(
        code == Some(0) && told.contains("no receipts: 0;"),
        "{told}"
    );
    assert_eq!(run(room.path(), &["audit", "key", "silent.key"]).0, Some(0));
    let (code, told) = run(
        room.path(),
        &["audit", "silent", file, "--key", "silent.key"],
    );
    assert!(code == Some(2) && told.contains("1 receipt, "), "{told}");
    fs::write(room.path().join("requests"), REQUEST).unwrap();
    let replay = ["replay", "--audit", file, "--requests", "requests"];
    let (code, told) = run(room.path(), &replay);
    assert!(
        code == Some(0) && told.contains("1 of 1 the same"),
        "{told}"
    );
}

#[test]
fn evidence_is_unpacked_verified_and_replayed() {
    let (room, receipt, settings) = configured();
    let later = room.release(2, &RELEASE, NOW + 100);
    let journal = Journal::open(&settings, NOW).unwrap();
    let id = journal.append(&entry(&receipt), NOW).unwrap().to_string();
    journal.append(&entry(&later), NOW + 100).unwrap();
    let evidence = |out: &str| run(room.path(), &["evidence", &id, "--out", out]);
    let (code, told) = evidence("early.zip");
    assert!(code == Some(2) && told.contains("not signed yet"), "{told}");
    journal.tick(NOW + 3_600).unwrap();
    journal.append(&entry(&later), NOW + 3_601).unwrap();
    let (code, told) = evidence("signed.zip");
    assert_eq!(code, Some(0), "{told}");
    let (code, told) = evidence("signed.zip");
    let left = "signed.zip: it is there already and was left as it is; name another, or move it away first";
    assert!(code == Some(3) && told.contains(left), "{told}");
    let unzip = Command::new("unzip")
        .args(["-q", "signed.zip", "-d", "out"])
        .current_dir(room.path())
        .status();
    assert!(unzip.unwrap().success());
    let out = room.path().join("out");
    let read = |name: &str| fs::read_to_string(out.join(name)).unwrap();
    assert_eq!(read("receipt.json"), receipt);
    assert_eq!(
        read("journal.pub").trim_end(),
        journal_key(&settings.directory).unwrap()
    );
    let page = read("README.html");
    for words in [
        "block, because of: record",
        "<b>Flow:</b> payout",
        "interdict replay",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
    let verify = [
        "audit",
        "verify",
        "--part",
        "--key",
        "out/journal.pub",
        "out/chain",
    ];
    let (code, told) = run(room.path(), &verify);
    assert!(code == Some(0) && told.contains("4 lines"), "{told}");
    // Replayed from what was unpacked, long after the archive is gone.
    fs::remove_dir_all(room.archive()).unwrap();
    fs::write(room.path().join("request.json"), REQUEST).unwrap();
    let replay = [
        "replay",
        "--archive",
        "out/archive",
        "--receipt",
        "out/receipt.json",
        "--request",
        "request.json",
    ];
    let (code, told) = run(room.path(), &replay);
    assert!(code == Some(0) && told.contains("same"), "{told}");
    assert_eq!(
        run(room.path(), &["evidence", "0192", "--out", "x.zip"]).0,
        Some(3)
    );
    assert!(!room.path().join("x.zip").exists());
}

/// What a child process appends to, if this is one.
const CHILD: &str = "INTERDICT_TEST_JOURNAL";

/// Room for all that it writes until it is killed.
fn roomy(directory: &Path) -> JournalSettings {
    JournalSettings {
        max_megabytes: 2_000,
        rotate_megabytes: 1_000,
        ..settings(directory)
    }
}

/// Appends until it is killed or refused, and prints the id of each line.
#[test]
fn child_that_appends() {
    let Some(directory) = std::env::var_os(CHILD) else {
        return;
    };
    let journal = Journal::open(&roomy(Path::new(&directory)), NOW).unwrap();
    let large = format!(r#"{{"format":1,"padding":"{}"}}"#, "x".repeat(6_000));
    let mut out = std::io::stdout().lock();
    while let Ok(id) = journal.append(&entry(&large), NOW) {
        writeln!(out, "id {id}").unwrap();
    }
    // Once refused, always refused, and never half a line.
    assert!(journal.append(&entry(&large), NOW).is_err());
    writeln!(out, "refused").unwrap();
}

fn child(program: &mut Command, directory: &Path) -> std::process::Child {
    let arguments = ["--exact", "journal::child_that_appends", "--nocapture"];
    program
        .args(arguments)
        .env(CHILD, directory)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

fn ids(printed: &str) -> Vec<&str> {
    // The last line may be cut.
    let whole = printed.rsplit_once('\n').map_or("", |(whole, _)| whole);
    let lines = whole.lines().filter_map(|line| line.split_once("id "));
    lines.map(|(_, id)| id).collect()
}

#[test]
fn a_process_killed_while_it_appends_loses_no_line_that_it_confirmed() {
    let room = tempfile::tempdir().unwrap();
    let directory = room.path().join("journal");
    let mut confirmed = Vec::new();
    for round in 0..20 {
        let mut child = child(
            &mut Command::new(std::env::current_exe().unwrap()),
            &directory,
        );
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut printed = String::new();
        while !printed.contains("id ") {
            assert!(output.read_line(&mut printed).unwrap() > 0, "round {round}");
        }
        if round == 0 {
            let busy = Journal::open(&settings(&directory), NOW).unwrap_err();
            assert!(
                matches!(busy, Error::Journal(JournalError::Busy(_))),
                "{busy}"
            );
        }
        let mut random = [0; 2];
        getrandom::fill(&mut random).unwrap();
        let moment = thread::spawn(move || {
            thread::sleep(Duration::from_micros(u16::from_le_bytes(random).into()));
            child.kill().unwrap();
            child.wait().unwrap();
        });
        let mut rest = Vec::new();
        output.read_to_end(&mut rest).unwrap();
        moment.join().unwrap();
        printed.push_str(&String::from_utf8_lossy(&rest));
        confirmed.extend(ids(&printed).into_iter().map(str::to_owned));
    }
    drop(Journal::open(&roomy(&directory), NOW).unwrap());
    let report = verified(&[&directory]);
    assert!(report.is_whole(), "{:?}", report.directories[0].faults);
    let text: String = files(&directory)
        .iter()
        .map(|path| String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned())
        .collect();
    let written: std::collections::BTreeSet<&str> =
        text.lines().filter_map(|line| line.get(18..54)).collect();
    assert!(confirmed.len() >= 20);
    for id in &confirmed {
        assert!(written.contains(id.as_str()), "{id}");
    }
}

#[cfg(unix)]
#[test]
fn a_disk_that_takes_no_more_leaves_whole_lines_and_the_journal_goes_on_when_it_does() {
    let room = tempfile::tempdir().unwrap();
    let directory = room.path().join("journal");
    // A shell ignores the signal, which its program then gets as an error. The limit is in blocks of 512 bytes.
    let limited = "trap '' XFSZ; ulimit -f 100; exec \"$0\" \"$@\"";
    let mut program = Command::new("sh");
    program
        .args(["-c", limited])
        .arg(std::env::current_exe().unwrap());
    let output = child(&mut program, &directory).wait_with_output().unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    assert!(
        output.status.success() && printed.contains("refused"),
        "{printed}"
    );
    let report = verified(&[&directory]);
    assert!(report.is_whole(), "{report:?}");
    let one = &report.directories[0];
    assert_eq!(one.cuts, 0);
    let count = u64::try_from(ids(&printed).len()).unwrap();
    assert!(count > 1 && one.lines == count + 1, "{count} {one:?}");
    let journal = Journal::open(&settings(&directory), NOW).unwrap();
    journal.append(&entry(RECEIPT), NOW).unwrap();
    assert!(verified(&[&directory]).is_whole());
}
