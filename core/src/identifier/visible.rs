//! What a value says without padding and without the characters that no one sees.

use std::borrow::Cow;

use super::card_number::is_ignorable;
use super::kind::Kind;

/// The value without white space and control characters at its ends, with which programs pad fields of a
/// fixed length, and without invisible characters, which text copied from a page contains. Names are read
/// by UTS #46, where a joiner may count. No accepted value of another kind has any of them, so none becomes
/// another one.
pub(super) fn visible(kind: Kind, value: &str) -> Cow<'_, str> {
    let padding = |c: char| c.is_whitespace() || c.is_control();
    let value = value.trim_matches(padding);
    if value.is_ascii() || matches!(kind, Kind::Domain | Kind::Label) {
        return Cow::Borrowed(value);
    }
    let seen: String = value.chars().filter(|&c| !is_ignorable(c)).collect();
    Cow::Owned(seen.trim_matches(padding).to_owned())
}
