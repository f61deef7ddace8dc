use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use clap::{Args, Subcommand};
use interdict_core::common::time::Time;
use interdict_publisher::{Publisher, RecoverOptions};

use super::clock::Today;
use super::directory::{has_register, open_online, open_with_warning};
use super::output::Output;

const RECOVER: &str = "\
After a restore: REPOSITORY is a copy of what is served now. Copy it to DIR/repository first, and gateways fetch
only what changed. The next release then has higher versions than any gateway has seen.

A list holds no names. Published records that the register does not know stay published as they are. Import
again what the sources sent since the backup: records that get a name by it are no longer unknown. The others are
in the proposal that the next release prints, and go once it is confirmed: `release --confirm DIGEST`. A new
epoch cannot have them, so none starts before that. Entries that were taken off a list since the backup stay
off it: --show-withdrawn prints them as a file for `delist`, --list-again lets them go out again.

Members and settings that came after the backup are not in a repository: add them again.

Examples:
  interdict-publish recover se --from served
  interdict-publish recover se --show-withdrawn";

// What brings a coalition back after something went wrong.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, after_help = RECOVER)]
pub(super) struct Recover {
    #[command(subcommand)]
    other: Option<Other>,
    #[command(flatten)]
    published: Option<FromPublished>,
}

#[derive(Debug, Args)]
#[group(id = "published")]
struct FromPublished {
    /// The coalition's directory
    directory: PathBuf,
    /// The repository as it is served, with its folders metadata and targets
    #[arg(long = "from", value_name = "REPOSITORY", group = "what")]
    repository: Option<PathBuf>,
    /// No repository is left: raise versions by a wide margin and forget what was published since
    #[arg(long, group = "what")]
    nothing_left: bool,
    /// Print the entries that were taken off the lists since the backup, as a file for `delist`
    #[arg(long, group = "what")]
    show_withdrawn: bool,
    /// Let them go out again
    #[arg(long, group = "what")]
    list_again: bool,
    /// An epoch whose list key is gone for good: it ends with the next release; may be repeated
    #[arg(long = "lost-key", value_name = "EPOCH")]
    lost_keys: Vec<u32>,
}

#[derive(Debug, Subcommand)]
enum Other {
    /// After a clock that ran ahead: let the right time count again
    #[command(after_help = "\
What was signed with a clock that ran ahead stops every later command that signs, until that time has
come. Set the clock right first. This command takes the day that you state, dates the register back to
now and needs no key; nothing is published yet. Then release: the lists go out whole, with the right time
and higher versions, and gateways whose clock is right take them at their next poll. A gateway whose own
clock ran ahead too says so, and needs `interdict clock reset`.

What releases let out by the fast clock counts against the limits of the next 30 days, and is printed by list,
source and kind for a person to look at.

On a machine without a register it lets `renew` and `publish` go on; run it on both machines.

What was signed ahead is valid for longer than it should be: a gateway that is shown nothing newer would
take it for fresh. `rotate-root --revoke-online` and a release end that.

Example:
  interdict-publish recover clock se --today 2026-11-22
  interdict-publish release se")]
    Clock {
        /// The coalition's directory, with or without a register
        directory: PathBuf,
        #[command(flatten)]
        today: Today,
    },
}

impl Recover {
    pub(super) fn run(&self, now: Time, out: &mut Output<'_>) -> Result<()> {
        match (&self.other, &self.published) {
            (Some(Other::Clock { directory, today }), _) => {
                recover_clock(directory, today, now, out)
            }
            (None, Some(published)) => published.run(now, out),
            (None, None) => bail!("name the coalition's directory; --help says what else there is"),
        }
    }
}

fn recover_clock(directory: &Path, today: &Today, now: Time, out: &mut Output<'_>) -> Result<()> {
    let path = directory.display();
    let (recovered, next) = match has_register(directory) {
        true => {
            let mut publisher = open_with_warning(directory)?;
            let recovered = publisher.recover_clock(now, today.day())?;
            (
                recovered,
                format!("release now: interdict-publish release {path}"),
            )
        }
        false => {
            let recovered = open_online(directory)?.recover_clock(now, today.day())?;
            let next = "run `recover clock` where the register is, then `release --to`, and publish \
                        that here";
            (recovered, next.to_owned())
        }
    };
    out.report(&recovered)?;
    if recovered.ahead.is_none() {
        return Ok(());
    }
    writeln!(out, "{next}")?;
    if let Some(end) = recovered.valid_until {
        writeln!(
            out,
            "the timestamp that was signed ahead is valid until {end}; to end that, first run: \
             interdict-publish rotate-root {path} --revoke-online --keep-root-keys"
        )?;
    }
    Ok(())
}

impl FromPublished {
    fn run(&self, now: Time, out: &mut Output<'_>) -> Result<()> {
        let mut publisher = open_with_warning(&self.directory)?;
        if self.show_withdrawn {
            return show_withdrawn(&publisher, out);
        }
        if self.list_again {
            let count = publisher.list_withdrawn_again(now)?;
            return Ok(writeln!(
                out,
                "{count} entries go out again with the next release"
            )?);
        }
        if self.repository.is_none() && !self.nothing_left {
            bail!("name the repository with --from; --help says what else there is");
        }
        let options = RecoverOptions {
            repository: self.repository.clone(),
            lost_keys: self.lost_keys.clone(),
        };
        write!(out, "{}", publisher.recover(&options, now)?)?;
        Ok(writeln!(
            out,
            "next: `interdict-publish plan`, then `release`"
        )?)
    }
}

/// As CSV, which `delist` reads.
fn show_withdrawn(publisher: &Publisher, out: &mut Output<'_>) -> Result<()> {
    let mut rows = csv::Writer::from_writer(out);
    rows.write_record(["kind", "value"])?;
    for (_, identifier) in publisher.withdrawn()? {
        rows.write_record([identifier.kind().name(), identifier.text()])?;
    }
    Ok(rows.flush()?)
}
