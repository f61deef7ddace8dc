//! A repository as gateways would take it, wherever it lies.

use std::fs;
use std::io::{self, Read as _};
use std::path::Path;

use interdict_core::common::hex;
use interdict_core::common::time::Time;
use interdict_core::list::{Descriptor, Edition, KeyTarget, ListId, Part, PartDigest};
use interdict_core::rules::{Pack, PackTarget};
use interdict_core::trust::{Client, Outcome, RoleName, Source, Step, Wanted};

use crate::digest::sha256;
use crate::directory::NewFile;
use crate::error::{BackupError, PublisherError, Result};
use crate::register::{MetadataFile, PublishedPack};
use crate::release::LastRelease;
use crate::tuf::{TargetFile, metadata_path, stored_path};

/// What is published, verified from a root that the register has.
#[derive(Debug)]
pub(super) struct Published {
    /// Those that the register lacks, oldest first.
    pub(super) roots: Vec<MetadataFile>,
    pub(super) targets: MetadataFile,
    pub(super) snapshot: MetadataFile,
    pub(super) timestamp: MetadataFile,
    /// What targets names.
    pub(super) release: LastRelease,
    /// Records, stashes and public filters that it names.
    pub(super) parts: Vec<NewFile>,
    /// The red flags beside lists.
    pub(super) packs: Vec<(ListId, PublishedPack)>,
}

impl Published {
    /// Reads and verifies a repository. What has expired since is still what gateways have.
    ///
    /// # Errors
    /// What gateways would refuse, [`PublisherError::NothingReleased`], [`PublisherError::Damaged`],
    /// [`BackupError::OtherRoot`].
    pub(super) fn read(repository: &Path, roots: &[MetadataFile], now: Time) -> Result<Self> {
        for root in roots {
            let path = metadata_path(RoleName::Root, root.version);
            let other = read(repository, &path, u64::MAX)?;
            if other.is_some_and(|other| other != root.bytes) {
                return Err(BackupError::OtherRoot(root.version).into());
            }
        }
        let newest = roots.last().ok_or(PublisherError::RegisterContent)?;
        let mut client = Client::new(&newest.bytes)?;
        let mut files: Vec<NewFile> = Vec::new();
        client.begin(Source::Store, now, Wanted::All);
        while let Step::Fetch(request) = client.step() {
            let bytes = read(repository, &request.path, u64::from(request.max_size))?;
            client.supply(bytes.as_deref().map_or(Outcome::NotFound, Outcome::Bytes))?;
            let path = request.path.clone();
            files.extend(bytes.map(|bytes| NewFile { path, bytes }));
        }
        client.complete();
        let versions = client.versions();
        let file = |role, version: Option<u32>| {
            let version = version.ok_or(PublisherError::NothingReleased)?;
            let path = metadata_path(role, version);
            let file = files.iter().find(|file| file.path == path);
            let bytes = file.ok_or(PublisherError::Damaged(path))?.bytes.clone();
            Ok::<_, PublisherError>(MetadataFile { version, bytes })
        };
        let newer = newest.version.saturating_add(1)..=versions.root;
        let roots = newer.map(|version| file(RoleName::Root, Some(version)));
        let roots = roots.collect::<Result<_>>()?;
        let targets = file(RoleName::Targets, versions.targets)?;
        let release = LastRelease::read(&targets.bytes).ok_or(PublisherError::NothingReleased)?;
        let mut published = Self {
            roots,
            snapshot: file(RoleName::Snapshot, versions.snapshot)?,
            timestamp: file(RoleName::Timestamp, versions.timestamp)?,
            targets,
            release,
            parts: Vec::new(),
            packs: Vec::new(),
        };
        published.read_targets(repository)?;
        Ok(published)
    }

    fn read_targets(&mut self, repository: &Path) -> Result<()> {
        for descriptor in self.release.descriptors() {
            for (part, digest) in descriptor.parts() {
                // Of member and compact filters nothing can be read.
                if part != Part::Filter || descriptor.header.edition == Edition::Public {
                    let file = part_file(repository, &descriptor, part, digest)?;
                    self.parts.push(file);
                }
            }
        }
        for (path, target) in self.release.targets() {
            if let Some(pack) = PackTarget::read(path, target.custom.as_ref()) {
                let bytes = target_file(repository, path, target)?;
                let parsed = Pack::parse(&bytes).map_err(PublisherError::Typologies)?;
                let version = parsed.version;
                self.packs
                    .push((pack.list, PublishedPack { version, bytes }));
            }
        }
        Ok(())
    }

    /// The epochs whose sealed keys are published.
    pub(super) fn announced(&self) -> impl Iterator<Item = u32> {
        let targets = self.release.targets().iter();
        targets.filter_map(|(path, _)| Some(KeyTarget::read(path)?.epoch))
    }

    /// The newest release of a list, in any edition.
    pub(super) fn newest(&self, list: &ListId) -> Option<Descriptor> {
        let descriptors = self.release.descriptors();
        let own = descriptors.filter(|descriptor| descriptor.header.list == *list);
        own.max_by_key(|descriptor| descriptor.header.sequence)
    }

    /// When the newest release of any list was built.
    pub(super) fn issued(&self) -> Option<Time> {
        let descriptors = self.release.descriptors();
        descriptors.map(|descriptor| descriptor.header.issued).max()
    }

    /// What members' releases say of entries, by digest.
    pub(super) fn kept(&self) -> Vec<(String, &[u8])> {
        let descriptors = self.release.descriptors();
        let member = descriptors.filter(|one| one.header.edition == Edition::Member);
        let parts = member.flat_map(|descriptor| {
            let parts = descriptor.parts();
            let parts = parts.filter(|(part, _)| *part != Part::Filter);
            let parts = parts.map(|(part, digest)| {
                let bytes = self.part(&descriptor, part, digest);
                (hex::text(&digest.sha256), bytes)
            });
            parts.collect::<Vec<_>>()
        });
        parts.collect()
    }

    /// A part of a release that was read.
    pub(super) fn part(&self, descriptor: &Descriptor, part: Part, digest: PartDigest) -> &[u8] {
        let path = stored_path(&descriptor.header.part_path(part), &digest.sha256);
        let file = self.parts.iter().find(|file| file.path == path);
        file.map_or(&[], |file| &file.bytes)
    }
}

fn part_file(
    repository: &Path,
    descriptor: &Descriptor,
    part: Part,
    digest: PartDigest,
) -> Result<NewFile> {
    let path = stored_path(&descriptor.header.part_path(part), &digest.sha256);
    let bytes = read(repository, &path, u64::from(digest.length))?;
    match bytes.filter(|bytes| digest.is_of(bytes)) {
        Some(bytes) => Ok(NewFile { path, bytes }),
        None => Err(PublisherError::Damaged(path)),
    }
}

fn target_file(repository: &Path, path: &str, target: &TargetFile) -> Result<Vec<u8>> {
    let path = stored_path(path, &target.sha256);
    let bytes = read(repository, &path, u64::from(target.length))?;
    let bytes = bytes.filter(|bytes| sha256(bytes) == target.sha256);
    bytes.ok_or(PublisherError::Damaged(path))
}

/// A file of the repository, `None` if there is none or it is larger.
fn read(repository: &Path, path: &str, largest: u64) -> Result<Option<Vec<u8>>> {
    let path = repository.join(path);
    let file = match fs::File::open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(PublisherError::at(&path)(error)),
    };
    let mut bytes = Vec::new();
    let read = file
        .take(largest.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(PublisherError::at(&path))?;
    let fits = u64::try_from(read).is_ok_and(|read| read <= largest);
    Ok(fits.then_some(bytes))
}
