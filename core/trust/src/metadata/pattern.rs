//! Comparison of paths with the patterns and hash prefixes of delegations (TUF 1.0.34 §4.5).

use alloc::string::String;

use interdict_common::hex;

use crate::error::TrustError;
use crate::hashes::sha256;
use crate::limits::MAX_PATTERN_STEPS;

/// The steps of comparing that one search may still take.
#[derive(Debug)]
pub(crate) struct Budget(u32);

/// The paths that a caller asks a delegation about.
#[derive(Debug, Clone, Copy)]
pub(crate) enum PathQuery<'a> {
    /// Is this path delegated? `hash` is its [`path_hash`].
    Exact { path: &'a str, hash: &'a str },
    /// Might some path with this prefix be delegated?
    Under(&'a str),
}

/// The SHA-256 of a path in hexadecimal digits, which `path_hash_prefixes` are compared with.
pub(crate) fn path_hash(path: &str) -> String {
    hex::text(&sha256(path.as_bytes()))
}

impl Budget {
    pub(crate) const fn new() -> Self {
        Self(MAX_PATTERN_STEPS)
    }

    pub(crate) fn draw(&mut self) -> Result<(), TrustError> {
        self.0 = self.0.checked_sub(1).ok_or(TrustError::TooManyPatterns)?;
        Ok(())
    }
}

/// Compares character by character: `?` stands for one character, `*` for any number of them, and
/// neither for `/`. After a mismatch, the last `*` takes one more character.
pub(crate) fn pattern_matches(
    pattern: &str,
    asked: PathQuery<'_>,
    budget: &mut Budget,
) -> Result<bool, TrustError> {
    let (text, open) = match asked {
        PathQuery::Exact { path, .. } => (path, false),
        PathQuery::Under(prefix) => (prefix, true),
    };
    let mut rest = pattern.chars();
    let mut left = text.chars();
    // What is left of pattern and path after the last `*`, for another try.
    let mut retry: Option<(core::str::Chars<'_>, core::str::Chars<'_>)> = None;
    loop {
        budget.draw()?;
        let here = left.clone();
        match (rest.next(), left.next()) {
            // The pattern matches the prefix, and so some path that starts with it.
            (_, None) if open => return Ok(true),
            (None, None) => return Ok(true),
            (Some('*'), _) => {
                left = here;
                retry = Some((rest.clone(), left.clone()));
                continue;
            }
            (Some('?'), Some(found)) if found != '/' => continue,
            (Some(wanted), Some(found)) if wanted == found => continue,
            _ => {}
        }
        // The last `*` takes one more character, unless there is no `*` or the character is a `/`.
        let Some((after_star, mut taken)) = retry.take() else {
            return Ok(false);
        };
        match taken.next() {
            Some(found) if found != '/' => {
                rest = after_star.clone();
                left = taken.clone();
                retry = Some((after_star, taken));
            }
            _ => return Ok(false),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exactly(path: &str) -> PathQuery<'_> {
        PathQuery::Exact { path, hash: "" }
    }

    fn found(pattern: &str, path: &str) -> bool {
        pattern_matches(pattern, exactly(path), &mut Budget::new()).unwrap()
    }

    fn possible(pattern: &str, prefix: &str) -> bool {
        pattern_matches(pattern, PathQuery::Under(prefix), &mut Budget::new()).unwrap()
    }

    #[test]
    fn wildcards_stay_within_one_part_of_a_path() {
        for (pattern, path) in [
            ("se/*", "se/cards.filter"),
            ("*", "README.md"),
            ("*.md", "README.md"),
            ("foo-?.tgz", "foo-1.tgz"),
            ("releases/*/*", "releases/x/x_v1"),
            ("releases/y/*.zip", "releases/y/y_v1.zip"),
            ("*a*b*c", "xaxbxaybzc"),
            ("a*", "a"),
            ("a**b", "ab"),
            ("*/*", "/"),
            ("", ""),
            ("?", "å"),
            ("a/*/c", "a//c"),
        ] {
            assert!(found(pattern, path), "{pattern} {path}");
        }
        for (pattern, path) in [
            ("se/*", "nl/cards.filter"),
            ("se/*", "se/a/b"),
            ("se*", "se/cards"),
            ("*", "a/b"),
            ("*.md", "releases/README.md"),
            ("foo-?.tgz", "foo-alpha.tgz"),
            ("?", "/"),
            ("?", ""),
            ("*.MD", "README.md"),
            ("a*b", "a/b"),
            ("*a*b*c", "xaxbxayb"),
            ("", "a"),
            ("se/cards", "se/cards.filter"),
            ("*b", "ba"),
            ("a?", "a*b"),
        ] {
            assert!(!found(pattern, path), "{pattern} {path}");
        }
    }

    #[test]
    fn of_paths_that_start_so_one_might_match() {
        for (pattern, prefix) in [
            ("se/*", "se/cards."),
            ("se/*", ""),
            ("*/*", "se/cards."),
            ("se/cards.member-1.*", "se/cards."),
            ("se/*.filter", "se/cards."),
            ("s?/c*", "se/cards."),
        ] {
            assert!(possible(pattern, prefix), "{pattern} {prefix}");
        }
        for (pattern, prefix) in [
            ("nl/*", "se/cards."),
            ("*", "se/cards."),
            ("se/cards", "se/cards."),
            ("se/c?rd.*", "se/cards."),
            ("se/*/*", "nl/"),
        ] {
            assert!(!possible(pattern, prefix), "{pattern} {prefix}");
        }
    }

    #[test]
    fn what_matches_a_path_might_match_below_every_beginning_of_it() {
        let patterns = ["se/*", "*/c*s", "s?/*.f*", "*e/*a*", "se/cards.filter"];
        let paths = ["se/cards.filter", "se/cards", "se/a.f", "ne/xax"];
        for pattern in patterns {
            for path in paths.into_iter().filter(|path| found(pattern, path)) {
                for end in 0..=path.len() {
                    let beginning = path.get(..end).unwrap();
                    assert!(possible(pattern, beginning), "{pattern} {beginning}");
                }
            }
        }
    }

    #[test]
    fn a_pattern_made_to_take_for_ever_ends_at_the_limit() {
        let (pattern, path) = (format!("*{}b", "a".repeat(5_000)), "a".repeat(10_000));
        let refused = pattern_matches(&pattern, exactly(&path), &mut Budget::new());
        assert_eq!(refused, Err(TrustError::TooManyPatterns));
    }
}
