use serde::Serialize;

use crate::error::{EngineError, Error};
use crate::list::{BlockList, Descriptor, Files, ListError, ListId, Part};
use crate::policy::Policy;
use crate::time::Time;
use crate::token::ListKey;
use crate::trust::{Client, Freshness, Kept, Outcome, Source, Step, Target};

/// One coalition: its trust, its keys, and the releases in place. Joins the trust room, which knows
/// only lengths and hashes, with the list room, which knows nothing of signatures.
#[derive(Debug)]
pub(super) struct Coalition {
    pub(super) name: String,
    pub(super) client: Client,
    pub(super) keys: Vec<ListKey>,
    pub(super) lists: Vec<Live>,
    pinned_root: u32,
    /// Lists that must be there; `None` takes all the coalition publishes.
    wanted: Option<Vec<ListId>>,
    update: Option<Update>,
    completed: bool,
}

/// A release in place.
#[derive(Debug)]
pub(super) struct Live {
    pub(super) descriptor: Descriptor,
    pub(super) list: BlockList,
}

/// An update under way: its source, and once the metadata is verified the releases it names.
#[derive(Debug)]
struct Update {
    source: Source,
    releases: Option<Vec<Incoming>>,
}

/// A release of the newest targets; one that is in place already needs no files.
#[derive(Debug)]
struct Incoming {
    descriptor: Descriptor,
    files: Vec<IncomingFile>,
}

#[derive(Debug)]
struct IncomingFile {
    part: Part,
    target: Target,
    fetch: Fetch,
    bytes: Option<Vec<u8>>,
}

/// A file the host should bring.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fetch {
    /// Its name in the host's store.
    pub name: String,
    /// Its path below the repository's base.
    pub path: String,
    /// Bytes after which the host stops reading.
    pub max_size: u32,
}

/// How an update stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Progress {
    /// Which coalition.
    pub coalition: String,
    /// Whether the host must keep the file just supplied, under the name it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keep: Option<bool>,
    /// What to bring next; nothing when the update has ended.
    pub fetch: Option<Fetch>,
    /// Whether the update ended with everything verified and in place.
    pub completed: bool,
    /// After a completed update, the names of all files that make up the state: the host keeps
    /// these together and may delete all others.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<String>,
}

/// How a request to the host went.
#[derive(Debug)]
pub(super) enum Delivery {
    Bytes(Vec<u8>),
    NotFound,
    Failed,
}

impl Coalition {
    pub(super) fn new(
        name: String,
        pinned_root: &[u8],
        wanted: Option<Vec<ListId>>,
        newest_time: Option<Time>,
    ) -> Result<Self, Error> {
        let mut client = Client::new(pinned_root)?;
        client.set_newest_time(newest_time);
        Ok(Self {
            name,
            pinned_root: client.versions().root,
            client,
            keys: Vec::new(),
            lists: Vec::new(),
            wanted,
            update: None,
            completed: false,
        })
    }

    /// Starts an update, whatever came of the last one.
    pub(super) fn begin(&mut self, source: Source, now: Time) {
        self.client.begin(source, now);
        self.update = Some(Update {
            source,
            releases: None,
        });
        self.completed = false;
    }

    pub(super) fn progress(&self, keep: Option<bool>) -> Progress {
        let files = if self.completed {
            self.state_files()
        } else {
            Vec::new()
        };
        Progress {
            coalition: self.name.clone(),
            keep,
            fetch: self.next(),
            completed: self.completed,
            files,
        }
    }

    fn next(&self) -> Option<Fetch> {
        match self.client.step() {
            Step::Fetch(request) => Some(Fetch {
                name: request.name,
                path: request.path,
                max_size: request.max_size,
            }),
            Step::Targets => self.missing_file().map(|file| file.fetch.clone()),
            Step::Idle => None,
        }
    }

    fn missing_file(&self) -> Option<&IncomingFile> {
        let releases = self.update.as_ref()?.releases.as_ref()?;
        releases
            .iter()
            .flat_map(|release| &release.files)
            .find(|file| file.bytes.is_none())
    }

    /// Takes the file that was asked for. An error ends the update and leaves the releases in place
    /// as they are; the next `begin` starts afresh.
    pub(super) fn supply(&mut self, name: &str, delivery: Delivery) -> Result<Progress, Error> {
        let expected = self.next().ok_or(EngineError::NoUpdate)?;
        if expected.name != name {
            return Err(EngineError::OtherFile.into());
        }
        let keep = if self.client.step() == Step::Targets {
            self.take_part(delivery)
        } else {
            let outcome = match &delivery {
                Delivery::Bytes(bytes) => Outcome::Bytes(bytes),
                Delivery::NotFound => Outcome::NotFound,
                Delivery::Failed => Outcome::Failed,
            };
            let kept = self.client.supply(outcome).map(|kept| kept == Kept::Yes);
            kept.map_err(Error::from)
        };
        match keep.and_then(|keep| self.settle().map(|()| keep)) {
            Ok(keep) => Ok(self.progress(Some(keep))),
            Err(error) => {
                self.client.abort();
                self.update = None;
                Err(error)
            }
        }
    }

    fn take_part(&mut self, delivery: Delivery) -> Result<bool, Error> {
        let Some(update) = &mut self.update else {
            return Err(EngineError::NoUpdate.into());
        };
        let missing = update
            .releases
            .iter_mut()
            .flatten()
            .flat_map(|release| &mut release.files)
            .find(|file| file.bytes.is_none())
            .ok_or(EngineError::NoUpdate)?;
        match (delivery, update.source) {
            (Delivery::Bytes(bytes), _) => {
                missing.target.verify(&bytes)?;
                missing.bytes = Some(bytes);
                Ok(true)
            }
            // The host's own files end here: an update it had begun and not finished.
            (Delivery::NotFound, Source::Store) => {
                self.client.abort();
                Ok(false)
            }
            (Delivery::NotFound, Source::Repository) => Err(EngineError::PartNotFound.into()),
            (Delivery::Failed, _) => Err(EngineError::PartUnavailable.into()),
        }
    }

    /// After each file: reads the releases once the metadata is verified, and puts them in place,
    /// all or none, once every file is there.
    fn settle(&mut self) -> Result<(), Error> {
        if self.client.step() != Step::Targets {
            return Ok(());
        }
        let Some(update) = &self.update else {
            return Ok(());
        };
        if update.releases.is_none() {
            let releases = self.releases()?;
            if let Some(update) = &mut self.update {
                update.releases = Some(releases);
            }
        }
        if self.missing_file().is_some() {
            return Ok(());
        }
        let releases = self
            .update
            .take()
            .and_then(|update| update.releases)
            .unwrap_or_default();
        let mut loaded = Vec::with_capacity(releases.len());
        for release in releases {
            loaded.push((release.descriptor.clone(), release.load()?));
        }
        // From here on nothing can fail.
        let mut previous = core::mem::take(&mut self.lists);
        self.lists = loaded
            .into_iter()
            .filter_map(|(descriptor, list)| match list {
                Some(list) => Some(Live { descriptor, list }),
                None => {
                    let index = previous
                        .iter()
                        .position(|live| live.descriptor == descriptor)?;
                    Some(previous.swap_remove(index))
                }
            })
            .collect();
        self.client.complete();
        self.completed = true;
        Ok(())
    }

    /// The releases the verified targets name, with the files that are not in place yet.
    fn releases(&self) -> Result<Vec<Incoming>, Error> {
        let consistent = self.client.consistent_snapshot();
        let mut releases = Vec::new();
        for (path, target) in self.client.targets() {
            let Some(list) = ListId::of_filter_path(path) else {
                continue;
            };
            if self
                .wanted
                .as_ref()
                .is_some_and(|wanted| !wanted.contains(&list))
            {
                continue;
            }
            let Some(custom) = &target.custom else {
                continue;
            };
            let Some(descriptor) = Descriptor::from_custom(custom).transpose()? else {
                continue;
            };
            if descriptor.header.list != list {
                return Err(ListError::ListId.into());
            }
            let live = self
                .lists
                .iter()
                .find(|live| live.descriptor.header.list == list);
            let unchanged = live.is_some_and(|live| live.descriptor == descriptor);
            let live_sequence = live.map(|live| live.descriptor.header.sequence);
            if !unchanged && live_sequence.is_some_and(|live| descriptor.header.sequence <= live) {
                return Err(EngineError::ListRollback.into());
            }
            let files = if unchanged {
                Vec::new()
            } else {
                self.files(&descriptor, consistent)?
            };
            releases.push(Incoming { descriptor, files });
        }
        let published = |list: &ListId| {
            releases
                .iter()
                .any(|release| release.descriptor.header.list == *list)
        };
        // A replay takes what was saved: a list enrolled since shows as missing in each verdict.
        let replay = self
            .update
            .as_ref()
            .is_some_and(|update| update.source == Source::Store);
        if !replay && !self.wanted.iter().flatten().all(published) {
            return Err(EngineError::ListMissing.into());
        }
        Ok(releases)
    }

    fn files(&self, descriptor: &Descriptor, consistent: bool) -> Result<Vec<IncomingFile>, Error> {
        descriptor
            .parts()
            .map(|(part, digest)| {
                let path = descriptor.header.list.part_path(part);
                let (_, target) = self
                    .client
                    .targets()
                    .find(|(other, _)| **other == path)
                    .ok_or(EngineError::PartMismatch)?;
                if target.length != u64::from(digest.length) || target.sha256 != Some(digest.sha256)
                {
                    return Err(EngineError::PartMismatch.into());
                }
                let fetch = Fetch {
                    name: store_name(&path),
                    path: target.path(&path, consistent),
                    max_size: digest.length,
                };
                Ok(IncomingFile {
                    part,
                    target: target.clone(),
                    fetch,
                    bytes: None,
                })
            })
            .collect()
    }

    fn state_files(&self) -> Vec<String> {
        let versions = self.client.versions();
        let roots = (self.pinned_root..versions.root)
            .map(|version| format!("{}.root.json", version.saturating_add(1)));
        let metadata = ["timestamp.json", "snapshot.json", "targets.json"].map(str::to_owned);
        let parts = self.lists.iter().flat_map(|live| {
            let list = &live.descriptor.header.list;
            live.descriptor
                .parts()
                .map(|(part, _)| store_name(&list.part_path(part)))
        });
        roots.chain(metadata).chain(parts).collect()
    }

    /// Lists this gateway counts on that are not in place.
    pub(super) fn missing_lists(&self) -> impl Iterator<Item = &ListId> {
        let in_place = |list: &ListId| {
            self.lists
                .iter()
                .any(|live| live.descriptor.header.list == *list)
        };
        self.wanted
            .iter()
            .flatten()
            .filter(move |list| !in_place(list))
    }

    /// How far a release can be relied on: its metadata's freshness, or `Expired` beyond the
    /// policy's maximum age.
    pub(super) fn freshness(&self, live: &Live, policy: &Policy, now: Time) -> Freshness {
        let signed = self.client.freshness(now).unwrap_or(Freshness::Untrusted);
        let aged = now >= max_age_end(live, policy);
        if aged {
            signed.max(Freshness::Expired)
        } else {
            signed
        }
    }

    /// Whether a release may still lead to more than `review`.
    pub(super) fn has_full_effect(&self, live: &Live, policy: &Policy, now: Time) -> bool {
        match self.freshness(live, policy, now) {
            Freshness::Fresh | Freshness::Stale => true,
            Freshness::Untrusted => false,
            Freshness::Expired => {
                let end = self.client.expires().map_or(Time::from_seconds(0), |end| {
                    end.min(max_age_end(live, policy))
                });
                now.since(end) < days(policy.expired_grace_days)
            }
        }
    }

    /// The key a release's tags were made with.
    pub(super) fn key(&self, live: &Live) -> Option<&ListKey> {
        self.keys
            .iter()
            .find(|key| key.id() == live.descriptor.header.key_id)
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

/// A target's name in a flat directory: the one `/` a list id holds, percent-encoded.
fn store_name(path: &str) -> String {
    path.replace('/', "%2F")
}

impl Incoming {
    /// `None` for a release that is in place already.
    fn load(self) -> Result<Option<BlockList>, ListError> {
        let (mut filter, mut records) = (None, None);
        for file in self.files {
            match file.part {
                Part::Filter => filter = file.bytes,
                Part::Records => records = file.bytes,
            }
        }
        let Some(filter) = filter else {
            return Ok(None);
        };
        BlockList::load(&self.descriptor, Files { filter, records }).map(Some)
    }
}
