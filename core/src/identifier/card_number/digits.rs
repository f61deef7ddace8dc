//! A run of digits, collected while text is read.

use super::issuer::{LONGEST, SHORTEST};

/// The first 19 digits of a run, and its length.
#[derive(Default, Clone, Copy)]
pub(super) struct Digits {
    first: [u8; LONGEST],
    pub(super) count: usize,
}

impl Digits {
    pub(super) fn push(&mut self, digit: u8) {
        if let Some(place) = self.first.get_mut(self.count) {
            *place = digit;
        }
        self.count = self.count.saturating_add(1);
    }

    pub(super) fn kept(&self) -> &[u8] {
        self.first.get(..self.count).unwrap_or(&self.first)
    }

    pub(super) fn are(&self, is_card: fn(&[u8]) -> bool) -> bool {
        match self.first.get(..self.count) {
            Some(digits) if digits.len() >= SHORTEST => is_card(digits),
            _ => false,
        }
    }
}
