//! Clears what a gateway reviews, as its people would: a draft of every reason, signed by two.

use anyhow::Result;
use serde_json::{Value, json};

use super::configurations::Enrolled;
use super::engines::RECEIPT_KEY;
use super::pair::Modules;
use super::repositories::requiring;
use interdict_core::common::time::Time;
use interdict_tests::subject::{Answer, Subject as _};
use interdict_tests::world::{Person, drafted, override_of};

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
    let verdict: Value = serde_json::from_str(&answer)?;
    let drafted = match verdict["action"] == "review" {
        true => drafted(&verdict),
        false => Vec::new(),
    };
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
