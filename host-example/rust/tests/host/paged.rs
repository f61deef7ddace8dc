//! Records that stay outside of the module: pages brought when a question needs them.

use std::collections::BTreeSet;
use std::path::PathBuf;

use interdict_core::common::time::Time;
use interdict_helpers::{NOW, reply_from, serve_ranges};
use interdict_host::{
    Action, Answer, CoalitionSettings, Enrolment, Gateway, Module, OtherRoot, Outcome, Records,
    Settings, Verdict, enrol,
};
use interdict_publisher::{
    Format, ImportOptions, InitOptions, Publisher, ReleaseOptions, TestKeys,
};
use serde_json::json;

use crate::opened::{open, settings};

/// Three pages of records.
const LISTED: usize = 5_000;

/// What a publisher serves and hands out, for a gateway or two in the same room.
struct Room {
    room: tempfile::TempDir,
    enrolment: Vec<u8>,
}

impl Room {
    fn new() -> Self {
        let room = tempfile::tempdir().unwrap();
        let now = Time::from_seconds(NOW);
        let init = InitOptions {
            coalition: "se".to_owned(),
            lists: Vec::new(),
            test_keys: TestKeys::Yes,
            now,
        };
        let mut publisher = Publisher::init(&room.path().join("se"), &init).unwrap();
        let mut csv = "kind,value,source,action\n".to_owned();
        for index in 0..LISTED {
            csv += &format!("domain,shop-{index}.example,hotline-se,block\n");
        }
        let options = ImportOptions::new(Format::Csv);
        let report = publisher.import(csv.as_bytes(), &options, now).unwrap();
        assert_eq!(report.accepted, u64::try_from(LISTED).unwrap());
        publisher.release(now, &ReleaseOptions::default()).unwrap();
        let address = format!("file:{}", room.path().join("se/repository").display());
        let enrolment = publisher.member_add("bank-a", &address, now);
        let enrolment = enrolment.unwrap().to_bytes();
        Self { room, enrolment }
    }

    fn repository(&self) -> PathBuf {
        self.room.path().join("se/repository")
    }

    fn pages(&self) -> Vec<PathBuf> {
        let pages = std::fs::read_dir(self.room.path().join("paged/state/se/pages"));
        let pages = pages.into_iter().flatten();
        pages.map(|entry| entry.unwrap().path()).collect()
    }

    /// What a gateway of this name is opened with, enrolled and not yet refreshed.
    fn settings(&self, name: &str, records: Records) -> Settings {
        let settings = settings(&self.room.path().join(name));
        let enrolment = Enrolment::read(&self.enrolment).unwrap();
        let module = Module::built_in().unwrap();
        enrol(&module, &settings.state, &enrolment, OtherRoot::Refuse, NOW).unwrap();
        with(settings, None, records)
    }

    /// A paged gateway that has refreshed.
    fn paged(&self) -> (Settings, Gateway) {
        let settings = self.settings("paged", Records::Paged);
        let gateway = open(settings.clone()).unwrap();
        assert_eq!(gateway.refresh(NOW).unwrap()[0].outcome, Outcome::Updated);
        (settings, gateway)
    }

    fn hide_repository(&self) {
        std::fs::rename(self.repository(), self.room.path().join("se/hidden")).unwrap();
    }

    fn show_repository(&self) {
        std::fs::rename(self.room.path().join("se/hidden"), self.repository()).unwrap();
    }
}

fn with(settings: Settings, mirror: Option<String>, records: Records) -> Settings {
    let special = CoalitionSettings { mirror, records };
    Settings {
        coalitions: [("se".to_owned(), special)].into(),
        ..settings
    }
}

fn request(domain: &str) -> String {
    json!({"flow": "payout", "identifiers": [{"kind": "domain", "value": domain}]}).to_string()
}

fn screen(gateway: &Gateway, domain: &str, now: u32) -> Verdict {
    gateway.screen(&request(domain), now).unwrap()
}

/// Without the receipt, which each gateway keys with its own secret.
fn plain(mut verdict: Verdict) -> Verdict {
    verdict.receipt = None;
    verdict
}

/// Listed, below a listed name, and clean: so many that some are to be expected to hit the filter.
fn domains() -> Vec<String> {
    let listed = (0..LISTED)
        .step_by(61)
        .map(|index| format!("shop-{index}.example"));
    let deep = (0..LISTED)
        .step_by(97)
        .map(|index| format!("a.b.c.d.e.f.shop-{index}.example"));
    let clean = (0..40_000).map(|index| format!("lawful-{index}.example"));
    listed.chain(deep).chain(clean).collect()
}

#[test]
fn whole_and_paged_give_the_same_verdicts_and_paged_takes_a_fraction_of_the_bytes() {
    let room = Room::new();
    let whole = open(room.settings("whole", Records::Whole)).unwrap();
    let whole_report = whole.refresh(NOW).unwrap().remove(0);
    let settings = room.settings("paged", Records::Paged);
    let paged = open(settings.clone()).unwrap();
    let paged_report = paged.refresh(NOW).unwrap().remove(0);
    let records = u64::try_from(LISTED).unwrap() * 28;
    assert_eq!(whole_report.bytes - paged_report.bytes, records);
    assert_eq!(paged_report.files, whole_report.files);

    let lines: String = domains()
        .iter()
        .map(|domain| request(domain) + "\n")
        .collect();
    let answers = |gateway: &Gateway| -> Vec<Verdict> {
        let answers = gateway
            .screen_batch(lines.as_bytes(), NOW)
            .unwrap()
            .into_iter();
        answers
            .map(|answer| match answer {
                Answer::Verdict(verdict) => plain(*verdict),
                Answer::Refused { error } => panic!("{error:?}"),
            })
            .collect()
    };
    let (of_whole, of_paged) = (answers(&whole), answers(&paged));
    assert!(of_whole == of_paged);
    assert!(
        of_paged
            .iter()
            .all(|verdict| !verdict.degraded && verdict.pages.is_empty())
    );
    let blocked = of_paged
        .iter()
        .filter(|verdict| verdict.action == Action::Block)
        .count();
    assert_eq!(blocked, LISTED.div_ceil(61) + LISTED.div_ceil(97));

    // One at a time, on an instance that has no page.
    let again = open(settings).unwrap();
    for domain in [
        "shop-4999.example",
        "a.b.shop-1.example",
        "lawful-1.example",
    ] {
        let verdict = plain(screen(&again, domain, NOW));
        assert_eq!(verdict, plain(screen(&whole, domain, NOW)), "{domain}");
    }
    assert_eq!(room.pages().len(), 3);
    // Another refresh neither fetches nor drops a page, and the answers stay.
    assert_eq!(paged.refresh(NOW).unwrap()[0].outcome, Outcome::Unchanged);
    assert_eq!(room.pages().len(), 3);
}

#[test]
fn a_refused_line_of_a_paged_batch_stays_in_its_place() {
    let room = Room::new();
    let (_, gateway) = room.paged();
    let lines = format!(
        "{}\nno json\n{}",
        request("shop-1.example"),
        json!({"flow": "payout", "reference": "\"pages\":", "identifiers": [
            {"kind": "domain", "value": "shop-2.example"}, {"kind": "domain", "value": "x.example"}]}),
    );
    let answers = gateway.screen_batch(lines.as_bytes(), NOW).unwrap();
    let [
        Answer::Verdict(first),
        Answer::Refused { .. },
        Answer::Verdict(third),
    ] = answers.as_slice()
    else {
        panic!("{answers:?}")
    };
    assert_eq!((first.action, third.action), (Action::Block, Action::Block));
    assert!(!first.degraded && !third.degraded);
}

#[test]
fn a_page_is_fetched_once_and_serves_every_instance() {
    let room = Room::new();
    let (settings, gateway) = room.paged();
    let names: Vec<String> = (0..LISTED)
        .step_by(500)
        .map(|i| format!("shop-{i}.example"))
        .collect();
    for name in &names {
        assert!(!screen(&gateway, name, NOW).degraded);
    }
    room.hide_repository();
    let gateway = open(Settings {
        workers: 3,
        ..settings
    })
    .unwrap();
    std::thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| {
                for name in &names {
                    let verdict = screen(&gateway, name, NOW);
                    assert_eq!((verdict.action, verdict.degraded), (Action::Block, false));
                }
            });
        }
    });
    assert!(gateway.warnings().is_empty());
}

#[test]
fn threads_that_need_the_same_pages_at_once_all_get_them() {
    let room = Room::new();
    let (settings, _) = room.paged();
    let gateway = open(Settings {
        workers: 4,
        ..settings
    })
    .unwrap();
    std::thread::scope(|scope| {
        for start in 0..4 {
            let gateway = &gateway;
            scope.spawn(move || {
                for index in (start..LISTED).step_by(701) {
                    let verdict = screen(gateway, &format!("shop-{index}.example"), NOW);
                    assert_eq!((verdict.action, verdict.degraded), (Action::Block, false));
                }
            });
        }
    });
    let names: BTreeSet<_> = room.pages().into_iter().collect();
    assert_eq!(names.len(), 3, "{names:?}");
}

#[test]
fn a_saved_page_that_is_damaged_is_not_used_and_fetched_anew() {
    let room = Room::new();
    let (settings, gateway) = room.paged();
    assert!(!screen(&gateway, "shop-1.example", NOW).degraded);
    let [page] = &room.pages()[..] else { panic!() };
    let good = std::fs::read(page).unwrap();
    let mut flipped = good.clone();
    flipped[20] ^= 1;
    for damaged in [
        flipped,
        good[1..].to_vec(),
        Vec::new(),
        vec![0; good.len() + 1],
    ] {
        std::fs::write(page, &damaged).unwrap();
        let gateway = open(settings.clone()).unwrap();
        let verdict = screen(&gateway, "shop-1.example", NOW);
        assert_eq!((verdict.action, verdict.degraded), (Action::Block, false));
        assert_eq!(std::fs::read(page).unwrap(), good);

        std::fs::write(page, &damaged).unwrap();
        room.hide_repository();
        let gateway = open(settings.clone()).unwrap();
        let verdict = screen(&gateway, "shop-1.example", NOW);
        assert_eq!((verdict.action, verdict.degraded), (Action::Review, true));
        room.show_repository();
    }
}

#[test]
fn without_its_repository_a_question_that_needs_a_page_is_degraded_and_others_are_not() {
    let room = Room::new();
    let (_, gateway) = room.paged();
    room.hide_repository();
    let verdict = screen(&gateway, "shop-1.example", NOW);
    assert_eq!((verdict.action, verdict.degraded), (Action::Review, true));
    let [page] = verdict.pages.as_slice() else {
        panic!("{verdict:?}")
    };
    assert_eq!(
        (page.coalition.as_str(), page.list.as_str()),
        ("se", "se/merchants")
    );
    let batch = gateway.screen_batch(request("shop-1.example").as_bytes(), NOW);
    let expected = Answer::Verdict(Box::new(verdict));
    assert_eq!(batch.unwrap(), [expected]);
    assert!(!screen(&gateway, "lawful-1.example", NOW).degraded);
    let warnings = gateway.warnings();
    assert!(
        warnings[0].text.contains("a page of records cannot be had"),
        "{warnings:?}"
    );

    // A repository that failed is left alone for a while, then asked again.
    room.show_repository();
    assert!(screen(&gateway, "shop-1.example", NOW + 29).degraded);
    let verdict = screen(&gateway, "shop-1.example", NOW + 30);
    assert_eq!((verdict.action, verdict.degraded), (Action::Block, false));
    assert!(gateway.warnings().is_empty());
}

#[test]
fn a_repository_that_sends_another_page_makes_no_clean_verdict() {
    let room = Room::new();
    let (_, gateway) = room.paged();
    let targets = room.repository().join("targets/se");
    for entry in std::fs::read_dir(targets).unwrap() {
        let path = entry.unwrap().path();
        if path.to_str().unwrap().ends_with(".records") {
            let mut bytes = std::fs::read(&path).unwrap();
            bytes.iter_mut().for_each(|byte| *byte ^= 1);
            std::fs::write(&path, bytes).unwrap();
        }
    }
    let verdict = screen(&gateway, "shop-1.example", NOW);
    assert_eq!((verdict.action, verdict.degraded), (Action::Review, true));
    assert!(room.pages().is_empty());
    assert_eq!(gateway.traps(), 0);
}

#[test]
fn pages_that_cannot_be_saved_answer_all_the_same() {
    let room = Room::new();
    let (_, gateway) = room.paged();
    // Something else lies where the pages should.
    std::fs::write(room.room.path().join("paged/state/se/pages"), b"").unwrap();
    let verdict = screen(&gateway, "shop-1.example", NOW);
    assert_eq!((verdict.action, verdict.degraded), (Action::Block, false));
    assert!(gateway.warnings()[0].text.contains("is not saved"));
}

#[test]
fn pages_come_from_a_server_by_range() {
    let room = Room::new();
    let directory = room.repository();
    let (sender, ranges) = std::sync::mpsc::channel();
    let base = serve_ranges(move |path, range, stream| {
        let records = path.ends_with(".records");
        assert_eq!(records, range.is_some(), "{path}");
        if let Some(range) = range {
            sender.send(range.to_owned()).unwrap();
        }
        reply_from(&directory, path, range, stream);
    });
    let settings = room.settings("paged", Records::Paged);
    let gateway = open(with(settings, Some(base), Records::Paged)).unwrap();
    gateway.refresh(NOW).unwrap();
    assert_eq!(ranges.try_iter().count(), 1, "the head");
    for _ in 0..2 {
        let verdict = screen(&gateway, "shop-1.example", NOW);
        assert_eq!((verdict.action, verdict.degraded), (Action::Block, false));
    }
    assert_eq!(ranges.try_iter().count(), 1, "one page, once");
}

#[test]
fn a_change_of_how_records_are_loaded_takes_effect_with_the_next_refresh() {
    let room = Room::new();
    let settings = room.settings("paged", Records::Whole);
    open(settings.clone()).unwrap().refresh(NOW).unwrap();
    for (generation, records) in [(2, Records::Paged), (3, Records::Whole)] {
        let gateway = open(with(settings.clone(), None, records)).unwrap();
        let verdict = screen(&gateway, "shop-1.example", NOW);
        assert_eq!((verdict.action, verdict.degraded), (Action::Block, false));
        assert!(gateway.warnings().is_empty(), "{:?}", gateway.warnings());
        assert_eq!(gateway.refresh(NOW).unwrap()[0].outcome, Outcome::Updated);
        let verdict = screen(&gateway, "shop-1.example", NOW);
        assert_eq!((verdict.action, verdict.degraded), (Action::Block, false));
        let state = room.room.path().join("paged/state/se");
        let head = format!("generation-{generation}/se%2Fmerchants.member-1.records.head");
        assert_eq!(state.join(head).exists(), records == Records::Paged);
        let before = state.join(format!("generation-{}", generation - 1));
        assert!(before.exists(), "the one before is kept");
    }
}
