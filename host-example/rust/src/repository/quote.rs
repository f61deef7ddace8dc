//! Percent-encoding: names from elsewhere as one part of a path.

use interdict_core::common::hex;
use interdict_core::trust::{is_unreserved, percent_encode};

/// One part of a path or URL: all but `A-Z a-z 0-9 - . _ ~` (RFC 3986 §2.3) is encoded, upper case,
/// as TUF clients encode names of roles.
pub(crate) fn quoted(name: &[u8]) -> String {
    percent_encode(name, is_unreserved)
}

/// The bytes again, whatever was encoded; `None` for a broken encoding.
pub(crate) fn unquoted(text: &str) -> Option<Vec<u8>> {
    let mut pieces = text.split('%');
    let mut bytes = pieces.next()?.as_bytes().to_vec();
    for piece in pieces {
        let (digits, rest) = piece.split_at_checked(2)?;
        bytes.extend(hex::array::<1>(&digits.to_ascii_lowercase())?);
        bytes.extend_from_slice(rest.as_bytes());
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_back_as_they_were() {
        for (name, text) in [
            ("se", "se"),
            ("../a b", "..%2Fa%20b"),
            ("å%41~", "%C3%A5%2541~"),
            ("", ""),
        ] {
            assert_eq!(quoted(name.as_bytes()), text);
            assert_eq!(unquoted(text).unwrap(), name.as_bytes());
        }
        assert_eq!(unquoted("%2f%2F").unwrap(), b"//");
        for broken in ["%", "%2", "a%zz", "%+2", "%å"] {
            assert_eq!(unquoted(broken), None, "{broken}");
        }
    }
}
