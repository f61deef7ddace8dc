//! What a register lost since the last release: a flipped bit, a copy that is too old or a row deleted
//! by hand takes entries away without anybody's decision, and a release would tell gateways to forget
//! them.

use std::collections::{BTreeMap, BTreeSet};

use interdict_core::common::time::Time;
use interdict_core::identifier::Identifier;
use interdict_core::list::{Category, ListId, Record, Scope};
use interdict_core::token::{ListKey, Tag};

use crate::error::{PublisherError, Result};
use crate::publisher::Publisher;
use crate::register::{Listing, State};
use crate::release::build::Content;
use crate::release::last_release::LastRelease;

/// A list as the register has it now.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stock<'a> {
    pub(crate) list: &'a ListId,
    pub(crate) listings: &'a [Listing],
    pub(crate) content: &'a Content,
}

impl Publisher {
    /// Refuses a list that lost entries, unless a person states how many it has now.
    ///
    /// # Errors
    /// [`PublisherError::EntriesLost`], [`PublisherError::EntryCount`].
    pub(crate) fn check_loss(
        &self,
        stock: Stock<'_>,
        last: &LastRelease,
        keys: &BTreeMap<u32, ListKey>,
        stated: Option<usize>,
        now: Time,
    ) -> Result<()> {
        let list = || stock.list.clone();
        let listed = stock.content.statements.len();
        match stated {
            Some(stated) if stated == listed => Ok(()),
            Some(stated) => Err(PublisherError::EntryCount {
                list: list(),
                listed,
                stated,
            }),
            None => match self.lost(stock, last, keys, now)? {
                0 => Ok(()),
                count => Err(PublisherError::EntriesLost {
                    list: list(),
                    count,
                    listed,
                }),
            },
        }
    }

    /// How many entries of the last release are gone or say less, although they were neither
    /// delisted, protected nor imported again since, and have not ended.
    fn lost(
        &self,
        stock: Stock<'_>,
        last: &LastRelease,
        keys: &BTreeMap<u32, ListKey>,
        now: Time,
    ) -> Result<usize> {
        let Stock {
            list,
            listings,
            content,
        } = stock;
        let delisted = self.register().delisted(list)?;
        for (epoch, key) in keys {
            let Some((issued, before)) = self.last_records(last, list, *epoch) else {
                continue;
            };
            let tag = |identifier: &Identifier| key.tag(identifier.kind(), identifier.canonical());
            let changed = self.register().changed_since(list, issued)?;
            let held_back = listings.iter().filter(|one| one.state != State::Listed);
            let held_back = held_back.map(|one| &one.entry.identifier);
            let decided = delisted.iter().chain(&changed).chain(held_back);
            let decided: BTreeSet<Tag> = decided.map(tag).collect();
            let statements = content.statements.iter();
            let carried = content.carried(*epoch);
            let says: BTreeMap<Tag, &Record> = statements
                .map(|(identifier, statement)| (tag(identifier), &statement.record))
                .chain(carried.map(|(tag, statement)| (*tag, &statement.record)))
                .collect();
            let lost = before.iter().filter(|(tag, before)| {
                let less = says.get(tag).is_none_or(|after| says_less(after, before));
                let listed = before.category != Category::Test;
                listed && less && !before.lapsed(now) && !decided.contains(tag)
            });
            return Ok(lost.count());
        }
        // The repository may lie on another machine. Of the last release only the number of entries
        // is known then, and each must still be listed, held back, ended or delisted.
        let known = [
            content.statements.len(),
            content.left_out.len(),
            delisted.len(),
            content
                .carried
                .values()
                .map(BTreeMap::len)
                .max()
                .unwrap_or_default(),
        ];
        let known = known.into_iter().fold(0, usize::saturating_add);
        Ok(self.register().listed_last(list)?.saturating_sub(known))
    }
}

fn says_less(after: &Record, before: &Record) -> bool {
    let narrower = (before.scope, after.scope) == (Scope::Domain, Scope::Host);
    after.strength() < before.strength() || after.valid_until < before.valid_until || narrower
}
