use interdict_core::hex;
use interdict_core::list::{ListId, Part};
use interdict_core::time::Time;
use interdict_core::trust::RoleName;

use crate::build::{Build, Plan, build};
use crate::check::{Lists, View};
use crate::epoch::OldKey;
use crate::error::{PublisherError, Result};
use crate::publisher::Publisher;
use crate::register::Published;
use crate::repository::NewFile;
use crate::tuf::{Pin, Root, Snapshot, TargetFile, Targets, Timestamp, sign_metadata};

const DAY: u32 = 86_400;

/// Targets are signed by two people: long enough for holidays, short enough that a list nobody
/// looks after ends.
const TARGETS_LIFE: u32 = 90 * DAY;

/// Signed unattended. A week, so that a broken publisher is noticed before gateways degrade.
const SNAPSHOT_LIFE: u32 = 7 * DAY;

/// How long a gateway can be kept from newer lists unnoticed. One failed night must not matter.
const TIMESTAMP_LIFE: u32 = 2 * DAY;

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

/// What to release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseOptions {
    /// The lists to build; none for all. The others stay as they were released last.
    pub lists: Vec<String>,
    /// `t` of the filters' false-positive rate 2^-t, even.
    pub rate: u8,
    /// What to do with lists without entries.
    pub empty: EmptyLists,
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
    /// Entries of the filter, decoys included.
    pub entries: u32,
    /// Bytes of filter and records.
    pub bytes: u64,
}

/// What [`Publisher::renew`] wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RenewReport {
    /// Version of the new snapshot and timestamp.
    pub versions: [u32; 2],
    /// When timestamp expires.
    pub renew_before: Time,
}

impl Default for ReleaseOptions {
    fn default() -> Self {
        Self {
            lists: Vec::new(),
            rate: RATE,
            empty: EmptyLists::Refuse,
        }
    }
}

/// Everything a release writes, in the order it is written.
pub(crate) struct Prepared {
    pub(crate) files: Vec<NewFile>,
    metadata: Vec<(RoleName, Published)>,
    builds: Vec<Build>,
    report: ReleaseReport,
}

impl Publisher {
    /// Builds, signs, checks and publishes lists from the register.
    ///
    /// # Errors
    /// Nothing is published unless every check of a gateway passes, every entry is answered as the
    /// register says, and nothing protected is listed.
    pub fn release(&mut self, now: Time, options: &ReleaseOptions) -> Result<ReleaseReport> {
        let _lock = self.directory().lock()?;
        let prepared = self.prepare(now, options)?;
        let change = self.register_mut().change()?;
        for (role, file) in &prepared.metadata {
            change.put_metadata(*role, file.version, &file.bytes)?;
        }
        for build in &prepared.builds {
            let header = &build.descriptor.header;
            let filter = hex::text(&build.descriptor.filter.sha256);
            let records = build.expected.len();
            change.put_release(
                &header.list,
                header.sequence,
                header.issued,
                records,
                &filter,
            )?;
        }
        // From here on these version numbers are used up, so that a release cut off in the middle
        // can never lead to two files of one version.
        change.commit()?;
        self.directory().publish(&prepared.files)?;
        Ok(prepared.report)
    }

    /// Does all that [`Publisher::release`] does, except publishing.
    ///
    /// # Errors
    /// As [`Publisher::release`].
    pub fn plan(&self, now: Time, options: &ReleaseOptions) -> Result<ReleaseReport> {
        self.prepare(now, options).map(|prepared| prepared.report)
    }

    /// Signs snapshot and timestamp again with a new expiry; the lists stay as they are. Needs the
    /// unattended keys only.
    ///
    /// # Errors
    /// [`PublisherError::NothingReleased`], or what a gateway would refuse.
    pub fn renew(&mut self, now: Time) -> Result<RenewReport> {
        let _lock = self.directory().lock()?;
        self.check_clock(now)?;
        let targets = self
            .register()
            .newest(RoleName::Targets)?
            .ok_or(PublisherError::NothingReleased)?;
        let root = self.current_root()?;
        let [snapshot, timestamp] = self.sign_online(&root, &targets, now)?;
        let versions = [snapshot.version, timestamp.version];
        let mut files = self.missing_roots()?;
        let metadata = [
            (RoleName::Snapshot, snapshot),
            (RoleName::Timestamp, timestamp),
        ];
        files.extend(
            metadata
                .iter()
                .map(|(role, file)| metadata_file(*role, file)),
        );
        self.check(&files, now, |_| Ok(()))?;
        let change = self.register_mut().change()?;
        for (role, file) in &metadata {
            change.put_metadata(*role, file.version, &file.bytes)?;
        }
        change.commit()?;
        self.directory().publish(&files)?;
        Ok(RenewReport {
            versions,
            renew_before: now.plus(TIMESTAMP_LIFE),
        })
    }

    pub(crate) fn prepare(&self, now: Time, options: &ReleaseOptions) -> Result<Prepared> {
        self.check_clock(now)?;
        let builds = self.build_lists(now, options)?;
        let root = self.current_root()?;
        let targets = Targets {
            version: self.next_version(RoleName::Targets)?,
            expires: now.plus(TARGETS_LIFE),
            files: self.target_files(&builds)?,
        };
        let targets = Published {
            version: targets.version,
            bytes: self.sign(&root, RoleName::Targets, &targets.signed())?,
        };
        let [snapshot, timestamp] = self.sign_online(&root, &targets, now)?;
        let versions = [targets.version, snapshot.version, timestamp.version];
        // Files before what names them, timestamp last.
        let mut files = self.missing_roots()?;
        files.extend(builds.iter().flat_map(part_files));
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
        let key = self.keys().list_key(self.oldest_epoch()?)?;
        let protected = self.register().protected()?;
        self.check(&files, now, |lists| {
            for build in &builds {
                lists.check_answers(build, &key, now)?;
            }
            lists.check_protected(&protected, &key, now)
        })?;
        let lists = builds.iter().map(list_report).collect();
        let report = ReleaseReport {
            lists,
            versions,
            renew_before: now.plus(TIMESTAMP_LIFE),
            old_key: self.old_key(now)?,
        };
        Ok(Prepared {
            files,
            metadata,
            builds,
            report,
        })
    }

    fn build_lists(&self, now: Time, options: &ReleaseOptions) -> Result<Vec<Build>> {
        let epoch = self.oldest_epoch()?;
        let (key, decoys) = (self.keys().list_key(epoch)?, self.keys().decoys()?);
        let mut builds = Vec::new();
        for list in self.named_lists(&options.lists)? {
            let sequence = self.register().sequence(&list)?.saturating_add(1);
            let (key, decoys, rate) = (&key, &decoys, options.rate);
            let plan = Plan {
                list: &list,
                epoch,
                sequence,
                issued: now,
                rate,
                key,
                decoys,
            };
            let built = build(&plan, &self.register().listings(&list)?)?;
            if built.expected.is_empty() && options.empty == EmptyLists::Refuse {
                return Err(PublisherError::EmptyList(list));
            }
            builds.push(built);
        }
        Ok(builds)
    }

    fn oldest_epoch(&self) -> Result<u32> {
        let oldest = self.live_epochs()?.first().map(|epoch| epoch.number);
        oldest.ok_or(PublisherError::RegisterContent)
    }

    /// What targets names: the new files, and of lists not built now those of their last release.
    fn target_files(&self, builds: &[Build]) -> Result<Vec<(String, TargetFile)>> {
        let mut files = Vec::new();
        if let Some(targets) = self.register().newest(RoleName::Targets)? {
            let old =
                TargetFile::read_all(&targets.bytes).ok_or(PublisherError::RegisterContent)?;
            let rebuilt = |path: &str| {
                builds
                    .iter()
                    .any(|build| Part::ALL.iter().any(|part| build.path(*part) == path))
            };
            files.extend(old.into_iter().filter(|(path, _)| !rebuilt(path)));
        }
        for build in builds {
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
        Ok(files)
    }

    /// A snapshot of these targets and a timestamp of that snapshot.
    fn sign_online(&self, root: &Root, targets: &Published, now: Time) -> Result<[Published; 2]> {
        let pin =
            |file: &Published| Pin::of(file.version, &file.bytes).ok_or(PublisherError::Exhausted);
        let version = self.next_version(RoleName::Snapshot)?;
        let expires = now.plus(SNAPSHOT_LIFE);
        let snapshot = Snapshot {
            version,
            expires,
            targets: pin(targets)?,
        };
        let bytes = self.sign(root, RoleName::Snapshot, &snapshot.signed())?;
        let snapshot = Published { version, bytes };
        let version = self.next_version(RoleName::Timestamp)?;
        let expires = now.plus(TIMESTAMP_LIFE);
        let timestamp = Timestamp {
            version,
            expires,
            snapshot: pin(&snapshot)?,
        };
        let bytes = self.sign(root, RoleName::Timestamp, &timestamp.signed())?;
        Ok([snapshot, Published { version, bytes }])
    }

    fn sign(
        &self,
        root: &Root,
        role: RoleName,
        signed: &interdict_core::json::Value<'_>,
    ) -> Result<Vec<u8>> {
        let role = root.role(role).ok_or(PublisherError::RegisterContent)?;
        let signers = self.keys().signers(role)?;
        Ok(sign_metadata(signed, &signers.iter().collect::<Vec<_>>()))
    }

    fn next_version(&self, role: RoleName) -> Result<u32> {
        let newest = self.register().newest(role)?.map_or(0, |file| file.version);
        newest.checked_add(1).ok_or(PublisherError::Exhausted)
    }

    /// A clock that runs behind would publish a list older than the last one.
    fn check_clock(&self, now: Time) -> Result<()> {
        let newest = self.register().newest_issue()?;
        let behind = newest.is_some_and(|newest| now < newest);
        if behind || Time::from_clock(now.seconds()).is_none() {
            return Err(PublisherError::ClockBehind);
        }
        Ok(())
    }

    /// Both a gateway enrolled on the first day and one enrolled today must be able to follow.
    fn check(
        &self,
        new: &[NewFile],
        now: Time,
        answers: impl Fn(&Lists) -> Result<()>,
    ) -> Result<()> {
        let view = View {
            directory: self.directory(),
            new,
        };
        let roots = self.register().roots()?;
        let newest = roots.last().filter(|root| root.version > 1);
        for root in roots.first().into_iter().chain(newest) {
            answers(&view.follow(&root.bytes, now)?)?;
        }
        Ok(())
    }

    /// Roots the register has and the repository has not, after a rotation that was cut off.
    pub(crate) fn missing_roots(&self) -> Result<Vec<NewFile>> {
        let mut files = Vec::new();
        for root in self.register().roots()? {
            let file = metadata_file(RoleName::Root, &root);
            if self.directory().read(&file.path)?.as_ref() != Some(&file.bytes) {
                files.push(file);
            }
        }
        Ok(files)
    }
}

/// Where a metadata file lies with consistent snapshots (TUF 1.0.34 §6.2).
pub(crate) fn metadata_file(role: RoleName, file: &Published) -> NewFile {
    let name = role.as_str();
    let path = match role {
        RoleName::Timestamp => format!("metadata/{name}.json"),
        _ => format!("metadata/{}.{name}.json", file.version),
    };
    NewFile {
        path,
        bytes: file.bytes.clone(),
    }
}

fn part_files(build: &Build) -> impl Iterator<Item = NewFile> {
    build.parts().filter_map(|(part, digest, bytes)| {
        let path = build.path(part);
        let (coalition, file) = path.split_once('/')?;
        let path = format!("targets/{coalition}/{}.{file}", hex::text(&digest.sha256));
        Some(NewFile {
            path,
            bytes: bytes.to_vec(),
        })
    })
}

fn list_report(build: &Build) -> ListReport {
    let header = &build.descriptor.header;
    ListReport {
        list: header.list.clone(),
        sequence: header.sequence,
        listed: build.expected.len(),
        narrowed: build.narrowed,
        withheld: build.withheld,
        lapsed: build.lapsed,
        entries: header.entries,
        bytes: build
            .parts()
            .map(|(_, digest, _)| u64::from(digest.length))
            .sum(),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use interdict_core::identifier::{Identifier, Kind};
    use interdict_core::list::{Action, Record};

    use super::*;
    use crate::{Format, ImportOptions, InitOptions, TestKeys};

    fn now() -> Time {
        Time::parse("2026-11-22T00:00:00Z").unwrap()
    }

    fn import(publisher: &mut Publisher, domain: &str) {
        let csv = format!("kind,value,source\ndomain,{domain},x\n");
        publisher
            .import(csv.as_bytes(), &ImportOptions::new(Format::Csv), now())
            .unwrap();
    }

    fn publisher(directory: &Path) -> Publisher {
        let options = InitOptions {
            coalition: "se".to_owned(),
            lists: Vec::new(),
            test_keys: TestKeys::Yes,
            now: now(),
        };
        let mut publisher = Publisher::init(directory, &options).unwrap();
        import(&mut publisher, "a.example");
        publisher
    }

    #[test]
    fn a_release_cut_off_anywhere_leaves_a_complete_one() {
        let room = tempfile::tempdir().unwrap();
        let mut publisher = publisher(&room.path().join("se"));
        publisher
            .release(now(), &ReleaseOptions::default())
            .unwrap();
        let first = publisher.register().newest(RoleName::Timestamp).unwrap();
        import(&mut publisher, "b.example");
        let prepared = publisher
            .prepare(now(), &ReleaseOptions::default())
            .unwrap();
        let root = publisher.register().roots().unwrap().remove(0).bytes;
        let last = prepared.files.len() - 1;
        assert_eq!(prepared.files[last].path, "metadata/timestamp.json");
        for (written, file) in prepared.files.iter().enumerate() {
            let view = View {
                directory: publisher.directory(),
                new: &[],
            };
            view.follow(&root, now()).unwrap();
            let timestamp = publisher
                .directory()
                .read("metadata/timestamp.json")
                .unwrap();
            assert_eq!(
                timestamp.as_ref(),
                first.as_ref().map(|file| &file.bytes),
                "{written}"
            );
            publisher
                .directory()
                .publish(std::slice::from_ref(file))
                .unwrap();
        }
        let view = View {
            directory: publisher.directory(),
            new: &[],
        };
        view.follow(&root, now()).unwrap();
    }

    #[test]
    fn version_numbers_of_a_release_cut_off_are_not_used_again() {
        let room = tempfile::tempdir().unwrap();
        let mut publisher = publisher(&room.path().join("se"));
        publisher
            .release(now(), &ReleaseOptions::default())
            .unwrap();
        // The disk is full, say: nothing after the register is written.
        let targets = publisher.directory().repository().join("targets");
        fs::remove_dir_all(&targets).unwrap();
        fs::write(&targets, b"in the way").unwrap();
        let refused = publisher.release(now(), &ReleaseOptions::default());
        assert!(
            matches!(refused, Err(PublisherError::Io { .. })),
            "{refused:?}"
        );
        fs::remove_file(&targets).unwrap();
        let report = publisher
            .release(now(), &ReleaseOptions::default())
            .unwrap();
        assert_eq!(report.versions, [3, 3, 3]);
        assert_eq!(report.lists[0].sequence, 3);
    }

    #[test]
    fn two_commands_at_once_are_refused() {
        let room = tempfile::tempdir().unwrap();
        let mut publisher = publisher(&room.path().join("se"));
        let lock = publisher.directory().lock().unwrap();
        let busy = publisher.release(now(), &ReleaseOptions::default());
        assert!(matches!(busy, Err(PublisherError::Busy(_))));
        drop(lock);
        publisher
            .release(now(), &ReleaseOptions::default())
            .unwrap();
    }

    #[test]
    fn a_list_that_answers_otherwise_than_the_register_is_not_published() {
        let room = tempfile::tempdir().unwrap();
        let publisher = publisher(&room.path().join("se"));
        let mut prepared = publisher
            .prepare(now(), &ReleaseOptions::default())
            .unwrap();
        let root = publisher.register().roots().unwrap().remove(0).bytes;
        let directory = publisher.directory();
        let view = View {
            directory,
            new: &prepared.files,
        };
        let lists = view.follow(&root, now()).unwrap();
        let key = publisher.keys().list_key(1).unwrap();
        let build = &mut prepared.builds[0];
        lists.check_answers(build, &key, now()).unwrap();
        let (identifier, record) = build.expected.pop_first().unwrap();
        for wrong in [
            Record {
                action: Action::Block,
                ..record
            },
            Record {
                confidence: 1,
                ..record
            },
        ] {
            build.expected.insert(identifier.clone(), wrong);
            let refused = lists.check_answers(build, &key, now());
            assert!(matches!(
                refused,
                Err(PublisherError::WrongAnswers { count: 1, .. })
            ));
        }
        let missing = Identifier::parse(Kind::Domain, "b.example").unwrap();
        build.expected.clear();
        build.expected.insert(missing, record);
        let refused = lists.check_answers(build, &key, now());
        assert!(matches!(refused, Err(PublisherError::WrongAnswers { .. })));
    }
}
