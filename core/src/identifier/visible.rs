//! What a value says without padding and without the characters that no one sees.

use alloc::borrow::{Cow, ToOwned as _};
use alloc::string::String;

use super::card_number::is_ignorable;
use super::kind::Kind;

/// The value without white space and control characters at its ends, with which programs pad fields of a
/// fixed length, and without invisible characters, which text copied from a page contains. Of names only
/// marks of direction around them are left out: UTS #46 reads the rest, where a joiner may count. No
/// accepted value has any of what is left out, so none becomes another one.
pub(super) fn visible(kind: Kind, value: &str) -> Cow<'_, str> {
    let padding = |c: char| c.is_whitespace() || c.is_control();
    let value = value.trim_matches(padding);
    if value.is_ascii() {
        return Cow::Borrowed(value);
    }
    if matches!(kind, Kind::Domain | Kind::Label) {
        return Cow::Borrowed(value.trim_matches(|c| padding(c) || is_direction(c)));
    }
    let seen: String = value.chars().filter(|&c| !is_ignorable(c)).collect();
    Cow::Owned(seen.trim_matches(padding).to_owned())
}

/// Marks that say in which direction text runs (Unicode Standard Annex 9).
const fn is_direction(c: char) -> bool {
    matches!(c, '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
