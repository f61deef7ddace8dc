//! A release that is loaded and can be asked.

use alloc::string::String;
use alloc::vec::Vec;

use crate::common::sort;
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
    pub(crate) newer: NewerEpochs,
}

/// The epochs after a release's own that the coalition publishes the list for.
#[derive(Debug, Default)]
pub(crate) struct NewerEpochs {
    /// The newest of them.
    pub(crate) newest: Option<u32>,
    /// When each of them starts, the first one first.
    pub(super) starts: Vec<Time>,
}

impl LiveRelease {
    /// Whether the header is of the same list and epoch.
    pub(crate) fn is_release_of(&self, header: &Header) -> bool {
        is_same_release(&self.descriptor.header, header)
    }

    /// Since when a newer epoch has started, whose key this gateway lacks. The release before the newest epoch
    /// is stale; those before it check nothing, so they have always been.
    pub(super) fn key_outdated_since(&self, now: Time) -> Option<Time> {
        let mut started = self.newer.starts.iter().filter(|start| **start <= now);
        let first = started.next().copied()?;
        match started.next() {
            None => Some(first),
            Some(_) => Some(Time::from_seconds(0)),
        }
    }

    /// When the release becomes too old for the policy, even if its metadata has not expired.
    pub(super) fn max_age_end(&self, policy: &Policy) -> Time {
        let issued = self.descriptor.header.issued;
        issued.plus(days(policy.list_max_age_days))
    }
}

/// Whether two headers are of the same list and epoch.
pub(super) fn is_same_release(one: &Header, other: &Header) -> bool {
    one.list == other.list && one.epoch == other.epoch
}

impl NewerEpochs {
    /// Those after `epoch` among the published ones.
    pub(super) fn after(epoch: u32, published: impl Iterator<Item = (u32, Time)>) -> Self {
        let newer: Vec<_> = published.filter(|(other, _)| *other > epoch).collect();
        let mut starts: Vec<_> = newer.iter().map(|(_, start)| *start).collect();
        sort::by(&mut starts, Ord::cmp);
        Self {
            newest: newer.iter().map(|(epoch, _)| *epoch).max(),
            starts,
        }
    }
}

/// The seconds in this many hours.
pub(super) fn hours(count: u16) -> u32 {
    u32::from(count).saturating_mul(3600)
}

/// The seconds in this many days.
pub(super) fn days(count: u16) -> u32 {
    u32::from(count).saturating_mul(86_400)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_several_newer_epochs_the_newest_is_named_and_their_starts_are_in_order() {
        let [first, second] = [1_793_000_000, 1_795_000_000].map(Time::from_seconds);
        let published = [(1, first), (4, second), (3, first), (2, second)];
        let newer = NewerEpochs::after(2, published.into_iter());
        assert_eq!((newer.newest, newer.starts), (Some(4), vec![first, second]));
        let newest = NewerEpochs::after(4, published.into_iter());
        assert_eq!((newest.newest, newest.starts), (None, Vec::new()));
    }
}
