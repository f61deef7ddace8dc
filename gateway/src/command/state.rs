use std::io::Write;
use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, Subcommand};
use interdict::{Config, Decisions, is_rolled_back};
use interdict_host::Store;

use super::author::Author;
use crate::terminal::common::Common;
use crate::terminal::exit::Exit;

/// Decide about a state directory that was damaged or rolled back
#[derive(Args)]
pub(crate) struct Options {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Accept(Accept),
}

/// Accept the state directory as it is: older, or without what it lost
///
/// Try interdict refresh first: it mends what the coalitions still publish. Accept what it leaves: files that
/// stay older than this gateway has had (rolled_back), a coalition or a key that is gone (state_lost). A key
/// that is gone or damaged is made anew. Restoring a backup of the key is better: receipts of a lost one
/// cannot be replayed.
#[derive(Args)]
#[command(after_help = "\
The decision is recorded in the audit file, or in decisions.ndjson of the state directory without one. \
With [journal] in gateway.toml the journal has a line about it too.")]
struct Accept {
    /// Record it in this file instead of the audit file that gateway.toml names.
    #[arg(long, value_name = "FILE")]
    audit: Option<PathBuf>,
    #[command(flatten)]
    author: Author,
}

impl Options {
    pub(crate) fn run(self, common: &Common, out: &mut dyn Write) -> Result<Exit> {
        let Command::Accept(options) = self.command;
        let now = common.now()?;
        let config = Config::read(&common.config)?;
        let recorder = options.author.recorder(&config)?;
        let decisions = Decisions::about(&config, options.audit, recorder, now)?;
        let losses = decisions.accept_losses()?;
        for name in losses.iter().flat_map(|decision| &decision.lost) {
            match name.as_str() {
                "receipt.key" => writeln!(out, "receipt.key: made anew")?,
                "member.key" => {
                    let key = Store::open(&config.state())?.member_key()?;
                    let recipient = key.map(|key| key.recipient()).unwrap_or_default();
                    writeln!(
                        out,
                        "member.key: made anew; tell the coalitions its public half {recipient}"
                    )?;
                }
                name => writeln!(out, "{name}: given up")?,
            }
        }
        let gateway = common.gateway()?;
        let older = decisions.accept_rolled_back(&gateway)?;
        for decision in &older {
            let coalition = decision.coalition.as_deref().unwrap_or_default();
            writeln!(
                out,
                "coalition {coalition}: what is loaded now is the least from here on"
            )?;
        }
        if losses.is_none() && older.is_empty() {
            writeln!(
                out,
                "nothing is lost or older than it was; nothing was changed"
            )?;
        }
        let mut exit = Exit::Done;
        for state in common.gateway()?.host().state(now)? {
            if is_rolled_back(&state) {
                let name = &state.name;
                writeln!(
                    out,
                    "coalition {name}: still older than at_least.{name} in gateway.toml asks for"
                )?;
                exit = Exit::Doubt;
            }
        }
        Ok(exit)
    }
}
