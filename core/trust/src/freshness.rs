//! How far a verified list can be relied on.

use interdict_common::time::Time;

/// How far a verified list can be relied on, best first. The age of the list itself is for the
/// caller to judge.
///
/// Off-spec: TUF clients stop trusting expired metadata (TUF 1.0.34 §5.3.10, §5.4.4, §5.5.6,
/// §5.6.6). Here it makes a list less fresh and never removes it; otherwise cutting the network
/// would switch the list off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Freshness {
    /// Every role on the path verifies and is unexpired.
    Fresh,
    /// Timestamp or snapshot expired or is no longer vouched for, or newer targets are known to
    /// exist: newer lists may be withheld.
    Stale,
    /// Targets, a delegated role on the way or root expired: the publisher meant nobody to rely on it
    /// any longer.
    Expired,
    /// Targets no longer verifies under the newest root, or a delegated role on the way no longer
    /// under its delegator: the keys or the delegation were revoked.
    Untrusted,
}

/// 5.3.10, 5.4.4, 5.5.6, 5.6.6: `expires` must be later than the time of the update.
pub(crate) fn is_expired(expires: Time, now: Time) -> bool {
    expires <= now
}
