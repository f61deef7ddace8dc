use std::io::Write;

use anyhow::{Context as _, Result};
use clap::{Args, Subcommand};
use interdict::{CaseStep, CaseText, MerchantCase, Recorder, Standing, Step};

use super::author::{Author, case_text};
use super::portfolio::Room;
use crate::terminal::common::Common;
use crate::terminal::exit::Exit;
use crate::terminal::text;

/// Cases for one look into the file.
const PAGE: u32 = 1_000;

/// What each part of a case's line is.
const COLUMNS: [&str; 7] = [
    "case", "state", "merchant", "action", "cause", "opened", "assignee",
];

/// Look into merchants of the portfolio at review or above
#[derive(Args)]
#[command(after_help = "\
Examples:
  interdict case list                        open cases, oldest first
  interdict case show 17                     why, since when, and what was done
  interdict case assign 17 --to 'Ada' --by 'Ada'
  interdict case note 17 'called the acquirer' --by 'Ada'
  interdict clear 17 --key keys/ada.key --until 2027-04-01T00:00:00Z
  interdict case close 17 'the listing is right; the merchant was offboarded' --by 'Ada'

With [journal] in gateway.toml each of these is a line of the journal, recorded before it is carried out and signed
with --key. A person who has a key in the policy must sign.

Closing a case changes no verdict. A case is opened again by every change that leaves its merchant at review or
above, and closes by itself when the merchant is below it.")]
pub(crate) struct Options {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Print open cases, one a line: number, state, merchant, action, cause, first seen, assignee
    List {
        /// Closed ones too.
        #[arg(long)]
        all: bool,
    },
    /// Print a case with its reasons and its history
    Show {
        /// Its number.
        case: u32,
    },
    /// Say who looks into it
    Assign {
        /// Its number.
        case: u32,
        /// That person.
        #[arg(long, value_parser = case_text)]
        to: CaseText,
        #[command(flatten)]
        author: Author,
    },
    /// Write something into its history
    Note {
        /// Its number.
        case: u32,
        /// What. No card numbers.
        #[arg(value_parser = case_text)]
        text: CaseText,
        #[command(flatten)]
        author: Author,
    },
    /// Close it with what was decided
    Close {
        /// Its number.
        case: u32,
        /// What. No card numbers.
        #[arg(value_parser = case_text)]
        decision: CaseText,
        #[command(flatten)]
        author: Author,
    },
}

impl Options {
    pub(crate) fn run(self, common: &Common, out: &mut dyn Write) -> Result<Exit> {
        let mut room = Room::open(common)?;
        let (case, author, step, text) = match self.what {
            What::List { all } => return list(&room, all, out),
            What::Show { case } => return show(&room, case, out),
            What::Assign { case, to, author } => (case, author, Step::Assigned, to),
            What::Note { case, text, author } => (case, author, Step::Noted, text),
            What::Close {
                case,
                decision,
                author,
            } => (case, author, Step::Closed, decision),
        };
        let person = author.person()?;
        let by = person.name.clone();
        room.portfolio.case_for(case, step)?;
        if let Some(recorder) = person.recorder(&room.config)? {
            record(&recorder, case, step, &text, room.now)?;
        }
        room.portfolio
            .act_on_case(case, step, &text, &by, room.now)?;
        let case = room
            .portfolio
            .case(case)?
            .context("the case was forgotten just now")?;
        writeln!(out, "{}", line(&room, &case)?)?;
        Ok(Exit::Done)
    }
}

/// Records in the journal what happens to a case. What the person wrote is there as a keyed digest.
pub(super) fn record(
    recorder: &Recorder,
    case: u32,
    step: Step,
    text: &CaseText,
    now: u32,
) -> Result<()> {
    let (case, text) = (format!("case_{case}"), recorder.digest(text.as_str(), now)?);
    let about = [("case", case.as_str()), ("text", text.as_str())];
    recorder.record(&format!("case_{}", step.name()), &about, now)?;
    Ok(())
}

fn list(room: &Room, all: bool, out: &mut dyn Write) -> Result<Exit> {
    text::columns(&COLUMNS, out)?;
    let mut after = 0;
    loop {
        let page = match all {
            true => room.portfolio.cases_after(after, PAGE)?,
            false => room.portfolio.open_cases_after(after, PAGE)?,
        };
        let Some(last) = page.last() else {
            return Ok(Exit::Done);
        };
        after = last.number;
        for case in &page {
            writeln!(out, "{}", line(room, case)?)?;
        }
    }
}

fn line(room: &Room, case: &MerchantCase) -> Result<String> {
    let status = room.portfolio.status(&case.merchant)?;
    let standing = status.and_then(|status| status.standing);
    let (action, because) = match &standing {
        Some(standing) => (
            standing.action.name(),
            standing.because.as_deref().unwrap_or_default(),
        ),
        None => ("no verdict", ""),
    };
    let state = if case.is_open { "open" } else { "closed" };
    let assignee = case.assignee.as_deref().unwrap_or_default();
    let opened = text::date(case.opened);
    Ok(format!(
        "{}\t{state}\t{}\t{action}\t{because}\t{opened}\t{}",
        case.number,
        case.merchant,
        text::plain(assignee)
    ))
}

fn show(room: &Room, number: u32, out: &mut dyn Write) -> Result<Exit> {
    let Some(case) = room.portfolio.case(number)? else {
        writeln!(out, "there is no case {number}")?;
        return Ok(Exit::Doubt);
    };
    writeln!(out, "{}", line(room, &case)?)?;
    let status = room.portfolio.status(&case.merchant)?;
    for reason in status
        .iter()
        .filter_map(|status| status.standing.as_ref())
        .flat_map(|one| &one.reasons)
    {
        writeln!(out, "  - {}", text::reason(&reason.reason()))?;
    }
    for step in room.portfolio.case_history(number)? {
        writeln!(out, "{}", told(&step))?;
    }
    Ok(Exit::Done)
}

/// One line of the history.
fn told(step: &CaseStep) -> String {
    let mut told = format!("{}  {}", text::date(step.time), step.step.name());
    let verdict = step.standing.as_ref().map(verdict);
    let receipt = step.receipt.as_ref().map(|mac| format!("receipt {mac}"));
    let person = step.person.as_ref().map(|person| format!("by {person}"));
    for part in [verdict, receipt, person, step.text.clone()]
        .into_iter()
        .flatten()
    {
        told.push_str("  ");
        told.push_str(&text::plain(&part));
    }
    told
}

fn verdict(standing: &Standing) -> String {
    let action = standing.action.name();
    match &standing.because {
        Some(because) => format!("{action} ({because})"),
        None => action.to_owned(),
    }
}
