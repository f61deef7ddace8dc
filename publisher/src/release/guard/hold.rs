//! Which changes of one list go out, and which stay as published.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use interdict_core::common::time::Time;
use interdict_core::identifier::{Identifier, Kind};
use interdict_core::list::{ListId, Source};
use interdict_core::token::{ListKey, Tag};

use super::budget::{Budget, SINGLES, window_start};
use super::effect::{Effect, EffectName};
use super::proposal::entry_digest;
use crate::error::Result;
use crate::publisher::Publisher;
use crate::register::{Cell, Change, Direction, Proposed, Went};
use crate::release::build::{Content, bare_account};
use crate::release::repository::Said;
use crate::release::statement::Statement;

/// What the last release said of a list, by epoch and tag, without test entries, and the key of each epoch.
#[derive(Debug, Default)]
pub(crate) struct Published(pub(crate) BTreeMap<u32, (ListKey, Said)>);

/// What a person has agreed to in this command.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Decision<'a> {
    Nothing,
    /// A list's first release, and a source's first file.
    First,
    /// What an earlier release held back.
    Proposal(&'a Proposed),
}

/// A list as it goes out, and what the register has to remember of it.
#[derive(Debug)]
pub(crate) struct Guarded {
    pub(crate) content: Content,
    /// What stays as published.
    pub(crate) held: Vec<Effect>,
    went: Vec<Went>,
    confirmed: BTreeSet<Cell>,
    singles_gone: Vec<Identifier>,
    singles_done: Vec<Identifier>,
    departed_done: Vec<Identifier>,
}

/// How many entries of one source and kind a release held back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldCell {
    /// The source, as lists name it.
    pub source: String,
    /// The name of the kind; empty for entries that the register does not know.
    pub kind: String,
    /// Which way they would change.
    pub direction: Direction,
    /// How many.
    pub count: usize,
}

/// What the register remembers of earlier releases.
#[derive(Default)]
struct Memory {
    departed: Vec<Identifier>,
    /// What has no entry and a name all the same: a release before a backup was restored may have said it.
    others: Vec<Identifier>,
    singles: Vec<Identifier>,
    singles_left: usize,
    known_sources: BTreeSet<String>,
    /// What a person agreed to leave behind when an epoch started.
    left_behind: BTreeSet<[u8; 16]>,
}

impl Publisher {
    /// Holds back what exceeds the limits.
    pub(crate) fn guard(
        &self,
        list: &ListId,
        wanted: Content,
        mut published: Published,
        decision: Decision<'_>,
        now: Time,
    ) -> Result<Guarded> {
        let since = window_start(now);
        let singles_gone = self.register().singles_gone(list, since)?;
        let mut others = self.register().delisted(list)?;
        others.extend(self.register().protected()?);
        let memory = Memory {
            departed: self.register().departed(list)?,
            others,
            singles: self.register().singles_waiting(list)?,
            singles_left: SINGLES.saturating_sub(singles_gone),
            known_sources: self.register().known_sources(list)?.into_iter().collect(),
            left_behind: self.register().left_behind()?,
        };
        // Every epoch says the same. What is held under a tag alone stays in the newest.
        let newest = published.0.pop_last();
        let epoch = newest.as_ref().map(|(epoch, _)| *epoch);
        let mut comparison = Comparison::default();
        match newest {
            Some((_, (key, said))) => {
                comparison.compare(&wanted, &memory, said, |name| tag(&key, name), now);
            }
            None => {
                let unknown = Memory::default();
                comparison.compare(&wanted, &unknown, Said::default(), |_| Tag([0; 12]), now);
            }
        }
        let went = self.register().went_since(list, since)?;
        let mut counts: BTreeMap<(String, String), usize> = BTreeMap::new();
        for (source, kind, count) in std::mem::take(&mut comparison.counts) {
            let of = (source.id().to_owned(), kind.name().to_owned());
            let sum = counts.entry(of).or_default();
            *sum = sum.saturating_add(count);
        }
        let budget = Budget::new(counts, &went);
        let mut guarded = comparison.decide(list, wanted, &memory, &budget, decision, now);
        if let Some(epoch) = epoch {
            guarded.keep_unnamed(epoch);
            guarded.keep_unnamed_elsewhere(published, &memory);
        }
        Ok(guarded)
    }
}

/// Every change of a list that counts.
#[derive(Debug, Default)]
struct Comparison {
    effects: Vec<Effect>,
    /// How many entries are published, by source and kind.
    counts: Vec<(Arc<Source>, Kind, usize)>,
    /// What left the register and is not published.
    departed_done: Vec<Identifier>,
}

impl Comparison {
    fn compare(
        &mut self,
        wanted: &Content,
        memory: &Memory,
        mut said: Said,
        tag: impl Fn(&Identifier) -> Tag,
        now: Time,
    ) {
        let published = said.take_all(wanted.statements.keys().map(&tag));
        for ((identifier, after), before) in wanted.statements.iter().zip(&published) {
            self.note(identifier, before.as_ref(), Some(after), now);
        }
        drop(published);
        for identifier in &wanted.left_out {
            let before = said.take(&tag(identifier));
            self.note(identifier, before.as_ref(), None, now);
        }
        for identifier in &memory.departed {
            match said.take(&tag(identifier)) {
                Some(before) => self.note(identifier, Some(&before), None, now),
                None => self.departed_done.push(identifier.clone()),
            }
        }
        if !said.is_empty() {
            for identifier in &memory.others {
                if let Some(before) = said.take(&tag(identifier)) {
                    self.note(identifier, Some(&before), None, now);
                }
            }
        }
        let departed = memory.departed.iter();
        let tagged = wanted
            .left_out
            .iter()
            .chain(departed)
            .filter_map(bare_account);
        for identifier in tagged.collect::<BTreeSet<_>>() {
            if let Some(before) = said.take(&tag(&identifier)) {
                self.note(&identifier, Some(&before), None, now);
            }
        }
        for (tag, before) in said.left() {
            let effect = Effect::of(|| EffectName::Unknown(tag), Some(before), None, now);
            self.effects.extend(effect);
        }
    }

    fn note(
        &mut self,
        identifier: &Identifier,
        before: Option<&Statement>,
        after: Option<&Statement>,
        now: Time,
    ) {
        if let Some(before) = before.filter(|before| !before.record.lapsed(now)) {
            let kind = identifier.kind();
            let mut known = self.counts.iter_mut();
            // Statements of one source share it, and there are few sources.
            match known.find(|(of, one, _)| Arc::ptr_eq(of, &before.source) && *one == kind) {
                Some((.., count)) => *count = count.saturating_add(1),
                None => self.counts.push((before.source.clone(), kind, 1)),
            }
        }
        let name = || EffectName::Known(identifier.clone());
        self.effects.extend(Effect::of(name, before, after, now));
    }

    fn decide(
        self,
        list: &ListId,
        content: Content,
        memory: &Memory,
        budget: &Budget,
        decision: Decision<'_>,
        now: Time,
    ) -> Guarded {
        let mut guarded = Guarded {
            content,
            held: Vec::new(),
            went: Vec::new(),
            confirmed: BTreeSet::new(),
            singles_gone: Vec::new(),
            singles_done: Vec::new(),
            departed_done: self.departed_done,
        };
        let less: BTreeSet<&EffectName> = self.effects.iter().map(|effect| &effect.name).collect();
        let (waiting, done): (Vec<_>, Vec<_>) = memory
            .singles
            .iter()
            .partition(|identifier| less.contains(&EffectName::Known((*identifier).clone())));
        guarded.singles_done = done.into_iter().cloned().collect();
        let alone: BTreeSet<&Identifier> = waiting.into_iter().take(memory.singles_left).collect();
        let mut left: BTreeMap<Cell, usize> = BTreeMap::new();
        let mut went: BTreeMap<Cell, usize> = BTreeMap::new();
        for effect in self.effects {
            let cell = effect.cell();
            if is_agreed(list, &effect, &cell, memory, budget, decision) {
                guarded.confirmed.insert(cell);
                continue;
            }
            if !effect.must_be_confirmed() {
                if let EffectName::Known(identifier) = &effect.name
                    && effect.direction == Direction::Less
                    && alone.contains(identifier)
                {
                    guarded.singles_gone.push(identifier.clone());
                    continue;
                }
                let left = left
                    .entry(cell.clone())
                    .or_insert_with(|| budget.left(&cell));
                if let Some(rest) = left.checked_sub(1) {
                    *left = rest;
                    let count = went.entry(cell).or_default();
                    *count = count.saturating_add(1);
                    continue;
                }
            }
            guarded.held.push(effect);
        }
        guarded.keep_named();
        guarded.went = went
            .into_iter()
            .map(|(cell, count)| Went {
                published: budget.published(&cell),
                at: now,
                count,
                cell,
            })
            .collect();
        guarded
    }
}

/// Whether a person has agreed to a change in this command.
fn is_agreed(
    list: &ListId,
    effect: &Effect,
    cell: &Cell,
    memory: &Memory,
    budget: &Budget,
    decision: Decision<'_>,
) -> bool {
    let is_unknown = matches!(effect.name, EffectName::Unknown(_));
    if is_unknown && memory.left_behind.contains(&entry_digest(list, effect)) {
        return true;
    }
    match decision {
        Decision::Nothing => false,
        Decision::First => {
            let is_known =
                memory.known_sources.contains(&cell.source) || budget.has_published(&cell.source);
            effect.direction == Direction::More && !is_known
        }
        Decision::Proposal(proposal) => {
            let digest = entry_digest(list, effect);
            proposal.entries.binary_search(&digest).is_ok()
        }
    }
}

impl Guarded {
    /// Leaves what is held as it is published.
    fn keep_named(&mut self) {
        let mut kept = BTreeMap::new();
        for effect in &self.held {
            let EffectName::Known(identifier) = &effect.name else {
                continue;
            };
            match &effect.before {
                Some(_) => {
                    self.content.held.insert(identifier.clone());
                }
                None => self.content.left_out.push(identifier.clone()),
            }
            kept.insert(identifier.clone(), effect.before.clone());
        }
        self.content.statements.change(kept);
    }

    /// What is held and has no name stays under its tag, which holds for one epoch alone.
    fn keep_unnamed(&mut self, epoch: u32) {
        let unnamed = self.held.iter().filter_map(|effect| match &effect.name {
            EffectName::Unknown(tag) => Some((*tag, effect.before.clone()?)),
            EffectName::Known(_) => None,
        });
        let unnamed: BTreeMap<Tag, Statement> = unnamed.collect();
        if !unnamed.is_empty() {
            self.content.unnamed.insert(epoch, unnamed);
        }
    }

    /// The same entries in other epochs: what no name of ours has there either.
    fn keep_unnamed_elsewhere(&mut self, published: Published, memory: &Memory) {
        if self.content.unnamed.is_empty() {
            return;
        }
        for (epoch, (key, mut said)) in published.0 {
            let named = self.content.statements.keys();
            let named = named.chain(&self.content.left_out);
            for identifier in named.chain(&memory.departed).chain(&memory.others) {
                said.take(&tag(&key, identifier));
            }
            let unnamed = said.left().map(|(tag, one)| (tag, one.clone()));
            self.content.unnamed.insert(epoch, unnamed.collect());
        }
    }

    /// How many entries of each source and kind are held back.
    pub(crate) fn cells(&self) -> Vec<HeldCell> {
        let mut cells: BTreeMap<Cell, usize> = BTreeMap::new();
        for effect in &self.held {
            let count = cells.entry(effect.cell()).or_default();
            *count = count.saturating_add(1);
        }
        let cells = cells.into_iter().map(|(cell, count)| HeldCell {
            source: cell.source,
            kind: cell.kind,
            direction: cell.direction,
            count,
        });
        cells.collect()
    }

    /// The kinds of entries that stay as published, which the list has to declare.
    pub(crate) fn held_kinds(&self) -> impl Iterator<Item = Kind> {
        self.content.held.iter().map(Identifier::kind)
    }

    /// A digest of each entry held back.
    pub(crate) fn entries(&self, list: &ListId) -> Vec<[u8; 16]> {
        self.held
            .iter()
            .map(|effect| entry_digest(list, effect))
            .collect()
    }

    /// Keeps what the next release has to know.
    pub(crate) fn remember(
        &self,
        change: &Change<'_>,
        list: &ListId,
        sequence: u64,
        now: Time,
    ) -> Result<()> {
        for went in &self.went {
            change.put_went(list, sequence, went)?;
        }
        for cell in &self.confirmed {
            change.put_confirmed(list, cell, now)?;
        }
        for identifier in &self.singles_gone {
            change.single_went(list, identifier, now)?;
        }
        for identifier in &self.singles_done {
            change.forget_single(list, identifier)?;
        }
        for identifier in &self.departed_done {
            change.forget_departed(list, identifier)?;
        }
        Ok(())
    }
}

fn tag(key: &ListKey, identifier: &Identifier) -> Tag {
    key.tag(identifier.kind(), identifier.canonical())
}
