//! A coalition that publishes what a test needs: several epochs, and changes to an earlier release.

use std::path::{Path, PathBuf};

use interdict_core::list::Flags;
use interdict_forge::{Header, ListKey, Record, Repository, kind, time};
use interdict_host::{Enrolment, Module, OtherRoot, enrol};

use crate::tiny::NOW;

/// One release of a list, as a rule of `se/merchants`.
#[derive(Clone)]
pub(crate) struct Release {
    pub(crate) list: &'static str,
    pub(crate) epoch: u32,
    pub(crate) sequence: u64,
    pub(crate) listed: &'static [&'static str],
    /// What this release adds to and removes from the one before.
    pub(crate) changes: Option<(&'static str, &'static str)>,
    /// Of every record of the base.
    pub(crate) flags: Flags,
}

/// What [`base`] lists.
pub(crate) const LISTED: &[&str] = &["shop.example", "market.example"];

/// A first release.
pub(crate) fn base() -> Release {
    Release::base(1, 1, LISTED)
}

/// Adds `new.example`, removes `market.example`.
pub(crate) fn change() -> Release {
    Release {
        sequence: 2,
        changes: Some(("new.example", "market.example")),
        ..base()
    }
}

pub(crate) struct Forge {
    pub(crate) repository: PathBuf,
}

impl Forge {
    /// A coalition whose repository lies in `room`.
    pub(crate) fn new(room: &Path) -> Self {
        Self {
            repository: room.join("repository"),
        }
    }

    /// Enrols a gateway in `room` with the keys of these epochs; its configuration.
    pub(crate) fn enrol(&self, room: &Path, location: &str, epochs: &[u32]) -> PathBuf {
        let enrolment = interdict_forge::Enrolment {
            coalition: "se".to_owned(),
            member: "bank-a".to_owned(),
            repository: location.to_owned(),
            lists: vec!["se/merchants".to_owned()],
            root: repository().root_file(),
            keys: epochs.iter().map(|epoch| (*epoch, key(*epoch))).collect(),
        };
        let enrolment = Enrolment::read(&enrolment.bytes()).unwrap();
        let module = Module::built_in().unwrap();
        let state = room.join("state");
        enrol(&module, &state, &enrolment, OtherRoot::Refuse, NOW).unwrap();
        let config = room.join("gateway.toml");
        if !config.exists() {
            std::fs::write(&config, "").unwrap();
        }
        config
    }

    /// Publishes these releases as version `version` of the metadata.
    pub(crate) fn publish(&self, version: u32, releases: &[Release]) {
        let mut repository = repository();
        repository.set_version(version.into());
        for release in releases {
            repository.targets.add(release.forged().targets());
        }
        for (path, bytes) in repository.files() {
            let path = self.repository.join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, bytes).unwrap();
        }
    }
}

/// One key signs everything.
fn repository() -> Repository {
    Repository::new(&time(NOW + 1_000_000))
}

fn key(epoch: u32) -> ListKey {
    let [digit, ..] = epoch.to_le_bytes();
    ListKey([digit; 32])
}

impl Release {
    pub(crate) const fn base(epoch: u32, sequence: u64, listed: &'static [&'static str]) -> Self {
        Self {
            list: "se/merchants",
            epoch,
            sequence,
            listed,
            changes: None,
            flags: Flags(0),
        }
    }

    fn forged(&self) -> interdict_forge::Release {
        let key = key(self.epoch);
        let header = Header {
            epoch: self.epoch,
            sequence: self.sequence,
            issued: NOW - 1000,
            ..Header::new(self.list, &key)
        };
        let mut release = interdict_forge::Release::new(header, key);
        let record = Record {
            flags: self.flags.0,
            ..Record::default()
        };
        let tag = |name: &str| key.tag(kind::DOMAIN, name.as_bytes());
        let listed = self.listed.iter();
        release.listed = listed.map(|name| (tag(name), record)).collect();
        if let Some((added, removed)) = self.changes {
            let mut base = release.clone();
            base.header.sequence -= 1;
            release.base = Some(Box::new(base));
            release.listed.insert(tag(added), Record::default());
            release.listed.remove(&tag(removed));
        }
        release
    }
}
