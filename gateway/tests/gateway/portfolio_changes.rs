//! What is reported when lists, merchants and policies change, and what is not.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use interdict::{ChangeKind, Gateway, Pending, Portfolio, Rescreened, Which};
use interdict_core::list::Flags;
use interdict_helpers::{Coalition, NOW, Release, base, change};
use serde_json::{Value, json};

use crate::command::run;
use crate::enrolment::enrol_file;
use crate::portfolio::{domain, id, merchant};

const DAY: u32 = 86_400;

/// A gateway of coalition `se` with a portfolio.
pub(crate) struct Room {
    room: tempfile::TempDir,
    pub(crate) coalition: Coalition,
}

impl Room {
    pub(crate) fn new() -> Self {
        let room = tempfile::tempdir().unwrap();
        let coalition = Coalition::new(room.path());
        enrol_file(room.path(), &coalition.enrolment("repository", &[1]));
        Self { room, coalition }
    }

    pub(crate) fn path(&self, name: &str) -> std::path::PathBuf {
        self.room.path().join(name)
    }

    /// Adds to the configuration.
    pub(crate) fn say(&self, text: &str) {
        let before = fs::read_to_string(self.path("gateway.toml")).unwrap();
        fs::write(self.path("gateway.toml"), before + text).unwrap();
    }

    pub(crate) fn gateway(&self, now: u32) -> Gateway {
        Gateway::open(&self.path("gateway.toml"), now).unwrap()
    }

    pub(crate) fn portfolio(&self) -> Portfolio {
        Portfolio::open(&self.path("portfolio.sqlite")).unwrap()
    }

    /// A portfolio of these merchants, `m_NAME` for `NAME.example`.
    pub(crate) fn with(self, names: &[&str]) -> Self {
        let mut portfolio = self.portfolio();
        for name in names {
            let request = domain(&format!("{name}.example"));
            let merchant = merchant(&format!("m_{name}"), &request);
            portfolio.put(&merchant, NOW).unwrap();
        }
        self
    }

    pub(crate) fn release(&self, version: u32, release: Release) -> Gateway {
        self.coalition.publish(version, &[release]);
        let gateway = self.gateway(NOW);
        for report in gateway.host().refresh(NOW).unwrap() {
            assert!(report.succeeded(), "{report:?}");
        }
        gateway
    }

    /// The same for a room that is passed on.
    pub(crate) fn release_and_keep(self, version: u32, release: Release) -> (Self, Gateway) {
        let gateway = self.release(version, release);
        (self, gateway)
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> (Option<i32>, String) {
        run(self.room.path(), arguments)
    }
}

/// Screens everything; merchant, or list, and kind of each alert.
fn changes(portfolio: &mut Portfolio, gateway: &Gateway, now: u32) -> Vec<(String, String)> {
    portfolio
        .rescreen(gateway.host(), Which::All, now, &mut |_, _| Ok(()))
        .unwrap();
    let told = alerts(portfolio, now);
    told.into_iter()
        .map(|event| {
            let data = &event["data"];
            let about = data.get("merchant").or(data.get("list"));
            let about = about.unwrap_or(&data["coalition"]);
            (
                about.as_str().unwrap().to_owned(),
                event["type"].as_str().unwrap().to_owned(),
            )
        })
        .collect()
}

/// Takes every alert out of the outbox.
pub(crate) fn alerts(portfolio: &mut Portfolio, now: u32) -> Vec<Value> {
    let mut told = Vec::new();
    while let Some(waiting) = portfolio.next_alert().unwrap() {
        portfolio.note_delivered(&waiting.id, now).unwrap();
        told.push(serde_json::from_str(&waiting.event).unwrap());
    }
    told
}

fn told(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    let pairs = pairs.iter();
    pairs
        .map(|(about, kind)| ((*about).to_owned(), (*kind).to_owned()))
        .collect()
}

fn victims() -> Release {
    Release {
        flags: Flags::POSSIBLY_VICTIM_CONTROLLED.0,
        sequence: 4,
        ..base()
    }
}

#[test]
fn each_release_reports_exactly_what_changed_since_the_last_and_since_when() {
    let room = Room::new().with(&["shop", "market", "new", "flowers"]);
    let mut portfolio = room.portfolio();
    let gateway = room.release(1, base());
    let first = changes(&mut portfolio, &gateway, NOW);
    assert_eq!(
        first,
        told(&[
            ("m_market", "merchant.listed"),
            ("m_shop", "merchant.listed")
        ])
    );
    assert_eq!(changes(&mut portfolio, &gateway, NOW + 1), []);
    let gateway = room.release(2, change());
    portfolio
        .rescreen(gateway.host(), Which::All, NOW + 2, &mut |_, _| Ok(()))
        .unwrap();
    let events = alerts(&mut portfolio, NOW + 2);
    assert_eq!(events.len(), 2, "{events:?}");
    let [market, new] = [&events[0]["data"], &events[1]["data"]];
    assert_eq!(
        (&events[0]["type"], &market["merchant"]),
        (&json!("merchant.cleared"), &json!("m_market"))
    );
    assert_eq!(
        market["before"],
        json!({"action": "block", "because": "record", "since": "2026-11-22T01:02:03Z"})
    );
    assert_eq!(
        market["after"],
        json!({"action": "allow", "since": "2026-11-22T01:02:05Z"})
    );
    assert_eq!(
        (&events[1]["type"], &new["merchant"]),
        (&json!("merchant.listed"), &json!("m_new"))
    );
    assert_eq!(new["after"]["action"], "block");
    assert_eq!(new["reasons"][0]["list"], "se/merchants");
    assert_eq!(
        new["lists"],
        json!([{"coalition": "se", "list": "se/merchants", "epoch": 1, "sequence": 2}])
    );
    assert!(new["receipt"].is_string());
    let text = json!(events).to_string();
    for name in ["shop", "market", "new", "flowers"] {
        assert!(
            !text.contains(&format!("{name}.example")),
            "no identifier leaves: {text}"
        );
    }
    // A victim may run what is listed: a person decides, and later it is a block again.
    let gateway = room.release(
        3,
        Release {
            sequence: 3,
            ..base()
        },
    );
    changes(&mut portfolio, &gateway, NOW + 3);
    let gateway = room.release(4, victims());
    let lowered = changes(&mut portfolio, &gateway, NOW + 4);
    assert_eq!(
        lowered,
        told(&[
            ("m_market", "merchant.lowered"),
            ("m_shop", "merchant.lowered")
        ])
    );
    let gateway = room.release(
        5,
        Release {
            sequence: 5,
            ..base()
        },
    );
    let raised = changes(&mut portfolio, &gateway, NOW + 5);
    assert_eq!(
        raised,
        told(&[
            ("m_market", "merchant.raised"),
            ("m_shop", "merchant.raised")
        ])
    );
}

#[test]
fn a_release_that_went_live_without_a_screening_is_pending_until_one_is_complete() {
    let room = Room::new();
    let gateway = room.release(1, base());
    assert_eq!(
        room.portfolio().pending(gateway.host(), NOW).unwrap(),
        Pending::Nothing
    );
    let room = room.with(&["shop", "flowers"]);
    let mut portfolio = room.portfolio();
    assert_eq!(
        portfolio.pending(gateway.host(), NOW).unwrap(),
        Pending::All
    );
    portfolio
        .rescreen(gateway.host(), Which::All, NOW, &mut |_, _| Ok(()))
        .unwrap();
    assert_eq!(
        portfolio.pending(gateway.host(), NOW).unwrap(),
        Pending::Nothing
    );
    // Activated, and killed before anything else.
    let gateway = room.release(2, change());
    assert_eq!(
        portfolio.pending(gateway.host(), NOW).unwrap(),
        Pending::All
    );
    // Those that are due are screened, and the others are still pending.
    let done = portfolio
        .rescreen(gateway.host(), Which::Due, NOW, &mut |_, _| Ok(()))
        .unwrap();
    assert_eq!(done.screened, 0);
    assert_eq!(
        portfolio.pending(gateway.host(), NOW).unwrap(),
        Pending::All
    );
    portfolio
        .rescreen(gateway.host(), Which::All, NOW, &mut |_, _| Ok(()))
        .unwrap();
    assert_eq!(
        portfolio.pending(gateway.host(), NOW + DAY - 1).unwrap(),
        Pending::Nothing
    );
    assert_eq!(
        portfolio.pending(gateway.host(), NOW + DAY).unwrap(),
        Pending::All
    );
    let other = merchant("m_flowers", &domain("shop.example"));
    portfolio.put(&other, NOW).unwrap();
    assert_eq!(
        portfolio.pending(gateway.host(), NOW).unwrap(),
        Pending::Due
    );
    let done = portfolio
        .rescreen(gateway.host(), Which::Due, NOW, &mut |_, _| Ok(()))
        .unwrap();
    assert_eq!(
        (done.screened, done.changes),
        (1, BTreeMap::from([(ChangeKind::Listed, 1)]))
    );
    assert_eq!(
        portfolio.pending(gateway.host(), NOW).unwrap(),
        Pending::Nothing
    );
    drop(gateway);
    room.say("policy.typology_cap = 7\n");
    assert_eq!(
        portfolio.pending(room.gateway(NOW).host(), NOW).unwrap(),
        Pending::All
    );
}

#[test]
fn an_old_list_is_reported_once_and_not_by_every_merchant() {
    let room = Room::new().with(&["shop", "flowers"]);
    let mut portfolio = room.portfolio();
    let gateway = room.release(1, base());
    changes(&mut portfolio, &gateway, NOW);
    let late = NOW + 3 * DAY;
    assert_eq!(
        changes(&mut portfolio, &gateway, late),
        told(&[("se/merchants", "list.late")])
    );
    assert_eq!(changes(&mut portfolio, &gateway, late + 1), []);
    let expired = NOW + 12 * DAY;
    let both = changes(&mut portfolio, &gateway, expired);
    // Nothing is known of the other one by now, so it is held.
    let expected = [("se/merchants", "list.expired"), ("se", "portfolio.held")];
    assert_eq!(both, told(&expected));
    let held = portfolio.held().unwrap();
    assert_eq!(
        held[0].to_string(),
        "1 of 2 merchants of the portfolio, and all new payouts, are held because list se/merchants is expired since \
         2026-12-04T01:02:03Z"
    );
    // After the days of grace a listing alone stops nobody, which is news.
    let later = changes(&mut portfolio, &gateway, NOW + 31 * DAY);
    assert_eq!(later, told(&[("m_shop", "merchant.lowered")]));
    let shop = portfolio.status(&id("m_shop")).unwrap().unwrap();
    assert_eq!(shop.standing.unwrap().action.name(), "review");
    let flowers = portfolio.status(&id("m_flowers")).unwrap().unwrap();
    assert_eq!(
        (flowers.standing.unwrap().action.name(), flowers.since),
        ("allow", Some(NOW))
    );
    changes(&mut portfolio, &gateway, NOW);
    assert_eq!(portfolio.held().unwrap(), []);
}

/// A list that was not polled for five days does not answer, and its freshness has the same word as the day before.
#[test]
fn when_a_silent_list_begins_to_hold_merchants_all_are_screened_and_counted() {
    let room = Room::new().with(&["shop", "flowers", "roses"]);
    let mut portfolio = room.portfolio();
    let gateway = room.release(1, base());
    changes(&mut portfolio, &gateway, NOW);
    let mut at = |hours: u32| {
        let now = NOW + hours * 3_600;
        let pending = portfolio.pending(gateway.host(), now).unwrap();
        let done = portfolio
            .catch_up(gateway.host(), now, &mut |_, _| Ok(()))
            .unwrap();
        let told = done.changes.contains_key(&ChangeKind::PortfolioHeld);
        let held = portfolio.held().unwrap();
        let held = held.iter().map(|one| (one.merchants, one.of));
        (pending, held.collect::<Vec<_>>(), told)
    };
    let pending = Pending::All;
    assert_eq!(at(107), (pending, vec![], false), "payouts pass");
    assert_eq!(at(109), (pending, vec![(2, 3)], true));
    assert_eq!(
        at(110),
        (Pending::Nothing, vec![(2, 3)], false),
        "told once"
    );
}

#[test]
fn many_merchants_that_a_list_lowers_or_raises_by_its_state_are_one_alert_and_are_named_by_a_list()
{
    for many in [10, 11] {
        let names = (0..many).map(|number| &*Box::leak(format!("m{number}").into_boxed_str()));
        let names: Vec<&'static str> = names.collect();
        let room = Room::new().with(&names);
        let mut portfolio = room.portfolio();
        let listed = names
            .iter()
            .map(|name| &*Box::leak(format!("{name}.example").into_boxed_str()));
        let listed: &'static [&'static str] = Box::leak(listed.collect());
        let gateway = room.release(1, Release::base(1, 1, listed));
        assert_eq!(
            changes(&mut portfolio, &gateway, NOW).len(),
            many,
            "each is news"
        );
        let about = |now: u32, portfolio: &mut Portfolio, many_of: &str, kind: &str| {
            let mut told = changes(portfolio, &gateway, now);
            told.retain(|(_, of)| of == many_of || of == kind);
            told
        };
        let lowered = about(
            NOW + 31 * DAY,
            &mut portfolio,
            "merchants.lowered",
            "merchant.lowered",
        );
        let raised = about(NOW, &mut portfolio, "merchants.raised", "merchant.raised");
        match many {
            10 => assert_eq!((lowered.len(), raised.len()), (10, 10)),
            _ => {
                assert_eq!(lowered, told(&[("se/merchants", "merchants.lowered")]));
                assert_eq!(raised, told(&[("se/merchants", "merchants.raised")]));
            }
        }
        let whole = portfolio
            .rescreen(gateway.host(), Which::All, NOW + 31 * DAY, &mut |_, _| {
                Ok(())
            })
            .unwrap();
        let event = alerts(&mut portfolio, NOW).pop().unwrap();
        if many == 11 {
            assert_eq!(whole.changes.get(&ChangeKind::ManyLowered), Some(&1));
            let data = json!({"coalition": "se", "list": "se/merchants", "cause": "lowered_expired",
                "merchants": 11, "since": "2026-12-23T01:02:03Z"});
            assert_eq!(event["data"], data);
        }
        let since = |time: &str| {
            let (_, text) = room.run(&["portfolio", "list", "--since", time]);
            text.lines()
                .filter(|line| line.contains("\treview\t"))
                .count()
        };
        assert_eq!(since("2026-12-23T01:02:03Z"), many);
        assert_eq!(since("2026-12-23T01:02:04Z"), 0);
        let cases = room.portfolio().open_cases_after(0, 100).unwrap();
        assert_eq!(cases.len(), many);
    }
}

#[test]
fn a_list_that_is_gone_clears_nobody() {
    let room = Room::new().with(&["shop", "flowers"]);
    let mut portfolio = room.portfolio();
    changes(&mut portfolio, &room.release(1, base()), NOW);
    for entry in fs::read_dir(room.path("state/se")).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            fs::remove_dir_all(path).unwrap();
        }
    }
    let gone = changes(&mut portfolio, &room.gateway(NOW), NOW);
    let expected = [("se/merchants", "list.expired"), ("se", "portfolio.held")];
    assert_eq!(gone, told(&expected));
    let shop = portfolio.status(&id("m_shop")).unwrap().unwrap();
    assert_eq!(shop.standing.unwrap().action.name(), "block");
}

#[test]
fn what_the_module_refuses_is_reported_once_and_is_never_a_verdict() {
    let room = Room::new().with(&["shop", "flowers"]);
    let mut portfolio = room.portfolio();
    let gateway = room.release(1, base());
    changes(&mut portfolio, &gateway, NOW);
    let raw = rusqlite::Connection::open(room.path("portfolio.sqlite")).unwrap();
    let set = |fields: &str| {
        let update = "UPDATE merchants SET fields = ?1, is_due = 1 WHERE id = 'm_flowers'";
        raw.execute(update, [fields]).unwrap();
    };
    set(r#"{"urls":"flowers.example"}"#);
    let done = portfolio
        .rescreen(gateway.host(), Which::Due, NOW, &mut |_, _| Ok(()))
        .unwrap();
    let expected = Rescreened {
        refused: 1,
        changes: BTreeMap::from([(ChangeKind::NotScreened, 1)]),
        ..Rescreened::default()
    };
    assert_eq!(done, expected);
    let event = alerts(&mut portfolio, NOW).remove(0);
    assert_eq!(
        (&event["type"], &event["data"]["refusal"]),
        (&json!("merchant.not_screened"), &json!("unknown_field"))
    );
    assert!(event["data"].get("after").is_none());
    assert_eq!(changes(&mut portfolio, &gateway, NOW), []);
    let (code, text) = room.run(&["portfolio", "list", "--above", "block"]);
    assert_eq!(
        (
            code,
            text.contains("m_flowers\tnot screened\tunknown_field")
        ),
        (Some(0), true),
        "{text}"
    );
    set(r#"{"url":"https://shop.example"}"#);
    assert_eq!(
        changes(&mut portfolio, &gateway, NOW),
        told(&[("m_flowers", "merchant.listed")])
    );
}

#[test]
fn a_preview_counts_by_action_and_reason_and_writes_nothing() {
    let room = Room::new().with(&["shop", "market", "new", "flowers"]);
    let mut portfolio = room.portfolio();
    changes(&mut portfolio, &room.release(1, base()), NOW);
    drop(room.release(2, change()));
    let (code, text) = room.run(&["portfolio", "preview"]);
    assert_eq!(code, Some(1), "{text}");
    for line in [
        "4 merchants",
        "  allow to block: 1",
        "  block to allow: 1",
        "  listed se se/merchants: 1 more, 1 fewer",
        "newly held or refused: 1, 25.0000 % of the portfolio",
    ] {
        assert!(text.lines().any(|one| one == line), "{line}: {text}");
    }
    assert_eq!(portfolio.waiting_alerts().unwrap(), 0);
    assert_eq!(
        portfolio.pending(room.gateway(NOW).host(), NOW).unwrap(),
        Pending::All
    );
}

/// Names that a release lists, chosen by its number.
fn listed(release: u64, merchants: u64) -> BTreeSet<u64> {
    let chosen = |number: &u64| (number * 2_654_435_761 + release * 40_503) % 97 < 5;
    (0..merchants).filter(chosen).collect()
}

#[cfg(unix)]
#[test]
fn killed_at_any_moment_across_ten_releases_every_change_is_reported_and_nothing_else() {
    const MERCHANTS: u64 = 3_000;
    let room = Room::new();
    let mut portfolio = room.portfolio();
    for number in 0..MERCHANTS {
        let request = domain(&format!("shop-{number}.example"));
        portfolio
            .put(&merchant(&format!("m_{number}"), &request), NOW)
            .unwrap();
    }
    drop(portfolio);
    let told = room.path("alerts.ndjson");
    room.say(&format!(
        "[portfolio]\nalert_command = [\"tee\", \"-a\", {:?}]\n",
        told.display().to_string()
    ));
    let start = || {
        Command::new(env!("CARGO_BIN_EXE_interdict"))
            .args([
                "portfolio",
                "rescreen",
                "--now",
                "2026-11-22T01:02:03Z",
                "--config",
            ])
            .arg(room.path("gateway.toml"))
            .stdout(Stdio::null())
            .spawn()
            .unwrap()
    };
    let (mut before, mut killed, mut whole) = (BTreeSet::new(), 0, Duration::from_millis(500));
    for release in 1..=10_u64 {
        let after = listed(release, MERCHANTS);
        let names = after
            .iter()
            .map(|number| &*Box::leak(format!("shop-{number}.example").into_boxed_str()));
        let names: &'static [&'static str] = Box::leak(names.collect());
        room.release(
            u32::try_from(release).unwrap(),
            Release::base(1, release, names),
        );
        for attempt in 0..2_u64 {
            let mut child = start();
            let part = (release * 7 + attempt * 5) % 12;
            thread::sleep(whole * u32::try_from(part).unwrap() / 12);
            child.kill().unwrap();
            killed += usize::from(child.wait().unwrap().code().is_none());
        }
        let started = Instant::now();
        start().wait().unwrap();
        whole = started.elapsed();
        let mut reported: BTreeMap<String, (String, String)> = BTreeMap::new();
        for line in fs::read_to_string(&told).unwrap_or_default().lines() {
            let event: Value = serde_json::from_str(line).unwrap();
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            let what = (text(&event["data"]["merchant"]), text(&event["type"]));
            // Delivered twice, an alert has the same id.
            reported.insert(text(&event["id"]), what);
        }
        fs::write(&told, "").unwrap();
        let mut reported: Vec<_> = reported.into_values().collect();
        reported.sort();
        let name = |number: &u64| format!("m_{number}");
        let added = after
            .difference(&before)
            .map(|number| (name(number), "merchant.listed".to_owned()));
        let gone = before
            .difference(&after)
            .map(|number| (name(number), "merchant.cleared".to_owned()));
        let mut expected: Vec<_> = added.chain(gone).collect();
        expected.sort();
        assert_eq!(reported, expected, "release {release}");
        let cases = room.portfolio().open_cases_after(0, 10_000).unwrap();
        let mut cases: Vec<_> = cases
            .into_iter()
            .map(|case| case.merchant.to_string())
            .collect();
        cases.sort();
        let mut names: Vec<_> = after.iter().map(name).collect();
        names.sort();
        assert_eq!(cases, names, "release {release}");
        before = after;
    }
    assert!(killed > 0, "nothing was killed");
}
