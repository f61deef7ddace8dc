use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::{Args, Subcommand, ValueEnum};
use interdict_core::common::time::Time;
use interdict_core::identifier::Kind;
use interdict_core::trust::RoleName;
use interdict_publisher::{
    InitOptions, MemberEdition, NewMember, Organisation, Publisher, SourceClass, TestKeys, Urgency,
};

use super::clock::Today;
use super::directory::{
    acting, file_address, open_directory, open_to_sign, open_with_warning, warn_about,
    warn_about_address,
};
use super::lines::kind;
use super::members;
use super::output::Output;
use super::schedule::remind;
use super::sources::class;

#[derive(Debug, Args)]
#[command(after_help = "\
Makes all keys, the register and the first root. Move the root keys to three safes, register the sources
(`source add`), import what they send, and release.

Examples:
  interdict-publish init se --coalition se
  interdict-publish init se --coalition se --organisation bank.example --class bank --kinds domain,iban")]
pub(super) struct Init {
    /// A directory that is empty or not there
    directory: PathBuf,
    /// 1 to 32 lower-case letters, digits and inner hyphens
    #[arg(long, value_name = "NAME")]
    coalition: String,
    /// The id of your own organisation as the first source [default: the coalition's name]
    #[arg(long, value_name = "ID")]
    organisation: Option<String>,
    /// What kind of party your organisation is
    #[arg(long, value_name = "CLASS", value_parser = class, default_value = "member")]
    class: SourceClass,
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
#[command(after_help = "\
Two of the old root keys have to be in DIR/keys for this command. `release` after it.

Examples:
  interdict-publish rotate-root se                                     (every year)
  interdict-publish rotate-root se --revoke-targets --keep-root-keys   (a targets key was stolen)")]
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
    #[command(flatten)]
    today: Today,
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
publishes it.

Example:
  interdict-publish member add se gateway-1 --repository https://lists.example/se --recipient age1…")]
    Add(AddMember),
    /// Show every member, and how it gets its keys
    #[command(after_help = "\
Example:
  interdict-publish member list se")]
    List {
        /// The coalition's directory
        directory: PathBuf,
    },
    /// Seal no further key to a member; it keeps what it was given
    #[command(after_help = "\
The member still reads lists of the epochs whose keys it has, until they end. `epoch start --now`, a
release, and `epoch retire --now` of the older epochs end that at once.

Example:
  interdict-publish member remove se gateway-1")]
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
epoch.

After a register was lost or damaged, published entries may have no name in it. The lists of a new epoch
cannot have them, so nothing is done: import their names again, or release and let them go with the line
that `release` prints. After a leak, --confirm lets them go with the next release.

Examples:
  interdict-publish epoch start se                  (every 90 days)
  interdict-publish epoch start se --now            (after a leak)
  interdict-publish epoch start se --now --confirm  (after a leak, and entries without a name may go)")]
    Start {
        /// The coalition's directory
        directory: PathBuf,
        /// After a leak: the next release has the epoch's lists already
        #[arg(long)]
        now: bool,
        /// Although published entries, which are counted without this, have no name here: they go with the next
        /// release
        #[arg(long, requires = "now")]
        confirm: bool,
        #[command(flatten)]
        today: Today,
    },
    /// Stop releasing an epoch's lists before it ends by itself
    #[command(after_help = "\
A member who was given the key of no other list that is published would see its list age. Such members
are named, and nothing is done without --confirm. One whose keys are sealed has the newer key once a
release has sealed it.

Example:
  interdict-publish epoch retire se 1 --now --confirm")]
    Retire {
        /// The coalition's directory
        directory: PathBuf,
        /// Its number
        epoch: u32,
        /// After a leak: although members had less than two weeks to take the next key
        #[arg(long)]
        now: bool,
        /// Although members, which are named without this, would have the key of no list
        #[arg(long)]
        confirm: bool,
        #[command(flatten)]
        today: Today,
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
            organisation: Organisation {
                id: self.organisation.clone(),
                class: self.class,
            },
            lists: self.lists.clone(),
            kinds: self.kinds.clone(),
            test_keys,
            now,
        };
        let publisher = acting(Publisher::init(&self.directory, &options)?);
        warn_about(publisher.test_keys());
        for list in publisher.lists()? {
            writeln!(out, "{}", list.as_str())?;
        }
        for source in publisher.registered_sources()? {
            let class = source.class.name();
            writeln!(
                out,
                "source {}, a {class}; others: `interdict-publish source add`",
                source.id
            )?;
        }
        let keys = publisher.directory().keys();
        writeln!(
            out,
            "root 1: any 2 of 3 root keys sign the next root, any 2 of 3 targets keys a release"
        )?;
        writeln!(
            out,
            "move the root keys to three people's safes, and give the targets keys to three people: {}",
            keys.display()
        )?;
        remind(&self.directory, out)
    }
}

impl Keys {
    pub(super) fn run(&self, now: Time, out: &mut Output<'_>) -> Result<()> {
        match self {
            Self::RotateRoot(arguments) => arguments.run(now, out),
            Self::Epoch(command) => command.run(now, out),
            Self::Member(Member::Add(arguments)) => arguments.run(now, out),
            Self::Member(Member::List { directory }) => {
                members::list(&open_with_warning(directory)?, out)
            }
            Self::Member(Member::Remove { directory, name }) => remove(directory, name, now, out),
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
        let mut publisher = open_to_sign(&self.directory, now, &self.today)?;
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
            Self::Start {
                directory,
                now,
                confirm,
                today,
            } => {
                let mut publisher = open_to_sign(directory, time, today)?;
                let epoch = match confirm {
                    true => publisher.epoch_start_confirmed(time)?,
                    false => publisher.epoch_start(time, urgency(*now))?,
                };
                writeln!(out, "epoch {} since {}", epoch.number, epoch.since)?;
                out.field("epoch", epoch.number.into());
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
                confirm,
                today,
            } => {
                let mut publisher = open_to_sign(directory, time, today)?;
                let (epoch, urgency) = (*epoch, urgency(*now));
                let epoch = if *confirm {
                    publisher.epoch_retire_confirmed(epoch, time, urgency)?
                } else {
                    publisher.epoch_retire(epoch, time, urgency)?
                };
                let what = "the next release leaves its lists out";
                writeln!(out, "epoch {} is retired; {what}", epoch.number)?;
                out.field("epoch", epoch.number.into());
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
        let mut publisher = open_directory(&self.directory)?;
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
        let default = || PathBuf::from(format!("{}.enrolment.json", self.name));
        let file = self.file.clone().unwrap_or_else(default);
        publisher.member_add_to(&file, &member, now)?;
        warn_about_address(&repository);
        out.field("file", file.display().to_string().into());
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

fn remove(directory: &Path, name: &str, now: Time, out: &mut Output<'_>) -> Result<()> {
    let mut publisher = open_directory(directory)?;
    let removed = publisher.member_remove(name, now)?;
    writeln!(out, "{name} is removed; no further key is sealed to it")?;
    for epoch in removed.epochs {
        let what = "which it reads until that ends; see `epoch start --now`";
        writeln!(out, "it has the key of epoch {epoch}, {what}")?;
    }
    Ok(())
}
