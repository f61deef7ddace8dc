//! A map that is made once and then read: one allocation, where a tree has one for every few entries.

use std::collections::BTreeMap;

/// Keys and values, ascending by key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sorted<K, V>(Vec<(K, V)>);

impl<K: Ord, V> Sorted<K, V> {
    pub(crate) fn get(&self, key: &K) -> Option<&V> {
        let (_, value) = self.0.get(self.position(key).ok()?)?;
        Some(value)
    }

    pub(crate) const fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = (&K, &V)> + Clone {
        self.0.iter().map(|(key, value)| (key, value))
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = &K> + Clone {
        self.iter().map(|(key, _)| key)
    }

    pub(crate) fn values(&self) -> impl Iterator<Item = &V> {
        self.iter().map(|(_, value)| value)
    }

    /// Puts each value in its place, and takes those away that are `None`.
    pub(crate) fn change(&mut self, mut changes: BTreeMap<K, Option<V>>) {
        if changes.is_empty() {
            return;
        }
        let kept = self.0.drain(..);
        let mut changed: Vec<(K, V)> = kept
            .filter_map(|(key, value)| match changes.remove(&key) {
                Some(changed) => Some((key, changed?)),
                None => Some((key, value)),
            })
            .collect();
        let added = changes.into_iter();
        changed.extend(added.filter_map(|(key, value)| Some((key, value?))));
        *self = Self::from(changed);
    }

    fn position(&self, key: &K) -> Result<usize, usize> {
        self.0.binary_search_by(|(found, _)| found.cmp(key))
    }
}

impl<K: Ord, V> From<Vec<(K, V)>> for Sorted<K, V> {
    /// In any order. Of one key, the first value counts.
    fn from(mut entries: Vec<(K, V)>) -> Self {
        if !entries.is_sorted_by(|(one, _), (other, _)| one < other) {
            entries.sort_by(|(one, _), (other, _)| one.cmp(other));
            entries.dedup_by(|(one, _), (other, _)| one == other);
        }
        Self(entries)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_found_in_whatever_order_they_came_and_the_first_of_a_key_counts() {
        let sorted = Sorted::from(vec![(3, "c"), (1, "a"), (2, "b"), (1, "later")]);
        assert_eq!(sorted.keys().copied().collect::<Vec<_>>(), [1, 2, 3]);
        assert_eq!(sorted.get(&1), Some(&"a"));
        assert_eq!(sorted.get(&4), None);
    }

    #[test]
    fn changes_replace_add_and_take_away() {
        let mut sorted = Sorted::from(vec![(1, "a"), (2, "b"), (4, "d")]);
        let changes = [
            (0, Some("z")),
            (1, None),
            (2, Some("B")),
            (3, None),
            (5, Some("e")),
        ];
        sorted.change(BTreeMap::from(changes));
        let expected = [(0, "z"), (2, "B"), (4, "d"), (5, "e")];
        assert_eq!(sorted, Sorted::from(expected.to_vec()));
    }
}
