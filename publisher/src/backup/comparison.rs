//! What the published lists say, compared with the register. A published record is a tag: it has a name only
//! if the register knows an identifier with that tag.

use std::collections::{BTreeMap, BTreeSet};

use interdict_core::common::time::Time;
use interdict_core::identifier::Identifier;
use interdict_core::list::{Category, Descriptor, Edition, Kinds, ListId, Record, Scope};
use interdict_core::token::{ListKey, Tag};

use super::published::Published;
use super::report::ListRecovery;
use crate::error::{PublisherError, Result};
use crate::publisher::Publisher;
use crate::register::{Listing, UnknownRecord};
use crate::release::{Content, Repository, Statement, named};

/// One list: what the register does not know of what is published, and the reverse.
#[derive(Debug)]
pub(super) struct Comparison {
    pub(super) unknown: Vec<UnknownRecord>,
    /// Released before the backup, and no longer published.
    pub(super) withdrawn: BTreeSet<Identifier>,
    pub(super) report: ListRecovery,
}

/// Everything that the register knows of one list.
struct Known {
    content: Content,
    /// Every identifier, whether it goes out or not.
    identifiers: BTreeSet<Identifier>,
    /// Those on which somebody said something since the register's last release.
    pending: BTreeSet<Identifier>,
}

impl Publisher {
    /// Compares a list. `keys` are those of the epochs that are published and have a key here.
    pub(super) fn compare(
        &self,
        published: &Published,
        list: &ListId,
        keys: &BTreeMap<u32, ListKey>,
        now: Time,
    ) -> Result<Comparison> {
        let known = self.known(list, now)?;
        let mut comparison = Comparison {
            unknown: Vec::new(),
            withdrawn: BTreeSet::new(),
            report: ListRecovery::new(list.clone()),
        };
        // The newest epoch comes last: what it says is what is reported.
        for descriptor in self.member_releases(published, list, keys) {
            let Some(key) = keys.get(&descriptor.header.epoch) else {
                continue;
            };
            let says = self.says(published, &descriptor, now)?;
            comparison.take(&known, descriptor.header.epoch, key, says);
        }
        Ok(comparison)
    }

    /// The member edition of each epoch, oldest first.
    fn member_releases(
        &self,
        published: &Published,
        list: &ListId,
        keys: &BTreeMap<u32, ListKey>,
    ) -> Vec<Descriptor> {
        let descriptors = published.release.descriptors().filter(|descriptor| {
            let header = &descriptor.header;
            (&header.list, header.edition) == (list, Edition::Member)
                && keys.contains_key(&header.epoch)
        });
        let mut descriptors: Vec<Descriptor> = descriptors.collect();
        descriptors.sort_by_key(|descriptor| descriptor.header.epoch);
        descriptors
    }

    /// What a release says of merchants now, by tag.
    fn says(
        &self,
        published: &Published,
        descriptor: &Descriptor,
        now: Time,
    ) -> Result<BTreeMap<Tag, Statement>> {
        let repository = Repository {
            directory: self.directory(),
            new: &published.parts,
        };
        let says = repository.says(descriptor, named)?;
        let says = says.into_iter().filter_map(|(tag, statement)| {
            let statement = statement?;
            let record = &statement.record;
            let counts = record.category != Category::Test && !record.lapsed(now);
            counts.then_some((tag, statement))
        });
        Ok(says.collect())
    }

    fn known(&self, list: &ListId, now: Time) -> Result<Known> {
        let register = self.register();
        let listings = register.listings(list)?;
        let protected = register.protected()?;
        let kinds = Kinds::of(register.declared(list)?);
        let origins = register.origins()?;
        let content = Content::of(list, kinds, &listings, &origins, &protected, now);
        let content = content.map_err(|source| PublisherError::List {
            list: list.clone(),
            source,
        })?;
        let listed = listings
            .into_iter()
            .map(|Listing { entry, .. }| entry.identifier);
        let identifiers = listed
            .chain(register.delisted(list)?)
            .chain(protected)
            .chain(content.statements.keys().cloned());
        let pending = match register.newest_issue()? {
            Some(issued) => register.changed_since(list, issued)?.into_iter().collect(),
            None => content.statements.keys().cloned().collect(),
        };
        Ok(Known {
            identifiers: identifiers.collect(),
            content,
            pending,
        })
    }
}

impl Comparison {
    fn take(&mut self, known: &Known, epoch: u32, key: &ListKey, says: BTreeMap<Tag, Statement>) {
        let tag = |identifier: &Identifier| key.tag(identifier.kind(), identifier.canonical());
        let named: BTreeSet<Tag> = known.identifiers.iter().map(tag).collect();
        let report = &mut self.report;
        (report.same, report.less, report.more, report.pending) = (0, 0, 0, 0);
        report.published = says.len();
        self.withdrawn.clear();
        for (identifier, statement) in &known.content.statements {
            let count = match says.get(&tag(identifier)) {
                Some(before) if says_less(&statement.record, &before.record) => &mut report.less,
                Some(before) if says_less(&before.record, &statement.record) => &mut report.more,
                Some(_) => &mut report.same,
                None if known.pending.contains(identifier) => &mut report.pending,
                None => {
                    self.withdrawn.insert(identifier.clone());
                    continue;
                }
            };
            *count = count.saturating_add(1);
        }
        report.withdrawn = self.withdrawn.len();
        let unknown = says.into_iter().filter(|(tag, _)| !named.contains(tag));
        report.unknown.clear();
        for (tag, Statement { record, source }) in unknown {
            let of = (source.id().to_owned(), record.action.name());
            let count = report.unknown.entry(of).or_default();
            *count = count.saturating_add(1);
            self.unknown.push(UnknownRecord {
                epoch,
                tag,
                record,
                source,
            });
        }
    }
}

fn says_less(after: &Record, before: &Record) -> bool {
    let narrower = (before.scope, after.scope) == (Scope::Domain, Scope::Host);
    after.strength() < before.strength() || after.valid_until < before.valid_until || narrower
}
