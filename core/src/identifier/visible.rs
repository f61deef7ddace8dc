//! What a value says without the characters that no one sees.

use std::borrow::Cow;

use super::card_number::is_ignorable;

/// The value without invisible characters, which text copied from a page contains, and without white
/// space and control characters at its ends, with which programs pad fields of a fixed length. No
/// accepted value has any of them, so none becomes another one.
pub(super) fn visible(value: &str) -> Cow<'_, str> {
    let padding = |c: char| c.is_whitespace() || c.is_control() || is_ignorable(c);
    let value = value.trim_matches(padding);
    if value.is_ascii() {
        return Cow::Borrowed(value);
    }
    Cow::Owned(value.chars().filter(|&c| !is_ignorable(c)).collect())
}
