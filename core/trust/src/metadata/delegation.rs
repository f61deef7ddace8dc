//! Delegations: which paths a targets role assigns to which other role (TUF 1.0.34 §4.5).

use alloc::borrow::ToOwned as _;
use alloc::collections::BTreeSet;
use alloc::string::String;
use alloc::vec::Vec;

use interdict_common::json::{Object, Value};

use super::pattern::{Budget, PathQuery, pattern_matches};
use crate::error::{Member, TrustError};
use crate::name::fits_store;
use crate::role_name::RoleName;
use crate::signing::{Keys, Role};

/// One entry of `delegations.roles`.
#[derive(Debug)]
pub(crate) struct Delegation {
    name: String,
    role: Role,
    terminating: bool,
    paths: Paths,
}

#[derive(Debug)]
enum Paths {
    /// Shell-style patterns, in which no wildcard crosses a `/`.
    Patterns(Vec<String>),
    /// Prefixes of the SHA-256 of a path, in hexadecimal digits.
    HashPrefixes(Vec<String>),
}

/// Reads the `delegations` member of a file with role `file`. The member is optional.
pub(crate) fn read_delegations(
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
        // 4.5: names are unique among the delegations of one file.
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
        // A file with the name of a top-level role would replace the file of that role.
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

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The keys and the threshold that the file of the delegated role needs.
    pub(crate) const fn role(&self) -> &Role {
        &self.role
    }

    /// Whether the search for a path that is delegated here ends behind this delegation.
    pub(crate) const fn is_terminating(&self) -> bool {
        self.terminating
    }

    /// Whether the path is delegated here; for a prefix, whether some path with that prefix might
    /// be.
    pub(crate) fn matches(
        &self,
        asked: PathQuery<'_>,
        budget: &mut Budget,
    ) -> Result<bool, TrustError> {
        match (&self.paths, asked) {
            (Paths::Patterns(patterns), _) => {
                for pattern in patterns {
                    if pattern_matches(pattern, asked, budget)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            (Paths::HashPrefixes(prefixes), PathQuery::Exact { hash, .. }) => {
                for prefix in prefixes {
                    budget.draw()?;
                    if hash.starts_with(prefix.as_str()) {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            (Paths::HashPrefixes(prefixes), PathQuery::Under(_)) => Ok(!prefixes.is_empty()),
        }
    }
}

impl Paths {
    /// 4.5: a delegation has exactly one of the two members.
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
                // Off-spec: §4.5 names only `*` and `?`. Implementations differ on brackets and
                // backslashes, and a client that reads them differently from the signer would miss
                // a list.
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

#[cfg(test)]
mod tests {
    use super::*;
    use interdict_common::json::{Limits, parse};

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
