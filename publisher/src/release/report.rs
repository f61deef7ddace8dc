use std::fmt;

use interdict_core::common::time::Time;
use interdict_core::list::{Edition, ListId};

use super::guard::{HeldCell, Proposal};
use super::typologies::TypologiesReport;
use crate::keys::OldKey;
use crate::public::PublicReport;

/// What went out, or with [`crate::Publisher::plan`] would go out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseReport {
    /// The lists built, sorted.
    pub lists: Vec<ListReport>,
    /// What was held back, for a person to confirm.
    pub proposal: Option<Proposal>,
    /// Epochs whose first lists would lack entries that have no name here: they wait.
    pub put_off: Vec<u32>,
    /// Version of the new targets, snapshot and timestamp.
    pub versions: [u32; 3],
    /// When timestamp expires: renew or release before.
    pub renew_before: Time,
    /// The newest list key, if it is too old.
    pub old_key: Option<OldKey>,
}

/// One list of a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListReport {
    /// Which.
    pub list: ListId,
    /// Its number in the list's count of releases.
    pub sequence: u64,
    /// Identifiers that go out.
    pub listed: usize,
    /// Of these, narrowed to the host because a name below is protected.
    pub narrowed: usize,
    /// Identifiers held back because they are protected.
    pub withheld: usize,
    /// Identifiers left out because their time is over.
    pub lapsed: usize,
    /// What stays as published until a person confirms it, by source and kind.
    pub held: Vec<HeldCell>,
    /// Its member epochs, oldest first, then the compact edition of each.
    pub epochs: Vec<EpochReport>,
    /// Its public edition.
    pub public: Option<PublicReport>,
    /// What changes of its red flags; `None` if it neither has nor had any.
    pub typologies: Option<TypologiesReport>,
}

/// One epoch of one list's member or compact edition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EpochReport {
    /// Member or compact.
    pub edition: Edition,
    /// Which.
    pub epoch: u32,
    /// Changes since the base; `None` for a new base.
    pub changes: Option<usize>,
    /// Entries of the filter, decoys included.
    pub entries: u32,
    /// Bytes a gateway fetches that has the release before.
    pub new_bytes: u64,
    /// Bytes that a new gateway fetches.
    pub bytes: u64,
}

impl fmt::Display for ReleaseReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.lists.iter().try_for_each(|list| write!(f, "{list}"))?;
        write_put_off(f, &self.put_off)?;
        let [targets, snapshot, timestamp] = self.versions;
        writeln!(
            f,
            "targets {targets}, snapshot {snapshot}, timestamp {timestamp}"
        )?;
        writeln!(f, "renew or release before {}", self.renew_before)?;
        self.old_key.iter().try_for_each(|key| writeln!(f, "{key}"))
    }
}

/// Says which epochs wait, and for what.
pub(super) fn write_put_off(f: &mut fmt::Formatter<'_>, epochs: &[u32]) -> fmt::Result {
    epochs.iter().try_for_each(|epoch| {
        writeln!(
            f,
            "epoch {epoch} is put off: its lists would lack the entries without a name. Import their names \
             again, or confirm that they go"
        )
    })
}

impl fmt::Display for HeldCell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            source,
            kind,
            direction,
            count,
        } = self;
        if kind.is_empty() {
            return writeln!(
                f,
                "  held back, as published: {count} from {source} without a name in this register; they \
                 cannot move to another epoch"
            );
        }
        let direction = direction.name();
        writeln!(
            f,
            "  held back, as published: {count} of {kind} from {source} that would answer with {direction}"
        )
    }
}

impl fmt::Display for ListReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} release {}: {} listed ({} narrowed), {} withheld, {} ended",
            self.list.as_str(),
            self.sequence,
            self.listed,
            self.narrowed,
            self.withheld,
            self.lapsed,
        )?;
        let mut held = self.held.iter();
        held.try_for_each(|held| write!(f, "{held}"))?;
        let mut epochs = self.epochs.iter();
        epochs.try_for_each(|epoch| write!(f, "{epoch}"))?;
        let mut public = self.public.iter();
        public.try_for_each(|public| write!(f, "{public}"))?;
        let mut typologies = self.typologies.iter();
        typologies.try_for_each(|typologies| write!(f, "{typologies}"))
    }
}

impl fmt::Display for EpochReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            epoch,
            entries,
            new_bytes,
            bytes,
            ..
        } = self;
        if self.edition == Edition::Compact {
            write!(f, "  compact")?;
        }
        match self.changes {
            Some(changes) => writeln!(
                f,
                "  epoch {epoch}: stash of {changes} changes, {new_bytes} bytes; {bytes} with its base"
            ),
            None => writeln!(
                f,
                "  epoch {epoch}: new base, {bytes} bytes; filter for {entries} entries"
            ),
        }
    }
}
