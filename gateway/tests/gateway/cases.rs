//! Cases: when they open, close and open again, and what people do with them.

use std::fs;

use interdict::{Error, Portfolio, PortfolioError, Step, Which};
use interdict_core::list::Flags;
use interdict_helpers::{NOW, Release, base, change};

use crate::portfolio::{domain, id, merchant};
use crate::portfolio_changes::{Room, alerts};

const UNTIL: &str = "2027-04-01T00:00:00Z";
const DOCUMENT: &str = "state/clearances/case-2-2027-04-01.json";

/// The names of what happened to a case.
fn steps(portfolio: &Portfolio, case: u32) -> Vec<&'static str> {
    let history = portfolio.case_history(case).unwrap();
    history.iter().map(|step| step.step.name()).collect()
}

fn open(portfolio: &Portfolio) -> Vec<String> {
    let cases = portfolio.open_cases_after(0, 100).unwrap();
    cases
        .into_iter()
        .map(|case| case.merchant.to_string())
        .collect()
}

fn with_flags(sequence: u64, flags: Flags) -> Release {
    Release {
        flags: flags.0,
        sequence,
        ..base()
    }
}

#[test]
fn a_case_opens_with_the_alert_settles_with_the_listing_and_keeps_its_history() {
    let room = Room::new().with(&["shop", "market", "new", "flowers"]);
    let mut portfolio = room.portfolio();
    let screen = |portfolio: &mut Portfolio, version, release, now| {
        let gateway = room.release(version, release);
        portfolio
            .rescreen(gateway.host(), Which::All, now, &mut |_, _| Ok(()))
            .unwrap();
        portfolio
            .rescreen(gateway.host(), Which::All, now, &mut |_, _| Ok(()))
            .unwrap();
    };
    screen(&mut portfolio, 1, base(), NOW);
    assert_eq!(open(&portfolio), ["m_market", "m_shop"]);
    let market = portfolio.case_of(&id("m_market")).unwrap().unwrap();
    assert_eq!(
        (market.number, market.opened, market.is_open),
        (1, NOW, true)
    );
    screen(&mut portfolio, 2, change(), NOW + 2);
    assert_eq!(open(&portfolio), ["m_shop", "m_new"]);
    screen(
        &mut portfolio,
        3,
        with_flags(3, Flags::POSSIBLY_VICTIM_CONTROLLED),
        NOW + 3,
    );
    assert_eq!(open(&portfolio), ["m_market", "m_shop"]);
    assert_eq!(steps(&portfolio, 1), ["opened", "settled", "reopened"]);
    assert_eq!(steps(&portfolio, 2), ["opened", "changed"]);
    assert_eq!(steps(&portfolio, 3), ["opened", "settled"]);
    let history = portfolio.case_history(1).unwrap();
    let action = |index: usize| history[index].standing.as_ref().unwrap().action.name();
    assert_eq!(
        [action(0), action(1), action(2)],
        ["block", "allow", "review"]
    );
    assert!(history[0].receipt.is_some() && history[0].person.is_none());
    assert_eq!(
        (history[2].step, history[2].time),
        (Step::Reopened, NOW + 3)
    );
    // A merchant that leaves takes its case from the queue, and nothing from the history.
    assert!(portfolio.remove(&id("m_shop"), NOW + 4).unwrap());
    assert_eq!(open(&portfolio), ["m_market"]);
    assert_eq!(steps(&portfolio, 2), ["opened", "changed", "removed"]);
    assert_eq!(portfolio.forget(NOW + 4).unwrap(), 1, "the case of m_new");
    assert_eq!(portfolio.cases_after(0, 100).unwrap().len(), 2);
    assert_eq!(steps(&portfolio, 3), [""; 0]);
}

#[test]
fn people_assign_note_and_close_and_a_later_change_opens_the_case_again() {
    let room = Room::new().with(&["shop", "market"]);
    drop(room.release(1, base()));
    assert_eq!(room.run(&["portfolio", "rescreen"]).0, Some(1));
    let (code, text) = room.run(&["case", "list"]);
    let line = "1\topen\tm_market\tblock\trecord\t2026-11-22T01:02:03Z\t";
    assert_eq!((code, text.lines().next()), (Some(0), Some(line)));
    for (arguments, part) in [
        (
            &["case", "assign", "1", "--to", "Bo", "--by", "Ada"][..],
            "\tBo",
        ),
        (
            &["case", "note", "1", "called the acquirer", "--by", "Bo"],
            "open",
        ),
        (
            &["case", "close", "1", "right; offboarded", "--by", "Bo"],
            "1\tclosed\tm_market",
        ),
    ] {
        let (code, text) = room.run(arguments);
        assert_eq!((code, text.contains(part)), (Some(0), true), "{text}");
    }
    for refused in [
        &["case", "close", "1", "again", "--by", "Bo"][..],
        &["case", "note", "9", "nobody", "--by", "Bo"],
        &[
            "case",
            "note",
            "1",
            "card 4111 1111 1111 1111",
            "--by",
            "Bo",
        ],
        &["case", "note", "1", " ", "--by", "Bo"],
        &["case", "note", "1", "a\u{1b}[2Kb", "--by", "Bo"],
    ] {
        let (code, text) = room.run(refused);
        assert_eq!(
            (code, text.contains("4111 1111 1111 1111\n")),
            (Some(3), false),
            "{text}"
        );
    }
    // Nothing has changed, so a screening leaves it closed.
    assert_eq!(room.run(&["portfolio", "rescreen", "--all"]).0, Some(0));
    let (code, text) = room.run(&["case", "show", "1"]);
    assert_eq!(code, Some(0), "{text}");
    let told: Vec<&str> = text.lines().collect();
    assert!(
        told[0].starts_with("1\tclosed\t") && told[1].starts_with("  - Listed on se/merchants by "),
        "{text}"
    );
    let head = "2026-11-22T01:02:03Z  ";
    assert!(
        told[2].starts_with(&format!("{head}opened  block (record)  receipt ")),
        "{text}"
    );
    let others = [
        "assigned  by Ada  Bo",
        "noted  by Bo  called the acquirer",
        "closed  by Bo  right; offboarded",
    ];
    assert_eq!(told[3..], others.map(|step| format!("{head}{step}")));
    drop(room.release(2, with_flags(2, Flags::POSSIBLY_VICTIM_CONTROLLED)));
    assert_eq!(room.run(&["portfolio", "rescreen"]).0, Some(1));
    let (_, text) = room.run(&["case", "list"]);
    assert_eq!(text.lines().count(), 2, "{text}");
    assert_eq!(room.run(&["case", "show", "9"]).0, Some(2));
}

/// A room with the keys of two analysts, whose cases 1 and 2 are at `review`.
pub(crate) fn at_review(flags: Flags) -> Room {
    let room = Room::new().with(&["shop", "market"]);
    for name in ["ada", "bo"] {
        let (code, text) = room.run(&["clearance", "key", name, "--out", "keys"]);
        assert_eq!(code, Some(0), "{text}");
        let table: String = text
            .lines()
            .filter(|line| !line.contains(".key: secret"))
            .map(|line| format!("{line}\n"))
            .collect();
        room.say(&table);
    }
    drop(room.release(1, with_flags(1, flags)));
    assert_eq!(room.run(&["portfolio", "rescreen"]).0, Some(1));
    room
}

pub(crate) fn clear(room: &Room, key: &str) -> (Option<i32>, String) {
    room.run(&[
        "clear",
        "2",
        "--key",
        &format!("keys/{key}.key"),
        "--until",
        UNTIL,
    ])
}

#[test]
fn a_case_that_two_people_cleared_is_closed_monitored_and_opened_by_another_record() {
    let room = at_review(Flags::POSSIBLY_VICTIM_CONTROLLED);
    let mut portfolio = room.portfolio();
    alerts(&mut portfolio, NOW);
    let (code, text) = clear(&room, "ada");
    assert_eq!(
        (code, text.contains("not in force yet")),
        (Some(2), true),
        "{text}"
    );
    let (code, text) = clear(&room, "ada");
    assert_eq!(code, Some(2), "one person signs once: {text}");
    assert_eq!(open(&portfolio).len(), 2);
    let (code, text) = clear(&room, "bo");
    assert_eq!(
        (code, text.contains("case 2: closed")),
        (Some(0), true),
        "{text}"
    );
    assert_eq!(open(&portfolio), ["m_market"]);
    assert_eq!(
        steps(&portfolio, 2),
        ["opened", "signed", "signed", "signed", "closed"]
    );
    let last = portfolio.case_history(2).unwrap().pop().unwrap();
    assert_eq!(
        (last.person.as_deref(), last.text.as_deref()),
        (Some("bo"), Some("cleared until 2027-04-01T00:00:00Z"))
    );
    let (code, text) = room.run(&["portfolio", "rescreen"]);
    assert_eq!(
        (code, text.contains("merchant.lowered       1")),
        (Some(1), true),
        "{text}"
    );
    let shop = portfolio.status(&id("m_shop")).unwrap().unwrap();
    assert_eq!(shop.standing.unwrap().action.name(), "monitor");
    // Nobody clears it once more.
    assert_eq!(clear(&room, "ada").0, Some(3));
    // Another record is another reason.
    drop(room.release(
        2,
        with_flags(2, Flags::POSSIBLY_VICTIM_CONTROLLED.with(Flags::MANDATORY)),
    ));
    assert_eq!(room.run(&["portfolio", "rescreen"]).0, Some(1));
    assert_eq!(open(&portfolio), ["m_market", "m_shop"]);
    assert_eq!(steps(&portfolio, 2).last(), Some(&"reopened"));
}

#[test]
fn who_clears_without_an_end_is_told_what_to_give_and_the_second_person_the_end_of_the_first() {
    let room = at_review(Flags::POSSIBLY_VICTIM_CONTROLLED);
    let without = ["clear", "2", "--key", "keys/bo.key"];
    let (code, text) = room.run(&without);
    let example = "say when the clearance ends, at most 180 days away: --until 2027-02-20";
    assert_eq!((code, text.contains(example)), (Some(3), true), "{text}");
    let same = format!("interdict clear 2 --until {UNTIL} --key KEYFILE");
    assert!(!text.contains(&same), "{text}");
    let (_, text) = clear(&room, "ada");
    assert!(text.contains(&same), "{text}");
    let (code, text) = room.run(&without);
    assert_eq!((code, text.contains(&same)), (Some(3), true), "{text}");
}

#[test]
fn a_block_is_not_cleared_and_a_draft_whose_reasons_changed_is_not_signed() {
    let room = at_review(Flags(0));
    let (code, text) = clear(&room, "ada");
    assert_eq!(
        (code, text.contains("nothing to clear")),
        (Some(2), true),
        "{text}"
    );
    assert!(!room.path(DOCUMENT).exists());
    let room = at_review(Flags::POSSIBLY_VICTIM_CONTROLLED);
    assert_eq!(clear(&room, "ada").0, Some(2));
    let document = fs::read_to_string(room.path(DOCUMENT)).unwrap();
    fs::write(
        room.path(DOCUMENT),
        document.replace("se/merchants", "se/others"),
    )
    .unwrap();
    let (code, text) = clear(&room, "bo");
    assert_eq!(
        (code, text.contains("the reasons have changed")),
        (Some(3), true),
        "{text}"
    );
}

#[test]
fn what_lowers_a_merchant_below_review_by_hand_settles_its_case() {
    let room = Room::new().with(&["shop"]);
    let gateway = room.release(1, base());
    let mut portfolio = room.portfolio();
    portfolio
        .rescreen(gateway.host(), Which::All, NOW, &mut |_, _| Ok(()))
        .unwrap();
    portfolio
        .put(&merchant("m_shop", &domain("flowers.example")), NOW + 1)
        .unwrap();
    portfolio
        .rescreen(gateway.host(), Which::Due, NOW + 1, &mut |_, _| Ok(()))
        .unwrap();
    assert_eq!(steps(&portfolio, 1), ["opened", "settled"]);
    let text = interdict::CaseText::parse("done").unwrap();
    let refused = portfolio.close_case(1, &text, &text, NOW + 2).unwrap_err();
    assert!(matches!(
        refused,
        Error::Portfolio(PortfolioError::NoCase(1))
    ));
}
