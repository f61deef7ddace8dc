use std::collections::BTreeMap;

use interdict_core::wire::owned::Base64;
use serde::{Deserialize, Serialize};

/// The format of manifests that this version reads and writes.
pub(super) const MANIFEST_FORMAT: u32 = 1;

/// How a coalition's state was made: what it was configured with, and the files that were replayed.
///
/// ```json
/// {"format":1,"coalition":"se","root":"<base64>","lists":["se/merchants"],"edition":"member",
///  "releases":[{"list":"se/merchants","epoch":1,"sequence":41}],
///  "stores":[{"timestamp.json":"<sha256>", …}, …]}
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Manifest {
    pub(super) format: u32,
    pub(super) coalition: String,
    /// The bytes of the pinned root.
    pub(super) root: Base64,
    pub(super) lists: Vec<String>,
    pub(super) edition: String,
    /// What was live afterwards.
    pub(super) releases: Vec<Release>,
    /// The digests of the files by name: first those of the generation, then those of each update that did
    /// not complete. They are replayed in this order.
    pub(super) stores: Vec<BTreeMap<String, String>>,
}

/// One live release.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Release {
    pub(super) list: String,
    pub(super) epoch: u32,
    pub(super) sequence: u64,
}

impl Manifest {
    /// Whether both were configured alike and have the same releases and names of files. Under one metadata
    /// digest, the same names mean the same files.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        let names = |one: &Self| -> Vec<Vec<String>> {
            let stores = one.stores.iter();
            stores
                .map(|store| store.keys().cloned().collect())
                .collect()
        };
        let bare = |one: &Self| Self {
            stores: Vec::new(),
            ..one.clone()
        };
        bare(self) == bare(other) && names(self) == names(other)
    }

    pub(super) fn digests(&self) -> impl Iterator<Item = &String> {
        self.stores.iter().flat_map(BTreeMap::values)
    }
}
