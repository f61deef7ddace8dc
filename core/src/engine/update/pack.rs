//! Packs of typologies as they come with an update.

use std::sync::Arc;

use crate::common::json::Value;
use crate::engine::error::{EngineError, Error};
use crate::list::ListId;
use crate::rules::Pack;
use crate::trust::{Client, Target};

use super::fetch::{Fetch, store_name};

/// What follows a list's id in the path of its pack.
const SUFFIX: &str = ".typologies.json";

/// A pack in place.
#[derive(Debug, Clone)]
pub(crate) struct LivePack {
    pub(crate) list: ListId,
    pub(crate) path: String,
    /// SHA-256 of the file.
    sha256: [u8; 32],
    pub(crate) pack: Arc<Pack>,
}

/// A pack that the newest targets name.
#[derive(Debug)]
pub(crate) struct IncomingPack {
    pub(crate) list: ListId,
    path: String,
    sha256: [u8; 32],
    target: Target,
    fetch: Fetch,
    pack: Option<Arc<Pack>>,
}

impl IncomingPack {
    /// The pack that a target is, if it is one.
    pub(crate) fn of(
        path: &str,
        target: &Target,
        live: &[LivePack],
        client: &Client,
    ) -> Result<Option<Self>, Error> {
        let custom = target.custom.as_ref().and_then(Value::as_object);
        let marked = custom.and_then(|custom| custom.get("interdict_typologies"));
        let (Some(list), Some(_)) = (list_of(path), marked) else {
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

    /// The pack, once its file is there.
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
    /// Its name in the host's store.
    pub(crate) fn stored(&self) -> String {
        store_name(&self.path)
    }
}

fn list_of(path: &str) -> Option<ListId> {
    ListId::parse(path.strip_suffix(SUFFIX)?).ok()
}
