//! What the command says to whoever gets a file, a place or a merchant wrong for the first time.

use std::fs;
use std::process::Command;

use interdict::Portfolio;
use interdict_helpers::NOW;
use serde_json::{Value, json};

use crate::command::run;
use crate::portfolio::{domain, id, merchant};
use crate::replay::{RELEASE, Room};

#[test]
fn a_missing_file_is_told_with_its_path_and_what_names_it() {
    let room = tempfile::tempdir().unwrap();
    let missing =
        "interdict: no such file: gateway.toml; enrol first, or name another with --config\n";
    for command in [
        &["check", "shop.example"][..],
        &["portfolio", "list"],
        &["serve"],
    ] {
        assert_eq!(run(room.path(), command), (Some(3), missing.to_owned()));
    }
    let room = Room::new(&[1]);
    let screen = ["screen", "none.ndjson"];
    for (arguments, named) in [
        (&["enrol", "none.json"][..], "none.json"),
        (&screen, "none.ndjson"),
        (&["shadow", "none.toml", "x"], "none.toml"),
        (&["report", "none.ndjson"], "none.ndjson"),
        (
            &["clearance", "sign", "x.json", "--key", "keys/ada.key"],
            "keys/ada.key",
        ),
        (
            &["selftest", "--verify", "q4.json", "--key", "x"],
            "q4.json",
        ),
    ] {
        let (code, told) = run(room.path(), arguments);
        let told_of = format!("no such file or directory: {named}\n");
        assert!(code == Some(3) && told.ends_with(&told_of), "{told}");
    }
    let before = fs::read_to_string(&room.config).unwrap();
    for (line, setting) in [
        ("silent_key = \"none.key\"", "silent_key"),
        ("module = \"none.wasm\"", "module"),
        ("shadow = \"none.toml\"", "shadow"),
    ] {
        fs::write(&room.config, format!("{before}{line}\n")).unwrap();
        let (code, told) = run(room.path(), &["check", "shop.example"]);
        let of_setting = format!("{setting} in gateway.toml: no such file or directory: /");
        assert!(code == Some(3) && told.contains(&of_setting), "{told}");
    }
}

#[test]
fn a_place_to_listen_at_is_refused_with_the_forms_that_there_are() {
    let room = Room::new(&[1]);
    let forms = "write HOST:PORT, such as 127.0.0.1:8470 or [::1]:8470, or unix:PATH, such as unix:interdict.sock";
    let (code, told) = run(room.path(), &["serve", "--listen", "8471"]);
    let instead = "--listen goes with --try; without it write into gateway.toml: [service]";
    assert!(code == Some(3) && told.contains(instead), "{told}");
    room.say("[service]\nlisten = \"http://127.0.0.1:8471\"\n");
    let (code, told) = run(room.path(), &["serve"]);
    assert!(code == Some(3) && told.contains(forms), "{told}");
    let empty = tempfile::tempdir().unwrap();
    let (code, told) = run(empty.path(), &["serve", "--try", "--listen", "8471"]);
    assert!(code == Some(3) && told.contains(forms), "{told}");
}

/// A gateway with an archive and one merchant, `m_1`, whose answer is in `receipt.json`.
fn screened() -> Room {
    let room = Room::new(&[1]);
    room.release(1, &RELEASE, NOW);
    room.say("[portfolio]\n");
    let mut portfolio = Portfolio::open(&room.path().join("portfolio.sqlite")).unwrap();
    let shop = merchant("m_1", &domain("shop.example"));
    portfolio.put(&shop, NOW).unwrap();
    let request = portfolio.request(&id("m_1"), None).unwrap().unwrap();
    let verdict = room.gateway(NOW).host().screen(&request, NOW).unwrap();
    let receipt = verdict.receipt.unwrap();
    fs::write(room.path().join("receipt.json"), receipt.as_str()).unwrap();
    room
}

const REPLAY: [&str; 5] = [
    "replay",
    "--receipt",
    "receipt.json",
    "--request",
    "request.json",
];

#[test]
fn the_request_of_a_merchant_is_printed_as_it_is_screened_and_replayed() {
    let room = screened();
    let (code, request) = run(room.path(), &["portfolio", "show", "m_1", "--request"]);
    let printed: Value = serde_json::from_str(&request).unwrap();
    assert_eq!((code, printed), (Some(0), domain("shop.example")));
    fs::write(room.path().join("request.json"), request).unwrap();
    assert_eq!(run(room.path(), &REPLAY), (Some(0), "same\n".to_owned()));
    let (code, told) = run(room.path(), &["portfolio", "show", "m_2", "--request"]);
    assert_eq!(
        (code, told.as_str()),
        (Some(2), "m_2: not in the portfolio\n")
    );
}

#[test]
fn a_request_that_names_a_merchant_is_replayed_from_the_portfolio() {
    let room = screened();
    let replay = |request: Value| {
        fs::write(room.path().join("request.json"), request.to_string()).unwrap();
        run(room.path(), &REPLAY)
    };
    let same = (Some(0), "same\n".to_owned());
    assert_eq!(replay(json!({"merchant": "m_1"})), same);
    let whole =
        json!({"merchant": "m_1", "flow": "payout", "reference": "order 17", "view": "analyst"});
    assert_eq!(replay(whole), same);
    let (code, told) = replay(json!({"merchant": "m_1", "flow": "onboarding"}));
    assert!(
        code == Some(1) && told.contains("different: flow"),
        "{told}"
    );
    let (code, told) = replay(json!({"merchant": "m_2"}));
    let gone = "the portfolio has no merchant m_2; give the request as it was screened";
    assert!(code == Some(3) && told.contains(gone), "{told}");
    // A card number in its place is not repeated.
    let (code, told) = replay(json!({"merchant": "4111111111111111"}));
    assert!(code == Some(3) && !told.contains("4111"), "{told}");
    let mut portfolio = Portfolio::open(&room.path().join("portfolio.sqlite")).unwrap();
    portfolio
        .put(&merchant("m_1", &domain("other.example")), NOW)
        .unwrap();
    let (code, told) = replay(json!({"merchant": "m_1"}));
    let changed = "different: request; another request, another ReceiptKey, or the portfolio's merchant was changed since";
    assert!(code == Some(1) && told.contains(changed), "{told}");
    // By lines, one that names nobody known is told by its number, and the others are replayed.
    portfolio
        .put(&merchant("m_1", &domain("shop.example")), NOW)
        .unwrap();
    let receipt = fs::read_to_string(room.path().join("receipt.json")).unwrap();
    fs::write(room.path().join("audit"), format!("{receipt}\n{receipt}\n")).unwrap();
    let lines = "{\"merchant\":\"m_2\"}\n{\"merchant\":\"m_1\"}\n";
    fs::write(room.path().join("requests"), lines).unwrap();
    let each = ["replay", "--audit", "audit", "--requests", "requests"];
    let (code, told) = run(room.path(), &each);
    let expected = format!("line 1: {gone}\n1 of 2 the same\n");
    assert_eq!((code, told), (Some(2), expected));
    drop(portfolio);
    fs::remove_file(room.path().join("portfolio.sqlite")).unwrap();
    let (code, told) = replay(json!({"merchant": "m_1"}));
    let advice = "interdict portfolio show ID --request prints it where the portfolio is";
    assert!(code == Some(3) && told.contains(advice), "{told}");
    assert!(!room.path().join("portfolio.sqlite").exists());
}

#[test]
fn what_a_merchant_may_be_told_is_printed_in_the_language_asked_for() {
    let room = Room::new(&[1]);
    room.release(1, &RELEASE, NOW);
    for (language, words) in [
        ("en", "This cannot be completed."),
        ("sv", "Detta kan inte genomf\u{f6}ras."),
        ("nl", "Dit kan niet worden uitgevoerd."),
    ] {
        let check = ["check", "shop.example", "--language", language];
        let (code, told) = run(room.path(), &check);
        let line = format!("  the merchant may be told: {words}\n");
        assert!(code == Some(1) && told.contains(&line), "{told}");
    }
    let (_, told) = run(room.path(), &["check", "shop.example"]);
    assert!(!told.contains("may be told"), "{told}");
    let (code, told) = run(room.path(), &["check", "shop.example", "--language", "de"]);
    assert!(
        code == Some(3) && told.contains("not one of en, sv and nl"),
        "{told}"
    );
}

#[test]
fn the_time_to_use_has_the_name_that_the_publisher_gives_it_and_the_old_one_is_taken_in_silence() {
    let room = Room::new(&[1]);
    room.release(1, &RELEASE, NOW);
    for name in ["--clock", "--now"] {
        let output = Command::new(env!("CARGO_BIN_EXE_interdict"))
            .current_dir(room.path())
            .args(["check", "shop.example", name, "2026-11-22T01:02:03Z"])
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(1), "{name}: {output:?}");
    }
    let help = Command::new(env!("CARGO_BIN_EXE_interdict"))
        .arg("--help")
        .output()
        .unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    assert!(
        help.contains("--clock <TIME>") && !help.contains("--now"),
        "{help}"
    );
}
