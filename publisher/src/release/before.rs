//! What the published release of a list says, by name. A list holds tags alone, so the names are those that
//! the register knows: what is listed, left out or delisted.

use std::collections::{BTreeMap, BTreeSet};

use interdict_core::common::time::Time;
use interdict_core::identifier::{Identifier, Kind};
use interdict_core::list::{Category, Edition, ListId};

use super::build::{Content, Statement};
use super::check::named;
use super::last_release::LastRelease;
use super::published::Published;
use super::repository::Repository;
use crate::error::Result;
use crate::publisher::Publisher;

/// What gateways have of a list.
#[derive(Debug, Default)]
pub(super) struct Before {
    /// The release that says so; `None` if nothing is published or it cannot be read.
    pub(super) sequence: Option<u64>,
    pub(super) statements: BTreeMap<Identifier, Statement>,
    /// Entries whose names the register does not know any more.
    pub(super) unnamed: usize,
}

impl Publisher {
    /// What is published of a list and has not ended.
    pub(super) fn published_before(
        &self,
        list: &ListId,
        content: &Content,
        delisted: &[Identifier],
        now: Time,
    ) -> Result<Before> {
        let tree = self.directory().tree();
        let published = Published::read(&tree)?.map(|published| published.files);
        let last = LastRelease::of(published.unwrap_or_default());
        let mut descriptors: Vec<_> = last.descriptors().collect();
        descriptors.retain(|one| (&one.header.list, one.header.edition) == (list, Edition::Member));
        descriptors.sort_by_key(|one| one.header.epoch);
        let repository = Repository::published(self.directory());
        for descriptor in descriptors.iter().rev() {
            let Ok(key) = self.keys().list_key(descriptor.header.epoch) else {
                continue;
            };
            let Ok(mut says) = repository.says(descriptor, named) else {
                continue;
            };
            says.retain(|_, statement| {
                statement.as_ref().is_some_and(|statement| {
                    let record = &statement.record;
                    record.category != Category::Test && !record.lapsed(now)
                })
            });
            let mut before = Before {
                sequence: Some(descriptor.header.sequence),
                ..Before::default()
            };
            for identifier in known(content, delisted) {
                let tag = key.tag(identifier.kind(), identifier.canonical());
                if let Some(statement) = says.remove(&tag).flatten() {
                    before.statements.insert(identifier, statement);
                }
            }
            before.unnamed = says.len();
            return Ok(before);
        }
        Ok(Before::default())
    }
}

/// Every name that the list may have had, the accounts without a tag among them.
fn known(content: &Content, delisted: &[Identifier]) -> BTreeSet<Identifier> {
    let known = content.statements.keys().chain(&content.left_out);
    let mut known: BTreeSet<Identifier> = known.chain(delisted).cloned().collect();
    let wallets = known.iter().filter(|one| one.kind() == Kind::Wallet);
    let accounts = wallets.filter_map(|tagged| {
        let account = tagged.look_ups().nth(1)?;
        Identifier::stored(account.kind, account.text).ok()
    });
    let accounts: Vec<_> = accounts.collect();
    known.extend(accounts);
    known
}
