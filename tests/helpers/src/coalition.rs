use std::path::{Path, PathBuf};

use interdict_forge::{Enrolment, Header, ListKey, Part, Record, Repository, kind, time};

use crate::NOW;

/// One release of a list.
#[derive(Debug, Clone)]
pub struct Release {
    /// The list's name, in most tests `se/merchants`.
    pub list: &'static str,
    /// Whose key the list is made with.
    pub epoch: u32,
    /// Raised with every release.
    pub sequence: u64,
    /// The domains that the base lists.
    pub listed: &'static [&'static str],
    /// The domains that this release adds to the one before and removes from it.
    pub changes: Option<(&'static str, &'static str)>,
    /// The day from which the list comes in a later format alone.
    pub ends: Option<&'static str>,
    /// The flags of every record of the base: bits 1 mandatory, 2 silent.
    pub flags: u8,
    /// 1 member, 3 compact.
    pub edition: u8,
    /// Whether the stash is signed as it is and is none.
    pub is_no_stash: bool,
    /// Whether it declares domains alone, and not every kind.
    pub has_domains_alone: bool,
}

/// The domains that [`base`] lists.
pub const LISTED: &[&str] = &["shop.example", "market.example"];

/// A first release.
#[must_use]
pub fn base() -> Release {
    Release::base(1, 1, LISTED)
}

/// The release after [`base`]: it adds `new.example` and removes `market.example`.
#[must_use]
pub fn change() -> Release {
    Release {
        sequence: 2,
        changes: Some(("new.example", "market.example")),
        ..base()
    }
}

/// Coalition `se`, which publishes to a folder and signs everything with one key.
#[derive(Debug)]
pub struct Coalition {
    /// The folder.
    pub repository: PathBuf,
}

impl Coalition {
    /// Its repository will be `room/repository`.
    #[must_use]
    pub fn new(room: &Path) -> Self {
        Self {
            repository: room.join("repository"),
        }
    }

    /// The enrolment file of a gateway that fetches from `location` and has the keys of these epochs.
    #[must_use]
    pub fn enrolment(&self, location: &str, epochs: &[u32]) -> Vec<u8> {
        self.enrolment_for("member", location, epochs)
    }

    /// The same for an edition.
    #[must_use]
    pub fn enrolment_for(&self, edition: &str, location: &str, epochs: &[u32]) -> Vec<u8> {
        let enrolment = Enrolment {
            edition: edition.to_owned(),
            coalition: "se".to_owned(),
            member: "bank-a".to_owned(),
            repository: location.to_owned(),
            lists: vec!["se/merchants".to_owned()],
            root: repository().root_file(),
            keys: epochs.iter().map(|epoch| (*epoch, key(*epoch))).collect(),
        };
        enrolment.bytes()
    }

    /// Publishes these releases as version `version` of the metadata.
    pub fn publish(&self, version: u32, releases: &[Release]) {
        let mut repository = repository();
        repository.set_version(version.into());
        self.write(repository, releases);
    }

    /// Signs timestamp and snapshot anew, in version `version`, and leaves the targets of version `of`.
    pub fn renew(&self, version: u32, of: u32, releases: &[Release]) {
        let mut repository = repository();
        repository.set_version(version.into());
        repository.targets.role.version = of.into();
        self.write(repository, releases);
    }

    fn write(&self, mut repository: Repository, releases: &[Release]) {
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

/// What the record of a domain asks for: to block, unless the domain is reserved for tests and says something else.
fn action(domain: &str) -> u8 {
    match domain {
        "monitor.listed.test" => 1,
        "review.listed.test" => 2,
        "hold-payout.listed.test" => 3,
        _ => 4,
    }
}

fn key(epoch: u32) -> ListKey {
    let [digit, ..] = epoch.to_le_bytes();
    ListKey([digit; 32])
}

impl Release {
    /// A release that lists these domains and changes no earlier one.
    #[must_use]
    pub const fn base(epoch: u32, sequence: u64, listed: &'static [&'static str]) -> Self {
        Self {
            list: "se/merchants",
            epoch,
            sequence,
            listed,
            changes: None,
            ends: None,
            flags: 0,
            edition: 1,
            is_no_stash: false,
            has_domains_alone: false,
        }
    }

    /// The compact edition of the same.
    #[must_use]
    pub const fn compact(mut self) -> Self {
        self.edition = 3;
        self
    }

    fn forged(&self) -> interdict_forge::Release {
        let key = key(self.epoch);
        let is_compact = self.edition == 3;
        let new = Header::new(self.list, &key);
        let header = Header {
            edition: self.edition,
            rate: if is_compact { 32 } else { new.rate },
            confidence: is_compact.then_some(900),
            epoch: self.epoch,
            sequence: self.sequence,
            issued: NOW - 1000,
            kinds: if self.has_domains_alone {
                1 << kind::DOMAIN
            } else {
                new.kinds
            },
            ..new
        };
        let mut release = interdict_forge::Release::new(header, key);
        if is_compact {
            release.stride = None;
        }
        let record = |name: &str| Record {
            // A silent record asks to monitor.
            action: if self.flags & 2 == 0 { action(name) } else { 1 },
            flags: self.flags,
            ..Record::default()
        };
        let tag = |name: &str| key.tag(kind::DOMAIN, name.as_bytes());
        let listed = self.listed.iter();
        release.listed = listed.map(|name| (tag(name), record(name))).collect();
        let ends = self.ends.map(|day| ("ends".to_owned(), day.into()));
        release.members.extend(ends);
        if let Some((added, removed)) = self.changes {
            let mut base = release.clone();
            base.header.sequence -= 1;
            release.base = Some(Box::new(base));
            release.listed.insert(tag(added), Record::default());
            release.listed.remove(&tag(removed));
        }
        if self.is_no_stash {
            let none = b"signed, and no stash".to_vec();
            release.instead.insert(Part::Stash, none);
        }
        release
    }
}
