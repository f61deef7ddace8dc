//! What the service does beside answering: lists, portfolio, journal.

use std::fs;
use std::thread;
use std::time::Duration;

use interdict_helpers::{Coalition, Release};
use serde_json::{Value, json};

use super::{Serving, ask, client, first, run, second, serve_at, spawn_by};
use crate::enrolment::enrol_file;

#[test]
fn a_new_release_is_answered_from_without_a_restart_and_a_broken_one_is_not() {
    let serving = Serving::start("refresh_seconds = 1\njitter_seconds = 0");
    assert_eq!(
        serving.screen(&ask("new.example")).json()["action"],
        "allow"
    );
    let coalition = Coalition {
        repository: serving.room.path().join("repository"),
    };
    coalition.publish(2, &[second()]);
    let action = |wanted: &str| {
        (0..300).any(|_| {
            thread::sleep(Duration::from_millis(100));
            serving.screen(&ask("new.example")).json()["action"] == wanted
        })
    };
    assert!(action("block"), "{}", serving.log());
    fs::write(
        serving
            .room
            .path()
            .join("repository/metadata/timestamp.json"),
        "{}",
    )
    .unwrap();
    let failed = (0..300).any(|_| {
        thread::sleep(Duration::from_millis(100));
        serving.get("/v1/status").json()["refreshes"][0]["succeeded"] == false
    });
    assert!(failed, "{}", serving.get("/v1/status").body);
    assert_eq!(
        serving.screen(&ask("new.example")).json()["action"],
        "block"
    );
    let metrics = serving.get("/metrics").body;
    assert!(
        metrics.contains("interdict_refresh_failures_total{coalition=\"se\",code=\""),
        "{metrics}"
    );
    assert!(
        metrics.contains("interdict_list_age_seconds{coalition=\"se\",list=\"se/merchants\"} ")
    );
}

#[test]
fn a_merchant_of_the_portfolio_is_screened_by_id_and_alerts_say_what_changed() {
    let room = tempfile::tempdir().unwrap();
    let coalition = Coalition::new(room.path());
    coalition.publish(1, &[first()]);
    enrol_file(room.path(), &coalition.enrolment("repository", &[1]));
    let alerts = room.path().join("alerts");
    let lines = format!(
        "[service]\nlisten = \"127.0.0.1:0\"\nrefresh_seconds = 1\njitter_seconds = 0\n\
         [portfolio]\nalert_command = [\"sh\", \"-c\", \"cat >> {}\"]\n",
        alerts.display()
    );
    let own = room.path().join("merchants.ndjson");
    let merchant = |id: &str, name: &str| {
        let identifier = json!({"kind": "domain", "value": name});
        json!({"id": id, "flow": "payout", "identifiers": [identifier]}).to_string()
    };
    let both = [
        merchant("m_1", "new.example"),
        merchant("m_2", "flowers.example"),
    ];
    fs::write(&own, both.join("\n")).unwrap();
    let serving = Serving::start_in(room, &lines);
    run(
        serving.room.path(),
        &["portfolio", "import", "merchants.ndjson"],
    );
    let by_id = |id: &str| serving.screen(&json!({"merchant": id, "flow": "onboarding"}));
    assert_eq!(by_id("m_1").json()["action"], "allow");
    assert_eq!(
        serving.screen(&json!({"merchant": "m_1"})).json()["action"],
        "allow"
    );
    assert_eq!(by_id("m_3").problem(), "unknown_merchant");
    let mut two = ask("shop.example");
    two["merchant"] = json!("m_2");
    assert_eq!(serving.screen(&two).problem(), "two_names");
    coalition.publish(2, &[second()]);
    let told = (0..600).find_map(|_| {
        thread::sleep(Duration::from_millis(100));
        fs::read_to_string(&alerts)
            .ok()
            .filter(|told| told.contains("merchant.listed"))
    });
    let told = told.unwrap_or_else(|| panic!("no alert: {}", serving.log()));
    assert!(told.contains("m_1") && !told.contains("m_2"), "{told}");
    assert!(!told.contains("new.example"), "{told}");
    assert_eq!(by_id("m_1").json()["action"], "block");
    assert_eq!(by_id("m_2").json()["action"], "allow");
    assert!(run(serving.room.path(), &["case", "list"]).contains("m_1"));
}

#[test]
fn every_verdict_has_its_line_in_a_journal_that_verifies() {
    let mut serving = Serving::start(
        "[journal]\ndirectory = \"journal\"\n[[client]]\nname = \"own\"\ntoken_sha256 = \
         \"2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b\"\n",
    );
    let bearer = "authorization: Bearer secret\r\n";
    let mut asked = ask("shop.example");
    asked["reference"] = json!("payment forty-seven");
    let told = serving
        .post("/v1/screen", bearer, &asked.to_string())
        .json();
    let id = told["id"].as_str().unwrap().to_owned();
    let refused = serving
        .post("/v1/screen", bearer, r#"{"flow":"payout"}"#)
        .json();
    assert!(refused["id"].is_string(), "{refused}");
    assert_eq!(serving.end(), Some(0));
    let room = serving.room.path();
    let mut text = String::new();
    for file in fs::read_dir(room.join("journal")).unwrap() {
        text += &fs::read_to_string(file.unwrap().path()).unwrap_or_default();
    }
    let line = text.lines().find(|line| line.contains(&id));
    let line = line.unwrap_or_else(|| panic!("{text}"));
    assert!(
        line.contains("\"client\":\"own\"") && line.contains("\"door\":\"screen\""),
        "{line}"
    );
    assert!(line.contains("\"action\":\"block\""), "{line}");
    assert!(text.contains(refused["id"].as_str().unwrap()));
    assert!(
        !text.contains("shop.example") && !text.contains("forty-seven"),
        "{text}"
    );
    let key = run(room, &["audit", "journal-key"]);
    let key = key.split_whitespace().last().unwrap();
    run(room, &["audit", "verify", "journal", "--key", key]);
    assert!(
        run(
            room,
            &["audit", "find", "--reference", "payment forty-seven"]
        )
        .contains(&id)
    );
}

#[test]
fn what_a_person_decides_beside_a_running_service_is_a_line_of_its_journal() {
    let mut serving = Serving::start("[journal]\ndirectory = \"journal\"\n");
    let room = serving.room.path().to_owned();
    let told = run(&room, &["policy", "record", "--by", "Cleo"]);
    let id = told.split_once(':').unwrap().0;
    let lines = || {
        let files = fs::read_dir(room.join("journal")).unwrap();
        let files = files.filter_map(|file| fs::read_to_string(file.unwrap().path()).ok());
        files.collect::<String>()
    };
    let is_line = (0..300).any(|_| {
        thread::sleep(Duration::from_millis(100));
        lines().contains(&format!("{{\"format\":1,\"id\":\"{id}\""))
    });
    assert!(is_line, "{}", serving.log());
    // Somebody else's file is refused, and said in the log, in status and in the metrics.
    let forged = room.join("journal/inbox/0192a3b4-c5d6-7e8f-8a9b-112233445566.json");
    fs::write(&forged, "{}").unwrap();
    let is_told = (0..300).any(|_| {
        thread::sleep(Duration::from_millis(100));
        let metrics = serving.get("/metrics").body;
        metrics.contains("interdict_audit_refused_decisions 1")
    });
    assert!(is_told, "{}", serving.log());
    assert!(serving.log().contains("REFUSED"), "{}", serving.log());
    let status = serving.get("/v1/status").body;
    assert!(status.contains("decisions were refused"), "{status}");
    assert_eq!(serving.end(), Some(0));
    run(&room, &["audit", "verify"]);
}

#[test]
fn an_authority_that_does_not_answer_stops_no_screening_and_shows_in_status() {
    let elsewhere = tempfile::tempdir().unwrap();
    let roots = elsewhere.path().join("tsa.pem");
    let names = vec!["tsa.example".to_owned()];
    let own = rcgen::generate_simple_self_signed(names).unwrap();
    fs::write(&roots, own.cert.pem()).unwrap();
    let serving = Serving::start(&format!(
        "[journal]\ndirectory = \"journal\"\ntime_stamp_url = \"http://127.0.0.1:9/tsa\"\n\
         time_stamp_roots = {roots:?}\n"
    ));
    let told = serving.screen(&ask("shop.example"));
    assert_eq!(told.json()["action"], "block");
    let status = serving.get("/v1/status").body;
    assert!(
        status.contains(
            "no time stamp: the time-stamping authority cannot be reached: 127.0.0.1:9: the connection"
        ),
        "{status}"
    );
}

#[test]
fn every_request_of_a_client_that_got_no_verdict_has_its_line() {
    let own = client("own", "secret", "flows = [\"payout\"]\nnames_per_day = 1");
    let mut serving = Serving::start(&format!("[journal]\ndirectory = \"journal\"\n{own}"));
    let bearer = "authorization: Bearer secret\r\n";
    let post = |place: &str, body: &str| serving.post(place, bearer, body);
    assert_eq!(
        post("/v1/screen", &ask("a.example").to_string()).status,
        200
    );
    let mut wanted = Vec::new();
    let mut flow = ask("a.example");
    flow["flow"] = json!("checkout");
    for (body, name) in [
        (ask("b.example").to_string(), "names_exhausted"),
        (flow.to_string(), "flow_not_allowed"),
        (json!({"merchant": "m_9"}).to_string(), "unknown_merchant"),
        ("no request".to_owned(), "json"),
    ] {
        let told = post("/v1/screen", &body);
        assert!(name == "json" || told.problem() == name, "{}", told.body);
        let name = told.problem();
        let id = told.json()["id"].as_str().unwrap().to_owned();
        wanted.push((id, name));
        let told = post("/v1/screen/batch", &format!("{body}\n")).json();
        let id = told["error"]["id"].as_str().unwrap().to_owned();
        wanted.push((id, wanted.last().unwrap().1.clone()));
    }
    assert_eq!(serving.end(), Some(0));
    let room = serving.room.path();
    for (id, name) in &wanted {
        let mut lines = String::new();
        for file in fs::read_dir(room.join("journal")).unwrap() {
            lines += &fs::read_to_string(file.unwrap().path()).unwrap_or_default();
        }
        let line = lines.lines().find(|line| line.contains(id)).unwrap();
        let problem = "\"client\":\"own\",\"door\":";
        assert!(line.contains(problem), "{line}");
        assert!(
            line.contains(&format!("\"problem\":{{\"name\":\"{name}\"}}")),
            "{line}"
        );
        assert!(!line.contains("example"), "{line}");
    }
    let arguments = [
        "--from",
        "2026-11-01T00:00:00Z",
        "--to",
        "2026-12-01T00:00:00Z",
    ];
    let told = run(room, &[&["audit", "questions"], &arguments[..]].concat());
    assert!(
        told.contains("Without a verdict, names_exhausted: 2."),
        "{told}"
    );
    run(room, &["audit", "verify"]);
}

#[test]
fn without_its_line_no_verdict_is_given() {
    let serving = Serving::start(
        "[journal]\ndirectory = \"journal\"\nmax_megabytes = 2\nrotate_megabytes = 1\n",
    );
    let many = format!("{}\n", ask("shop.example")).repeat(3000);
    let told = serving.post("/v1/screen/batch", "", &many);
    let last = told.body.lines().last().unwrap();
    assert!(
        last.contains("urn:interdict:problem:not_recorded"),
        "{last}"
    );
    let told = serving.screen(&ask("shop.example"));
    assert_eq!(
        (told.status, told.problem().as_str()),
        (503, "not_recorded")
    );
}

#[test]
fn how_many_a_silent_list_holds_is_told_in_status_and_metrics() {
    let room = tempfile::tempdir().unwrap();
    let coalition = Coalition::new(room.path());
    coalition.publish(1, &[first()]);
    enrol_file(room.path(), &coalition.enrolment("repository", &[1]));
    let merchants = ["shop", "flowers", "roses"].map(|name| {
        let identifier = json!({"kind": "domain", "value": format!("{name}.example")});
        json!({"id": format!("m_{name}"), "flow": "payout", "identifiers": [identifier]})
            .to_string()
    });
    fs::write(room.path().join("merchants.ndjson"), merchants.join("\n")).unwrap();
    let path = room.path().join("gateway.toml");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(
        &path,
        text + "[portfolio]\n[service]\nlisten = \"127.0.0.1:0\"\n",
    )
    .unwrap();
    run(room.path(), &["refresh"]);
    run(room.path(), &["portfolio", "import", "merchants.ndjson"]);
    fs::remove_dir_all(room.path().join("repository")).unwrap();
    let (child, place) = spawn_by(
        room.path(),
        &mut serve_at(room.path(), "2026-12-04T01:02:03Z"),
    );
    let serving = Serving { room, child, place };
    let status = (0..300).find_map(|_| {
        thread::sleep(Duration::from_millis(100));
        let status = serving.get("/v1/status").json();
        (status["held"] != json!([])).then_some(status)
    });
    let status = status.unwrap_or_else(|| panic!("{}", serving.log()));
    let held = &status["held"][0];
    assert_eq!(
        (&held["coalition"], &held["merchants"], &held["of"]),
        (&json!("se"), &json!(2), &json!(3))
    );
    assert_eq!(held["lists"][0]["list"], "se/merchants", "{status}");
    let told = "2 of 3 merchants of the portfolio, and all new payouts, are held because list se/merchants is ";
    assert!(
        status["warnings"][0].as_str().unwrap().starts_with(told),
        "{status}"
    );
    let metrics = serving.get("/metrics").body;
    assert!(
        metrics.contains("interdict_portfolio_held{coalition=\"se\"} 2\n"),
        "{metrics}"
    );
    let payout = serving.screen(&ask("flowers.example")).json();
    assert_eq!(payout["decision"], "hold", "{payout}");
}

#[test]
fn a_service_without_one_of_its_coalitions_answers_from_the_others_and_says_what_to_do() {
    let room = tempfile::tempdir().unwrap();
    let coalition = Coalition::new(room.path());
    coalition.publish(1, &[first()]);
    let enrolment = coalition.enrolment("repository", &[1]);
    enrol_file(room.path(), &enrolment);
    let mut other: Value = serde_json::from_slice(&enrolment).unwrap();
    other["coalition"] = json!("nl");
    other["lists"] = json!(["nl/merchants"]);
    other["repository"] = json!("nl/repository");
    let release = Release {
        list: "nl/merchants",
        ..first()
    };
    Coalition::new(&room.path().join("nl")).publish(1, &[release]);
    enrol_file(room.path(), other.to_string().as_bytes());
    run(room.path(), &["refresh"]);
    fs::write(room.path().join("state/nl/enrolment.json"), "").unwrap();
    let named = "[service]\nlisten = \"127.0.0.1:0\"\n\
                 [[repository]]\ncoalition = \"nl\"\nmirrors = [\"nl/repository\"]\n";
    let serving = Serving::start_in(room, named);
    assert_eq!(
        serving.screen(&ask("shop.example")).json()["action"],
        "block"
    );
    let told = serving.screen(&ask("flowers.example")).json();
    assert_eq!(
        (&told["decision"], &told["degraded"]),
        (&json!("hold"), &json!(true)),
        "{told}"
    );
    assert_eq!(told["doubts"], json!(["state_lost"]));
    let status = serving.get("/v1/status").json();
    let warnings = status["warnings"].to_string();
    assert!(warnings.contains("state/nl/enrolment.json"), "{status}");
    assert!(warnings.contains("enrol again with --replace"), "{status}");
}
