//! Sealed keys: fetched and verified like any other target, and never opened here. A host that has its
//! gateway's secret opens them.

use crate::engine::error::Error;
use crate::list::KeyTarget;
use crate::trust::{Client, Target};

use super::fetch::{Fetch, store_name};

/// A sealed key that the newest targets name. It is live once every file of the update is supplied.
#[derive(Debug, Clone)]
pub(crate) struct SealedKey {
    pub(crate) key: KeyTarget,
    signed: Target,
    fetch: Fetch,
    is_verified: bool,
}

impl SealedKey {
    /// Reads a target as a sealed key; `None` if it is another file. A live key of the same bytes is not
    /// fetched again.
    pub(super) fn of(path: &str, signed: &Target, live: &[Self], client: &Client) -> Option<Self> {
        let key = KeyTarget::read(path)?;
        let known = signed.sha256.is_some();
        let same = |live: &Self| known && live.key == key && live.signed.sha256 == signed.sha256;
        Some(Self {
            is_verified: live.iter().any(same),
            fetch: Fetch {
                name: store_name(path),
                path: signed.path(path, client.consistent_snapshot()),
                // A longer one is cut off there and then has another length than is signed.
                max_size: u32::try_from(signed.length)
                    .unwrap_or(u32::MAX)
                    .min(KeyTarget::MAX_SIZE),
            },
            signed: signed.clone(),
            key,
        })
    }

    /// The file to supply, until it was.
    pub(super) fn next(&self) -> Option<&Fetch> {
        (!self.is_verified).then_some(&self.fetch)
    }

    pub(super) fn take(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.signed.verify(bytes)?;
        self.is_verified = true;
        Ok(())
    }

    /// The name of the file in the host's store.
    pub(crate) fn stored(&self) -> &str {
        &self.fetch.name
    }
}
