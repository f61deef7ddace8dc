use std::io::Write;
use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, Subcommand, ValueEnum};
use interdict_core::common::time::Time;
use interdict_core::identifier::Kind;
use interdict_publisher::{
    CompactEdition, Confirm, EmptyLists, FormatEnd, NewBase, ReleaseOptions,
};

use super::clock::Today;
use super::directory::{open_to_sign, open_with_warning};
use super::lines::kind;

const RENEWING: &str = "\
Run it every night from a timer. The timestamp lives 48 hours; after that every gateway takes the lists
for stale, and its verdicts are degraded. It signs with the keys of snapshot and timestamp alone.

It does not replace `release`: a gateway's policy takes a list that was released 30 days ago for
expired, and what the holders of the targets keys signed ends after 90 days; `renew` is refused then.";

// What goes out.
#[derive(Debug, Subcommand)]
pub(super) enum Releases {
    /// Build, sign, check and publish the lists
    Release(Release),
    /// Show or state which kinds of identifier a list declares
    Kinds(Kinds),
    /// Sign snapshot and timestamp again, so that the published lists stay fresh
    #[command(after_help = RENEWING)]
    Renew {
        /// The coalition's directory
        directory: PathBuf,
        #[command(flatten)]
        today: Today,
    },
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
A release is refused if the register or its history is damaged. Otherwise it always goes out, and what
exceeds the limits stays as published: of each source and kind, in 30 days, answers with less for at
most 5 entries or 1 %, and with more for at most 50 or 5 %. Entries with the flag mandatory never answer
with less unconfirmed. Up to 20 identifiers in 30 days that `delist` took off one by one go beside that.

The release prints a digest of what it held back. Look at it, then confirm within seven days:
  interdict-publish release se --confirm DIGEST")]
pub(super) struct Release {
    /// The coalition's directory
    directory: PathBuf,
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
    /// Do everything except publishing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    today: Today,
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
    pub(super) fn run(&self, now: Time, out: &mut impl Write) -> Result<()> {
        match self {
            Self::Release(arguments) => arguments.run(now, out),
            Self::Kinds(arguments) => arguments.run(now, out),
            Self::Renew { directory, today } => {
                let mut publisher = open_to_sign(directory, now, today)?;
                Ok(write!(out, "{}", publisher.renew(now)?)?)
            }
        }
    }
}

impl Kinds {
    fn run(&self, now: Time, out: &mut impl Write) -> Result<()> {
        let mut publisher = open_with_warning(&self.directory)?;
        if !self.declare.is_empty() {
            let declared = publisher.declare_kinds(self.list.as_deref(), &self.declare, now)?;
            return Ok(writeln!(out, "{declared}the next release is a new base")?);
        }
        let lists = publisher.declared_kinds()?;
        let named = |list: &str| self.list.as_deref().is_none_or(|name| name == list);
        let mut lists = lists.iter().filter(|one| named(one.list.as_str()));
        Ok(lists.try_for_each(|list| write!(out, "{list}"))?)
    }
}

impl Release {
    fn run(&self, now: Time, out: &mut impl Write) -> Result<()> {
        let empty = if self.allow_empty {
            EmptyLists::Allow
        } else {
            EmptyLists::Refuse
        };
        let options = ReleaseOptions {
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
        };
        let mut publisher = open_to_sign(&self.directory, now, &self.today)?;
        if self.dry_run {
            write!(out, "{}", publisher.plan(now, &options)?)?;
            writeln!(out, "nothing was published")?;
        } else {
            write!(out, "{}", publisher.release(now, &options)?)?;
        }
        Ok(())
    }
}
