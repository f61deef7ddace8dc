//! The client workflow of TUF 1.0.34 §5 as a state machine.

use std::sync::Arc;

use crate::time::Time;

use super::error::TrustError;
use super::exchange::{FileName, Kept, Outcome, Request, Source, Step};
use super::freshness::{Freshness, Live, Set, is_expired};
use super::hashes::{Fingerprint, Pin};
use super::metadata::{Root, Snapshot, Target, Targets, Timestamp};
use super::role::RoleName;
use super::signed::Verified;

/// New roots in one update (TUF 1.0.34 §5.3.3, `Y`): what python-tuf's `UpdaterConfig` allows.
pub(super) const MAX_ROTATIONS: u32 = 256;

/// One coalition's root of trust and what was verified under it.
#[derive(Debug, Clone)]
pub struct Client {
    root: Arc<Verified<Root>>,
    /// The newest of each role that the newest root vouches for; they may be of different updates.
    timestamp: Option<Arc<Verified<Timestamp>>>,
    snapshot: Option<Arc<Verified<Snapshot>>>,
    targets: Option<Arc<Verified<Targets>>>,
    live: Option<Live>,
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

/// An update under way.
#[derive(Debug, Clone)]
struct Update {
    source: Source,
    /// Fixed for the whole update (TUF 1.0.34 §5.1).
    now: Time,
    stage: Stage,
}

/// What the update waits for, with what is verified so far.
#[derive(Debug, Clone)]
enum Stage {
    Root {
        rotations: u32,
    },
    Timestamp,
    Snapshot {
        timestamp: Arc<Verified<Timestamp>>,
    },
    Targets {
        timestamp: Arc<Verified<Timestamp>>,
        snapshot: Arc<Verified<Snapshot>>,
    },
    Files(Set),
}

impl Client {
    /// Trusts the root the host pins. It must be signed by its own keys; it may have expired.
    ///
    /// # Errors
    /// What is wrong with the root.
    pub fn new(pinned_root: &[u8]) -> Result<Self, TrustError> {
        Ok(Self {
            root: Arc::new(Verified::pinned(pinned_root)?),
            timestamp: None,
            snapshot: None,
            targets: None,
            live: None,
            newest_time: None,
            update: None,
        })
    }

    /// Starts an update, or starts it again. `now` holds for the whole update; a time before the
    /// newest one seen is taken for a clock that runs behind.
    pub fn begin(&mut self, source: Source, now: Time) {
        let now = self.not_before_newest(now);
        self.update = Some(Update {
            source,
            now,
            stage: Stage::Root { rotations: 0 },
        });
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
                let next = self.root.version().saturating_add(1);
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
                self.check_final_root(&update)?;
                update.stage = Stage::Timestamp;
                self.update = Some(update);
                return Ok(Kept::No);
            }
            (Outcome::NotFound, _, Source::Store) => return Ok(Kept::No),
            (Outcome::NotFound, _, Source::Repository) => return Err(TrustError::NotFound(role)),
            (Outcome::Failed, ..) => return Err(TrustError::Unavailable(role)),
        };
        let (stage, kept) = match &update.stage {
            Stage::Root { rotations } => self.supply_root(*rotations, bytes)?,
            Stage::Timestamp => self.supply_timestamp(&update, bytes)?,
            Stage::Snapshot { timestamp } => self.supply_snapshot(&update, timestamp, bytes)?,
            Stage::Targets {
                timestamp,
                snapshot,
            } => self.supply_targets(&update, timestamp, snapshot, bytes)?,
            Stage::Files(_) => return Err(TrustError::NotRequested),
        };
        update.stage = stage;
        self.update = Some(update);
        Ok(kept)
    }

    /// Ends the update at [`Step::Targets`]: all wanted target files are in, the verified set goes
    /// live, and an update from the repository moves the newest time. Elsewhere it does nothing.
    pub fn complete(&mut self) {
        let Some(Update {
            source,
            now,
            stage: Stage::Files(set),
        }) = self
            .update
            .take_if(|update| matches!(update.stage, Stage::Files(_)))
        else {
            return;
        };
        self.live = Some(Live::new(set));
        if source == Source::Repository {
            self.newest_time = Some(self.not_before_newest(now));
        }
    }

    /// Ends the update without a new live set. Verified metadata is kept against rollback.
    pub fn abort(&mut self) {
        self.update = None;
    }

    /// The files of the newly verified targets, by path; none except at [`Step::Targets`].
    pub fn targets(&self) -> impl Iterator<Item = (&str, &Target)> {
        let set = self.update.as_ref().and_then(|update| match &update.stage {
            Stage::Files(set) => Some(set),
            _ => None,
        });
        set.into_iter().flat_map(|set| set.targets.iter())
    }

    /// The files of the live set, by path.
    pub fn live_targets(&self) -> impl Iterator<Item = (&str, &Target)> {
        self.live.iter().flat_map(|live| live.set().targets.iter())
    }

    /// How far the live set can be relied on at the later of `now` and the newest time seen; `None`
    /// before the first completed update. A set is stale at best while newer targets are known to
    /// exist: an update that could not finish, or a host that lost newer files.
    #[must_use]
    pub fn freshness(&self, now: Time) -> Option<Freshness> {
        let now = self.not_before_newest(now);
        let live = self.live.as_ref()?;
        let version = live.set().targets.version();
        let pinned = self
            .snapshot
            .as_ref()
            .map(|snapshot| snapshot.targets().version);
        let verified = self.targets.as_ref().map(|targets| targets.version());
        let outdated = pinned.max(verified).is_some_and(|newest| newest > version);
        let known = if outdated {
            Freshness::Stale
        } else {
            Freshness::Fresh
        };
        Some(live.freshness(&self.root, now).max(known))
    }

    /// When the newest root or the live targets expire, whichever is first; `None` before the first
    /// completed update.
    #[must_use]
    pub fn expires(&self) -> Option<Time> {
        let live = self.live.as_ref()?;
        Some(live.set().targets.expires().min(self.root.expires()))
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
        let set = self.live.as_ref().map(Live::set);
        Versions {
            root: self.root.version(),
            timestamp: set.map(|set| set.timestamp.version()),
            snapshot: set.map(|set| set.snapshot.version()),
            targets: set.map(|set| set.targets.version()),
        }
    }

    /// Do file names carry version or hash? [`Target::path`] asks (TUF 1.0.34 §5.3.12).
    #[must_use]
    pub fn consistent_snapshot(&self) -> bool {
        self.root.consistent_snapshot()
    }

    fn supply_root(&mut self, rotations: u32, bytes: &[u8]) -> Result<(Stage, Kept), TrustError> {
        // 5.3.4: a threshold of the old keys and of the new ones.
        let root = Verified::<Root>::signed_by(self.root.role(RoleName::Root), bytes)?;
        // 5.3.5: exactly the next version. 5.3.6: its expiry does not matter yet.
        if self.root.version().checked_add(1) != Some(root.version()) {
            let (expected, found) = (self.root.version().saturating_add(1), root.version());
            return Err(TrustError::WrongVersion {
                role: RoleName::Root,
                expected,
                found,
            });
        }
        self.adopt(root);
        let rotations = rotations.saturating_add(1);
        // 5.3.3: at the limit the newest root so far is the final one.
        let last = rotations >= MAX_ROTATIONS;
        let stage = if last {
            Stage::Timestamp
        } else {
            Stage::Root { rotations }
        };
        Ok((stage, Kept::Yes))
    }

    /// 5.3.8, and 5.3.11: what the new root does not vouch for is dropped, so that versions a thief
    /// of the old keys pushed far ahead no longer stand in the way.
    fn adopt(&mut self, root: Verified<Root>) {
        let timestamp_stands = self
            .timestamp
            .as_ref()
            .is_none_or(|timestamp| timestamp.is_signed_by(root.role(RoleName::Timestamp)));
        let snapshot_stands = self
            .snapshot
            .as_ref()
            .is_none_or(|snapshot| snapshot.is_signed_by(root.role(RoleName::Snapshot)));
        // Either takes the other along: a timestamp also holds snapshot's version back.
        if !(timestamp_stands && snapshot_stands) {
            self.timestamp = None;
            self.snapshot = None;
        }
        self.targets
            .take_if(|targets| !targets.is_signed_by(root.role(RoleName::Targets)));
        if let Some(live) = &mut self.live {
            live.review(&root);
        }
        self.root = Arc::new(root);
    }

    /// 5.3.10: the final root must not have expired.
    fn check_final_root(&self, update: &Update) -> Result<(), TrustError> {
        update.check_expiry(RoleName::Root, &*self.root)
    }

    fn supply_timestamp(
        &mut self,
        update: &Update,
        bytes: &[u8],
    ) -> Result<(Stage, Kept), TrustError> {
        // Again, because the search for roots may have ended at its limit.
        self.check_final_root(update)?;
        let role = RoleName::Timestamp;
        // 5.4.2
        let offered = Verified::<Timestamp>::signed_by(self.root.role(role), bytes)?;
        let (timestamp, kept) = match &self.timestamp {
            // 5.4.3.1: not older than the trusted one.
            Some(trusted) if offered.version() < trusted.version() => {
                let (trusted, found) = (trusted.version(), offered.version());
                return Err(TrustError::Rollback {
                    role,
                    trusted,
                    found,
                });
            }
            // 5.4.3.1: the same version is discarded, whatever it says. Off-spec: the update goes
            // on with the kept one instead of ending, so that an interrupted update can finish.
            Some(trusted) if offered.version() == trusted.version() => {
                (Arc::clone(trusted), Kept::No)
            }
            // 5.4.3.2: it does not pin an older snapshot.
            Some(trusted) if offered.snapshot().version < trusted.snapshot().version => {
                return Err(TrustError::ListedRollback(role));
            }
            _ => (Arc::new(offered), Kept::Yes),
        };
        // 5.4.4, for a kept one too: repeating it must not hold time still.
        update.check_expiry(role, &*timestamp)?;
        // 5.4.5
        self.timestamp = Some(Arc::clone(&timestamp));
        Ok((self.after_timestamp(update, timestamp), kept))
    }

    fn supply_snapshot(
        &mut self,
        update: &Update,
        timestamp: &Arc<Verified<Timestamp>>,
        bytes: &[u8],
    ) -> Result<(Stage, Kept), TrustError> {
        let role = RoleName::Snapshot;
        let pin = timestamp.snapshot();
        // 5.5.1, 5.5.2: before anything in it is read.
        check_bytes(role, pin, bytes)?;
        // 5.5.3
        let offered = Verified::<Snapshot>::signed_by(self.root.role(role), bytes)?;
        // 5.5.4
        check_pin(role, pin, &offered)?;
        // 5.5.5, against the trusted one even if it has expired.
        if let Some(trusted) = &self.snapshot {
            offered.follows(trusted)?;
        }
        // 5.5.6
        update.check_expiry(role, &offered)?;
        // 5.5.7
        let snapshot = Arc::new(offered);
        self.snapshot = Some(Arc::clone(&snapshot));
        Ok((
            self.after_snapshot(update, Arc::clone(timestamp), snapshot),
            Kept::Yes,
        ))
    }

    fn supply_targets(
        &mut self,
        update: &Update,
        timestamp: &Arc<Verified<Timestamp>>,
        snapshot: &Arc<Verified<Snapshot>>,
        bytes: &[u8],
    ) -> Result<(Stage, Kept), TrustError> {
        let role = RoleName::Targets;
        // 5.6.1, 5.6.2
        check_bytes(role, snapshot.targets(), bytes)?;
        // 5.6.3
        let offered = Verified::<Targets>::signed_by(self.root.role(role), bytes)?;
        // 5.6.4. The pin is what 5.5.5 guards against rollback.
        check_pin(role, snapshot.targets(), &offered)?;
        // 5.6.5
        update.check_expiry(role, &offered)?;
        // 5.6.6
        let targets = Arc::new(offered);
        self.targets = Some(Arc::clone(&targets));
        let (timestamp, snapshot) = (Arc::clone(timestamp), Arc::clone(snapshot));
        Ok((
            Stage::Files(Set {
                timestamp,
                snapshot,
                targets,
            }),
            Kept::Yes,
        ))
    }

    /// 5.5: the trusted snapshot serves if it is the pinned one. An expired one is asked for again,
    /// to be refused in its own step if there is no better.
    fn after_timestamp(&self, update: &Update, timestamp: Arc<Verified<Timestamp>>) -> Stage {
        let role = RoleName::Snapshot;
        match &self.snapshot {
            Some(snapshot)
                if check_pin(role, timestamp.snapshot(), snapshot).is_ok()
                    && update.check_expiry(role, snapshot).is_ok() =>
            {
                self.after_snapshot(update, timestamp, Arc::clone(snapshot))
            }
            _ => Stage::Snapshot { timestamp },
        }
    }

    /// 5.6: likewise for targets.
    fn after_snapshot(
        &self,
        update: &Update,
        timestamp: Arc<Verified<Timestamp>>,
        snapshot: Arc<Verified<Snapshot>>,
    ) -> Stage {
        let role = RoleName::Targets;
        match &self.targets {
            Some(targets)
                if check_pin(role, snapshot.targets(), targets).is_ok()
                    && update.check_expiry(role, targets).is_ok() =>
            {
                Stage::Files(Set {
                    timestamp,
                    snapshot,
                    targets: Arc::clone(targets),
                })
            }
            _ => Stage::Targets {
                timestamp,
                snapshot,
            },
        }
    }

    fn pinned_file(&self, file: FileName, pin: &Pin) -> Request {
        let version = self.consistent_snapshot().then_some(pin.version);
        Request::new(file, version, pin.max_size(file.role()))
    }

    fn not_before_newest(&self, now: Time) -> Time {
        self.newest_time.map_or(now, |newest| newest.max(now))
    }
}

impl Update {
    /// Off-spec: what the host saved never expires. It stays the last verified list, and
    /// [`Freshness`] says what it is worth.
    fn check_expiry<T>(&self, role: RoleName, file: &Verified<T>) -> Result<(), TrustError> {
        match self.source {
            Source::Repository if is_expired(file.expires(), self.now) => {
                Err(TrustError::Expired(role))
            }
            _ => Ok(()),
        }
    }
}

impl Stage {
    const fn awaited(&self) -> Option<RoleName> {
        match self {
            Self::Root { .. } => Some(RoleName::Root),
            Self::Timestamp => Some(RoleName::Timestamp),
            Self::Snapshot { .. } => Some(RoleName::Snapshot),
            Self::Targets { .. } => Some(RoleName::Targets),
            Self::Files(_) => None,
        }
    }
}

/// Is this the file that its lister pins?
/// The bytes are the listed ones, as far as length and hashes are listed.
fn check_bytes(role: RoleName, pin: &Pin, bytes: &[u8]) -> Result<(), TrustError> {
    let fingerprint = Fingerprint::of(bytes).ok_or(TrustError::TooLarge(role))?;
    pin.check(role, &fingerprint)
}

fn check_pin<T>(role: RoleName, pin: &Pin, file: &Verified<T>) -> Result<(), TrustError> {
    pin.check(role, file.fingerprint())?;
    if file.version() != pin.version {
        let (expected, found) = (pin.version, file.version());
        return Err(TrustError::WrongVersion {
            role,
            expected,
            found,
        });
    }
    Ok(())
}
