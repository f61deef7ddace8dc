//! A state directory with everything that can happen to its files: no verdict says more than is known, and each
//! damage is mended by one completed refresh or by what a person says.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use interdict_helpers::{Coalition, NOW, Release, base, change};
use interdict_host::{
    Action, Enrolment, Error, Gateway, Module, OtherRoot, Settings, Store, Verdict, enrol,
};
use serde_json::{Value, json};

use crate::opened::open;

const HOUR: u32 = 3_600;

/// A gateway that saw two releases: the first lists `shop.example` and `market.example`, the second adds
/// `new.example` and removes `market.example`. `nl` is a second coalition, whose list no policy requires.
struct Room {
    folder: tempfile::TempDir,
    module: Module,
    enrolments: [Vec<u8>; 2],
    /// Each file of the state directory as the first release left it.
    older: BTreeMap<PathBuf, Vec<u8>>,
    /// What the undamaged directory answers.
    answers: Vec<Answer>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Answer {
    action: Action,
    is_degraded: bool,
    doubts: Vec<String>,
    reasons: Vec<String>,
    sequences: Vec<u64>,
}

/// What was done about a damage, in the order in which it is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Remedy {
    Nothing,
    Refresh,
    Accept,
    Enrol,
    Replace,
}

impl Room {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let coalition = Coalition::new(folder.path());
        let own = coalition.enrolment("repository", &[1]);
        let mut other: Value = serde_json::from_slice(&own).unwrap();
        other["coalition"] = json!("nl");
        other["lists"] = json!(["nl/merchants"]);
        other["repository"] = json!("nl/repository");
        let additional = Coalition::new(&folder.path().join("nl"));
        let mut room = Self {
            module: Module::built_in().unwrap(),
            enrolments: [own, other.to_string().into_bytes()],
            older: BTreeMap::new(),
            answers: Vec::new(),
            folder,
        };
        Store::create(&room.state())
            .unwrap()
            .create_member_key()
            .unwrap();
        room.enrol(OtherRoot::Refuse).unwrap();
        for (version, release, now) in [(1, base(), NOW - HOUR), (2, change(), NOW)] {
            if version == 2 {
                room.older = files(&room.state());
            }
            let beside = Release {
                list: "nl/merchants",
                ..release.clone()
            };
            coalition.publish(version, &[release]);
            additional.publish(version, &[beside]);
            for report in room.open().unwrap().refresh(now).unwrap() {
                assert!(report.succeeded(), "{report:?}");
            }
        }
        room.answers = room.answers().unwrap();
        let actions: Vec<_> = room.answers.iter().map(|one| one.action).collect();
        assert_eq!(
            actions,
            [Action::Block, Action::Block, Action::Allow, Action::Allow]
        );
        room
    }

    fn state(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    fn settings(&self) -> Settings {
        Settings {
            directory: self.folder.path().to_owned(),
            ..Settings::new(self.module.clone(), self.state())
        }
    }

    fn open(&self) -> Result<Gateway, Error> {
        open(self.settings())
    }

    fn enrol(&self, other: OtherRoot) -> Result<(), Error> {
        for file in &self.enrolments {
            let enrolment = Enrolment::read(file).unwrap();
            enrol(&self.module, &self.state(), &enrolment, other, NOW)?;
        }
        Ok(())
    }

    /// What a gateway answers that starts from the directory as it is.
    fn answers(&self) -> Result<Vec<Answer>, Error> {
        Ok(answers(&self.open()?, NOW))
    }

    /// Tries the remedies in turn until the gateway answers as it did, without a warning.
    fn mend(&self, about: &str) -> Remedy {
        self.mend_until(about, &self.answers)
    }

    /// Tries the remedies in turn until the gateway gives these answers, without a warning.
    fn mend_until(&self, about: &str, whole: &[Answer]) -> Remedy {
        for remedy in [
            Remedy::Nothing,
            Remedy::Refresh,
            Remedy::Accept,
            Remedy::Enrol,
            Remedy::Replace,
        ] {
            let refresh = || -> Result<(), Error> { self.open()?.refresh(NOW).map(drop) };
            let done = match remedy {
                Remedy::Nothing => Ok(()),
                Remedy::Refresh => refresh(),
                Remedy::Accept => {
                    let losses = Store::open(&self.state()).and_then(|store| store.accept_losses());
                    losses.map(drop).map_err(Error::from)
                }
                Remedy::Enrol => self.enrol(OtherRoot::Refuse).and_then(|()| refresh()),
                Remedy::Replace => self.enrol(OtherRoot::Replace).and_then(|()| refresh()),
            };
            let mended = done.and_then(|()| self.open()).is_ok_and(|gateway| {
                answers(&gateway, NOW) == whole && gateway.warnings().is_empty()
            });
            if mended {
                return remedy;
            }
        }
        let gateway = self.open().unwrap();
        panic!(
            "{about}: not mended: {:?} {:?}",
            gateway.warnings(),
            answers(&gateway, NOW)
        );
    }
}

/// What is asked: listed by both releases, by the second, by the first, by none.
const NAMES: [&str; 4] = [
    "shop.example",
    "new.example",
    "market.example",
    "other.example",
];

fn screen(gateway: &Gateway, domain: &str, now: u32) -> Verdict {
    let request =
        format!(r#"{{"flow":"payout","identifiers":[{{"kind":"domain","value":"{domain}"}}]}}"#);
    gateway.screen(&request, now).unwrap()
}

fn answers(gateway: &Gateway, now: u32) -> Vec<Answer> {
    let of = |name: &&str| {
        let verdict = screen(gateway, name, now);
        Answer {
            action: verdict.action,
            is_degraded: verdict.degraded,
            sequences: verdict.lists.iter().map(|list| list.sequence).collect(),
            reasons: verdict.reasons.into_iter().map(|one| one.code).collect(),
            doubts: verdict.doubts,
        }
    };
    NAMES.iter().map(of).collect()
}

/// Every file below a directory, with its content.
fn files(directory: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut all = BTreeMap::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(files(&path));
        } else {
            all.insert(path.clone(), fs::read(&path).unwrap());
        }
    }
    all
}

/// Makes the directory hold these files and no others.
fn restore(directory: &Path, all: &BTreeMap<PathBuf, Vec<u8>>) {
    if directory.exists() {
        fs::remove_dir_all(directory).unwrap();
    }
    for (path, bytes) in all {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
        #[cfg(unix)]
        fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    }
}

/// Whose files were damaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Whose {
    /// Those of the coalition whose list must answer, or of the gateway itself.
    Required,
    /// Those of the other coalition, which only adds findings.
    Additional,
}

impl Whose {
    fn of(place: &str) -> Self {
        match place.starts_with("nl") {
            true => Self::Additional,
            false => Self::Required,
        }
    }
}

/// No answer that lost something is clean, or as it was; and what both releases list stays blocked.
fn is_honest(whose: Whose, found: &[Answer], whole: &[Answer]) -> Result<(), String> {
    for (answer, known) in found.iter().zip(whole) {
        let is_whole = answer == known;
        if whose == Whose::Required && answer.action == Action::Allow && !is_whole {
            return Err(format!("{answer:?} instead of {known:?}"));
        }
        let says_nothing = Answer {
            sequences: known.sequences.clone(),
            ..answer.clone()
        } == *known;
        if !is_whole && says_nothing {
            return Err(format!("{answer:?} does not say why it is not {known:?}"));
        }
    }
    match found.first() {
        Some(first) if first.sequences.is_empty() || first.action == Action::Block => Ok(()),
        other => Err(format!("{other:?}")),
    }
}

#[derive(Debug, Clone, Copy)]
enum Damage {
    Deleted,
    Emptied,
    Cut,
    Changed,
    Older,
    Directory,
}

impl Damage {
    const ALL: [Self; 6] = [
        Self::Deleted,
        Self::Emptied,
        Self::Cut,
        Self::Changed,
        Self::Older,
        Self::Directory,
    ];

    /// Does it to a file; `None` if there is no older one.
    fn inflict(self, room: &Room, path: &Path) -> Option<()> {
        let mut bytes = fs::read(path).unwrap();
        match self {
            Self::Deleted => fs::remove_file(path).unwrap(),
            Self::Emptied => fs::write(path, b"").unwrap(),
            Self::Cut => {
                bytes.pop()?;
                fs::write(path, bytes).unwrap();
            }
            Self::Changed => {
                let middle = bytes.len() / 2;
                *bytes.get_mut(middle)? ^= 1;
                fs::write(path, bytes).unwrap();
            }
            Self::Older => {
                let newer = path.to_str()?;
                let older = newer.replace("generation-2", "generation-1");
                let older = room.older.get(Path::new(&older))?;
                if *older == bytes {
                    return None;
                }
                fs::write(path, older).unwrap();
            }
            Self::Directory => {
                fs::remove_file(path).unwrap();
                fs::create_dir(path).unwrap();
                fs::write(path.join("file"), b"x").unwrap();
            }
        }
        Some(())
    }
}

/// The remedies that a damage of a file may need.
fn expected(name: &str, damage: Damage) -> &'static [Remedy] {
    use Remedy::{Accept, Enrol, Nothing, Refresh, Replace};
    match (name, damage) {
        ("lock", _) => &[Nothing],
        ("receipt.key" | "member.key" | "inventory.txt", Damage::Changed) => &[Nothing, Accept],
        ("inventory.txt", Damage::Deleted) => &[Nothing],
        ("receipt.key" | "member.key" | "inventory.txt", _) => &[Nothing, Accept],
        ("enrolment.json", Damage::Deleted) => &[Enrol],
        ("enrolment.json", _) => &[Nothing, Replace],
        _ => &[Nothing, Refresh],
    }
}

#[test]
fn whatever_happens_to_one_file_no_verdict_says_more_than_is_known_and_it_is_mended() {
    let room = Room::new();
    let cases = damage_each(&room, &room.state(), |about, name, damage| {
        let remedy = room.mend(about);
        assert!(
            expected(name, damage).contains(&remedy),
            "{about}: {remedy:?}"
        );
    });
    assert!(cases > 150, "{cases}");
}

/// Otherwise a lost file would make a list fresh that is known to be outdated.
#[test]
fn whatever_happens_to_an_update_under_way_no_list_is_fresh_for_it_and_the_next_one_mends_it() {
    let mut room = Room::new();
    let coalition = Coalition::new(room.folder.path());
    coalition.publish(3, &[change()]);
    let targets = room
        .folder
        .path()
        .join("repository/metadata/3.targets.json");
    let content = fs::read(&targets).unwrap();
    fs::remove_file(&targets).unwrap();
    let reports = room.open().unwrap().refresh(NOW).unwrap();
    assert!(reports.iter().any(|report| !report.succeeded()));
    let complete = std::mem::take(&mut room.answers);
    room.answers = room.answers().unwrap();
    assert!(room.answers.iter().all(|answer| answer.is_degraded));
    let arrives = |about: &str| {
        fs::write(&targets, &content).unwrap();
        let remedy = room.mend_until(about, &complete);
        assert!(remedy <= Remedy::Refresh, "{about}: {remedy:?}");
        fs::remove_file(&targets).unwrap();
    };
    let shelf = room.state().join("se");
    let whole = files(&room.state());
    let cases = damage_each(&room, &shelf.join("pending"), |about, _, _| arrives(about));
    assert!(cases > 5, "{cases}");
    for name in ["pending", "current", "history"] {
        restore(&room.state(), &whole);
        let place = shelf.join(name);
        match name {
            "pending" => fs::remove_dir_all(&place).unwrap(),
            // No generation has this number.
            "current" => fs::write(&place, "9\n").unwrap(),
            _ => fs::remove_file(&place).unwrap(),
        }
        let found = room.answers().unwrap();
        is_honest(Whose::Required, &found, &room.answers).unwrap();
        assert!(found.iter().all(|answer| answer.is_degraded), "{name}");
        arrives(name);
    }
}

/// Damages every file below a folder of the state directory in every way, and has each damage mended. Returns
/// how many there were.
fn damage_each(room: &Room, folder: &Path, mend: impl Fn(&str, &str, Damage)) -> u32 {
    let whole = files(&room.state());
    let mut cases = 0;
    for path in whole.keys().filter(|path| path.starts_with(folder)) {
        for damage in Damage::ALL {
            restore(&room.state(), &whole);
            if damage.inflict(room, path).is_none() {
                continue;
            }
            cases += 1;
            let place = path
                .strip_prefix(room.state())
                .unwrap()
                .display()
                .to_string();
            let about = format!("{place} {damage:?}");
            if let Ok(found) = room.answers() {
                is_honest(Whose::of(&place), &found, &room.answers)
                    .unwrap_or_else(|why| panic!("{about}: {why}"));
            }
            let name = path.file_name().unwrap().to_str().unwrap();
            mend(&about, name, damage);
        }
    }
    cases
}

#[test]
fn whatever_vanishes_whole_is_noticed_and_mended() {
    let room = Room::new();
    let whole = files(&room.state());
    let doubt = |name: &str| {
        let found = room.answers().unwrap();
        is_honest(Whose::of(name), &found, &room.answers)
            .unwrap_or_else(|why| panic!("{name}: {why}"));
        let first = found.first().unwrap();
        (first.doubts.clone(), first.is_degraded)
    };
    for (name, doubts, is_degraded, remedy) in [
        (
            "se/generation-2",
            &["rolled_back"][..],
            false,
            Remedy::Refresh,
        ),
        ("nl/generation-2", &["rolled_back"], false, Remedy::Refresh),
        ("se", &["state_lost"], true, Remedy::Enrol),
        // No policy requires its list: nothing else says that it was there.
        ("nl", &["state_lost"], false, Remedy::Enrol),
    ] {
        restore(&room.state(), &whole);
        fs::remove_dir_all(room.state().join(name)).unwrap();
        let (told, degraded) = doubt(name);
        assert_eq!(told, doubts, "{name}");
        assert!(degraded || !is_degraded, "{name}");
        assert_eq!(room.mend(name), remedy, "{name}");
    }
    restore(&room.state(), &whole);
    fs::remove_dir_all(room.state()).unwrap();
    assert!(matches!(
        room.open(),
        Err(Error::Store(interdict_host::StoreError::Missing(_)))
    ));
}

/// The pointer, the metadata and the history, each as it was before the second release, alone and together.
#[test]
fn every_part_of_an_older_directory_under_a_newer_history_is_rolled_back() {
    let room = Room::new();
    let whole = files(&room.state());
    let shelf = room.state().join("se");
    let older = |names: &[&str]| {
        for (path, bytes) in &room.older {
            let place = path
                .strip_prefix(&shelf)
                .map(|place| place.display().to_string());
            let Ok(place) = place else { continue };
            let file = place.strip_prefix("generation-1/").unwrap_or(&place);
            if names.iter().any(|name| file.ends_with(name)) {
                let path = shelf.join(place.replace("generation-1", "generation-2"));
                fs::write(path, bytes).unwrap();
            }
        }
    };
    let metadata = ["timestamp.json", "snapshot.json", "targets.json"];
    for names in [
        &["current"][..],
        &metadata[..1],
        &metadata[..2],
        &metadata,
        &[
            "timestamp.json",
            "snapshot.json",
            "targets.json",
            ".stash",
            "current",
        ],
    ] {
        restore(&room.state(), &whole);
        older(names);
        let found = room.answers().unwrap();
        is_honest(Whose::Required, &found, &room.answers)
            .unwrap_or_else(|why| panic!("{names:?}: {why}"));
        for answer in &found {
            assert_eq!(answer.doubts, ["rolled_back"], "{names:?}");
        }
        assert_eq!(room.mend("older"), Remedy::Refresh, "{names:?}");
    }
    // Files that are newer than their history are no doubt.
    restore(&room.state(), &whole);
    older(&["history"]);
    assert_eq!(room.mend("an older history"), Remedy::Nothing);
}

/// Forgetting is what a kill between two steps never does (docs/store.md, Writing), so an inventory never names
/// what was not there.
#[test]
fn an_inventory_names_what_there_is_after_each_step_and_forgets_nothing_by_itself() {
    let room = Room::new();
    let inventory = || fs::read_to_string(room.state().join("inventory.txt")).unwrap();
    let all = "interdict-inventory-1 4\nmember.key\nnl\nreceipt.key\nse\n";
    assert_eq!(inventory(), all);
    fs::remove_dir_all(room.state().join("nl")).unwrap();
    room.open().unwrap().refresh(NOW).unwrap();
    assert_eq!(inventory(), all);
    let store = Store::open(&room.state()).unwrap();
    assert_eq!(store.lost().unwrap(), ["nl"]);
    assert_eq!(store.accept_losses().unwrap(), ["nl"]);
    assert_eq!(inventory(), all.replace("1 4", "1 3").replace("nl\n", ""));
    assert_eq!(store.lost().unwrap(), [""; 0]);
    // A directory of a version that knew no inventory gets one by its next refresh.
    fs::remove_file(room.state().join("inventory.txt")).unwrap();
    assert_eq!(store.lost().unwrap(), [""; 0]);
    room.open().unwrap().refresh(NOW).unwrap();
    assert_eq!(inventory(), all.replace("1 4", "1 3").replace("nl\n", ""));
}

/// A generation may share files with the one before: damaging one in place damages both.
#[cfg(unix)]
#[test]
fn a_filter_that_both_generations_share_is_damaged_in_both_and_fetched_again() {
    let room = Room::new();
    let shared = "state/se/generation-2/se%2fmerchants.member-1.filter";
    fs::write(room.folder.path().join(shared), b"").unwrap();
    let found = room.answers().unwrap();
    is_honest(Whose::Required, &found, &room.answers).unwrap();
    // That of `nl` alone.
    assert!(found.iter().all(|answer| answer.sequences.len() == 1));
    assert_eq!(room.mend("a shared filter"), Remedy::Refresh);
}
