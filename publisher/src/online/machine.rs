use std::path::Path;

use interdict_core::common::time::Time;
use interdict_core::trust::{Client, Outcome, RoleName, Source, Step, Wanted};

use crate::directory::{Directory, NewFile};
use crate::error::{PublisherError, Result};
use crate::keys::{KeyWarning, Keys, key_warnings, metadata_file, sign_online, version_after};
use crate::published::{Bundle, Published};
use crate::register::{MetadataFile, Settings, TestKeys};
use crate::release::{Repository, prune};
use crate::tuf::{Root, metadata_path};
use crate::used::UsedVersions;

/// What the comment of every root of test keys begins with.
const TEST_COMMENT: &str = "TEST KEYS";

/// A repository with the keys that sign unattended.
#[derive(Debug)]
pub struct Online {
    pub(super) directory: Directory,
    /// Every root from the first, each signed by the one before.
    pub(super) roots: Vec<MetadataFile>,
}

impl Online {
    /// Opens a directory with a repository, with or without a register.
    ///
    /// # Errors
    /// [`PublisherError::NoRepository`], [`PublisherError::RepositoryGone`], or roots that do not follow from
    /// the first one.
    pub fn open(directory: &Path) -> Result<Self> {
        let directory = Directory::new(directory);
        UsedVersions::check_shown(&directory)?;
        let tree = directory.tree();
        let first = tree.read(&metadata_path(RoleName::Root, 1))?;
        if first.is_none() {
            return Err(PublisherError::NoRepository(directory.path().to_owned()));
        }
        let roots = follow_roots(|path| tree.read(path))?;
        Ok(Self { directory, roots })
    }

    /// Where everything lies.
    #[must_use]
    pub const fn directory(&self) -> &Directory {
        &self.directory
    }

    /// Whether everybody may know the keys.
    #[must_use]
    pub fn test_keys(&self) -> TestKeys {
        let root = self.roots.last().and_then(|root| Root::read(&root.bytes));
        let comment = root.and_then(|root| root.comment).unwrap_or_default();
        match comment.starts_with(TEST_COMMENT) {
            true => TestKeys::Yes,
            false => TestKeys::No,
        }
    }

    /// What is published; an error if nothing is.
    pub(super) fn published(&self) -> Result<Published> {
        let published = Published::read(&self.directory.tree())?;
        published.ok_or(PublisherError::NothingReleased)
    }

    /// Signs snapshot and timestamp for these targets, checks the whole as gateways do, and writes new
    /// files, roots, targets, snapshot, timestamp and the bundle of them in this order.
    pub(super) fn sign_and_write(
        &self,
        new: NewFiles,
        targets: &MetadataFile,
        now: Time,
    ) -> Result<[MetadataFile; 2]> {
        let roots: Vec<&MetadataFile> = self.roots.iter().chain(&new.roots).collect();
        let (Some(first), Some(newest)) = (roots.first(), roots.last()) else {
            return Err(PublisherError::NothingReleased);
        };
        let damaged = || PublisherError::Damaged(metadata_path(RoleName::Root, newest.version));
        let root = Root::read(&newest.bytes).ok_or_else(damaged)?;
        let used = [
            version_after(&self.directory, RoleName::Snapshot, 0)?,
            version_after(&self.directory, RoleName::Timestamp, 0)?,
        ];
        let online = sign_online(&self.keys(), &root, targets, used, now)?;
        let mut files = new.targets;
        let metadata = new.roots.iter().map(|root| (RoleName::Root, root));
        let metadata = metadata
            .chain(new.signed.iter().map(|file| (RoleName::Targets, file)))
            .chain(
                [RoleName::Snapshot, RoleName::Timestamp]
                    .into_iter()
                    .zip(&online),
            );
        files.extend(metadata.map(|(role, file)| metadata_file(role, file)));
        let repository = Repository {
            directory: &self.directory,
            new: &files,
        };
        repository.follow(&first.bytes, now)?;
        repository.enrol(&newest.bytes, now)?;
        UsedVersions::new(used).write(&self.directory)?;
        let tree = self.directory.tree();
        let roots: Vec<MetadataFile> = roots.into_iter().cloned().collect();
        let [snapshot, timestamp] = &online;
        let bundle = Bundle {
            roots: &roots,
            targets,
            snapshot,
            timestamp,
        };
        let written = tree.write(&files).and_then(|()| bundle.write(&tree));
        written.map_err(PublisherError::unpublished)?;
        UsedVersions::note_published(&self.directory)?;
        prune(&tree, now);
        Ok(online)
    }

    /// The files in `keys/` that are none of the coalition's, sorted by name.
    ///
    /// # Errors
    /// A directory that cannot be read.
    pub fn key_warnings(&self) -> Result<Vec<KeyWarning>> {
        key_warnings(&self.keys(), &self.roots)
    }

    fn keys(&self) -> Keys {
        // The name only matters where keys are made.
        let settings = Settings {
            coalition: String::new(),
            test: self.test_keys(),
        };
        Keys::new(&self.directory, &settings)
    }
}

/// What is written besides snapshot and timestamp.
#[derive(Debug, Default)]
pub(super) struct NewFiles {
    pub(super) targets: Vec<NewFile>,
    pub(super) roots: Vec<MetadataFile>,
    pub(super) signed: Option<MetadataFile>,
}

/// Every root that follows from the first.
///
/// # Errors
/// [`PublisherError::Damaged`] for a root that the one before did not sign.
pub(super) fn follow_roots(
    read: impl Fn(&str) -> Result<Option<Vec<u8>>>,
) -> Result<Vec<MetadataFile>> {
    let path = metadata_path(RoleName::Root, 1);
    let Some(bytes) = read(&path)? else {
        return Ok(Vec::new());
    };
    let mut client = Client::new(&bytes).map_err(|_| PublisherError::Damaged(path))?;
    let mut roots = vec![MetadataFile { version: 1, bytes }];
    loop {
        let version = client.versions().root.saturating_add(1);
        let path = metadata_path(RoleName::Root, version);
        let Some(bytes) = read(&path)? else {
            return Ok(roots);
        };
        // A client follows 256 roots in one update.
        let asked = matches!(client.step(), Step::Fetch(request) if request.path == path);
        if !asked {
            client.begin(Source::Store, Time::from_seconds(0), Wanted::All);
        }
        let supplied = client.supply(Outcome::Bytes(&bytes));
        supplied.map_err(|_| PublisherError::Damaged(path))?;
        roots.push(MetadataFile { version, bytes });
    }
}
