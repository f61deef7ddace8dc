//! A release that is loaded and can be asked.

use crate::common::time::Time;
use crate::list::{BlockList, Descriptor, Header};
use crate::policy::Policy;

/// One live release of a list.
#[derive(Debug)]
pub(crate) struct LiveRelease {
    pub(crate) descriptor: Descriptor,
    pub(crate) list: BlockList,
    /// The path of the target whose `custom` member is the descriptor.
    pub(crate) path: String,
    /// The newest epoch that the coalition publishes the list for.
    pub(crate) newest_epoch: u32,
}

impl LiveRelease {
    /// Whether the header is of the same list and epoch.
    pub(crate) fn is_release_of(&self, header: &Header) -> bool {
        let own = &self.descriptor.header;
        own.list == header.list && own.epoch == header.epoch
    }

    /// When the release becomes too old for the policy, even if its metadata has not expired.
    pub(super) fn max_age_end(&self, policy: &Policy) -> Time {
        let issued = self.descriptor.header.issued;
        issued.plus(days(policy.list_max_age_days))
    }
}

/// The seconds in this many days.
pub(super) fn days(count: u16) -> u32 {
    u32::from(count).saturating_mul(86_400)
}
