use std::io::Write;

use anyhow::Result;
use clap::Args;
use interdict::{Error, TEST_MERCHANTS, Trial};
use interdict_core::identifier::holds_card_number;
use interdict_core::policy::Flow;
use interdict_host::{Answer, CallError};

use super::check::{guess, request};
use crate::terminal::common::Common;
use crate::terminal::exit::Exit;
use crate::terminal::text;

/// Ask a built-in coalition about test merchants, without enrolment and without a network
///
/// A test merchant for every action, and one for every state that a list can be in. The lists are made and
/// signed when the command starts, with keys that end with it, and every answer has "test": true. Where a
/// coalition is enrolled, the command is refused.
#[derive(Args)]
#[command(after_help = "\
Examples:
  interdict try                                  the test merchants, and what was answered about each just now
  interdict try --screen block.listed.test       the whole answer about one of them
  interdict try --screen shop.example            about any other: the list does not have it")]
pub(crate) struct Options {
    /// Print the whole answer about a test merchant of the table or another value.
    #[arg(long, value_name = "NAME")]
    screen: Option<String>,
}

impl Options {
    pub(crate) fn run(self, common: &Common, out: &mut dyn Write) -> Result<Exit> {
        let now = common.now()?;
        let trial = Trial::temporary(&common.config, now)?;
        match &self.screen {
            Some(name) => screen(&trial, name, now, out),
            None => table(&trial, now, out),
        }
    }
}

fn screen(trial: &Trial, name: &str, now: u32, out: &mut dyn Write) -> Result<Exit> {
    let named = TEST_MERCHANTS.iter().find(|one| one.name == name);
    let request = match named {
        Some(merchant) => merchant.request.to_owned(),
        None => serde_json::to_string(&request(Flow::Payout, guess(name), name))?,
    };
    // Standard error may go to a log.
    if !holds_card_number(name) {
        eprintln!("asked: {}", text::plain(&request));
    }
    match trial.screen(&request, now) {
        Ok(answer) => {
            out.write_all(&answer)?;
            writeln!(out)?;
            let read = Answer::read(&answer).ok_or(CallError::Answer)?;
            Ok(Exit::of_answer(&read))
        }
        Err(Error::Host(interdict_host::Error::Call(refused @ CallError::Refused { .. }))) => {
            writeln!(out, "NOT SCREENED: {refused}")?;
            Ok(Exit::Doubt)
        }
        Err(error) => Err(error.into()),
    }
}

fn table(trial: &Trial, now: u32, out: &mut dyn Write) -> Result<Exit> {
    writeln!(
        out,
        "TEST: a built-in coalition, signed just now. No merchant of this table exists.\n"
    )?;
    row(
        out,
        [
            "ask about",
            "action",
            "because",
            "degraded",
            "what is shown",
        ],
    )?;
    for merchant in TEST_MERCHANTS {
        let answer = trial.screen(merchant.request, now)?;
        let Some(Answer::Verdict(verdict)) = Answer::read(&answer) else {
            return Err(CallError::Answer.into());
        };
        let because = verdict.because.as_deref().unwrap_or("-");
        let degraded = if verdict.degraded { "yes" } else { "-" };
        let action = verdict.action.name();
        row(
            out,
            [merchant.name, action, because, degraded, merchant.shows],
        )?;
    }
    writeln!(
        out,
        "\ninterdict try --screen NAME       prints the request and the whole answer, also about any other name\n\
         interdict init, interdict enrol   begin with a real coalition"
    )?;
    Ok(Exit::Done)
}

fn row(out: &mut dyn Write, [name, action, because, degraded, shows]: [&str; 5]) -> Result<()> {
    writeln!(
        out,
        "{name:<28} {action:<12} {because:<12} {degraded:<9} {shows}"
    )?;
    Ok(())
}
