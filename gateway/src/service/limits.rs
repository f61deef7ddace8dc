use std::collections::HashSet;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};

const SECONDS_PER_DAY: u32 = 86_400;
/// More names of one day than this are not told apart any more; they take 16 MB.
const MOST_NAMES: usize = 1_000_000;
/// A client with fewer names in a day than this raises no alarm, whatever it hits.
const ENOUGH_NAMES: usize = 200;
/// One name in so many that is found: nobody's own merchants are listed that often.
const SUSPICIOUS_SHARE: usize = 5;

/// What bounds one client.
#[derive(Debug)]
pub(crate) struct ClientLimits {
    rate: Option<DefaultDirectRateLimiter>,
    names_per_day: usize,
    today: Mutex<Day>,
    /// The second of the last line about too many requests.
    told: AtomicU32,
}

/// The distinct names outside the portfolio that a client has asked about on one day (UTC).
#[derive(Debug, Default)]
struct Day {
    number: u32,
    names: HashSet<u64>,
    found: usize,
}

/// What a client's names of today look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Probing {
    /// Distinct names outside the portfolio.
    pub(crate) names: usize,
    /// How many of them were found.
    pub(crate) found: usize,
}

impl ClientLimits {
    /// 0 is without limit.
    pub(crate) fn of(requests_per_second: u32, names_per_day: usize) -> Self {
        let rate = NonZeroU32::new(requests_per_second);
        Self {
            rate: rate.map(|rate| RateLimiter::direct(Quota::per_second(rate))),
            names_per_day,
            today: Mutex::default(),
            told: AtomicU32::new(0),
        }
    }

    /// Whether this second has no line yet about too many requests: a flood of them must not fill the journal.
    pub(crate) fn tells(&self, now: u32) -> bool {
        self.told.swap(now, Ordering::Relaxed) != now
    }

    /// Whether one more request may be answered now.
    pub(crate) fn takes_one(&self) -> bool {
        self.rate.as_ref().is_none_or(|rate| rate.check().is_ok())
    }

    /// Counts names, each a digest. False if one of them is one too many today: the answer must not go out.
    pub(crate) fn takes_names(&self, names: &[u64], is_found: bool, now: u32) -> bool {
        let mut today = self.today.lock().unwrap_or_else(PoisonError::into_inner);
        let number = now / SECONDS_PER_DAY;
        if today.number != number {
            *today = Day {
                number,
                ..Day::default()
            };
        }
        for name in names {
            if today.names.contains(name) || today.names.len() >= MOST_NAMES {
                continue;
            }
            if self.names_per_day > 0 && today.names.len() >= self.names_per_day {
                return false;
            }
            today.names.insert(*name);
            today.found = today.found.saturating_add(usize::from(is_found));
        }
        true
    }

    /// What this client's names look like, if that is more like somebody who tries names than like a gateway.
    pub(crate) fn probing(&self) -> Option<Probing> {
        let today = self.today.lock().unwrap_or_else(PoisonError::into_inner);
        let seen = Probing {
            names: today.names.len(),
            found: today.found,
        };
        let is_suspicious =
            seen.names >= ENOUGH_NAMES && seen.found.saturating_mul(SUSPICIOUS_SHARE) >= seen.names;
        is_suspicious.then_some(seen)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u32 = 1_795_309_323;

    #[test]
    fn a_client_asks_about_so_many_names_a_day_and_about_each_as_often_as_it_likes() {
        let limits = ClientLimits::of(0, 2);
        assert!(limits.takes_names(&[1, 2], false, NOW));
        assert!(limits.takes_names(&[2, 1], false, NOW));
        assert!(!limits.takes_names(&[3], false, NOW));
        assert!(!limits.takes_names(&[1, 3], false, NOW));
        assert!(limits.takes_names(&[1], false, NOW));
        assert!(limits.takes_names(&[3], false, NOW + 86_400));
        assert!(ClientLimits::of(0, 0).takes_names(&[1, 2, 3], true, NOW));
    }

    #[test]
    fn a_client_that_asks_too_often_waits() {
        let limits = ClientLimits::of(3, 0);
        let answered = (0..50).filter(|_| limits.takes_one()).count();
        assert!((3..10).contains(&answered), "{answered}");
        let open = ClientLimits::of(0, 0);
        assert!((0..1000).all(|_| open.takes_one()));
    }

    #[test]
    fn a_client_that_tries_names_is_noticed() {
        let limits = ClientLimits::of(0, 0);
        for name in 0..199 {
            limits.takes_names(&[name], name % 4 == 0, NOW);
        }
        assert_eq!(limits.probing(), None);
        limits.takes_names(&[199], false, NOW);
        let seen = Probing {
            names: 200,
            found: 50,
        };
        assert_eq!(limits.probing(), Some(seen));
        let honest = ClientLimits::of(0, 0);
        for name in 0..1000 {
            honest.takes_names(&[name], name % 100 == 0, NOW);
        }
        assert_eq!(honest.probing(), None);
    }
}
