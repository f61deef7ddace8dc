use std::io::{self, Write as _};
use std::path::PathBuf;
use std::str::FromStr;

use anyhow::Result;
use clap::{Args, Subcommand};
use interdict_core::common::time::Time;
use interdict_core::list::{Action, Handling};
use interdict_publisher::{
    AcceptOptions, NewSource, Quarantine, Set, SourceChange, SourceClass, WaitingStatement,
};

use super::directory::{open_directory, open_with_warning};
use super::json;
use super::lines::{Named, Reading, any_taken, check_source, named};
use super::next::next;
use super::output::Output;

/// The word that takes a value back.
const NONE: &str = "none";

// Who says that merchants are listed, and what of it waits for a person.
#[derive(Debug, Subcommand)]
pub(super) enum Sources {
    /// The parties that say merchants are listed, and how far each may go
    #[command(subcommand)]
    Source(SourceCommand),
    /// Let statements out of quarantine: they go out with the next release
    Accept(Accept),
    /// Show what waits in quarantine
    #[command(after_help = "\
Prints CSV, and shows merchants' names. Keep the rows that are to go out, and give the file to `accept`:
it accepts a statement only while it says what the row says.

Example:
  interdict-publish quarantine se --source hotline-se > waiting.csv")]
    Quarantine {
        /// The coalition's directory
        directory: PathBuf,
        /// The list, if the coalition has several
        #[arg(long, value_name = "NAME/LIST")]
        list: Option<String>,
        /// Only of this source
        #[arg(long, value_name = "ID")]
        source: Option<String>,
    },
    /// Show how many entries feeds left out, or remove them
    #[command(after_help = "\
`import --mode sync` proposes for removal what a feed no longer names. It stays on the list until
--remove. No tombstone stays: the feed may name it again. A file that names it before that takes the
proposal back.

Example:
  interdict-publish dropped se --source hotline-se --remove")]
    Dropped {
        /// The coalition's directory
        directory: PathBuf,
        /// Only of this source
        #[arg(long, value_name = "ID")]
        source: Option<String>,
        /// Remove them from the register
        #[arg(long)]
        remove: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum SourceCommand {
    /// Register a source, so that files can be imported under it
    #[command(after_help = CLASSES)]
    Add(Add),
    /// Change who a source is and what it may do; what it has on a list stays
    #[command(after_help = "\
`none` takes back --max-new, --contact, --terms, --handling, --review and --life.

Example:
  interdict-publish source change se hotline-se --quarantine off --review 2027-11-22")]
    Change(Change),
    /// List the sources, and count each list's entries by source
    #[command(after_help = "\
The name in brackets is the source's origin: the one name under which every coalition knows the party.
Sources of one origin are one voice at a gateway, however many lists repeat what it says.

An entry is in force unless it has ended or its identifier is protected. It is from no other source
if nobody else has an entry in force on the same identifier: without this source the list no longer
names it.

Example:
  interdict-publish source list se")]
    List {
        /// The coalition's directory
        directory: PathBuf,
    },
    /// Show everything about a source, but no identifier
    #[command(after_help = "\
Example:
  interdict-publish source show se hotline-se")]
    Show {
        /// The coalition's directory
        directory: PathBuf,
        /// Its id
        id: String,
    },
}

const CLASSES: &str = "\
Classes: hotline (tips of the public), police (any authority), bank (also card schemes and payment
companies that investigate by themselves), member (what a member comes across), open_data (a list that
everybody can fetch), test_purchase (somebody paid and saw who was paid).

A hotline and a member start in quarantine: what they newly say waits for `accept`. With
--quarantine off it goes out with the next release, for a source that checks what it passes on.

Examples:
  interdict-publish source add se hotline-se --class hotline --origin hotline.example
  interdict-publish source add se police-se --class police --highest-action hold_payout --life 180
  interdict-publish source add se phishing-list --class open_data --highest-action review --max-new 5000";

#[derive(Debug, Args)]
pub(super) struct Add {
    /// The coalition's directory
    directory: PathBuf,
    /// 1 to 40 lower-case letters, digits, dots and hyphens
    id: String,
    /// What kind of party it is
    #[arg(long, value_name = "CLASS", value_parser = class)]
    class: SourceClass,
    #[command(flatten)]
    terms: Terms,
}

#[derive(Debug, Args)]
pub(super) struct Change {
    /// The coalition's directory
    directory: PathBuf,
    /// Its id
    id: String,
    /// What kind of party it is; this changes no limit
    #[arg(long, value_name = "CLASS", value_parser = class)]
    class: Option<SourceClass>,
    #[command(flatten)]
    terms: Terms,
}

#[derive(Debug, Args)]
struct Terms {
    /// Its one name in every coalition [default of a new source: its id]
    #[arg(long, value_name = "ORIGIN")]
    origin: Option<String>,
    /// The strongest action it may ask for: monitor, review, hold_payout, block [default: block]
    #[arg(long, value_name = "ACTION", value_parser = action)]
    highest_action: Option<Action>,
    /// How sure it is where it does not say so, per mille [default: 900]
    #[arg(long, value_name = "1-999")]
    confidence: Option<u16>,
    /// The highest confidence it may state [default: 999]
    #[arg(long, value_name = "1-999")]
    highest_confidence: Option<u16>,
    /// The most new entries in one file; a file with more is refused whole [default: any number]
    #[arg(long, value_name = "N", value_parser = set::<u32>)]
    max_new: Option<Set<u32>>,
    /// Whom to ask about its entries
    #[arg(long, value_name = "TEXT", value_parser = set::<String>)]
    contact: Option<Set<String>>,
    /// On which terms it gives them
    #[arg(long, value_name = "TEXT", value_parser = set::<String>)]
    terms: Option<Set<String>>,
    /// Who may be told of entries that do not say so: clear, green, amber, amber+strict, red
    #[arg(long, value_name = "TLP", value_parser = handling)]
    handling: Option<Set<Handling>>,
    /// When somebody has to look at the source again; `status` reminds
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = date)]
    review: Option<Set<Time>>,
    /// How long an entry lasts that states no end [default: without end]
    #[arg(long, value_name = "DAYS", value_parser = set::<u16>)]
    life: Option<Set<u16>>,
    /// Whether what it newly says waits for a person: on, off [default: on for hotline and member]
    #[arg(long, value_name = "ON|OFF", value_parser = quarantine)]
    quarantine: Option<Quarantine>,
}

#[derive(Debug, Args)]
#[command(after_help = "\
A file has the fields kind,value and may have source. Of each identifier the statement of that source is
accepted, or without one every statement that waits. A row as `quarantine` printed it is accepted only
while the statement is as it was then; otherwise it is refused, rule `statement_changed`.

Examples:
  interdict-publish accept se waiting.csv
  interdict-publish accept se --kind domain --value shop.example
  interdict-publish accept se --source hotline-se --all

Exit code: 1 if every line was refused, 7 if some were.",
    group = named("accepted", &["file", "value", "all"]))]
pub(super) struct Accept {
    /// The coalition's directory
    directory: PathBuf,
    /// The file: .csv, .jsonl or .ndjson
    file: Option<PathBuf>,
    /// One identifier instead of a file: its kind
    #[arg(long, requires = "value", conflicts_with = "file")]
    kind: Option<String>,
    /// And its value
    #[arg(long, requires = "kind", conflicts_with = "file")]
    value: Option<String>,
    /// Accept everything that waits of the source
    #[arg(long, requires = "source", conflicts_with_all = ["file", "kind"])]
    all: bool,
    /// The list, if the coalition has several
    #[arg(long, value_name = "NAME/LIST")]
    list: Option<String>,
    /// Accept only what this source says, in lines that name none
    #[arg(long, value_name = "ID")]
    source: Option<String>,
    #[command(flatten)]
    reading: Reading,
}

impl Sources {
    pub(super) fn run(&self, now: Time, out: &mut Output<'_>) -> Result<()> {
        match self {
            Self::Source(command) => command.run(now, out),
            Self::Accept(arguments) => arguments.run(now, out),
            Self::Quarantine {
                directory,
                list,
                source,
            } => {
                let publisher = open_with_warning(directory)?;
                check_source(&publisher, source.as_deref())?;
                let waiting = publisher.waiting(list.as_deref(), source.as_deref())?;
                if out.is_json() {
                    out.field("waiting", waiting.iter().map(json::waiting).collect());
                    return Ok(());
                }
                if waiting.is_empty() {
                    writeln!(io::stderr(), "nothing waits")?;
                }
                let mut rows = csv::Writer::from_writer(out);
                rows.write_record(WaitingStatement::columns())?;
                for statement in &waiting {
                    rows.write_record(statement.row())?;
                }
                Ok(rows.flush()?)
            }
            Self::Dropped {
                directory,
                source,
                remove,
            } => {
                let mut publisher = open_with_warning(directory)?;
                check_source(&publisher, source.as_deref())?;
                let dropped = match remove {
                    true => publisher.remove_dropped(source.as_deref(), now)?,
                    false => publisher.dropped(source.as_deref())?,
                };
                out.reports("dropped", &dropped)?;
                out.field("removed", (*remove).into());
                let what = match (remove, dropped.is_empty()) {
                    (_, true) => "feeds left nothing out",
                    (true, false) => "removed from the register; the next release takes them back",
                    (false, false) => "still listed; --remove removes them",
                };
                Ok(out.line(what)?)
            }
        }
    }
}

impl SourceCommand {
    fn run(&self, now: Time, out: &mut Output<'_>) -> Result<()> {
        match self {
            Self::Add(Add {
                directory,
                id,
                class,
                terms,
            }) => {
                let mut new = NewSource::new(id, *class);
                new.change = terms.change(None);
                let source = open_directory(directory)?.source_add(new, now)?;
                out.report(&source)?;
                if source.quarantine == Quarantine::On {
                    let what = "what it says waits for `interdict-publish accept`";
                    writeln!(out, "{what}; --quarantine off lets it go out at once")?;
                }
                Ok(())
            }
            Self::Change(Change {
                directory,
                id,
                class,
                terms,
            }) => {
                let mut publisher = open_directory(directory)?;
                let source = publisher.source_change(id, terms.change(*class), now)?;
                Ok(out.report(&source)?)
            }
            Self::List { directory } => {
                let publisher = open_with_warning(directory)?;
                out.reports("sources", &publisher.registered_sources()?)?;
                Ok(out.reports("lists", &publisher.sources(now)?)?)
            }
            Self::Show { directory, id } => {
                let publisher = open_with_warning(directory)?;
                Ok(out.report(&publisher.source(id, now)?)?)
            }
        }
    }
}

impl Terms {
    fn change(&self, class: Option<SourceClass>) -> SourceChange {
        SourceChange {
            origin: self.origin.clone(),
            class,
            highest_action: self.highest_action,
            confidence: self.confidence,
            highest_confidence: self.highest_confidence,
            max_new: self.max_new.unwrap_or_default(),
            contact: self.contact.clone().unwrap_or_default(),
            terms: self.terms.clone().unwrap_or_default(),
            handling: self.handling.unwrap_or_default(),
            review: self.review.unwrap_or_default(),
            life: self.life.unwrap_or_default(),
            quarantine: self.quarantine,
        }
    }
}

impl Accept {
    fn run(&self, now: Time, out: &mut Output<'_>) -> Result<()> {
        let mut publisher = open_directory(&self.directory)?;
        let report = match &self.source {
            Some(source) if self.all => publisher.accept_all(source, self.list.as_deref(), now)?,
            _ => {
                let options = AcceptOptions {
                    list: self.list.clone(),
                    source: self.source.clone(),
                };
                let (file, kind, value) =
                    (self.file.clone(), self.kind.clone(), self.value.clone());
                Named::new(file, kind, value).with(&self.reading, |names| {
                    Ok(publisher.accept(names, &options, now)?)
                })?
            }
        };
        out.report(&report)?;
        let lines = report.json_lines();
        self.reading
            .show(&report.refused, &report.conflicts, &lines, out)?;
        if report.accepted > 0 {
            out.line(&next(&self.directory, "plan", "shows what goes out"))?;
        }
        let not_waiting = u64::try_from(report.not_waiting.len())?;
        any_taken(&report.refused, report.accepted.max(not_waiting))
    }
}

/// A class by its name.
pub(super) fn class(text: &str) -> Result<SourceClass, String> {
    SourceClass::from_name(text).ok_or_else(|| {
        let names = SourceClass::ALL.map(SourceClass::name);
        format!("classes are {}", names.join(", "))
    })
}

fn action(text: &str) -> Result<Action, String> {
    let action = Action::from_name(text).filter(|action| *action != Action::Allow);
    action.ok_or_else(|| "actions are monitor, review, hold_payout and block".to_owned())
}

fn quarantine(text: &str) -> Result<Quarantine, String> {
    match text {
        "on" => Ok(Quarantine::On),
        "off" => Ok(Quarantine::Off),
        _ => Err("on or off".to_owned()),
    }
}

/// A value, or `none` to take it back.
fn set<T: FromStr>(text: &str) -> Result<Set<T>, String> {
    match text {
        NONE => Ok(Set::Clear),
        _ => text
            .parse()
            .map(Set::To)
            .map_err(|_| "a whole number, or none".to_owned()),
    }
}

fn handling(text: &str) -> Result<Set<Handling>, String> {
    match text {
        NONE => Ok(Set::Clear),
        _ => Handling::from_name(text).map(Set::To).ok_or_else(|| {
            let names = Handling::ALL.map(Handling::name);
            format!("labels are {}, or none", names.join(", "))
        }),
    }
}

fn date(text: &str) -> Result<Set<Time>, String> {
    let time = || Time::parse(&format!("{text}T00:00:00Z"));
    match text {
        NONE => Ok(Set::Clear),
        _ => time()
            .and_then(|time| Time::from_clock(time.seconds()))
            .map(Set::To)
            .ok_or_else(|| "a day like 2027-11-22 from 2024 to 2099, or none".to_owned()),
    }
}
