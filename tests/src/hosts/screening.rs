//! What a host answers, and what it reads and leaves in its store.

use std::fs;

use anyhow::{Context as _, Result, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use interdict_helpers::{Coalition, NOW, Release, base, change, fixtures, workspace};
use interdict_host::Store;
use serde_json::{Value, json};

use super::room::{Room, action, opening, refreshed};
use super::server::Fault;

/// The time of the published fixtures.
const FRESH: u32 = 1_793_599_200;

pub(crate) fn is_compiled(room: &mut Room<'_>) -> Result<()> {
    let about = room.host.done(&json!({"do": "about"}))?;
    ensure!(about["compiled"] == true, "{about}");
    let committed = fs::read_to_string(workspace().join("wasm/dist/interdict.wasm.sha256"))?;
    let committed = committed.split(' ').next().context("a digest")?;
    ensure!(
        about["module"] == committed,
        "{about} is not the committed module"
    );
    Ok(())
}

pub(crate) fn decides_as_the_table_says(room: &mut Room<'_>) -> Result<()> {
    let cases: Vec<Value> = serde_json::from_slice(&fs::read(fixtures().join("doors.json"))?)?;
    for case in &cases {
        let mut step = case.clone();
        let step_of = step.as_object_mut().context("a case")?;
        let expected = step_of.remove("decision").unwrap_or_default();
        step_of.insert("do".to_owned(), json!("decide"));
        match expected.as_str() {
            Some("not_screened") => room.host.refuses(&step, "not_screened").map(drop)?,
            Some("error") => {
                let told = room.host.tell(&step)?;
                ensure!(
                    matches!(told, super::Told::Error { .. }),
                    "{case}: {told:?}"
                );
            }
            _ => {
                let told = room.host.done(&step)?;
                ensure!(told == expected, "{case}: {told}");
            }
        }
    }
    Ok(())
}

pub(crate) fn answers_as_the_reference(room: &mut Room<'_>) -> Result<()> {
    let published = room.publish(1, &[base()]);
    room.enrol(&published, &[1])?;
    room.compare("before the first refresh")?;
    room.refresh("updated")?;
    room.compare("after it")?;
    ensure!(action(room.host, "shop.example", NOW)? == "block");
    ensure!(action(room.host, "clean.example", NOW)? == "allow");
    for (about, now) in [
        ("two days later", NOW + 2 * 86_400),
        ("a hundred days later", NOW + 100 * 86_400),
        ("an hour earlier", NOW - 3600),
        ("before 2024", 1_000_000_000),
        ("in 2099", 4_070_908_800),
    ] {
        room.compare_at(about, now)?;
    }
    // Without a policy no verdict is clean.
    let state = room.state("host");
    let mut step = opening(&state, json!({}));
    step.as_object_mut().context("a step")?.remove("policy");
    room.host.done(&step)?;
    ensure!(action(room.host, "clean.example", NOW)? == "review");
    Ok(())
}

pub(crate) fn answers_a_batch_of_any_size(room: &mut Room<'_>) -> Result<()> {
    let published = room.publish(1, &[base()]);
    room.enrol(&published, &[1])?;
    room.refresh("updated")?;
    let line = |number: usize| {
        let name = match number % 1000 {
            7 => "shop.example",
            _ => "clean.example",
        };
        match number % 5000 {
            11 => "{\"flow\":\"payout\"}".to_owned(),
            _ => format!(
                r#"{{"flow":"payout","identifiers":[{{"kind":"domain","value":"{name}"}}],"reference":"{number}"}}"#
            ),
        }
    };
    let lines: Vec<String> = (0..40_000).map(line).collect();
    let step = json!({"do": "batch", "lines": lines.join("\n"), "now": NOW});
    let told = room.host.done(&step)?;
    let answers = told["answers"].as_array().context("answers")?;
    ensure!(answers.len() == lines.len(), "{} answers", answers.len());
    for (number, answer) in answers.iter().enumerate() {
        let answer: Value = serde_json::from_str(answer.as_str().context("a text")?)?;
        let expected = match (number % 5000, number % 1000) {
            (11, _) => answer["error"]["name"] == "no_identifier",
            (_, 7) => answer["action"] == "block",
            _ => {
                answer["action"] == "allow"
                    && answer["reference"].as_str() == Some(&*number.to_string())
            }
        };
        ensure!(expected, "line {number}: {answer}");
    }
    Ok(())
}

pub(crate) fn reads_overrides(room: &mut Room<'_>) -> Result<()> {
    let cases: Vec<Value> =
        serde_json::from_slice(&fs::read(fixtures().join("cases/verdict.json"))?)?;
    let mut lowered = cases
        .iter()
        .filter(|case| case["verdict"]["natural"] == "block");
    let case = lowered
        .find(|case| case["overrides"].is_array())
        .context("a case with an override")?;
    let text = |member: &str| case[member].as_str().context("a text");
    let now = FRESH + 86_400;
    let state = room.state("host");
    let policy = &case["policy"];
    let enrolment = enrolment_of(text("repository")?)?;
    let members = json!({"enrolments": [enrolment], "policy": policy, "now": now});
    room.host.done(&opening(&state, members))?;
    refreshed(room.host, now, "updated")?;
    let screen = json!({"do": "screen", "message": case["request"].to_string(), "now": now});
    ensure!(room.host.done(&screen)?["action"] == "block");
    room.host.close()?;
    let folder = state.join("overrides");
    fs::create_dir_all(&folder)?;
    for path in case["overrides"].as_array().into_iter().flatten() {
        let path = fixtures().join(path.as_str().context("a path")?);
        fs::copy(path, folder.join("good.json"))?;
    }
    fs::write(folder.join("damaged.json"), b"{}")?;
    // It is bound to the merchant under the case's receipt key.
    let key = text("receipt_key")?;
    fs::write(state.join("receipt.key"), format!("{key}\n"))?;
    let members = json!({"policy": policy, "now": now});
    room.host.done(&opening(&state, members))?;
    let told = room.host.done(&screen)?;
    ensure!(told["action"] == case["verdict"]["action"], "{told}");
    let status = room.host.done(&json!({"do": "status", "now": now}))?;
    ensure!(
        status["warnings"].to_string().contains("damaged.json"),
        "{status}"
    );
    Ok(())
}

pub(crate) fn warns_of_required_lists(room: &mut Room<'_>) -> Result<()> {
    let file = enrolment_of("repositories/sample")?;
    let required = json!({"se": ["se/merchants", "se/merchant"], "nl": ["nl/all"]});
    let members = json!({"policy": {"required": required}, "enrolments": [file], "now": NOW});
    let state = room.state("host");
    room.host.done(&opening(&state, members))?;
    let status = room.host.done(&json!({"do": "status", "now": NOW}))?;
    let warned = |text: &str| {
        let mut warnings = status["warnings"].as_array().into_iter().flatten();
        let text = format!("{text} is required but not enrolled, so no verdict is clean");
        warnings.any(|one| *one == text)
    };
    ensure!(warned("se/merchant of coalition se"), "{status}");
    ensure!(warned("nl/all of coalition nl"), "{status}");
    ensure!(!warned("se/merchants of coalition se"), "{status}");
    Ok(())
}

/// The enrolment of a published fixture, with the list key beside it.
fn enrolment_of(repository: &str) -> Result<Value> {
    let repository = fixtures().join(repository);
    let text = fs::read(fixtures().join("generation/enrolment.json"))?;
    let mut enrolment: Value = serde_json::from_slice(&text)?;
    let root = fs::read(repository.join("metadata/1.root.json"))?;
    let key = fs::read_to_string(repository.join("TEST-list.key"))?;
    enrolment["root"] = json!(BASE64.encode(root));
    enrolment["keys"] = json!([{"epoch": 1, "key": key.trim_end()}]);
    enrolment["repository"] = json!(format!("file:{}", repository.display()));
    Ok(enrolment)
}

pub(crate) fn tests_itself(room: &mut Room<'_>) -> Result<()> {
    let file = enrolment_of("repositories/sample")?;
    let state = room.state("host");
    room.host.done(&opening(
        &state,
        json!({"enrolments": [file], "now": FRESH}),
    ))?;
    let step = json!({"do": "selftest", "now": FRESH});
    room.host.refuses(&step, "selftest")?;
    refreshed(room.host, FRESH, "updated")?;
    room.host.done(&step)?;
    Ok(())
}

pub(crate) fn hands_over_receipts(room: &mut Room<'_>) -> Result<()> {
    let published = room.publish(1, &[base()]);
    room.enrol(&published, &[1])?;
    room.refresh("updated")?;
    let state = room.state("host");
    for (receipts, expected) in [("always", 4), ("findings", 2), ("never", 0)] {
        room.host
            .done(&opening(&state, json!({"receipts": receipts})))?;
        for domain in ["shop.example", "clean.example"] {
            action(room.host, domain, NOW)?;
        }
        let line = |domain: &str| {
            json!({"flow": "payout", "identifiers": [{"kind": "domain", "value": domain}]})
                .to_string()
        };
        let lines = format!("{}\n{}\n", line("market.example"), line("clean.example"));
        room.host
            .done(&json!({"do": "batch", "lines": lines, "now": NOW}))?;
        // The test merchants are not the gateway's; these lists have none.
        room.host
            .refuses(&json!({"do": "selftest", "now": NOW}), "selftest")?;
        let told = room.host.done(&json!({"do": "receipts"}))?;
        ensure!(
            told["count"] == expected,
            "{receipts}: {told} and not {expected}"
        );
    }
    Ok(())
}

pub(crate) fn follows_releases(room: &mut Room<'_>) -> Result<()> {
    let published = room.publish(1, &[base()]);
    room.enrol(&published, &[1])?;
    room.refresh("updated")?;
    room.refresh("unchanged")?;
    room.compare("nothing new")?;
    published.coalition.publish(2, &[change()]);
    room.refresh("updated")?;
    room.compare("a change")?;
    ensure!(action(room.host, "new.example", NOW)? != "allow");
    let asked = published.server.behaves();
    ensure!(
        asked.iter().any(|path| path.ends_with(".gz")),
        "no gzip copy was asked for: {asked:?}"
    );
    // What it wrote is a store: for itself, for the reference, and for the other host.
    room.copy("host", "reference")?;
    room.open_reference()?;
    room.compare("read by the reference")?;
    room.open_host()?;
    room.compare("read again")?;
    let state = room.state("host");
    room.other
        .done(&opening(&state, json!({"private": true})))?;
    super::room::compare(room.other, room.reference, "read by another host", NOW)?;
    // What another writes is seen without being asked.
    let third = Release {
        sequence: 3,
        ..base()
    };
    published.coalition.publish(3, &[third]);
    refreshed(room.other, NOW, "updated")?;
    room.host.done(&json!({"do": "reload", "now": NOW}))?;
    super::room::compare(room.host, room.other, "written by another host", NOW)?;
    ensure!(action(room.host, "market.example", NOW)? == "block");
    Ok(())
}

pub(crate) fn reads_opened_keys(room: &mut Room<'_>) -> Result<()> {
    let published = room.publish(1, &[base()]);
    room.enrol(&published, &[])?;
    room.refresh("updated")?;
    room.compare("without a key")?;
    ensure!(action(room.host, "shop.example", NOW)? == "review");
    let file = room.state("host").join("se/opened.keys");
    fs::write(&file, format!("no key\n{}\n", "01".repeat(32)))?;
    room.host.done(&json!({"do": "reload", "now": NOW}))?;
    ensure!(action(room.host, "shop.example", NOW)? == "block");
    ensure!(action(room.host, "clean.example", NOW)? == "allow");
    refreshed(room.host, NOW, "unchanged")?;
    room.open_host()?;
    ensure!(action(room.host, "shop.example", NOW)? == "block");
    Ok(())
}

pub(crate) fn enrols_once(room: &mut Room<'_>) -> Result<()> {
    let published = room.publish(1, &[base()]);
    room.enrol(&published, &[1])?;
    room.refresh("updated")?;
    let state = room.state("host");
    let read = || fs::read(state.join("se/enrolment.json"));
    let before = read()?;
    let enrolment = published.coalition.enrolment(published.server.base(), &[1]);
    let mut file: Value = serde_json::from_slice(&enrolment)?;
    room.host
        .done(&opening(&state, json!({"enrolments": [file]})))?;
    ensure!(action(room.host, "shop.example", NOW)? == "block");
    let more = published
        .coalition
        .enrolment(published.server.base(), &[1, 2]);
    let more: Value = serde_json::from_slice(&more)?;
    room.host.refuses(
        &opening(&state, json!({"enrolments": [more]})),
        "enrolment_differs",
    )?;
    let other = Coalition::new(&room.folder).enrolment("/", &[1]);
    let other: Value = serde_json::from_slice(&other)?;
    file["root"] = other["root"].clone();
    let root = file["root"].as_str().context("a root")?.to_owned();
    file["root"] = json!(format!("AAAA{}", root.get(4..).unwrap_or_default()));
    let told = room
        .host
        .tell(&opening(&state, json!({"enrolments": [file]})))?;
    ensure!(matches!(told, super::Told::Error { .. }), "{told:?}");
    ensure!(read()? == before, "the enrolment was changed");
    Ok(())
}

pub(crate) fn locks(room: &mut Room<'_>) -> Result<()> {
    let published = room.publish(1, &[base()]);
    room.enrol(&published, &[1])?;
    room.refresh("updated")?;
    let store = Store::open(&room.state("host"))?;
    published.coalition.publish(2, &[change()]);
    {
        let _lock = store.lock_coalition("se")?;
        let told = room.host.tell(&json!({"do": "refresh", "now": NOW}))?;
        let busy = match &told {
            super::Told::Error { kind, .. } => kind == "store_busy",
            super::Told::Done(told) => told["coalitions"][0]["outcome"] == "failed",
        };
        ensure!(
            busy,
            "it changed a coalition that another process had locked: {told:?}"
        );
    }
    // While it waits for the server, nobody else can change the coalition.
    published.server.fails(Fault::Silent, "timestamp.json", 0);
    let state = room.state("host");
    let waiting = std::thread::scope(|scope| {
        let taken = scope.spawn(|| {
            let until = std::time::Instant::now() + std::time::Duration::from_millis(900);
            let store = Store::open(&state)?;
            let mut busy = false;
            while std::time::Instant::now() < until {
                busy |= store.lock_coalition("se").is_err();
                std::thread::sleep(std::time::Duration::from_millis(50));
            }
            anyhow::Ok(busy)
        });
        let refreshed = refreshed(room.host, NOW, "failed");
        let busy = taken.join().unwrap_or(Ok(false));
        refreshed.and(busy)
    })?;
    ensure!(waiting, "it held no lock while it refreshed");
    published.server.behaves();
    room.refresh("updated")?;
    room.compare("after the locks")
}
