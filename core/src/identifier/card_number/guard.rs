//! Reads a text once, and judges every number in it.

use super::digits::Digits;
use super::groups::Groups;
use super::issuer::{SHORTEST, has_issuer, is_issued_length, passes_luhn};
use super::script::{digit, is_ignorable, is_separator};
use super::track::holds_track;

/// Whether free text holds what looks like a card number: a run of 13 to 19 digits of any script, of
/// a known issuer range and with a right Luhn digit, or the data of a card's magnetic track. Measured
/// rates: `docs/identifiers.md`.
#[must_use]
pub fn holds_card_number(text: &str) -> bool {
    holds(text, |digits| has_issuer(digits) && passes_luhn(digits))
}

/// The same for a number that somebody gave out, a merchant's id or a telephone number: lengths at
/// which no card is issued any more pass, for there every tenth German mobile number is a Visa card.
pub(in crate::identifier) fn looks_like_issued_card(text: &str) -> bool {
    holds(text, |digits| {
        is_issued_length(digits) && has_issuer(digits) && passes_luhn(digits)
    })
}

fn holds(text: &str, is_card: fn(&[u8]) -> bool) -> bool {
    // Most text has too few digits, and is read for every identifier of every request.
    if text.chars().filter_map(digit).nth(SHORTEST - 2).is_none() {
        return false;
    }
    // A run is judged whole, with its spaces and hyphens taken out, and by its unbroken pieces, so
    // that an expiry date after the number does not hide it. A row is judged by every few
    // groups of it, whatever stands between and around them.
    let (mut run, mut piece, mut groups) =
        (Digits::default(), Digits::default(), Groups::default());
    for c in text.chars() {
        if let Some(digit) = digit(c) {
            run.push(digit);
            piece.push(digit);
            groups.push(digit);
            continue;
        }
        if is_ignorable(c) {
            continue;
        }
        if piece.are(is_card) || groups.are(is_card) {
            return true;
        }
        piece = Digits::default();
        groups.separate(c);
        if !is_separator(c) {
            if run.are(is_card) {
                return true;
            }
            run = Digits::default();
        }
    }
    piece.are(is_card) || groups.are(is_card) || run.are(is_card) || holds_track(text)
}
