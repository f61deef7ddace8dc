use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Result, anyhow, bail};
use interdict_core::common::time::Time;

/// The computer's time.
pub(super) fn clock() -> Result<Time> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let seconds = since
        .ok()
        .and_then(|since| u32::try_from(since.as_secs()).ok());
    match seconds.and_then(Time::from_clock) {
        Some(time) => Ok(time),
        None => bail!("the computer's clock is outside 2024 to 2100; set it right"),
    }
}

/// A time as it is written on the command line.
pub(super) fn time(text: &str) -> Result<Time> {
    Time::parse(text)
        .and_then(|time| Time::from_clock(time.seconds()))
        .ok_or_else(|| anyhow!("not a time like 2026-11-22T00:00:00Z from 2024 to 2099"))
}
