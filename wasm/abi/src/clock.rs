//! A clock that has stopped: a module cannot read one, but it is told the time with every call.

use interdict_core::engine::Clock;

/// Calls with one time, beyond which the clock has stopped: a gateway that screens half a million merchants
/// a second is told every time more than once, and none makes a million calls in a second.
const MOST: u32 = 1_000_000;

/// How many calls in a row had the same time. A batch is one call.
#[derive(Debug, Default)]
pub(crate) struct Calls {
    now: i32,
    count: u32,
}

impl Calls {
    /// Counts a call.
    pub(crate) fn count(&mut self, now: i32) -> Clock {
        if now != self.now {
            *self = Self { now, count: 0 };
        }
        self.count = self.count.saturating_add(1);
        match self.count > MOST {
            true => Clock::Stopped,
            false => Clock::Runs,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_has_stopped_after_more_than_a_million_calls_with_one_time() {
        let mut calls = Calls::default();
        for _ in 0..MOST {
            assert_eq!(calls.count(7), Clock::Runs);
        }
        assert_eq!(calls.count(7), Clock::Stopped);
        assert_eq!(calls.count(7), Clock::Stopped);
        assert_eq!(calls.count(8), Clock::Runs, "it runs again");
        assert_eq!(calls.count(7), Clock::Runs);
    }

    #[test]
    fn a_clock_that_stands_at_nought_has_stopped_too() {
        let mut calls = Calls::default();
        let last = (0..=MOST).map(|_| calls.count(0)).last();
        assert_eq!(last, Some(Clock::Stopped));
    }
}
