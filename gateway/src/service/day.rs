use std::sync::{Mutex, PoisonError};

use interdict_host::Action;

use super::metrics::STEP;

const SECONDS_PER_HOUR: u32 = 3_600;
/// Hours that are kept.
const HOURS: u32 = 24;

/// Verdicts of the last hours by action. They are shown in the steps in which metrics count, so that a merchant who
/// screens himself cannot watch them.
#[derive(Debug, Default)]
pub(crate) struct Day(Mutex<Vec<Hour>>);

/// Verdicts of one hour.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Hour {
    /// Hours since 1970.
    number: u32,
    /// In the order of [`Action::ALL`].
    counts: [u64; Action::ALL.len()],
}

impl Hour {
    /// When it began, in seconds since 1970.
    pub(crate) const fn began(&self) -> u32 {
        self.number.saturating_mul(SECONDS_PER_HOUR)
    }

    /// How many verdicts had an action, rounded down.
    pub(crate) fn count(&self, action: Action) -> u64 {
        rounded(self.exact(action))
    }

    fn exact(&self, action: Action) -> u64 {
        let counts = Action::ALL.iter().zip(self.counts);
        let mut own = counts.filter(|(one, _)| **one == action);
        own.next().map_or(0, |(_, count)| count)
    }
}

impl Day {
    /// Counts a verdict.
    pub(crate) fn count(&self, action: Action, now: u32) {
        let number = now / SECONDS_PER_HOUR;
        let mut hours = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if hours.last().is_none_or(|hour| hour.number < number) {
            hours.retain(|hour| hour.number.saturating_add(HOURS) > number);
            hours.push(Hour {
                number,
                ..Hour::default()
            });
        }
        // A clock that went back counts into the last hour.
        let Some(hour) = hours.last_mut() else { return };
        for (one, count) in Action::ALL.iter().zip(&mut hour.counts) {
            *count = count.saturating_add(u64::from(*one == action));
        }
    }

    /// The last hours, oldest first; those without a verdict too.
    pub(crate) fn hours(&self, now: u32) -> Vec<Hour> {
        let number = now / SECONDS_PER_HOUR;
        let hours = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let first = number.saturating_sub(HOURS.saturating_sub(1));
        let of = |number: u32| {
            let found = hours.iter().find(|hour| hour.number == number);
            found.copied().unwrap_or(Hour {
                number,
                ..Hour::default()
            })
        };
        (first..=number).map(of).collect()
    }

    /// How many of these hours' verdicts had an action, rounded down.
    pub(crate) fn total(hours: &[Hour], action: Action) -> u64 {
        rounded(hours.iter().map(|hour| hour.exact(action)).sum())
    }
}

const fn rounded(count: u64) -> u64 {
    count - count % STEP
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_shown_for_a_day_and_a_single_verdict_does_not_show() {
        let day = Day::default();
        let start = 1_795_309_200 / SECONDS_PER_HOUR * SECONDS_PER_HOUR;
        for _ in 0..9 {
            day.count(Action::Block, start);
        }
        let shown = |now| {
            let hours = day.hours(now);
            let counts: Vec<u64> = hours.iter().map(|hour| hour.count(Action::Block)).collect();
            (counts, Day::total(&hours, Action::Block))
        };
        assert_eq!(shown(start), (vec![0; 24], 0));
        for _ in 0..9 {
            day.count(Action::Block, start + 2 * SECONDS_PER_HOUR);
        }
        let (counts, total) = shown(start + 2 * SECONDS_PER_HOUR);
        assert_eq!((counts, total), (vec![0; 24], 10), "9 and 9 are 18");
        day.count(Action::Block, start + 2 * SECONDS_PER_HOUR);
        let (counts, _) = shown(start + 3 * SECONDS_PER_HOUR);
        assert_eq!((counts[22], counts.iter().sum::<u64>()), (10, 10));
        assert_eq!(shown(start + 26 * SECONDS_PER_HOUR), (vec![0; 24], 0));
        assert_eq!(day.hours(start)[23].began(), start);
    }
}
