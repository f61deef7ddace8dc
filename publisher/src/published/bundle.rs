//! All current metadata in one file, for pages: one request instead of one for each file, and none for the next
//! root that is answered with 404. Nothing is signed about it; a host verifies each file in it as if it had
//! fetched that file.

use interdict_core::list::{Edition, ListId};
use interdict_core::trust::RoleName;
use serde::{Serialize, Serializer};

use crate::directory::NewFile;
use crate::error::{PublisherError, Result};
use crate::register::MetadataFile;
use crate::tree::Tree;
use crate::tuf::{TargetFile, metadata_path};

/// Where it lies.
const PATH: &str = "metadata/bundle.json";
const FORMAT: &str = "interdict-bundle-1";

/// The most bytes. A page would rather fetch what it lacks than more than this.
const MAX_BYTES: usize = 1 << 20;

/// How many roots, the newest, are kept where all are too much.
const FEWEST_ROOTS: usize = 4;

/// What a repository's timestamp names, and every root.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bundle<'a> {
    /// Oldest first.
    pub(crate) roots: &'a [MetadataFile],
    pub(crate) targets: &'a MetadataFile,
    pub(crate) snapshot: &'a MetadataFile,
    pub(crate) timestamp: &'a MetadataFile,
}

/// Which files are there, by path.
struct Files<'a>(Vec<(String, &'a str)>);

#[derive(Serialize)]
struct Written<'a> {
    format: &'static str,
    /// The version of the newest root.
    root: u32,
    files: Files<'a>,
}

impl Serialize for Files<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(path, text)| (path, text)))
    }
}

impl Bundle<'_> {
    /// Brings the bundle of a repository up to its timestamp, which is written already: a reader who comes
    /// between the two finds the release before, complete. A repository without a public edition has none, and
    /// neither has one whose metadata is too large. Says whether the repository has one, and whether it is new.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub(crate) fn write(&self, tree: &Tree) -> Result<Option<bool>> {
        let file = match self.has_public_edition()? {
            true => self.file(),
            false => None,
        };
        match file {
            Some(file) => tree.write_changed(&file).map(Some),
            None => {
                // What it holds would get older and older.
                tree.remove(PATH);
                Ok(None)
            }
        }
    }

    fn has_public_edition(&self) -> Result<bool> {
        let path = || metadata_path(RoleName::Targets, self.targets.version);
        let files = TargetFile::read_all(&self.targets.bytes);
        let files = files.ok_or_else(|| PublisherError::Damaged(path()))?;
        let is_public = |path: &str| {
            ListId::of_filter_path(path).is_some_and(|(_, edition, _)| edition == Edition::Public)
        };
        Ok(files.iter().any(|(path, _)| is_public(path)))
    }

    /// `None` if it would be too large.
    fn file(&self) -> Option<NewFile> {
        let all = self.roots.len();
        [all, all.min(FEWEST_ROOTS)].into_iter().find_map(|newest| {
            let older = all.saturating_sub(newest);
            let bytes = self.bytes(self.roots.get(older..).unwrap_or_default())?;
            let path = PATH.to_owned();
            (bytes.len() <= MAX_BYTES).then_some(NewFile { path, bytes })
        })
    }

    /// `None` if a file is no text.
    fn bytes(&self, roots: &[MetadataFile]) -> Option<Vec<u8>> {
        let release = [
            (RoleName::Timestamp, self.timestamp),
            (RoleName::Snapshot, self.snapshot),
            (RoleName::Targets, self.targets),
        ];
        let roots = roots.iter().map(|root| (RoleName::Root, root));
        let files = release.into_iter().chain(roots).map(|(role, file)| {
            let text = str::from_utf8(&file.bytes).ok()?;
            Some((metadata_path(role, file.version), text))
        });
        let written = Written {
            format: FORMAT,
            root: self.roots.last()?.version,
            files: Files(files.collect::<Option<_>>()?),
        };
        serde_json::to_vec(&written).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(version: u32, length: usize) -> MetadataFile {
        MetadataFile {
            version,
            bytes: "x".repeat(length).into_bytes(),
        }
    }

    /// The paths in a bundle with so many roots of one length.
    fn paths(roots: u32, length: usize) -> Option<Vec<String>> {
        let roots: Vec<_> = (1..=roots).map(|version| file(version, length)).collect();
        let [targets, snapshot, timestamp] = [7, 8, 9].map(|version| file(version, 100));
        let bundle = Bundle {
            roots: &roots,
            targets: &targets,
            snapshot: &snapshot,
            timestamp: &timestamp,
        };
        let read: serde_json::Value = serde_json::from_slice(&bundle.file()?.bytes).unwrap();
        assert_eq!(read["root"], roots.len());
        let files = read["files"].as_object().unwrap();
        Some(files.keys().cloned().collect())
    }

    #[test]
    fn a_bundle_leaves_old_roots_out_before_it_gets_larger_than_a_page_should_fetch() {
        let of_roots = |versions: std::ops::RangeInclusive<u32>| {
            let mut paths: Vec<_> = versions
                .map(|n| format!("metadata/{n}.root.json"))
                .collect();
            paths.extend(
                ["timestamp", "8.snapshot", "7.targets"].map(|n| format!("metadata/{n}.json")),
            );
            paths.sort();
            Some(paths)
        };
        let sorted = |mut paths: Vec<String>| {
            paths.sort();
            paths
        };
        assert_eq!(paths(10, 100_000).map(sorted), of_roots(1..=10));
        assert_eq!(paths(11, 100_000).map(sorted), of_roots(8..=11));
        assert_eq!(paths(4, 260_000).map(sorted), of_roots(1..=4));
        assert_eq!(paths(4, 263_000), None);
    }
}
