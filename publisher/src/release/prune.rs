//! Taking files away that nobody needs any more. Metadata is never taken away: a gateway that was off
//! for a year walks the roots one by one.

use std::collections::BTreeSet;
use std::fs;

use interdict_core::common::hex;
use interdict_core::trust::RoleName;

use super::copies::original;
use crate::publisher::Publisher;
use crate::register::MetadataFile;
use crate::tuf::{TargetFile, metadata_path, stored_path};

impl Publisher {
    /// Deletes target files that neither the newest targets metadata names nor the published one
    /// before it: a gateway in the middle of an update must still find its files.
    ///
    /// Nothing here can fail a release that is already out: what cannot be read is a reason to keep
    /// everything, and what cannot be deleted waits for the next release.
    pub(crate) fn prune(&self, newest: &MetadataFile) {
        let mut kept = vec![newest.bytes.clone()];
        // Versions that were cut off before they were written are missing.
        for version in (1..newest.version).rev() {
            let path = metadata_path(RoleName::Targets, version);
            if let Ok(Some(bytes)) = self.directory().read(&path) {
                kept.push(bytes);
                break;
            }
        }
        let mut named = BTreeSet::new();
        for targets in &kept {
            let Some(files) = TargetFile::read_all(targets) else {
                return;
            };
            let paths = files
                .iter()
                .map(|(path, file)| stored_path(path, &file.sha256));
            named.extend(paths);
        }
        for path in self.directory().targets() {
            if is_target(&path) && !named.contains(original(&path)) {
                let file = self.directory().repository().join(&path);
                let _ = fs::remove_file(file);
            }
        }
    }
}

/// Whether a file is named as ours are: what others put there is theirs.
fn is_target(path: &str) -> bool {
    let file = path.rsplit('/').next().unwrap_or_default();
    let digest = file.split('.').next().unwrap_or_default();
    hex::array::<32>(digest).is_some()
}
