use std::collections::BTreeMap;

use interdict_core::common::time::Time;
use interdict_core::identifier::Identifier;
use interdict_core::list::{Kinds, ListId};
use interdict_core::token::ListKey;

use super::build::{Build, Content, EditionFiles, Plan};
use super::check::Stock;
use super::last_release::LastRelease;
use super::options::{EmptyLists, NewBase, ReleaseOptions};
use super::report::{EpochReport, ListReport};
use super::typologies::{TypologiesReport, pack_file};
use crate::directory::NewFile;
use crate::error::{PublisherError, Result};
use crate::keys::Decoys;
use crate::public::{NextRelease, PublicBuild, choose};
use crate::publisher::Publisher;
use crate::register::{CompactEdition, Epoch, PublishedPack};

/// One list, ready to be signed.
#[derive(Debug)]
pub(crate) struct ListBuild {
    pub(crate) list: ListId,
    pub(crate) sequence: u64,
    /// What it says, for comparison with what the files answer.
    pub(crate) content: Content,
    /// By member epoch.
    pub(crate) builds: Vec<Build>,
    /// The compact edition beside each of them, or none.
    pub(crate) compact: Vec<Build>,
    pub(crate) public: Option<PublicBuild>,
    pub(crate) typologies: Option<PublishedPack>,
    typologies_report: Option<TypologiesReport>,
}

/// What all lists of one release are built from.
pub(super) struct Ingredients<'a> {
    pub(super) now: Time,
    pub(super) options: &'a ReleaseOptions,
    pub(super) last: &'a LastRelease,
    /// By member epoch.
    pub(super) keys: &'a BTreeMap<u32, ListKey>,
    pub(super) compact: CompactEdition,
    /// The day from which lists are published in a later format alone.
    pub(super) ends: Option<Time>,
}

impl Publisher {
    pub(super) fn build_lists(&self, from: &Ingredients<'_>) -> Result<Vec<ListBuild>> {
        let decoys = self.keys().decoys()?;
        let protected = self.register().protected()?;
        let named = self.named_lists(&from.options.lists)?;
        if from.options.entries.is_some() && named.len() != 1 {
            return Err(PublisherError::WhichList);
        }
        let lists = named.into_iter();
        lists
            .map(|list| self.build_list(from, list, &decoys, &protected))
            .collect()
    }

    fn build_list(
        &self,
        from: &Ingredients<'_>,
        list: ListId,
        decoys: &Decoys,
        protected: &[Identifier],
    ) -> Result<ListBuild> {
        let mut listings = self.register().listings(&list)?;
        // What was taken off after the backup that this register comes from stays off until somebody decides.
        let withdrawn = self.register().withdrawn(&list)?;
        listings.retain(|one| !withdrawn.contains(&one.entry.identifier));
        let kinds = self.register().declared(&list)?;
        let origins = self.register().origins()?;
        let kinds = Kinds::of(kinds);
        let content = Content::of(&list, kinds, &listings, &origins, protected, from.now);
        let mut content = content.map_err(|source| PublisherError::List {
            list: list.clone(),
            source,
        })?;
        content.carried = self.unknown_statements(&list, &listings, from.keys, from.now)?;
        if content.statements.is_empty() && from.options.empty == EmptyLists::Refuse {
            return Err(PublisherError::EmptyList(list));
        }
        let stock = Stock {
            list: &list,
            listings: &listings,
            content: &content,
        };
        self.check_loss(stock, from.last, from.keys, from.options.entries, from.now)?;
        let sequence = self.register().next_sequence(&list)?;
        let starts = self.epochs()?.into_iter();
        // An epoch without a start has not been announced: this release does it.
        let starts = starts.map(|epoch| (epoch.number, epoch.starts().unwrap_or(from.now)));
        let starts: BTreeMap<u32, Time> = starts.collect();
        let plans = from.keys.iter().map(|(epoch, key)| Plan {
            list: &list,
            epoch: *epoch,
            epoch_start: starts.get(epoch).copied().unwrap_or(from.now),
            ends: from.ends,
            kinds,
            sequence,
            issued: from.now,
            rate: from.options.rate,
            key,
            decoys,
        });
        let (mut builds, mut compact) = (Vec::new(), Vec::new());
        for plan in plans {
            let (member, beside) = self.build_epoch(from, &plan, &content)?;
            builds.push(member);
            compact.extend(beside);
        }
        let disclosed = choose(&listings, from.now);
        let next = NextRelease {
            sequence,
            issued: from.now,
            ends: from.ends,
        };
        let public = self.public_build(&list, next, &disclosed, protected)?;
        let typologies = self.typologies_build(&list)?;
        let report = self.typologies_report(from.last, &list, typologies.as_ref())?;
        Ok(ListBuild {
            list,
            sequence,
            content,
            builds,
            compact,
            public,
            typologies,
            typologies_report: report,
        })
    }

    /// A stash on the base that is published, or a new base if the stash would not do; and the compact
    /// edition beside it.
    fn build_epoch(
        &self,
        from: &Ingredients<'_>,
        plan: &Plan<'_>,
        content: &Content,
    ) -> Result<(Build, Option<Build>)> {
        let base = match from.options.base {
            NewBase::WhenDue => self.base(from.last, plan.list, plan.epoch)?,
            NewBase::Always => None,
        };
        let stash = match &base {
            Some(base) => plan.stash(base, content)?,
            None => None,
        };
        let Some((base, member)) = base.as_ref().zip(stash) else {
            return new_base(from, plan, content);
        };
        if from.compact == CompactEdition::No {
            return Ok((member, None));
        }
        let published = self.compact_base(from.last, plan.list, plan.epoch)?;
        let compact = match published {
            Some(published) => plan.compact_stash(base, &published, content)?,
            None => None,
        };
        match compact {
            Some(compact) => Ok((member, Some(compact))),
            None => new_base(from, plan, content),
        }
    }

    /// The keys of the epochs whose lists a release at this time has.
    pub(crate) fn published_keys(
        &self,
        epochs: &[Epoch],
        now: Time,
    ) -> Result<BTreeMap<u32, ListKey>> {
        let published = epochs.iter().filter(|epoch| epoch.is_published(now));
        let keys = published.map(|Epoch { number, .. }| {
            let key = self.keys().list_key(*number)?;
            Ok((*number, key))
        });
        keys.collect()
    }
}

/// New bases of both editions.
fn new_base(
    from: &Ingredients<'_>,
    plan: &Plan<'_>,
    content: &Content,
) -> Result<(Build, Option<Build>)> {
    let compact = match from.compact {
        CompactEdition::Yes => Some(plan.compact_base(content)?),
        CompactEdition::No => None,
    };
    Ok((plan.base(content)?, compact))
}

impl ListBuild {
    /// Every edition and epoch.
    pub(crate) fn all(&self) -> impl Iterator<Item = EditionFiles<'_>> {
        let public = self.public.as_ref().map(|public| EditionFiles {
            descriptor: &public.descriptor,
            files: &public.files,
        });
        let keyed = self.builds.iter().chain(&self.compact);
        keyed.map(Build::edition).chain(public)
    }

    pub(crate) fn typologies_file(&self) -> Option<NewFile> {
        Some(pack_file(self.typologies.as_ref()?, &self.list))
    }

    pub(crate) fn report(&self) -> ListReport {
        let keyed = self.builds.iter().chain(&self.compact);
        let epochs = keyed.map(|build| EpochReport {
            edition: build.header().edition,
            epoch: build.header().epoch,
            changes: build.changes,
            entries: build.header().entries,
            new_bytes: build.edition().new_bytes(),
            bytes: build.edition().bytes(),
        });
        ListReport {
            list: self.list.clone(),
            sequence: self.sequence,
            listed: self.content.statements.len(),
            narrowed: self.content.narrowed,
            withheld: self.content.withheld,
            lapsed: self.content.lapsed,
            epochs: epochs.collect(),
            public: self.public.as_ref().map(PublicBuild::report),
            typologies: self.typologies_report.clone(),
        }
    }
}
