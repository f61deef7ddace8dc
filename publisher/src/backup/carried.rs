use std::collections::{BTreeMap, BTreeSet};

use interdict_core::common::time::Time;
use interdict_core::identifier::Identifier;
use interdict_core::list::ListId;
use interdict_core::token::{ListKey, Tag};

use crate::error::Result;
use crate::publisher::Publisher;
use crate::register::Listing;
use crate::release::Statement;

impl Publisher {
    /// The published statements of a list whose identifiers the register does not know, by epoch and tag: a
    /// release repeats them. What somebody has named since, imported, delisted or protected, is not among
    /// them, and neither is what has ended.
    pub(crate) fn unknown_statements(
        &self,
        list: &ListId,
        listings: &[Listing],
        keys: &BTreeMap<u32, ListKey>,
        now: Time,
    ) -> Result<BTreeMap<u32, BTreeMap<Tag, Statement>>> {
        let mut statements: BTreeMap<u32, BTreeMap<Tag, Statement>> = BTreeMap::new();
        let unknown = self.register().unknown_published(list)?;
        if unknown.is_empty() {
            return Ok(statements);
        }
        let delisted = self.register().delisted(list)?;
        let protected = self.register().protected()?;
        let listed = listings.iter().map(|listing| &listing.entry.identifier);
        let names: BTreeSet<&Identifier> = listed.chain(&delisted).chain(&protected).collect();
        for (epoch, key) in keys {
            let tag = |name: &&Identifier| key.tag(name.kind(), name.canonical());
            let named: BTreeSet<Tag> = names.iter().map(tag).collect();
            let unknown = unknown.iter().filter(|one| {
                one.epoch == *epoch && !named.contains(&one.tag) && !one.record.lapsed(now)
            });
            let unknown = unknown.map(|one| {
                let statement = Statement {
                    record: one.record,
                    source: one.source.clone(),
                };
                (one.tag, statement)
            });
            statements.insert(*epoch, unknown.collect());
        }
        Ok(statements)
    }
}
