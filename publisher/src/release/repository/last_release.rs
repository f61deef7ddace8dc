//! What the last release left: the targets it named and the bases they rest on. The register says
//! what was signed, so nothing here trusts the repository, which may lie on another machine.

use std::collections::{BTreeMap, BTreeSet};

use interdict_core::common::hex;
use interdict_core::list::{
    Category, Descriptor, Edition, Files, Header, ListId, Part, Record, RecordsContent, Source,
    read_records,
};
use interdict_core::token::Tag;
use interdict_core::trust::RoleName;

use super::files::Repository;
use super::said::Said;
use crate::error::{PublisherError, Result};
use crate::publisher::Publisher;
use crate::tuf::TargetFile;

/// The targets of the last release, by path.
#[derive(Debug, Clone, Default)]
pub(crate) struct LastRelease(Vec<(String, TargetFile)>);

/// A base as it was published, read back from its files.
#[derive(Debug)]
pub(crate) struct Base {
    /// Of filter and records.
    pub(crate) header: Header,
    pub(crate) digest: [u8; 32],
    /// Filter and records.
    pub(crate) files: Files,
    contents: RecordsContent,
}

/// A compact base as it was published.
#[derive(Debug)]
pub(crate) struct CompactBase {
    pub(crate) header: Header,
    pub(crate) digest: [u8; 32],
    pub(crate) filter: Vec<u8>,
}

impl LastRelease {
    /// One of these targets.
    pub(crate) const fn of(targets: Vec<(String, TargetFile)>) -> Self {
        Self(targets)
    }

    /// The targets that a targets file of ours names, unverified.
    pub(crate) fn read(targets: &[u8]) -> Option<Self> {
        TargetFile::read_all(targets).map(Self)
    }

    /// The targets named last.
    pub(crate) fn targets(&self) -> &[(String, TargetFile)] {
        &self.0
    }

    /// The epochs of a list's member edition, oldest first.
    pub(crate) fn member_epochs(&self, list: &ListId) -> impl Iterator<Item = u32> + use<> {
        let headers = self.descriptors().map(|descriptor| descriptor.header);
        let of = headers.filter(|one| one.list == *list && one.edition == Edition::Member);
        of.map(|header| header.epoch)
            .collect::<BTreeSet<u32>>()
            .into_iter()
    }

    /// Whether any list was published in a member epoch.
    pub(crate) fn has_epoch(&self, epoch: u32) -> bool {
        let mut headers = self.descriptors().map(|descriptor| descriptor.header);
        headers.any(|one| (one.edition, one.epoch) == (Edition::Member, epoch))
    }

    fn descriptor(&self, list: &ListId, edition: Edition, epoch: u32) -> Option<Descriptor> {
        self.descriptors().find(|descriptor| {
            let header = &descriptor.header;
            (&header.list, header.edition, header.epoch) == (list, edition, epoch)
        })
    }

    /// Every release whose parts are all among the targets. Skips what an older program published in
    /// another form.
    pub(crate) fn descriptors(&self) -> impl Iterator<Item = Descriptor> {
        self.0.iter().filter_map(|(path, file)| {
            let descriptor = Descriptor::of_target(path, file.custom.as_ref()?)?.ok()?;
            self.has_parts_of(&descriptor).then_some(descriptor)
        })
    }

    fn has_parts_of(&self, descriptor: &Descriptor) -> bool {
        let is = |part, path: &str, file: &TargetFile| {
            let length = u64::from(file.length);
            descriptor.part_of(path, length, Some(file.sha256)) == Some(part)
        };
        let named = |part| self.0.iter().any(|(path, file)| is(part, path, file));
        descriptor.parts().all(|(part, _)| named(part))
    }
}

impl Base {
    /// The records with their sources.
    pub(crate) fn records(&self) -> impl Iterator<Item = (Tag, (&Record, &Source))> {
        self.contents.records.iter().filter_map(|(tag, record)| {
            let source = self.contents.sources.get(usize::from(record.source));
            // Reading the file checked every index.
            Some((*tag, (record, source?)))
        })
    }
}

impl Publisher {
    /// What the last release named.
    pub(crate) fn last_release(&self) -> Result<LastRelease> {
        let targets = self.register().newest(RoleName::Targets)?;
        let targets = targets.map(|targets| {
            TargetFile::read_all(&targets.bytes).ok_or(PublisherError::RegisterContent)
        });
        Ok(LastRelease(targets.transpose()?.unwrap_or_default()))
    }

    /// Records and stashes of the last release that are there, by digest, in order.
    pub(crate) fn last_parts(&self) -> Result<BTreeMap<String, Vec<u8>>> {
        let last = self.last_release()?;
        let repository = Repository::published(self.directory());
        let mut parts = BTreeMap::new();
        let member = |one: &Descriptor| one.header.edition == Edition::Member;
        for descriptor in last.descriptors().filter(member) {
            for (part, digest) in descriptor.parts() {
                if part != Part::Filter
                    && let Some(bytes) = repository.part(&descriptor, part, digest)?
                {
                    parts.insert(hex::text(&digest.sha256), bytes);
                }
            }
        }
        Ok(parts)
    }

    /// The published base of an epoch; `None` if there is none or its files are missing or not the
    /// ones that were signed: a new base then mends it.
    pub(crate) fn base(
        &self,
        last: &LastRelease,
        list: &ListId,
        epoch: u32,
    ) -> Result<Option<Base>> {
        let Some(descriptor) = last.descriptor(list, Edition::Member, epoch) else {
            return Ok(None);
        };
        let repository = Repository::published(self.directory());
        let part = |part, digest| repository.part(&descriptor, part, digest);
        let Some(filter) = part(Part::Filter, descriptor.filter)? else {
            return Ok(None);
        };
        let Some(digest) = descriptor.records else {
            return Ok(None);
        };
        let Some(records) = part(Part::Records, digest)? else {
            return Ok(None);
        };
        let header = descriptor.part_header(Part::Records);
        let contents = read_records(&header, records.clone());
        let contents = contents.map_err(PublisherError::in_list(list))?;
        Ok(Some(Base {
            digest: descriptor.base_digest(),
            header,
            files: Files {
                filter,
                records: Some(records),
                stash: None,
            },
            contents,
        }))
    }

    /// The published compact base of an epoch; `None` if there is none or its file is missing or not the one
    /// that was signed.
    pub(crate) fn compact_base(
        &self,
        last: &LastRelease,
        list: &ListId,
        epoch: u32,
    ) -> Result<Option<CompactBase>> {
        let Some(descriptor) = last.descriptor(list, Edition::Compact, epoch) else {
            return Ok(None);
        };
        let repository = Repository::published(self.directory());
        let filter = repository.part(&descriptor, Part::Filter, descriptor.filter)?;
        Ok(filter.map(|filter| CompactBase {
            digest: descriptor.base_digest(),
            header: descriptor.part_header(Part::Filter),
            filter,
        }))
    }

    /// What an epoch's last release said, without test entries; `None` if there is no release or its files
    /// cannot be read.
    pub(crate) fn last_said(&self, last: &LastRelease, list: &ListId, epoch: u32) -> Option<Said> {
        let descriptor = last.descriptor(list, Edition::Member, epoch)?;
        // A release without records says nothing about its entries.
        descriptor.records?;
        let repository = Repository::published(self.directory());
        let mut said = repository.says(&descriptor).ok()?;
        said.retain(|one| one.record.category != Category::Test);
        Some(said)
    }
}

#[cfg(test)]
mod tests {
    use interdict_core::common::time::Time;

    use super::*;

    #[test]
    fn a_release_is_known_only_with_all_of_its_parts_as_it_describes_them() {
        let room = tempfile::tempdir().unwrap();
        let now = Time::parse("2026-11-22T00:00:00Z").unwrap();
        let options = crate::InitOptions::new("se", crate::TestKeys::Yes, now);
        let mut publisher = Publisher::init(&room.path().join("se"), &options).unwrap();
        let csv = &b"kind,value\ndomain,shop.example\n"[..];
        let import = crate::ImportOptions::new(crate::Format::Csv, "se");
        publisher.import(csv, &import, now).unwrap();
        publisher
            .release(now, &crate::ReleaseOptions::default())
            .unwrap();
        let list = ListId::parse("se/merchants").unwrap();
        let descriptor = |last: &LastRelease| last.descriptor(&list, Edition::Member, 1);
        let last = publisher.last_release().unwrap();
        assert!(descriptor(&last).is_some());
        for index in 0..last.0.len() {
            let (path, file) = &last.0[index];
            // The right hash and a wrong length, the reverse, another path, and no such target.
            let length = file.length + 1;
            let longer = TargetFile {
                length,
                ..file.clone()
            };
            let other = TargetFile {
                sha256: [7; 32],
                ..file.clone()
            };
            for changed in [
                Some((path.clone(), longer)),
                Some((path.clone(), other)),
                Some((path.replace("merchants", "cards"), file.clone())),
                None,
            ] {
                let mut wrong = last.clone();
                wrong.0.splice(index..=index, changed);
                assert_eq!(descriptor(&wrong), None, "{path}");
                assert!(publisher.base(&wrong, &list, 1).unwrap().is_none());
            }
        }
    }
}
