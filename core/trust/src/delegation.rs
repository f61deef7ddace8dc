//! Which paths a targets role delegates, and to whom (TUF 1.0.34 §4.5).

use std::collections::BTreeSet;

use interdict_common::hex;
use interdict_common::json::{Object, Value};

use super::error::{Member, TrustError};
use super::hashes::sha256;
use super::name::fits_store;
use super::role::{Keys, Role, RoleName};

/// Steps of comparing paths with patterns in one search: about a tenth of a second inside the
/// module. An umbrella of 32 bodies takes some hundred, the 16,384 hashed bins of PEP 458 some
/// hundred thousand.
const MAX_STEPS: u32 = 10_000_000;

/// One entry of `delegations.roles`.
#[derive(Debug)]
pub(super) struct Delegation {
    name: String,
    role: Role,
    terminating: bool,
    paths: Paths,
}

#[derive(Debug)]
enum Paths {
    /// Shell-style patterns, in which no wildcard crosses a `/`.
    Patterns(Vec<String>),
    /// Beginnings of the SHA-256 of a path, in hexadecimal digits.
    HashPrefixes(Vec<String>),
}

/// What is left of the work one search may do.
#[derive(Debug)]
pub(super) struct Budget(u32);

/// Which paths a caller asks about.
#[derive(Debug, Clone, Copy)]
pub(super) enum Asked<'a> {
    /// This one, and its [`path_hash`].
    Path { path: &'a str, hash: &'a str },
    /// Every path that starts so.
    Under(&'a str),
}

/// What `path_hash_prefixes` are compared with: SHA-256 in hexadecimal digits.
pub(super) fn path_hash(path: &str) -> String {
    hex::text(&sha256(path.as_bytes()))
}

/// Reads the `delegations` member, if there is one.
pub(super) fn delegations(
    file: RoleName,
    signed: &Object<'_>,
) -> Result<Vec<Delegation>, TrustError> {
    let Some(delegations) = signed.get("delegations") else {
        return Ok(Vec::new());
    };
    let malformed = TrustError::Malformed(file, Member::Delegations);
    let delegations = delegations.as_object().ok_or(malformed)?;
    let keys = delegations.get("keys").and_then(Value::as_object);
    let keys = Keys::parse(file, keys.ok_or(malformed)?)?;
    let roles = delegations.get("roles").and_then(Value::as_array);
    let roles = roles.ok_or(malformed)?;
    let mut names = BTreeSet::new();
    let mut all = Vec::with_capacity(roles.len());
    for role in roles {
        let role = role.as_object().ok_or(malformed)?;
        // 4.5: unique among the delegations of one file.
        if !names.insert(role.get("name").and_then(Value::as_str)) {
            return Err(TrustError::DelegatedName);
        }
        all.push(Delegation::parse(file, role, &keys)?);
    }
    Ok(all)
}

impl Delegation {
    fn parse(file: RoleName, role: &Object<'_>, keys: &Keys<'_>) -> Result<Self, TrustError> {
        let malformed = |member| TrustError::Malformed(file, member);
        let name = role.get("name").and_then(Value::as_str);
        let name = name.ok_or_else(|| malformed(Member::Delegations))?;
        // A file of a top-level role's name would take that one's place.
        let reserved = matches!(name, "" | "root" | "timestamp" | "snapshot" | "targets");
        if reserved || !fits_store(name) {
            return Err(TrustError::DelegatedName);
        }
        let terminating = role.get("terminating").and_then(Value::as_bool);
        Ok(Self {
            name: name.to_owned(),
            role: Role::parse(file, RoleName::Delegated, role, keys)?,
            terminating: terminating.ok_or_else(|| malformed(Member::Terminating))?,
            paths: Paths::parse(role).ok_or_else(|| malformed(Member::Paths))?,
        })
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Whose signatures its file needs.
    pub(super) const fn role(&self) -> &Role {
        &self.role
    }

    /// Whether a path that is delegated here is looked for nowhere else.
    pub(super) const fn is_terminating(&self) -> bool {
        self.terminating
    }

    /// Is the path asked about delegated here; or, of several, might one of them be?
    pub(super) fn matches(
        &self,
        asked: Asked<'_>,
        budget: &mut Budget,
    ) -> Result<bool, TrustError> {
        match (&self.paths, asked) {
            (Paths::Patterns(patterns), _) => {
                for pattern in patterns {
                    if matches(pattern, asked, budget)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            (Paths::HashPrefixes(prefixes), Asked::Path { hash, .. }) => {
                for prefix in prefixes {
                    budget.draw()?;
                    if hash.starts_with(prefix.as_str()) {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            (Paths::HashPrefixes(prefixes), Asked::Under(_)) => Ok(!prefixes.is_empty()),
        }
    }
}

impl Paths {
    /// 4.5: exactly one of the two members.
    fn parse(role: &Object<'_>) -> Option<Self> {
        let texts = |value: &Value<'_>| {
            let texts = value.as_array()?.iter();
            texts
                .map(|text| Some(text.as_str()?.to_owned()))
                .collect::<Option<Vec<_>>>()
        };
        match (role.get("paths"), role.get("path_hash_prefixes")) {
            (Some(patterns), None) => {
                let patterns = texts(patterns)?;
                // Off-spec: §4.5 names `*` and `?`. Implementations differ on brackets and
                // backslashes; who reads them otherwise than the signer misses a list.
                let plain = |pattern: &String| !pattern.contains(['[', '\\']);
                patterns
                    .iter()
                    .all(plain)
                    .then_some(Self::Patterns(patterns))
            }
            (None, Some(prefixes)) => texts(prefixes).map(Self::HashPrefixes),
            _ => None,
        }
    }
}

impl Budget {
    pub(super) const fn new() -> Self {
        Self(MAX_STEPS)
    }

    pub(super) fn draw(&mut self) -> Result<(), TrustError> {
        self.0 = self.0.checked_sub(1).ok_or(TrustError::TooManyPatterns)?;
        Ok(())
    }
}

/// Compares byte by byte, going back to the last `*` where it does not fit: `?` stands for one
/// character, `*` for any run of them, and neither for `/`.
fn matches(pattern: &str, asked: Asked<'_>, budget: &mut Budget) -> Result<bool, TrustError> {
    let (text, open) = match asked {
        Asked::Path { path, .. } => (path, false),
        Asked::Under(prefix) => (prefix, true),
    };
    let mut rest = pattern.chars();
    let mut left = text.chars();
    // Where to go on after one more character is given to the last `*`.
    let mut retry: Option<(std::str::Chars<'_>, std::str::Chars<'_>)> = None;
    loop {
        budget.draw()?;
        let here = left.clone();
        match (rest.next(), left.next()) {
            // The pattern fits the prefix, and some path that starts so.
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
        // The last `*` takes one character more, unless that is a `/` or there is none.
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
    use interdict_common::json::{Limits, parse};

    fn exactly(path: &str) -> Asked<'_> {
        Asked::Path { path, hash: "" }
    }

    fn found(pattern: &str, path: &str) -> bool {
        matches(pattern, exactly(path), &mut Budget::new()).unwrap()
    }

    fn possible(pattern: &str, prefix: &str) -> bool {
        matches(pattern, Asked::Under(prefix), &mut Budget::new()).unwrap()
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
        let refused = matches(&pattern, exactly(&path), &mut Budget::new());
        assert_eq!(refused, Err(TrustError::TooManyPatterns));
    }

    fn paths(json: &str) -> Option<Paths> {
        let limits = Limits {
            depth: 4,
            nodes: 20,
        };
        Paths::parse(parse(json.as_bytes(), limits).unwrap().as_object().unwrap())
    }

    #[test]
    fn exactly_one_kind_of_paths_is_read() {
        assert!(matches!(
            paths(r#"{"paths":["a"]}"#),
            Some(Paths::Patterns(_))
        ));
        let prefixes = paths(r#"{"path_hash_prefixes":["0f"]}"#);
        assert!(matches!(prefixes, Some(Paths::HashPrefixes(_))));
        for json in [
            "{}",
            r#"{"paths":["a"],"path_hash_prefixes":["0f"]}"#,
            r#"{"paths":"a"}"#,
            r#"{"paths":[1]}"#,
            r#"{"paths":["[ab]"]}"#,
            r#"{"paths":["a\\*"]}"#,
            r#"{"path_hash_prefixes":{}}"#,
        ] {
            assert!(paths(json).is_none(), "{json}");
        }
    }
}
