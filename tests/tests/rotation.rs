//! Three rotations of the list key with twenty gateways of real parts: the publisher, the committed module
//! and the reference host. Nobody at a gateway does anything, and no verdict rises.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use interdict_core::common::time::Time;
use interdict_core::list::KeyTarget;
use interdict_host::{
    Action, Choices, Enrolment, Gateway, Module, OpenError, OtherRoot, Settings, Store, Verdict,
    enrol,
};
use interdict_publisher::{NewMember, Publisher, ReleaseOptions, TestKeys, Urgency};
use interdict_tests::publisher::listing;

use serde_json::json;

const DAY: u32 = 86_400;
const HOUR: u32 = 3_600;

/// The secrets of a state directory: no other program needs them.
const SECRETS: [&str; 2] = ["member.key", "receipt.key"];

/// How a gateway comes to its lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// It refreshes right after each release.
    Often,
    /// It refreshes once a day, before that day's release.
    Daily,
    /// A host without secrets refreshes, and its files are copied.
    Fetched,
}

struct Member {
    name: String,
    way: Way,
    gateway: Gateway,
    state: PathBuf,
    /// The host that fetches for it, if another does.
    fetcher: Option<(Gateway, PathBuf)>,
}

struct World {
    room: tempfile::TempDir,
    module: Module,
    publisher: Publisher,
    members: Vec<Member>,
}

/// Midnight of a day.
fn day(day: u32) -> Time {
    Time::parse("2026-11-22T00:00:00Z").unwrap().plus(day * DAY)
}

impl World {
    fn new() -> Self {
        let room = tempfile::tempdir().unwrap();
        let csv = "kind,value,source,action\ndomain,shop.example,hotline,block\n";
        let directory = room.path().join("coalition");
        let publisher = listing(&directory, csv, TestKeys::No, day(0));
        Self {
            room,
            module: Module::built_in().unwrap(),
            publisher,
            members: Vec::new(),
        }
    }

    /// A gateway makes its key pair, applies for membership, and enrols with a file that holds no secret.
    fn join(&mut self, name: &str, way: Way, today: u32) {
        let state = self.room.path().join(name);
        let recipient = Store::create(&state)
            .unwrap()
            .create_member_key()
            .unwrap()
            .recipient();
        let repository = self.publisher.directory().repository();
        let address = format!("file:{}", repository.display());
        let member = NewMember {
            recipient: Some(&recipient),
            ..NewMember::by_hand(name, &address)
        };
        let file = self.publisher.member_add(&member, day(today)).unwrap();
        assert!(file.keys().is_empty());
        let gateway = self.enrolled(&state, &file, today);
        let fetcher = (way == Way::Fetched).then(|| {
            let state = self.room.path().join(format!("{name}-fetcher"));
            let gateway = self.enrolled(&state, &file, today);
            (gateway, state)
        });
        self.members.push(Member {
            name: name.to_owned(),
            way,
            gateway,
            state,
            fetcher,
        });
    }

    fn enrolled(&self, state: &Path, file: &Enrolment, today: u32) -> Gateway {
        let now = day(today).seconds();
        enrol(&self.module, state, file, OtherRoot::Refuse, now).unwrap();
        let settings = Settings::new(self.module.clone(), state.to_owned());
        let choices = Choices {
            policy: Some(json!({"required": {"se": ["se/merchants"]}})),
            ..Choices::default()
        };
        Gateway::open(settings, Arc::new(choices), now).unwrap()
    }

    /// One day: the daily gateways refresh at six, the release goes out at noon, the others refresh an hour
    /// later, and everybody is asked at eleven in the evening.
    fn pass(&mut self, today: u32) -> Vec<(String, [Verdict; 2])> {
        let at = |hour: u32| day(today).plus(hour * HOUR);
        self.each(|member| {
            if member.way == Way::Daily {
                member.refresh(at(6));
            }
        });
        let options = ReleaseOptions::default();
        self.publisher.release(at(12), &options).unwrap();
        self.each(|member| {
            if member.way != Way::Daily {
                member.refresh(at(13));
            }
            let ask = |name| member.verdict(name, at(23));
            (
                member.name.clone(),
                ["shop.example", "clean.example"].map(ask),
            )
        })
    }

    /// What each member does, some of them at the same time.
    fn each<T: Send>(&self, act: impl Fn(&Member) -> T + Sync) -> Vec<T> {
        let act = &act;
        std::thread::scope(|scope| {
            let parts = self
                .members
                .chunks(5)
                .map(|part| scope.spawn(move || part.iter().map(act).collect::<Vec<_>>()));
            let parts: Vec<_> = parts.collect();
            parts
                .into_iter()
                .flat_map(|part| part.join().unwrap())
                .collect()
        })
    }

    fn member(&self, name: &str) -> &Member {
        self.members
            .iter()
            .find(|member| member.name == name)
            .unwrap()
    }
}

impl Member {
    fn refresh(&self, now: Time) {
        let now = now.seconds();
        let refreshing = self
            .fetcher
            .as_ref()
            .map_or(&self.gateway, |(gateway, _)| gateway);
        for report in refreshing.refresh(now).unwrap() {
            assert!(report.succeeded(), "{}: {}", self.name, report.outcome);
        }
        if let Some((_, fetched)) = &self.fetcher {
            copy_store(fetched, &self.state);
            self.gateway.reload(now).unwrap();
        }
    }

    fn verdict(&self, name: &str, now: Time) -> Verdict {
        let request = format!(
            r#"{{"flow":"onboarding","identifiers":[{{"kind":"domain","value":"{name}"}}]}}"#
        );
        self.gateway.screen(&request, now.seconds()).unwrap()
    }

    fn epoch(&self, now: Time) -> u32 {
        self.gateway.state(now.seconds()).unwrap()[0].lists[0].epoch
    }

    fn warned(&self) -> String {
        let warnings = self.gateway.warnings();
        warnings.iter().map(ToString::to_string).collect()
    }
}

/// Replaces everything in a state directory but its secrets.
fn copy_store(from: &Path, to: &Path) {
    let others = |directory: &Path| -> Vec<PathBuf> {
        let entries = fs::read_dir(directory).unwrap();
        let paths = entries.map(|entry| entry.unwrap().path());
        let secret = |path: &Path| SECRETS.iter().any(|name| path.ends_with(name));
        paths.filter(|path| !secret(path)).collect()
    };
    for path in others(to) {
        match path.is_dir() {
            true => fs::remove_dir_all(path).unwrap(),
            false => fs::remove_file(path).unwrap(),
        }
    }
    for path in others(from) {
        copy(&path, &to.join(path.file_name().unwrap()));
    }
}

fn copy(from: &Path, to: &Path) {
    if from.is_dir() {
        fs::create_dir(to).unwrap();
        for entry in fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            copy(&entry.path(), &to.join(entry.file_name()));
        }
    } else {
        fs::copy(from, to).unwrap();
    }
}

/// The days of one rotation on which something changes, and those beside them.
const DAYS: [u32; 4] = [1, 8, 9, 22];

#[test]
fn three_rotations_need_nobody_at_a_gateway_and_raise_no_verdict() {
    let mut world = World::new();
    for number in 1..=20 {
        let way = match number {
            1 => Way::Fetched,
            2..=10 => Way::Daily,
            _ => Way::Often,
        };
        world.join(&format!("bank-{number}"), way, 0);
    }
    // The first lists of all.
    world
        .publisher
        .release(day(0).plus(1), &ReleaseOptions::default())
        .unwrap();
    for (rotation, start) in [(1, 0), (2, 25), (3, 50)] {
        for offset in DAYS {
            let today = start + offset;
            // The days before these are left out, and what is fetched at six must not have expired.
            if [1, 8, 22].contains(&offset) {
                let yesterday = day(today - 1).plus(12 * HOUR);
                world.publisher.renew(yesterday).unwrap();
            }
            if offset == 1 {
                let started = world.publisher.epoch_start(day(today), Urgency::Planned);
                assert_eq!(started.unwrap().number, rotation + 1);
            }
            for (name, [listed, clean]) in world.pass(today) {
                let told = format!("{name} on day {today}: {listed:?} {clean:?}");
                assert_eq!(listed.action, Action::Block, "{told}");
                assert_eq!(clean.action, Action::Allow, "{told}");
                assert!(!listed.degraded && !clean.degraded, "{told}");
                assert!(world.member(&name).gateway.warnings().is_empty(), "{told}");
            }
        }
        let end = day(start + 22).plus(23 * HOUR);
        for member in &world.members {
            assert_eq!(member.epoch(end), rotation + 1, "{}", member.name);
        }
    }
    let fetched = world.member("bank-1").fetcher.as_ref().unwrap();
    let said: String = fetched
        .0
        .warnings()
        .iter()
        .map(ToString::to_string)
        .collect();
    assert!(said.contains("no key of its own"), "{said}");
}

#[test]
fn a_member_who_was_removed_reads_nothing_new_and_one_without_its_key_is_told_what_to_do() {
    let mut world = World::new();
    for name in ["bank-1", "bank-2", "bank-3"] {
        world.join(name, Way::Often, 0);
    }
    world.pass(0);
    world.publisher.member_remove("bank-2", day(0)).unwrap();
    // The secret half of the third is lost before it ever refreshes again.
    fs::remove_file(world.member("bank-3").state.join("member.key")).unwrap();
    world
        .publisher
        .epoch_start(day(1), Urgency::Planned)
        .unwrap();
    let keys = |member: &Member| {
        let known = Store::open(&member.state).unwrap().member_key().unwrap();
        known.map(|key| key.recipient())
    };
    assert_eq!(keys(world.member("bank-3")), None);
    for today in [1, 2, 8, 9, 22, 23] {
        let answers = world.pass(today);
        let [first, second, third] = answers.try_into().unwrap();
        assert_eq!(first.1[0].action, Action::Block);
        assert_eq!(first.1[1].action, Action::Allow);
        // The current epoch's key still reads its lists until they end.
        let reads = today < 22;
        assert_eq!(second.1[0].action == Action::Block, reads, "day {today}");
        if !reads {
            for verdict in &second.1 {
                assert!(verdict.degraded && verdict.reasons.iter().any(|r| r.code == "no_key"));
            }
        }
        let warned = world.member("bank-2").warned();
        assert!(
            warned.contains("epoch 2 is not sealed to this gateway"),
            "{warned}"
        );
        assert!(
            warned.contains("ask the coalition whether it still knows age1"),
            "{warned}"
        );
        for verdict in &third.1 {
            assert!(verdict.degraded && verdict.action == Action::Review);
            assert!(
                verdict.reasons.iter().any(|r| r.code == "no_key"),
                "{verdict:?}"
            );
        }
        let warned = world.member("bank-3").warned();
        assert!(
            warned.contains("restore member.key, or send the line"),
            "{warned}"
        );
    }
    // The file itself, with the removed member's own secret.
    let removed = world.member("bank-2");
    let sealed = sealed_key(&removed.state, 2);
    let target = KeyTarget {
        coalition: "se".to_owned(),
        epoch: 2,
    };
    let secret = |member: &Member| {
        Store::open(&member.state)
            .unwrap()
            .member_key()
            .unwrap()
            .unwrap()
    };
    assert_eq!(
        secret(removed).open(&target, &sealed),
        Err(OpenError::NotARecipient)
    );
    let opened = secret(world.member("bank-1"))
        .open(&target, &sealed)
        .unwrap();
    assert_eq!(opened.epoch(), 2);
    // What hosts that cannot open sealed keys read.
    let saved = |name: &str| fs::read_to_string(world.member(name).state.join("se/opened.keys"));
    let line = format!("{}\n", opened.hex());
    assert_eq!(saved("bank-1").unwrap().lines().count(), 2);
    assert!(saved("bank-1").unwrap().ends_with(&line));
    assert!(!saved("bank-2").unwrap().contains(&line));
    assert_eq!(saved("bank-3").unwrap(), "");
}

#[test]
fn after_a_leak_the_key_and_its_lists_come_with_one_refresh() {
    let mut world = World::new();
    for (name, way) in [("bank-1", Way::Often), ("bank-2", Way::Fetched)] {
        world.join(name, way, 0);
    }
    world.pass(0);
    world.publisher.epoch_start(day(1), Urgency::Leak).unwrap();
    for (name, [listed, clean]) in world.pass(1) {
        assert_eq!(
            (listed.action, clean.action),
            (Action::Block, Action::Allow),
            "{name}"
        );
        assert_eq!(world.member(&name).epoch(day(2)), 2);
    }
    // A member who joins reads every epoch in use after the next release.
    world.join("bank-3", Way::Often, 1);
    // Its key is sealed with the release that leaves the first epoch out.
    world
        .publisher
        .epoch_retire_confirmed(1, day(2), Urgency::Leak)
        .unwrap();
    for (name, [listed, clean]) in world.pass(2) {
        assert_eq!(
            (listed.action, clean.action),
            (Action::Block, Action::Allow),
            "{name}"
        );
    }
}

/// The saved sealed key of an epoch, wherever the store keeps it.
fn sealed_key(state: &Path, epoch: u32) -> Vec<u8> {
    let mut directories = vec![state.to_owned()];
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                directories.push(path);
            } else if path.ends_with(format!("se%2fepoch-{epoch}.key.age")) {
                return fs::read(path).unwrap();
            }
        }
    }
    panic!("no sealed key of epoch {epoch}")
}
