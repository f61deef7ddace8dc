//! The client: what one coalition's repository is trusted for, and one update at a time.

use alloc::borrow::ToOwned as _;
use alloc::sync::Arc;
use alloc::vec::Vec;

use interdict_common::time::Time;

use super::digest::{MetadataFile, metadata_digest, metadata_files, state_digest};
use super::exchange::{FileName, Kept, Outcome, Request, Source, Step};
use super::floor::Floor;
use super::live::LiveSet;
use super::set::{MetadataSet, PartialSet};
use super::trusted::Trusted;
use super::update::{Goal, Stage, Update};
use crate::delegations::{Graph, Wanted};
use crate::error::TrustError;
use crate::freshness::{Freshness, is_expired};
use crate::metadata::{Pin, Target};
use crate::name::is_plain_path;
use crate::role_name::RoleName;
use crate::signing::Verified;

/// A client of one coalition's repository: what is trusted, and the update under way.
#[derive(Debug, Clone)]
pub struct Client {
    trusted: Trusted,
    newest_time: Option<Time>,
    update: Option<Update>,
}

/// The versions of the metadata in use, for logs and reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Versions {
    /// Version of the newest root.
    pub root: u32,
    /// Version of timestamp in the live set. This and the next two are `None` before the first
    /// completed update.
    pub timestamp: Option<u32>,
    /// Version of snapshot in the live set.
    pub snapshot: Option<u32>,
    /// Version of targets in the live set.
    pub targets: Option<u32>,
}

impl Client {
    /// Starts from the root that the host pins (TUF 1.0.34 §5.2). It must be signed by a threshold
    /// of its own keys. It may have expired.
    ///
    /// # Errors
    /// [`TrustError`] if the root is malformed or too large, or if too few of its own keys signed
    /// it.
    pub fn new(pinned_root: &[u8]) -> Result<Self, TrustError> {
        Ok(Self {
            trusted: Trusted::new(Arc::new(Verified::pinned(pinned_root)?)),
            newest_time: None,
            update: None,
        })
    }

    /// Starts an update, and ends any update under way. `now` is fixed for the whole update (TUF
    /// 1.0.34 §5.1). If it is before [`Client::newest_time`], the clock is behind, and that time is
    /// used, unless it cannot be true.
    pub fn begin(&mut self, source: Source, now: Time, wanted: Wanted) {
        let refuted = self.refuted();
        self.update = Some(Update {
            source,
            now: match refuted {
                Some(_) => now,
                None => self.not_before_newest(now),
            },
            refuted,
            goal: Goal::Newest(wanted),
            stage: Stage::Root { rotations: 0 },
        });
    }

    /// Starts a search for one target file in the live metadata (TUF 1.0.34 §5.6.7), and ends any
    /// update under way. The search fetches the delegated roles it needs. At [`Step::Targets`],
    /// [`Client::targets`] gives that file alone. A search never changes the live set.
    ///
    /// # Errors
    /// [`TrustError::NotRequested`] before the first completed update; [`TrustError::NoTarget`] if
    /// the path is not [plain](is_plain_path) or no authorised role lists it; or the fault in a
    /// delegation on the way.
    pub fn begin_target(
        &mut self,
        source: Source,
        now: Time,
        path: &str,
    ) -> Result<(), TrustError> {
        self.update = None;
        let set = self
            .trusted
            .live
            .as_ref()
            .ok_or(TrustError::NotRequested)?
            .set();
        let targets = set.graph.targets().ok_or(TrustError::NotRequested)?;
        if !is_plain_path(path) {
            return Err(TrustError::NoTarget);
        }
        let partial = PartialSet {
            timestamp: Arc::clone(&set.timestamp),
            snapshot: Arc::clone(&set.snapshot),
            graph: Graph::new(Arc::clone(targets)),
        };
        let mut update = Update {
            source,
            now: self.not_before_newest(now),
            refuted: None,
            goal: Goal::Target(path.to_owned()),
            stage: Stage::Timestamp,
        };
        update.stage = self.trusted.after_role(&update, partial)?;
        self.update = Some(update);
        Ok(())
    }

    /// What the client needs from its host now. The call changes nothing.
    #[must_use]
    pub fn step(&self) -> Step {
        let Some(update) = &self.update else {
            return Step::Idle;
        };
        match &update.stage {
            Stage::Root { .. } => {
                // A root with the largest version has no successor: no file will verify here.
                let next = self.trusted.root.version().saturating_add(1);
                let max_size = RoleName::Root.max_size();
                Step::Fetch(Request::new(FileName::Root(next), Some(next), max_size))
            }
            Stage::Timestamp => {
                let max_size = RoleName::Timestamp.max_size();
                Step::Fetch(Request::new(FileName::Timestamp, None, max_size))
            }
            Stage::Snapshot { timestamp } => {
                Step::Fetch(self.pinned_file(FileName::Snapshot, timestamp.snapshot()))
            }
            Stage::Targets { snapshot, .. } => {
                Step::Fetch(self.pinned_file(FileName::Targets, snapshot.targets()))
            }
            Stage::Delegated(partial, edge) => {
                let delegation = partial.graph.delegation(*edge);
                let name = delegation.map(|(_, delegation)| delegation.name());
                let pin = name.and_then(|name| Some((name, partial.snapshot.delegated(name)?)));
                pin.map_or(Step::Idle, |(name, pin)| {
                    Step::Fetch(self.pinned_file(FileName::Delegated(name.to_owned()), pin))
                })
            }
            Stage::Files(_) => Step::Targets,
        }
    }

    /// Takes the outcome of the request that [`Client::step`] returned.
    ///
    /// # Errors
    /// [`TrustError`] if the file is refused or could not be fetched. An error ends the update.
    /// Everything verified before it stays, and a new update may succeed.
    pub fn supply(&mut self, outcome: Outcome<'_>) -> Result<Kept, TrustError> {
        let Some(mut update) = self.update.take() else {
            return Err(TrustError::NotRequested);
        };
        let Some(role) = update.stage.awaited() else {
            return Err(TrustError::NotRequested);
        };
        let bytes = match (outcome, role, update.source) {
            (Outcome::Bytes(bytes), ..) => bytes,
            // 5.3.3: only "not found" ends the search for newer roots.
            (Outcome::NotFound, RoleName::Root, _) => {
                self.trusted.check_final_root(&update)?;
                update.stage = Stage::Timestamp;
                self.update = Some(update);
                return Ok(Kept::No);
            }
            (Outcome::NotFound, _, Source::Store) => return Ok(Kept::No),
            (Outcome::NotFound, _, Source::Repository) => return Err(TrustError::NotFound(role)),
            (Outcome::Failed, ..) => return Err(TrustError::Unavailable(role)),
        };
        let (stage, kept) = self.trusted.supply(&update, bytes)?;
        update.stage = stage;
        self.update = Some(update);
        Ok(kept)
    }

    /// Ends an update that is at [`Step::Targets`], after the host has all wanted target files. The
    /// verified set becomes live, and an update from the repository advances the newest time, or
    /// replaces one that cannot be true. A search for one target ends without any change. At any
    /// other step, the call does nothing.
    pub fn complete(&mut self) {
        let Some(Update {
            source,
            now,
            refuted,
            goal: Goal::Newest(_),
            stage: Stage::Files(set),
        }) = self
            .update
            .take_if(|update| matches!(update.stage, Stage::Files(_)))
        else {
            return;
        };
        self.trusted.live = Some(LiveSet::new(set));
        if source == Source::Repository {
            let is_refuted = refuted.is_some() && refuted == self.newest_time;
            self.newest_time = Some(match is_refuted {
                true => now,
                false => self.not_before_newest(now),
            });
        }
    }

    /// Ends the update without changing the live set. Metadata that was verified stays known, as
    /// protection against rollback.
    pub fn abort(&mut self) {
        self.update = None;
    }

    /// The wanted files of the newly verified metadata, by path. Empty except at [`Step::Targets`].
    pub fn targets(&self) -> impl Iterator<Item = (&str, &Target)> {
        let set = self.update.as_ref().and_then(|update| match &update.stage {
            Stage::Files(set) => Some(set),
            _ => None,
        });
        set.into_iter().flat_map(MetadataSet::files)
    }

    /// The files of the live set, by path. Empty before the first completed update.
    pub fn live_targets(&self) -> impl Iterator<Item = (&str, &Target)> {
        self.trusted.live.iter().flat_map(|live| live.set().files())
    }

    /// How far a file of the live set can be relied on at `now`, or at the newest time if that is
    /// later and can be true. `None` for a path outside the live set.
    #[must_use]
    pub fn freshness(&self, path: &str, now: Time) -> Option<Freshness> {
        let now = self.clock_floor().map_or(now, |floor| floor.max(now));
        self.trusted
            .live
            .as_ref()?
            .freshness(path, &self.trusted.root, now)
    }

    /// When timestamp or snapshot of the live set expires, whichever is first. `None` before the first
    /// completed update.
    #[must_use]
    pub fn recency_expires(&self) -> Option<Time> {
        Some(self.trusted.live.as_ref()?.recency_expires())
    }

    /// When the newest root or a role on the way to this file expires, whichever is first. `None`
    /// for a path outside the live set.
    #[must_use]
    pub fn target_expires(&self, path: &str) -> Option<Time> {
        let live = self.trusted.live.as_ref()?;
        Some(live.expires(path)?.min(self.trusted.root.expires()))
    }

    /// When the newest root, the live targets or a live delegated role expires, whichever is first.
    /// `None` before the first completed update.
    #[must_use]
    pub fn expires(&self) -> Option<Time> {
        let roles = self.trusted.live.as_ref()?.set().graph.nodes().iter();
        let first = roles.map(|role| role.file.expires()).min()?;
        Some(first.min(self.trusted.root.expires()))
    }

    /// The verified metadata in use: the newest root; then, from the live set, timestamp, snapshot,
    /// targets, and the delegated roles in the order of their file names.
    #[must_use]
    pub fn metadata(&self) -> Vec<MetadataFile> {
        metadata_files(
            &self.trusted.root,
            self.trusted.live.as_ref().map(LiveSet::set),
        )
    }

    /// [`state_digest`] of [`Client::metadata`]. Two parties that trust the same root compare it to
    /// learn whether they were shown the same metadata.
    #[must_use]
    pub fn state_digest(&self) -> [u8; 32] {
        state_digest(&self.metadata())
    }

    /// [`metadata_digest`] of [`Client::metadata`].
    #[must_use]
    pub fn metadata_digest(&self) -> [u8; 32] {
        metadata_digest(&self.metadata())
    }

    /// The time of the newest completed update from the repository. The host keeps it: it protects
    /// against a clock that is set back.
    #[must_use]
    pub const fn newest_time(&self) -> Option<Time> {
        self.newest_time
    }

    /// The time that the clock has certainly passed: the newest time, if there is a live set that it was
    /// verified with and it can be true.
    #[must_use]
    pub fn clock_floor(&self) -> Option<Time> {
        self.trusted.live.as_ref()?;
        self.newest_time.filter(|_| self.refuted().is_none())
    }

    /// The newest time, if it cannot be true: an update completes before the timestamp that it verified
    /// expires, so no update leaves a later time behind. Nothing is said without that timestamp, such as
    /// of files that were rolled back.
    fn refuted(&self) -> Option<Time> {
        let newest_time = self.newest_time?;
        let live = &self.trusted.live.as_ref()?.set().timestamp;
        let known = self.trusted.timestamp.as_ref()?;
        let newest = self.newest();
        let mut floors = self.trusted.floors.iter();
        let is_rolled_back = floors.any(|floor| floor.is_above(&newest));
        let expires = live.expires().max(known.expires());
        (!is_rolled_back && is_expired(expires, newest_time)).then_some(newest_time)
    }

    /// Sets the newest time to the one that the host kept, or resets it after the clock was ahead.
    pub const fn set_newest_time(&mut self, newest_time: Option<Time>) {
        self.newest_time = newest_time;
    }

    /// Sets what the host has seen before, from several places. The client refuses nothing because of
    /// them; the caller compares them with [`Client::newest`].
    pub fn set_floors(&mut self, floors: Vec<Floor>) {
        self.trusted.floors = floors;
    }

    /// What the host has seen before, as far as the newest root upholds it: a root with other keys for a
    /// role clears that role's versions.
    #[must_use]
    pub fn floors(&self) -> &[Floor] {
        &self.trusted.floors
    }

    /// The newest versions that are verified, those of unfinished updates included.
    #[must_use]
    pub fn newest(&self) -> Floor {
        let Trusted {
            root,
            timestamp,
            snapshot,
            targets,
            ..
        } = &self.trusted;
        Floor {
            root: root.version(),
            timestamp: timestamp.as_ref().map_or(0, |file| file.version()),
            snapshot: snapshot.as_ref().map_or(0, |file| file.version()),
            targets: targets.as_ref().map_or(0, |file| file.version()),
        }
    }

    /// The versions of the metadata in use, for logs and reports.
    #[must_use]
    pub fn versions(&self) -> Versions {
        let set = self.trusted.live.as_ref().map(LiveSet::set);
        Versions {
            root: self.trusted.root.version(),
            timestamp: set.map(|set| set.timestamp.version()),
            snapshot: set.map(|set| set.snapshot.version()),
            targets: set.and_then(|set| Some(set.graph.targets()?.version())),
        }
    }

    /// Whether file names contain a version or hash (TUF 1.0.34 §5.3.12). [`Target::path`] needs
    /// it.
    #[must_use]
    pub fn consistent_snapshot(&self) -> bool {
        self.trusted.root.consistent_snapshot()
    }

    fn pinned_file(&self, file: FileName, pin: &Pin) -> Request {
        let version = self.consistent_snapshot().then_some(pin.version);
        let max_size = pin.max_size(file.role());
        Request::new(file, version, max_size)
    }

    fn not_before_newest(&self, now: Time) -> Time {
        self.newest_time.map_or(now, |newest| newest.max(now))
    }
}
