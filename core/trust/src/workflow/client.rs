//! The client: what is trusted, and one update at a time.

use std::sync::Arc;

use interdict_common::time::Time;

use super::digest::{MetadataFile, metadata_digest, metadata_files, state_digest};
use super::exchange::{FileName, Kept, Outcome, Request, Source, Step};
use super::live::LiveSet;
use super::set::{MetadataSet, PartialSet};
use super::trusted::Trusted;
use super::update::{Goal, Stage, Update};
use crate::delegations::{Graph, Wanted};
use crate::error::TrustError;
use crate::freshness::Freshness;
use crate::metadata::{Pin, Target};
use crate::name::is_plain_path;
use crate::role_name::RoleName;
use crate::signing::Verified;

/// A client of one coalition's repository: what it trusts, and the update under way.
#[derive(Debug, Clone)]
pub struct Client {
    trusted: Trusted,
    newest_time: Option<Time>,
    update: Option<Update>,
}

/// The versions in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Versions {
    /// The newest root.
    pub root: u32,
    /// Timestamp of the live set.
    pub timestamp: Option<u32>,
    /// Snapshot of the live set.
    pub snapshot: Option<u32>,
    /// Targets of the live set.
    pub targets: Option<u32>,
}

impl Client {
    /// Trusts the root the host pins. It must be signed by its own keys; it may have expired.
    ///
    /// # Errors
    /// What is wrong with the root.
    pub fn new(pinned_root: &[u8]) -> Result<Self, TrustError> {
        Ok(Self {
            trusted: Trusted::new(Arc::new(Verified::pinned(pinned_root)?)),
            newest_time: None,
            update: None,
        })
    }

    /// Starts an update, or starts it again. `now` holds for the whole update; a time before the
    /// newest one seen is taken for a clock that runs behind.
    pub fn begin(&mut self, source: Source, now: Time, wanted: Wanted) {
        self.update = Some(Update {
            source,
            now: self.not_before_newest(now),
            goal: Goal::Newest(wanted),
            stage: Stage::Root { rotations: 0 },
        });
    }

    /// Starts the search for one target file in the live metadata (TUF 1.0.34 §5.6.7), whatever
    /// came of an update under way. It fetches the delegated roles it needs, then
    /// [`Client::targets`] is that file alone. It never changes what is live.
    ///
    /// # Errors
    /// [`TrustError::NotRequested`] before the first completed update, [`TrustError::NoTarget`] for
    /// a path that is not [plain](is_plain_path) or that no role lists, and what is wrong with the
    /// delegations on the way.
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
            goal: Goal::Target(path.to_owned()),
            stage: Stage::Timestamp,
        };
        update.stage = self.trusted.after_role(&update, partial)?;
        self.update = Some(update);
        Ok(())
    }

    /// What is needed now. Asking changes nothing.
    #[must_use]
    pub fn step(&self) -> Step {
        let Some(update) = &self.update else {
            return Step::Idle;
        };
        match &update.stage {
            Stage::Root { .. } => {
                // A root of the last version there can be has no successor; none will verify.
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

    /// Takes what the host brought for the file [`Client::step`] asked for.
    ///
    /// # Errors
    /// What is wrong with the file. An error ends the update; everything verified before it stays,
    /// and a new update may succeed.
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

    /// Ends the update at [`Step::Targets`]: all wanted target files are in, the verified set goes
    /// live, and an update from the repository moves the newest time. Elsewhere, and after the
    /// search for one target, nothing else changes.
    pub fn complete(&mut self) {
        let Some(Update {
            source,
            now,
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
            self.newest_time = Some(self.not_before_newest(now));
        }
    }

    /// Ends the update without a new live set. Verified metadata is kept against rollback.
    pub fn abort(&mut self) {
        self.update = None;
    }

    /// The wanted files of the newly verified metadata, by path; none except at [`Step::Targets`].
    pub fn targets(&self) -> impl Iterator<Item = (&str, &Target)> {
        let set = self.update.as_ref().and_then(|update| match &update.stage {
            Stage::Files(set) => Some(set),
            _ => None,
        });
        set.into_iter().flat_map(MetadataSet::files)
    }

    /// The files of the live set, by path.
    pub fn live_targets(&self) -> impl Iterator<Item = (&str, &Target)> {
        self.trusted.live.iter().flat_map(|live| live.set().files())
    }

    /// How far a file of the live set can be relied on at the later of `now` and the newest time
    /// seen; `None` before the first completed update, and for any other path.
    #[must_use]
    pub fn freshness(&self, path: &str, now: Time) -> Option<Freshness> {
        let now = self.not_before_newest(now);
        self.trusted
            .live
            .as_ref()?
            .freshness(path, &self.trusted.root, now)
    }

    /// When the newest root or a role on the way to this file expires, whichever is first; `None`
    /// before the first completed update, and for a path that is not of the live set.
    #[must_use]
    pub fn target_expires(&self, path: &str) -> Option<Time> {
        let live = self.trusted.live.as_ref()?;
        Some(live.expires(path)?.min(self.trusted.root.expires()))
    }

    /// When the newest root, the live targets or a live delegated role expires, whichever is first;
    /// `None` before the first completed update.
    #[must_use]
    pub fn expires(&self) -> Option<Time> {
        let roles = self.trusted.live.as_ref()?.set().graph.nodes().iter();
        let first = roles.map(|role| role.file.expires()).min()?;
        Some(first.min(self.trusted.root.expires()))
    }

    /// The verified metadata in use: the newest root, then of the live set timestamp, snapshot,
    /// targets, and the delegated roles in the order of their file names.
    #[must_use]
    pub fn metadata(&self) -> Vec<MetadataFile> {
        metadata_files(
            &self.trusted.root,
            self.trusted.live.as_ref().map(LiveSet::set),
        )
    }

    /// What two who trust the same root can compare to know that they were shown the same:
    /// [`state_digest`] of [`Client::metadata`].
    #[must_use]
    pub fn state_digest(&self) -> [u8; 32] {
        state_digest(&self.metadata())
    }

    /// [`metadata_digest`] of [`Client::metadata`].
    #[must_use]
    pub fn metadata_digest(&self) -> [u8; 32] {
        metadata_digest(&self.metadata())
    }

    /// The time of the newest completed update, for the host to keep.
    #[must_use]
    pub const fn newest_time(&self) -> Option<Time> {
        self.newest_time
    }

    /// Sets that time from what the host kept, or resets it after a clock that ran ahead.
    pub const fn set_newest_time(&mut self, newest_time: Option<Time>) {
        self.newest_time = newest_time;
    }

    /// The versions in use.
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

    /// Do file names carry version or hash? [`Target::path`] asks (TUF 1.0.34 §5.3.12).
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
