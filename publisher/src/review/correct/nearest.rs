//! What somebody may have meant who misspelt a name.

use interdict_core::identifier::Kind;
use interdict_core::list::ListId;

use crate::error::Result;
use crate::publisher::Publisher;

/// So many letters may be wrong, left out or too many.
const MOST_MISTAKES: usize = 2;
/// So many names are told.
const MOST_NAMES: usize = 3;

impl Publisher {
    /// The listed names of a kind that are spelt almost like a text, the nearest first; at most three.
    ///
    /// # Errors
    /// The register cannot be read.
    pub fn nearest(&self, list: &ListId, kind: Kind, text: &str) -> Result<Vec<String>> {
        let meant: Vec<char> = text.trim().to_lowercase().chars().collect();
        let listed = self.register().listed_names(list, kind)?;
        let mut near: Vec<(usize, String)> = listed
            .into_iter()
            .filter_map(|name| Some((mistakes(&meant, &name)?, name)))
            .collect();
        near.sort_unstable();
        near.truncate(MOST_NAMES);
        Ok(near.into_iter().map(|(_, name)| name).collect())
    }
}

/// How many letters differ (Levenshtein, and two neighbours that changed places as one mistake); `None` if too many do,
/// or the name was meant as it is.
fn mistakes(meant: &[char], name: &str) -> Option<usize> {
    let name: Vec<char> = name.chars().collect();
    if meant.len().abs_diff(name.len()) > MOST_MISTAKES {
        return None;
    }
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=name.len()).collect();
    for (index, letter) in meant.iter().enumerate() {
        let mut next = vec![index.saturating_add(1)];
        for (other, own) in name.iter().enumerate() {
            let at = |row: &[usize], back: usize| {
                let place = other.saturating_add(1).checked_sub(back)?;
                row.get(place).copied()
            };
            let changed = at(&row, 1)?.saturating_add(usize::from(letter != own));
            let left_out = at(&row, 0)?.saturating_add(1);
            let too_many = next.last()?.saturating_add(1);
            let is_swapped = index > 0
                && other > 0
                && meant.get(index.wrapping_sub(1)) == Some(own)
                && name.get(other.wrapping_sub(1)) == Some(letter);
            let swapped = at(&before, 2).filter(|_| is_swapped);
            let least = changed.min(left_out).min(too_many);
            next.push(swapped.map_or(least, |swapped| least.min(swapped.saturating_add(1))));
        }
        before = std::mem::replace(&mut row, next);
    }
    row.last()
        .copied()
        .filter(|count| (1..=MOST_MISTAKES).contains(count))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_mistakes_are_near_and_three_are_not() {
        let count = |meant: &str, name: &str| {
            let meant: Vec<char> = meant.chars().collect();
            mistakes(&meant, name)
        };
        for (meant, name, expected) in [
            ("shop.example", "shop.example", None),
            ("shpo.example", "shop.example", Some(1)),
            ("shp.example", "shop.example", Some(1)),
            ("shoop.example", "shop.example", Some(1)),
            ("sjop.exampel", "shop.example", Some(2)),
            ("xxxp.example", "shop.example", None),
            ("s", "shop.example", None),
            ("", "ab", Some(2)),
            ("b\u{fc}cher", "bucher", Some(1)),
        ] {
            assert_eq!(count(meant, name), expected, "{meant} {name}");
        }
    }
}
