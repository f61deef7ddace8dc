//! Hides counts small enough to point at one merchant, and other counts from which they could be computed.
//!
//! The rule, for the cells of one breakdown whose sum is shown or known from elsewhere:
//!
//! 1. A count of 1 to 4 is shown as `<5`; zero and counts from 5 are shown.
//! 2. If there is such a cell, the smallest cells of 5 and more are hidden too, until one hidden cell is at
//!    least 8. Then each `<5` could be 1, 2, 3 or 4 by what is shown: whatever it gains or loses, that
//!    hidden cell can lose or gain and still be at least 5.
//! 3. If no cell is that large, or the sum itself is under 5, the whole breakdown is hidden, with the
//!    names of its cells: five names and a sum of five would say that each is 1.
//!
//! Breakdowns of one sum are never combined with each other, so no cell is the difference of two tables.
//! Nothing guards the difference of two reports over overlapping lines: make only one report of each
//! period.

/// Smaller counts are not shown.
pub const SMALLEST_SHOWN: u64 = 5;

/// A hidden cell of this size lets every `<5` beside it have any value from 1 to 4.
const LARGE_ENOUGH: u64 = SMALLEST_SHOWN + 3;

/// A count as it may be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shown {
    /// As it is.
    Count(u64),
    /// From 1 to 4.
    Few,
    /// Hidden, because others could be computed from it.
    Hidden,
}

impl Shown {
    /// A count that is not part of a sum that is shown.
    #[must_use]
    pub const fn alone(count: u64) -> Self {
        if count > 0 && count < SMALLEST_SHOWN {
            Self::Few
        } else {
            Self::Count(count)
        }
    }
}

/// The cells of a breakdown whose sum is shown or known.
#[must_use]
pub fn suppressed(cells: &[u64]) -> Vec<Shown> {
    let mut shown: Vec<Shown> = cells.iter().map(|count| Shown::alone(*count)).collect();
    if !shown.contains(&Shown::Few) {
        return shown;
    }
    let mut others: Vec<(u64, usize)> = cells
        .iter()
        .zip(0..)
        .filter(|(count, _)| **count >= SMALLEST_SHOWN)
        .map(|(count, index)| (*count, index))
        .collect();
    others.sort_unstable();
    for (count, index) in others {
        if let Some(cell) = shown.get_mut(index) {
            *cell = Shown::Hidden;
        }
        if count >= LARGE_ENOUGH {
            return shown;
        }
    }
    vec![Shown::Hidden; cells.len()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    use Shown::{Count, Few, Hidden};

    #[test]
    fn cells_by_hand() {
        assert_eq!(suppressed(&[]), []);
        assert_eq!(suppressed(&[0, 5, 100]), [Count(0), Count(5), Count(100)]);
        assert_eq!(suppressed(&[1, 20, 100]), [Few, Hidden, Count(100)]);
        assert_eq!(suppressed(&[1, 5, 100]), [Few, Hidden, Hidden]);
        assert_eq!(suppressed(&[4, 0, 100]), [Few, Count(0), Hidden]);
        assert_eq!(suppressed(&[1, 5, 7]), [Hidden, Hidden, Hidden]);
        assert_eq!(suppressed(&[1, 1]), [Hidden, Hidden]);
        assert_eq!(suppressed(&[3]), [Hidden]);
    }

    /// Whether some cells give this sum and look as shown, with `count` at `index`.
    fn possible(shown: &[Shown], sum: u64, index: usize, count: u64) -> bool {
        let cells = shown.iter().enumerate();
        let bounds = cells.map(|(place, cell)| match cell {
            _ if place == index => (count, count),
            Count(count) => (*count, *count),
            Few => (1, SMALLEST_SHOWN - 1),
            Hidden => (SMALLEST_SHOWN, sum),
        });
        let bounds: Vec<_> = bounds.collect();
        let low: u64 = bounds.iter().map(|(low, _)| low).sum();
        let high: u64 = bounds.iter().map(|(_, high)| high).sum();
        (low..=high).contains(&sum)
    }

    proptest! {
        #[test]
        fn no_cell_of_few_can_be_computed_from_the_sum(
            cells in prop::collection::vec(prop_oneof![0..10u64, 0..200u64], 0..9)
        ) {
            let sum = cells.iter().sum();
            let shown = suppressed(&cells);
            prop_assert_eq!(shown.len(), cells.len());
            let whole = shown.iter().all(|cell| *cell == Hidden);
            for (index, (cell, count)) in shown.iter().zip(&cells).enumerate() {
                match cell {
                    Count(told) => {
                        prop_assert_eq!(told, count);
                        prop_assert!(*count == 0 || *count >= SMALLEST_SHOWN);
                    }
                    Few => {
                        prop_assert!((1..SMALLEST_SHOWN).contains(count));
                        for other in 1..SMALLEST_SHOWN {
                            prop_assert!(possible(&shown, sum, index, other));
                        }
                    }
                    Hidden => prop_assert!(whole || *count >= SMALLEST_SHOWN),
                }
            }
        }
    }
}
