//! The data of a card's magnetic stripe.

use super::issuer::{LONGEST, SHORTEST};

/// Track 1 or 2 of a magnetic stripe (ISO/IEC 7813), or its copy in a message: number, separator, expiry
/// month. Finds cards of issuers that no table lists, too.
pub(super) fn holds_track(text: &str) -> bool {
    let mut rest = text.as_bytes();
    while let Some(start) = rest.iter().position(u8::is_ascii_digit) {
        let before = start.checked_sub(1).and_then(|at| rest.get(at).copied());
        let (_, from) = rest.split_at(start);
        let length = from.iter().take_while(|b| b.is_ascii_digit()).count();
        let (number, after) = from.split_at(length);
        rest = after;
        if !(SHORTEST - 1..=LONGEST).contains(&number.len()) {
            continue;
        }
        match after {
            [b'^', ..] if before == Some(b'B') => return true,
            [b'=' | b'D', date @ ..] if begins_with_expiry(date) => return true,
            _ => {}
        }
    }
    false
}

/// Year, month and service code: `YYMMSSS`.
fn begins_with_expiry(text: &[u8]) -> bool {
    let digits = text
        .get(..7)
        .is_some_and(|date| date.iter().all(u8::is_ascii_digit));
    let month = text.get(2..4);
    digits && month.is_some_and(|month| (b"01".as_slice()..=b"12").contains(&month))
}
