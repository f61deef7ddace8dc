//! A repository that serves one release, each role signed by one key.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, Result};
use interdict_core::list::Part;
use interdict_forge::{Enrolment, ListKey, Signer, Target};
use interdict_host::{Module, OtherRoot, Store, enrol};

use crate::release::{LIST, NOW, Release, SECRET};

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

    /// What a gateway that fetches from this place enrols with.
    pub(crate) fn enrolment(&self, place: &str) -> Vec<u8> {
        let enrolment = Enrolment {
            coalition: "se".to_owned(),
            member: "bank-a".to_owned(),
            edition: "member".to_owned(),
            repository: place.to_owned(),
            lists: vec![LIST.to_owned()],
            root: self.root.clone(),
            keys: vec![(1, ListKey(SECRET))],
        };
        enrolment.bytes()
    }

    /// Makes a state directory, and enrols a gateway in it that fetches from `repository` beside its configuration.
    pub(crate) fn enrol(&self, module: &Module, state: &Path) -> Result<()> {
        let enrolment = interdict_host::Enrolment::read(&self.enrolment("repository"))?;
        Store::create(state)?;
        enrol(module, state, &enrolment, OtherRoot::Refuse, NOW)?;
        Ok(())
    }

    pub(crate) fn get(&self, path: &str) -> Option<Vec<u8>> {
        self.files.get(path).cloned()
    }
}
