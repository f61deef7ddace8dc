//! Groups of digits with the same separator between them.

use alloc::string::String;
use core::mem;

/// ISO/IEC 7812-1 allows 19 digits and no scheme issues fewer than 13. Longer runs count too: a number
/// may be glued to its expiry date.
pub(super) const SHORTEST: usize = 13;

/// Lengths of the groups in which card numbers are printed and typed.
const GROUPINGS: [&[usize]; 4] = [&[4, 4, 4, 4], &[4, 4, 4, 4, 3], &[4, 6, 5], &[4, 6, 4]];
const MOST_GROUPS: usize = 5;

#[derive(Default, Clone, Copy)]
struct Group {
    length: usize,
    /// Whether a letter stands right before it.
    after_letter: bool,
}

/// The last groups of a text that have the same separator between them, the newest at the end.
#[derive(Default)]
pub(super) struct Row {
    groups: [Group; MOST_GROUPS],
    /// How many of the groups belong to the row.
    count: usize,
    separator: String,
    /// What stands between the newest group and here.
    gap: String,
    in_group: bool,
    after_letter: bool,
}

impl Row {
    pub(super) fn digit(&mut self) {
        if !self.in_group {
            self.begin_group();
        }
        if let Some(newest) = self.groups.last_mut() {
            newest.length = newest.length.saturating_add(1);
        }
    }

    fn begin_group(&mut self) {
        if self.count > 1 && self.gap != self.separator {
            self.count = 1;
        }
        mem::swap(&mut self.separator, &mut self.gap);
        self.gap.clear();
        self.groups.rotate_left(1);
        self.count = self.count.saturating_add(1).min(MOST_GROUPS);
        if let Some(newest) = self.groups.last_mut() {
            *newest = Group {
                length: 0,
                after_letter: self.after_letter,
            };
        }
        self.in_group = true;
        self.after_letter = false;
    }

    /// Ends the newest group, if one is open, and says whether a card-shaped run ends with it.
    pub(super) fn end_group(&mut self, before_letter: bool) -> bool {
        let ends = self.in_group && !before_letter;
        self.in_group = false;
        ends && (self.is_unbroken() || GROUPINGS.iter().any(|lengths| self.is_grouped(lengths)))
    }

    /// Takes a character that is no digit. A letter ends the row.
    pub(super) fn separate(&mut self, c: char) {
        self.after_letter = c.is_alphabetic();
        if self.after_letter {
            self.count = 0;
        }
        self.gap.push(c);
    }

    fn is_unbroken(&self) -> bool {
        let newest = self.groups.last();
        newest.is_some_and(|group| group.length >= SHORTEST && !group.after_letter)
    }

    fn is_grouped(&self, lengths: &[usize]) -> bool {
        let first = MOST_GROUPS.saturating_sub(lengths.len());
        let groups = self.groups.get(first..).unwrap_or_default();
        lengths.len() <= self.count
            && groups.iter().map(|group| &group.length).eq(lengths)
            && groups.first().is_some_and(|group| !group.after_letter)
    }
}
