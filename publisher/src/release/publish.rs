//! A release: every live epoch of each list, checked as a gateway would, then published at once.

use interdict_core::common::hex;
use interdict_core::common::time::Time;
use interdict_core::list::{Edition, KeyTarget, Part};
use interdict_core::trust::RoleName;

use super::build::EditionFiles;
use super::built::Built;
use super::check::Turn;
use super::guard::{proposals_end, proposed};
use super::lists::ListBuild;
use super::options::ReleaseOptions;
use super::report::ReleaseReport;
use super::repository::{prune, with_copies};
use super::signed::Signing;
use super::typologies::pack_target;
use crate::directory::NewFile;
use crate::error::{PublisherError, Result};
use crate::keys::{SealedTarget, TIMESTAMP_LIFE, metadata_file};
use crate::public::FirstRelease;
use crate::published::Bundle;
pub(super) use crate::published::TARGETS_LIFE;
use crate::publisher::Publisher;
use crate::register::{Deed, MetadataFile, Proposed};
use crate::tuf::{TargetFile, Targets, stored_path};
use crate::used::UsedVersions;

/// Everything a release writes, in the order it is written.
pub(super) struct Prepared {
    pub(super) files: Vec<NewFile>,
    pub(super) metadata: Vec<(RoleName, MetadataFile)>,
    pub(super) built: Built,
    proposed: Option<Proposed>,
    /// The digest that a person confirmed.
    confirmed: Option<String>,
    pub(super) report: ReleaseReport,
}

impl Prepared {
    /// Records and stashes, by their digests.
    fn kept(&self) -> Vec<(String, &[u8])> {
        let lists = self.built.lists.iter();
        let builds = lists.flat_map(|list| &list.builds);
        let parts = builds.flat_map(|build| build.edition().parts());
        let parts = parts.filter(|(part, ..)| *part != Part::Filter);
        parts
            .map(|(_, digest, bytes)| (hex::text(&digest.sha256), bytes))
            .collect()
    }

    /// The digests of everything that the new targets name: of lists that were not built too.
    fn kept_names(&self) -> Result<Vec<String>> {
        let targets = self
            .metadata
            .iter()
            .find(|(role, _)| *role == RoleName::Targets);
        let (_, targets) = targets.ok_or(PublisherError::RegisterContent)?;
        let files = TargetFile::read_all(&targets.bytes).ok_or(PublisherError::RegisterContent)?;
        Ok(files
            .iter()
            .map(|(_, file)| hex::text(&file.sha256))
            .collect())
    }
}

impl Publisher {
    /// Builds, signs, checks and publishes lists from the register.
    ///
    /// # Errors
    /// Nothing is published unless the register is intact and every check of a gateway passes. Every entry
    /// then answers as the register says, and nothing protected is listed, except for what stays as
    /// published because a person has not agreed to its change yet. [`PublisherError::RepositoryGone`], and
    /// [`PublisherError::Unpublished`] if the repository could not take all of it.
    pub fn release(&mut self, now: Time, options: &ReleaseOptions) -> Result<ReleaseReport> {
        let _lock = self.directory().lock()?;
        UsedVersions::check_mounted(self.directory())?;
        let prepared = self.prepare(now, options)?;
        self.go_out(prepared, now)
    }

    /// Uses up the version numbers, then writes what was prepared.
    pub(super) fn go_out(&mut self, prepared: Prepared, now: Time) -> Result<ReleaseReport> {
        // The next release compares itself with this one, wherever the repository lies by then.
        let kept = prepared.kept();
        self.directory().keep(&kept)?;
        let kept = prepared.kept_names()?;
        let built = prepared.built;
        let is_whole = built.lists.len() == self.lists()?.len();
        let left_behind = is_whole && !self.register().left_behind()?.is_empty();
        let change = self.register_mut().change()?;
        for (role, file) in &prepared.metadata {
            change.put_metadata(*role, file.version, &file.bytes)?;
        }
        change.put_compact(built.compact)?;
        change.put_format_end(built.ends)?;
        for epoch in &built.epochs {
            change.put_epoch(epoch)?;
        }
        let sealed = built.sealed_keys.into_iter().map(|sealed| sealed.file);
        change.put_sealed_keys(&sealed.collect::<Vec<_>>())?;
        for built in &built.lists {
            let listed = built.content().statements.len();
            let newest = built.builds.last().ok_or(PublisherError::RegisterContent)?;
            let filter = hex::text(&newest.descriptor.filter.sha256);
            change.put_release(&built.list, built.sequence, now, listed, &filter)?;
            change.put_blocked(&built.list, built.sequence, now, built.content().blocked())?;
            built
                .guarded
                .remember(&change, &built.list, built.sequence, now)?;
            if let Some(pack) = &built.typologies {
                change.put_typologies_release(&built.list, pack)?;
            }
            let Some(public) = &built.public else {
                continue;
            };
            if public.first == FirstRelease::Yes {
                change.put_public_epoch(&public.epoch)?;
            }
            if let Some(release) = &public.keep {
                change.put_public_release(&built.list, built.sequence, release)?;
            }
        }
        // An agreement holds once.
        if left_behind {
            change.put_left_behind(&[])?;
        }
        change.forget_proposals(prepared.confirmed.as_deref(), proposals_end(now))?;
        if let Some(proposed) = &prepared.proposed {
            change.put_proposal(proposed)?;
        }
        // From here on these version numbers are used up, so that a release cut off in the middle
        // can never lead to two files of one version.
        change.commit(&Deed::new("release", now))?;
        self.use_up(&prepared.report, &prepared.metadata)?;
        let tree = self.directory().tree();
        let files = with_copies(prepared.files, |path| self.directory().read(path));
        let written = files.and_then(|files| tree.write(&files));
        let written = written.and_then(|()| self.write_bundle(&prepared.metadata));
        written.map_err(PublisherError::unpublished)?;
        UsedVersions::note_published(self.directory())?;
        prune(&tree, now);
        self.directory().forget_kept(&kept);
        Ok(prepared.report)
    }

    /// For a release that is signed whole: with targets alone, what is published is the release before.
    fn write_bundle(&self, metadata: &[(RoleName, MetadataFile)]) -> Result<()> {
        let of = |role| metadata.iter().find(|(one, _)| *one == role);
        let files = [RoleName::Targets, RoleName::Snapshot, RoleName::Timestamp].map(of);
        let [
            Some((_, targets)),
            Some((_, snapshot)),
            Some((_, timestamp)),
        ] = files
        else {
            return Ok(());
        };
        let bundle = Bundle {
            roots: &self.register().roots()?,
            targets,
            snapshot,
            timestamp,
        };
        bundle.write(&self.directory().tree()).map(drop)
    }

    /// Records the versions where `renew` sees them too, which does not open the register.
    fn use_up(&self, report: &ReleaseReport, metadata: &[(RoleName, MetadataFile)]) -> Result<()> {
        let [_, snapshot, timestamp] = report.versions;
        let signed = metadata
            .iter()
            .any(|(role, _)| *role == RoleName::Timestamp);
        match signed {
            true => UsedVersions::new([snapshot, timestamp]).write(self.directory()),
            false => Ok(()),
        }
    }

    pub(super) fn prepare(&self, now: Time, options: &ReleaseOptions) -> Result<Prepared> {
        self.prepare_signed(now, options, Signing::Whole)
    }

    /// Builds, signs as far as asked, and checks.
    pub(super) fn prepare_signed(
        &self,
        now: Time,
        options: &ReleaseOptions,
        signing: Signing,
    ) -> Result<Prepared> {
        // What is checked and what is published are of one moment.
        let _snapshot = self.register().snapshot()?;
        self.check_newest()?;
        let built = self.build_checked(now, options)?;
        let lists = &built.lists;
        let root = self.current_root()?;
        let targets = Targets {
            version: self.next_version(RoleName::Targets)?,
            expires: now.plus(TARGETS_LIFE),
            files: self.target_files(&built)?,
        };
        let signed = self.sign_release(&root, &targets, signing, now)?;
        let versions = signed.versions;
        // Files before what names them, timestamp last.
        let mut files = self.missing_roots()?;
        files.extend(lists.iter().flat_map(ListBuild::all).flat_map(part_files));
        files.extend(lists.iter().filter_map(ListBuild::typologies_file));
        files.extend(built.sealed_keys.iter().map(SealedTarget::file));
        let unsigned = files.len();
        files.extend(signed.rehearsed);
        self.check_release(&files, &signed.pins, &built, now)?;
        files.truncate(unsigned);
        let metadata = signed.metadata;
        files.extend(
            metadata
                .iter()
                .map(|(role, file)| metadata_file(*role, file)),
        );
        let entries = lists
            .iter()
            .flat_map(|list| list.guarded.entries(&list.list));
        let proposed = self.proposed(entries.collect(), now)?;
        let report = ReleaseReport {
            proposal: proposed.as_ref().map(Proposed::report),
            lists: lists.iter().map(ListBuild::report).collect(),
            versions,
            put_off: built.put_off.clone(),
            renew_before: now.plus(TIMESTAMP_LIFE),
            old_key: self.old_key(now)?,
        };
        Ok(Prepared {
            files,
            metadata,
            built,
            proposed,
            confirmed: options.confirm.digest().map(str::to_owned),
            report,
        })
    }

    /// What is held back, as it may be confirmed: from when a release first held back the same.
    fn proposed(&self, entries: Vec<[u8; 16]>, now: Time) -> Result<Option<Proposed>> {
        let Some(proposed) = proposed(entries, now) else {
            return Ok(None);
        };
        let known = self.register().proposal(&proposed.digest)?;
        Ok(known.filter(|known| !known.is_over(now)).or(Some(proposed)))
    }

    fn check_release(
        &self,
        files: &[NewFile],
        pins: &[Vec<u8>],
        Built { lists, keys, .. }: &Built,
        now: Time,
    ) -> Result<()> {
        let mut protected = self.register().protected()?;
        protected.retain(|name| !lists.iter().any(|built| built.content().holds(name)));
        let mut delisted = Vec::new();
        for built in lists {
            delisted.push((built, self.register().delisted(&built.list)?));
        }
        self.check_from(files, pins, now, |published, turn| {
            for (built, delisted) in &delisted {
                let content = built.content();
                for release in built.member_releases(keys)? {
                    published.check_answers(release, content, delisted, turn, now)?;
                    if turn == Turn::Second {
                        published.check_says(release, content, now)?;
                    }
                }
                for release in built.compact_releases(keys)? {
                    published.check_compact(release, content, delisted, turn, now)?;
                }
                published.check_typologies(&built.list, built.typologies.as_ref())?;
                if let Some(public) = &built.public {
                    published.check_public(public, now)?;
                }
            }
            published.check_protected(&protected, keys, now)
        })
    }

    /// What targets names: the new files, and of lists not built now those of their last release,
    /// but for epochs that were retired since.
    pub(super) fn target_files(&self, built: &Built) -> Result<Vec<(String, TargetFile)>> {
        let Built {
            last,
            lists,
            epochs,
            sealed_keys,
            ..
        } = built;
        let retired: Vec<String> = epochs
            .iter()
            .filter(|epoch| !epoch.is_live())
            .flat_map(|epoch| {
                let editions = [Edition::Member, Edition::Compact];
                editions.map(|edition| format!("{}-{}", edition.name(), epoch.number))
            })
            .collect();
        let kept = last.targets().iter().filter(|(path, _)| {
            // A list id holds no dot. Older programs wrote paths of two parts.
            let mut parts = path.split('.');
            let (list, release) = (parts.next(), parts.next());
            KeyTarget::read(path).is_none()
                && !lists.iter().any(|built| list == Some(built.list.as_str()))
                && !retired.iter().any(|retired| release == Some(retired))
        });
        let mut files: Vec<_> = kept.cloned().collect();
        for build in lists.iter().flat_map(ListBuild::all) {
            for (part, digest, _) in build.parts() {
                let custom = (part == Part::Filter).then(|| build.descriptor.to_custom());
                let file = TargetFile {
                    length: digest.length,
                    sha256: digest.sha256,
                    custom,
                };
                files.push((build.path(part), file));
            }
        }
        for built in lists {
            if let Some(pack) = &built.typologies {
                files.push(pack_target(pack, &built.list)?);
            }
        }
        for sealed in sealed_keys {
            files.push(sealed.signed()?);
        }
        Ok(files)
    }
}

/// The files of a build; those that are there already are the same bytes.
fn part_files(build: EditionFiles<'_>) -> impl Iterator<Item = NewFile> {
    build.parts().map(move |(part, digest, bytes)| NewFile {
        path: stored_path(&build.path(part), &digest.sha256),
        bytes: bytes.to_vec(),
    })
}
