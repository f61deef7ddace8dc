//! Clears what a gateway reviews, as its people would: a draft of every reason, signed by two.

use anyhow::Result;
use serde_json::{Value, json};

use super::configurations::Enrolled;
use super::engines::RECEIPT_KEY;
use super::pair::Modules;
use super::repositories::requiring;
use interdict_core::common::time::Time;
use interdict_tests::subject::{Answer, Subject as _};
use interdict_tests::world::{Person, override_of};

/// How long the documents hold, in seconds.
const LIFE: u32 = 30 * 86_400;

/// Screens a request, clears its reasons if it is to be reviewed, and screens it again. How many requests
/// that were.
pub(super) fn clear(
    pair: &mut Modules,
    enrolled: &Enrolled,
    request: &[u8],
    now: u32,
) -> Result<u32> {
    let people = [Person::new("analyst", 71), Person::new("compliance", 72)];
    let mut policy = requiring(&enrolled.coalitions);
    policy["clearance_keys"] = people.each_ref().map(Person::key).to_vec().into();
    // All reasons are named in the analyst's view alone.
    let mut request: Value = serde_json::from_slice(request).unwrap_or_default();
    if !request.is_object() {
        return Ok(0);
    }
    request["view"] = "analyst".into();
    let request = request.to_string();
    let settings = json!({"policy": policy, "keys": enrolled.keys, "receipt_key": RECEIPT_KEY,
        "overrides": [], "clearances": []});
    call(pair, "configure", &settings.to_string(), now)?.ok();
    let Ok(answer) = call(pair, "screen", &request, now)? else {
        return Ok(1);
    };
    let drafted = drafted(&serde_json::from_str(&answer)?);
    if drafted.is_empty() {
        return Ok(1);
    }
    let expires = Time::from_seconds(now.saturating_add(LIFE)).to_string();
    let signed = json!({"_type": "interdict-clearance", "expires": expires, "clearances": drafted});
    let document = override_of(&signed, &people.each_ref());
    let message = json!({"clearances": [document]}).to_string();
    call(pair, "configure", &message, now)?.ok();
    call(pair, "screen", &request, now)?.ok();
    Ok(2)
}

fn call(pair: &mut Modules, operation: &str, message: &str, now: u32) -> Result<Answer> {
    pair.call(operation, message.as_bytes(), None, now)
}

/// A clearance for every reason of a review that can be cleared, as `docs/scoring.md` says.
fn drafted(verdict: &Value) -> Vec<Value> {
    let array = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let asked = array(&verdict["receipt"]["asked"]);
    let mut drafted = Vec::new();
    for reason in array(&verdict["reasons"]) {
        let (code, digest) = (&reason["code"], &reason["digest"]);
        if verdict["action"] != "review" || (digest.is_null() && code != "candidate") {
            continue;
        }
        let about = asked.iter().enumerate().filter(|(index, _)| {
            reason["identifier"].is_null() || reason["identifier"] == json!(index)
        });
        for identifier in about.filter_map(|(_, slot)| slot["digest"].as_str()) {
            let mut clearance = json!({"identifier": identifier, "code": code,
                "coalition": reason["coalition"], "list": reason["list"]});
            if !digest.is_null() {
                clearance["digest"] = digest.clone();
            }
            drafted.push(clearance);
        }
    }
    drafted
}
