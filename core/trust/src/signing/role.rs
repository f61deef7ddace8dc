//! Who may sign what: roles, and the keys and threshold they are given by root, or by the targets
//! role that delegates to them.

use std::sync::Arc;

use interdict_common::json::{Object, Value};

use super::key::Key;
use crate::error::{Member, TrustError};
use crate::limits::{MAX_FILE_KEYS, MAX_KEYS};
use crate::role_name::RoleName;

/// The keys a file lists, sorted by key id. One of a kind we cannot check is left out and can never
/// count (TUF 1.0.34 §4.2.2).
#[derive(Debug)]
pub(crate) struct Keys<'v>(Vec<(&'v str, Arc<Key>)>);

impl<'v> Keys<'v> {
    /// Reads a `keys` object of a file of this role.
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

/// The keys that speak for a role, and how many of them must (TUF 1.0.34 §4.3, §4.5).
#[derive(Debug, Clone)]
pub(crate) struct Role {
    name: RoleName,
    threshold: u32,
    keys: Vec<(String, Arc<Key>)>,
}

impl Role {
    /// Reads `{"keyids": [..], "threshold": n}` in a file of role `file`. A key id that names no
    /// usable key stays out.
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
        // 4.3: the threshold is at least one; with zero, unsigned files would verify.
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

    /// The keys that can be checked, by key id.
    pub(crate) fn keys(&self) -> &[(String, Arc<Key>)] {
        &self.keys
    }
}
