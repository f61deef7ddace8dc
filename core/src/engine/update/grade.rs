use crate::common::time::Time;
use crate::policy::Policy;
use crate::trust::Freshness;

use super::coalition::Coalition;
use super::live_release::{LiveRelease, days, hours};
use super::pack::LivePack;

/// How long a stale list counts as one that is late: three days, so that a mirror that fails on a Friday
/// evening does not stop the payouts of a weekend.
const STALE_GRACE_HOURS: u16 = 72;

/// How far a clock may be behind the newest verified time, in seconds: the clocks of a gateway's machines
/// differ, and they share one history.
const CLOCK_TOLERANCE: u32 = 600;

/// How far a release can be relied on, and why no further.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Grade {
    pub(crate) freshness: Freshness,
    pub(crate) stale: StaleSince,
    /// The time that the release was judged at.
    now: Time,
}

/// Since when each cause makes a release stale.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct StaleSince {
    /// Timestamp or snapshot expired, or lost its keys.
    pub(crate) metadata: Option<Time>,
    /// No poll of the repository completed in time.
    pub(crate) poll: Option<Time>,
    /// A newer epoch has started, and its key is missing.
    pub(crate) key: Option<Time>,
}

/// What a list that must answer is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Standing {
    /// What it misses is clean.
    Clean,
    /// What it misses is to be watched: a newer list is on its way, or did not come for a while.
    Late,
    /// What it misses says nothing.
    Unavailable,
}

impl Grade {
    pub(crate) fn standing(&self) -> Standing {
        match self.freshness {
            Freshness::Fresh => Standing::Clean,
            Freshness::Late => Standing::Late,
            Freshness::Stale => {
                let since = self.stale.first().unwrap_or(Time::from_seconds(0));
                match self.now.since(since) < hours(STALE_GRACE_HOURS) {
                    true => Standing::Late,
                    false => Standing::Unavailable,
                }
            }
            Freshness::Expired | Freshness::Untrusted => Standing::Unavailable,
        }
    }
}

impl StaleSince {
    fn first(&self) -> Option<Time> {
        let causes = [self.metadata, self.poll, self.key];
        causes.into_iter().flatten().min()
    }
}

impl Coalition {
    /// The time to judge this coalition's lists at: the host's clock, or the newest verified time if that
    /// is later and can be true. That of another coalition does not count, so that none can age the lists of
    /// another.
    pub(crate) fn effective(&self, now: Time) -> Time {
        self.client
            .clock_floor()
            .map_or(now, |newest| newest.max(now))
    }

    /// Whether the host's clock is behind the newest verified time, by more than clocks differ.
    pub(crate) fn is_clock_behind(&self, now: Time) -> bool {
        let newest = self.client.newest_time();
        newest.is_some_and(|newest| newest.since(now) > CLOCK_TOLERANCE)
    }

    /// How far a release can be relied on. `now` is the host's clock.
    pub(crate) fn grade(&self, live: &LiveRelease, policy: &Policy, now: Time) -> Grade {
        let is_behind = self.is_clock_behind(now);
        let now = self.effective(now);
        let signed = self.client.freshness(&live.path, now);
        let signed = signed.unwrap_or(Freshness::Untrusted);
        let stale = StaleSince {
            metadata: self.metadata_stale_since(signed, now),
            poll: self.not_polled_since(policy, now),
            key: live.key_outdated_since(now),
        };
        let mut freshness = signed;
        if is_behind || stale.first().is_some() {
            freshness = freshness.max(Freshness::Stale);
        }
        if now >= live.max_age_end(policy) {
            freshness = freshness.max(Freshness::Expired);
        }
        Grade {
            freshness,
            stale,
            now,
        }
    }

    /// Whether a release may still lead to more than `review`.
    pub(crate) fn has_full_effect(&self, live: &LiveRelease, policy: &Policy, now: Time) -> bool {
        match self.grade(live, policy, now).freshness {
            Freshness::Fresh | Freshness::Late | Freshness::Stale => true,
            Freshness::Untrusted => false,
            Freshness::Expired => {
                let end = self.client.target_expires(&live.path);
                let end = end.map_or(Time::from_seconds(0), |end| {
                    end.min(live.max_age_end(policy))
                });
                self.effective(now).since(end) < days(policy.expired_grace_days)
            }
        }
    }

    /// Whether a pack counts: its metadata has not expired and is trusted.
    pub(crate) fn counts(&self, pack: &LivePack, now: Time) -> bool {
        let freshness = self.client.freshness(&pack.path, now);
        freshness.is_some_and(|freshness| freshness <= Freshness::Stale)
    }

    /// Nobody says when keys were replaced: the last completed poll is the last that had the right ones.
    fn metadata_stale_since(&self, signed: Freshness, now: Time) -> Option<Time> {
        if signed != Freshness::Stale {
            return None;
        }
        let expired = self.client.recency_expires();
        let expired = expired.filter(|expired| *expired <= now);
        expired.or(self.polled()).or(Some(Time::from_seconds(0)))
    }

    fn not_polled_since(&self, policy: &Policy, now: Time) -> Option<Time> {
        let Some(polled) = self.polled() else {
            return Some(Time::from_seconds(0));
        };
        let end = polled.plus(hours(policy.poll_max_age_hours));
        (now > end).then_some(end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Time = Time::from_seconds(1_795_309_323);

    fn standing(freshness: Freshness, stale: StaleSince) -> Standing {
        Grade {
            freshness,
            stale,
            now: NOW,
        }
        .standing()
    }

    #[test]
    fn a_stale_list_is_late_for_three_days_by_the_first_of_its_causes() {
        let ago = |seconds: u32| Some(Time::from_seconds(NOW.seconds() - seconds));
        let hour = 3600;
        for (metadata, poll, key, expected) in [
            (ago(0), None, None, Standing::Late),
            (ago(72 * hour - 1), None, None, Standing::Late),
            (ago(72 * hour), None, None, Standing::Unavailable),
            (None, ago(72 * hour), None, Standing::Unavailable),
            (None, None, ago(72 * hour), Standing::Unavailable),
            (ago(1), ago(72 * hour), ago(1), Standing::Unavailable),
            (ago(1), ago(2), ago(3), Standing::Late),
            (None, None, None, Standing::Unavailable),
        ] {
            let stale = StaleSince {
                metadata,
                poll,
                key,
            };
            assert_eq!(standing(Freshness::Stale, stale), expected, "{stale:?}");
        }
    }

    #[test]
    fn every_other_grade_has_one_standing() {
        for (freshness, expected) in [
            (Freshness::Fresh, Standing::Clean),
            (Freshness::Late, Standing::Late),
            (Freshness::Expired, Standing::Unavailable),
            (Freshness::Untrusted, Standing::Unavailable),
        ] {
            assert_eq!(standing(freshness, StaleSince::default()), expected);
        }
    }
}
