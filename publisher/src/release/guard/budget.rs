//! How many changes go out without a confirmation.

use std::collections::BTreeMap;

use interdict_core::common::time::Time;

use crate::register::{Cell, Direction, Went};

const DAY: u32 = 86_400;

/// How long what went out counts.
pub(super) const WINDOW: u32 = 30 * DAY;

/// How many identifiers that were delisted alone go beside the limits, in one window.
pub(super) const SINGLES: usize = 20;

/// What is left of the limits of one list.
#[derive(Debug)]
pub(super) struct Budget {
    /// How many entries are published, by source and kind.
    published: BTreeMap<(String, String), usize>,
    /// How many went out of each cell, when first, and of how many.
    went: BTreeMap<Cell, (usize, (Time, usize))>,
}

impl Budget {
    pub(super) fn new(published: BTreeMap<(String, String), usize>, went: &[Went]) -> Self {
        let mut cells: BTreeMap<Cell, (usize, (Time, usize))> = BTreeMap::new();
        for went in went {
            let first = (went.at, went.published);
            let (sum, oldest) = cells.entry(went.cell.clone()).or_insert((0, first));
            *sum = sum.saturating_add(went.count);
            *oldest = (*oldest).min(first);
        }
        Self {
            published,
            went: cells,
        }
    }

    /// How many entries of a cell are published.
    pub(super) fn published(&self, cell: &Cell) -> usize {
        let of = (cell.source.clone(), cell.kind.clone());
        self.published.get(&of).copied().unwrap_or_default()
    }

    /// Whether anything of a source is published.
    pub(super) fn has_published(&self, source: &str) -> bool {
        self.published.keys().any(|(known, _)| known == source)
    }

    /// How many changes of a cell may still go out. A share is of the entries that there were before the first
    /// of them in the window, so that nobody makes room by adding some meanwhile.
    pub(super) fn left(&self, cell: &Cell) -> usize {
        let now = (0, (Time::from_seconds(0), self.published(cell)));
        let (went, (_, of)) = self.went.get(cell).copied().unwrap_or(now);
        let most = match cell.direction {
            Direction::Less => of.div_euclid(100).max(5),
            Direction::More => of.div_euclid(20).max(50),
        };
        most.saturating_sub(went)
    }
}

/// Whether something that happened then still counts.
pub(super) fn window_start(now: Time) -> Time {
    Time::from_seconds(now.seconds().saturating_sub(WINDOW))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(direction: Direction) -> Cell {
        Cell {
            source: "se.a".to_owned(),
            kind: "domain".to_owned(),
            direction,
        }
    }

    fn left(direction: Direction, published: usize, went: &[(usize, usize)]) -> usize {
        let of = (("se.a".to_owned(), "domain".to_owned()), published);
        let went = (1..).zip(went).map(|(at, (count, published))| Went {
            cell: cell(direction),
            at: Time::from_seconds(at),
            count: *count,
            published: *published,
        });
        Budget::new([of].into(), &went.collect::<Vec<_>>()).left(&cell(direction))
    }

    #[test]
    fn the_limits_are_five_or_one_in_a_hundred_less_and_fifty_or_one_in_twenty_more() {
        for (published, less, more) in [(0, 5, 50), (599, 5, 50), (600, 6, 50), (2_000, 20, 100)] {
            assert_eq!(left(Direction::Less, published, &[]), less);
            assert_eq!(left(Direction::More, published, &[]), more);
        }
    }

    #[test]
    fn what_went_out_is_used_up_and_adding_entries_makes_no_room() {
        assert_eq!(left(Direction::Less, 1_000, &[(4, 1_000)]), 6);
        assert_eq!(left(Direction::Less, 1_000, &[(4, 1_000), (6, 996)]), 0);
        assert_eq!(left(Direction::Less, 100_000, &[(4, 1_000)]), 6);
    }
}
