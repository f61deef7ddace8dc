use std::collections::BTreeMap;

use interdict_core::common::time::Time;
use interdict_core::list::ListId;
use interdict_core::token::ListKey;

use super::build::{Build, Content, EditionFiles, Plan};
use super::check::Stock;
use super::last_release::LastRelease;
use super::options::{EmptyLists, NewBase, ReleaseOptions};
use super::report::{EpochReport, ListReport};
use super::typologies::{TypologiesReport, pack_file};
use crate::directory::NewFile;
use crate::error::{PublisherError, Result};
use crate::public::{PublicBuild, choose};
use crate::publisher::Publisher;
use crate::register::{Epoch, PublishedPack};

/// One list, ready to be signed.
#[derive(Debug)]
pub(crate) struct ListBuild {
    pub(crate) list: ListId,
    pub(crate) sequence: u64,
    /// What it says, for comparison with what the files answer.
    pub(crate) content: Content,
    /// By member epoch.
    pub(crate) builds: Vec<Build>,
    pub(crate) public: Option<PublicBuild>,
    pub(crate) typologies: Option<PublishedPack>,
    typologies_report: Option<TypologiesReport>,
}

impl Publisher {
    pub(crate) fn build_lists(
        &self,
        now: Time,
        options: &ReleaseOptions,
        last: &LastRelease,
        keys: &BTreeMap<u32, ListKey>,
    ) -> Result<Vec<ListBuild>> {
        let decoys = self.keys().decoys()?;
        let protected = self.register().protected()?;
        let mut lists = Vec::new();
        let named = self.named_lists(&options.lists)?;
        if options.entries.is_some() && named.len() != 1 {
            return Err(PublisherError::WhichList);
        }
        for list in named {
            let listings = self.register().listings(&list)?;
            let content = Content::of(&listings, now);
            if content.statements.is_empty() && options.empty == EmptyLists::Refuse {
                return Err(PublisherError::EmptyList(list));
            }
            let stock = Stock {
                list: &list,
                listings: &listings,
                content: &content,
            };
            self.check_loss(stock, last, keys, options.entries, now)?;
            let sequence = self.register().sequence(&list)?.saturating_add(1);
            let mut builds = Vec::new();
            for (epoch, key) in keys {
                let plan = Plan {
                    list: &list,
                    epoch: *epoch,
                    sequence,
                    issued: now,
                    rate: options.rate,
                    key,
                    decoys: &decoys,
                };
                let base = match options.base {
                    NewBase::WhenDue => self.base(last, &list, *epoch)?,
                    NewBase::Always => None,
                };
                let stash = match base {
                    Some(base) => plan.stash(&base, &content)?,
                    None => None,
                };
                builds.push(stash.map_or_else(|| plan.base(&content), Ok)?);
            }
            let disclosed = choose(&listings, now);
            let public = self.public_build(&list, sequence, now, &disclosed, &protected)?;
            let typologies = self.typologies_build(&list)?;
            let report = self.typologies_report(last, &list, typologies.as_ref())?;
            lists.push(ListBuild {
                list,
                sequence,
                content,
                builds,
                public,
                typologies,
                typologies_report: report,
            });
        }
        Ok(lists)
    }

    /// The keys of the epochs that are published.
    pub(crate) fn live_keys(&self) -> Result<BTreeMap<u32, ListKey>> {
        let epochs = self.live_epochs()?;
        let keys = epochs.iter().map(|Epoch { number, .. }| {
            let key = self.keys().list_key(*number)?;
            Ok((*number, key))
        });
        keys.collect()
    }
}

impl ListBuild {
    /// Every edition and epoch.
    pub(crate) fn all(&self) -> impl Iterator<Item = EditionFiles<'_>> {
        let public = self.public.as_ref().map(|public| EditionFiles {
            descriptor: &public.descriptor,
            files: &public.files,
        });
        self.builds.iter().map(Build::edition).chain(public)
    }

    pub(crate) fn typologies_file(&self) -> Option<NewFile> {
        Some(pack_file(self.typologies.as_ref()?, &self.list))
    }

    pub(crate) fn report(&self) -> ListReport {
        let epochs = self.builds.iter().map(|build| EpochReport {
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
