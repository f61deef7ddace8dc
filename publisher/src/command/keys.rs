use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use clap::{Args, Subcommand, ValueEnum};
use interdict_core::common::time::Time;
use interdict_core::identifier::Kind;
use interdict_core::trust::RoleName;
use interdict_publisher::{
    InitOptions, MemberEdition, NewMember, Publisher, TestKeys, Urgency, write_secret,
};

use super::directory::{file_address, warn_of_test_keys};
use super::lines::kind;
use super::output::Output;
use super::schedule::remind;

#[derive(Debug, Args)]
pub(super) struct Init {
    /// A directory that is empty or not there
    directory: PathBuf,
    /// 1 to 32 lower-case letters, digits and inner hyphens
    #[arg(long, value_name = "NAME")]
    coalition: String,
    /// A list of the coalition; may be repeated [default: NAME/merchants]
    #[arg(long = "list", value_name = "NAME/LIST")]
    lists: Vec<String>,
    /// The kinds of identifier that each list declares, separated by commas [default: all]
    #[arg(long, value_name = "KIND,...", value_delimiter = ',', value_parser = kind)]
    kinds: Vec<Kind>,
    /// Derive all keys from published words: for demonstrations only
    #[arg(long)]
    test_keys: bool,
}

// Who signs and who can read.
#[derive(Debug, Subcommand)]
pub(super) enum Keys {
    /// Publish a new root, signed by the old keys and the new ones
    RotateRoot(RotateRoot),
    /// Epochs and their list keys
    #[command(subcommand)]
    Epoch(EpochCommand),
    /// Members and their enrolment files
    #[command(subcommand)]
    Member(Member),
}

#[derive(Debug, Args)]
pub(super) struct RotateRoot {
    /// The coalition's directory
    directory: PathBuf,
    /// Give targets new keys too: lists count as untrusted until the next release
    #[arg(long)]
    revoke_targets: bool,
    /// Give snapshot and timestamp new keys too: lists count as stale until the next release
    #[arg(long)]
    revoke_online: bool,
    /// Keep the root keys: only a new expiry
    #[arg(long)]
    keep_root_keys: bool,
}

#[derive(Debug, Subcommand)]
pub(super) enum Member {
    /// Make the file a member enrols with
    #[command(after_help = "\
With --recipient, the file holds no key: the next release seals the keys in use to the member's gateway,
and every later key is sealed to it without anybody's help. Without it, the file holds the keys and is a
secret, and the member needs a newer one for each epoch.

The compact edition takes a fifth of the bytes and a third of the memory, and has no records: what it hits
asks for review and never for more, and it leaves out what only asks to monitor. `release --compact on`
publishes it.")]
    Add(AddMember),
    /// Seal no further key to a member; it keeps what it was given
    #[command(after_help = "\
The member still reads lists of the epochs whose keys it has, until they end. `epoch start --now`, a
release, and `epoch retire --now` of the older epochs end that at once.")]
    Remove {
        /// The coalition's directory
        directory: PathBuf,
        /// Its name
        name: String,
    },
}

#[derive(Debug, Args)]
pub(super) struct AddMember {
    /// The coalition's directory
    directory: PathBuf,
    /// 1 to 32 lower-case letters, digits and inner hyphens
    name: String,
    /// Where the member finds the repository [default: the file: address of DIR/repository]
    #[arg(long, value_name = "URL")]
    repository: Option<String>,
    /// The age1… line that the member's `interdict member-key` printed [default: keys by hand]
    #[arg(long, value_name = "AGE1")]
    recipient: Option<String>,
    /// Which edition the member's gateways take: compact for those with little memory [default: the one that
    /// the member has, or member]
    #[arg(long, value_enum)]
    edition: Option<ChosenEdition>,
    /// The file to write [default: NAME.enrolment.json]
    #[arg(long = "out", value_name = "FILE")]
    file: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum ChosenEdition {
    Member,
    Compact,
}

#[derive(Debug, Subcommand)]
pub(super) enum EpochCommand {
    /// Make the next epoch's list key
    #[command(after_help = "\
The next release announces the epoch and publishes its key, sealed to every member with a recipient. A
week after that release its lists go out beside those of the epoch before, which end two weeks later.
Gateways take the key by themselves. Hand every other member a new enrolment file (`member add`) within
the week. A list key should serve 90 days at most: who has it can read every archived list of its
epoch.")]
    Start {
        /// The coalition's directory
        directory: PathBuf,
        /// After a leak: the next release has the epoch's lists already
        #[arg(long)]
        now: bool,
    },
    /// Stop releasing an epoch's lists before it ends by itself
    Retire {
        /// The coalition's directory
        directory: PathBuf,
        /// Its number
        epoch: u32,
        /// After a leak: although members had less than two weeks to take the next key
        #[arg(long)]
        now: bool,
    },
}

impl Init {
    pub(super) fn run(&self, now: Time, out: &mut Output<'_>) -> Result<()> {
        let test_keys = if self.test_keys {
            TestKeys::Yes
        } else {
            TestKeys::No
        };
        let coalition = self.coalition.clone();
        let options = InitOptions {
            coalition,
            lists: self.lists.clone(),
            kinds: self.kinds.clone(),
            test_keys,
            now,
        };
        let publisher = Publisher::init(&self.directory, &options)?;
        warn_of_test_keys(&publisher);
        for list in publisher.lists()? {
            writeln!(out, "{}", list.as_str())?;
        }
        let keys = publisher.directory().keys();
        let what = "move the root keys to different people's safes";
        writeln!(out, "root 1 signed by 2 of 3; {what}: {}", keys.display())?;
        remind(&self.directory, out)
    }
}

impl Keys {
    pub(super) fn run(&self, now: Time, out: &mut Output<'_>) -> Result<()> {
        match self {
            Self::RotateRoot(arguments) => arguments.run(now, out),
            Self::Epoch(command) => command.run(now, out),
            Self::Member(Member::Add(arguments)) => arguments.run(now, out),
            Self::Member(Member::Remove { directory, name }) => remove(directory, name, out),
        }
    }
}

impl RotateRoot {
    fn run(&self, now: Time, out: &mut Output<'_>) -> Result<()> {
        let replace: Vec<RoleName> = [
            (!self.keep_root_keys, RoleName::Root),
            (self.revoke_targets, RoleName::Targets),
            (self.revoke_online, RoleName::Snapshot),
            (self.revoke_online, RoleName::Timestamp),
        ]
        .into_iter()
        .filter_map(|(chosen, role)| chosen.then_some(role))
        .collect();
        let mut publisher = Publisher::open(&self.directory)?;
        out.report(&publisher.rotate_root(now, &replace)?)?;
        if self.revoke_targets || self.revoke_online {
            writeln!(
                out,
                "release now: until then gateways do not rely on the published lists"
            )?;
        }
        Ok(())
    }
}

impl EpochCommand {
    fn run(&self, time: Time, out: &mut Output<'_>) -> Result<()> {
        match self {
            Self::Start { directory, now } => {
                let mut publisher = Publisher::open(directory)?;
                let epoch = publisher.epoch_start(time, urgency(*now))?;
                writeln!(out, "epoch {} since {}", epoch.number, epoch.since)?;
                let next = if *now {
                    "release now: the sealed key and its lists go out together"
                } else {
                    "release: the sealed key goes out, and its lists a week later"
                };
                writeln!(out, "{next}")?;
                waiting(&publisher, out)
            }
            Self::Retire {
                directory,
                epoch,
                now,
            } => {
                let mut publisher = Publisher::open(directory)?;
                let epoch = publisher.epoch_retire(*epoch, time, urgency(*now))?;
                let what = "the next release leaves its lists out";
                writeln!(out, "epoch {} is retired; {what}", epoch.number)?;
                waiting(&publisher, out)
            }
        }
    }
}

const fn urgency(now: bool) -> Urgency {
    match now {
        true => Urgency::Leak,
        false => Urgency::Planned,
    }
}

fn waiting(publisher: &Publisher, out: &mut Output<'_>) -> Result<()> {
    let members = publisher.members_without_newest_key()?;
    if !members.is_empty() {
        let who = members.join(", ");
        writeln!(
            out,
            "by hand, and without the newest key: {who}; see `member add`"
        )?;
    }
    Ok(())
}

impl AddMember {
    fn run(&self, now: Time, out: &mut Output<'_>) -> Result<()> {
        let mut publisher = Publisher::open(&self.directory)?;
        let repository = match &self.repository {
            Some(repository) => repository.clone(),
            None => file_address(&publisher.directory().repository())?,
        };
        let member = NewMember {
            name: &self.name,
            repository: &repository,
            recipient: self.recipient.as_deref(),
            edition: self.edition.map(MemberEdition::from),
        };
        let enrolment = publisher.member_add(&member, now)?;
        let default = || PathBuf::from(format!("{}.enrolment.json", self.name));
        let file = self.file.clone().unwrap_or_else(default);
        write_secret(&file, &enrolment.to_bytes()).with_context(|| file.display().to_string())?;
        let what = match member.recipient {
            Some(_) => "it holds no secret; release, so that the keys are sealed to the member",
            None => "hand it over in person or encrypted; it holds the list key",
        };
        Ok(writeln!(out, "{}: {what}", file.display())?)
    }
}

impl From<ChosenEdition> for MemberEdition {
    fn from(chosen: ChosenEdition) -> Self {
        match chosen {
            ChosenEdition::Member => Self::Member,
            ChosenEdition::Compact => Self::Compact,
        }
    }
}

fn remove(directory: &Path, name: &str, out: &mut Output<'_>) -> Result<()> {
    let mut publisher = Publisher::open(directory)?;
    let removed = publisher.member_remove(name)?;
    writeln!(out, "{name} is removed; no further key is sealed to it")?;
    for epoch in removed.epochs {
        let what = "which it reads until that ends; see `epoch start --now`";
        writeln!(out, "it has the key of epoch {epoch}, {what}")?;
    }
    Ok(())
}
