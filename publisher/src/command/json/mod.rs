//! Each report as JSON. Times are RFC 3339, digests hexadecimal.

mod listings;
mod look;
mod plan;
mod release;
mod sources;
mod status;

pub(super) use sources::waiting;

use interdict_core::common::time::Time;
use serde_json::{Value, json};

fn time(time: Time) -> Value {
    json!(time.to_string())
}

/// `null` for no time.
fn time_or_none(at: Option<Time>) -> Value {
    at.map_or(Value::Null, time)
}
