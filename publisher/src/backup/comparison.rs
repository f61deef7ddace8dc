//! What the published lists say, compared with the register. A published record is a tag: it has a name only
//! if the register knows an identifier with that tag. What has none stays published until somebody confirms that
//! it may go; see [`crate::Proposal`].

use std::collections::{BTreeMap, BTreeSet};

use interdict_core::common::time::Time;
use interdict_core::identifier::Identifier;
use interdict_core::list::{Category, Descriptor, Edition, ListId, Record, Scope};
use interdict_core::token::{ListKey, Tag};

use super::published::Published;
use super::report::ListRecovery;
use crate::error::Result;
use crate::publisher::Publisher;
use crate::register::{Listing, State};
use crate::release::{Content, Repository, Statement};

/// One list: what the register does not know of what is published, and the reverse.
#[derive(Debug)]
pub(super) struct Comparison {
    /// The highest number of a group in a record that the register does not know.
    pub(super) highest_group: u32,
    /// Released before the backup, and no longer published.
    pub(super) withdrawn: BTreeSet<Identifier>,
    pub(super) report: ListRecovery,
}

/// Everything that the register knows of one list.
struct Known {
    content: Content,
    /// Every identifier, whether it goes out or not.
    identifiers: BTreeSet<Identifier>,
    /// Those that the register's last release had not.
    pending: BTreeSet<Identifier>,
}

/// What the last release had that the register knows of.
enum Released {
    Nothing,
    Tags(ListKey, BTreeSet<Tag>),
    /// Its files are gone, so anything may have been in it.
    Unknown,
}

impl Released {
    fn has(&self, name: &Identifier) -> bool {
        match self {
            Self::Nothing => false,
            Self::Tags(key, tags) => tags.contains(&key.tag(name.kind(), name.canonical())),
            Self::Unknown => true,
        }
    }
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
            highest_group: 0,
            withdrawn: BTreeSet::new(),
            report: ListRecovery::new(list.clone()),
        };
        // The newest epoch comes last: what it says is what is reported.
        for descriptor in self.member_releases(published, list, keys) {
            let Some(key) = keys.get(&descriptor.header.epoch) else {
                continue;
            };
            let says = self.says(published, &descriptor, now)?;
            comparison.take(&known, key, says);
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
        let mut says = repository.says(descriptor)?;
        says.retain(|Statement { record, .. }| {
            record.category != Category::Test && !record.lapsed(now)
        });
        let says = says.left();
        Ok(says.map(|(tag, one)| (tag, one.clone())).collect())
    }

    fn known(&self, list: &ListId, now: Time) -> Result<Known> {
        let register = self.register();
        let listings = register.listings(list)?;
        let protected = register.protected()?;
        let content = self.content_of_all(list, listings.clone(), &protected, now)?;
        // What waits for a person says nothing, so a release leaves it as it is published.
        let speaking = listings.into_iter();
        let speaking = speaking.filter(|listing| listing.state != State::Quarantined);
        let listed = speaking.map(|Listing { entry, .. }| entry.identifier);
        let identifiers = listed
            .chain(register.departed(list)?)
            .chain(register.delisted(list)?)
            .chain(protected)
            .chain(content.statements.keys().cloned());
        let withdrawn = register.withdrawn(list)?;
        let released = self.released(list)?;
        let is_pending = |name: &&Identifier| !withdrawn.contains(name) && !released.has(name);
        let pending = content.statements.keys().filter(is_pending);
        let pending = pending.cloned().collect();
        Ok(Known {
            identifiers: identifiers.collect(),
            content,
            pending,
        })
    }

    /// What the register's own last release said of a list.
    fn released(&self, list: &ListId) -> Result<Released> {
        if self.register().sequence(list)? == 0 {
            return Ok(Released::Nothing);
        }
        let last = self.last_release()?;
        let epochs = self.epochs()?.into_iter().rev();
        let mut said = epochs.filter_map(|epoch| {
            let said = self.last_said(&last, list, epoch.number)?;
            let key = self.keys().list_key(epoch.number).ok()?;
            Some(Released::Tags(
                key,
                said.left().map(|(tag, _)| tag).collect(),
            ))
        });
        Ok(said.next().unwrap_or(Released::Unknown))
    }
}

impl Comparison {
    fn take(&mut self, known: &Known, key: &ListKey, says: BTreeMap<Tag, Statement>) {
        let tag = |identifier: &Identifier| key.tag(identifier.kind(), identifier.canonical());
        let named: BTreeSet<Tag> = known.identifiers.iter().map(tag).collect();
        let report = &mut self.report;
        (report.same, report.less, report.more, report.pending) = (0, 0, 0, 0);
        report.published = says.len();
        self.withdrawn.clear();
        for (identifier, statement) in known.content.statements.iter() {
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
        for (_, Statement { record, source }) in unknown {
            let of = (source.id().to_owned(), record.action.name());
            let count = report.unknown.entry(of).or_default();
            *count = count.saturating_add(1);
            self.highest_group = self.highest_group.max(record.group);
        }
    }
}

fn says_less(after: &Record, before: &Record) -> bool {
    let narrower = (before.scope, after.scope) == (Scope::Domain, Scope::Host);
    after.strength() < before.strength() || after.valid_until < before.valid_until || narrower
}
