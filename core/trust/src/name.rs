//! Names of roles and target files in paths: foreign text that must not leave its directory.

use alloc::string::String;
use core::fmt::Write as _;

use crate::limits::MAX_NAME_BYTES;

/// Percent-encodes every byte that `is_kept` rejects, with upper-case digits, like the URLs of
/// other TUF clients.
#[must_use]
pub fn percent_encode(name: &[u8], is_kept: fn(u8) -> bool) -> String {
    name.iter()
        .fold(String::with_capacity(name.len()), |mut out, &byte| {
            if is_kept(byte) {
                out.push(char::from(byte));
            } else {
                // Writing to a string cannot fail.
                let _ = write!(out, "%{byte:02X}");
            }
            out
        })
}

/// Whether a byte stands for itself in one segment of a path (RFC 3986 §2.3).
#[must_use]
pub const fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

/// Whether a byte stands for itself in a whole path.
pub(crate) const fn is_unreserved_or_slash(byte: u8) -> bool {
    is_unreserved(byte) || byte == b'/'
}

/// Encodes a name for the host's flat store. The result has no dots, so that it cannot equal the
/// name of another file there. It has no upper-case letters, because some file systems ignore case.
#[must_use]
pub fn encode_for_store(text: &str) -> String {
    let is_kept = |byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_');
    let mut name = percent_encode(text.as_bytes(), is_kept);
    name.make_ascii_lowercase();
    name
}

/// Whether the store can hold a file with this name.
pub(crate) fn fits_store(name: &str) -> bool {
    name.len() <= MAX_NAME_BYTES && encode_for_store(name).len() <= MAX_NAME_BYTES
}

/// Whether a target path stays below the directory it is resolved in. The path must be relative,
/// with `/` between its segments; no segment may be empty, `.` or `..`; and the percent-encoded
/// path must be short enough for a file name. TUF 1.0.34 §4.5 only recommends such paths.
#[must_use]
pub fn is_plain_path(path: &str) -> bool {
    fits_store(path)
        && path
            .split('/')
            .all(|part| !matches!(part, "" | "." | "..") && !part.contains('\\'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_encoded_as_other_clients_encode_them() {
        // Python: urllib.parse.quote(name, "")
        for (name, encoded) in [
            ("se", "se"),
            ("?", "%3F"),
            ("#", "%23"),
            ("/role", "%2Frole"),
            ("../role", "..%2Frole"),
            ("A-b_c.d~e", "A-b_c.d~e"),
            ("å %", "%C3%A5%20%25"),
        ] {
            assert_eq!(percent_encode(name.as_bytes(), is_unreserved), encoded);
        }
        assert_eq!(percent_encode(b"a b/c", is_unreserved_or_slash), "a%20b/c");
    }

    #[test]
    fn no_two_names_share_one_in_the_store() {
        assert_eq!(encode_for_store("SE/1.x"), "%53%45%2f1%2ex");
        let names = [
            "se", "SE", "s%65", "s/e", "s.e", "..", "%2e%2e", "", "é", "e\u{301}",
        ];
        let mut stored: Vec<_> = names.map(encode_for_store).to_vec();
        stored.sort();
        stored.dedup();
        assert_eq!(stored.len(), names.len());
    }

    #[test]
    fn a_plain_path_stays_below_its_directory() {
        for path in ["a", "a/b.c", "se/cards.member-1.filter", "...", "a..b/..c"] {
            assert!(is_plain_path(path), "{path}");
        }
        let long = "a".repeat(201);
        for path in [
            "", "/a", "a/", "a//b", "..", "a/../b", "./a", "a\\..\\b", &long,
        ] {
            assert!(!is_plain_path(path), "{path}");
        }
    }
}
