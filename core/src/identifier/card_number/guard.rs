//! Reads a text once and looks for a card-shaped run.

use alloc::string::String;

use super::row::{Row, SHORTEST};
use super::script::{is_digit, is_invisible};
use super::track::holds_track;
use crate::identifier::percent::unescaped;

/// Whether a text holds a card-shaped run, as it is or with its percent escapes resolved: 13 or more
/// unbroken digits, or digits in the groups in which cards are printed, with neither a letter nor a
/// digit next to them (docs/identifiers.md, "Card-shaped runs"). The check digit never counts.
#[must_use]
pub fn holds_card_number(text: &str) -> bool {
    holds(text) || text.contains('%') && holds(&String::from_utf8_lossy(&unescaped(text)))
}

fn holds(text: &str) -> bool {
    // A fast path: most text has too few digits.
    let mut digits = text.chars().filter(|&c| is_digit(c));
    if digits.nth(SHORTEST - 2).is_none() {
        return false;
    }
    let mut row = Row::default();
    for c in text.chars().filter(|&c| !is_invisible(c)) {
        if is_digit(c) {
            row.digit();
        } else if row.end_group(c.is_alphabetic()) {
            return true;
        } else {
            row.separate(c);
        }
    }
    row.end_group(false) || holds_track(text)
}
