//! What a polling gateway sees of a coalition that renews its timestamp, and of one that does not.

use std::fs;
use std::path::{Path, PathBuf};

use interdict_core::common::time::Time;
use interdict_core::list::ListId;
use interdict_core::wire::Enrolment;
use interdict_core::wire::owned::ConfiguredCoalition;
use interdict_publisher::{NewMember, Publisher, PublisherError, ReleaseOptions, TestKeys};
use interdict_tests::enrolment::requiring;
use interdict_tests::publisher::listing;
use interdict_tests::subject::Subject;
use interdict_tests::subjects::Alike;
use serde_json::{Value, json};

const HOUR: u32 = 3_600;
const DAY: u32 = 24 * HOUR;

fn released() -> Time {
    Time::parse("2026-11-22T00:00:00Z").unwrap()
}

/// A coalition with one release, and a gateway that enrolled in it.
struct World {
    room: tempfile::TempDir,
    publisher: Publisher,
    engine: Alike,
}

impl World {
    fn new() -> Self {
        let room = tempfile::tempdir().unwrap();
        let csv = "kind,value,source,action\ndomain,shop.example,x,block\n";
        let directory = room.path().join("se");
        let mut publisher = listing(&directory, csv, TestKeys::Yes, released());
        let release = publisher
            .release(released(), &ReleaseOptions::default())
            .unwrap();
        assert_eq!(release.renew_before, released().plus(3 * DAY));
        let enrolment = publisher
            .member_add(&NewMember::by_hand("bank-a", "file:repository"), released())
            .unwrap();
        let mut world = Self {
            room,
            publisher,
            engine: Alike::new().unwrap(),
        };
        world.enrol(&enrolment);
        world
    }

    fn repository(&self) -> PathBuf {
        self.room.path().join("se/repository")
    }

    fn call(&mut self, operation: &str, message: &Value, file: Option<Vec<u8>>, at: Time) -> Value {
        let message = message.to_string();
        let answer = self
            .engine
            .call(operation, message.as_bytes(), file, at.seconds());
        serde_json::from_str(&answer.unwrap().unwrap()).unwrap()
    }

    fn enrol(&mut self, enrolment: &Enrolment) {
        let lists: Vec<_> = enrolment.lists().iter().map(ListId::as_str).collect();
        let policy = requiring("se", &lists);
        let coalition = ConfiguredCoalition::of(enrolment);
        let configuration = json!({"coalitions": [coalition], "policy": policy});
        self.call("configure", &configuration, None, released());
        self.poll(released());
    }

    /// Updates from the repository's current files.
    fn poll(&mut self, at: Time) {
        let repository = self.repository();
        let begin = json!({"coalition": "se", "begin": "repository"});
        let mut progress = self.call("poll", &begin, None, at);
        while progress["fetch"].is_object() {
            let file = read(&repository, &progress["fetch"]["path"]);
            let outcome = if file.is_some() { "bytes" } else { "not_found" };
            let name = &progress["fetch"]["name"];
            let message = json!({"coalition": "se", "name": name, "outcome": outcome});
            progress = self.call("supply", &message, file, at);
        }
    }

    /// Whether the verdict is degraded, and the action, for a listed and for a clean merchant.
    fn verdicts(&mut self, at: Time) -> [(bool, String); 2] {
        ["shop.example", "clean.example"].map(|name| {
            let identifier = json!({"kind": "domain", "value": name});
            let request = json!({"flow": "payout", "identifiers": [identifier]});
            let verdict = self.call("screen", &request, None, at);
            let degraded = verdict["degraded"].as_bool().unwrap();
            (degraded, verdict["action"].as_str().unwrap().to_owned())
        })
    }
}

fn read(repository: &Path, path: &Value) -> Option<Vec<u8>> {
    fs::read(repository.join(path.as_str()?)).ok()
}

fn verdict(degraded: bool, action: &str) -> (bool, String) {
    (degraded, action.to_owned())
}

#[test]
fn without_renew_every_verdict_is_degraded_once_the_timestamp_has_expired() {
    let mut world = World::new();
    let fresh = [verdict(false, "block"), verdict(false, "allow")];
    let stale = [verdict(true, "block"), verdict(true, "monitor")];
    let unavailable = [verdict(true, "block"), verdict(true, "review")];
    let (expires, too_old) = (3 * DAY, 6 * DAY);
    for after in (0..10 * DAY).step_by(usize::try_from(6 * HOUR).unwrap()) {
        let at = released().plus(after);
        if after < expires {
            world.poll(at);
        }
        let expected = match after {
            _ if after < expires => &fresh,
            _ if after < too_old => &stale,
            _ => &unavailable,
        };
        assert_eq!(&world.verdicts(at), expected, "{at}");
    }
    let last = released().plus(expires.saturating_sub(1));
    assert_eq!(world.verdicts(last), fresh);
}

#[test]
fn with_a_nightly_renew_and_a_monthly_release_no_verdict_is_degraded() {
    let mut world = World::new();
    let fresh = [verdict(false, "block"), verdict(false, "allow")];
    for day in 1..100 {
        let at = released().plus(day * DAY);
        // A list of 30 days is too old for the policy a gateway starts with.
        if day % 29 == 0 {
            let release = world.publisher.release(at, &ReleaseOptions::default());
            release.unwrap();
        } else {
            world.publisher.renew(at).unwrap();
        }
        world.poll(at);
        assert_eq!(world.verdicts(at), fresh, "{at}");
    }
}

#[test]
fn renewing_does_not_prolong_a_list_nobody_releases() {
    let mut world = World::new();
    let at = released().plus(30 * DAY);
    world.publisher.renew(at).unwrap();
    world.poll(at);
    let expired = [verdict(true, "block"), verdict(true, "review")];
    assert_eq!(world.verdicts(at), expired);
    let last = released().plus(89 * DAY);
    world.publisher.renew(last).unwrap();
    let end = released().plus(90 * DAY);
    let refused = world.publisher.renew(end);
    assert!(
        matches!(refused, Err(PublisherError::Trust(_))),
        "{refused:?}"
    );
    let release = world.publisher.release(end, &ReleaseOptions::default());
    release.unwrap();
    world.poll(end);
    let fresh = [verdict(false, "block"), verdict(false, "allow")];
    assert_eq!(world.verdicts(end), fresh);
}
