//! Couriers that bring archived files to a walk.

use std::collections::BTreeMap;

use interdict_core::list::is_name;
use interdict_core::wire::owned::Fetch;
use interdict_host::{Brought, Courier, StoreError, bring_saved};

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

/// Brings the archived pages of a coalition.
pub(super) struct Pages<'a> {
    pub(super) folder: &'a Folder,
    pub(super) coalition: &'a str,
    pub(super) name: Option<String>,
}

impl Courier for Pages<'_> {
    fn bring(&mut self, fetch: &Fetch) -> Brought {
        self.name = Some(fetch.name.clone());
        if !is_name(self.coalition) {
            return Brought::NotFound;
        }
        bring_saved(&self.folder.pages(self.coalition), fetch)
    }

    fn keep(&mut self, _fetch: &Fetch, _bytes: &[u8]) -> Result<(), StoreError> {
        Ok(())
    }
}
