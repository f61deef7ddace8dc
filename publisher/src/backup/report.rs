use std::collections::BTreeMap;
use std::fmt;

use interdict_core::list::ListId;

use super::missing_keys::MissingKeys;
use crate::register::Epoch;

/// What a register took over from a repository.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RecoverReport {
    /// The version of targets that the register knew, and the repository's.
    pub targets: (u32, u32),
    /// Versions of the roots that the register lacked.
    pub roots: Vec<u32>,
    /// The epochs that it lacked or had otherwise, as they are now.
    pub epochs: Vec<Epoch>,
    /// What each list says, compared with the register; none if the repository was not newer.
    pub lists: Vec<ListRecovery>,
    /// What has to be put back before the next release.
    pub missing_keys: MissingKeys,
}

/// What a list says as published, compared with the register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListRecovery {
    /// Which.
    pub list: ListId,
    /// Published records, test entries and ended ones not counted.
    pub published: usize,
    /// Published records whose identifiers the register does not know, by source and action. They stay
    /// published as they are, until a person confirms that they may go.
    pub unknown: BTreeMap<(String, &'static str), usize>,
    /// Entries that were released before the backup and are published no longer. They stay off the list.
    pub withdrawn: usize,
    /// Entries that the register says the same of.
    pub same: usize,
    /// Entries that the register says less of.
    pub less: usize,
    /// Entries that the register says more of.
    pub more: usize,
    /// Entries that were never released.
    pub pending: usize,
}

impl ListRecovery {
    pub(super) const fn new(list: ListId) -> Self {
        Self {
            list,
            published: 0,
            unknown: BTreeMap::new(),
            withdrawn: 0,
            same: 0,
            less: 0,
            more: 0,
            pending: 0,
        }
    }

    /// How many published records have no name in the register.
    #[must_use]
    pub fn unknown_records(&self) -> usize {
        self.unknown
            .values()
            .copied()
            .fold(0, usize::saturating_add)
    }
}

impl fmt::Display for RecoverReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.targets {
            (_, 0) => writeln!(
                f,
                "versions are raised; what was published since is not known"
            )?,
            (known, published) => writeln!(
                f,
                "the register knew targets {known}, the repository has {published}; versions are raised above it"
            )?,
        }
        for root in &self.roots {
            writeln!(f, "root {root} is taken over")?;
        }
        for epoch in &self.epochs {
            let what = match epoch.retired_at {
                Some(_) => "has ended",
                None => "is taken over",
            };
            writeln!(f, "epoch {} {what}", epoch.number)?;
        }
        self.lists.iter().try_for_each(|list| write!(f, "{list}"))?;
        write!(f, "{}", self.missing_keys)
    }
}

impl fmt::Display for ListRecovery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{}: {} published, {} as in the register; of {} the register says less, of {} more; {} were never \
             released",
            self.list.as_str(),
            self.published,
            self.same,
            self.less,
            self.more,
            self.pending
        )?;
        for ((source, action), count) in &self.unknown {
            writeln!(
                f,
                "  {count} by {source} ({action}) are not in the register"
            )?;
        }
        if !self.unknown.is_empty() {
            writeln!(
                f,
                "  a list holds no names, so these cannot be named. They stay published: import again what the \
                 sources sent since the backup. Those that stay without a name are then in the proposal that \
                 `release` prints, and go once it is confirmed"
            )?;
        }
        if self.withdrawn > 0 {
            writeln!(
                f,
                "  {} entries were taken off the list since the backup and stay off it: see them with `recover \
                 --show-withdrawn`, delist them, or list them again with `recover --list-again`",
                self.withdrawn
            )?;
        }
        Ok(())
    }
}
