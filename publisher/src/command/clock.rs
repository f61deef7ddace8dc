use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Result, anyhow, bail};
use clap::Args;
use interdict_core::common::time::Time;
use interdict_publisher::Day;

#[derive(Debug, Args)]
pub(super) struct Today {
    /// The day as a calendar on the wall has it, such as 2026-11-22: needed where the clock is more than 14
    /// days after all that was published
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
    today: Option<Day>,
}

impl Today {
    pub(super) const fn day(&self) -> Option<Day> {
        self.today
    }
}

fn day(text: &str) -> Result<Day, String> {
    Day::parse(text).ok_or_else(|| "a day is written as 2026-11-22".to_owned())
}

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
