//! Digests of the verified metadata, which gateways compare to learn whether they were shown the
//! same.

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use core::fmt::Write as _;

use interdict_common::hex;

use super::exchange::FileName;
use super::set::MetadataSet;
use crate::hashes::sha256;
use crate::metadata::Root;
use crate::role_name::RoleName;
use crate::signing::Verified;

/// One verified metadata file that is in use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetadataFile {
    /// The role of the file.
    pub role: RoleName,
    /// The name of the file in the repository, without a version: `root.json`, `se.json`.
    pub file: String,
    /// The name of the file in the host's store, as in [`Request::name`](super::Request::name).
    pub stored: String,
    /// The version of the file.
    pub version: u32,
    /// SHA-256 of the canonical JSON of the `signed` member. It does not depend on the signatures
    /// or on the layout of the file.
    pub sha256: [u8; 32],
}

/// SHA-256 of one line `FILE VERSION SHA256` for root, targets and each delegated role, in the
/// order of [`Client::metadata`](super::Client::metadata). Each line ends with a line feed.
/// Timestamp and snapshot are left out: they are signed again every day while nothing else changes,
/// and only say which of these files are the newest.
#[must_use]
pub fn state_digest(metadata: &[MetadataFile]) -> [u8; 32] {
    let lasting =
        |file: &&MetadataFile| !matches!(file.role, RoleName::Timestamp | RoleName::Snapshot);
    digest(metadata.iter().filter(lasting))
}

/// [`state_digest`] with lines for timestamp and snapshot as well, which decide how fresh the
/// others are. A verdict depends on no other part of the metadata.
#[must_use]
pub fn metadata_digest(metadata: &[MetadataFile]) -> [u8; 32] {
    digest(metadata.iter())
}

fn digest<'m>(files: impl Iterator<Item = &'m MetadataFile>) -> [u8; 32] {
    let mut text = String::new();
    for file in files {
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "{} {} {}",
            file.file,
            file.version,
            hex::text(&file.sha256)
        );
    }
    sha256(text.as_bytes())
}

pub(crate) fn metadata_files(
    root: &Verified<Root>,
    set: Option<&MetadataSet>,
) -> Vec<MetadataFile> {
    let mut all = vec![describe(&FileName::Root(root.version()), root)];
    let Some(set) = set else {
        return all;
    };
    all.push(describe(&FileName::Timestamp, &*set.timestamp));
    all.push(describe(&FileName::Snapshot, &*set.snapshot));
    let targets = set.graph.targets();
    all.extend(targets.map(|targets| describe(&FileName::Targets, &**targets)));
    let top_level = all.len();
    for node in set.graph.delegated() {
        let file = describe(&FileName::Delegated(node.name.clone()), &*node.file);
        let others = all.get(top_level..).unwrap_or_default();
        let at = others.partition_point(|other| other.file < file.file);
        all.insert(top_level.saturating_add(at), file);
    }
    all
}

fn describe<T>(name: &FileName, file: &Verified<T>) -> MetadataFile {
    MetadataFile {
        role: name.role(),
        file: name.in_repository(),
        stored: name.in_store(),
        version: file.version(),
        sha256: file.digest(),
    }
}
