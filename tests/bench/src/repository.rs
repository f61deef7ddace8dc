//! A repository that serves one release, each role signed by one key.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, Result};
use interdict_core::list::Part;
use interdict_forge::{Signer, Target};

use crate::release::Release;

/// Bytes by path, and the root a gateway pins.
pub(crate) struct Repository {
    pub(crate) root: Vec<u8>,
    files: BTreeMap<String, Vec<u8>>,
}

impl Repository {
    /// `version` is the version of timestamp, snapshot and targets.
    pub(crate) fn of(release: &Release, version: u32) -> Result<Self> {
        let role = interdict_forge::Role::new("2027-11-22T00:00:00Z", &[Signer::ed25519(7)]);
        let mut repository = interdict_forge::Repository::of(role);
        repository.set_version(version.into());
        for (part, bytes) in release.parts() {
            let path = release.descriptor.header.part_path(part);
            let custom = release.descriptor.to_custom().canonical();
            let custom = serde_json::from_slice(&custom).context("a descriptor")?;
            let target = Target {
                custom: (part == Part::Filter).then_some(custom),
                ..Target::new(bytes)
            };
            repository.targets.add([(path, target)]);
        }
        Ok(Self {
            root: repository.root_file(),
            files: repository.files(),
        })
    }

    /// Writes every file below a folder.
    pub(crate) fn write(&self, folder: &Path) -> Result<()> {
        for (path, bytes) in &self.files {
            let path = folder.join(path);
            std::fs::create_dir_all(path.parent().context("a folder")?)?;
            std::fs::write(path, bytes)?;
        }
        Ok(())
    }

    pub(crate) fn get(&self, path: &str) -> Option<Vec<u8>> {
        self.files.get(path).cloned()
    }
}
