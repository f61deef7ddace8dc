//! Reading what is about to be published, as a gateway would.

use std::collections::BTreeMap;

use interdict_core::identifier::{Identifier, Relation};
use interdict_core::list::{
    BlockList, Descriptor, Files, ListId, Membership, Part, Record, RecordsMode, Scope,
};
use interdict_core::time::Time;
use interdict_core::token::ListKey;
use interdict_core::trust::{Client, Outcome, Source, Step, Target, TrustError};

use crate::build::Build;
use crate::error::{PublisherError, Result};
use crate::repository::{Directory, NewFile};

/// The repository as it will be: new files over what is published.
#[derive(Debug, Clone, Copy)]
pub(crate) struct View<'a> {
    pub(crate) directory: &'a Directory,
    pub(crate) new: &'a [NewFile],
}

/// The lists a gateway has after an update.
#[derive(Debug)]
pub(crate) struct Lists(BTreeMap<ListId, BlockList>);

impl View<'_> {
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>> {
        match self.new.iter().find(|file| file.path == path) {
            Some(file) => Ok(Some(file.bytes.clone())),
            None => self.directory.read(path),
        }
    }

    /// Updates a gateway that pins `root` and has what is published now, and loads every list.
    pub(crate) fn follow(&self, root: &[u8], now: Time) -> Result<Lists> {
        let mut client = Client::new(root)?;
        let before = View { new: &[], ..*self };
        // Whatever is wrong with the published files, this update is how to mend it; what they are
        // needed for is that no version goes back.
        let _ = before.update(&mut client, Source::Store, now)?;
        client.complete();
        self.update(&mut client, Source::Repository, now)??;
        let mut lists = BTreeMap::new();
        for (path, target) in client.targets() {
            let Some((list, ..)) = ListId::of_filter_path(path) else {
                continue;
            };
            lists.insert(list.clone(), self.load(&client, &list, path, target)?);
        }
        Ok(Lists(lists))
    }

    fn update(
        &self,
        client: &mut Client,
        source: Source,
        now: Time,
    ) -> Result<Result<(), TrustError>> {
        client.begin(source, now);
        while let Step::Fetch(request) = client.step() {
            let bytes = self.read(&request.path)?;
            let outcome = bytes.as_deref().map_or(Outcome::NotFound, Outcome::Bytes);
            if let Err(error) = client.supply(outcome) {
                return Ok(Err(error));
            }
        }
        Ok(Ok(()))
    }

    fn load(
        &self,
        client: &Client,
        list: &ListId,
        path: &str,
        filter: &Target,
    ) -> Result<BlockList> {
        let refused = |source| PublisherError::List {
            list: list.clone(),
            source,
        };
        let damaged = || PublisherError::Damaged(path.to_owned());
        let custom = filter.custom.as_ref().ok_or_else(damaged)?;
        let descriptor = Descriptor::from_custom(custom)
            .ok_or_else(damaged)?
            .map_err(refused)?;
        let mut files = BTreeMap::new();
        for (part, digest) in descriptor.parts() {
            let path = descriptor.header.part_path(part);
            let (_, target) = client
                .targets()
                .find(|(target, _)| *target == path)
                .ok_or_else(|| PublisherError::Damaged(path.clone()))?;
            let bytes = self.read(&target.path(&path, client.consistent_snapshot()))?;
            let bytes = bytes
                .filter(|bytes| {
                    target.verify(bytes).is_ok() && target.sha256 == Some(digest.sha256)
                })
                .ok_or(PublisherError::Damaged(path))?;
            files.insert(part.name(), bytes);
        }
        let filter = files.remove(Part::Filter.name()).ok_or_else(damaged)?;
        let files = Files {
            filter,
            records: files.remove(Part::Records.name()),
            stash: files.remove(Part::Stash.name()),
        };
        BlockList::load(&descriptor, files, RecordsMode::Whole).map_err(refused)
    }
}

impl Lists {
    /// Asks a new list for everything it was built from.
    pub(crate) fn check_answers(&self, build: &Build, key: &ListKey, now: Time) -> Result<()> {
        let list = build.list();
        let loaded = self
            .0
            .get(list)
            .ok_or_else(|| PublisherError::UnknownList(list.clone()))?;
        let wrong = build.expected.iter().filter(|(identifier, _)| {
            let found = match loaded.membership(identifier, Some(key), now) {
                Membership::Listed { record, .. } => Some(record),
                _ => None,
            };
            found.is_none() || found != expected(&build.expected, identifier)
        });
        match wrong.count() {
            0 => Ok(()),
            count => Err(PublisherError::WrongAnswers {
                list: list.clone(),
                count,
            }),
        }
    }

    /// Asks every list, whoever built it, for what must never be blocked.
    pub(crate) fn check_protected(
        &self,
        protected: &[Identifier],
        key: &ListKey,
        now: Time,
    ) -> Result<()> {
        for (id, list) in &self.0 {
            let listed = protected.iter().filter(|identifier| {
                let found = list.membership(identifier, Some(key), now);
                matches!(
                    found,
                    Membership::Listed { .. } | Membership::Candidate { .. }
                )
            });
            match listed.count() {
                0 => {}
                count => {
                    return Err(PublisherError::ProtectedListed {
                        list: id.clone(),
                        count,
                    });
                }
            }
        }
        Ok(())
    }
}

/// What a list should answer, worked out a second time without any list: the strongest statement on
/// the identifier or on a name above it that stands for its sub-domains.
fn expected(all: &BTreeMap<Identifier, Record>, identifier: &Identifier) -> Option<Record> {
    let mut best: Option<Record> = None;
    for look_up in identifier.look_ups() {
        let text = std::str::from_utf8(look_up.canonical).ok();
        let record = match look_up.relation {
            Relation::Itself => all.get(identifier),
            Relation::Parent => text
                .and_then(|name| Identifier::parse(identifier.kind(), name).ok())
                .and_then(|parent| all.get(&parent))
                .filter(|record| record.scope == Scope::Domain),
        };
        if let Some(record) = record
            && best.is_none_or(|best| record.strength() > best.strength())
        {
            best = Some(*record);
        }
    }
    best
}
