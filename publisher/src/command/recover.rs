use std::io::Write as _;
use std::path::PathBuf;

use anyhow::Result;
use clap::Subcommand;
use interdict_core::common::time::Time;

use super::clock::Today;
use super::directory::{has_register, open_online, open_with_warning};
use super::output::Output;

// What brings a coalition back after something went wrong.
#[derive(Debug, Subcommand)]
pub(super) enum Recover {
    /// After a clock that ran ahead: let the right time count again
    #[command(after_help = "\
What was signed with a clock that ran ahead stops every later command that signs, until that time has
come. Set the clock right first. This command takes the day that you state, dates the register back to
now and needs no key; nothing is published yet. Then release: the lists go out whole, with the right time
and higher versions, and gateways whose clock is right take them at their next poll. A gateway whose own
clock ran ahead too says so, and needs `interdict clock reset`.

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
        match self {
            Self::Clock { directory, today } => {
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
                        "the timestamp that was signed ahead is valid until {end}; to end that, first \
                         run: interdict-publish rotate-root {path} --revoke-online"
                    )?;
                }
                Ok(())
            }
        }
    }
}
