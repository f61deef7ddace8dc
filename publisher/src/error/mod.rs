use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use interdict_core::common::time::Time;
use interdict_core::list::{ListError, ListId};
use interdict_core::rules::TypologyError;
use interdict_core::trust::{RoleName, TrustError};

use crate::intake::rows::FileError;
use crate::public::enumeration::Share;
use crate::public::epoch::PublicSettings;

/// Why a command did nothing. No variant holds an identifier's value or a secret.
#[derive(Debug)]
pub enum PublisherError {
    /// A file could not be read or written.
    Io {
        /// The file or directory.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The register could not be read or written.
    Register(rusqlite::Error),
    /// The register was made by a newer version of this program.
    RegisterVersion {
        /// Its schema version.
        found: i64,
        /// The newest this program knows.
        known: i64,
    },
    /// What the register holds is not what this program writes.
    RegisterContent,
    /// SQLite finds the register's file damaged.
    RegisterDamaged,
    /// Entries of the last release are gone from the register or say less, and nobody decided so.
    EntriesLost {
        /// Which list.
        list: ListId,
        /// How many.
        count: usize,
        /// How many entries the new release would have.
        listed: usize,
    },
    /// The list has another number of entries than was stated.
    EntryCount {
        /// Which list.
        list: ListId,
        /// How many it has.
        listed: usize,
        /// How many were stated.
        stated: usize,
    },
    /// Entries that were accepted once are no longer valid identifiers.
    RegisterEntries {
        /// How many.
        count: usize,
    },
    /// `init` found something in the directory.
    NotEmpty(PathBuf),
    /// The directory was not made by `init`.
    NotInitialised(PathBuf),
    /// Another command is changing the directory.
    Busy(PathBuf),
    /// Not 1 to 32 lower-case letters, digits and inner hyphens.
    CoalitionName,
    /// Not a name as above.
    MemberName,
    /// Neither a `file:` nor an `https://` address, or longer than an enrolment file takes.
    RepositoryAddress,
    /// A list id is malformed or of another coalition.
    ForeignList,
    /// The register has no such list.
    UnknownList(ListId),
    /// The coalition has several lists and none was named.
    WhichList,
    /// A default for the source column that is no source id.
    SourceDefault,
    /// Longer than 200 bytes, empty, with control characters or a card number.
    Reason,
    /// Two epochs are live.
    TooManyEpochs,
    /// There is no such epoch.
    UnknownEpoch(u32),
    /// The epoch was retired before.
    EpochRetired(u32),
    /// The newest epoch cannot be retired: no list would be left.
    NewestEpoch(u32),
    /// The imported file as a whole cannot be read.
    File(FileError),
    /// Fewer private keys at hand than the root asks for.
    TooFewKeys {
        /// Whose.
        role: RoleName,
        /// Keys found.
        found: usize,
        /// Keys needed.
        needed: u32,
    },
    /// A key file is damaged.
    KeyFile(PathBuf),
    /// A key file can be read by others than its owner.
    KeyReadable(PathBuf),
    /// The system gave no random bytes.
    Randomness,
    /// A list would have no entry.
    EmptyList(ListId),
    /// A list cannot be built.
    List {
        /// Which.
        list: ListId,
        /// Why.
        source: ListError,
    },
    /// The given time is before the newest release.
    ClockBehind,
    /// A count has reached the end of its range.
    Exhausted,
    /// The new files do not pass the checks every client makes.
    Trust(TrustError),
    /// A gateway that updates to the new files would not take them.
    Gateway(interdict_core::engine::Error),
    /// A file of the repository is missing or not the one that was signed.
    Damaged(String),
    /// Entries of the register that the new list answers otherwise.
    WrongAnswers {
        /// Which list.
        list: ListId,
        /// How many entries.
        count: usize,
    },
    /// A list still names something that must never be blocked.
    ProtectedListed {
        /// Which list.
        list: ListId,
        /// How many protected names.
        count: usize,
    },
    /// A list was made with another key than the one in `keys/`.
    OtherKey {
        /// Which list.
        list: ListId,
        /// The key's epoch.
        epoch: u32,
    },
    /// A public rate other than 2^-2, 2^-4 or 2^-6.
    PublicRate,
    /// A dictionary of no names, or a share outside 1 to 1,000 per mille.
    PublicBound,
    /// A public epoch lasts a year at least.
    PublicEpochYoung {
        /// Whose.
        list: ListId,
        /// When the next one may begin.
        until: Time,
    },
    /// More names are disclosed than the public epoch's filter has room for.
    PublicOutgrown {
        /// Which list.
        list: ListId,
        /// Its entries.
        capacity: u32,
        /// When the next epoch may begin.
        until: Time,
    },
    /// A dictionary would tell too much of the public releases.
    Enumerable {
        /// Which list.
        list: ListId,
        /// What it would tell.
        share: Share,
        /// What it may.
        settings: PublicSettings,
    },
    /// No list has a public edition.
    NoPublicEdition,
    /// Nothing was released yet.
    NothingReleased,
    /// A file of red flags that gateways would refuse.
    Typologies(TypologyError),
    /// A rule that needs what this program does not know; `*` for all of them.
    TypologiesUnknown(String),
    /// A version of red flags that was published with another content, or is older.
    TypologiesVersion {
        /// Whose.
        list: ListId,
        /// The version given.
        version: u32,
    },
    /// There are no red flags to take back.
    NoTypologies(ListId),
}

pub(crate) type Result<T, E = PublisherError> = std::result::Result<T, E>;

impl PublisherError {
    /// For `map_err`: names the file an I/O error is about.
    pub(crate) fn at(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { path, source }
    }
}

impl fmt::Display for PublisherError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io { path, source } => write!(f, "{}: {source}", path.display()),
            Self::Register(source) => write!(f, "the register: {source}"),
            Self::RegisterVersion { found, known } => write!(
                f,
                "the register has schema version {found} and this program knows {known}; use the \
                 newer program that wrote it"
            ),
            Self::RegisterContent => f.write_str(
                "the register holds something this program did not write; restore a copy",
            ),
            Self::RegisterDamaged => {
                f.write_str("the register's file is damaged; restore a copy, nothing was published")
            }
            Self::EntriesLost {
                list,
                count,
                listed,
            } => write!(
                f,
                "{}: {count} entries of the last release are gone from the register or say less, \
                 and were neither delisted, protected nor imported again; restore a copy of the \
                 register, or pass --entries {listed} if the list is meant to be so. Nothing was \
                 published",
                list.as_str()
            ),
            Self::EntryCount {
                list,
                listed,
                stated,
            } => write!(
                f,
                "{} would have {listed} entries and not the {stated} stated; nothing was published",
                list.as_str()
            ),
            Self::RegisterEntries { count } => write!(
                f,
                "{count} entries of the register are no valid identifiers under today's rules; \
                 nothing was released, so that none is dropped silently"
            ),
            Self::NotEmpty(path) => write!(
                f,
                "{} is not empty; a new coalition starts in a new directory",
                path.display()
            ),
            Self::NotInitialised(path) => write!(
                f,
                "{} holds no register; start with `interdict-publish init`",
                path.display()
            ),
            Self::Busy(path) => write!(
                f,
                "another command is working on {}; try again when it has ended",
                path.display()
            ),
            Self::CoalitionName => f.write_str(
                "a coalition's name is 1 to 32 lower-case letters, digits and inner hyphens",
            ),
            Self::MemberName => f.write_str(
                "a member's name is 1 to 32 lower-case letters, digits and inner hyphens",
            ),
            Self::RepositoryAddress => f.write_str(
                "a repository's address starts with https:// or file: and has at most 2,048 bytes",
            ),
            Self::ForeignList => {
                f.write_str("a list id is COALITION/NAME, with this coalition's name and one slash")
            }
            Self::UnknownList(list) => {
                write!(
                    f,
                    "there is no list {}; `init --list` names them",
                    list.as_str()
                )
            }
            Self::WhichList => {
                f.write_str("the coalition has several lists; say which with --list")
            }
            Self::SourceDefault => {
                f.write_str("a source id is 1 to 40 lower-case letters, digits, dots and hyphens")
            }
            Self::Reason => f.write_str(
                "a reason is 1 to 200 bytes without control characters or a card number",
            ),
            Self::TooManyEpochs => f.write_str(
                "two epochs are published already; when every member has the newer key, retire the \
                 older one with `interdict-publish epoch retire`",
            ),
            Self::UnknownEpoch(number) => write!(f, "there is no epoch {number}"),
            Self::EpochRetired(number) => write!(f, "epoch {number} was retired before"),
            Self::NewestEpoch(number) => write!(
                f,
                "epoch {number} is the newest; start the next one first, or no list would be left"
            ),
            Self::File(source) => write!(f, "{source}; nothing was changed"),
            Self::TooFewKeys {
                role,
                found,
                needed,
            } => write!(
                f,
                "{} needs {needed} signatures and {found} of its private keys are in keys/; put \
                 the missing ones there for this command",
                role.as_str()
            ),
            Self::KeyFile(path) => {
                write!(
                    f,
                    "{} is not a key this program wrote, or is damaged",
                    path.display()
                )
            }
            Self::KeyReadable(path) => write!(
                f,
                "{} can be read by others; run `chmod 600` on it and consider the key known",
                path.display()
            ),
            Self::Randomness => f.write_str("the system gave no random bytes; no key was made"),
            Self::EmptyList(list) => write!(
                f,
                "{} would be empty and take back every listing; pass --allow-empty if that is \
                 meant",
                list.as_str()
            ),
            Self::List { list, source } => write!(f, "{}: {source}", list.as_str()),
            Self::ClockBehind => f.write_str(
                "the clock is behind the newest release or outside 2024 to 2100; set it right",
            ),
            Self::Exhausted => f.write_str("a version or entry count is at the end of its range"),
            Self::Trust(source) => write!(
                f,
                "gateways would refuse these files ({source}); nothing was published"
            ),
            Self::Gateway(source) => write!(
                f,
                "gateways would refuse the release ({source}); nothing was published"
            ),
            Self::Damaged(path) => write!(
                f,
                "repository/{path} is missing or not the file that was signed; release all lists \
                 again, nothing was published"
            ),
            Self::WrongAnswers { list, count } => write!(
                f,
                "{} answers {count} entries otherwise than the register; nothing was published",
                list.as_str()
            ),
            Self::ProtectedListed { list, count } => write!(
                f,
                "{} names {count} protected names; release all lists together, nothing was \
                 published",
                list.as_str()
            ),
            Self::OtherKey { list, epoch } => write!(
                f,
                "{} was made with another key than that of epoch {epoch} in keys/; release all \
                 lists together, nothing was published",
                list.as_str()
            ),
            Self::PublicRate => f.write_str("a public filter's rate is 2, 4 or 6"),
            Self::PublicBound => {
                f.write_str("a dictionary has a name at least, and a share is 1 to 1000 per mille")
            }
            Self::PublicEpochYoung { list, until } => write!(
                f,
                "{}: the next public epoch may begin {until}; what hits the filters of two epochs \
                 is mostly what is listed",
                list.as_str()
            ),
            Self::PublicOutgrown {
                list,
                capacity,
                until,
            } => write!(
                f,
                "{}: more names are disclosed than fit the public filter of {capacity} entries; \
                 take marks back with `disclose --undo`, or from {until} on start another public \
                 epoch. Nothing was published",
                list.as_str()
            ),
            Self::Enumerable {
                list,
                share,
                settings,
            } => write!(
                f,
                "{}: with a dictionary of {} names and all public releases so far, {share} would \
                 be listed names, and {} per mille may be; disclose less at a time, or change the \
                 bound with `interdict-publish public settings`. Nothing was published",
                list.as_str(),
                settings.dictionary,
                settings.share
            ),
            Self::NoPublicEdition => {
                f.write_str("no list has a public edition; `disclose` names and release first")
            }
            Self::NothingReleased => {
                f.write_str("there is no release yet; run `interdict-publish release` first")
            }
            Self::Typologies(source) => write!(f, "the typologies: {source}; nothing was changed"),
            Self::TypologiesUnknown(rule) => write!(
                f,
                "rule {rule} requires what this program does not know and cannot check; use the \
                 newer program, nothing was changed"
            ),
            Self::TypologiesVersion { list, version } => write!(
                f,
                "{}: typologies of version {version} or newer were published with another content; \
                 raise the version, nothing was changed",
                list.as_str()
            ),
            Self::NoTypologies(list) => write!(f, "{} has no typologies", list.as_str()),
        }
    }
}

impl std::error::Error for PublisherError {}

impl From<rusqlite::Error> for PublisherError {
    fn from(source: rusqlite::Error) -> Self {
        Self::Register(source)
    }
}

impl From<TrustError> for PublisherError {
    fn from(source: TrustError) -> Self {
        Self::Trust(source)
    }
}

impl From<FileError> for PublisherError {
    fn from(source: FileError) -> Self {
        Self::File(source)
    }
}
