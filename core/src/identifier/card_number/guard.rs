//! Reads a text once and checks every number in it.

use super::digits::Digits;
use super::groups::Groups;
use super::issuer::{SHORTEST, has_issuer, is_issued_length, passes_luhn};
use super::script::{digit, is_ignorable, is_separator};
use super::track::holds_track;

/// Whether free text holds what looks like a card number: 13 to 19 digits of any script, in a known
/// issuer range and with a correct Luhn digit, or the data of a card's magnetic stripe.
/// `docs/identifiers.md` has the rates of false alarms.
#[must_use]
pub fn holds_card_number(text: &str) -> bool {
    holds(text, |digits| has_issuer(digits) && passes_luhn(digits))
}

/// The same for a number that somebody assigned, such as a merchant id or a telephone number. Lengths
/// at which no card is issued any more pass: of those, every tenth German mobile number would look
/// like a Visa card.
pub(in crate::identifier) fn looks_like_issued_card(text: &str) -> bool {
    holds(text, |digits| {
        is_issued_length(digits) && has_issuer(digits) && passes_luhn(digits)
    })
}

fn holds(text: &str, is_card: fn(&[u8]) -> bool) -> bool {
    // A fast path: most text has too few digits, and this runs for every identifier of every request.
    if text.chars().filter_map(digit).nth(SHORTEST - 2).is_none() {
        return false;
    }
    // A run is checked whole, without its spaces and hyphens, and by its unbroken pieces, so that an
    // expiry date after the number does not hide it. Printed groups are checked whatever characters
    // separate and surround them.
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
