//! The command `interdict`, with which a gateway is set up and operated.
#![forbid(unsafe_code)]

mod command;
mod terminal;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use terminal::common::Common;

/// Ask whether a merchant is on a coalition's blocklist, on this machine and without telling anyone
/// whom you asked about.
#[derive(Parser)]
#[command(
    version,
    max_term_width = 100,
    after_help = "\
Examples:
  interdict member-key                       this gateway's own key, for the application for membership
  interdict enrol se.enrolment.json          save the file that a coalition gave you
  interdict refresh                          fetch and verify its lists; run it every hour
  interdict check shop.example               ask about one merchant
  interdict screen merchants.ndjson --audit audit.ndjson > verdicts.ndjson
  interdict report audit.ndjson              counts from the audit file, for the coalition
  interdict replay --receipt receipt.json --request request.json
  interdict policy init > policy.toml        every choice that a gateway has, with its reason

Everything is saved beside gateway.toml, which the first enrol writes. Comments in it say what can be
set: the policy, a second one that only watches, an archive for replays, and a mirror."
)]
struct Cli {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    MemberKey(command::member_key::Options),
    Enrol(command::enrol::Options),
    Refresh(command::refresh::Options),
    Screen(command::screen::Options),
    Check(command::check::Options),
    Clock(command::clock::Options),
    Describe(command::describe::Options),
    ExplainRules(command::explain_rules::Options),
    Override(command::override_::Options),
    Policy(command::policy::Options),
    Replay(command::replay::Options),
    Report(command::report::Options),
    Shadow(command::shadow::Options),
    State(command::state::Options),
    Tune(command::tune::Options),
}

fn main() -> ExitCode {
    let Cli { common, command } = Cli::parse();
    let mut out = io::stdout().lock();
    let outcome = match command {
        Command::MemberKey(options) => options.run(&common, &mut out),
        Command::Enrol(options) => options.run(&common, &mut out),
        Command::Refresh(options) => options.run(&common, &mut out),
        Command::Screen(options) => options.run(&common, &mut out),
        Command::Check(options) => options.run(&common, &mut out),
        Command::Clock(options) => options.run(&common, &mut out),
        Command::Describe(options) => options.run(&common, &mut out),
        Command::ExplainRules(options) => options.run(&common, &mut out),
        Command::Override(options) => options.run(&common, &mut out),
        Command::Policy(options) => options.run(&common, &mut out),
        Command::Replay(options) => options.run(&common, &mut out),
        Command::Report(options) => options.run(&mut out),
        Command::Shadow(options) => options.run(&common, &mut out),
        Command::State(options) => options.run(&common, &mut out),
        Command::Tune(options) => options.run(&common, &mut out),
    };
    outcome
        .and_then(|code| Ok(out.flush().map(|()| code)?))
        .unwrap_or_else(|error| {
            let cause = error.root_cause().downcast_ref::<io::Error>();
            // The reader of the output is gone, so there is nobody to report to.
            if cause.is_none_or(|cause| cause.kind() != io::ErrorKind::BrokenPipe) {
                eprintln!("interdict: {error:#}");
            }
            ExitCode::from(2)
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
