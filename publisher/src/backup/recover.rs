use std::collections::BTreeMap;
use std::path::PathBuf;

use interdict_core::common::hex;
use interdict_core::common::time::Time;
use interdict_core::identifier::{Identifier, Kind};
use interdict_core::list::{
    BlockList, Descriptor, Edition, Files, Kinds, ListId, Membership, Part,
};
use interdict_core::trust::RoleName;

use super::comparison::Comparison;
use super::missing_keys::MissingKeys;
use super::published::Published;
use super::report::RecoverReport;
use crate::error::{BackupError, PublisherError, Result};
use crate::publisher::Publisher;
use crate::register::{
    Change, CompactEdition, Deed, FormatEnd, LostReleases, PublicEpoch, PublicRelease,
    PublishedPack,
};
use crate::tuf::{Root, metadata_path, pinned_version};

/// How far versions and sequences are raised above those of the repository. A copy may be behind what gateways
/// have seen: by 25 days of renewals every six hours.
const MARGIN: u32 = 100;

/// What the history calls it.
const COMMAND: &str = "recover";

/// The same where there is no repository left: releases and renewals every hour for a year.
const MARGIN_UNSEEN: u32 = 10_000;

/// Where to recover from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RecoverOptions {
    /// A copy of what is served. `None` if nothing is left of it: then versions are raised by a wide margin, and
    /// what was published since the backup is forgotten.
    pub repository: Option<PathBuf>,
    /// Epochs whose ListKeys are gone for good. They end with the next release.
    pub lost_keys: Vec<u32>,
}

/// What `recover` is about to write.
struct Findings {
    epochs: super::epochs::RecoveredEpochs,
    public: Vec<(PublicEpoch, Descriptor, Option<PublicRelease>)>,
    lists: Vec<(ListId, Comparison)>,
    declared: Vec<(ListId, Vec<Kind>)>,
    /// Of each list the newest published release that the register does not know, and its records.
    releases: Vec<(ListId, Descriptor, usize)>,
    /// Red flags that were published after the backup, or taken back: `None`.
    packs: Vec<(ListId, Option<PublishedPack>)>,
}

impl Publisher {
    /// Makes of a register that is older than what gateways have seen one that they follow: the next release
    /// has higher versions and sequences, the newest root's keys, and the epochs, kinds, red flags and public
    /// constants that are published.
    ///
    /// Published records whose identifiers the register does not know stay published, as they are, until
    /// somebody confirms that they may go. What was taken off a list since the backup stays off it until
    /// [`Publisher::list_withdrawn_again`].
    ///
    /// # Errors
    /// What gateways would refuse in the repository, [`BackupError::KeyMissing`],
    /// [`BackupError::OtherRoot`]. Nothing is changed then.
    pub fn recover(&mut self, options: &RecoverOptions, now: Time) -> Result<RecoverReport> {
        let _lock = self.directory().lock()?;
        self.register().check_intact()?;
        let Some(repository) = &options.repository else {
            return self.recover_unseen(now);
        };
        let roots = self.register().roots()?;
        let published = Published::read(repository, &roots, now)?;
        let known = self.register().newest(RoleName::Targets)?;
        let same = known
            .as_ref()
            .is_some_and(|known| known.bytes == published.targets.bytes);
        let known = known.map_or(0, |targets| targets.version);
        if published.targets.version < known {
            return self.recover_older(&published, known, now);
        }
        // What the register itself signed last it need not compare.
        let findings = match same {
            true => self.findings(&published, &options.lost_keys, &[], now)?,
            false => self.findings(&published, &options.lost_keys, &self.lists()?, now)?,
        };
        let compared = findings.lists.iter();
        let report = RecoverReport {
            targets: (known, published.targets.version),
            roots: published.roots.iter().map(|root| root.version).collect(),
            epochs: findings.epochs.changed.clone(),
            lists: compared.map(|(_, one)| one.report.clone()).collect(),
            missing_keys: MissingKeys::default(),
        };
        self.take_over(&published, &findings, now)?;
        Ok(RecoverReport {
            missing_keys: self.missing_keys()?,
            ..report
        })
    }

    /// Writes all of it at once.
    fn take_over(&mut self, published: &Published, findings: &Findings, now: Time) -> Result<()> {
        // The next release compares itself with these.
        self.directory().keep(&published.kept())?;
        let floors = floors(published, MARGIN);
        let lost = self.lost(&floors)?;
        let change = self.register_mut().change()?;
        put_metadata(&change, published)?;
        put_floors(&change, &floors, &lost)?;
        for (list, descriptor, records) in &findings.releases {
            let header = &descriptor.header;
            let filter = hex::text(&descriptor.filter.sha256);
            change.put_release(list, header.sequence, header.issued, *records, &filter)?;
        }
        for (list, pack) in &findings.packs {
            match pack {
                Some(pack) => {
                    change.put_typologies(list, &pack.bytes)?;
                    change.put_typologies_release(list, pack)?;
                }
                None => change.remove_typologies(list)?,
            }
        }
        put_findings(&change, findings, now)?;
        if !findings.lists.is_empty() {
            let mut descriptors = published.release.descriptors();
            let end = descriptors.find_map(|one| one.provenance.ends);
            change.put_format_end(end.map_or(FormatEnd::Unannounced, FormatEnd::On))?;
        }
        let mut editions = published.release.descriptors();
        if editions.any(|one| one.header.edition == Edition::Compact) {
            change.put_compact(CompactEdition::Yes)?;
        }
        change.put_recovered()?;
        change.commit(&Deed::new(COMMAND, now))
    }

    /// Lets go out again what was taken off the lists after the backup. How many identifiers.
    ///
    /// # Errors
    /// A register that cannot be written.
    pub fn list_withdrawn_again(&mut self, now: Time) -> Result<usize> {
        let _lock = self.directory().lock()?;
        let count = self.withdrawn()?.len();
        let lists = self.lists()?;
        let change = self.register_mut().change()?;
        for list in &lists {
            change.forget_withdrawn(list)?;
        }
        change.commit(&Deed::new(COMMAND, now))?;
        Ok(count)
    }

    /// The identifiers that were taken off the lists after the backup, for a person to decide on.
    ///
    /// # Errors
    /// A register that cannot be read.
    pub fn withdrawn(&self) -> Result<Vec<(ListId, Identifier)>> {
        let mut all = Vec::new();
        for list in self.lists()? {
            let withdrawn = self.register().withdrawn(&list)?.into_iter();
            all.extend(withdrawn.map(|identifier| (list.clone(), identifier)));
        }
        Ok(all)
    }

    /// Refuses to sign with a register that is older than what gateways have.
    ///
    /// # Errors
    /// [`BackupError::Restored`], [`BackupError::RepositoryNewer`].
    pub(crate) fn check_newest(&self) -> Result<()> {
        if self.register().restored()?.is_some() {
            return Err(BackupError::Restored.into());
        }
        let newest = |role| -> Result<u32> {
            let newest = self.register().newest(role)?;
            Ok(newest.map_or(0, |file| file.version))
        };
        let newer = |role, published, known| {
            BackupError::RepositoryNewer {
                role,
                published,
                known,
            }
            .into()
        };
        let root = newest(RoleName::Root)?;
        let next = root.saturating_add(1);
        let file = self
            .directory()
            .read(&metadata_path(RoleName::Root, next))?;
        if file.is_some_and(|file| Root::read(&file).is_some_and(|root| root.version == next)) {
            return Err(newer(RoleName::Root, next, root));
        }
        let targets = newest(RoleName::Targets)?;
        match self.published_targets()? {
            Some(published) if published > targets => {
                Err(newer(RoleName::Targets, published, targets))
            }
            _ => Ok(()),
        }
    }

    /// The version of targets that the repository leads to, unverified. Snapshot and timestamp may be signed
    /// elsewhere, targets only with the register.
    fn published_targets(&self) -> Result<Option<u32>> {
        let read = |path: &str| self.directory().read(path);
        let Some(timestamp) = read(&metadata_path(RoleName::Timestamp, 0))? else {
            return Ok(None);
        };
        let Some(snapshot) = pinned_version(&timestamp, "snapshot.json") else {
            return Ok(None);
        };
        let snapshot = read(&metadata_path(RoleName::Snapshot, snapshot))?;
        Ok(snapshot.and_then(|snapshot| pinned_version(&snapshot, "targets.json")))
    }

    fn recover_unseen(&mut self, now: Time) -> Result<RecoverReport> {
        let mut floors = BTreeMap::new();
        for role in [RoleName::Targets, RoleName::Snapshot, RoleName::Timestamp] {
            let newest = self.register().newest(role)?.map_or(0, |file| file.version);
            floors.insert(role.as_str().to_owned(), raised(newest, MARGIN_UNSEEN));
        }
        for list in self.lists()? {
            let sequence = self.register().sequence(&list)?;
            let sequence = sequence.saturating_add(u64::from(MARGIN_UNSEEN));
            floors.insert(list.as_str().to_owned(), sequence);
        }
        self.raise(&floors, now)?;
        Ok(RecoverReport {
            missing_keys: self.missing_keys()?,
            ..RecoverReport::default()
        })
    }

    /// The register knows more than the repository, whose last upload may never have happened.
    fn recover_older(
        &mut self,
        published: &Published,
        known: u32,
        now: Time,
    ) -> Result<RecoverReport> {
        self.raise(&floors(published, MARGIN), now)?;
        Ok(RecoverReport {
            targets: (known, published.targets.version),
            missing_keys: self.missing_keys()?,
            ..RecoverReport::default()
        })
    }

    /// Raises versions and sequences and takes nothing else over.
    fn raise(&mut self, floors: &BTreeMap<String, u64>, now: Time) -> Result<()> {
        let lost = self.lost(floors)?;
        let change = self.register_mut().change()?;
        put_floors(&change, floors, &lost)?;
        change.put_recovered()?;
        change.commit(&Deed::new(COMMAND, now))
    }

    /// The releases below these sequences that are not this register's.
    fn lost(&self, floors: &BTreeMap<String, u64>) -> Result<Vec<LostReleases>> {
        let mut lost = Vec::new();
        for list in self.lists()? {
            let after = self.register().sequence(&list)?;
            let until = floors.get(list.as_str()).copied().unwrap_or_default();
            if until > after {
                lost.push(LostReleases { list, after, until });
            }
        }
        Ok(lost)
    }

    fn findings(
        &self,
        published: &Published,
        lost: &[u32],
        compared: &[ListId],
        now: Time,
    ) -> Result<Findings> {
        let own = self.lists()?;
        let mut foreign = published.release.descriptors();
        if let Some(other) = foreign.find(|one| !own.contains(&one.header.list)) {
            return Err(PublisherError::UnknownList(other.header.list));
        }
        let epochs = self.recovered_epochs(published, lost, now)?;
        let mut public = Vec::new();
        for (epoch, descriptor) in self.recovered_public_epochs(published)? {
            let release = self.public_release_to_keep(published, &epoch, &descriptor, now)?;
            public.push((epoch, descriptor, release));
        }
        let (mut lists, mut declared, mut packs) = (Vec::new(), Vec::new(), Vec::new());
        for list in compared {
            declared.extend(self.kinds_to_follow(published, list)?);
            packs.extend(self.pack_to_follow(published, list)?);
            let comparison = self.compare(published, list, &epochs.keys, now)?;
            lists.push((list.clone(), comparison));
        }
        Ok(Findings {
            releases: self.newer_releases(published, &lists)?,
            epochs,
            public,
            lists,
            declared,
            packs,
        })
    }

    /// The kinds that a list declares as published, with those that entries of the register have.
    fn kinds_to_follow(
        &self,
        published: &Published,
        list: &ListId,
    ) -> Result<Option<(ListId, Vec<Kind>)>> {
        let member = published
            .release
            .descriptors()
            .filter(|one| one.header.list == *list && one.records.is_some());
        let Some(newest) = member.max_by_key(|one| one.header.sequence) else {
            return Ok(None);
        };
        let listings = self.register().listings(list)?;
        let own = |kind: Kind| {
            listings
                .iter()
                .any(|one| one.entry.identifier.kind() == kind)
        };
        let declared = self.register().declared(list)?;
        let before = Kinds::of(declared.iter().copied());
        let kinds: Vec<Kind> = Kind::ALL
            .iter()
            .copied()
            .filter(|kind| {
                newest.header.kinds.covers(*kind) || (before.covers(*kind) && own(*kind))
            })
            .collect();
        Ok((kinds != declared).then(|| (list.clone(), kinds)))
    }

    /// A published public filter that the register does not have, with the names that it knows to be in it.
    fn public_release_to_keep(
        &self,
        published: &Published,
        epoch: &PublicEpoch,
        descriptor: &Descriptor,
        now: Time,
    ) -> Result<Option<PublicRelease>> {
        let filter = published.part(descriptor, Part::Filter, descriptor.filter);
        let releases = self.register().public_releases(&epoch.list)?;
        if releases.iter().any(|release| release.filter == filter) {
            return Ok(None);
        }
        let key = self.keys().public_key(epoch.number)?;
        let files = Files {
            filter: filter.to_vec(),
            ..Files::default()
        };
        let loaded = BlockList::load(descriptor, files);
        let loaded = loaded.map_err(PublisherError::in_list(&epoch.list))?;
        let listings = self.register().listings(&epoch.list)?;
        let disclosed = listings.iter().filter(|listing| listing.disclosed);
        let hit = disclosed
            .map(|listing| &listing.entry.identifier)
            .filter(|name| {
                let found = loaded.membership(name, Some(&key), now);
                matches!(found, Membership::Candidate)
            });
        let mut names: Vec<String> = hit.map(|name| name.text().to_owned()).collect();
        names.sort();
        names.dedup();
        Ok(Some(PublicRelease {
            epoch: epoch.number,
            names,
            filter: filter.to_vec(),
        }))
    }

    fn newer_releases(
        &self,
        published: &Published,
        compared: &[(ListId, Comparison)],
    ) -> Result<Vec<(ListId, Descriptor, usize)>> {
        let mut newer = Vec::new();
        for list in self.lists()? {
            let Some(newest) = published.newest(&list) else {
                continue;
            };
            if newest.header.sequence > self.register().sequence(&list)? {
                let mut compared = compared.iter();
                let compared = compared.find(|(one, _)| *one == list);
                let records = compared.map_or(0, |(_, one)| one.report.published);
                newer.push((list, newest, records));
            }
        }
        Ok(newer)
    }

    fn pack_to_follow(
        &self,
        published: &Published,
        list: &ListId,
    ) -> Result<Option<(ListId, Option<PublishedPack>)>> {
        let own = self.register().typologies(list)?;
        let mut beside = published.packs.iter().filter(|(one, _)| one == list);
        let pack = match beside.next() {
            Some((_, pack)) => Some(pack.clone()),
            None => {
                // What was never released was not taken back.
                let released = self.register().typologies_published(list)?;
                if own.is_none() || released.map(|pack| pack.bytes) != own {
                    return Ok(None);
                }
                None
            }
        };
        Ok(Some((list.clone(), pack)))
    }
}

/// The repository's metadata in the place of older.
fn put_metadata(change: &Change<'_>, published: &Published) -> Result<()> {
    for root in &published.roots {
        change.put_metadata(RoleName::Root, root.version, &root.bytes)?;
    }
    for (role, file) in [
        (RoleName::Targets, &published.targets),
        (RoleName::Snapshot, &published.snapshot),
        (RoleName::Timestamp, &published.timestamp),
    ] {
        change.put_metadata(role, file.version, &file.bytes)?;
    }
    Ok(())
}

fn put_findings(change: &Change<'_>, findings: &Findings, now: Time) -> Result<()> {
    for epoch in &findings.epochs.changed {
        change.put_epoch(epoch)?;
    }
    for (epoch, descriptor, release) in &findings.public {
        change.put_public_epoch_as_published(epoch)?;
        if let Some(release) = release {
            change.put_public_release(&epoch.list, descriptor.header.sequence, release)?;
        }
    }
    for (list, kinds) in &findings.declared {
        change.declare(list, kinds)?;
    }
    for (list, comparison) in &findings.lists {
        change.use_up_groups(comparison.highest_group)?;
        change.put_withdrawn(list, comparison.withdrawn.iter(), now)?;
    }
    Ok(())
}

fn put_floors(
    change: &Change<'_>,
    floors: &BTreeMap<String, u64>,
    lost: &[LostReleases],
) -> Result<()> {
    change.put_floors(floors)?;
    lost.iter().try_for_each(|lost| change.put_lost(lost))
}

fn floors(published: &Published, margin: u32) -> BTreeMap<String, u64> {
    let roles = [
        (RoleName::Targets, published.targets.version),
        (RoleName::Snapshot, published.snapshot.version),
        (RoleName::Timestamp, published.timestamp.version),
    ];
    let roles = roles.map(|(role, version)| (role.as_str().to_owned(), raised(version, margin)));
    let mut floors = BTreeMap::from(roles);
    for descriptor in published.release.descriptors() {
        let header = &descriptor.header;
        let raised = header.sequence.saturating_add(u64::from(margin));
        let floor = floors.entry(header.list.as_str().to_owned()).or_default();
        *floor = raised.max(*floor);
    }
    floors
}

fn raised(version: u32, margin: u32) -> u64 {
    u64::from(version.saturating_add(margin))
}
