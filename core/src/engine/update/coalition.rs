use crate::common::hex;
use crate::common::time::Time;
use crate::error::{EngineError, Error};
use crate::list::{BlockList, Descriptor, Edition, Header, ListError, ListId, Part, RecordsMode};
use crate::policy::Policy;
use crate::token::{KeyId, ListKey};
use crate::trust::{Client, Freshness, Kept, Outcome, Source, Step, Target, Wanted};

use super::release::{
    Delivery, Fetch, Incoming, PageWalk, Progress, page_name, part_name, target_fetch,
};
use crate::engine::score::{IncomingPack, LivePack};

/// One coalition: its trust, its keys, and the releases in place. Joins the trust room, which knows
/// only lengths and hashes, with the list room, which knows nothing of signatures.
#[derive(Debug)]
pub(crate) struct Coalition {
    pub(crate) name: String,
    pub(crate) client: Client,
    pub(crate) keys: Vec<ListKey>,
    /// Of one list there is a release for each epoch that is published.
    pub(crate) lists: Vec<Live>,
    /// Packs of typologies, at most one beside a list.
    pub(crate) packs: Vec<LivePack>,
    /// Digest of the metadata in use, hexadecimal.
    pub(crate) metadata_digest: String,
    pinned_root: u32,
    choice: Choice,
    walk: Walk,
    completed: Completed,
}

/// Which of a coalition's releases this gateway takes, and how.
#[derive(Debug, Clone)]
pub(crate) struct Choice {
    /// Lists that must be there; `None` takes all the coalition publishes.
    pub(crate) lists: Option<Vec<ListId>>,
    pub(crate) edition: Edition,
    pub(crate) records: RecordsMode,
    /// Keys that will be at hand: of each list the newest epoch with one of them is taken alone, or
    /// the newest if there is none. `None` takes every epoch.
    pub(crate) key_ids: Option<Vec<KeyId>>,
}

/// A release in place.
#[derive(Debug)]
pub(crate) struct Live {
    pub(crate) descriptor: Descriptor,
    pub(crate) list: BlockList,
    /// The target path that carries its descriptor.
    pub(crate) path: String,
    /// The newest epoch its list is published for.
    pub(crate) newest_epoch: u32,
}

/// What the host is asked for.
#[derive(Debug)]
enum Walk {
    None,
    Update {
        source: Source,
        /// What is to come, once the metadata is verified.
        coming: Option<Coming>,
    },
    Page(PageWalk),
    /// One signed file, and the delegated roles on the way to it.
    Target(Source),
}

/// What an update brings besides metadata.
#[derive(Debug, Default)]
struct Coming {
    releases: Vec<Incoming>,
    packs: Vec<IncomingPack>,
}

/// What the last walk ended with, until the next begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Completed {
    No,
    /// Everything verified and in place.
    Update,
    /// The file that was asked for.
    Target,
}

impl Coalition {
    pub(crate) fn new(
        name: String,
        pinned_root: &[u8],
        choice: Choice,
        newest_time: Option<Time>,
    ) -> Result<Self, Error> {
        let mut client = Client::new(pinned_root)?;
        client.set_newest_time(newest_time);
        Ok(Self {
            name,
            pinned_root: client.versions().root,
            metadata_digest: hex::text(&client.metadata_digest()),
            client,
            keys: Vec::new(),
            lists: Vec::new(),
            packs: Vec::new(),
            choice,
            walk: Walk::None,
            completed: Completed::No,
        })
    }

    /// Starts an update, whatever came of the last one.
    pub(crate) fn begin(&mut self, source: Source, now: Time) {
        self.client.begin(source, now, self.choice.wanted());
        self.walk = Walk::Update {
            source,
            coming: None,
        };
        self.completed = Completed::No;
    }

    /// Asks for one page of a list's records, whatever came of an update under way.
    pub(crate) fn begin_page(
        &mut self,
        list: &ListId,
        epoch: u32,
        page: u32,
    ) -> Result<(), EngineError> {
        let live = self.live(list, epoch).ok_or(EngineError::NoSuchPage)?;
        let walk = PageWalk::new(live, page, &self.client).ok_or(EngineError::NoSuchPage)?;
        self.abort();
        self.walk = Walk::Page(walk);
        self.completed = Completed::No;
        Ok(())
    }

    /// Asks for one signed file, whatever came of an update under way.
    pub(crate) fn begin_target(
        &mut self,
        source: Source,
        now: Time,
        path: &str,
    ) -> Result<(), Error> {
        self.abort();
        self.completed = Completed::No;
        self.client.begin_target(source, now, path)?;
        self.walk = Walk::Target(source);
        Ok(())
    }

    pub(crate) fn progress(&self, keep: Option<bool>) -> Progress {
        let files = match self.completed {
            Completed::Update => self.state_files(),
            Completed::Target | Completed::No => Vec::new(),
        };
        Progress {
            coalition: self.name.clone(),
            keep,
            fetch: self.next(),
            completed: self.completed != Completed::No,
            files,
        }
    }

    fn next(&self) -> Option<Fetch> {
        if let Walk::Page(walk) = &self.walk {
            return Some(walk.fetch.clone());
        }
        match self.client.step() {
            Step::Fetch(request) => Some(Fetch {
                name: request.name,
                path: request.path,
                max_size: request.max_size,
                range: None,
            }),
            Step::Targets if matches!(self.walk, Walk::Target(_)) => target_fetch(&self.client),
            Step::Targets => self.coming()?.next().cloned(),
            Step::Idle => None,
        }
    }

    fn coming(&self) -> Option<&Coming> {
        match &self.walk {
            Walk::Update { coming, .. } => coming.as_ref(),
            Walk::Page(_) | Walk::Target(_) | Walk::None => None,
        }
    }

    fn abort(&mut self) {
        self.client.abort();
        self.walk = Walk::None;
    }

    /// Takes the file that was asked for. An error ends the update and leaves the releases in place
    /// as they are; the next `begin` starts afresh.
    pub(crate) fn supply(&mut self, name: &str, delivery: Delivery) -> Result<Progress, Error> {
        let expected = self.next().ok_or(EngineError::NoUpdate)?;
        if expected.name != name {
            return Err(EngineError::OtherFile.into());
        }
        let keep = self.take(delivery);
        self.metadata_digest = hex::text(&self.client.metadata_digest());
        match keep.and_then(|keep| self.settle().map(|()| keep)) {
            Ok(keep) => Ok(self.progress(Some(keep))),
            Err(error) => {
                self.abort();
                Err(error)
            }
        }
    }

    fn take(&mut self, delivery: Delivery) -> Result<bool, Error> {
        match core::mem::replace(&mut self.walk, Walk::None) {
            Walk::Page(walk) => {
                let live = self.lists.iter_mut().find(|live| walk.is_of(live));
                let live = live.ok_or(EngineError::NoSuchPage)?;
                live.list.supply_page(walk.page, delivery.bytes()?)?;
                Ok(true)
            }
            Walk::Update { source, coming } if self.client.step() == Step::Targets => {
                self.take_part(source, coming.unwrap_or_default(), delivery)
            }
            Walk::Target(source) if self.client.step() == Step::Targets => {
                self.take_target(source, delivery)
            }
            walk => {
                self.walk = walk;
                let outcome = match &delivery {
                    Delivery::Bytes(bytes) => Outcome::Bytes(bytes),
                    Delivery::NotFound => Outcome::NotFound,
                    Delivery::Failed => Outcome::Failed,
                };
                Ok(self.client.supply(outcome)? == Kept::Yes)
            }
        }
    }

    fn take_target(&mut self, source: Source, delivery: Delivery) -> Result<bool, Error> {
        // As in an update, the host's own files may end here.
        if matches!((&delivery, source), (Delivery::NotFound, Source::Store)) {
            self.abort();
            return Ok(false);
        }
        let (_, target) = self.client.targets().next().ok_or(EngineError::NoUpdate)?;
        target.verify(&delivery.bytes()?)?;
        self.client.complete();
        self.completed = Completed::Target;
        Ok(true)
    }

    fn take_part(
        &mut self,
        source: Source,
        mut coming: Coming,
        delivery: Delivery,
    ) -> Result<bool, Error> {
        // The host's own files end here: an update it had begun and not finished.
        if matches!((&delivery, source), (Delivery::NotFound, Source::Store)) {
            self.abort();
            return Ok(false);
        }
        coming.take(delivery.bytes()?)?;
        self.walk = Walk::Update {
            source,
            coming: Some(coming),
        };
        Ok(true)
    }

    /// After each file: reads the releases once the metadata is verified, and puts them in place,
    /// all or none, once every file is there.
    fn settle(&mut self) -> Result<(), Error> {
        let Walk::Update { source, coming } = &self.walk else {
            return Ok(());
        };
        if self.client.step() != Step::Targets {
            return Ok(());
        }
        if coming.is_none() {
            let source = *source;
            let coming = Some(Coming {
                releases: self.releases(source)?,
                packs: self.incoming_packs()?,
            });
            self.walk = Walk::Update { source, coming };
        }
        if self.next().is_some() {
            return Ok(());
        }
        let Walk::Update { coming, .. } = core::mem::replace(&mut self.walk, Walk::None) else {
            return Ok(());
        };
        let Coming { releases, packs } = coming.unwrap_or_default();
        let loaded = releases
            .into_iter()
            .map(|release| release.load(&self.lists, self.choice.records))
            .collect::<Result<Vec<_>, _>>()?;
        // From here on nothing can fail.
        self.lists = loaded;
        self.packs = packs.into_iter().filter_map(IncomingPack::load).collect();
        self.client.complete();
        self.metadata_digest = hex::text(&self.client.metadata_digest());
        self.completed = Completed::Update;
        Ok(())
    }

    /// The releases the verified targets name, with the files that are not in place yet.
    fn releases(&self, source: Source) -> Result<Vec<Incoming>, Error> {
        let mut descriptors = Vec::new();
        for (path, target) in self.client.targets() {
            descriptors.extend(self.choice.descriptor(path, target)?);
        }
        let epochs: Vec<_> = descriptors
            .iter()
            .map(|release| (release.header.list.clone(), release.header.epoch))
            .collect();
        self.choice.retain_epochs(&mut descriptors);
        let published = |list: &ListId| {
            descriptors
                .iter()
                .any(|release| release.header.list == *list)
        };
        // A replay takes what was saved: a list enrolled since shows as missing in each verdict.
        let wanted = self.choice.lists.iter().flatten();
        if source == Source::Repository && !wanted.into_iter().all(published) {
            return Err(EngineError::ListMissing.into());
        }
        descriptors
            .into_iter()
            .map(|descriptor| {
                let header = &descriptor.header;
                let live = self.live(&header.list, header.epoch);
                let rollback = live.is_some_and(|live| {
                    let in_place = live.descriptor.header.sequence;
                    live.descriptor != descriptor && header.sequence <= in_place
                });
                if rollback {
                    return Err(EngineError::ListRollback.into());
                }
                let own = epochs.iter().filter(|(list, _)| *list == header.list);
                let newest_epoch = own.map(|(_, epoch)| *epoch).max().unwrap_or(header.epoch);
                let mode = self.choice.records;
                Incoming::new(descriptor, newest_epoch, live, &self.client, mode)
            })
            .collect()
    }

    /// The packs beside the lists that the gateway takes. A public edition is a filter and nothing
    /// else.
    fn incoming_packs(&self) -> Result<Vec<IncomingPack>, Error> {
        let mut packs = Vec::new();
        if self.choice.edition == Edition::Public {
            return Ok(packs);
        }
        for (path, target) in self.client.targets() {
            let pack = IncomingPack::of(path, target, &self.packs, &self.client)?;
            packs.extend(pack.filter(|pack| self.choice.takes(&pack.list)));
        }
        Ok(packs)
    }

    fn state_files(&self) -> Vec<String> {
        let versions = self.client.versions();
        let roots = (self.pinned_root..versions.root)
            .map(|version| format!("{}.root.json", version.saturating_add(1)));
        let metadata = self
            .client
            .metadata()
            .into_iter()
            .skip(1)
            .map(|file| file.stored);
        let parts = self.lists.iter().flat_map(|live| {
            let parts = live.descriptor.parts();
            let names = parts
                .map(|(part, _)| part_name(&live.descriptor.header, part, self.choice.records));
            let pages = live.list.loaded_pages();
            names.chain(pages.map(|page| page_name(live.list.header(), &page)))
        });
        let packs = self.packs.iter().map(LivePack::stored);
        roots.chain(metadata).chain(parts).chain(packs).collect()
    }

    /// The release of each list that answers, with its key: the newest epoch with a key, or the
    /// newest if there is no key at all.
    pub(crate) fn answering(&self) -> impl Iterator<Item = (&Live, Option<&ListKey>)> {
        let rank = |live: &Live| (self.key(live).is_some(), live.descriptor.header.epoch);
        let answers = move |live: &&Live| {
            let list = &live.descriptor.header.list;
            let mut others = self.lists.iter();
            !others.any(|other| other.descriptor.header.list == *list && rank(other) > rank(live))
        };
        let answering = self.lists.iter().filter(answers);
        answering.map(|live| (live, self.key(live)))
    }

    fn live(&self, list: &ListId, epoch: u32) -> Option<&Live> {
        let header = |live: &Live| {
            (
                live.descriptor.header.list == *list,
                live.descriptor.header.epoch,
            )
        };
        self.lists.iter().find(|live| header(live) == (true, epoch))
    }

    /// Lists this gateway counts on that are not in place.
    pub(crate) fn missing_lists(&self) -> impl Iterator<Item = &ListId> {
        let in_place = |list: &ListId| {
            self.lists
                .iter()
                .any(|live| live.descriptor.header.list == *list)
        };
        self.choice
            .lists
            .iter()
            .flatten()
            .filter(move |list| !in_place(list))
    }

    /// How far a release can be relied on: its metadata's freshness, or `Expired` beyond the
    /// policy's maximum age.
    pub(crate) fn freshness(&self, live: &Live, policy: &Policy, now: Time) -> Freshness {
        let signed = self.client.freshness(&live.path, now);
        let signed = signed.unwrap_or(Freshness::Untrusted);
        let aged = now >= max_age_end(live, policy);
        if aged {
            signed.max(Freshness::Expired)
        } else {
            signed
        }
    }

    /// Whether a release may still lead to more than `review`.
    pub(crate) fn has_full_effect(&self, live: &Live, policy: &Policy, now: Time) -> bool {
        match self.freshness(live, policy, now) {
            Freshness::Fresh | Freshness::Stale => true,
            Freshness::Untrusted => false,
            Freshness::Expired => {
                let end = self.client.target_expires(&live.path);
                let end = end.map_or(Time::from_seconds(0), |end| {
                    end.min(max_age_end(live, policy))
                });
                now.since(end) < days(policy.expired_grace_days)
            }
        }
    }

    /// The key a release's tags were made with.
    pub(crate) fn key(&self, live: &Live) -> Option<&ListKey> {
        self.keys
            .iter()
            .find(|key| key.id() == live.descriptor.header.key_id)
    }
}

impl Live {
    /// Whether this is a release of the same list and epoch.
    pub(crate) fn is_release_of(&self, header: &Header) -> bool {
        let own = &self.descriptor.header;
        own.list == header.list && own.epoch == header.epoch
    }
}

impl Coming {
    fn next(&self) -> Option<&Fetch> {
        let releases = self.releases.iter().find_map(Incoming::next);
        releases.or_else(|| self.packs.iter().find_map(IncomingPack::next))
    }

    /// Takes the file that [`Coming::next`] names.
    fn take(&mut self, bytes: Vec<u8>) -> Result<(), Error> {
        if let Some(file) = self.releases.iter_mut().find_map(Incoming::missing) {
            return file.take(bytes);
        }
        let mut packs = self.packs.iter_mut();
        let pack = packs.find(|pack| pack.next().is_some());
        pack.ok_or(EngineError::NoUpdate)?.take(&bytes)
    }
}

impl Choice {
    fn takes(&self, list: &ListId) -> bool {
        let lists = self.lists.as_ref();
        lists.is_none_or(|lists| lists.contains(list))
    }

    /// The target paths that can hold one of its lists.
    fn wanted(&self) -> Wanted {
        let path = |list: &ListId| format!("{}.", list.as_str());
        match &self.lists {
            Some(lists) => Wanted::Under(lists.iter().map(path).collect()),
            None => Wanted::All,
        }
    }

    /// The release a target describes, if it is one this gateway takes.
    fn descriptor(&self, path: &str, target: &Target) -> Result<Option<Descriptor>, ListError> {
        let Some((list, edition, _)) = ListId::of_filter_path(path) else {
            return Ok(None);
        };
        let wanted = self.takes(&list);
        let Some(custom) = target
            .custom
            .as_ref()
            .filter(|_| wanted && edition == self.edition)
        else {
            return Ok(None);
        };
        let descriptor = Descriptor::from_custom(custom).transpose()?;
        let elsewhere = |descriptor: &Descriptor| descriptor.header.part_path(Part::Filter) != path;
        if descriptor.as_ref().is_some_and(elsewhere) {
            return Err(ListError::ListId);
        }
        Ok(descriptor)
    }

    /// Drops the epochs that another one of the same list makes superfluous.
    fn retain_epochs(&self, releases: &mut Vec<Descriptor>) {
        let Some(key_ids) = &self.key_ids else {
            return;
        };
        let ranks: Vec<_> = releases
            .iter()
            .map(|Descriptor { header, .. }| {
                let rank = (key_ids.contains(&header.key_id), header.epoch);
                (header.list.clone(), rank)
            })
            .collect();
        let mut own = ranks.iter();
        releases.retain(|_| {
            own.next().is_some_and(|(list, rank)| {
                let better = |(other, other_rank): &(ListId, _)| other == list && other_rank > rank;
                !ranks.iter().any(better)
            })
        });
    }
}

fn max_age_end(live: &Live, policy: &Policy) -> Time {
    live.descriptor
        .header
        .issued
        .plus(days(policy.list_max_age_days))
}

fn days(count: u16) -> u32 {
    u32::from(count).saturating_mul(86_400)
}
