//! What people decide, as lines of the journal: killed at every step, forged, and handed in twice.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use interdict::{
    Config, Content, DecisionRefusal, DirectoryReport, Entry, Error, Extent, Flaw, Journal,
    JournalError, JournalSettings, People, PersonKey, PolicyFile, Recorder, SyncPolicy,
    journal_key, verify_journals,
};
use interdict_core::list::Flags;
use interdict_helpers::NOW;
use interdict_host::DocumentKind;

use crate::cases::{at_review, clear};
use crate::portfolio_changes::Room;

const DAY: u32 = 86_400;
const CLEARANCE: DocumentKind = DocumentKind::Clearance;

/// A journal, and the people of its gateway: Ada, who clears, and Bo, who overrides.
struct Office {
    room: tempfile::TempDir,
    people: People,
    keys: PathBuf,
}

impl Office {
    fn new() -> Self {
        let room = tempfile::tempdir().unwrap();
        let keys = room.path().join("keys");
        fs::create_dir(&keys).unwrap();
        let mut text = String::new();
        for (name, kind) in [("Ada", CLEARANCE), ("Bo", DocumentKind::Override)] {
            let key = PersonKey::create(kind, name).unwrap();
            text += &key.policy_block(kind);
            key.save(&keys.join(name)).unwrap();
        }
        let path = room.path().join("gateway.toml");
        fs::write(&path, text).unwrap();
        let people = People::of(Some(&PolicyFile::read(&path).unwrap()));
        Self { room, people, keys }
    }

    fn settings(&self) -> JournalSettings {
        settings(&self.room.path().join("journal"))
    }

    fn journal(&self) -> Journal {
        Journal::open(&self.settings(), NOW).unwrap()
    }

    fn key(&self, name: &str) -> PersonKey {
        let kind = match name {
            "Bo" => DocumentKind::Override,
            _ => CLEARANCE,
        };
        PersonKey::read(kind, &self.keys.join(name)).unwrap()
    }

    /// What records for a person; the key is that of whoever signs.
    fn recorder(&self, by: &str, signer: Option<&str>) -> Recorder {
        let key = signer.map(|name| self.key(name));
        Recorder::new(self.settings(), self.people.clone(), by, key).unwrap()
    }

    /// The file in the inbox of what Ada decides now, while another process writes.
    fn handed_in(&self) -> PathBuf {
        let recorder = self.recorder("Ada", Some("Ada"));
        let recorded = recorder.record("case_noted", &[("case", "case_17")], NOW);
        let recorded = recorded.unwrap();
        assert!(!recorded.is_line);
        self.inbox(&format!("{}.json", recorded.id))
    }

    fn inbox(&self, name: &str) -> PathBuf {
        self.settings().directory.join("inbox").join(name)
    }

    /// What the chain holds, and how often each decision is a line.
    fn verified(&self) -> (DirectoryReport, BTreeMap<String, usize>) {
        verified(&self.settings().directory)
    }
}

fn settings(directory: &Path) -> JournalSettings {
    JournalSettings {
        directory: directory.to_owned(),
        sync: SyncPolicy::Never,
        max_megabytes: 100,
        rotate_megabytes: 1,
        ..JournalSettings::default()
    }
}

fn verified(directory: &Path) -> (DirectoryReport, BTreeMap<String, usize>) {
    let keys = [journal_key(directory).unwrap()];
    let mut report = verify_journals(&[directory.to_owned()], &keys, Extent::Whole).unwrap();
    let mut counts = BTreeMap::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|end| end == "jsonl") {
            let text = fs::read_to_string(path).unwrap();
            for line in text.lines().filter(|line| line.contains("\"decision\":{")) {
                *counts.entry(line[18..54].to_owned()).or_default() += 1;
            }
        }
    }
    (report.directories.remove(0), counts)
}

fn id_of(path: &Path) -> String {
    path.file_stem().unwrap().to_str().unwrap().to_owned()
}

#[test]
fn killed_at_every_step_a_decision_is_one_line() {
    type Step = fn(&Office, &Path);
    let steps: [(&str, Step); 5] = [
        ("before it is whole", |office, file| {
            let bytes = fs::read(file).unwrap();
            fs::write(office.inbox(".staged-0192"), &bytes[..40]).unwrap();
        }),
        ("after it was handed in", |_, _| {}),
        ("after its file was marked", |office, file| {
            let marked = format!("{}.from-{:016}", id_of(file), 2);
            fs::rename(file, office.inbox(&marked)).unwrap();
        }),
        ("after its line was written", |office, file| {
            let bytes = fs::read(file).unwrap();
            office.journal().take_in(&office.people, NOW).unwrap();
            let marked = format!("{}.from-{:016}", id_of(file), 2);
            restore(&office.inbox(&marked), &bytes);
        }),
        ("after its line, and after further files", |office, file| {
            let bytes = fs::read(file).unwrap();
            let journal = office.journal();
            journal.take_in(&office.people, NOW).unwrap();
            for day in 1..4 {
                let receipt = Entry::of(Content::Receipt("{\"format\":1}"));
                journal.append(&receipt, NOW + day * DAY).unwrap();
            }
            let marked = format!("{}.from-{:016}", id_of(file), 2);
            restore(&office.inbox(&marked), &bytes);
        }),
    ];
    for (name, step) in steps {
        let office = Office::new();
        let journal = office.journal();
        let file = office.handed_in();
        drop(journal);
        step(&office, &file);
        let journal = Journal::open(&office.settings(), NOW + 5 * DAY).unwrap();
        let taken = journal.take_in(&office.people, NOW + 5 * DAY).unwrap();
        assert_eq!(taken.refused, [], "{name}");
        let (report, counts) = office.verified();
        assert_eq!(report.faults, [], "{name}");
        assert_eq!(counts, BTreeMap::from([(id_of(&file), 1)]), "{name}");
        assert_eq!(report.waiting_decisions, 0, "{name}");
        let again = journal.take_in(&office.people, NOW + 5 * DAY).unwrap();
        assert_eq!(again.lines, 0, "{name}");
    }
}

/// A file as the journal's own user has it.
fn restore(path: &Path, bytes: &[u8]) {
    fs::write(path, bytes).unwrap();
    #[cfg(unix)]
    {
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        fs::set_permissions(path, mode).unwrap();
    }
}

#[cfg(unix)]
#[test]
fn what_no_person_of_the_policy_signed_is_refused_and_an_alarm_stays_until_somebody_looked() {
    use std::os::unix::fs::{PermissionsExt, chown, symlink};

    type Forgery = Box<dyn Fn(&Path)>;
    let change = |file: &Path, from: &str, to: &str| {
        let text = fs::read_to_string(file).unwrap();
        assert!(text.contains(from));
        restore(file, text.replace(from, to).as_bytes());
    };
    let unsigned = |file: &Path| {
        let text = fs::read_to_string(file).unwrap();
        let (_, signed) = text.split_once("],\"signed\"").unwrap();
        format!("{{\"signatures\":[],\"signed\"{signed}")
    };
    let forgeries: Vec<(DecisionRefusal, Forgery)> = vec![
        (
            DecisionRefusal::Unsigned,
            Box::new(move |file| restore(file, unsigned(file).as_bytes())),
        ),
        (
            DecisionRefusal::Unsigned,
            Box::new(move |file| {
                let text = unsigned(file).replace("\"ada\"", "\"eve\"");
                let text = text.replace("case_noted", "clearance_signed");
                restore(file, text.as_bytes());
            }),
        ),
        (
            DecisionRefusal::NotSigned,
            Box::new(move |file| change(file, "case_17", "case_18")),
        ),
        (
            DecisionRefusal::OtherId,
            Box::new(|file| {
                let other = file.with_file_name("0192a3b4-c5d6-7e8f-8a9b-112233445566.json");
                fs::rename(file, other).unwrap();
            }),
        ),
        (
            DecisionRefusal::OtherUser,
            Box::new(|file| fs::set_permissions(file, PermissionsExt::from_mode(0o620)).unwrap()),
        ),
        (
            DecisionRefusal::OtherUser,
            Box::new(|file| {
                let inbox = file.parent().unwrap();
                fs::set_permissions(inbox, PermissionsExt::from_mode(0o730)).unwrap();
            }),
        ),
        (
            DecisionRefusal::NotRead,
            Box::new(|file| {
                let elsewhere = file.with_extension("elsewhere");
                fs::rename(file, &elsewhere).unwrap();
                symlink(elsewhere, file).unwrap();
            }),
        ),
        (
            DecisionRefusal::NotSigned,
            Box::new(|file| restore(file, b"{}")),
        ),
    ];
    for (reason, forge) in forgeries {
        check_refused(reason, &forge);
    }
    // Only the system's own user can give a file away.
    let given_away = |file: &Path| {
        if chown(file, Some(65_534), None).is_err() {
            eprintln!("SKIPPED: a file of another user needs the system's own user");
            fs::set_permissions(file, PermissionsExt::from_mode(0o666)).unwrap();
        }
    };
    check_refused(DecisionRefusal::OtherUser, &given_away);
}

fn check_refused(reason: DecisionRefusal, forge: &dyn Fn(&Path)) {
    let office = Office::new();
    let journal = office.journal();
    assert_eq!(journal.warnings(), [""; 0]);
    forge(&office.handed_in());
    let taken = journal.take_in(&office.people, NOW).unwrap();
    let reasons: Vec<_> = taken.refused.iter().map(|(_, why)| *why).collect();
    assert_eq!((reasons, taken.lying), (vec![reason], 1));
    // It is said once, and warned of until somebody has looked.
    let taken = journal.take_in(&office.people, NOW).unwrap();
    assert_eq!((taken.refused.len(), taken.lying), (0, 1), "{reason}");
    assert_eq!(journal.warnings().len(), 1, "{reason}");
    let (report, counts) = office.verified();
    assert_eq!((report.refused_decisions, counts.len()), (1, 0), "{reason}");
}

#[test]
fn who_has_a_key_decides_with_it_and_nobody_decides_in_another_name() {
    let office = Office::new();
    let refused = |by: &str, signer: Option<&str>, what: &str| {
        let about = [("case", "case_17")];
        let recorded = office.recorder(by, signer).record(what, &about, NOW);
        match recorded {
            Err(Error::Journal(JournalError::Decision(refusal))) => Some(refusal),
            Err(other) => panic!("{other}"),
            Ok(recorded) => {
                assert!(recorded.is_line, "nobody else writes");
                None
            }
        }
    };
    use DecisionRefusal::{OtherPerson, UnknownKey, Unsigned};
    assert_eq!(refused("Ada", None, "case_noted"), Some(Unsigned));
    assert_eq!(refused("ADA", None, "case_noted"), Some(Unsigned));
    assert_eq!(refused("Ada", Some("Bo"), "case_noted"), Some(OtherPerson));
    assert_eq!(refused("Eve", None, "clearance_signed"), Some(Unsigned));
    // Bo's key is for overrides.
    let signed = refused("Bo", Some("Bo"), "clearance_signed");
    assert_eq!(signed, Some(UnknownKey));
    assert_eq!(refused("Bo", Some("Bo"), "override_signed"), None);
    assert_eq!(refused("Ada", Some("Ada"), "case_noted"), None);
    // Cleo has no key.
    assert_eq!(refused("Cleo", None, "case_noted"), None);
    let stranger = PersonKey::create(CLEARANCE, "Ada").unwrap();
    let settings = office.settings();
    let recorder = Recorder::new(settings, office.people.clone(), "Ada", Some(stranger));
    let recorded = recorder.unwrap().record("case_noted", &[], NOW);
    assert!(matches!(
        recorded,
        Err(Error::Journal(JournalError::Decision(UnknownKey)))
    ));
    let (report, counts) = office.verified();
    assert_eq!((counts.len(), report.faults.len()), (3, 0));
    assert_eq!((report.people.len(), report.unsigned_decisions), (2, 1));
}

#[cfg(unix)]
#[test]
fn another_user_than_that_of_the_journal_is_told_so_and_raises_no_alarm() {
    let office = Office::new();
    let journal = office.journal();
    let directory = office.settings().directory;
    if std::os::unix::fs::chown(&directory, Some(65_534), None).is_err() {
        eprintln!("SKIPPED: a directory of another user needs the system's own user");
        return;
    }
    let recorded = office.recorder("Cleo", None).record("case_noted", &[], NOW);
    assert!(matches!(
        recorded,
        Err(Error::Journal(JournalError::Decision(
            DecisionRefusal::OtherUser
        )))
    ));
    assert!(!directory.join("inbox").exists());
    assert_eq!(journal.warnings(), [""; 0]);
}

#[test]
fn a_decision_that_is_handed_in_twice_is_named() {
    let office = Office::new();
    let journal = office.journal();
    let file = office.handed_in();
    let bytes = fs::read(&file).unwrap();
    journal.take_in(&office.people, NOW).unwrap();
    restore(&file, &bytes);
    journal.take_in(&office.people, NOW).unwrap();
    let (report, _) = office.verified();
    let faults: Vec<_> = report.faults.iter().map(|fault| fault.what).collect();
    assert_eq!(faults, [Flaw::Repeated { number: 3 }]);
}

/// Where a child process decides, if this is one.
const CHILD: &str = "INTERDICT_TEST_DECISIONS";

/// Decides until it is killed, and prints the id of each decision that is on the disk.
#[test]
fn child_that_decides() {
    let Some(directory) = std::env::var_os(CHILD) else {
        return;
    };
    let directory = Path::new(&directory);
    let mut out = std::io::stdout().lock();
    let nobody = People::default();
    let recorder = Recorder::new(settings(directory), nobody, "cleo", None).unwrap();
    loop {
        let recorded = recorder.record("case_noted", &[("case", "case_17")], NOW);
        writeln!(out, "id {}", recorded.unwrap().id).unwrap();
    }
}

#[test]
fn a_process_killed_while_it_decides_loses_and_doubles_nothing_that_it_confirmed() {
    let room = tempfile::tempdir().unwrap();
    let directory = room.path().join("journal");
    let mut confirmed = Vec::new();
    for _ in 0..20 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "decisions::child_that_decides", "--nocapture"])
            .env(CHILD, &directory)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut printed = String::new();
        while !printed.contains("id ") {
            assert!(output.read_line(&mut printed).unwrap() > 0);
        }
        let mut random = [0; 2];
        getrandom::fill(&mut random).unwrap();
        thread::sleep(Duration::from_micros(u16::from_le_bytes(random).into()));
        child.kill().unwrap();
        child.wait().unwrap();
        output.read_to_string(&mut printed).unwrap();
        let whole = printed.rsplit_once('\n').unwrap().0.lines();
        let ids = whole.filter_map(|line| Some(line.split_once("id ")?.1.to_owned()));
        confirmed.extend(ids);
    }
    let journal = Journal::open(&settings(&directory), NOW).unwrap();
    journal.take_in(&People::default(), NOW).unwrap();
    let (report, counts) = verified(&directory);
    assert_eq!(report.faults, []);
    assert!(confirmed.len() >= 20);
    for id in &confirmed {
        assert_eq!(counts.get(id), Some(&1), "{id}");
    }
    assert!(counts.values().all(|count| *count == 1));
}

const JOURNAL: &str = "\n[journal]\ndirectory = \"journal\"\nsync = \"never\"\n";

#[test]
fn the_commands_record_who_decided_what_before_it_is_carried_out() {
    let room = at_review(Flags::POSSIBLY_VICTIM_CONTROLLED);
    room.say(JOURNAL);
    let done = |arguments: &[&str], expected: i32| {
        let (code, text) = room.run(arguments);
        assert_eq!(code, Some(expected), "{arguments:?}: {text}");
        text
    };
    let refused = done(&["case", "note", "1", "mine", "--by", "Ada"], 3);
    assert!(refused.contains("--key"), "{refused}");
    let key = ["--key", "keys/ada.key"];
    done(&["case", "assign", "1", "--to", "Ada", key[0], key[1]], 0);
    done(&["case", "note", "1", "called", "--by", "Cleo"], 0);
    done(&["case", "close", "9", "gone", "--by", "Cleo"], 3);
    assert_eq!(clear(&room, "ada").0, Some(2));
    assert_eq!(clear(&room, "bo").0, Some(0));
    done(&["policy", "record", key[0], key[1]], 0);
    done(&["clock", "reset"], 3);
    done(&["clock", "reset", "--by", "Cleo"], 0);
    let text = done(&["audit", "verify"], 0);
    assert!(text.contains("3 decisions signed by ada"), "{text}");
    assert!(text.contains("2 decisions signed by bo"), "{text}");
    assert!(text.contains("1 decision that nobody signed"), "{text}");
    let text = questions(&room);
    let decided: Vec<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("- 2026-11-22T01:02:03Z: "))
        .map(|line| line.split_once(',').unwrap().0)
        .collect();
    let expected = [
        "case_assigned",
        "case_noted",
        "clearance_signed",
        "clearance_signed",
        "case_closed",
        "policy_changed",
    ];
    assert_eq!(decided, expected, "{text}");
    assert!(!text.contains("called") && !text.contains("shop"), "{text}");
    let noted = text.lines().find(|line| line.contains("case_noted"));
    let noted = noted.unwrap();
    assert!(noted.contains("by cleo, case case_1, text "), "{noted}");
    assert!(noted.ends_with("; nobody signed it"), "{noted}");
}

fn questions(room: &Room) -> String {
    let arguments = ["audit", "questions", "--from", "2026-11-01T00:00:00Z"];
    let (code, text) = room.run(&[&arguments[..], &["--to", "2026-12-01T00:00:00Z"]].concat());
    assert_eq!(code, Some(0), "{text}");
    text
}

#[test]
fn evidence_of_an_answer_has_the_decisions_by_which_it_came_about() {
    let room = at_review(Flags::POSSIBLY_VICTIM_CONTROLLED);
    let config = fs::read_to_string(room.path("gateway.toml")).unwrap();
    let config = format!("archive = \"archive\"\n{config}{JOURNAL}");
    fs::write(room.path("gateway.toml"), config).unwrap();
    assert_eq!(clear(&room, "ada").0, Some(2));
    assert_eq!(clear(&room, "bo").0, Some(0));
    let gateway = room.gateway(NOW);
    let request = r#"{"flow":"payout","identifiers":[{"kind":"domain","value":"shop.example"}]}"#;
    let receipt = gateway.host().screen(request, NOW).unwrap().receipt;
    let receipt = receipt.unwrap();
    let config = Config::read(&room.path("gateway.toml")).unwrap();
    let journal = Journal::open(&config.journal().unwrap(), NOW).unwrap();
    let entry = Entry::of(Content::Receipt(receipt.as_str()));
    let id = journal.append(&entry, NOW).unwrap().to_string();
    journal.close(NOW).unwrap();
    drop(journal);
    let before = room.run(&["evidence", &id, "--out", "evidence.zip"]);
    assert_eq!(before.0, Some(0), "{}", before.1);
    let unzip = Command::new("unzip")
        .args(["-q", "evidence.zip", "-d", "out"])
        .current_dir(room.path(""))
        .status();
    assert!(unzip.unwrap().success());
    let decisions: Vec<_> = fs::read_dir(room.path("out/decisions"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    assert_eq!(decisions.len(), 2, "the signatures and not the case");
    for decision in &decisions {
        let line = fs::read_to_string(decision.join("line.json")).unwrap();
        assert!(line.contains("clearance_signed"), "{line}");
        let chain = decision.join("chain");
        let key = decision.join("journal.pub");
        let (code, text) = room.run(&[
            "audit",
            "verify",
            "--part",
            "--key",
            key.to_str().unwrap(),
            chain.to_str().unwrap(),
        ]);
        assert_eq!(code, Some(0), "{text}");
    }
    let page = fs::read_to_string(room.path("out/README.html")).unwrap();
    assert!(page.contains("clearance_signed") && page.contains("signed by bo"));
}
