//! What a backup holds, named before it comes.

use std::collections::BTreeMap;

use interdict_core::common::hex;
use interdict_core::common::time::Time;
use interdict_core::trust::RoleName;
use serde::{Deserialize, Serialize};

use crate::error::{BackupError, Result};
use crate::publisher::Publisher;

/// The first word of a manifest. A form that this version cannot read begins with another.
const FORMAT: &str = "interdict-backup-1";

pub(super) const MANIFEST: &str = "manifest.json";
pub(super) const REGISTER: &str = "register.sqlite";
pub(super) const HISTORY: &str = "history.jsonl";

/// What the names of key files begin with.
pub(super) const KEYS: &str = "keys/";

/// What the names of files begin with that a release is compared with; the digest of each follows.
pub(super) const PUBLISHED: &str = "published/";

/// The most members: key files of 100 epochs and 20 rotations several times over; and the most bytes of one.
const MOST_MEMBERS: usize = 4_096;
pub(super) const LARGEST_KEY: u64 = 64 << 10;

/// The most bytes of a manifest: 200 for each member.
pub(super) const LARGEST_MANIFEST: u64 = 1 << 20;

/// The first member of a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Manifest {
    format: String,
    pub(super) coalition: String,
    pub(super) created: String,
    /// The newest version of each role, 0 for none.
    pub(super) versions: BTreeMap<String, u32>,
    /// The sequence of each list's newest release.
    pub(super) sequences: BTreeMap<String, u64>,
    /// The other members in their order.
    pub(super) members: Vec<Member>,
}

/// A file of a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Member {
    pub(super) name: String,
    pub(super) length: u64,
    pub(super) sha256: String,
}

impl Manifest {
    /// What is about to be said of a register and the files beside it.
    pub(super) fn of(publisher: &Publisher, members: Vec<Member>, now: Time) -> Result<Self> {
        let (versions, sequences) = state(publisher)?;
        Ok(Self {
            format: FORMAT.to_owned(),
            coalition: publisher.settings().coalition.clone(),
            created: now.to_string(),
            versions,
            sequences,
            members,
        })
    }

    pub(super) fn to_bytes(&self) -> Result<Vec<u8>, BackupError> {
        serde_json::to_vec_pretty(self).map_err(|_| BackupError::Form)
    }

    /// Reads a manifest: the register first, then the history, then all others by name, each once.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, BackupError> {
        #[derive(Deserialize)]
        struct Format {
            format: String,
        }
        let Format { format } = serde_json::from_slice(bytes).map_err(|_| BackupError::Damaged)?;
        if format != FORMAT {
            return Err(BackupError::Form);
        }
        let read: Self = serde_json::from_slice(bytes).map_err(|_| BackupError::Damaged)?;
        let mut names = read.members.iter().map(|member| member.name.as_str());
        if (names.next(), names.next()) != (Some(REGISTER), Some(HISTORY)) {
            return Err(BackupError::Damaged);
        }
        let others: Vec<&str> = names.collect();
        let ascending = others.windows(2).all(|pair| pair.first() < pair.last());
        let known = read.members.iter().skip(2).all(|member| {
            let key = member.name.strip_prefix(KEYS);
            let part = member.name.strip_prefix(PUBLISHED);
            key.is_some_and(is_key_file) || part.is_some_and(|digest| digest == member.sha256)
        });
        let small = read.members.iter().all(|member| {
            hex::array::<32>(&member.sha256).is_some()
                && (!member.name.starts_with(KEYS) || member.length <= LARGEST_KEY)
        });
        let time = Time::parse(&read.created).is_some();
        if ascending && known && small && time && read.members.len() <= MOST_MEMBERS {
            Ok(read)
        } else {
            Err(BackupError::Damaged)
        }
    }

    /// Whether a register stands where this says.
    pub(super) fn is_of(&self, publisher: &Publisher) -> Result<bool> {
        let (versions, sequences) = state(publisher)?;
        let own = &publisher.settings().coalition;
        Ok((&self.versions, &self.sequences, &self.coalition) == (&versions, &sequences, own))
    }
}

/// Whether a file of `keys/` has a name as this program gives them. Others may lie there.
pub(super) fn is_key_file(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    let known = [".pem", ".hex"].iter().any(|end| name.ends_with(end));
    known && name.len() <= 64 && !name.starts_with('.') && name.bytes().all(plain)
}

type State = (BTreeMap<String, u32>, BTreeMap<String, u64>);

fn state(publisher: &Publisher) -> Result<State> {
    let roles = [
        RoleName::Root,
        RoleName::Targets,
        RoleName::Snapshot,
        RoleName::Timestamp,
    ];
    let (mut versions, mut sequences) = (BTreeMap::new(), BTreeMap::new());
    for role in roles {
        let newest = publisher.register().newest(role)?;
        let version = newest.map_or(0, |file| file.version);
        versions.insert(role.as_str().to_owned(), version);
    }
    for list in publisher.lists()? {
        let sequence = publisher.register().sequence(&list)?;
        sequences.insert(list.as_str().to_owned(), sequence);
    }
    Ok((versions, sequences))
}
