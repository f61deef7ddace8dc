use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

/// The answer to `state`: what is live, by coalition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// In the order they were configured.
    pub coalitions: Vec<CoalitionState>,
}

/// What is live of one coalition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CoalitionState {
    /// Its name in this gateway.
    pub name: String,
    /// What the host saves beside the files.
    #[serde(default)]
    pub history: String,
    /// Why the files may not be the newest that this gateway has had, such as `rolled_back`.
    #[serde(default)]
    pub doubts: Vec<String>,
    /// The newest verified time, in seconds since 1970.
    pub newest_time: Option<u32>,
    /// When the last completed poll of the repository began, in seconds since 1970.
    #[serde(default)]
    pub polled: Option<u32>,
    /// Version of the newest root.
    pub root: u32,
    /// Version of the completed update.
    pub timestamp: Option<u32>,
    /// See `timestamp`.
    pub snapshot: Option<u32>,
    /// See `timestamp`.
    pub targets: Option<u32>,
    /// When the newest root, the targets or a delegated role expires, whichever is first.
    pub expires: Option<u32>,
    /// What gateways of one coalition compare to know that they were shown the same lists.
    #[serde(default)]
    pub digest: String,
    /// The metadata in use.
    #[serde(default)]
    pub metadata: Vec<MetadataState>,
    /// What receipts name the state by.
    #[serde(default)]
    pub metadata_digest: String,
    /// Live releases.
    pub lists: Vec<ListState>,
    /// Live packs of typologies.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub typologies: Vec<PackState>,
    /// Sealed keys that were verified and saved; none is opened by the module.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sealed_keys: Vec<SealedKeyState>,
}

/// One sealed key among the saved files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealedKeyState {
    /// Whose lists it reads. What is sealed must name the same.
    pub coalition: String,
    /// Which epoch's. What is sealed must name the same.
    pub epoch: u32,
    /// The name of the file in the host's store.
    pub name: String,
}

/// One verified metadata file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MetadataState {
    /// Its name in the repository without a version.
    pub file: String,
    /// Its version.
    pub version: u32,
    /// SHA-256 of the canonical JSON of its `signed` member, hexadecimal.
    pub sha256: String,
}

/// One live release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListState {
    /// Its list.
    pub list: String,
    /// `member`, `compact` or `public`.
    pub edition: String,
    /// Its key period.
    pub epoch: u32,
    /// Raised with every release.
    pub sequence: u64,
    /// When it was built, in seconds since 1970.
    pub issued: u32,
    /// What its filter is sized for.
    pub entries: u32,
    /// Exact records of the base; none for a filter only.
    pub records: Option<u64>,
    /// Changes since the base.
    #[serde(default)]
    pub changes: u64,
    /// The epoch the list has gone on to, if this is an older one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub newest_epoch: Option<u32>,
    /// The day from which the list is published in a later format alone, in seconds since 1970, if announced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends: Option<u32>,
    /// Kinds it covers.
    pub kinds: Vec<String>,
    /// How far it can be relied on, such as `fresh` or `expired`.
    pub freshness: String,
    /// Seconds since it was built.
    pub age_s: u32,
    /// Whether its key is available.
    pub key: bool,
}

/// One live pack of typologies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
