//! What is live, coalition by coalition.

use serde::Serialize;

use crate::common::hex;
use crate::common::time::Time;
use crate::identifier::Kind;
use crate::trust::{MetadataFile, state_digest};

use super::operations::Engine;
use super::score::freshness_name;
use super::update::{Coalition, LiveRelease};

/// The answer to `state`: what is in place, coalition by coalition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EngineState {
    /// In the order they were configured.
    pub coalitions: Vec<CoalitionState>,
}

/// One coalition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CoalitionState {
    /// Its name in this gateway.
    pub name: String,
    /// Time of the newest completed update; the host saves it.
    pub newest_time: Option<u32>,
    /// Version of the newest root.
    pub root: u32,
    /// Versions of the completed update.
    pub timestamp: Option<u32>,
    /// See `timestamp`.
    pub snapshot: Option<u32>,
    /// See `timestamp`.
    pub targets: Option<u32>,
    /// When the newest root, the targets or a delegated role expires, whichever is first.
    pub expires: Option<u32>,
    /// SHA-256 over versions and digests of root, targets and delegated roles, hexadecimal: what
    /// gateways and coalitions compare to know that they see the same; `docs/abi.md` has the form.
    pub digest: String,
    /// The metadata in use.
    pub metadata: Vec<MetadataState>,
    /// The same as `digest` with timestamp and snapshot: what receipts name the state by.
    pub metadata_digest: String,
    /// Releases in place.
    pub lists: Vec<ListState>,
    /// Packs of typologies in place.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub typologies: Vec<PackState>,
}

/// One pack of typologies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PackState {
    /// The list it stands beside.
    pub list: String,
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: u32,
    /// Rules that are understood.
    pub rules: usize,
    /// Rules that need a newer module.
    pub skipped: usize,
    /// Whether it is new enough to count.
    pub counted: bool,
}

/// One verified metadata file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MetadataState {
    /// Its name in the repository without a version.
    pub file: String,
    /// Its version.
    pub version: u32,
    /// SHA-256 of the canonical JSON of its `signed` member, hexadecimal.
    pub sha256: String,
}

/// One release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ListState {
    /// Its list.
    pub list: String,
    /// `member` or `public`.
    pub edition: &'static str,
    /// Its key period.
    pub epoch: u32,
    /// Its number.
    pub sequence: u64,
    /// When it was built.
    pub issued: u32,
    /// What its filter is sized for.
    pub entries: u32,
    /// Exact records of the base; none for a filter only.
    pub records: Option<usize>,
    /// Changes since the base.
    pub changes: usize,
    /// The epoch the list has gone on to, if this is an older one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub newest_epoch: Option<u32>,
    /// Kinds it covers.
    pub kinds: Vec<&'static str>,
    /// `fresh`, `stale`, `expired` or `untrusted`.
    pub freshness: &'static str,
    /// Seconds since it was built.
    pub age_s: u32,
    /// Whether its key is at hand.
    pub key: bool,
}

impl From<MetadataFile> for MetadataState {
    fn from(metadata: MetadataFile) -> Self {
        Self {
            file: metadata.file,
            version: metadata.version,
            sha256: hex::text(&metadata.sha256),
        }
    }
}

impl Engine {
    /// Says what is live.
    #[must_use]
    pub fn state(&self, now: Time) -> EngineState {
        let coalitions = self.coalitions.iter();
        let coalitions = coalitions.map(|coalition| self.coalition_state(coalition, now));
        EngineState {
            coalitions: coalitions.collect(),
        }
    }

    fn coalition_state(&self, coalition: &Coalition, now: Time) -> CoalitionState {
        let versions = coalition.client.versions();
        let metadata = coalition.client.metadata();
        let lists = coalition.lists.iter();
        CoalitionState {
            name: coalition.name.clone(),
            newest_time: coalition.client.newest_time().map(|time| time.seconds()),
            root: versions.root,
            timestamp: versions.timestamp,
            snapshot: versions.snapshot,
            targets: versions.targets,
            expires: coalition.client.expires().map(|time| time.seconds()),
            digest: hex::text(&state_digest(&metadata)),
            metadata_digest: coalition.metadata_digest.clone(),
            metadata: metadata.into_iter().map(MetadataState::from).collect(),
            typologies: packs(coalition, now),
            lists: lists
                .map(|live| self.list_state(coalition, live, now))
                .collect(),
        }
    }

    fn list_state(&self, coalition: &Coalition, live: &LiveRelease, now: Time) -> ListState {
        let header = live.list.header();
        let kinds = Kind::ALL.iter().filter(|kind| header.kinds.covers(**kind));
        ListState {
            list: header.list.as_str().to_owned(),
            edition: header.edition.name(),
            epoch: header.epoch,
            sequence: header.sequence,
            issued: header.issued.seconds(),
            entries: header.entries,
            records: live.list.record_count(),
            changes: live.list.change_count(),
            newest_epoch: Some(live.newest_epoch).filter(|newest| *newest > header.epoch),
            kinds: kinds.map(|kind| kind.name()).collect(),
            freshness: freshness_name(coalition.freshness(live, &self.policy, now)),
            age_s: now.since(header.issued),
            key: coalition.key(live).is_some(),
        }
    }
}

fn packs(coalition: &Coalition, now: Time) -> Vec<PackState> {
    let packs = coalition.packs.iter().map(|live| PackState {
        list: live.list.as_str().to_owned(),
        name: live.pack.name.clone(),
        version: live.pack.version,
        rules: live.pack.rules.len(),
        skipped: live.pack.skipped.len(),
        counted: coalition.counts(live, now),
    });
    packs.collect()
}
