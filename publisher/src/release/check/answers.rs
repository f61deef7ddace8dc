//! What new lists answer, compared with the register entry by entry, through [`BlockList::ask`], the
//! function that screening asks. The verdict itself would not do: silent records change nothing in it,
//! it names four reasons at most, and it says nothing of scope, group or end.

use std::collections::BTreeMap;
use std::thread;

use interdict_core::common::time::Time;
use interdict_core::identifier::Identifier;
use interdict_core::list::{
    Action, BlockList, Descriptor, ListId, LookUpMatch, LookUpOutcome, Membership, Reserved,
    compact_tag,
};
use interdict_core::rules::{Pack, PackTarget};
use interdict_core::token::{ListKey, Names, Tag};

use super::clients::{COALITION, Clients};
use crate::directory::NewFile;
use crate::error::{PublisherError, Result};
use crate::intake::shared_domains;
use crate::public::PublicBuild;
use crate::publisher::Publisher;
use crate::register::PublishedPack;
use crate::release::build::Content;
use crate::release::repository::Repository;
use crate::release::statement::Statement;

/// The most names that a compact list may hit by chance.
const BY_CHANCE: usize = 3;

/// Two clients load the same files, which takes as long as all the rest. Each name is asked of one of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Turn {
    First,
    Second,
}

impl Turn {
    /// Every other name.
    fn of<T>(self, names: impl Iterator<Item = T>) -> impl Iterator<Item = T> {
        let skipped = match self {
            Self::First => 0,
            Self::Second => 1,
        };
        names.skip(skipped).step_by(2)
    }
}

impl Publisher {
    /// Both a gateway enrolled on the first day and one enrolled today must be able to follow.
    #[cfg(test)]
    pub(crate) fn check(
        &self,
        new: &[NewFile],
        now: Time,
        answers: impl Fn(&Clients<'_>, Turn) -> Result<()> + Sync,
    ) -> Result<()> {
        let roots = self.register().roots()?.into_iter();
        let roots: Vec<_> = roots.map(|root| root.bytes).collect();
        self.check_from(new, &roots, now, answers)
    }

    /// A gateway that pinned the first of these roots must be able to follow, and one that pins the last to
    /// begin.
    pub(crate) fn check_from(
        &self,
        new: &[NewFile],
        roots: &[Vec<u8>],
        now: Time,
        answers: impl Fn(&Clients<'_>, Turn) -> Result<()> + Sync,
    ) -> Result<()> {
        let repository = Repository {
            directory: self.directory(),
            new,
        };
        if let (Some(first), Some(newest)) = (roots.first(), roots.last()) {
            // Each reads everything: at once they take half the time.
            thread::scope(|scope| {
                let followed =
                    scope.spawn(|| answers(&repository.follow(first, now)?, Turn::First));
                answers(&repository.enrol(newest, now)?, Turn::Second)?;
                followed
                    .join()
                    .map_err(|_| PublisherError::RegisterContent)?
            })?;
        }
        Ok(())
    }
}

impl Clients<'_> {
    /// Compares all that a new list says, tag by tag, with what it should say: nothing is left in
    /// it that has no name any more.
    pub(crate) fn check_says(
        &self,
        (release, key): (&Descriptor, &ListKey),
        content: &Content,
        now: Time,
    ) -> Result<()> {
        let mut says = self.repository.says(release)?;
        let tags = content
            .all()
            .map(|(one, _)| key.tag(one.kind(), one.canonical()));
        let said = says.take_all(tags);
        let pairs = content.all().zip(said);
        let wrongly = pairs.filter(|((_, statement), said)| said.as_ref() != Some(*statement));
        let mut count = wrongly.count();
        let unnamed = content.unnamed.get(&release.header.epoch);
        for (tag, statement) in unnamed.into_iter().flatten() {
            if says.take(tag).as_ref() != Some(statement) {
                count = count.saturating_add(1);
            }
        }
        let left = says.left().filter(|(_, left)| !left.record.lapsed(now));
        wrong(release, count.saturating_add(left.count()))
    }

    /// Asks a new list for everything it was built from, and for what it must no longer list.
    pub(crate) fn check_answers(
        &self,
        (release, key): (&Descriptor, &ListKey),
        content: &Content,
        delisted: &[Identifier],
        turn: Turn,
        now: Time,
    ) -> Result<()> {
        let loaded = self.release(release)?;
        let listed = content.all().map(|(name, stated)| (name, Some(stated)));
        let covers = |one: &&Identifier| loaded.header().kinds.covers(one.kind());
        let clean = Reserved::ALL
            .iter()
            .filter(|one| one.action == Action::Allow);
        let clean: Vec<Identifier> = clean.filter_map(Reserved::identifier).collect();
        // What was taken off the list while its kind was declared is not asked any more.
        let absent = delisted.iter().chain(&clean).filter(covers);
        let unlisted = content.left_out.iter().chain(absent);
        let unlisted = unlisted.map(|name| (name, content.statement(name)));
        let differing = turn
            .of(listed.chain(unlisted))
            .filter(|(identifier, stated)| {
                let mut expected = content.answers_after(identifier, *stated);
                let mut same = loaded.header().kinds.covers(identifier.kind());
                let asked = loaded.ask(&Names::new(identifier), Some(key), now, |found| {
                    same &= match found {
                        LookUpMatch::Listed(hit) => expected
                            .next()
                            .is_some_and(|one| one.is(&hit.record, hit.source)),
                        LookUpMatch::Lapsed(_) => true,
                        LookUpMatch::Candidate(_) => false,
                    }
                });
                !(same && asked == LookUpOutcome::Answered && expected.next().is_none())
            });
        wrong(release, differing.count())
    }

    /// Asks a new compact list for everything that the register knows: what it must hold is hit, and what
    /// it must not is not.
    pub(crate) fn check_compact(
        &self,
        (release, key): (&Descriptor, &ListKey),
        content: &Content,
        delisted: &[Identifier],
        turn: Turn,
        now: Time,
    ) -> Result<()> {
        let loaded = self.release(release)?;
        let listed = content.all().map(|(identifier, _)| identifier);
        let asked = listed.chain(&content.left_out).chain(delisted);
        let (mut missing, mut unexpected) = (0_usize, 0_usize);
        for identifier in turn.of(asked) {
            let mut answers = content.answers(identifier);
            let held = |one: &Statement| compact_tag(Tag([0; 12]), &one.record).is_some();
            let expected = answers.any(held);
            let hit = is_hit(loaded, identifier, key, now);
            let count = if hit { &mut unexpected } else { &mut missing };
            *count = count.saturating_add(usize::from(hit != expected));
        }
        // One name in four billion is hit by chance.
        wrong(
            release,
            missing.saturating_add(unexpected.saturating_sub(BY_CHANCE)),
        )
    }

    /// Asks a new public list for everything it was built from and for every shared domain, and compares
    /// its constants with those of its epoch.
    pub(crate) fn check_public(&self, public: &PublicBuild, now: Time) -> Result<()> {
        let epoch = &public.epoch;
        let loaded = self.release(&public.descriptor)?;
        let header = loaded.header();
        if (header.rate, header.entries) != (epoch.rate, epoch.capacity) {
            return Err(PublisherError::RegisterContent);
        }
        let hits = |name: &Identifier| is_hit(loaded, name, &public.key, now);
        let missing = public.names.iter().filter(|name| !hits(name)).count();
        let hit = shared_domains().filter(|name| hits(name)).count();
        wrong(&public.descriptor, missing.saturating_add(hit))
    }

    /// Compares the pack of red flags beside a new list with the one it should have, if any.
    pub(crate) fn check_typologies(
        &self,
        list: &ListId,
        build: Option<&PublishedPack>,
    ) -> Result<()> {
        let mut packs = self.gateway.live_packs(COALITION);
        let live = packs.find(|(beside, _)| *beside == list);
        let expected = build.map(|build| Pack::parse(&build.bytes)).transpose();
        if live.map(|(_, pack)| pack) == expected.map_err(PublisherError::Typologies)?.as_ref() {
            return Ok(());
        }
        Err(PublisherError::Damaged(PackTarget::path(list)))
    }

    /// Asks every member and compact list, whoever built it, for what must never be blocked.
    pub(crate) fn check_protected(
        &self,
        protected: &[Identifier],
        keys: &BTreeMap<u32, ListKey>,
        now: Time,
    ) -> Result<()> {
        let member = self.gateway.live_lists(COALITION);
        for (Descriptor { header, .. }, list) in member.chain(self.compact.live_lists(COALITION)) {
            // Without its key a list could not be asked, and would pass.
            let key = keys
                .get(&header.epoch)
                .filter(|key| key.id() == header.key_id);
            let key = key.ok_or_else(|| PublisherError::OtherKey {
                list: header.list.clone(),
                epoch: header.epoch,
            })?;
            let listed = protected.iter().filter(|identifier| {
                let mut listed = false;
                list.ask(&Names::new(identifier), Some(key), now, |found| {
                    listed |= !matches!(found, LookUpMatch::Lapsed(_));
                });
                listed
            });
            match listed.count() {
                0 => {}
                count => {
                    return Err(PublisherError::ProtectedListed {
                        list: header.list.clone(),
                        count,
                    });
                }
            }
        }
        Ok(())
    }
}

/// Whether a filter without records is hit by a name or by what contains it.
fn is_hit(list: &BlockList, identifier: &Identifier, key: &ListKey, now: Time) -> bool {
    let found = list.membership(identifier, Some(key), now);
    matches!(found, Membership::Candidate)
}

fn wrong(release: &Descriptor, count: usize) -> Result<()> {
    match count {
        0 => Ok(()),
        count => Err(PublisherError::WrongAnswers {
            list: release.header.list.clone(),
            count,
        }),
    }
}
