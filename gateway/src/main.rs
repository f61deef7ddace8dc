//! The command `interdict`, with which a gateway is set up and operated.
#![forbid(unsafe_code)]

mod command;
mod terminal;

use std::alloc::System;
use std::io::{self, Write};
use std::process::ExitCode;

use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};

use zeroizing_alloc::ZeroAlloc;

use interdict_core::wire::Versions;
use terminal::common::Common;
use terminal::exit::{Exit, explained};
use terminal::versions::versions;

/// What doors receive can be about a payer or a card. It is overwritten when it is freed, also where the HTTP library had it.
#[global_allocator]
static ALLOCATOR: ZeroAlloc<System> = ZeroAlloc(System);

/// Ask whether a merchant is on a coalition's blocklist, on this machine and without telling anyone
/// whom you asked about.
#[derive(Parser)]
#[command(
    version,
    max_term_width = 100,
    after_help = "\
Examples:
  interdict try                              a built-in coalition of test merchants, for the first hour
  interdict member-key                       this gateway's own key, for the application for membership
  interdict enrol se.enrolment.json          save the file that a coalition gave you
  interdict refresh                          fetch and verify its lists; run it every hour
  interdict selftest                         ask the lists for the merchants that are reserved for tests
  interdict check shop.example               ask about one merchant
  interdict screen merchants.ndjson --audit audit.ndjson > verdicts.ndjson
  interdict serve --new-client payments      a token for a payment system; interdict serve then answers it over HTTP
  interdict report audit.ndjson              counts from the audit file, for the coalition
  interdict replay --receipt receipt.json --request request.json
  interdict policy init > policy.toml        every choice that a gateway has, with its reason
  interdict --version --json                 commit, module and contracts of this build, for a fleet's inventory

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
    AsOf(command::as_of::Options),
    Audit(command::audit::Options),
    Init(command::init::Options),
    MemberKey(command::member_key::Options),
    Enrol(command::enrol::Options),
    Refresh(command::refresh::Options),
    Screen(command::screen::Options),
    ScreenFile(command::screen_file::Options),
    Serve(command::serve::Options),
    Selftest(command::selftest::Options),
    Case(command::case::Options),
    Check(command::check::Options),
    Clear(command::clear::Options),
    Clearance(command::clearance::Options),
    Clock(command::clock::Options),
    Describe(command::describe::Options),
    Doctor(command::doctor::Options),
    Doors(command::doors::Options),
    Evidence(command::evidence::Options),
    ExplainRules(command::explain_rules::Options),
    Override(command::override_::Options),
    Policy(command::policy::Options),
    Portfolio(command::portfolio::Options),
    Probe(command::probe::Options),
    Replay(command::replay::Options),
    Report(command::report::Options),
    Shadow(command::shadow::Options),
    SignIn(command::sign_in::Options),
    State(command::state::Options),
    Try(command::try_::Options),
    Tune(command::tune::Options),
}

fn main() -> ExitCode {
    #[cfg(unix)]
    // What is screened may hold a card number by mistake, and there are keys in memory.
    if let Err(error) = rlimit::Resource::CORE.set(0, 0) {
        eprintln!("interdict: a crash may leave what was in memory on the disk: {error}");
    }
    if Versions::are_asked(std::env::args_os().skip(1)) {
        println!("{}", versions());
        return Exit::Done.into();
    }
    let parsed = explained(Cli::command()).try_get_matches();
    let parsed = parsed.and_then(|matches| Cli::from_arg_matches(&matches));
    let Cli { common, command } = match parsed {
        Ok(cli) => cli,
        Err(told) => {
            // Help and the version are errors too.
            let _ = told.print();
            let exit = if told.use_stderr() {
                Exit::Failed
            } else {
                Exit::Done
            };
            return exit.into();
        }
    };
    let mut out = io::stdout().lock();
    let outcome = match command {
        Command::AsOf(options) => options.run(&common, &mut out).map(ExitCode::from),
        Command::Audit(options) => options.run(&common, &mut out).map(ExitCode::from),
        Command::Init(options) => options.run(&common, &mut out).map(ExitCode::from),
        Command::MemberKey(options) => options.run(&common, &mut out).map(ExitCode::from),
        Command::Enrol(options) => options.run(&common, &mut out).map(ExitCode::from),
        Command::Refresh(options) => options.run(&common, &mut out).map(ExitCode::from),
        Command::Serve(options) => options.run(&common, &mut out).map(ExitCode::from),
        Command::Screen(options) => options.run(&common, &mut out).map(ExitCode::from),
        Command::ScreenFile(options) => options.run(&common, &mut out).map(ExitCode::from),
        Command::Selftest(options) => options.run(&common, &mut out).map(ExitCode::from),
        Command::Case(options) => options.run(&common, &mut out).map(ExitCode::from),
        Command::Check(options) => options.run(&common, &mut out).map(ExitCode::from),
        Command::Clear(options) => options.run(&common, &mut out).map(ExitCode::from),
        Command::Clearance(options) => options.run(&common, &mut out).map(ExitCode::from),
        Command::Clock(options) => options.run(&common, &mut out).map(ExitCode::from),
        Command::Describe(options) => options.run(&common, &mut out).map(ExitCode::from),
        Command::Doctor(options) => options.run(&common, &mut out).map(ExitCode::from),
        Command::Doors(options) => options.run(&common, &mut out).map(ExitCode::from),
        Command::Evidence(options) => options.run(&common, &mut out).map(ExitCode::from),
        Command::ExplainRules(options) => options.run(&common, &mut out).map(ExitCode::from),
        Command::Override(options) => options.run(&common, &mut out).map(ExitCode::from),
        Command::Policy(options) => options.run(&common, &mut out).map(ExitCode::from),
        Command::Portfolio(options) => options.run(&common, &mut out).map(ExitCode::from),
        Command::Probe(options) => options.run(&common, &mut out).map(ExitCode::from),
        Command::Replay(options) => options.run(&common, &mut out).map(ExitCode::from),
        Command::Report(options) => options.run(&common, &mut out).map(ExitCode::from),
        Command::Shadow(options) => options.run(&common, &mut out).map(ExitCode::from),
        Command::SignIn(options) => options.run(&common, &mut out).map(ExitCode::from),
        Command::State(options) => options.run(&common, &mut out).map(ExitCode::from),
        Command::Try(options) => options.run(&common, &mut out).map(ExitCode::from),
        Command::Tune(options) => options.run(&common, &mut out).map(ExitCode::from),
    };
    outcome
        .and_then(|code| Ok(out.flush().map(|()| code)?))
        .unwrap_or_else(|error| {
            let cause = error.root_cause().downcast_ref::<io::Error>();
            // The reader of the output is gone, so there is nobody to report to.
            if cause.is_none_or(|cause| cause.kind() != io::ErrorKind::BrokenPipe) {
                eprintln!("interdict: {error:#}");
            }
            Exit::Failed.into()
        })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use terminal::exit::CODES;

    #[test]
    fn the_command_line_is_consistent() {
        explained(Cli::command()).debug_assert();
    }

    #[test]
    fn every_command_has_its_exit_codes_in_its_help_and_in_the_document() {
        let program = explained(Cli::command());
        let plain = Cli::command();
        let mut commands: Vec<&str> = plain
            .get_subcommands()
            .map(clap::Command::get_name)
            .collect();
        let mut known: Vec<&str> = CODES.iter().map(|codes| codes.command).collect();
        commands.sort_unstable();
        known.sort_unstable();
        assert_eq!(commands, known);
        for command in program.get_subcommands() {
            let help = command.get_after_help().map(ToString::to_string);
            assert_eq!(help.unwrap().matches("Exit code").count(), 1, "{command}");
        }
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/commands.md");
        let document = fs::read_to_string(path).unwrap();
        let rows: Vec<&str> = document
            .lines()
            .filter(|line| line.starts_with("| `"))
            .collect();
        let shown = |codes: &terminal::exit::Codes| {
            let cells = codes.meanings.map(|text| match text {
                "" => "–",
                text => text,
            });
            format!("| `{}` | {} |", codes.command, cells.join(" | "))
        };
        assert_eq!(rows, CODES.iter().map(shown).collect::<Vec<_>>());
        for exit in Exit::ALL {
            let row = format!("| {} | {} |", exit.number(), exit.meaning());
            assert!(document.lines().any(|line| line == row), "{row}");
        }
    }
}
