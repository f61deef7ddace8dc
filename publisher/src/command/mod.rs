//! The arguments of `interdict-publish`, and what each command prints.

mod backup;
mod clock;
mod correct;
mod directory;
mod exit;
mod export;
mod json;
mod keys;
mod lines;
mod listings;
mod look;
mod members;
mod metrics;
mod next;
mod online;
mod out_file;
mod output;
mod past;
mod public;
mod reading;
mod recover;
mod release;
mod review;
mod schedule;
mod sources;
mod typologies;
mod versions;

use anyhow::Result;
use clap::{Parser, Subcommand};
use interdict_core::common::time::Time;

use backup::Backups;
use clock::{clock, time};
use correct::Correct;
use export::Export;
use keys::{Init, Keys};
use listings::Listings;
use look::Look;
use online::Unattended;
use past::Past;
use public::Public;
use recover::Recover;
use release::Releases;
use review::Review;
use sources::Sources;
use typologies::Typologies;

pub(crate) use exit::Exit;
pub(crate) use output::Output;
pub(crate) use versions::versions;

const EXAMPLES: &str = "\
Examples:
  interdict-publish init se --coalition se
  interdict-publish kinds se --declare domain,iban
  interdict-publish source add se hotline-se --class hotline
  interdict-publish import se listings.csv --source hotline-se --report refused.jsonl
  interdict-publish accept se --source hotline-se --all
  interdict-publish protect se never-block.txt
  interdict-publish delist se cleared.csv --reason \"appeal 2026-118\"
  interdict-publish show se --kind domain --value shop.example
  interdict-publish list se --state withheld
  interdict-publish export se --out se.csv
  interdict-publish disclose se public.csv
  interdict-publish typologies se --standard
  interdict-publish plan se
  interdict-publish release se
  interdict-publish renew se                       (every 6 hours, without people: see `schedule`)
  interdict-publish schedule se
  interdict-publish upload se --to mirror
  interdict-publish member add se bank-a --repository https://lists.example/se --out bank-a.json
  interdict-publish epoch start se                 (every 90 days)
  interdict-publish status se
  interdict-publish inspect se/repository/metadata/timestamp.json
  interdict-publish --version --json

Only DIR/repository is to be served. DIR/keys and DIR/register.sqlite are secret.";

fn after_help() -> String {
    format!("{EXAMPLES}\n\n{}", exit::table())
}

/// Publishes what a coalition knows as signed, keyed lists.
#[derive(Debug, Parser)]
#[command(name = "interdict-publish", version, after_help = after_help())]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
    /// Take this for the computer's time, as 2026-11-22T00:00:00Z
    #[arg(long, global = true, value_name = "RFC3339", value_parser = time)]
    clock: Option<Time>,
    /// Who acts, for the register's history [default: USER or LOGNAME of the environment, else unnamed]
    #[arg(long, global = true, value_name = "NAME")]
    by: Option<String>,
    /// Print one JSON object, also for an error
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Start a coalition: keys, register and the first root, in a new directory
    Init(Init),
    #[command(flatten)]
    Listings(Listings),
    #[command(flatten)]
    Sources(Sources),
    #[command(flatten)]
    Look(Look),
    #[command(flatten)]
    Correct(Correct),
    /// Write a list's entries to a file, for another register or for tools that block names
    Export(Export),
    /// Choose the red flags that a list goes out with
    Typologies(Typologies),
    #[command(flatten)]
    Releases(Releases),
    #[command(flatten)]
    Keys(Keys),
    /// The public edition for browsers
    #[command(subcommand)]
    Public(Public),
    #[command(flatten)]
    Review(Review),
    #[command(flatten)]
    Backups(Backups),
    #[command(flatten)]
    Past(Past),
    /// Go on after something went wrong
    Recover(Recover),
    #[command(flatten)]
    Unattended(Unattended),
}

impl Arguments {
    pub(crate) const fn json(&self) -> bool {
        self.json
    }

    pub(crate) fn run(&self, out: &mut Output<'_>) -> Result<()> {
        directory::name_actor(self.by.clone());
        let now = self.clock.map_or_else(clock, Ok)?;
        match &self.command {
            Command::Init(arguments) => arguments.run(now, out),
            Command::Listings(command) => command.run(now, out),
            Command::Sources(command) => command.run(now, out),
            Command::Look(command) => command.run(now, out),
            Command::Correct(command) => command.run(now, out),
            Command::Export(arguments) => arguments.run(now, out),
            Command::Typologies(arguments) => arguments.run(now, out),
            Command::Releases(command) => command.run(now, out),
            Command::Keys(command) => command.run(now, out),
            Command::Public(command) => command.run(now, out),
            Command::Review(command) => command.run(now, out),
            Command::Recover(command) => command.run(now, out),
            Command::Unattended(command) => command.run(now, out),
            Command::Backups(command) => command.run(now, out),
            Command::Past(command) => command.run(now, out),
        }
    }
}
