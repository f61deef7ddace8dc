//! The arguments of `interdict-publish`, and what each command prints.

mod coalition;
mod listings;
mod public;
mod release;
mod typologies;

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result, anyhow, bail};
use clap::{Parser, Subcommand};
use interdict_core::common::time::Time;
use interdict_publisher::{Publisher, TestKeys, inspect};

use coalition::{EpochCommand, Init, Member};
use listings::{Delist, Disclose, Import, Protect};
use public::Public;
use release::{Release, RotateRoot};
use typologies::Typologies;

const EXAMPLES: &str = "\
Examples:
  interdict-publish init se --coalition se
  interdict-publish import se listings.csv --report refused.jsonl
  interdict-publish protect se never-block.txt
  interdict-publish delist se cleared.csv --reason \"appeal 2026-118\"
  interdict-publish disclose se public.csv
  interdict-publish typologies se --standard
  interdict-publish release se --dry-run
  interdict-publish release se
  interdict-publish renew se                       (every night, without people)
  interdict-publish member add se bank-a --repository https://lists.example/se --out bank-a.json
  interdict-publish epoch start se                 (every 90 days)
  interdict-publish public enrolment se --repository https://lists.example/se
  interdict-publish status se
  interdict-publish inspect se/repository/metadata/timestamp.json

Only DIR/repository is to be served. DIR/keys and DIR/register.sqlite are secret.";

const RENEWING: &str = "\
Run it every night from a timer. The timestamp lives 48 hours; after that every gateway takes the lists
for stale, and its verdicts are degraded. It signs with the keys of snapshot and timestamp alone.

It does not replace `release`: a gateway's policy takes a list that was released 30 days ago for
expired, and what the holders of the targets keys signed ends after 90 days; `renew` is refused then.";

/// Publishes what a coalition knows as signed, keyed lists.
#[derive(Debug, Parser)]
#[command(name = "interdict-publish", version, after_help = EXAMPLES)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
    /// Take this for the current time, as 2026-11-22T00:00:00Z
    #[arg(long, global = true, value_name = "RFC3339", value_parser = time)]
    now: Option<Time>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Start a coalition: keys, register and the first root, in a new directory
    Init(Init),
    /// Take a CSV or JSON-lines file of listings into the register
    Import(Import),
    /// Take a file of identifiers that must never be blocked
    Protect(Protect),
    /// Take entries off a list, for good
    Delist(Delist),
    /// Mark listed domains as public: they may go into the public edition
    Disclose(Disclose),
    /// Choose the red flags that a list goes out with
    Typologies(Typologies),
    /// Build, sign, check and publish the lists
    Release(Release),
    /// Sign snapshot and timestamp again, so that the published lists stay fresh
    #[command(after_help = RENEWING)]
    Renew {
        /// The coalition's directory
        directory: PathBuf,
    },
    /// Publish a new root, signed by the old keys and the new ones
    RotateRoot(RotateRoot),
    /// Epochs and their list keys
    #[command(subcommand)]
    Epoch(EpochCommand),
    /// Members and their enrolment files
    #[command(subcommand)]
    Member(Member),
    /// The public edition for browsers
    #[command(subcommand)]
    Public(Public),
    /// Say where the lists, epochs and members stand
    Status {
        /// The coalition's directory
        directory: PathBuf,
    },
    /// Say what a file is; keys are never shown
    Inspect {
        /// A filter, records, stash, typologies, metadata or enrolment file
        file: PathBuf,
    },
}

impl Arguments {
    pub(crate) fn run(&self, out: &mut impl Write) -> Result<()> {
        let now = self.now.map_or_else(clock, Ok)?;
        match &self.command {
            Command::Init(arguments) => arguments.run(now, out),
            Command::Import(arguments) => arguments.run(now, out),
            Command::Protect(arguments) => arguments.run(now, out),
            Command::Delist(arguments) => arguments.run(now, out),
            Command::Disclose(arguments) => arguments.run(now, out),
            Command::Typologies(arguments) => arguments.run(out),
            Command::Release(arguments) => arguments.run(now, out),
            Command::Renew { directory } => {
                Ok(write!(out, "{}", Publisher::open(directory)?.renew(now)?)?)
            }
            Command::RotateRoot(arguments) => arguments.run(now, out),
            Command::Epoch(command) => command.run(now, out),
            Command::Member(command) => command.run(now, out),
            Command::Public(command) => command.run(now, out),
            Command::Status { directory } => {
                let publisher = Publisher::open(directory)?;
                warn_of_test_keys(&publisher);
                Ok(write!(out, "{}", publisher.status(now)?)?)
            }
            Command::Inspect { file } => {
                let bytes = fs::read(file).with_context(|| file.display().to_string())?;
                let name = file.file_name().unwrap_or_default().to_string_lossy();
                let facts = inspect(&bytes, &name, now);
                Ok(write!(
                    out,
                    "{}",
                    facts.with_context(|| file.display().to_string())?
                )?)
            }
        }
    }
}

fn warn_of_test_keys(publisher: &Publisher) {
    if publisher.test_keys() == TestKeys::Yes {
        eprintln!("warning: TEST KEYS. Everybody can sign with them; they protect nothing");
    }
}

fn clock() -> Result<Time> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let seconds = since
        .ok()
        .and_then(|since| u32::try_from(since.as_secs()).ok());
    match seconds.and_then(Time::from_clock) {
        Some(time) => Ok(time),
        None => bail!("the computer's clock is outside 2024 to 2100; set it right"),
    }
}

fn time(text: &str) -> Result<Time> {
    Time::parse(text)
        .and_then(|time| Time::from_clock(time.seconds()))
        .ok_or_else(|| anyhow!("not a time like 2026-11-22T00:00:00Z from 2024 to 2099"))
}
