use std::io::Write;
use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, Subcommand, ValueEnum};
use interdict_core::common::time::Time;
use interdict_core::identifier::Kind;
use interdict_publisher::{CompactEdition, EmptyLists, FormatEnd, NewBase, ReleaseOptions};

use super::directory::open_with_warning;
use super::lines::kind;
use super::metrics::Metrics;
use super::output::Output;
use super::schedule::remind;

// What goes out.
#[derive(Debug, Subcommand)]
pub(super) enum Releases {
    /// Show what a release would change, by name, and publish nothing
    Plan(Plan),
    /// Build, sign, check and publish the lists
    Release(Release),
    /// Show or state which kinds of identifier a list declares
    Kinds(Kinds),
}

#[derive(Debug, Args)]
#[command(after_help = "\
A gateway takes a kind for checked if the list declares it and says nothing: declare what the coalition
collects, whatever happens to be listed. `import` refuses other kinds. Changing them makes the next
release a new base, which every gateway fetches whole.

Example:
  interdict-publish kinds se --declare domain,iban,card_acceptor")]
pub(super) struct Kinds {
    /// The coalition's directory
    directory: PathBuf,
    /// The list, if the coalition has several
    #[arg(long, value_name = "NAME/LIST")]
    list: Option<String>,
    /// All the kinds that the list declares from now on, separated by commas
    #[arg(long, value_name = "KIND,...", value_delimiter = ',', value_parser = kind)]
    declare: Vec<Kind>,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Does all that `release` does except publishing, and names every entry that gateways would answer for anew,
otherwise or no more. It shows merchants: it is for whoever may see the register. The keys that sign are not
needed. --json names all entries, the text the first 50 of a kind.

Example:
  interdict-publish plan se --json")]
pub(super) struct Plan {
    /// The coalition's directory
    directory: PathBuf,
    #[command(flatten)]
    building: Building,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Everything is done on one machine: it builds the lists, signs targets, snapshot and timestamp, checks them as
gateways do and writes them to DIR/repository. With --to, only the targets are signed, and FOLDER gets all
that `interdict-publish publish` needs on the machine with the other keys.

A release is refused if the register's file is damaged. It is refused, too, if entries of the last
release are gone from the register or say less without having been delisted, protected or imported
again: restore a copy of the register. If the list is meant to be so, --entries states the number of
entries that goes out, as the refusal gives it.")]
pub(super) struct Release {
    /// The coalition's directory
    directory: PathBuf,
    #[command(flatten)]
    building: Building,
    /// Sign the targets alone, and write what `publish` needs to this folder, to be carried over
    #[arg(long, value_name = "FOLDER", conflicts_with = "file")]
    to: Option<PathBuf>,
    #[command(flatten)]
    metrics: Metrics,
}

/// What is built, and how.
#[derive(Debug, Args)]
struct Building {
    /// Build only this list; may be repeated
    #[arg(long = "list", value_name = "NAME/LIST")]
    lists: Vec<String>,
    /// False hits of the filter are one in 2^N; even
    #[arg(long, value_name = "N", default_value_t = ReleaseOptions::default().rate)]
    rate: u8,
    /// Release a list without entries, which takes back every listing
    #[arg(long)]
    allow_empty: bool,
    /// Build filter and records anew, also where a stash of the changes would do
    #[arg(long)]
    base: bool,
    /// State how many entries go out, although entries of the last release were lost; must be exact
    #[arg(long, value_name = "N")]
    entries: Option<usize>,
    /// Publish a compact edition beside member, or stop to; holds for later releases too
    #[arg(long, value_name = "WHETHER")]
    compact: Option<Compact>,
    /// Announce the day from which the lists come in a later format alone, as 2027-06-01, or `never` to take it
    /// back; holds for later releases too
    #[arg(long, value_name = "DAY", value_parser = format_end)]
    ends: Option<FormatEnd>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Compact {
    On,
    Off,
}

/// A day, or `never`.
fn format_end(text: &str) -> Result<FormatEnd, String> {
    if text == "never" {
        return Ok(FormatEnd::Unannounced);
    }
    FormatEnd::on_day(text).ok_or_else(|| "a day is written as 2027-06-01".to_owned())
}

impl Releases {
    pub(super) fn run(&self, now: Time, out: &mut Output<'_>) -> Result<()> {
        match self {
            Self::Plan(arguments) => arguments.run(now, out),
            Self::Release(arguments) => arguments.run(now, out),
            Self::Kinds(arguments) => arguments.run(out),
        }
    }
}

impl Kinds {
    fn run(&self, out: &mut Output<'_>) -> Result<()> {
        let mut publisher = open_with_warning(&self.directory)?;
        if !self.declare.is_empty() {
            let declared = publisher.declare_kinds(self.list.as_deref(), &self.declare)?;
            out.report(&declared)?;
            return Ok(writeln!(out, "the next release is a new base")?);
        }
        let lists = publisher.declared_kinds()?;
        let named = |list: &str| self.list.as_deref().is_none_or(|name| name == list);
        let lists = lists.into_iter().filter(|one| named(one.list.as_str()));
        Ok(out.reports("lists", &lists.collect::<Vec<_>>())?)
    }
}

impl Building {
    fn options(&self) -> ReleaseOptions {
        let empty = if self.allow_empty {
            EmptyLists::Allow
        } else {
            EmptyLists::Refuse
        };
        ReleaseOptions {
            lists: self.lists.clone(),
            rate: self.rate,
            empty,
            base: if self.base {
                NewBase::Always
            } else {
                NewBase::WhenDue
            },
            entries: self.entries,
            compact: self.compact.map(|compact| match compact {
                Compact::On => CompactEdition::Yes,
                Compact::Off => CompactEdition::No,
            }),
            ends: self.ends,
        }
    }
}

impl Plan {
    fn run(&self, now: Time, out: &mut Output<'_>) -> Result<()> {
        let publisher = open_with_warning(&self.directory)?;
        out.report(&publisher.plan(now, &self.building.options())?)?;
        Ok(out.line("nothing was published")?)
    }
}

impl Release {
    fn run(&self, now: Time, out: &mut Output<'_>) -> Result<()> {
        let options = self.building.options();
        let mut publisher = open_with_warning(&self.directory)?;
        let repository = publisher.directory().repository();
        if let Some(folder) = &self.to {
            out.report(&publisher.stage(now, &options, folder)?)?;
            out.line(&format!(
                "nothing is published yet: carry {0} to the machine with the repository, and run there \
                 `interdict-publish publish DIR {0}`",
                folder.display()
            ))?;
            return Ok(());
        }
        out.report(&publisher.release(now, &options)?)?;
        out.line(&format!(
            "built, signed, checked and published on this machine, in {}",
            repository.display()
        ))?;
        remind(&self.directory, out)?;
        self.metrics.write("release", &self.directory, now)
    }
}
