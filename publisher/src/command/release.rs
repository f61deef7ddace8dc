use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::{Args, Subcommand, ValueEnum};
use interdict_core::common::time::Time;
use interdict_core::identifier::Kind;
use interdict_publisher::{
    CompactEdition, Confirm, EmptyLists, FormatEnd, NewBase, Proposal, ReleaseOptions,
};

use super::clock::Today;
use super::directory::{open_to_sign, open_with_warning};
use super::exit::{Ended, Exit};
use super::lines::kind;
use super::metrics::Metrics;
use super::next::{next_with, shell};
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
otherwise or no more, and what a guard would hold back. It shows merchants: it is for whoever may see the
register. The keys that sign are not needed. --json names all entries, the text the first 50 of a kind.

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

A release is refused if the register or its history is damaged. Otherwise it always goes out, and what
exceeds the limits stays as published: of each source and kind, in 30 days, answers with less for at
most 5 entries or 1 %, and with more for at most 50 or 5 %. Entries with the flag mandatory never answer
with less unconfirmed. Up to 20 identifiers in 30 days that `delist` took off one by one go beside that.

If something was held back, the command ends with exit code 8 and prints the line that lets it go out, which
holds for seven days. Look at it with `plan` first.

Examples:
  interdict-publish release se --first             (the first one, and the first with a new source)
  interdict-publish release se
  interdict-publish release se --confirm DIGEST    (as the release before printed it)
  interdict-publish release se --to staged         (carry the folder to the machine that publishes)")]
pub(super) struct Release {
    /// The coalition's directory
    directory: PathBuf,
    #[command(flatten)]
    building: Building,
    /// Sign the targets alone, and write what `publish` needs to this folder, to be carried over
    #[arg(long, value_name = "FOLDER", conflicts_with = "file")]
    to: Option<PathBuf>,
    #[command(flatten)]
    today: Today,
    #[command(flatten)]
    metrics: Metrics,
}

/// What is built, and how.
#[derive(Debug, Args)]
struct Building {
    /// Build only this list; may be repeated. Lists that a new epoch lacks go along
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
    /// Agree to all entries of a list's first release, and of sources that it had nothing from
    #[arg(long, conflicts_with = "confirm")]
    first: bool,
    /// Agree to what an earlier release held back under this digest
    #[arg(long, value_name = "DIGEST")]
    confirm: Option<String>,
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
            Self::Kinds(arguments) => arguments.run(now, out),
        }
    }
}

impl Kinds {
    fn run(&self, now: Time, out: &mut Output<'_>) -> Result<()> {
        let mut publisher = open_with_warning(&self.directory)?;
        if !self.declare.is_empty() {
            let declared = publisher.declare_kinds(self.list.as_deref(), &self.declare, now)?;
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
            confirm: match &self.confirm {
                Some(digest) => Confirm::Proposal(digest.clone()),
                None if self.first => Confirm::First,
                None => Confirm::Nothing,
            },
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
        let plan = publisher.plan(now, &self.building.options())?;
        out.report(&plan)?;
        if plan.release.proposal.is_some() && !self.building.first {
            let what = "agrees to all of a list or source that had nothing published before";
            out.line(&next_with(&self.directory, "release", "--first", what))?;
        }
        Ok(out.line("nothing was published")?)
    }
}

impl Release {
    fn run(&self, now: Time, out: &mut Output<'_>) -> Result<()> {
        let options = self.building.options();
        let mut publisher = open_to_sign(&self.directory, now, &self.today)?;
        if let Some(folder) = &self.to {
            let staged = publisher.stage(now, &options, folder)?;
            out.report(&staged)?;
            out.line(&format!(
                "nothing is published yet: carry {0} to the machine with the repository, and run there \
                 `interdict-publish publish DIR {0}`",
                folder.display()
            ))?;
            return self.held_back(staged.proposal.as_ref(), out);
        }
        let report = publisher.release(now, &options)?;
        out.report(&report)?;
        out.line(&format!(
            "built, signed, checked and published on this machine, in {}",
            publisher.directory().repository().display()
        ))?;
        remind(&self.directory, out)?;
        self.metrics.write("release", &self.directory, now)?;
        self.held_back(report.proposal.as_ref(), out)
    }

    /// Prints what to run to let go out what a guard held back.
    fn held_back(&self, proposal: Option<&Proposal>, out: &mut Output<'_>) -> Result<()> {
        let Some(proposal) = proposal else {
            return Ok(());
        };
        let path = |path: &Path| shell(&path.to_string_lossy());
        let directory = path(&self.directory);
        let mut line = format!("interdict-publish release {directory}");
        for list in &self.building.lists {
            line.push_str(&format!(" --list {}", shell(list)));
        }
        if let Some(folder) = &self.to {
            line.push_str(&format!(" --to {}", path(folder)));
        }
        line.push_str(&format!(" --confirm {}", proposal.digest));
        out.line(&format!(
            "{} entries are held back and stay as published. `interdict-publish plan {directory}` names them; if \
             they are right, let them go out until {}:\n  {line}",
            proposal.entries, proposal.until
        ))?;
        if self.building.first {
            out.line(
                "--first agrees to lists and sources alone that had nothing published before",
            )?;
        }
        out.field("confirm", line.into());
        Ended::with(Exit::HeldBack, Exit::HeldBack.meaning())
    }
}
