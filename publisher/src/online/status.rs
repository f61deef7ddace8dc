use std::fmt;

use interdict_core::common::hex;
use interdict_core::common::time::Time;
use interdict_core::list::{Edition, ListId};
use interdict_core::trust::RoleName;

use super::machine::Online;
use crate::error::{PublisherError, Result};
use crate::keys::KEY_LIFE_DAYS;
use crate::published::Published;
use crate::release::{LastRelease, Repository};
use crate::tuf::{Root, metadata_path};

const DAY: u32 = 86_400;

/// From this age on a gateway takes a list for expired, unless its policy says otherwise.
const LIST_LIFE: u32 = 30 * DAY;

/// What a repository publishes and when each of it ends, from its files alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepositoryStatus {
    /// Version of root, targets, snapshot and timestamp; the last two are 0 where they cannot be read.
    pub versions: [u32; 4],
    /// Every end that the repository shows.
    pub expiries: Vec<Expiry>,
    /// Every edition and epoch of each list.
    pub lists: Vec<PublishedList>,
    /// What `interdict describe` prints as digest at every gateway that was shown this.
    pub digest: Option<[u8; 32]>,
    /// Version of targets that are there and not published: a release was cut off.
    pub unfinished: Option<u32>,
    /// Files that are missing or not those that were signed, by path.
    pub damaged: Vec<String>,
}

/// An end that a repository shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expiry {
    /// Of what.
    pub of: ExpiryOf,
    /// When.
    pub at: Time,
    /// Whole days until then; negative once it is over.
    pub days_left: i64,
    /// Whether somebody has to do something about it.
    pub urgent: Urgent,
}

/// What ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExpiryOf {
    /// The timestamp: `renew`.
    Timestamp,
    /// The snapshot: `renew`.
    Snapshot,
    /// What the holders of the targets keys signed: `release`.
    Targets,
    /// The root: `rotate-root`.
    Root,
    /// A list, 30 days after its release: `release`.
    List(ListId),
    /// The newest epoch of a list, 90 days after its start: `epoch start`.
    Epoch(ListId, u32),
    /// The format that a list comes in, as was announced.
    Format(ListId),
}

/// How near an end is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Urgent {
    /// Far enough.
    Well,
    /// Something has failed or is due.
    Soon,
    /// Over.
    Expired,
}

/// A release that is published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedList {
    /// Which list.
    pub list: ListId,
    /// Member, compact or public.
    pub edition: Edition,
    /// Its epoch.
    pub epoch: u32,
    /// Its number.
    pub sequence: u64,
    /// When it was released.
    pub issued: Time,
    /// Entries of its filter, decoys included.
    pub entries: u32,
}

impl ExpiryOf {
    /// The word used in reports.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Timestamp => "timestamp",
            Self::Snapshot => "snapshot",
            Self::Targets => "targets",
            Self::Root => "root",
            Self::List(_) => "list",
            Self::Epoch(..) => "epoch",
            Self::Format(_) => "format",
        }
    }

    /// The list that it is about, if it is about one.
    #[must_use]
    pub const fn list(&self) -> Option<&ListId> {
        match self {
            Self::List(list) | Self::Epoch(list, _) | Self::Format(list) => Some(list),
            Self::Timestamp | Self::Snapshot | Self::Targets | Self::Root => None,
        }
    }

    /// What prevents it.
    #[must_use]
    pub const fn remedy(&self) -> &'static str {
        match self {
            Self::Timestamp | Self::Snapshot => "renew",
            Self::Targets | Self::List(_) => "release",
            Self::Root => "rotate-root",
            Self::Epoch(..) => "epoch start",
            Self::Format(_) => "release --ends",
        }
    }

    /// How long before the end somebody should know. A timestamp is renewed every 6 hours and lives 3 days:
    /// with less than 2 left, four renewals in a row have failed.
    const fn notice(&self) -> u32 {
        match self {
            Self::Timestamp | Self::Snapshot => 2 * DAY,
            Self::List(_) => 7 * DAY,
            Self::Targets | Self::Epoch(..) => 14 * DAY,
            Self::Root | Self::Format(_) => 30 * DAY,
        }
    }
}

impl Expiry {
    fn new(of: ExpiryOf, at: Time, now: Time) -> Self {
        let left = i64::from(at.seconds()).saturating_sub(i64::from(now.seconds()));
        let urgent = if now >= at {
            Urgent::Expired
        } else if now.plus(of.notice()) > at {
            Urgent::Soon
        } else {
            Urgent::Well
        };
        Self {
            days_left: left.div_euclid(i64::from(DAY)),
            of,
            at,
            urgent,
        }
    }
}

impl RepositoryStatus {
    /// The worst of all ends.
    #[must_use]
    pub fn urgent(&self) -> Urgent {
        let urgent = self.expiries.iter().map(|expiry| expiry.urgent);
        urgent.max().unwrap_or(Urgent::Well)
    }
}

impl Online {
    /// Says what is published and when each of it ends; `None` while nothing is published.
    ///
    /// # Errors
    /// Files that cannot be read, or [`PublisherError::Damaged`] for metadata.
    pub fn status(&self, now: Time) -> Result<Option<RepositoryStatus>> {
        let tree = self.directory.tree();
        let Some(published) = Published::read(&tree)? else {
            return Ok(None);
        };
        let root = self.roots.last().ok_or(PublisherError::NothingReleased)?;
        let root = Root::read(&root.bytes)
            .ok_or_else(|| PublisherError::Damaged(metadata_path(RoleName::Root, root.version)))?;
        let mut damaged = Vec::new();
        for (path, file) in Published::named(&published.targets)? {
            if !tree.read(&path)?.is_some_and(|bytes| file.is_of(&bytes)) {
                damaged.push(path);
            }
        }
        let (mut snapshot, mut timestamp) = (0, 0);
        match &published.online {
            Some(online) => {
                snapshot = online.snapshot.version;
                timestamp = online.timestamp.version;
            }
            None => damaged.push(metadata_path(RoleName::Timestamp, 0)),
        }
        let last = LastRelease::of(published.files.clone());
        let first = self.roots.first().map(|root| root.bytes.as_slice());
        let repository = Repository::published(&self.directory);
        let newest = tree.versions(RoleName::Targets).pop();
        Ok(Some(RepositoryStatus {
            versions: [root.version, published.targets.version, snapshot, timestamp],
            expiries: expiries(&published, &root, &last, now),
            lists: last
                .descriptors()
                .map(|one| PublishedList::of(&one))
                .collect(),
            digest: match first {
                Some(first) => repository.state_digest(first, now)?,
                None => None,
            },
            unfinished: newest.filter(|newest| *newest > published.targets.version),
            damaged,
        }))
    }
}

fn expiries(published: &Published, root: &Root, last: &LastRelease, now: Time) -> Vec<Expiry> {
    let mut ends = Vec::new();
    if let Some(online) = &published.online {
        ends.push((ExpiryOf::Timestamp, online.timestamp_expires));
        ends.push((ExpiryOf::Snapshot, online.snapshot_expires));
    }
    ends.push((ExpiryOf::Targets, published.targets_expire));
    ends.push((ExpiryOf::Root, root.expires));
    let members = last
        .descriptors()
        .filter(|one| one.header.edition == Edition::Member);
    let mut members: Vec<_> = members.collect();
    members.sort_by(|a, b| (&a.header.list, a.header.epoch).cmp(&(&b.header.list, b.header.epoch)));
    for same in members.chunk_by(|a, b| a.header.list == b.header.list) {
        let Some(newest) = same.last() else { continue };
        let list = || newest.header.list.clone();
        ends.push((ExpiryOf::List(list()), newest.header.issued.plus(LIST_LIFE)));
        let epoch_ends = newest.provenance.epoch_start;
        let epoch_ends = epoch_ends.plus(KEY_LIFE_DAYS.saturating_mul(DAY));
        ends.push((ExpiryOf::Epoch(list(), newest.header.epoch), epoch_ends));
        if let Some(format_ends) = newest.provenance.ends {
            ends.push((ExpiryOf::Format(list()), format_ends));
        }
    }
    let ends = ends.into_iter();
    ends.map(|(of, at)| Expiry::new(of, at, now)).collect()
}

impl PublishedList {
    fn of(descriptor: &interdict_core::list::Descriptor) -> Self {
        let header = &descriptor.header;
        Self {
            list: header.list.clone(),
            edition: header.edition,
            epoch: header.epoch,
            sequence: header.sequence,
            issued: header.issued,
            entries: header.entries,
        }
    }
}

impl fmt::Display for RepositoryStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [root, targets, snapshot, timestamp] = self.versions;
        writeln!(
            f,
            "published: root {root}, targets {targets}, snapshot {snapshot}, timestamp {timestamp}"
        )?;
        for list in &self.lists {
            writeln!(
                f,
                "  {} {} epoch {}: release {} of {}",
                list.list.as_str(),
                list.edition.name(),
                list.epoch,
                list.sequence,
                list.issued
            )?;
        }
        if let Some(digest) = &self.digest {
            writeln!(f, "digest {}", hex::text(digest))?;
        }
        for expiry in &self.expiries {
            writeln!(f, "{expiry}")?;
        }
        if let Some(version) = self.unfinished {
            writeln!(
                f,
                "targets {version} were signed and are not published; release or publish again"
            )?;
        }
        for path in &self.damaged {
            writeln!(
                f,
                "repository/{path} is missing or not the file that was signed"
            )?;
        }
        Ok(())
    }
}

impl fmt::Display for Expiry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.of.name())?;
        if let ExpiryOf::Epoch(_, number) = &self.of {
            write!(f, " {number}")?;
        }
        if let Some(list) = self.of.list() {
            write!(f, " of {}", list.as_str())?;
        }
        let remedy = self.of.remedy();
        match self.urgent {
            Urgent::Expired => write!(f, " ended {}; `{remedy}` now", self.at),
            Urgent::Soon => write!(
                f,
                " ends {}, in {} days; `{remedy}` is due",
                self.at, self.days_left
            ),
            Urgent::Well => write!(f, " ends {}, in {} days", self.at, self.days_left),
        }
    }
}
