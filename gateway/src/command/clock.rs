use std::io::Write;
use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, Subcommand};
use interdict::{Config, Decisions};

use super::author::Author;
use crate::terminal::common::Common;
use crate::terminal::exit::Exit;
use crate::terminal::text;

/// Forget times that this machine's clock was ahead by
#[derive(Args)]
pub(crate) struct Options {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Reset(Reset),
}

/// Forget verified times that are later than this machine's clock
///
/// Use it after the clock ran ahead and was set right: until then every verdict names the doubt clock_behind.
/// Look at the clock first, because a clock that is behind looks the same.
#[derive(Args)]
#[command(after_help = "\
The decision is recorded in the audit file, or in decisions.ndjson of the state directory without one. Run interdict refresh afterwards.")]
struct Reset {
    /// Record it in this file instead of the audit file that gateway.toml names.
    #[arg(long, value_name = "FILE")]
    audit: Option<PathBuf>,
    #[command(flatten)]
    author: Author,
}

impl Options {
    pub(crate) fn run(self, common: &Common, out: &mut dyn Write) -> Result<Exit> {
        let Command::Reset(options) = self.command;
        let now = common.now()?;
        let config = Config::read(&common.config)?;
        let recorder = options.author.recorder(&config)?;
        let reset = Decisions::about(&config, options.audit, recorder, now)?.reset_clock()?;
        writeln!(out, "this machine's clock says {}", text::date(now))?;
        for decision in &reset {
            let coalition = decision.coalition.as_deref().unwrap_or_default();
            writeln!(
                out,
                "coalition {coalition}: a later time is forgotten; next: interdict refresh"
            )?;
        }
        if reset.is_empty() {
            writeln!(out, "no coalition was verified later; nothing was changed")?;
        }
        Ok(Exit::Done)
    }
}
