//! Helpers that several roles share.

use alloc::string::String;

use interdict_common::json::{Object, Value};

use crate::error::{Member, TrustError};
use crate::role_name::RoleName;

/// Looks up a name in a list that is sorted by name.
pub(crate) fn find_by_name<'v, T>(sorted: &'v [(String, T)], name: &str) -> Option<&'v T> {
    let at = sorted.binary_search_by(|(other, _)| other.as_str().cmp(name));
    Some(&sorted.get(at.ok()?)?.1)
}

/// Reads the `meta` member of timestamp and snapshot.
pub(crate) fn meta_member<'v, 'a>(
    role: RoleName,
    signed: &'v Object<'a>,
) -> Result<&'v Object<'a>, TrustError> {
    signed
        .get("meta")
        .and_then(Value::as_object)
        .ok_or(TrustError::Malformed(role, Member::Meta))
}
