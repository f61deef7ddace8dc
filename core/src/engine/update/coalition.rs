use alloc::borrow::ToOwned as _;
use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use crate::common::hex;
use crate::common::time::Time;
use crate::engine::doubt::Doubt;
use crate::engine::error::{EngineError, Error};
use crate::engine::history::{AtLeast, History, Sequences};
use crate::list::{Descriptor, ListId, is_name};
use crate::token::ListKey;
use crate::trust::{Client, Floor, Kept, Outcome, Source, Step};

use super::choice::Choice;
use super::fetch::{Fetch, part_name, target_fetch};
use super::live_release::LiveRelease;
use super::pack::{LivePack, PendingPack};
use super::pending_release::WholeRelease;
use super::pending_update::{PendingUpdate, VerifiedTargets};
use super::progress::{Delivery, WalkProgress};
use super::sealed_key::SealedKey;

/// One coalition: its TUF client, its ListKeys and its live releases. It joins `trust`, which knows
/// only lengths and hashes, with `list`, which knows nothing about signatures.
#[derive(Debug)]
pub struct Coalition {
    pub(crate) name: String,
    pub(crate) client: Client,
    /// Those of the enrolment.
    enrolled_keys: Vec<ListKey>,
    /// Those given since.
    given_keys: Vec<ListKey>,
    /// A list has one live release for each epoch that is loaded.
    pub(crate) lists: Vec<LiveRelease>,
    /// Releases that are verified and not live: the host has files that it did not hand over.
    saved: Vec<Descriptor>,
    /// Live packs of typologies, at most one for each list.
    pub(crate) packs: Vec<LivePack>,
    /// The sealed keys of the newest targets, verified.
    pub(crate) sealed_keys: Vec<SealedKey>,
    /// Digest of the metadata in use, hexadecimal.
    pub(crate) metadata_digest: String,
    pinned_root: u32,
    choice: Choice,
    /// When the last completed poll of the repository began.
    polled: Option<Time>,
    /// The highest sequences that were seen before.
    seen: Sequences,
    /// The newest versions whose files the host was told to keep. A refused file is not among them: after a
    /// restart it would be missed.
    kept: Floor,
    /// The lowest sequences that the gateway's own configuration accepts.
    at_least: Sequences,
    /// Whether the gateway came with a history of a completed poll.
    has_history: bool,
    /// Whether its own configuration says what must be reached.
    has_floor: bool,
    /// Whether the newest targets have none of the configured lists any more.
    lists_gone: bool,
    /// When the walk under way began, by the host's clock.
    began: Option<Time>,
    walk: CurrentWalk,
    completed: CompletedWalk,
}

/// The walk under way, which decides which file the host is asked for.
#[derive(Debug)]
enum CurrentWalk {
    /// No walk is under way.
    None,
    /// The first half of an update: its metadata.
    Metadata(Source),
    /// The second half of an update: the files that its verified metadata names.
    Parts {
        source: Source,
        pending: PendingUpdate,
    },
    /// One signed file, with the delegated roles that lead to it.
    Target(Source),
}

/// Which walk completed last, until the next one begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum CompletedWalk {
    None,
    /// An update: everything is verified and live.
    Update,
    /// A walk to one signed file, which is verified.
    Target,
}

impl Coalition {
    /// Makes a coalition with nothing loaded. `pinned_root` is the bytes of the `root.json` from
    /// the gateway's enrolment. `history` is what the host saved of it; `None` starts without.
    ///
    /// # Errors
    /// [`Error::Trust`] if the root fails verification, [`EngineError::CoalitionName`] if the name
    /// is not of the required form.
    pub fn new(
        name: &str,
        pinned_root: &[u8],
        choice: Choice,
        history: Option<History>,
    ) -> Result<Self, Error> {
        if !is_name(name) {
            return Err(EngineError::CoalitionName.into());
        }
        let mut client = Client::new(pinned_root)?;
        let (mut polled, mut seen, mut floor) = (None, Sequences::default(), Floor::default());
        if let Some(history) = history {
            client.set_newest_time(history.verified);
            (polled, seen, floor) = (history.polled, history.lists, history.versions);
        }
        client.set_floors(vec![floor, Floor::default()]);
        let has_history = polled.is_some();
        Ok(Self {
            name: name.to_owned(),
            pinned_root: client.versions().root,
            kept: client.newest(),
            metadata_digest: hex::text(&client.metadata_digest()),
            client,
            enrolled_keys: Vec::new(),
            given_keys: Vec::new(),
            lists: Vec::new(),
            saved: Vec::new(),
            packs: Vec::new(),
            sealed_keys: Vec::new(),
            choice,
            polled,
            seen,
            at_least: Sequences::default(),
            has_history,
            has_floor: false,
            lists_gone: false,
            began: None,
            walk: CurrentWalk::None,
            completed: CompletedWalk::None,
        })
    }

    /// Adds the ListKeys of the enrolment.
    #[must_use]
    pub fn with_keys(mut self, keys: Vec<ListKey>) -> Self {
        self.enrolled_keys = keys;
        self
    }

    /// Adds what the gateway's own configuration says must be reached.
    #[must_use]
    pub fn with_at_least(mut self, at_least: AtLeast) -> Self {
        let mut floors = self.client.floors().to_vec();
        floors.truncate(1);
        floors.push(at_least.versions);
        self.client.set_floors(floors);
        self.has_floor = at_least != AtLeast::default();
        self.at_least = at_least.lists;
        self
    }

    /// Says that the host keeps no history between its starts: the one it gives is of this run alone.
    #[must_use]
    pub const fn without_kept_history(mut self) -> Self {
        self.has_history = false;
        self
    }

    /// The coalition's name in this gateway.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Begins an update. A walk that has not ended is dropped.
    pub(crate) fn begin(&mut self, source: Source, now: Time) {
        self.client.begin(source, now, self.choice.wanted());
        self.began = Some(now);
        self.walk = CurrentWalk::Metadata(source);
        self.completed = CompletedWalk::None;
    }

    /// Begins a walk for one signed file. A walk that has not ended is dropped.
    pub(crate) fn begin_target(
        &mut self,
        source: Source,
        now: Time,
        path: &str,
    ) -> Result<(), Error> {
        self.abort();
        self.completed = CompletedWalk::None;
        self.client.begin_target(source, now, path)?;
        self.walk = CurrentWalk::Target(source);
        Ok(())
    }

    /// Reports the progress of the walk. `keep` says whether the host must save the file just
    /// supplied.
    pub(crate) fn progress(&self, keep: Option<bool>) -> WalkProgress {
        let files = match self.completed {
            CompletedWalk::Update => self.state_files(),
            CompletedWalk::Target | CompletedWalk::None => Vec::new(),
        };
        WalkProgress {
            coalition: self.name.clone(),
            keep,
            fetch: self.next(),
            completed: self.completed != CompletedWalk::None,
            files,
        }
    }

    fn next(&self) -> Option<Fetch> {
        match (self.client.step(), &self.walk) {
            (Step::Fetch(request), _) => Some(Fetch {
                name: request.name,
                path: request.path,
                max_size: request.max_size,
            }),
            (Step::Targets, CurrentWalk::Target(_)) => target_fetch(&self.client),
            (Step::Targets, CurrentWalk::Parts { pending, .. }) => pending.next().cloned(),
            (Step::Targets | Step::Idle, _) => None,
        }
    }

    fn abort(&mut self) {
        self.client.abort();
        self.walk = CurrentWalk::None;
    }

    /// Takes the file that the walk asked for. An error ends the walk and leaves the live releases
    /// unchanged; the next `begin` starts from the beginning.
    pub(crate) fn supply(&mut self, name: &str, delivery: Delivery) -> Result<WalkProgress, Error> {
        let expected = self.next().ok_or(EngineError::NoUpdate)?;
        if expected.name != name {
            return Err(EngineError::OtherFile.into());
        }
        let keep = self.take(delivery);
        self.metadata_digest = hex::text(&self.client.metadata_digest());
        match keep.and_then(|keep| self.settle().map(|()| keep)) {
            Ok(keep) => {
                self.kept = self.client.newest();
                Ok(self.progress(Some(keep)))
            }
            Err(error) => {
                self.abort();
                Err(error)
            }
        }
    }

    /// Hands the file to the walk. Returns whether the host must save the file.
    fn take(&mut self, delivery: Delivery) -> Result<bool, Error> {
        let verified = self.client.step() == Step::Targets;
        match &mut self.walk {
            // The store holds no more files: the update that saved them never completed.
            CurrentWalk::Parts { source, .. } | CurrentWalk::Target(source)
                if verified && *source == Source::Store && delivery.is_not_found() =>
            {
                let goes_on = match &mut self.walk {
                    CurrentWalk::Parts { pending, .. } => pending.fall_back(),
                    _ => false,
                };
                if !goes_on {
                    self.abort();
                }
                Ok(false)
            }
            CurrentWalk::Parts { pending, .. } if delivery.is_saved() => {
                pending.leave().map(|()| false)
            }
            CurrentWalk::Parts { pending, .. } => pending.take(delivery.bytes()?).map(|()| true),
            CurrentWalk::Target(_) if verified => {
                let (_, target) = self.client.targets().next().ok_or(EngineError::NoUpdate)?;
                target.verify(&delivery.bytes()?)?;
                self.client.complete();
                self.walk = CurrentWalk::None;
                self.completed = CompletedWalk::Target;
                Ok(true)
            }
            CurrentWalk::Metadata(_) | CurrentWalk::Target(_) | CurrentWalk::None => {
                let outcome = match &delivery {
                    Delivery::Bytes(bytes) => Outcome::Bytes(bytes),
                    Delivery::NotFound => Outcome::NotFound,
                    Delivery::Saved | Delivery::Failed => Outcome::Failed,
                };
                Ok(self.client.supply(outcome)? == Kept::Yes)
            }
        }
    }

    /// Advances the walk after each file. Once the metadata is verified, works out which files are
    /// missing; once none is missing, makes all releases live together.
    fn settle(&mut self) -> Result<(), Error> {
        if let CurrentWalk::Metadata(source) = self.walk
            && self.client.step() == Step::Targets
        {
            let keys: Vec<_> = self.keys().map(ListKey::id).collect();
            let verified = VerifiedTargets {
                client: &self.client,
                choice: &self.choice,
                keys: &keys,
                lists: &self.lists,
                saved: &self.saved,
                packs: &self.packs,
                sealed_keys: &self.sealed_keys,
                source,
            };
            let pending = verified.pending().inspect_err(|error| {
                self.lists_gone |= *error == EngineError::ListMissing.into();
            })?;
            self.walk = CurrentWalk::Parts { source, pending };
        }
        if self.has_all_parts()
            && let CurrentWalk::Parts { source, pending } =
                core::mem::replace(&mut self.walk, CurrentWalk::None)
        {
            self.go_live(source, pending)?;
        }
        Ok(())
    }

    fn has_all_parts(&self) -> bool {
        matches!(&self.walk, CurrentWalk::Parts { pending, .. } if pending.next().is_none())
    }

    fn go_live(&mut self, source: Source, pending: PendingUpdate) -> Result<(), Error> {
        let (mut loaded, mut saved) = (Vec::new(), Vec::new());
        for release in pending.releases {
            match release.load(&self.lists)? {
                WholeRelease::Live(live) => loaded.push(live),
                WholeRelease::Saved(descriptor) => saved.push(descriptor),
            }
        }
        // From here on nothing can fail.
        self.lists_gone = false;
        self.lists = loaded;
        self.saved = saved;
        let packs = pending.packs.into_iter();
        self.packs = packs.filter_map(PendingPack::load).collect();
        self.sealed_keys = pending.sealed_keys;
        self.client.complete();
        if source == Source::Repository {
            self.polled = self.began;
        }
        self.metadata_digest = hex::text(&self.client.metadata_digest());
        self.completed = CompletedWalk::Update;
        Ok(())
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
        let parts = self.verified().flat_map(|release| {
            let parts = release.parts();
            parts.map(|(part, _)| part_name(&release.header, part))
        });
        let packs = self.packs.iter().map(LivePack::stored);
        let keys = self.sealed_keys.iter().map(|key| key.stored().to_owned());
        let files = roots.chain(metadata).chain(parts);
        files.chain(packs).chain(keys).collect()
    }

    /// What was verified last, live or not.
    fn verified(&self) -> impl Iterator<Item = &Descriptor> {
        let live = self.lists.iter().map(|live| &live.descriptor);
        live.chain(&self.saved)
    }

    /// The release of each list that is asked, with its ListKey: the newest epoch that has a key,
    /// or the newest epoch if none has.
    pub(crate) fn answering(&self) -> impl Iterator<Item = (&LiveRelease, Option<&ListKey>)> {
        let rank = |live: &LiveRelease| (self.key(live).is_some(), live.descriptor.header.epoch);
        let answers = move |live: &&LiveRelease| {
            let list = &live.descriptor.header.list;
            let mut others = self.lists.iter();
            !others.any(|other| other.descriptor.header.list == *list && rank(other) > rank(live))
        };
        let answering = self.lists.iter().filter(answers);
        answering.map(|live| (live, self.key(live)))
    }

    /// Whether a list is configured or live.
    pub(crate) fn has(&self, list: &ListId) -> bool {
        let mut live = self.lists.iter();
        let configured = self.choice.lists.as_ref();
        configured.is_some_and(|lists| lists.contains(list))
            || live.any(|live| live.descriptor.header.list == *list)
    }

    /// Configured lists that are not live, or that have left the newest targets.
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
            .filter(move |list| self.lists_gone || !in_place(list))
    }

    /// The ListKey that a release's tags were computed with, if it is configured.
    pub(crate) fn key(&self, live: &LiveRelease) -> Option<&ListKey> {
        self.keys()
            .find(|key| key.id() == live.descriptor.header.key_id)
    }

    /// The ListKeys that are known: those of the enrolment, then those given since.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &ListKey> {
        self.enrolled_keys.iter().chain(&self.given_keys)
    }

    /// Replaces the ListKeys that were given beside the enrolment.
    pub(crate) fn set_keys(&mut self, keys: Vec<ListKey>) {
        self.given_keys.clear();
        for key in keys {
            if !self.keys().any(|known| known.id() == key.id()) {
                self.given_keys.push(key);
            }
        }
    }

    /// Forgets the times, after a clock that ran ahead.
    pub(crate) fn reset_clock(&mut self) {
        self.client.set_newest_time(None);
        self.polled = None;
    }

    /// When the last completed poll of the repository began.
    pub(crate) const fn polled(&self) -> Option<Time> {
        self.polled
    }

    /// What the host saves beside the verified files.
    pub(crate) fn history(&self) -> History {
        let floor = self.client.floors().first().copied().unwrap_or_default();
        let mut lists = Sequences::default();
        let seen = self.seen.iter().filter(|(list, _)| self.choice.takes(list));
        let verified = self.verified().map(|release| &release.header);
        let verified = verified.map(|header| (&header.list, header.sequence));
        for (list, sequence) in seen.chain(verified) {
            // More lists than an enrolment names are not loaded.
            let _ = lists.raise(list.clone(), sequence);
        }
        History {
            coalition: self.name.clone(),
            verified: self.client.newest_time(),
            polled: self.polled,
            versions: self.kept.max(floor),
            lists,
        }
    }

    /// Whether a gateway that came without a history cannot tell an old repository from a new one: a mirror
    /// may repeat what it had until its timestamp expires.
    pub(crate) const fn may_be_replayed(&self) -> bool {
        !self.has_history && !self.has_floor
    }

    /// Why the files may not be the newest that this gateway has had.
    pub(crate) fn doubts(&self) -> Vec<Doubt> {
        let newest = self.client.newest();
        let mut floors = self.client.floors().iter();
        let sequence = |list: &ListId| {
            let live = self.lists.iter().map(|live| &live.descriptor.header);
            let own = live.filter(|header| header.list == *list);
            own.map(|header| header.sequence).max().unwrap_or(0)
        };
        let mut lists = self.seen.iter().chain(self.at_least.iter());
        let is_behind = floors.any(|floor| floor.is_above(&newest))
            || lists.any(|(list, floor)| self.choice.takes(list) && sequence(list) < floor);
        // A history without a completed poll says no more than none.
        let no_history = self.polled.is_none();
        let doubts = [
            no_history.then_some(Doubt::NoHistory),
            is_behind.then_some(Doubt::RolledBack),
        ];
        doubts.into_iter().flatten().collect()
    }
}
