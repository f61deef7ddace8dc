//! What a list must answer, computed the slow way from a map of all records, without filter or search.

use std::collections::BTreeMap;

use interdict_core::identifier::{Identifier, Kind, Relation};
use interdict_core::list::{
    BlockList, Changes, Membership, Record, RecordsContent, Scope, Source, is_source_name,
};
use interdict_core::token::Tag;

use crate::release::{ASKED, NOW, RELEASE};

/// Every record there is, with its source.
#[derive(Debug, Clone)]
pub struct Model(BTreeMap<Tag, (Record, Source)>);

impl Model {
    /// The records as read from a file.
    #[must_use]
    pub fn new(read: &RecordsContent) -> Self {
        let mut model = Self(BTreeMap::new());
        for (tag, record) in &read.records {
            model.insert(*tag, *record, &read.sources);
        }
        model
    }

    /// After the changes of a stash.
    #[must_use]
    pub fn changed(mut self, changes: &Changes) -> Self {
        for (tag, record) in &changes.changes {
            match record {
                Some(record) => self.insert(*tag, *record, &changes.sources),
                None => {
                    self.0.remove(tag);
                }
            }
        }
        self
    }

    fn insert(&mut self, tag: Tag, record: Record, sources: &[Source]) {
        let source = sources.get(usize::from(record.source));
        let source = source.expect("a record names a source of its file");
        let name = source.id().strip_prefix("se.");
        assert!(name.is_some_and(is_source_name), "{source:?}");
        assert!(is_source_name(source.origin()), "{source:?}");
        assert!((1..=999).contains(&record.confidence));
        assert_eq!(record.check(), Ok(()));
        self.0.insert(tag, (record, source.clone()));
    }

    /// Asks a list about all names and compares.
    pub fn ask(&self, list: &BlockList) {
        for name in ASKED {
            let identifier = Identifier::parse(Kind::Domain, name).expect("a domain");
            let key = Some(&RELEASE.key);
            let found = list.membership(&identifier, key, NOW);
            assert_eq!(found, self.membership(&identifier), "{name}");
        }
    }

    fn membership(&self, identifier: &Identifier) -> Membership<'_> {
        let applying: Vec<_> = identifier
            .look_ups()
            .filter_map(|look_up| {
                let (record, source) = self.0.get(&RELEASE.tag(look_up.canonical))?;
                let applies = look_up.relation == Relation::Itself || record.scope == Scope::Domain;
                applies.then_some((*record, source, look_up.relation))
            })
            .collect();
        let in_force = applying.iter().filter(|(record, ..)| !record.lapsed(NOW));
        // `max_by_key` gives the last of equals, and the first of them counts.
        let strongest = in_force.rev().max_by_key(|(record, ..)| record.strength());
        match (strongest, applying.first()) {
            (Some((record, source, relation)), _) => Membership::Listed {
                record: *record,
                source,
                relation: *relation,
            },
            (None, Some((record, ..))) => Membership::Lapsed(*record),
            (None, None) => Membership::Absent,
        }
    }
}

/// Whether the tags are in order and none occurs twice, so that a search finds each.
pub fn ascending<T>(entries: &[(Tag, T)]) -> bool {
    entries.is_sorted_by(|(one, _), (next, _)| one < next)
}
