//! The answer to `state`: what is live, by coalition.

use alloc::borrow::ToOwned as _;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use serde::Serialize;

use crate::common::hex;
use crate::common::time::Time;
use crate::identifier::Kind;
use crate::trust::{MetadataFile, state_digest};

use super::doubt::Doubt;
use super::operations::Engine;
use super::update::{Coalition, LiveRelease};

/// The answer to `state`: what is live, by coalition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EngineState {
    /// One element for each coalition, in the order of configuration.
    pub coalitions: Vec<CoalitionState>,
}

/// The live metadata, lists and typology packs of one coalition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CoalitionState {
    /// The coalition's name in this gateway.
    pub name: String,
    /// What the host saves beside the verified files and gives back to `configure`.
    pub history: String,
    /// Why the files may not be the newest that this gateway has had.
    pub doubts: Vec<Doubt>,
    /// The newest verified time, seconds since 1970: the clock does not go below it.
    pub newest_time: Option<u32>,
    /// When the last completed poll of the repository began, seconds since 1970.
    pub polled: Option<u32>,
    /// Version of the newest verified root.
    pub root: u32,
    /// Version of the timestamp of the last completed update.
    pub timestamp: Option<u32>,
    /// Version of the snapshot of the last completed update.
    pub snapshot: Option<u32>,
    /// Version of the targets of the last completed update.
    pub targets: Option<u32>,
    /// When the first of root, targets and delegated roles expires, seconds since 1970.
    pub expires: Option<u32>,
    /// SHA-256 over versions and digests of root, targets and delegated roles, hexadecimal.
    /// Gateways compare it to check that they were shown the same lists; `docs/abi.md` has the
    /// form.
    pub digest: String,
    /// Every verified metadata file in use.
    pub metadata: Vec<MetadataState>,
    /// Like `digest`, with timestamp and snapshot. Receipts identify the state by it.
    pub metadata_digest: String,
    /// The live releases, one for each list and epoch.
    pub lists: Vec<ListState>,
    /// The live packs of typologies.
    #[serde(
        skip_serializing_if = "Vec::is_empty",
        serialize_with = "crate::in_full"
    )]
    pub typologies: Vec<PackState>,
    /// The sealed keys that were verified and saved. The module never opens them.
    #[serde(
        skip_serializing_if = "Vec::is_empty",
        serialize_with = "crate::in_full"
    )]
    pub sealed_keys: Vec<SealedKeyState>,
}

/// One sealed key: the host opens it with the gateway's secret and gives the ListKey to `configure`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SealedKeyState {
    /// Whose lists the key reads. What is sealed must name the same.
    pub coalition: String,
    /// Which epoch's. What is sealed must name the same.
    pub epoch: u32,
    /// The name of the file in the host's store.
    pub name: String,
}

/// One live pack of typologies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PackState {
    /// The list that the pack is published with.
    pub list: String,
    /// The pack's name, such as `standard`.
    pub name: String,
    /// Raised by the publisher with every change to the pack.
    pub version: u32,
    /// How many rules this module understands.
    pub rules: usize,
    /// How many rules need a newer module.
    pub skipped: usize,
    /// Whether the pack counts: its metadata is fresh or stale, not expired.
    pub counted: bool,
}

/// One verified metadata file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MetadataState {
    /// The file's name in the repository, without its version.
    pub file: String,
    /// Raised whenever the role is signed anew; an older version is refused.
    pub version: u32,
    /// SHA-256 of the canonical JSON of its `signed` member, hexadecimal.
    pub sha256: String,
}

/// One live release of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ListState {
    /// The list's id.
    pub list: String,
    /// `member` or `public`.
    pub edition: &'static str,
    /// The epoch whose ListKey reads the release.
    pub epoch: u32,
    /// Raised with every release of the list; an older release is refused.
    pub sequence: u64,
    /// When the release was built, seconds since 1970.
    pub issued: u32,
    /// How many entries the filter is sized for.
    pub entries: u32,
    /// Exact records of the base release; absent if the release is a filter only.
    pub records: Option<usize>,
    /// Changes in the stash, which apply on top of the base release.
    pub changes: usize,
    /// The newest epoch the list is published for, if this release is of an older one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub newest_epoch: Option<u32>,
    /// The day from which the list is published in a later format alone, seconds since 1970, if that has been
    /// announced.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ends: Option<u32>,
    /// The kinds of identifier that the list covers.
    pub kinds: Vec<&'static str>,
    /// `fresh`, `late`, `stale`, `expired` or `untrusted`.
    pub freshness: &'static str,
    /// Seconds since the release was built.
    pub age_s: u32,
    /// Whether the ListKey of its epoch is configured.
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
    /// Reports what is live.
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
            history: coalition.history().to_string(),
            doubts: coalition.doubts(),
            newest_time: coalition.client.newest_time().map(|time| time.seconds()),
            polled: coalition.polled().map(Time::seconds),
            root: versions.root,
            timestamp: versions.timestamp,
            snapshot: versions.snapshot,
            targets: versions.targets,
            expires: coalition.client.expires().map(|time| time.seconds()),
            digest: hex::text(&state_digest(&metadata)),
            metadata_digest: coalition.metadata_digest.clone(),
            metadata: metadata.into_iter().map(MetadataState::from).collect(),
            typologies: packs(coalition, now),
            sealed_keys: sealed_keys(coalition),
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
            newest_epoch: live.newer.newest,
            ends: live.descriptor.provenance.ends.map(Time::seconds),
            kinds: kinds.map(|kind| kind.name()).collect(),
            freshness: coalition.grade(live, self.policy(), now).freshness.name(),
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

fn sealed_keys(coalition: &Coalition) -> Vec<SealedKeyState> {
    let keys = coalition.sealed_keys.iter().map(|sealed| SealedKeyState {
        coalition: sealed.key.coalition.clone(),
        epoch: sealed.key.epoch,
        name: sealed.stored().to_owned(),
    });
    keys.collect()
}
