//! Sorting in few bytes of code. The standard library's sorts are copied for each type and comparison, 6 KB each
//! time; here all types share one.

use alloc::vec::Vec;
use core::cmp::Ordering;

/// So few items are sorted by insertion, which needs no memory.
const FEW: usize = 16;

/// Items that are compared and exchanged by their places.
trait Places {
    fn count(&self) -> usize;
    fn compare(&self, one: usize, other: usize) -> Ordering;
    fn swap(&mut self, one: usize, other: usize);
}

struct Items<'i, T, F> {
    items: &'i mut [T],
    compare: F,
}

impl<T, F: Fn(&T, &T) -> Ordering> Places for Items<'_, T, F> {
    fn count(&self) -> usize {
        self.items.len()
    }

    fn compare(&self, one: usize, other: usize) -> Ordering {
        match (self.items.get(one), self.items.get(other)) {
            (Some(one), Some(other)) => (self.compare)(one, other),
            _ => Ordering::Equal,
        }
    }

    fn swap(&mut self, one: usize, other: usize) {
        self.items.swap(one, other);
    }
}

/// Sorts items; those that compare equal keep their order. `n` items are compared `O(n log n)` times.
///
/// ```
/// let mut words = ["one", "two", "three", "four"];
/// interdict_common::sort::by(&mut words, |one, other| one.len().cmp(&other.len()));
/// assert_eq!(words, ["one", "two", "four", "three"]);
/// ```
pub fn by<T>(items: &mut [T], compare: impl Fn(&T, &T) -> Ordering) {
    sort(&mut Items { items, compare });
}

#[inline(never)]
fn sort(places: &mut dyn Places) {
    let count = places.count();
    if count <= FEW {
        insert_each(places, count);
    } else {
        let order = in_order(places, count);
        arrange(places, order);
    }
}

fn insert_each(places: &mut dyn Places, count: usize) {
    for end in 1..count {
        for place in (1..=end).rev() {
            let before = place.saturating_sub(1);
            if places.compare(before, place) != Ordering::Greater {
                break;
            }
            places.swap(before, place);
        }
    }
}

/// The places in the order of their items: a heapsort of the places.
fn in_order(places: &dyn Places, count: usize) -> Vec<usize> {
    let mut heap: Vec<usize> = (0..count).collect();
    // Equal items are told apart by their places.
    let is_after =
        |one: usize, other: usize| places.compare(one, other).then(one.cmp(&other)).is_gt();
    for root in (0..count.wrapping_shr(1)).rev() {
        sink(&mut heap, root, count, &is_after);
    }
    for end in (1..count).rev() {
        heap.swap(0, end);
        sink(&mut heap, 0, end, &is_after);
    }
    heap
}

/// Moves what is at the root of a heap down until nothing below it comes after it.
fn sink(heap: &mut [usize], mut root: usize, end: usize, is_after: &dyn Fn(usize, usize) -> bool) {
    loop {
        let left = root.saturating_mul(2).saturating_add(1);
        let right = left.saturating_add(1);
        let after = |one: usize, other: usize| match (heap.get(one), heap.get(other)) {
            (Some(one), Some(other)) => is_after(*one, *other),
            _ => false,
        };
        let larger = if right < end && after(right, left) {
            right
        } else {
            left
        };
        if larger >= end || !after(larger, root) {
            return;
        }
        heap.swap(root, larger);
        root = larger;
    }
}

/// Brings to each place the item that `order` names for it.
fn arrange(places: &mut dyn Places, mut order: Vec<usize>) {
    for start in 0..order.len() {
        let mut place = start;
        // Around the circle of items that take each other's places.
        while let Some(from) = order.get_mut(place) {
            let from = core::mem::replace(from, place);
            if from == start || from == place {
                break;
            }
            places.swap(place, from);
            place = from;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn items_are_sorted_as_by_the_standard_library_whatever_their_number_and_order() {
        let mut state = 1_u32;
        let mut random = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state >> 16
        };
        for count in (0..70).chain([1_000, 10_000]) {
            for values in [1, 3, 1 << 16] {
                let mut items: Vec<_> =
                    (0..count).map(|place| (random() % values, place)).collect();
                for _ in 0..3 {
                    let mut expected = items.clone();
                    expected.sort_by_key(|(value, _)| *value);
                    by(&mut items, |(one, _), (other, _)| one.cmp(other));
                    assert_eq!(items, expected, "{count} of {values}");
                    // Sorted, and then backwards.
                    items.reverse();
                }
            }
        }
    }

    #[test]
    fn no_order_makes_it_slow() {
        for order in [0, 1, 2_i64] {
            let mut items: Vec<i64> = (0..10_000)
                .map(|place| match order {
                    0 => place,
                    1 => -place,
                    _ => place % 2 * place,
                })
                .collect();
            let compared = Cell::new(0);
            by(&mut items, |one, other| {
                compared.set(compared.get() + 1);
                one.cmp(other)
            });
            // 2 n log2 n
            assert!(compared.get() < 270_000, "{}", compared.get());
        }
    }

    #[test]
    fn a_comparison_that_contradicts_itself_loses_nothing() {
        let mut items: Vec<u32> = (0..1_000).collect();
        let turn = Cell::new(false);
        by(&mut items, |_, _| {
            turn.set(!turn.get());
            if turn.get() {
                Ordering::Greater
            } else {
                Ordering::Less
            }
        });
        items.sort_unstable();
        assert_eq!(items, (0..1_000).collect::<Vec<_>>());
    }
}
