//! Roles: the keys and the threshold that root, or a delegating targets role, assigns.

use alloc::borrow::ToOwned as _;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use interdict_common::json::{Object, Value};

use super::key::Key;
use crate::error::{Member, TrustError};
use crate::limits::{MAX_FILE_KEYS, MAX_KEYS};
use crate::role_name::RoleName;

/// The usable keys of one file, sorted by key id. A key of an unsupported kind is left out, so it
/// never counts (TUF 1.0.34 §4.2.2).
#[derive(Debug)]
pub(crate) struct Keys<'v>(Vec<(&'v str, Arc<Key>)>);

impl<'v> Keys<'v> {
    /// Reads the `keys` object of a file with role `file`.
    pub(crate) fn parse(file: RoleName, keys: &'v Object<'_>) -> Result<Self, TrustError> {
        if keys.members().len() > MAX_FILE_KEYS {
            return Err(TrustError::TooManyKeys(file));
        }
        let usable = keys.members().iter().filter_map(|(keyid, key)| {
            let key = key.as_object().and_then(Key::parse)?;
            Some((keyid.as_ref(), Arc::new(key)))
        });
        Ok(Self(usable.collect()))
    }

    fn find(&self, keyid: &str) -> Option<&Arc<Key>> {
        let at = self.0.binary_search_by_key(&keyid, |(keyid, _)| keyid);
        Some(&self.0.get(at.ok()?)?.1)
    }
}

/// The keys of a role, and how many of them must sign (TUF 1.0.34 §4.3, §4.5).
#[derive(Debug, Clone)]
pub(crate) struct Role {
    name: RoleName,
    threshold: u32,
    keys: Vec<(String, Arc<Key>)>,
}

impl Role {
    /// Reads `{"keyids": [..], "threshold": n}` in a file with role `file`. A key id without a
    /// usable key is left out.
    pub(crate) fn parse(
        file: RoleName,
        name: RoleName,
        role: &Object<'_>,
        keys: &Keys<'_>,
    ) -> Result<Self, TrustError> {
        let malformed = |member| TrustError::Malformed(file, member);
        let threshold = role
            .get("threshold")
            .and_then(Value::as_integer)
            .and_then(|number| u32::try_from(number).ok())
            .ok_or_else(|| malformed(Member::Threshold))?;
        // 4.3: the threshold is at least one. With zero, unsigned files would verify.
        if threshold == 0 {
            return Err(TrustError::ZeroThreshold(name));
        }
        let keyids = role
            .get("keyids")
            .and_then(Value::as_array)
            .ok_or_else(|| malformed(Member::KeyIds))?;
        if keyids.len() > MAX_KEYS {
            return Err(TrustError::TooManyKeys(name));
        }
        let mut seen: Vec<&str> = Vec::with_capacity(keyids.len());
        let mut usable = Vec::with_capacity(keyids.len());
        for keyid in keyids {
            let keyid = keyid.as_str().ok_or_else(|| malformed(Member::KeyIds))?;
            // 4.3: key ids are unique within a role.
            if seen.contains(&keyid) {
                return Err(TrustError::DuplicateKeyId(name));
            }
            seen.push(keyid);
            let key = keys.find(keyid);
            usable.extend(key.map(|key| (keyid.to_owned(), Arc::clone(key))));
        }
        Ok(Self {
            name,
            threshold,
            keys: usable,
        })
    }

    pub(crate) const fn name(&self) -> RoleName {
        self.name
    }

    pub(crate) const fn threshold(&self) -> u32 {
        self.threshold
    }

    /// Whether the role has the same public keys as `other`, whatever ids they have.
    pub(crate) fn has_keys_of(&self, other: &Self) -> bool {
        let all_in = |one: &Self, other: &Self| {
            let mut keys = one.keys.iter();
            keys.all(|(_, key)| other.keys.iter().any(|(_, known)| known == key))
        };
        all_in(self, other) && all_in(other, self)
    }

    /// The usable keys, by key id.
    pub(crate) fn keys(&self) -> &[(String, Arc<Key>)] {
        &self.keys
    }
}
