use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::Path;

use interdict_core::list::{Descriptor, ListId, Provenance};

use crate::error::{PublisherError, Result};
use crate::publisher::Publisher;
use crate::release::{check_heads, is_lost};
use crate::tuf::TargetFile;

/// What was compared, and found to agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VerifyReport {
    /// Deeds of the history.
    pub deeds: usize,
    /// Releases whose descriptors name a head of it.
    pub releases: usize,
    /// Releases from before the register kept a history.
    pub before_history: usize,
    /// Releases of a register that was lost, which `recover` has taken over.
    pub lost: usize,
}

impl Publisher {
    /// Compares the register with its history, and the history with what was published. `repository` is the
    /// folder to compare with: best a copy from where gateways fetch it, which nobody here can have changed.
    ///
    /// # Errors
    /// [`PublisherError::RegisterDamaged`], [`PublisherError::HistoryDamaged`],
    /// [`PublisherError::HistoryRewritten`] with the first release that disagrees.
    pub fn verify(&self, repository: Option<&Path>) -> Result<VerifyReport> {
        let links = self.register().check_intact()?;
        let lost = self.register().lost_releases()?;
        let own = self.directory().repository();
        let metadata = repository.unwrap_or(&own).join("metadata");
        let targets = match repository {
            // A register that was just restored has no repository yet.
            None if !metadata.exists() => BTreeMap::new(),
            _ => targets_files(&metadata)?,
        };
        let mut releases: BTreeMap<(ListId, u64), Descriptor> = BTreeMap::new();
        let (mut before_history, mut others) = (0_usize, 0_usize);
        for targets in targets.values() {
            let files = TargetFile::read_all(targets).unwrap_or_default();
            for (path, file) in &files {
                let descriptor = file.custom.as_ref();
                let descriptor = descriptor.and_then(|custom| Descriptor::of_target(path, custom));
                if let Some(Ok(descriptor)) = descriptor {
                    let header = &descriptor.header;
                    let release = (header.list.clone(), header.sequence);
                    releases.entry(release).or_insert(descriptor);
                }
            }
        }
        for descriptor in releases.values() {
            let is_lost = is_lost(descriptor, &lost);
            let zeros = !is_lost && descriptor.provenance.history == Provenance::NO_HISTORY;
            before_history = before_history.saturating_add(usize::from(zeros));
            others = others.saturating_add(usize::from(is_lost));
        }
        let count = releases.len().saturating_sub(before_history);
        let count = count.saturating_sub(others);
        check_heads(releases.into_values(), &links, &lost)?;
        Ok(VerifyReport {
            deeds: links.len(),
            releases: count,
            before_history,
            lost: others,
        })
    }
}

/// Every targets metadata file of a folder, oldest first.
fn targets_files(metadata: &Path) -> Result<BTreeMap<u32, Vec<u8>>> {
    let mut files = BTreeMap::new();
    let entries = fs::read_dir(metadata).map_err(PublisherError::at(metadata))?;
    for entry in entries {
        let path = entry.map_err(PublisherError::at(metadata))?.path();
        let name = path.file_name().and_then(|name| name.to_str());
        let version = name.and_then(|name| name.strip_suffix(".targets.json"));
        if let Some(version) = version.and_then(|version| version.parse().ok()) {
            files.insert(version, fs::read(&path).map_err(PublisherError::at(&path))?);
        }
    }
    Ok(files)
}

impl fmt::Display for VerifyReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "the register holds what {} deeds of its history left; {} releases name one of them",
            self.deeds, self.releases
        )?;
        if self.before_history > 0 {
            let count = self.before_history;
            writeln!(f, "{count} releases are from before the history")?;
        }
        match self.lost {
            0 => Ok(()),
            count => writeln!(
                f,
                "{count} releases are of a register that was lost, taken over by `recover`; nothing proves them"
            ),
        }
    }
}
