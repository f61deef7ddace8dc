//! A release that answers questions.

use crate::common::time::Time;
use crate::list::{BlockList, Descriptor, Header};
use crate::policy::Policy;

/// A release in place.
#[derive(Debug)]
pub(crate) struct LiveRelease {
    pub(crate) descriptor: Descriptor,
    pub(crate) list: BlockList,
    /// The target path that carries its descriptor.
    pub(crate) path: String,
    /// The newest epoch its list is published for.
    pub(crate) newest_epoch: u32,
}

impl LiveRelease {
    /// Whether this is a release of the same list and epoch.
    pub(crate) fn is_release_of(&self, header: &Header) -> bool {
        let own = &self.descriptor.header;
        own.list == header.list && own.epoch == header.epoch
    }

    /// When the release is too old for the policy, whatever its metadata says.
    pub(super) fn max_age_end(&self, policy: &Policy) -> Time {
        let issued = self.descriptor.header.issued;
        issued.plus(days(policy.list_max_age_days))
    }
}

/// Seconds of whole days.
pub(super) fn days(count: u16) -> u32 {
    u32::from(count).saturating_mul(86_400)
}
