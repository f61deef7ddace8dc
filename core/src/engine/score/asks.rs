use alloc::string::String;

use crate::common::hex;
use crate::list::{Action, Flags, Listing};

/// Whether a reason asks for a review or for more, and what a clearance names it by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Asks {
    /// For less, or for nothing.
    #[default]
    Less,
    /// For a review, or for more. A clearance gives this digest of the record or rule; there is none of
    /// a filter hit, and none if nobody will see or compare it.
    Review(Option<[u8; 16]>),
    /// For what no clearance lowers.
    Always,
}

impl Asks {
    /// What a record asks for whose action counts as `action`.
    pub(super) fn of_record(
        hit: &Listing<'_>,
        action: Action,
        digest: impl FnOnce() -> Option<[u8; 16]>,
    ) -> Self {
        if action < Action::Review {
            Self::Less
        } else if hit.record.flags.has(Flags::MANDATORY) {
            Self::Always
        } else {
            Self::Review(digest())
        }
    }

    /// The digest as answers print it.
    pub(super) fn digest(self) -> Option<String> {
        match self {
            Self::Review(digest) => digest.map(|digest| hex::text(&digest)),
            Self::Less | Self::Always => None,
        }
    }
}
