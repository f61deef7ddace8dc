use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use clap::{Args, Subcommand};
use interdict_core::common::time::Time;
use interdict_core::identifier::Kind;
use interdict_core::trust::RoleName;
use interdict_publisher::{InitOptions, Publisher, TestKeys, write_secret};

use super::directory::{file_address, warn_of_test_keys};
use super::lines::kind;

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
    /// Make the file a member enrols with; it is a secret
    Add(AddMember),
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
    /// The file to write [default: NAME.enrolment.json]
    #[arg(long = "out", value_name = "FILE")]
    file: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(super) enum EpochCommand {
    /// Make the next epoch's list key; its lists are released beside those of the epoch before
    #[command(after_help = "\
Then hand every member a new enrolment file (`member add`), and retire the epoch before when all of
them have taken it. A list key should serve 90 days at most: who has it can read every archived list
of its epoch. Two epochs can be published at a time.")]
    Start {
        /// The coalition's directory
        directory: PathBuf,
    },
    /// Stop releasing an epoch's lists: gateways without a newer key can then answer nothing
    Retire {
        /// The coalition's directory
        directory: PathBuf,
        /// Its number
        epoch: u32,
    },
}

impl Init {
    pub(super) fn run(&self, now: Time, out: &mut impl Write) -> Result<()> {
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
        Ok(writeln!(
            out,
            "root 1 signed by 2 of 3; {what}: {}",
            keys.display()
        )?)
    }
}

impl Keys {
    pub(super) fn run(&self, now: Time, out: &mut impl Write) -> Result<()> {
        match self {
            Self::RotateRoot(arguments) => arguments.run(now, out),
            Self::Epoch(command) => command.run(now, out),
            Self::Member(Member::Add(arguments)) => arguments.run(now, out),
        }
    }
}

impl RotateRoot {
    fn run(&self, now: Time, out: &mut impl Write) -> Result<()> {
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
        write!(out, "{}", publisher.rotate_root(now, &replace)?)?;
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
    fn run(&self, now: Time, out: &mut impl Write) -> Result<()> {
        match self {
            Self::Start { directory } => {
                let mut publisher = Publisher::open(directory)?;
                let epoch = publisher.epoch_start(now)?;
                writeln!(out, "epoch {} since {}", epoch.number, epoch.since)?;
                let next = "release, then hand every member a new file with `member add`";
                writeln!(out, "{next}")?;
                waiting(&publisher, out)
            }
            Self::Retire { directory, epoch } => {
                let mut publisher = Publisher::open(directory)?;
                let epoch = publisher.epoch_retire(*epoch, now)?;
                let what = "the next release leaves its lists out";
                writeln!(out, "epoch {} is retired; {what}", epoch.number)?;
                waiting(&publisher, out)
            }
        }
    }
}

fn waiting(publisher: &Publisher, out: &mut impl Write) -> Result<()> {
    let members = publisher.members_without_newest_key()?;
    if !members.is_empty() {
        writeln!(out, "without the newest key: {}", members.join(", "))?;
    }
    Ok(())
}

impl AddMember {
    fn run(&self, now: Time, out: &mut impl Write) -> Result<()> {
        let mut publisher = Publisher::open(&self.directory)?;
        let repository = match &self.repository {
            Some(repository) => repository.clone(),
            None => file_address(&publisher.directory().repository())?,
        };
        let enrolment = publisher.member_add(&self.name, &repository, now)?;
        let default = || PathBuf::from(format!("{}.enrolment.json", self.name));
        let file = self.file.clone().unwrap_or_else(default);
        write_secret(&file, &enrolment.to_bytes()).with_context(|| file.display().to_string())?;
        let what = "hand it over in person or encrypted; it holds the list key";
        Ok(writeln!(out, "{}: {what}", file.display())?)
    }
}
