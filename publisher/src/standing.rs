//! What the last release left: the targets it named and the bases they rest on. The register says
//! what was signed, so nothing here trusts the repository, which may lie on another machine.

use std::collections::BTreeMap;

use interdict_core::common::hex;
use interdict_core::common::time::Time;
use interdict_core::list::{
    Descriptor, Edition, Files, Header, ListId, Part, PartDigest, Record, RecordsContent,
    read_records, read_stash,
};
use interdict_core::token::Tag;
use interdict_core::trust::RoleName;

use crate::error::{PublisherError, Result};
use crate::publisher::Publisher;
use crate::tuf::{TargetFile, sha256};

/// The targets of the last release, by path.
#[derive(Debug, Clone, Default)]
pub(crate) struct Standing(Vec<(String, TargetFile)>);

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

/// A release that is published, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EpochStatus {
    /// Member or public.
    pub edition: Edition,
    /// Which.
    pub epoch: u32,
    /// The release's number.
    pub sequence: u64,
    /// When its base was built.
    pub base_issued: Time,
    /// Changes since its base; `None` if the stash is not there to be counted.
    pub changes: Option<usize>,
}

impl Standing {
    /// The targets named last.
    pub(crate) fn targets(&self) -> &[(String, TargetFile)] {
        &self.0
    }

    fn descriptor(&self, list: &ListId, edition: Edition, epoch: u32) -> Option<Descriptor> {
        self.descriptors().find(|descriptor| {
            let header = &descriptor.header;
            (&header.list, header.edition, header.epoch) == (list, edition, epoch)
        })
    }

    /// Every release there is. What an older program published in another form is none.
    fn descriptors(&self) -> impl Iterator<Item = Descriptor> {
        self.0.iter().filter_map(|(path, file)| {
            let descriptor = Descriptor::from_custom(file.custom.as_ref()?)?.ok()?;
            (descriptor.header.part_path(Part::Filter) == *path).then_some(descriptor)
        })
    }
}

impl Base {
    /// The records with the ids of their sources.
    pub(crate) fn records(&self) -> impl Iterator<Item = (Tag, (&Record, &str))> {
        self.contents.records.iter().map(|(tag, record)| {
            let source = self.contents.sources.get(usize::from(record.source));
            (*tag, (record, source.map_or("", String::as_str)))
        })
    }
}

impl Publisher {
    /// What the last release named.
    pub(crate) fn standing(&self) -> Result<Standing> {
        let targets = self.register().newest(RoleName::Targets)?;
        let targets = targets.map(|targets| {
            TargetFile::read_all(&targets.bytes).ok_or(PublisherError::RegisterContent)
        });
        Ok(Standing(targets.transpose()?.unwrap_or_default()))
    }

    /// The base of an epoch in place; `None` if there is none or its files are missing or not the
    /// ones that were signed: a new base then mends it.
    pub(crate) fn base(
        &self,
        standing: &Standing,
        list: &ListId,
        epoch: u32,
    ) -> Result<Option<Base>> {
        let Some(descriptor) = standing.descriptor(list, Edition::Member, epoch) else {
            return Ok(None);
        };
        let part = |part: Part, digest| self.target(&descriptor.header.part_path(part), digest);
        let Some(filter) = part(Part::Filter, descriptor.filter)? else {
            return Ok(None);
        };
        let Some(digest) = descriptor.records else {
            return Ok(None);
        };
        let Some(records) = part(Part::Records, digest.whole)? else {
            return Ok(None);
        };
        let header = descriptor.part_header(Part::Records);
        let contents =
            read_records(&header, records.clone()).map_err(|source| PublisherError::List {
                list: list.clone(),
                source,
            })?;
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

    /// When an epoch's last release was issued and the records it said; `None` if there is none or
    /// its files cannot be read.
    pub(crate) fn last_release(
        &self,
        standing: &Standing,
        list: &ListId,
        epoch: u32,
    ) -> Option<(Time, BTreeMap<Tag, Record>)> {
        let descriptor = standing.descriptor(list, Edition::Member, epoch)?;
        let header = &descriptor.header;
        let base = self.base(standing, list, epoch).ok()??;
        let records = base.records().map(|(tag, (record, _))| (tag, *record));
        let mut records: BTreeMap<Tag, Record> = records.collect();
        if let Some(digest) = descriptor.stash {
            let stash = self.target(&header.part_path(Part::Stash), digest).ok()??;
            for (tag, change) in read_stash(header, stash).ok()?.changes {
                match change {
                    Some(record) => records.insert(tag, record),
                    None => records.remove(&tag),
                };
            }
        }
        Some((header.issued, records))
    }

    /// What is published of a list.
    pub(crate) fn epochs_published(
        &self,
        standing: &Standing,
        list: &ListId,
    ) -> Result<Vec<EpochStatus>> {
        let mut epochs = Vec::new();
        for descriptor in standing.descriptors() {
            let header = &descriptor.header;
            if header.list != *list {
                continue;
            }
            let changes = match descriptor.stash {
                None => Some(0),
                Some(digest) => {
                    let stash = self.target(&header.part_path(Part::Stash), digest)?;
                    stash
                        .and_then(|stash| read_stash(header, stash).ok())
                        .map(|stash| stash.changes.len())
                }
            };
            epochs.push(EpochStatus {
                edition: header.edition,
                epoch: header.epoch,
                sequence: header.sequence,
                base_issued: descriptor.part_header(Part::Filter).issued,
                changes,
            });
        }
        Ok(epochs)
    }

    /// A published file, if it is there and the one that was signed.
    fn target(&self, path: &str, digest: PartDigest) -> Result<Option<Vec<u8>>> {
        let Some(path) = target_path(path, &digest.sha256) else {
            return Ok(None);
        };
        let bytes = self.directory().read(&path)?;
        Ok(bytes.filter(|bytes| {
            u32::try_from(bytes.len()) == Ok(digest.length) && sha256(bytes) == digest.sha256
        }))
    }
}

/// Where a target lies with consistent snapshots (TUF 1.0.34 §6.2).
pub(crate) fn target_path(path: &str, sha256: &[u8; 32]) -> Option<String> {
    let (coalition, file) = path.split_once('/')?;
    Some(format!("targets/{coalition}/{}.{file}", hex::text(sha256)))
}
