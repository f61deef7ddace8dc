//! What an earlier version made (`docs/compatibility.md`) is read by every host.

use std::fs;

use anyhow::{Context as _, Result, ensure};
use interdict_helpers::fixtures;
use serde_json::{Value, json};

use super::room::{Room, copied, opening, refreshed};

pub(crate) fn reads_what_an_earlier_version_made(room: &mut Room<'_>) -> Result<()> {
    let frozen = fixtures().join("compat/1");
    let read = |name: &str| -> Result<Value> {
        Ok(serde_json::from_slice(&fs::read(frozen.join(name))?)?)
    };
    let expected = read("expected.json")?;
    let now = u32::try_from(expected["now"].as_u64().context("a time")?)?;
    for (name, edition) in [
        ("by-hand", "member"),
        ("compact", "compact"),
        ("public", "public"),
    ] {
        let mut enrolment = read(&format!("enrolments/{name}.json"))?;
        enrolment["repository"] = json!(frozen.join("repository"));
        let state = room.state(name);
        room.host.done(&opening(
            &state,
            json!({"enrolments": [enrolment], "now": now}),
        ))?;
        refreshed(room.host, now, "updated")?;
        let of = &expected["editions"][edition];
        for (identifier, verdict) in of["verdicts"].as_object().context("verdicts")? {
            let (kind, value) = identifier.split_once(' ').context("a kind")?;
            let identifiers = json!([{"kind": kind, "value": value}]);
            let message = json!({"flow": of["flow"], "identifiers": identifiers}).to_string();
            let told = room
                .host
                .done(&json!({"do": "screen", "message": message, "now": now}))?;
            let answer: Value = serde_json::from_str(told["answer"].as_str().context("a text")?)?;
            let codes = answer["reasons"].as_array().into_iter().flatten();
            let is_expected = answer["action"] == verdict[0]
                && answer["degraded"] == false
                && codes
                    .map(|reason| &reason["code"])
                    .any(|code| *code == verdict[1]);
            ensure!(
                is_expected,
                "{edition}: {identifier}: {answer} and not {verdict}"
            );
        }
        // A public edition has no test merchants.
        if edition != "public" {
            room.host.done(&json!({"do": "selftest", "now": now}))?;
        }
    }
    let state = room.state("host");
    fs::create_dir_all(state.parent().context("a folder")?)?;
    copied(&frozen.join("gateway/state"), &state)?;
    let policies = fs::read_dir(frozen.join("gateway/archive/policies"))?;
    let policy = policies.last().context("a policy")??;
    let policy: Value = serde_json::from_slice(&fs::read(policy.path())?)?;
    room.host
        .done(&opening(&state, json!({"policy": policy, "now": now})))?;
    let lines = fs::read_to_string(frozen.join("gateway/requests.ndjson"))?;
    let told = room
        .host
        .done(&json!({"do": "batch", "lines": lines, "now": now}))?;
    let answers = told["answers"].as_array().into_iter().flatten();
    let actions = answers.map(|answer| {
        let answer: Value = serde_json::from_str(answer.as_str()?).ok()?;
        Some(answer["action"].as_str().unwrap_or("refused").to_owned())
    });
    let actions = json!(actions.collect::<Vec<_>>());
    ensure!(
        actions == expected["receipts"],
        "{actions} and not {}",
        expected["receipts"]
    );
    Ok(())
}
