use std::borrow::Cow;
use std::collections::BTreeMap;

use interdict_core::common::time::Time;
use interdict_core::identifier::Identifier;
use interdict_core::list::{Descriptor, Kinds, ListId};
use interdict_core::token::ListKey;

use super::build::{Build, Content, EditionFiles, Gathering, Plan};
use super::guard::{Decision, Guarded, Published};
use super::options::{Confirm, EmptyLists, NewBase, ReleaseOptions};
use super::report::{EpochReport, ListReport};
use super::repository::LastRelease;
use super::typologies::{TypologiesReport, pack_file};
use crate::directory::NewFile;
use crate::error::{PublisherError, Result};
use crate::keys::Decoys;
use crate::public::{NextRelease, PublicBuild, choose};
use crate::publisher::Publisher;
use crate::register::{CompactEdition, Epoch, Listing, PublishedPack};

/// One list, ready to be signed.
#[derive(Debug)]
pub(crate) struct ListBuild {
    pub(crate) list: ListId,
    pub(crate) sequence: u64,
    /// What goes out, and what stays as published.
    pub(crate) guarded: Guarded,
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
    pub(super) decision: Decision<'a>,
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
        let lists = self.lists()?.into_iter();
        let lists = lists.filter(|list| named.contains(list) || lacks_an_epoch(list, from));
        lists
            .map(|list| {
                let empty = match named.contains(&list) {
                    true => from.options.empty,
                    false => EmptyLists::Allow,
                };
                self.build_list(from, list, empty, &decoys, &protected)
            })
            .collect()
    }

    fn build_list(
        &self,
        from: &Ingredients<'_>,
        list: ListId,
        empty: EmptyLists,
        decoys: &Decoys,
        protected: &[Identifier],
    ) -> Result<ListBuild> {
        let mut marked = Vec::new();
        let content = self.content_with(&list, protected, from.now, |listing| {
            if listing.disclosed {
                marked.push(listing.clone());
            }
        })?;
        let declared = self.register().declared(&list)?;
        let published = self.published(from.last, &list);
        let is_known = !published.0.is_empty() || self.register().sequence(&list)? == 0;
        if !is_known && from.options.confirm != Confirm::First {
            return Err(PublisherError::PublishedUnknown(list));
        }
        let guarded = self.guard(&list, content, published, from.decision, from.now)?;
        let content = &guarded.content;
        let kinds = Kinds::of(declared.into_iter().chain(guarded.held_kinds()));
        if content.statements.is_empty() && empty == EmptyLists::Refuse {
            return Err(PublisherError::EmptyList(list));
        }
        let sequence = self.register().next_sequence(&list)?;
        let history = self.register().head()?;
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
            history,
            sequence,
            issued: from.now,
            rate: from.options.rate,
            key,
            decoys,
        });
        let (mut builds, mut compact) = (Vec::new(), Vec::new());
        for plan in plans {
            let (member, beside) = self.build_epoch(from, &plan, content)?;
            builds.push(member);
            compact.extend(beside);
        }
        let disclosed = choose(&marked, from.now);
        let next = NextRelease {
            sequence,
            issued: from.now,
            ends: from.ends,
            history,
        };
        let public = self.public_build(&list, next, &disclosed, protected)?;
        let typologies = self.typologies_build(&list)?;
        let report = self.typologies_report(from.last, &list, typologies.as_ref())?;
        Ok(ListBuild {
            list,
            sequence,
            guarded,
            builds,
            compact,
            public,
            typologies,
            typologies_report: report,
        })
    }

    /// What a release at this moment says of a list, before a guard holds anything back.
    ///
    /// # Errors
    /// [`PublisherError::List`], or a register that cannot be read.
    pub(crate) fn content(
        &self,
        list: &ListId,
        protected: &[Identifier],
        now: Time,
    ) -> Result<Content> {
        self.content_with(list, protected, now, |_| ())
    }

    /// The same. `see` is given every listing that counts.
    fn content_with(
        &self,
        list: &ListId,
        protected: &[Identifier],
        now: Time,
        mut see: impl FnMut(&Listing),
    ) -> Result<Content> {
        let withdrawn = self.register().withdrawn(list)?;
        let mut content = self.gathered(list, protected, now, |gathering| {
            self.register().each_listing(list, |listing| {
                if withdrawn.contains(&listing.entry.identifier) {
                    return Ok(());
                }
                see(&listing);
                gathering
                    .take(listing)
                    .map_err(PublisherError::in_list(list))
            })
        })?;
        content.left_out.extend(withdrawn);
        Ok(content)
    }

    /// The same of these listings alone, which are sorted by identifier.
    ///
    /// # Errors
    /// [`PublisherError::List`], or a register that cannot be read.
    pub(crate) fn content_of(
        &self,
        list: &ListId,
        listings: &[Listing],
        protected: &[Identifier],
        now: Time,
    ) -> Result<Content> {
        let listings = self.not_withdrawn(list, listings)?.into_owned();
        let mut content = self.content_of_all(list, listings, protected, now)?;
        content.left_out.extend(self.register().withdrawn(list)?);
        Ok(content)
    }

    /// The listings without what was taken off after the backup that this register comes from: that stays off
    /// until somebody decides.
    pub(crate) fn not_withdrawn<'l>(
        &self,
        list: &ListId,
        listings: &'l [Listing],
    ) -> Result<Cow<'l, [Listing]>> {
        let withdrawn = self.register().withdrawn(list)?;
        if withdrawn.is_empty() {
            return Ok(Cow::Borrowed(listings));
        }
        let kept = listings.iter();
        let kept = kept.filter(|one| !withdrawn.contains(&one.entry.identifier));
        Ok(Cow::Owned(kept.cloned().collect()))
    }

    /// The same as if nothing was taken off after a backup: what the register itself says.
    ///
    /// # Errors
    /// [`PublisherError::List`], or a register that cannot be read.
    pub(crate) fn content_of_all(
        &self,
        list: &ListId,
        listings: Vec<Listing>,
        protected: &[Identifier],
        now: Time,
    ) -> Result<Content> {
        self.gathered(list, protected, now, |gathering| {
            let mut listings = listings.into_iter();
            listings.try_for_each(|listing| {
                gathering
                    .take(listing)
                    .map_err(PublisherError::in_list(list))
            })
        })
    }

    fn gathered(
        &self,
        list: &ListId,
        protected: &[Identifier],
        now: Time,
        fill: impl FnOnce(&mut Gathering<'_>) -> Result<()>,
    ) -> Result<Content> {
        let origins = self.register().origins()?;
        let mut gathering = Gathering::new(list, &origins, now);
        fill(&mut gathering)?;
        let kinds = Kinds::of(self.register().declared(list)?);
        gathering
            .finish(kinds, protected)
            .map_err(PublisherError::in_list(list))
    }

    /// What the last release said, in every epoch of it whose key there is.
    pub(super) fn published(&self, last: &LastRelease, list: &ListId) -> Published {
        let epochs = last.member_epochs(list).filter_map(|epoch| {
            let key = self.keys().list_key(epoch).ok()?;
            Some((epoch, (key, self.last_said(last, list, epoch)?)))
        });
        Published(epochs.collect())
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
        // A base that was signed ahead of time has no earlier stash.
        let base = base.filter(|base| base.header.issued <= plan.issued);
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

fn keyed<'b>(
    builds: &'b [Build],
    keys: &'b BTreeMap<u32, ListKey>,
) -> Result<Vec<(&'b Descriptor, &'b ListKey)>> {
    let keyed = builds.iter().map(|Build { descriptor, .. }| {
        let epoch = descriptor.header.epoch;
        let key = keys.get(&epoch).ok_or_else(|| PublisherError::OtherKey {
            list: descriptor.header.list.clone(),
            epoch,
        })?;
        Ok((descriptor, key))
    });
    keyed.collect()
}

/// Whether a published list is missing in an epoch. It goes along although nobody named it: left as it is, it
/// would have no files any more once the epoch before ends.
fn lacks_an_epoch(list: &ListId, from: &Ingredients<'_>) -> bool {
    let published: Vec<u32> = from.last.member_epochs(list).collect();
    !published.is_empty() && from.keys.keys().any(|epoch| !published.contains(epoch))
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
    /// What it says, for comparison with what the files answer.
    pub(crate) const fn content(&self) -> &Content {
        &self.guarded.content
    }

    /// Every edition and epoch.
    pub(crate) fn all(&self) -> impl Iterator<Item = EditionFiles<'_>> {
        let public = self.public.as_ref().map(|public| EditionFiles {
            descriptor: &public.descriptor,
            files: &public.files,
        });
        let keyed = self.builds.iter().chain(&self.compact);
        keyed.map(Build::edition).chain(public)
    }

    /// What was built of the member edition, each epoch with its key.
    pub(crate) fn member_releases<'b>(
        &'b self,
        keys: &'b BTreeMap<u32, ListKey>,
    ) -> Result<Vec<(&'b Descriptor, &'b ListKey)>> {
        keyed(&self.builds, keys)
    }

    /// The same of the compact edition, if there is one.
    pub(crate) fn compact_releases<'b>(
        &'b self,
        keys: &'b BTreeMap<u32, ListKey>,
    ) -> Result<Vec<(&'b Descriptor, &'b ListKey)>> {
        keyed(&self.compact, keys)
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
            listed: self.content().statements.len(),
            narrowed: self.content().narrowed,
            withheld: self.content().withheld,
            lapsed: self.content().lapsed,
            held: self.guarded.cells(),
            epochs: epochs.collect(),
            public: self.public.as_ref().map(PublicBuild::report),
            typologies: self.typologies_report.clone(),
        }
    }
}
