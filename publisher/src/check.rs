//! Reading what is about to be published, as a gateway would.

use std::collections::BTreeMap;

use interdict_core::common::time::Time;
use interdict_core::identifier::Identifier;
use interdict_core::list::{
    BlockList, Descriptor, Edition, Files, ListId, Membership, Part, Record, RecordsMode,
    read_records, read_stash,
};
use interdict_core::rules::Pack;
use interdict_core::token::{ListKey, Tag};
use interdict_core::trust::{Client, Outcome, Source, Step, Target, TrustError, Wanted};

use crate::content::{Content, Statement};
use crate::error::{PublisherError, Result};
use crate::public_build::PublicBuild;
use crate::repository::{Directory, NewFile};
use crate::typologies::{PackBuild, typologies_path};

/// The repository as it will be: new files over what is published.
#[derive(Debug, Clone, Copy)]
pub(crate) struct View<'a> {
    pub(crate) directory: &'a Directory,
    pub(crate) new: &'a [NewFile],
}

/// The lists a gateway has after an update.
#[derive(Debug)]
pub(crate) struct Lists {
    loaded: Vec<Loaded>,
    /// The packs of red flags, by target path.
    packs: BTreeMap<String, Vec<u8>>,
}

#[derive(Debug)]
struct Loaded {
    list: BlockList,
    descriptor: Descriptor,
    records: Option<Vec<u8>>,
    stash: Option<Vec<u8>>,
}

/// A member epoch and its key.
type Epoch<'k> = (&'k u32, &'k ListKey);

impl View<'_> {
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>> {
        match self.new.iter().find(|file| file.path == path) {
            Some(file) => Ok(Some(file.bytes.clone())),
            None => self.directory.read(path),
        }
    }

    /// What `interdict describe` prints as digest of a gateway that has what is published; `None`
    /// while no gateway could have it.
    pub(crate) fn state_digest(&self, root: &[u8], now: Time) -> Result<Option<[u8; 32]>> {
        let mut client = Client::new(root)?;
        // A store: what has expired since is still what gateways have.
        let verified = self.update(&mut client, Source::Store, now)?.is_ok();
        client.complete();
        let live = verified && client.versions().targets.is_some();
        Ok(live.then(|| client.state_digest()))
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
        let (mut loaded, mut packs) = (Vec::new(), BTreeMap::new());
        for (path, target) in client.targets() {
            if let Some((list, ..)) = ListId::of_filter_path(path) {
                loaded.push(self.load(&client, &list, path, target)?);
            } else if path.ends_with(".typologies.json") {
                packs.insert(path.to_owned(), self.pack(&client, path, target)?);
            }
        }
        Ok(Lists { loaded, packs })
    }

    fn pack(&self, client: &Client, path: &str, target: &Target) -> Result<Vec<u8>> {
        let bytes = self.read(&target.path(path, client.consistent_snapshot()))?;
        let bytes = bytes.filter(|bytes| target.verify(bytes).is_ok());
        let bytes = bytes.ok_or_else(|| PublisherError::Damaged(path.to_owned()))?;
        Pack::parse(&bytes).map_err(PublisherError::Typologies)?;
        Ok(bytes)
    }

    fn update(
        &self,
        client: &mut Client,
        source: Source,
        now: Time,
    ) -> Result<Result<(), TrustError>> {
        client.begin(source, now, Wanted::All);
        while let Step::Fetch(request) = client.step() {
            let bytes = self.read(&request.path)?;
            let outcome = bytes.as_deref().map_or(Outcome::NotFound, Outcome::Bytes);
            if let Err(error) = client.supply(outcome) {
                return Ok(Err(error));
            }
        }
        Ok(Ok(()))
    }

    fn load(&self, client: &Client, list: &ListId, path: &str, filter: &Target) -> Result<Loaded> {
        let refused = |source| PublisherError::List {
            list: list.clone(),
            source,
        };
        let damaged = || PublisherError::Damaged(path.to_owned());
        let custom = filter.custom.as_ref().ok_or_else(damaged)?;
        let descriptor = Descriptor::from_custom(custom)
            .ok_or_else(damaged)?
            .map_err(refused)?;
        if descriptor.header.part_path(Part::Filter) != path {
            return Err(damaged());
        }
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
        let (records, stash) = (files.records.clone(), files.stash.clone());
        let list = BlockList::load(&descriptor, files, RecordsMode::Whole).map_err(refused)?;
        Ok(Loaded {
            list,
            descriptor,
            records,
            stash,
        })
    }
}

impl Lists {
    fn release(&self, list: &ListId, edition: Edition, epoch: u32) -> Result<&Loaded> {
        self.loaded
            .iter()
            .find(|loaded| {
                let header = &loaded.descriptor.header;
                (&header.list, header.edition, header.epoch) == (list, edition, epoch)
            })
            .ok_or_else(|| PublisherError::UnknownList(list.clone()))
    }

    fn members(&self) -> impl Iterator<Item = &Loaded> {
        let edition = |loaded: &&Loaded| loaded.descriptor.header.edition;
        self.loaded
            .iter()
            .filter(move |loaded| edition(loaded) == Edition::Member)
    }

    /// Compares all that a new list says, tag by tag, with what it should say: nothing is left in
    /// it that has no name any more.
    pub(crate) fn check_says(
        &self,
        list: &ListId,
        (epoch, key): Epoch<'_>,
        content: &Content,
        now: Time,
    ) -> Result<()> {
        let mut says = self.release(list, Edition::Member, *epoch)?.says(list)?;
        let mut count = 0_usize;
        for (identifier, statement) in &content.statements {
            let tag = key.token(identifier.kind(), identifier.canonical()).tag();
            if says.remove(&tag).as_ref() != Some(statement) {
                count = count.saturating_add(1);
            }
        }
        let left = says.values().filter(|left| !left.record.lapsed(now));
        wrong(list, count.saturating_add(left.count()))
    }

    /// Asks a new list for everything it was built from, and for what it must no longer list.
    pub(crate) fn check_answers(
        &self,
        list: &ListId,
        (epoch, key): Epoch<'_>,
        content: &Content,
        delisted: &[Identifier],
        now: Time,
    ) -> Result<()> {
        let loaded = self.release(list, Edition::Member, *epoch)?;
        let listed = content.statements.keys();
        let asked = listed.chain(&content.left_out).chain(delisted);
        let differing = asked.filter(|identifier| {
            let expected = content.answer(identifier);
            match loaded.list.membership(identifier, Some(key), now) {
                Membership::Listed { record, source, .. } => {
                    Some(&statement(record, source)) != expected
                }
                Membership::Absent | Membership::Lapsed(_) => expected.is_some(),
                Membership::Candidate { .. } | Membership::NotCovered | Membership::NoKey => true,
            }
        });
        wrong(list, differing.count())
    }

    /// Asks a new public list for everything it was built from, and compares its constants with
    /// those of its epoch.
    pub(crate) fn check_public(
        &self,
        list: &ListId,
        public: &PublicBuild,
        now: Time,
    ) -> Result<()> {
        let epoch = &public.epoch;
        let loaded = self.release(list, Edition::Public, epoch.number)?;
        let header = &loaded.descriptor.header;
        if (header.rate, header.entries) != (epoch.rate, epoch.capacity) {
            return Err(PublisherError::RegisterContent);
        }
        let missing = public.names.iter().filter(|name| {
            let found = loaded.list.membership(name, Some(&public.key), now);
            !matches!(found, Membership::Candidate { .. })
        });
        wrong(list, missing.count())
    }

    /// Compares the pack of red flags beside a new list with the one it should have, if any.
    pub(crate) fn check_typologies(&self, list: &ListId, build: Option<&PackBuild>) -> Result<()> {
        let path = typologies_path(list);
        if self.packs.get(&path) == build.map(|pack| &pack.bytes) {
            return Ok(());
        }
        Err(PublisherError::Damaged(path))
    }

    /// Asks every member list, whoever built it, for what must never be blocked.
    pub(crate) fn check_protected(
        &self,
        protected: &[Identifier],
        keys: &BTreeMap<u32, ListKey>,
        now: Time,
    ) -> Result<()> {
        for loaded in self.members() {
            let header = &loaded.descriptor.header;
            // Without its key a list could not be asked, and would pass.
            let key = keys
                .get(&header.epoch)
                .filter(|key| key.id() == header.key_id);
            let key = key.ok_or_else(|| PublisherError::OtherKey {
                list: header.list.clone(),
                epoch: header.epoch,
            })?;
            let listed = protected.iter().filter(|identifier| {
                let found = loaded.list.membership(identifier, Some(key), now);
                matches!(
                    found,
                    Membership::Listed { .. } | Membership::Candidate { .. }
                )
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

impl Loaded {
    /// The records of the base with the stash over them.
    fn says(&self, list: &ListId) -> Result<BTreeMap<Tag, Statement>> {
        let refused = |source| PublisherError::List {
            list: list.clone(),
            source,
        };
        let mut says = BTreeMap::new();
        if let Some(records) = &self.records {
            let header = self.descriptor.part_header(Part::Records);
            let base = read_records(&header, records.clone()).map_err(refused)?;
            for (tag, record) in base.records {
                says.insert(tag, named(record, &base.sources));
            }
        }
        if let Some(stash) = &self.stash {
            let header = &self.descriptor.header;
            let stash = read_stash(header, stash.clone()).map_err(refused)?;
            for (tag, record) in stash.changes {
                match record {
                    Some(record) => says.insert(tag, named(record, &stash.sources)),
                    None => says.remove(&tag),
                };
            }
        }
        Ok(says)
    }
}

fn named(record: Record, sources: &[String]) -> Statement {
    let source = sources.get(usize::from(record.source));
    statement(record, source.map_or("", String::as_str))
}

fn statement(record: Record, source: &str) -> Statement {
    Statement {
        record: Record {
            source: 0,
            ..record
        },
        source: source.to_owned(),
    }
}

fn wrong(list: &ListId, count: usize) -> Result<()> {
    match count {
        0 => Ok(()),
        count => Err(PublisherError::WrongAnswers {
            list: list.clone(),
            count,
        }),
    }
}
