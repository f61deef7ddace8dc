//! The edition that an enrolment names, from the publisher to the verdict of the reference host.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use interdict_core::common::time::Time;
use interdict_host::{
    Action, Choices, Enrolment, Gateway, Module, OtherRoot, Outcome, Settings, Store, enrol,
};
use interdict_publisher::{
    CompactEdition, MemberEdition, NewMember, Publisher, ReleaseOptions, TestKeys, Urgency,
};
use interdict_tests::publisher::listing;
use serde_json::json;

const LISTED: &str = "kind,value,source,action\n\
    domain,shop.example,hotline,block\n\
    domain,watch.example,hotline,monitor\n";

/// How a gateway comes to its list keys.
#[derive(Debug, Clone, Copy)]
enum Way {
    Sealed,
    ByHand,
}

/// A coalition, and gateways in folders beside it.
struct Room {
    room: tempfile::TempDir,
    module: Module,
    publisher: Publisher,
}

/// Midnight of a day.
fn day(day: u32) -> Time {
    Time::parse("2026-11-22T00:00:00Z")
        .unwrap()
        .plus(day * 86_400)
}

impl Room {
    fn new(compact: CompactEdition) -> Self {
        let room = tempfile::tempdir().unwrap();
        let directory = room.path().join("coalition");
        let publisher = listing(&directory, LISTED, TestKeys::No, day(0));
        let mut room = Self {
            room,
            module: Module::built_in().unwrap(),
            publisher,
        };
        room.release(Some(compact), 0);
        room
    }

    fn release(&mut self, compact: Option<CompactEdition>, today: u32) {
        let options = ReleaseOptions {
            compact,
            ..ReleaseOptions::default()
        };
        self.publisher.release(day(today), &options).unwrap();
    }

    fn state(&self, name: &str) -> PathBuf {
        self.room.path().join(name)
    }

    /// The file that the coalition gives to a member; without an edition, as for each later epoch.
    fn file(&mut self, name: &str, edition: Option<MemberEdition>, way: Way) -> Enrolment {
        let own = Store::create(&self.state(name)).unwrap();
        let recipient = match way {
            Way::Sealed => Some(own.create_member_key().unwrap().recipient()),
            Way::ByHand => None,
        };
        let repository = self.publisher.directory().repository();
        let address = format!("file:{}", repository.display());
        let member = NewMember {
            recipient: recipient.as_deref(),
            edition,
            ..NewMember::by_hand(name, &address)
        };
        self.publisher.member_add(&member, day(0)).unwrap()
    }

    fn enrol(&self, state: &Path, file: &Enrolment) -> Gateway {
        let now = day(0).seconds();
        enrol(&self.module, state, file, OtherRoot::Refuse, now).unwrap();
        let settings = Settings::new(self.module.clone(), state.to_owned());
        let choices = Choices {
            policy: Some(json!({"required": {"se": ["se/merchants"]}})),
            ..Choices::default()
        };
        Gateway::open(settings, Arc::new(choices), now).unwrap()
    }
}

/// Refreshes; how that ended.
fn refresh(gateway: &Gateway, today: u32) -> Outcome {
    let mut reports = gateway.refresh(day(today).seconds() + 60).unwrap();
    reports.remove(0).outcome
}

/// What a gateway does with a name, and why.
fn told(gateway: &Gateway, name: &str, today: u32) -> (Action, Option<String>) {
    let request =
        format!(r#"{{"flow":"payout","identifiers":[{{"kind":"domain","value":"{name}"}}]}}"#);
    let verdict = gateway.screen(&request, day(today).seconds() + 60).unwrap();
    (verdict.action, verdict.because)
}

/// Whether a gateway answers from this edition and epoch, and as it must.
fn answers(gateway: &Gateway, edition: MemberEdition, epoch: u32, today: u32) {
    let state = gateway.state(day(today).seconds() + 60).unwrap();
    let list = &state[0].lists[0];
    let name = edition.edition().name();
    assert_eq!((list.edition.as_str(), list.epoch), (name, epoch));
    let word = |word: &str| Some(word.to_owned());
    let (shop, watch) = match edition {
        MemberEdition::Member => (
            (Action::Block, word("record")),
            (Action::Monitor, word("record")),
        ),
        MemberEdition::Compact => ((Action::Review, word("candidate")), (Action::Allow, None)),
    };
    assert_eq!(told(gateway, "shop.example", today), shop, "{name}");
    assert_eq!(told(gateway, "watch.example", today), watch, "{name}");
    let clean = (Action::Allow, None);
    assert_eq!(told(gateway, "clean.example", today), clean, "{name}");
    assert_eq!(gateway.warnings(), [], "{name}");
}

const EDITIONS: [MemberEdition; 2] = [MemberEdition::Member, MemberEdition::Compact];

#[test]
fn each_enrolment_brings_its_edition_and_the_keys_of_every_epoch_open_both() {
    let mut room = Room::new(CompactEdition::Yes);
    let mut gateways = Vec::new();
    for edition in EDITIONS {
        for way in [Way::Sealed, Way::ByHand] {
            let name = format!("{}-{way:?}", edition.edition().name()).to_lowercase();
            let name = name.replace("byhand", "by-hand");
            let file = room.file(&name, Some(edition), way);
            assert_eq!(file.edition(), edition.edition());
            assert_eq!(file.keys().is_empty(), matches!(way, Way::Sealed));
            let gateway = room.enrol(&room.state(&name), &file);
            gateways.push((name, edition, way, gateway));
        }
    }
    room.release(None, 1);
    for (_, edition, _, gateway) in &gateways {
        assert_eq!(refresh(gateway, 1), Outcome::Updated);
        answers(gateway, *edition, 1, 1);
    }
    room.publisher.epoch_start(day(1), Urgency::Leak).unwrap();
    room.release(None, 2);
    for (name, edition, way, gateway) in &gateways {
        if matches!(way, Way::ByHand) {
            let file = room.file(name, None, *way);
            assert_eq!(file.keys().len(), 2);
            room.enrol(&room.state(name), &file);
        }
        assert_eq!(refresh(gateway, 2), Outcome::Updated);
        answers(gateway, *edition, 2, 2);
    }
}

#[test]
fn a_gateway_that_enrols_for_the_other_edition_has_it_after_its_next_refresh() {
    let mut room = Room::new(CompactEdition::Yes);
    let state = room.state("bank-a");
    let [member, compact] = EDITIONS;
    for edition in [member, compact, member] {
        let file = room.file("bank-a", Some(edition), Way::ByHand);
        let gateway = room.enrol(&state, &file);
        // Until then nothing is clean: the files of the other edition are of no use.
        let before = told(&gateway, "clean.example", 0);
        assert_eq!(
            before,
            (Action::Review, Some("unavailable".to_owned())),
            "{edition:?}"
        );
        assert_eq!(refresh(&gateway, 0), Outcome::Updated, "{edition:?}");
        answers(&gateway, edition, 1, 0);
        assert_eq!(refresh(&gateway, 0), Outcome::Unchanged, "{edition:?}");
    }
}

#[test]
fn a_refresh_says_that_the_coalition_has_no_list_of_the_edition() {
    let mut room = Room::new(CompactEdition::No);
    let file = room.file("bank-a", None, Way::ByHand);
    let text = String::from_utf8(file.to_bytes()).unwrap();
    let text = text.replace(r#""edition": "member""#, r#""edition": "compact""#);
    let file = Enrolment::read(text.as_bytes()).unwrap();
    let gateway = room.enrol(&room.state("bank-a"), &file);
    let Outcome::Failed(why) = refresh(&gateway, 0) else {
        panic!("there is no such list");
    };
    assert!(why.contains("does not publish a configured list"), "{why}");
    let unavailable = (Action::Review, Some("unavailable".to_owned()));
    assert_eq!(told(&gateway, "clean.example", 0), unavailable);
}
