//! Digits in the groups in which cards are printed, whatever separates the groups.

use super::digits::Digits;
use super::script::is_line_break;

/// Lengths of the groups in which card numbers are printed and typed.
const GROUPINGS: [&[usize]; 4] = [&[4, 4, 4, 4], &[4, 4, 4, 4, 3], &[4, 6, 5], &[4, 6, 4]];
const MOST_GROUPS: usize = 5;
/// Maximum characters between two groups.
const WIDEST_GAP: usize = 3;

/// The last groups of digits of a row, the newest at the end.
#[derive(Default)]
pub(super) struct Groups {
    groups: [Digits; MOST_GROUPS],
    /// Characters since the last digit.
    gap: usize,
}

impl Groups {
    pub(super) fn push(&mut self, digit: u8) {
        if self.gap > 0 {
            self.groups.rotate_left(1);
            if let Some(newest) = self.groups.last_mut() {
                *newest = Digits::default();
            }
            self.gap = 0;
        }
        if let Some(newest) = self.groups.last_mut() {
            newest.push(digit);
        }
    }

    /// Letters, line breaks and wide gaps end the row of groups.
    pub(super) fn separate(&mut self, c: char) {
        self.gap = self.gap.saturating_add(1);
        if c.is_alphanumeric() || is_line_break(c) || self.gap > WIDEST_GAP {
            *self = Self::default();
        }
    }

    pub(super) fn are(&self, is_card: fn(&[u8]) -> bool) -> bool {
        GROUPINGS.iter().any(|lengths| {
            let first = MOST_GROUPS.saturating_sub(lengths.len());
            let groups = self.groups.get(first..).unwrap_or_default();
            if !groups.iter().map(|group| &group.count).eq(*lengths) {
                return false;
            }
            let mut all = Digits::default();
            for digit in groups.iter().flat_map(Digits::kept) {
                all.push(*digit);
            }
            all.are(is_card)
        })
    }
}
