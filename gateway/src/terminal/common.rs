use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow};
use clap::Args;
use interdict::{Clock, Gateway};
use interdict_core::common::time::Time;

/// The arguments of every command.
#[derive(Args)]
pub(crate) struct Common {
    /// The gateway's configuration.
    #[arg(
        long,
        global = true,
        default_value = "gateway.toml",
        value_name = "FILE"
    )]
    pub(crate) config: PathBuf,
    /// Use this time, such as 2026-11-22T00:00:00Z, instead of the clock, which serve goes on from; for
    /// tests and replays. interdict-publish has the same option.
    #[arg(long = "clock", alias = "now", global = true, value_name = "TIME", value_parser = time)]
    now: Option<u32>,
    /// For a container that keeps no disk: make the state directory from the files that gateway.toml names
    /// under [stateless], if there is none.
    #[arg(long, global = true)]
    stateless: bool,
}

impl Common {
    /// The time given, else the clock's.
    pub(crate) fn now(&self) -> Result<u32> {
        let now = Clock::of(self.now).seconds();
        now.ok_or_else(|| anyhow!("this machine's clock is off; set it"))
    }

    /// The time given instead of the clock's.
    pub(crate) const fn fixed_now(&self) -> Option<u32> {
        self.now
    }

    /// Whether the state directory is made from mounted files.
    pub(crate) const fn is_stateless(&self) -> bool {
        self.stateless
    }

    /// The configuration, which must be there.
    pub(crate) fn config(&self) -> Result<&Path> {
        if !self.config.exists() {
            return Err(interdict::Error::NoConfig(self.config.clone()).into());
        }
        Ok(&self.config)
    }

    /// The gateway of the configuration.
    pub(crate) fn gateway(&self) -> Result<Gateway> {
        self.config()?;
        let opened = match self.stateless {
            true => Gateway::stateless(&self.config, 1, self.now()?),
            false => Gateway::open(&self.config, self.now()?),
        };
        opened.context("the gateway cannot be opened")
    }
}

/// A time as it is typed; a date is its first second.
pub(crate) fn time(text: &str) -> Result<u32, &'static str> {
    let time = Time::parse(text).or_else(|| Time::parse(&format!("{text}T00:00:00Z")));
    let time = time.ok_or("not a date like 2026-11-22 or a time like 2026-11-22T00:00:00Z")?;
    Ok(time.seconds())
}
