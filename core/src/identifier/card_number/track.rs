//! The data of a card's magnetic stripe, whose letters stand next to the number.

/// Digits of the number on a track: ISO/IEC 7813 allows 19.
const NUMBER: core::ops::RangeInclusive<usize> = 12..=19;
/// Year, month, service code.
const DATE: usize = 7;

/// Track 1 of a magnetic stripe (ISO/IEC 7813: `B`, number, `^`), or track 2 as messages carry it
/// (number, `D`, expiry and further digits, with no letter or digit around them).
pub(super) fn holds_track(text: &str) -> bool {
    let mut before = None;
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let (number, further) = digits(rest);
        if number == 0 {
            (before, rest) = (Some(*first), after);
            continue;
        }
        let held = match further.split_first() {
            Some((b'^', _)) => before == Some(b'B'),
            Some((b'D', date)) => {
                let (count, behind) = digits(date);
                let apart = |next: Option<&u8>| !next.is_some_and(u8::is_ascii_alphanumeric);
                count >= DATE && apart(behind.first()) && apart(before.as_ref())
            }
            _ => false,
        };
        if held && NUMBER.contains(&number) {
            return true;
        }
        (before, rest) = (Some(b'0'), further);
    }
    false
}

/// How many digits a text begins with, and what follows them.
fn digits(text: &[u8]) -> (usize, &[u8]) {
    let count = text.iter().take_while(|b| b.is_ascii_digit()).count();
    let (_, rest) = text.split_at(count);
    (count, rest)
}
