use std::io;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use clap::{Args, Subcommand};
use interdict_core::common::time::Time;
use interdict_core::identifier::Kind;
use interdict_core::list::Action;
use interdict_publisher::{EntryFilter, EntryState};

use super::directory::open_directory;
use super::lines::{Named, Reading, any_taken, check_source, kind, one_line};
use super::output::Output;

/// Rows that `search` prints without --limit: a few screens.
const LIMIT: usize = 100;

// What shows identifiers to the register's owner.
#[derive(Debug, Subcommand)]
pub(super) enum Look {
    /// Say everything that the register knows of an identifier
    Show(Show),
    /// Find entries by a part of their value
    Search(Search),
    /// List entries, all or some
    List(List),
}

#[derive(Debug, Args)]
#[command(after_help = "\
For each list: what every source says and what becomes of it, statements on what the identifier lies in,
why it was delisted and whether that was lifted, whether it is public, since when releases block it, and
what a gateway would be told by a release made now. After that the notes on it.

Examples:
  interdict-publish show se --kind domain --value shop.example
  interdict-publish show se --kind iban --value -          (reads it from standard input)
  interdict-publish show se names.csv --json

Exit code: 1 if every line was refused, 7 if some were.")]
pub(super) struct Show {
    /// The coalition's directory
    directory: PathBuf,
    #[command(flatten)]
    named: Named,
    #[command(flatten)]
    reading: Reading,
}

#[derive(Debug, Args)]
#[command(after_help = "\
The text is looked for in any case and in every value. White space in it does not count, nor do brackets and
hyphens in a number. Internationalised names are found in both forms. A row is: list, kind, value, source,
action, confidence, state.

Examples:
  interdict-publish search se shop
  interdict-publish search se bücher --kind domain
  interdict-publish search se - --json                     (reads the text from standard input)")]
pub(super) struct Search {
    /// The coalition's directory
    directory: PathBuf,
    /// What to look for; - reads it from standard input, so that it stays out of the shell's history
    #[arg(allow_hyphen_values = true)]
    text: String,
    #[command(flatten)]
    filters: Filters,
    /// Print at most this many rows
    #[arg(long, value_name = "N", default_value_t = LIMIT)]
    limit: usize,
}

#[derive(Debug, Args)]
#[command(after_help = "\
A row is: list, kind, value, source, action, confidence, state. The states are listed, narrowed (a name
below it is protected: released for the host alone), withheld (protected: not released) and lapsed (ended).

Examples:
  interdict-publish list se --state withheld
  interdict-publish list se --source hotline-se --action block --json")]
pub(super) struct List {
    /// The coalition's directory
    directory: PathBuf,
    #[command(flatten)]
    filters: Filters,
    /// Print at most this many rows [default: all]
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
}

#[derive(Debug, Args)]
struct Filters {
    /// Only of this list
    #[arg(long, value_name = "NAME/LIST")]
    list: Option<String>,
    /// Only of this kind
    #[arg(long, value_parser = kind)]
    kind: Option<Kind>,
    /// Only from this source
    #[arg(long, value_name = "ID")]
    source: Option<String>,
    /// Only with this action: monitor, review, hold_payout or block
    #[arg(long, value_parser = action)]
    action: Option<Action>,
    /// Only in this state: listed, narrowed, withheld or lapsed
    #[arg(long, value_parser = state)]
    state: Option<EntryState>,
}

impl Look {
    pub(super) fn run(&self, now: Time, out: &mut Output<'_>) -> Result<()> {
        match self {
            Self::Show(arguments) => arguments.run(now, out),
            Self::Search(arguments) => arguments.run(now, out),
            Self::List(arguments) => {
                let filter = arguments.filters.filter(None);
                let limit = arguments.limit.unwrap_or(usize::MAX);
                print(&arguments.directory, &filter, limit, now, out)
            }
        }
    }
}

impl Show {
    fn run(&self, now: Time, out: &mut Output<'_>) -> Result<()> {
        let publisher = open_directory(&self.directory)?;
        let report = self
            .named
            .with(&self.reading, |names| Ok(publisher.show(names, now)?))?;
        out.report(&report)?;
        self.reading
            .show(&report.refused, &[], &report.json_lines(), out)?;
        let shown = u64::try_from(report.shown.len()).unwrap_or(u64::MAX);
        any_taken(&report.refused, shown)
    }
}

impl Search {
    fn run(&self, now: Time, out: &mut Output<'_>) -> Result<()> {
        let text = match self.text.trim() {
            "-" => one_line()?,
            "" => bail!("name a text to look for, or use `list` for all entries"),
            text => text.to_owned(),
        };
        let filter = self.filters.filter(Some(text));
        print(&self.directory, &filter, self.limit, now, out)
    }
}

impl Filters {
    fn filter(&self, text: Option<String>) -> EntryFilter {
        EntryFilter {
            list: self.list.clone(),
            kind: self.kind,
            source: self.source.clone(),
            action: self.action,
            state: self.state,
            text,
        }
    }
}

/// Prints rows as they are read.
fn print(
    directory: &Path,
    filter: &EntryFilter,
    limit: usize,
    now: Time,
    out: &mut Output<'_>,
) -> Result<()> {
    let publisher = open_directory(directory)?;
    check_source(&publisher, filter.source.as_deref())?;
    let (mut count, mut more) = (0_usize, false);
    let mut written: io::Result<()> = Ok(());
    out.begin_rows("entries")?;
    publisher.entries(filter, now, |row| {
        if count == limit {
            more = true;
            return ControlFlow::Break(());
        }
        count = count.saturating_add(1);
        match out.row(row) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                written = Err(error);
                ControlFlow::Break(())
            }
        }
    })?;
    written?;
    out.field("count", count.into());
    out.field("more", more.into());
    if more {
        out.line(&format!("and more; --limit prints more than {limit}"))?;
    } else if count == 0 {
        out.line("no entry")?;
    }
    Ok(())
}

fn action(text: &str) -> Result<Action, String> {
    let listed = Action::from_name(text).filter(|action| *action != Action::Allow);
    listed.ok_or_else(|| "actions are monitor, review, hold_payout, block".to_owned())
}

fn state(text: &str) -> Result<EntryState, String> {
    EntryState::from_name(text).ok_or_else(|| {
        format!(
            "states are {}",
            EntryState::ALL.map(EntryState::name).join(", ")
        )
    })
}
