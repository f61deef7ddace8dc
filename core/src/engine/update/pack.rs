//! Packs of typologies: live, and pending in an update.

use alloc::borrow::ToOwned as _;
use alloc::string::String;
use alloc::sync::Arc;

use crate::IS_FULL;
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
            },
            pack: same.map(|live| Arc::clone(&live.pack)),
        }))
    }

    pub(crate) fn next(&self) -> Option<&Fetch> {
        self.pack.is_none().then_some(&self.fetch)
    }

    pub(crate) fn take(&mut self, bytes: &[u8]) -> Result<(), Error> {
        if !IS_FULL {
            return Err(EngineError::NoUpdate.into());
        }
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

#[cfg(test)]
mod tests {
    use sha2::{Digest as _, Sha256};

    use super::*;
    use crate::trust::TrustError;

    const PACK: &str = r#"{"format":1,"version":3,"name":"standard","rules":[]}"#;

    const ROOT: &[u8] =
        include_bytes!("../../../../fixtures/repositories/typologies/metadata/1.root.json");

    /// The pack whose file is signed to have this content, beside those that are live.
    fn pending(content: &str, live: &[LivePack]) -> PendingPack {
        let client = Client::new(ROOT).unwrap();
        let target = Target {
            length: u64::try_from(content.len()).unwrap(),
            sha256: Some(Sha256::digest(content).into()),
            sha512: None,
            custom: Some(PackTarget::custom(3)),
        };
        let path = "se/merchants.typologies.json";
        let pending = PendingPack::of(path, &target, live, &client);
        pending.unwrap().unwrap()
    }

    /// docs/scoring.md, "A pack": signed data. Whoever serves the file must not choose the rules.
    #[test]
    fn a_pack_that_is_not_the_signed_one_is_refused_and_stays_to_be_fetched() {
        let other = PACK.replace("3", "4");
        let version = Pack::parse(other.as_bytes()).unwrap().version;
        assert_eq!(version, 4, "a pack as good as any");
        for (bytes, error) in [
            (other, TrustError::TargetHash),
            (format!("{PACK} "), TrustError::TargetLength),
            (PACK.replace("standard", "stand"), TrustError::TargetLength),
        ] {
            let mut pack = pending(PACK, &[]);
            assert_eq!(pack.take(bytes.as_bytes()), Err(Error::Trust(error)));
            assert!(pack.next().is_some() && pack.load().is_none());
        }
        let mut pack = pending(PACK, &[]);
        pack.take(PACK.as_bytes()).unwrap();
        assert!(pack.next().is_none());
        let live = pack.load().unwrap();
        assert_eq!(
            (live.pack.name.as_str(), live.pack.version),
            ("standard", 3)
        );
    }

    #[test]
    fn a_pack_is_fetched_unless_the_same_bytes_are_live() {
        let mut first = pending(PACK, &[]);
        assert!(first.next().is_some());
        first.take(PACK.as_bytes()).unwrap();
        let live = [first.load().unwrap()];
        let same = pending(PACK, &live);
        assert!(same.next().is_none());
        assert_eq!(same.load().map(|same| same.pack.version), Some(3));
        let newer = pending(&PACK.replace("3", "4"), &live);
        assert!(newer.next().is_some() && newer.load().is_none());
    }
}
