//! What the published release of a list says, by name. A list holds tags alone, so the names are those that
//! the register knows: what is listed, left out, delisted or has left the register.

use std::collections::{BTreeMap, BTreeSet};

use interdict_core::common::time::Time;
use interdict_core::identifier::Identifier;
use interdict_core::list::{Edition, ListId};

use super::build::{Content, bare_account};
use super::repository::LastRelease;
use crate::error::{Result, UnnamedEntries};
use crate::published::Published;
use crate::publisher::Publisher;
use crate::release::statement::Statement;

/// What gateways have of a list.
#[derive(Debug, Default)]
pub(super) struct Before {
    /// The release that says so; `None` if nothing is published or it cannot be read.
    pub(super) sequence: Option<u64>,
    pub(super) statements: BTreeMap<Identifier, Statement>,
    /// Entries whose names the register does not know, and that no guard holds.
    pub(super) unnamed: Vec<UnnamedEntries>,
}

impl Publisher {
    /// What is published of a list and has not ended. `gone` are names that the content may lack.
    pub(super) fn published_before(
        &self,
        list: &ListId,
        content: &Content,
        gone: &[Identifier],
        now: Time,
    ) -> Result<Before> {
        let tree = self.directory().tree();
        let published = Published::read(&tree)?.map(|published| published.files);
        let last = LastRelease::of(published.unwrap_or_default());
        let mut descriptors: Vec<_> = last.descriptors().collect();
        descriptors.retain(|one| (&one.header.list, one.header.edition) == (list, Edition::Member));
        descriptors.sort_by_key(|one| one.header.epoch);
        for descriptor in descriptors.iter().rev() {
            let epoch = descriptor.header.epoch;
            let Ok(key) = self.keys().list_key(epoch) else {
                continue;
            };
            let Some(mut said) = self.last_said(&last, list, epoch) else {
                continue;
            };
            said.retain(|statement| !statement.record.lapsed(now));
            let mut before = Before {
                sequence: Some(descriptor.header.sequence),
                ..Before::default()
            };
            for identifier in known(content, gone) {
                let tag = key.tag(identifier.kind(), identifier.canonical());
                if let Some(statement) = said.take(&tag) {
                    before.statements.insert(identifier, statement);
                }
            }
            // What a guard holds back stays, with a name or without.
            for tag in content
                .unnamed
                .get(&epoch)
                .into_iter()
                .flat_map(BTreeMap::keys)
            {
                said.take(tag);
            }
            let mut unnamed: BTreeMap<&str, usize> = BTreeMap::new();
            for (_, statement) in said.left() {
                let count = unnamed.entry(statement.source.id()).or_default();
                *count = count.saturating_add(1);
            }
            let unnamed = unnamed.into_iter();
            let unnamed = unnamed.map(|(source, count)| UnnamedEntries {
                list: list.clone(),
                source: source.to_owned(),
                count,
            });
            before.unnamed = unnamed.collect();
            return Ok(before);
        }
        Ok(Before::default())
    }
}

/// Every name that the list may have had, the accounts without a tag among them.
fn known(content: &Content, gone: &[Identifier]) -> BTreeSet<Identifier> {
    let known = content.statements.keys().chain(&content.left_out);
    let mut known: BTreeSet<Identifier> = known.chain(gone).cloned().collect();
    let accounts: Vec<_> = known.iter().filter_map(bare_account).collect();
    known.extend(accounts);
    known
}
