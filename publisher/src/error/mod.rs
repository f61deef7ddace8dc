mod backup;
mod file;
mod message;
mod reading;
mod source;
mod unnamed;

use std::io;
use std::path::{Path, PathBuf};

use interdict_core::common::time::Time;
use interdict_core::list::{ListError, ListId};
use interdict_core::rules::TypologyError;
use interdict_core::trust::{RoleName, TrustError};

use crate::dictionary::{PublicSettings, Share};

pub use backup::BackupError;
pub use file::FileError;
pub use reading::{Doubt, MappingError};
pub use source::SourceError;
pub use unnamed::UnnamedEntries;

pub(crate) use source::{MAX_LIFE, MAX_TEXT};

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
    /// A file was to be written where one is.
    FileExists(PathBuf),
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
    /// The register's file is damaged: SQLite says so, or its rows are not those that the history left.
    RegisterDamaged,
    /// The history is missing, cut off or changed.
    HistoryDamaged,
    /// A published release names a head that the history does not have at that place: it was rewritten.
    HistoryRewritten {
        /// Which list.
        list: ListId,
        /// The first release that disagrees.
        sequence: u64,
    },
    /// The history has no import with this number.
    NoImport(u64),
    /// Another command keeps writing to the register.
    RegisterBusy,
    /// The change is in the history, and the register lacks it still: the next command takes it over.
    Unfinished(Box<Self>),
    /// A change failed, and what was written of it to the history could not be cut off again.
    HalfWritten(Box<Self>),
    /// What the last release of a list said is in neither the repository nor the copies.
    PublishedUnknown(ListId),
    /// No release held anything back under this digest in the last seven days, or it was confirmed before.
    UnknownProposal,
    /// Entries that were accepted once are no longer valid identifiers.
    RegisterEntries {
        /// How many.
        count: usize,
    },
    /// `init` found something in the directory.
    NotEmpty(PathBuf),
    /// The directory was not made by `init`.
    NotInitialised(PathBuf),
    /// There is no repository in the directory.
    NoRepository(PathBuf),
    /// The folder of the repository shows nothing, and something was published there: what it lies on is not
    /// mounted, or its files are lost.
    RepositoryGone(PathBuf),
    /// Something was signed, and the repository could not take all of it. Its version numbers are used up.
    Unpublished(Box<Self>),
    /// A folder to publish holds no targets metadata.
    NothingStaged(PathBuf),
    /// A folder to publish holds targets that are older than the repository's, or others of one version.
    StagedOld {
        /// Their version.
        staged: u32,
        /// The newest version in the repository.
        published: u32,
    },
    /// A folder to copy to shows a newer timestamp than the repository.
    UploadBehind {
        /// Its version.
        folder: u32,
        /// The repository's version.
        repository: u32,
    },
    /// A folder shows nothing that an earlier upload had copied to it.
    UploadGone {
        /// Which.
        folder: PathBuf,
        /// The version of the timestamp that it showed.
        timestamp: u32,
    },
    /// Another command is changing the directory.
    Busy(PathBuf),
    /// Not 1 to 32 lower-case letters, digits and inner hyphens.
    CoalitionName,
    /// Not a name as above.
    MemberName,
    /// Neither a `file:` nor an `https://` address, or longer than an enrolment file takes.
    RepositoryAddress,
    /// Not the public half of an age X25519 key pair, or one that everybody could open.
    Recipient,
    /// A member whose keys are sealed was to be recorded without its recipient.
    MemberSealed,
    /// There is no member of that name.
    UnknownMember,
    /// More members than one file can be sealed to.
    TooManyRecipients,
    /// A list key could not be sealed, or what was sealed did not open again.
    Sealing,
    /// A list id is malformed or of another coalition.
    ForeignList,
    /// The register has no such list.
    UnknownList(ListId),
    /// The coalition has several lists and none was named.
    WhichList,
    /// The day on which lists stop being published in this format is over.
    FormatEnded(Time),
    /// A list that declares nothing.
    NoKinds,
    /// Entries of a list have a kind that it would no longer declare.
    KindsListed {
        /// Which list.
        list: ListId,
        /// How many entries.
        count: usize,
    },
    /// A source that cannot be so, or a file that its source may not bring.
    Source(SourceError),
    /// Not the id of a source.
    SourceName,
    /// Longer than 200 bytes, empty, with control characters or a card number.
    Reason,
    /// Longer than 500 bytes, empty, with control characters or a card number.
    Note,
    /// Two epochs are in use; after a leak, three.
    TooManyEpochs,
    /// There is no such epoch.
    UnknownEpoch(u32),
    /// The epoch was retired before.
    EpochRetired(u32),
    /// The only epoch with lists cannot be retired: no list would be left.
    NewestEpoch(u32),
    /// Members still have time to take the next key.
    EpochNeeded {
        /// Which epoch.
        number: u32,
        /// When it ends by itself.
        until: Time,
    },
    /// Members would be left without the key of any list.
    KeylessMembers {
        /// Without this epoch.
        epoch: u32,
        /// Their names, sorted.
        members: Vec<String>,
    },
    /// Published entries whose names the register does not know, which no other epoch can have.
    Unnamed(Vec<UnnamedEntries>),
    /// The imported file as a whole cannot be read.
    File(FileError),
    /// `keys/` has fewer private keys than the root asks for.
    TooFewKeys {
        /// Whose.
        role: RoleName,
        /// Keys found.
        found: usize,
        /// Keys needed.
        needed: u32,
    },
    /// The ListKey of an epoch whose lists are published, or will be, is not in `keys/`.
    ListKeyMissing {
        /// Where it should be.
        path: PathBuf,
        /// The epoch.
        epoch: u32,
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
    /// The clock is before the newest time that was published.
    ClockBehind {
        /// What the clock says.
        clock: Time,
        /// What was published.
        newest: Time,
    },
    /// The clock is more than 14 days after the newest time that was published.
    ClockAhead {
        /// What the clock says.
        clock: Time,
        /// What was published.
        newest: Time,
    },
    /// The clock is outside 2024 to 2100.
    ClockRange,
    /// The clock has another day than the one that a person stated.
    OtherDay {
        /// What the clock says.
        clock: Time,
    },
    /// Nobody stated today's day, without which the clock's repair could make it worse.
    DayNeeded {
        /// What the clock says.
        clock: Time,
        /// The newest time that was published, if anything was.
        newest: Option<Time>,
    },
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
    /// A member was to take the compact edition, which no release has.
    NoCompactEdition,
    /// The compact edition was to end although members take it.
    CompactTaken {
        /// How many.
        members: usize,
    },
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
    /// A backup, or what has to follow one.
    Backup(BackupError),
}

pub(crate) type Result<T, E = PublisherError> = std::result::Result<T, E>;

impl PublisherError {
    /// For `map_err`: names the file an I/O error is about.
    pub(crate) fn at(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { path, source }
    }

    /// For `map_err`: which list.
    pub(crate) fn in_list(list: &ListId) -> impl Fn(ListError) -> Self + Copy + use<'_> {
        move |source| Self::List {
            list: list.clone(),
            source,
        }
    }

    /// For `map_err`: what failed after version numbers were used up.
    pub(crate) fn unpublished(source: Self) -> Self {
        Self::Unpublished(Box::new(source))
    }
}

impl std::error::Error for PublisherError {}

impl From<rusqlite::Error> for PublisherError {
    fn from(source: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;
        match source.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::RegisterBusy,
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::RegisterDamaged,
            _ => Self::Register(source),
        }
    }
}

impl From<TrustError> for PublisherError {
    fn from(source: TrustError) -> Self {
        Self::Trust(source)
    }
}

impl From<SourceError> for PublisherError {
    fn from(source: SourceError) -> Self {
        Self::Source(source)
    }
}

impl From<BackupError> for PublisherError {
    fn from(source: BackupError) -> Self {
        Self::Backup(source)
    }
}

impl From<FileError> for PublisherError {
    fn from(source: FileError) -> Self {
        Self::File(source)
    }
}
