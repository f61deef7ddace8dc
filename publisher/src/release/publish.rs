//! A release: every live epoch of each list, checked as a gateway would, then published at once.

use std::collections::BTreeMap;

use interdict_core::common::hex;
use interdict_core::common::time::Time;
use interdict_core::list::{ListId, Part};
use interdict_core::token::ListKey;
use interdict_core::trust::RoleName;

use crate::directory::NewFile;
use crate::error::{PublisherError, Result};
use crate::intake::typologies::{PackBuild, TypologiesReport};
use crate::keys::epoch::{Epoch, OldKey};
use crate::keys::online::{TIMESTAMP_LIFE, metadata_file};
use crate::public::disclosure;
use crate::public::edition::{FirstRelease, PublicBuild};
use crate::public::enumeration::Share;
use crate::publisher::Publisher;
use crate::register::database::Published;
use crate::release::build::content::Content;
use crate::release::build::edition::{Build, Plan};
use crate::release::check::loss::Stock;
use crate::release::last_release::Standing;
use crate::tuf::{TargetFile, Targets, stored_path};

#[cfg(test)]
mod tests;

/// Targets are signed by two people: long enough for holidays, short enough that a list nobody
/// looks after ends.
const TARGETS_LIFE: u32 = 90 * 86_400;

/// With exact records a false hit of the filter costs one look-up, so 2^-14 is sharp enough.
const RATE: u8 = 14;

/// Whether a list without entries may go out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EmptyLists {
    /// No: most often an import that did not happen.
    Refuse,
    /// Yes: everything is meant to be taken back.
    Allow,
}

/// When filter and records are built anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NewBase {
    /// When there is none, it is 30 days old, made otherwise, or more changed than 2 % of its
    /// records (256 at least, 5,000 at most). Until then a stash says what changed.
    WhenDue,
    /// Now.
    Always,
}

/// What to release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseOptions {
    /// The lists to build; none for all. The others stay as they were released last.
    pub lists: Vec<String>,
    /// `t` of the filters' false-positive rate 2^-t, even.
    pub rate: u8,
    /// What to do with lists without entries.
    pub empty: EmptyLists,
    /// Whether a stash may do.
    pub base: NewBase,
    /// How many entries the one list named has, stated by a person. It must be exact; then a list
    /// goes out although entries of the last release were lost.
    pub entries: Option<usize>,
}

/// What went out, or with [`Publisher::plan`] would go out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseReport {
    /// The lists built, sorted.
    pub lists: Vec<ListReport>,
    /// Version of the new targets, snapshot and timestamp.
    pub versions: [u32; 3],
    /// When timestamp expires: renew or release before.
    pub renew_before: Time,
    /// The newest list key, if it is too old.
    pub old_key: Option<OldKey>,
}

/// One list of a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListReport {
    /// Which.
    pub list: ListId,
    /// Its number in the list's count of releases.
    pub sequence: u64,
    /// Identifiers that go out.
    pub listed: usize,
    /// Of these, narrowed to the host because a name below is protected.
    pub narrowed: usize,
    /// Identifiers held back because they are protected.
    pub withheld: usize,
    /// Identifiers left out because their time is over.
    pub lapsed: usize,
    /// Its member epochs, oldest first.
    pub epochs: Vec<EpochReport>,
    /// Its public edition.
    pub public: Option<PublicReport>,
    /// What changes of its red flags; `None` if it neither has nor had any.
    pub typologies: Option<TypologiesReport>,
}

/// The public edition of one list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublicReport {
    /// Its epoch.
    pub epoch: u32,
    /// Names that go out.
    pub listed: usize,
    /// Names marked as public and kept back by what is said about them.
    pub held_back: usize,
    /// Entries of the filter, decoys included.
    pub entries: u32,
    /// Bytes of the filter.
    pub bytes: u64,
    /// The worst a dictionary finds in all public releases so far; `None` while nothing was ever
    /// disclosed.
    pub share: Option<Share>,
}

/// One member epoch of one list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EpochReport {
    /// Which.
    pub epoch: u32,
    /// Changes since the base; `None` for a new base.
    pub changes: Option<usize>,
    /// Entries of the filter, decoys included.
    pub entries: u32,
    /// Bytes a gateway fetches that has the release before.
    pub new_bytes: u64,
    /// Bytes a gateway fetches that has nothing.
    pub bytes: u64,
}

impl Default for ReleaseOptions {
    fn default() -> Self {
        Self {
            lists: Vec::new(),
            rate: RATE,
            empty: EmptyLists::Refuse,
            base: NewBase::WhenDue,
            entries: None,
        }
    }
}

/// Everything a release writes, in the order it is written.
pub(crate) struct Prepared {
    pub(crate) files: Vec<NewFile>,
    metadata: Vec<(RoleName, Published)>,
    lists: Vec<ListBuild>,
    report: ReleaseReport,
}

/// One list, ready to be signed.
#[derive(Debug)]
pub(crate) struct ListBuild {
    pub(crate) list: ListId,
    pub(crate) sequence: u64,
    /// What it says, for comparison with what the files answer.
    pub(crate) content: Content,
    /// By member epoch.
    pub(crate) builds: Vec<Build>,
    pub(crate) public: Option<PublicBuild>,
    pub(crate) typologies: Option<PackBuild>,
    typologies_report: Option<TypologiesReport>,
}

impl Publisher {
    /// Builds, signs, checks and publishes lists from the register.
    ///
    /// # Errors
    /// Nothing is published unless the register is intact and lost no entry of the last release,
    /// every check of a gateway passes, every entry is answered as the register says, and nothing
    /// protected is listed.
    pub fn release(&mut self, now: Time, options: &ReleaseOptions) -> Result<ReleaseReport> {
        let _lock = self.directory().lock()?;
        let prepared = self.prepare(now, options)?;
        let change = self.register_mut().change()?;
        for (role, file) in &prepared.metadata {
            change.put_metadata(*role, file.version, &file.bytes)?;
        }
        for built in &prepared.lists {
            let listed = built.content.statements.len();
            let newest = built.builds.last().ok_or(PublisherError::RegisterContent)?;
            let filter = hex::text(&newest.descriptor.filter.sha256);
            change.put_release(&built.list, built.sequence, now, listed, &filter)?;
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
        // From here on these version numbers are used up, so that a release cut off in the middle
        // can never lead to two files of one version.
        change.commit()?;
        self.directory().publish(&prepared.files)?;
        if let Some((_, targets)) = prepared.metadata.first() {
            self.prune(targets);
        }
        Ok(prepared.report)
    }

    /// Does all that [`Publisher::release`] does, except publishing.
    ///
    /// # Errors
    /// As [`Publisher::release`].
    pub fn plan(&self, now: Time, options: &ReleaseOptions) -> Result<ReleaseReport> {
        self.prepare(now, options).map(|prepared| prepared.report)
    }

    pub(crate) fn prepare(&self, now: Time, options: &ReleaseOptions) -> Result<Prepared> {
        self.register().check_intact()?;
        self.check_clock(now)?;
        let standing = self.standing()?;
        let keys = self.live_keys()?;
        let lists = self.build_lists(now, options, &standing, &keys)?;
        let root = self.current_root()?;
        let targets = Targets {
            version: self.next_version(RoleName::Targets)?,
            expires: now.plus(TARGETS_LIFE),
            files: self.target_files(&standing, &lists)?,
        };
        let targets = Published {
            version: targets.version,
            bytes: self.sign(&root, RoleName::Targets, &targets.signed())?,
        };
        let [snapshot, timestamp] = self.sign_online(&root, &targets, now)?;
        let versions = [targets.version, snapshot.version, timestamp.version];
        // Files before what names them, timestamp last.
        let mut files = self.missing_roots()?;
        files.extend(lists.iter().flat_map(ListBuild::all).flat_map(part_files));
        files.extend(lists.iter().filter_map(ListBuild::typologies_file));
        let metadata = vec![
            (RoleName::Targets, targets),
            (RoleName::Snapshot, snapshot),
            (RoleName::Timestamp, timestamp),
        ];
        files.extend(
            metadata
                .iter()
                .map(|(role, file)| metadata_file(*role, file)),
        );
        self.check_release(&files, &lists, &keys, now)?;
        let report = ReleaseReport {
            lists: lists.iter().map(ListBuild::report).collect(),
            versions,
            renew_before: now.plus(TIMESTAMP_LIFE),
            old_key: self.old_key(now)?,
        };
        Ok(Prepared {
            files,
            metadata,
            lists,
            report,
        })
    }

    fn check_release(
        &self,
        files: &[NewFile],
        lists: &[ListBuild],
        keys: &BTreeMap<u32, ListKey>,
        now: Time,
    ) -> Result<()> {
        let protected = self.register().protected()?;
        let mut delisted = Vec::new();
        for built in lists {
            delisted.push((built, self.register().delisted(&built.list)?));
        }
        self.check(files, now, |published| {
            for (built, delisted) in &delisted {
                for epoch in keys {
                    published.check_says(&built.list, epoch, &built.content, now)?;
                    published.check_answers(&built.list, epoch, &built.content, delisted, now)?;
                }
                published.check_typologies(&built.list, built.typologies.as_ref())?;
                if let Some(public) = &built.public {
                    published.check_public(&built.list, public, now)?;
                }
            }
            published.check_protected(&protected, keys, now)
        })
    }

    fn build_lists(
        &self,
        now: Time,
        options: &ReleaseOptions,
        standing: &Standing,
        keys: &BTreeMap<u32, ListKey>,
    ) -> Result<Vec<ListBuild>> {
        let decoys = self.keys().decoys()?;
        let protected = self.register().protected()?;
        let mut lists = Vec::new();
        let named = self.named_lists(&options.lists)?;
        if options.entries.is_some() && named.len() != 1 {
            return Err(PublisherError::WhichList);
        }
        for list in named {
            let listings = self.register().listings(&list)?;
            let content = Content::of(&listings, now);
            if content.statements.is_empty() && options.empty == EmptyLists::Refuse {
                return Err(PublisherError::EmptyList(list));
            }
            let stock = Stock {
                list: &list,
                listings: &listings,
                content: &content,
            };
            self.check_loss(stock, standing, keys, options.entries, now)?;
            let sequence = self.register().sequence(&list)?.saturating_add(1);
            let mut builds = Vec::new();
            for (epoch, key) in keys {
                let plan = Plan {
                    list: &list,
                    epoch: *epoch,
                    sequence,
                    issued: now,
                    rate: options.rate,
                    key,
                    decoys: &decoys,
                };
                let base = match options.base {
                    NewBase::WhenDue => self.base(standing, &list, *epoch)?,
                    NewBase::Always => None,
                };
                let stash = match base {
                    Some(base) => plan.stash(&base, &content)?,
                    None => None,
                };
                builds.push(stash.map_or_else(|| plan.base(&content), Ok)?);
            }
            let disclosed = disclosure::choose(&listings, now);
            let public = self.public_build(&list, sequence, now, &disclosed, &protected)?;
            let typologies = self.typologies_build(&list)?;
            let report = self.typologies_report(standing, &list, typologies.as_ref())?;
            lists.push(ListBuild {
                list,
                sequence,
                content,
                builds,
                public,
                typologies,
                typologies_report: report,
            });
        }
        Ok(lists)
    }

    /// The keys of the epochs that are published.
    fn live_keys(&self) -> Result<BTreeMap<u32, ListKey>> {
        let epochs = self.live_epochs()?;
        let keys = epochs.iter().map(|Epoch { number, .. }| {
            let key = self.keys().list_key(*number)?;
            Ok((*number, key))
        });
        keys.collect()
    }

    /// What targets names: the new files, and of lists not built now those of their last release,
    /// but for epochs that were retired since.
    fn target_files(
        &self,
        standing: &Standing,
        lists: &[ListBuild],
    ) -> Result<Vec<(String, TargetFile)>> {
        let retired: Vec<String> = self
            .epochs()?
            .iter()
            .filter(|epoch| !epoch.is_live())
            .map(|epoch| format!("member-{}", epoch.number))
            .collect();
        let kept = standing.targets().iter().filter(|(path, _)| {
            // A list id holds no dot. Older programs wrote paths of two parts.
            let mut parts = path.split('.');
            let (list, release) = (parts.next(), parts.next());
            !lists.iter().any(|built| list == Some(built.list.as_str()))
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
                files.push(pack.target(&built.list)?);
            }
        }
        Ok(files)
    }
}

impl ListBuild {
    /// Every edition and epoch.
    fn all(&self) -> impl Iterator<Item = &Build> {
        let public = self.public.as_ref().map(|public| &public.build);
        self.builds.iter().chain(public)
    }

    fn typologies_file(&self) -> Option<NewFile> {
        Some(self.typologies.as_ref()?.file(&self.list))
    }

    fn report(&self) -> ListReport {
        let epochs = self.builds.iter().map(|build| EpochReport {
            epoch: build.header().epoch,
            changes: build.changes,
            entries: build.header().entries,
            new_bytes: build.new_bytes(),
            bytes: build.bytes(),
        });
        ListReport {
            list: self.list.clone(),
            sequence: self.sequence,
            listed: self.content.statements.len(),
            narrowed: self.content.narrowed,
            withheld: self.content.withheld,
            lapsed: self.content.lapsed,
            epochs: epochs.collect(),
            public: self.public.as_ref().map(PublicBuild::report),
            typologies: self.typologies_report.clone(),
        }
    }
}

/// The files of a build; those that are there already are the same bytes.
fn part_files(build: &Build) -> impl Iterator<Item = NewFile> {
    build.parts().map(|(part, digest, bytes)| NewFile {
        path: stored_path(&build.path(part), &digest.sha256),
        bytes: bytes.to_vec(),
    })
}
