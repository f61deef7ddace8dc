//! The courier that brings archived files to a walk.

use std::collections::BTreeMap;

use interdict_core::wire::owned::Fetch;
use interdict_host::{Brought, Courier, StoreError};

use super::folder::{FILES, Folder};

/// Brings the files of one archived store.
pub(super) struct Stored<'a> {
    pub(super) folder: &'a Folder,
    pub(super) store: &'a BTreeMap<String, String>,
    pub(super) fault: Option<StoreError>,
}

impl Courier for Stored<'_> {
    fn bring(&mut self, fetch: &Fetch) -> Brought {
        let Some(sha256) = self.store.get(&fetch.name) else {
            return Brought::NotFound;
        };
        match self.folder.by_digest(FILES, sha256, "") {
            Ok(Some(bytes)) if u32::try_from(bytes.len()).is_ok_and(|l| l <= fetch.max_size) => {
                Brought::Bytes(bytes)
            }
            Ok(Some(_)) => Brought::Failed(String::new()),
            Ok(None) => Brought::NotFound,
            Err(error) => {
                self.fault = Some(error);
                Brought::Failed(String::new())
            }
        }
    }

    fn keep(&mut self, _fetch: &Fetch, _bytes: &[u8]) -> Result<(), StoreError> {
        Ok(())
    }
}
