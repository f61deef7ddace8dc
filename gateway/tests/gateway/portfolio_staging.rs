//! A release that waits, what it would change, and how the wait ends.

use std::fs;

use interdict::{Alarm, ChangeKind, Config, Pending};
use interdict_helpers::{NOW, base, change};
use serde_json::json;

use crate::portfolio_changes::{Room, alerts};

const HOUR: u32 = 3_600;

/// A portfolio that was screened with [`base`], and [`change`], which is published.
fn room(staging: &str) -> Room {
    let room = Room::new().with(&["shop", "market", "new", "flowers"]);
    let gateway = room.release(1, base());
    let mut portfolio = room.portfolio();
    portfolio
        .catch_up(gateway.host(), NOW, &mut |_, _| Ok(()))
        .unwrap();
    alerts(&mut portfolio, NOW);
    room.say(&format!(
        "[portfolio]\n[staging]\nhold = \"6h\"\n{staging}\n"
    ));
    room.coalition.publish(2, &[change()]);
    room
}

#[test]
fn a_preview_says_what_the_release_that_waits_would_change_until_a_person_lets_it_answer() {
    let room = room("");
    let (code, text) = room.run(&["refresh"]);
    assert_eq!(code, Some(0), "{text}");
    let waits = "se: a release waits until 2026-11-22T07:02:03Z";
    assert!(
        text.contains("se: a newer release waits\n") && text.contains(waits),
        "{text}"
    );
    let (code, text) = room.run(&["portfolio", "preview"]);
    assert_eq!(code, Some(1), "{text}");
    for part in [
        "se: a release waits since 2026-11-22T01:02:03Z, until 2026-11-22T07:02:03Z\n",
        "  allow to block: 1\n",
        "  block to allow: 1\n",
        "newly held or refused: 1, 25.0000 % of the portfolio\n",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    // Nothing has changed.
    let (code, text) = room.run(&["portfolio", "rescreen"]);
    assert_eq!(code, Some(0), "{text}");
    assert!(!text.contains("merchant."), "{text}");
    let (code, text) = room.run(&["portfolio", "activate", "nl"]);
    assert_eq!((code, &*text), (Some(2), "no such release waits\n"));
    let (code, text) = room.run(&["portfolio", "activate"]);
    assert_eq!((code, &*text), (Some(0), "se: updated\n"));
    let (code, text) = room.run(&["portfolio", "activate"]);
    assert_eq!(code, Some(2), "{text}");
    let (_, text) = room.run(&["portfolio", "rescreen"]);
    assert!(
        text.contains("merchant.listed") && text.contains("merchant.cleared"),
        "{text}"
    );
    let mut portfolio = room.portfolio();
    let told = alerts(&mut portfolio, NOW);
    // The alert about the wait was sent once, first.
    assert_eq!(told[0]["type"], "release.waiting");
    let data = json!({"coalition": "se", "since": "2026-11-22T01:02:03Z",
        "until": "2026-11-22T07:02:03Z", "merchants": 4, "stops": 1});
    assert_eq!(told[0]["data"], data);
    assert_eq!(told.len(), 3, "{told:?}");
}

#[test]
fn who_let_a_release_answer_before_its_time_is_a_line_of_the_journal() {
    let room = room("[journal]\ndirectory = \"journal\"");
    assert_eq!(room.run(&["refresh"]).0, Some(0));
    let (code, text) = room.run(&["portfolio", "activate"]);
    assert_eq!(code, Some(3), "{text}");
    assert!(text.contains("say who decides"), "{text}");
    let is_waiting = || !room.gateway(NOW).host().waiting(NOW).unwrap().is_empty();
    assert!(is_waiting(), "nobody decided");
    // What cannot be recorded is not done.
    fs::create_dir(room.path("state/decisions.ndjson")).unwrap();
    assert_eq!(
        room.run(&["portfolio", "activate", "--by", "Cleo"]).0,
        Some(3)
    );
    assert!(is_waiting());
    fs::remove_dir(room.path("state/decisions.ndjson")).unwrap();
    let (code, text) = room.run(&["portfolio", "activate", "--by", "Cleo"]);
    assert_eq!((code, &*text), (Some(0), "se: updated\n"));
    let state = room.gateway(NOW).host().state(NOW).unwrap();
    let metadata = &state[0].metadata_digest;
    let (from, to) = ("2026-11-22T00:00:00Z", "2026-11-23T00:00:00Z");
    let (_, text) = room.run(&["audit", "questions", "--from", from, "--to", to]);
    let mut lines = text
        .lines()
        .filter(|line| line.contains("release_activated"));
    let line = lines.next_back().unwrap_or_else(|| panic!("{text}"));
    assert!(line.contains("by cleo, coalition se, document "), "{line}");
    assert!(line.contains(&format!("metadata {metadata}")), "{line}");
    assert_eq!(room.run(&["audit", "verify"]).0, Some(0));
    let written = fs::read_to_string(room.path("state/decisions.ndjson")).unwrap();
    let expected = format!(
        "{{\"format\":1,\"decision\":\"release_activated\",\"time\":{NOW},\"coalition\":\"se\",\"metadata\":\"{metadata}\"}}\n"
    );
    assert_eq!(written, expected);
}

#[test]
fn a_release_that_stops_no_more_than_the_stated_share_answers_at_once_and_any_other_waits() {
    for (share, is_live) in [("25 %", true), ("24.9999 %", false)] {
        let room = room(&format!("at_once_if_stops_at_most = \"{share}\""));
        assert_eq!(room.run(&["refresh"]).0, Some(0));
        let (_, text) = room.run(&["portfolio", "rescreen"]);
        let told = "se: the release stops little and is live\n";
        assert_eq!(text.contains(told), is_live, "{share}: {text}");
        assert_eq!(text.contains("merchant.listed"), is_live, "{share}: {text}");
        let mut portfolio = room.portfolio();
        let gateway = room.gateway(NOW);
        assert_eq!(gateway.host().waiting(NOW).unwrap().is_empty(), is_live);
        assert_eq!(
            portfolio.pending(gateway.host(), NOW).unwrap(),
            Pending::Nothing
        );
        // At the end of its time it answers in any case.
        gateway.host().refresh(NOW + 6 * HOUR).unwrap();
        portfolio
            .catch_up(gateway.host(), NOW + 6 * HOUR, &mut |_, _| Ok(()))
            .unwrap();
        let told = alerts(&mut portfolio, NOW);
        let listed = told
            .iter()
            .filter(|event| event["type"] == "merchant.listed");
        assert_eq!(listed.count(), 1, "{told:?}");
    }
}

#[test]
fn an_alarm_is_told_once_and_again_if_it_comes_again() {
    let room = room("");
    let mut portfolio = room.portfolio();
    let kinds = [ChangeKind::ClockDiffers];
    let clock = [Alarm::clock("se", 3_600)];
    for (alarms, told) in [(&clock[..], 1), (&clock[..], 0), (&[], 0), (&clock[..], 1)] {
        let all = portfolio.note_alarms(&kinds, alarms, NOW).unwrap();
        assert_eq!(all.len(), told);
    }
    // Those of another kind are not gone.
    portfolio
        .note_alarms(&[ChangeKind::InDoubt], &[], NOW)
        .unwrap();
    assert!(
        portfolio
            .note_alarms(&kinds, &clock, NOW)
            .unwrap()
            .is_empty()
    );
    let told = alerts(&mut portfolio, NOW);
    assert_eq!(told[0]["type"], "clock.differs");
    assert_eq!(
        told[0]["data"],
        json!({"coalition": "se", "seconds_behind": 3600})
    );
}

#[test]
fn a_hold_as_long_as_a_list_counts_as_polled_is_refused_and_so_is_what_has_no_effect() {
    let room = Room::new();
    let path = room.path("gateway.toml");
    let before = fs::read_to_string(&path).unwrap();
    for (text, told) in [
        (
            "[staging]\nhold = \"36h\"\n",
            Some("hold must be shorter than poll_max_age_hours"),
        ),
        ("[staging]\nhold = \"35h\"\n", None),
        (
            "policy.poll_max_age_hours = 6\n[staging]\nhold = \"6h\"\n",
            Some("hold must be shorter"),
        ),
        (
            "[staging]\nhold = \"0h\"\n",
            Some("a time is written as 6h or 90m"),
        ),
        ("[staging]\n", Some("missing field `hold`")),
        (
            "[staging]\nhold = \"6h\"\nat_once_if_stops_at_most = \"1 %\"\n",
            Some("needs a table [portfolio]"),
        ),
        (
            "[portfolio]\n[staging]\nhold = \"6h\"\nat_once_if_stops_at_most = \"1\"\n",
            Some("a share is written as"),
        ),
        (
            "[[repository]]\ncoalition = \"se\"\nproxy = \"socks5://x\"\n",
            Some("proxy is no URL that starts with http:"),
        ),
    ] {
        fs::write(&path, format!("{before}{text}")).unwrap();
        let read = Config::read(&path)
            .map(|_| ())
            .map_err(|error| error.to_string());
        match (&read, told) {
            (Ok(()), None) => {}
            (Err(error), Some(told)) => {
                assert!(error.contains(told) && error.contains("line "), "{error}");
            }
            _ => panic!("{text}: {read:?}"),
        }
    }
}
