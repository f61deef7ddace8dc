//! What a release says, tag by tag.

use std::sync::Arc;

use interdict_core::list::{Changes, Record, RecordsContent, Source};
use interdict_core::token::Tag;

use crate::release::statement::Statement;

/// The statements of a release, ascending by tag. Each may be taken once: what is left had no name.
#[derive(Debug, Default)]
pub(crate) struct Said(Vec<(Tag, Option<Statement>)>);

impl Said {
    /// A base, with the stash over it.
    pub(super) fn of(base: RecordsContent, stash: Option<Changes>) -> Self {
        let sources = shared(base.sources);
        let records = base.records.into_iter();
        let said = records.map(|(tag, record)| (tag, statement(record, &sources)));
        let mut said = Self(said.collect());
        if let Some(stash) = stash {
            let sources = shared(stash.sources);
            let mut added = Vec::new();
            for (tag, record) in stash.changes {
                let after = record.and_then(|record| statement(record, &sources));
                match said.of_tag(&tag) {
                    Some(before) => *before = after,
                    None => added.push((tag, after)),
                }
            }
            said.0.extend(added);
            said.0.sort_by_key(|(tag, _)| *tag);
        }
        said
    }

    /// What is said of a tag, which is then taken.
    pub(crate) fn take(&mut self, tag: &Tag) -> Option<Statement> {
        self.of_tag(tag)?.take()
    }

    /// What is said of each of many tags. Going through both in order is faster than to look for each.
    pub(crate) fn take_all(&mut self, tags: impl Iterator<Item = Tag>) -> Vec<Option<Statement>> {
        let mut asked: Vec<(Tag, usize)> = tags.zip(0..).collect();
        let mut taken = vec![None; asked.len()];
        asked.sort_unstable();
        let mut said = self.0.iter_mut().peekable();
        for (tag, index) in asked {
            while said.next_if(|(found, _)| *found < tag).is_some() {}
            if let Some((_, one)) = said.peek_mut().filter(|(found, _)| *found == tag)
                && let Some(place) = taken.get_mut(index)
            {
                *place = one.take();
            }
        }
        taken
    }

    /// Takes all that `keep` refuses.
    pub(crate) fn retain(&mut self, keep: impl Fn(&Statement) -> bool) {
        self.0.retain(|(_, said)| said.as_ref().is_some_and(&keep));
    }

    /// What nobody has taken.
    pub(crate) fn left(&self) -> impl Iterator<Item = (Tag, &Statement)> {
        let said = self.0.iter();
        said.filter_map(|(tag, said)| Some((*tag, said.as_ref()?)))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.left().next().is_none()
    }

    fn of_tag(&mut self, tag: &Tag) -> Option<&mut Option<Statement>> {
        let index = self.0.binary_search_by_key(tag, |(found, _)| *found);
        self.0.get_mut(index.ok()?).map(|(_, said)| said)
    }
}

fn shared(sources: Vec<Source>) -> Vec<Arc<Source>> {
    sources.into_iter().map(Arc::new).collect()
}

/// A record with its source in place of its number. Reading the file checked every number.
fn statement(record: Record, sources: &[Arc<Source>]) -> Option<Statement> {
    let source = sources.get(usize::from(record.source))?.clone();
    let record = Record {
        source: 0,
        ..record
    };
    Some(Statement { record, source })
}
