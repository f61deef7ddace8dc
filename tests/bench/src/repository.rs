//! A repository that serves one release, each role signed by one key.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use interdict_core::common::hex;
use interdict_core::common::time::Time;
use interdict_core::list::Part;
use interdict_core::trust::RoleName;
use interdict_publisher::tuf::{
    Pin, RoleKeys, Root, Signer, Snapshot, TargetFile, Targets, Timestamp, sign_metadata,
};

use crate::release::Release;

/// Bytes by path, and the root a gateway pins.
pub(crate) struct Repository {
    pub(crate) root: Vec<u8>,
    files: BTreeMap<String, Vec<u8>>,
}

impl Repository {
    /// `version` is that of timestamp, snapshot and targets.
    pub(crate) fn of(release: &Release, version: u32) -> Result<Self> {
        let signer = Signer::ed25519(&[7; 32]);
        let expires = Time::parse("2027-11-22T00:00:00Z").context("a time")?;
        let mut files = BTreeMap::new();
        let mut named = Vec::new();
        for (part, bytes) in release.parts() {
            let path = release.descriptor.header.part_path(part);
            let pin = Pin::of(1, bytes).context("a file of 4 GB")?;
            files.insert(served_at(&path, &pin)?, bytes.to_vec());
            let custom = (part == Part::Filter).then(|| release.descriptor.to_custom());
            named.push((path, target(pin, custom)));
        }
        let targets = Targets {
            version,
            expires,
            files: named,
        };
        let targets = sign_metadata(&targets.signed(), &[&signer]);
        let snapshot = Snapshot {
            version,
            expires,
            targets: Pin::of(version, &targets).context("a large file")?,
        };
        let snapshot = sign_metadata(&snapshot.signed(), &[&signer]);
        let timestamp = Timestamp {
            version,
            expires,
            snapshot: Pin::of(version, &snapshot).context("a large file")?,
        };
        let timestamp = sign_metadata(&timestamp.signed(), &[&signer]);
        files.insert(format!("metadata/{version}.targets.json"), targets);
        files.insert(format!("metadata/{version}.snapshot.json"), snapshot);
        files.insert("metadata/timestamp.json".to_owned(), timestamp);
        let root = root(&signer, expires);
        Ok(Self { root, files })
    }

    pub(crate) fn get(&self, path: &str) -> Option<Vec<u8>> {
        self.files.get(path).cloned()
    }
}

fn root(signer: &Signer, expires: Time) -> Vec<u8> {
    let names = [
        RoleName::Root,
        RoleName::Targets,
        RoleName::Snapshot,
        RoleName::Timestamp,
    ];
    let root = Root {
        version: 1,
        expires,
        roles: names
            .map(|name| RoleKeys {
                name,
                threshold: 1,
                keys: vec![signer.public().clone()],
            })
            .to_vec(),
        comment: None,
    };
    sign_metadata(&root.signed(), &[signer])
}

fn target(pin: Pin, custom: Option<interdict_core::common::json::Value<'static>>) -> TargetFile {
    TargetFile {
        length: pin.length,
        sha256: pin.sha256,
        custom,
    }
}

/// Where a consistent snapshot has a target.
fn served_at(path: &str, pin: &Pin) -> Result<String> {
    let (folder, name) = path.rsplit_once('/').context("a path in a folder")?;
    Ok(format!(
        "targets/{folder}/{}.{name}",
        hex::text(&pin.sha256)
    ))
}
