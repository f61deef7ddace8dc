//! Freshness: how far a verified list can be relied on, from expiry, time and what is known.

use interdict_common::time::Time;

/// How far a verified list can be relied on, best first. The caller judges the age of the list
/// itself.
///
/// Off-spec: TUF clients stop trusting expired metadata (TUF 1.0.34 §5.3.10, §5.4.4, §5.5.6,
/// §5.6.5). Here, expiry makes a list less fresh and never removes it. Otherwise, cutting the
/// network would switch the list off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Freshness {
    /// Every role on the way to the list verifies and is unexpired.
    Fresh,
    /// As fresh as before, but newer metadata is known and a part of it is missing: one file that is
    /// withheld must not switch a list off. What tells that it stays away is that no poll completes.
    Late,
    /// A newer list may be withheld: timestamp or snapshot expired or lost its keys.
    Stale,
    /// The publisher no longer wants anybody to rely on the list: root, targets or a delegated role
    /// on the way expired.
    Expired,
    /// The keys or the delegation were revoked: targets no longer verifies under the newest root,
    /// or a delegated role on the way no longer verifies under its delegator.
    Untrusted,
}

impl Freshness {
    /// Every grade, best first.
    pub const ALL: [Self; 5] = [
        Self::Fresh,
        Self::Late,
        Self::Stale,
        Self::Expired,
        Self::Untrusted,
    ];

    /// The stable word for it in answers and receipts.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fresh => "fresh",
            Self::Late => "late",
            Self::Stale => "stale",
            Self::Expired => "expired",
            Self::Untrusted => "untrusted",
        }
    }
}

/// When the metadata that vouches for a list expires.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Expiry {
    /// The first expiry among root, targets and the delegated roles on the way: the roles that say
    /// what is listed.
    pub(crate) listing: Time,
    /// The first expiry of timestamp and snapshot: the roles that say what is newest.
    pub(crate) recency: Time,
}

impl Freshness {
    /// The grade of a list at `now`. `at_best` is the best grade that newer metadata allows.
    pub(crate) fn at(now: Time, expiry: Expiry, at_best: Self) -> Self {
        let by_expiry = if is_expired(expiry.listing, now) {
            Self::Expired
        } else if is_expired(expiry.recency, now) {
            Self::Stale
        } else {
            Self::Fresh
        };
        by_expiry.max(at_best)
    }
}

/// Whether metadata has expired at `now`. The second of `expires` already counts as expired
/// (TUF 1.0.34 §5.3.10, §5.4.4, §5.5.6, §5.6.5: `expires` must be later).
pub(crate) fn is_expired(expires: Time, now: Time) -> bool {
    expires <= now
}
