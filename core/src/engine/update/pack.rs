//! Packs of typologies: live, and pending in an update.

use std::sync::Arc;

use crate::engine::error::{EngineError, Error};
use crate::list::ListId;
use crate::rules::{Pack, PackTarget};
use crate::trust::{Client, Target};

use super::fetch::{Fetch, store_name};

/// A live pack.
#[derive(Debug, Clone)]
pub(crate) struct LivePack {
    pub(crate) list: ListId,
    pub(crate) path: String,
    /// SHA-256 of the file.
    sha256: [u8; 32],
    pub(crate) pack: Arc<Pack>,
}

/// A pack that the newest targets name, with its content once the file is supplied.
#[derive(Debug)]
pub(crate) struct PendingPack {
    pub(crate) list: ListId,
    path: String,
    sha256: [u8; 32],
    target: Target,
    fetch: Fetch,
    pack: Option<Arc<Pack>>,
}

impl PendingPack {
    /// Reads a target as a pack; `None` if it is another file. A live pack of the same bytes is not
    /// fetched again.
    pub(crate) fn of(
        path: &str,
        target: &Target,
        live: &[LivePack],
        client: &Client,
    ) -> Result<Option<Self>, Error> {
        let Some(PackTarget { list, .. }) = PackTarget::read(path, target.custom.as_ref()) else {
            return Ok(None);
        };
        let sha256 = target.sha256.ok_or(EngineError::PartMismatch)?;
        let mut live = live.iter();
        let same = live.find(|live| live.path == path && live.sha256 == sha256);
        let max_size = u32::try_from(target.length);
        Ok(Some(Self {
            list,
            path: path.to_owned(),
            sha256,
            target: target.clone(),
            fetch: Fetch {
                name: store_name(path),
                path: target.path(path, client.consistent_snapshot()),
                max_size: max_size.map_err(|_| EngineError::PartMismatch)?,
                range: None,
            },
            pack: same.map(|live| Arc::clone(&live.pack)),
        }))
    }

    pub(crate) fn next(&self) -> Option<&Fetch> {
        self.pack.is_none().then_some(&self.fetch)
    }

    pub(crate) fn take(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.target.verify(bytes)?;
        self.pack = Some(Arc::new(Pack::parse(bytes)?));
        Ok(())
    }

    /// The live pack; `None` while the file is missing.
    pub(crate) fn load(self) -> Option<LivePack> {
        Some(LivePack {
            list: self.list,
            path: self.path,
            sha256: self.sha256,
            pack: self.pack?,
        })
    }
}

impl LivePack {
    /// The name of the pack's file in the host's store.
    pub(crate) fn stored(&self) -> String {
        store_name(&self.path)
    }
}
