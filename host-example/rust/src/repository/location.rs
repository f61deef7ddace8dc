//! Paths and locations as texts: which paths are safe, which part of a location may be shown, and how a
//! name becomes one part of a path.

use interdict_core::common::hex;
use interdict_core::trust::{is_unreserved, percent_encode};

/// One part of a path or URL: all but `A-Z a-z 0-9 - . _ ~` (RFC 3986 §2.3) is encoded, upper case,
/// as TUF clients encode names of roles.
#[must_use]
pub fn quoted(name: &[u8]) -> String {
    percent_encode(name, is_unreserved)
}

/// The bytes that [`quoted`] encoded; `None` for a broken encoding.
#[must_use]
pub fn unquoted(text: &str) -> Option<Vec<u8>> {
    let mut pieces = text.split('%');
    let mut bytes = pieces.next()?.as_bytes().to_vec();
    for piece in pieces {
        let (digits, rest) = piece.split_at_checked(2)?;
        bytes.extend(hex::array::<1>(&digits.to_ascii_lowercase())?);
        bytes.extend_from_slice(rest.as_bytes());
    }
    Some(bytes)
}

/// A location without its name and password, for output.
pub(super) fn shown(location: &str) -> String {
    let Some((scheme, rest)) = location.split_once("://") else {
        return location.to_owned();
    };
    let (authority, path) = rest
        .split_once('/')
        .map_or((rest, None), |(a, p)| (a, Some(p)));
    let host = authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host);
    path.map_or_else(
        || format!("{scheme}://{host}"),
        |path| format!("{scheme}://{host}/{path}"),
    )
}

/// Whether a path stays below its base: segments of plain characters, the others percent-encoded in the
/// one usual way, so that no server decodes a dot or slash that was not there.
pub(super) fn is_below_base(path: &str) -> bool {
    let usual = |segment: &str| unquoted(segment).is_some_and(|name| quoted(&name) == segment);
    path.len() <= 1000
        && path
            .split('/')
            .all(|segment| !segment.is_empty() && !segment.starts_with('.') && usual(segment))
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

    #[test]
    fn paths_that_climb_are_never_asked_for() {
        assert!(is_below_base("metadata/2.root.json"));
        assert!(is_below_base("targets/se/0a.merchants.member-1.filter"));
        assert!(is_below_base("metadata/7...%2Fa~b%20%C3%A5.json"));
        for path in [
            "",
            "/etc/passwd",
            "../x",
            "a/../b",
            "a//b",
            "a/%2e%2e/b",
            "a/%2E%2E%2Fb",
            "a%2f",
            "a%2",
            "a%+2",
            "a%",
            "a b",
            "a?b",
            "a\\b",
            "a/.b",
        ] {
            assert!(!is_below_base(path), "{path}");
        }
    }

    #[test]
    fn a_password_is_not_shown() {
        let location = "https://bank:p@ss@lists.example/se";
        assert_eq!(shown(location), "https://lists.example/se");
        assert_eq!(shown("/mnt/a@b"), "/mnt/a@b");
    }
}
