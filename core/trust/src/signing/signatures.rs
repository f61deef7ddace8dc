//! Reading the signatures of a file, and the only function that counts them.

use alloc::borrow::ToOwned as _;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use interdict_common::json::{Object, Value};

use super::key::Key;
use crate::error::{Member, TrustError};
use crate::limits::MAX_SIGNATURES;
use crate::role_name::RoleName;

/// Counts the distinct public keys that signed the message, up to `enough`. Only this function
/// counts signatures.
///
/// It counts public keys, not key ids: one key listed under two ids counts once (TAP 12). An
/// invalid signature beside enough valid ones does no harm. The number of keys bounds the work,
/// whatever the file claims.
pub(crate) fn count_signers(
    keys: &[(String, Arc<Key>)],
    message: &[u8],
    signatures: &[(String, String)],
    enough: u32,
) -> u32 {
    let mut signers: Vec<&Key> = Vec::new();
    let mut found = 0_u32;
    for (keyid, key) in keys {
        if found >= enough {
            break;
        }
        let Some((_, signature)) = signatures.iter().find(|(other, _)| other == keyid) else {
            continue;
        };
        let key = key.as_ref();
        if !signers.contains(&key) && key.signed(message, signature) {
            signers.push(key);
            found = found.saturating_add(1);
        }
    }
    found
}

/// Reads `[{"keyid": .., "sig": ..}, ..]` as pairs of key id and signature. Signing tools write an
/// empty `sig` as a placeholder; it is not an error and never counts.
pub(crate) fn read_signatures(
    role: RoleName,
    file: &Object<'_>,
) -> Result<Vec<(String, String)>, TrustError> {
    let malformed = TrustError::Malformed(role, Member::Signatures);
    let list = file
        .get("signatures")
        .and_then(Value::as_array)
        .ok_or(malformed)?;
    if list.len() > MAX_SIGNATURES {
        return Err(TrustError::TooManySignatures(role));
    }
    let mut all: Vec<(String, String)> = Vec::with_capacity(list.len());
    for entry in list {
        let entry = entry.as_object().ok_or(malformed)?;
        let text = |name| entry.get(name).and_then(Value::as_str).ok_or(malformed);
        let keyid = text("keyid")?;
        // 4.2.1: clients must refuse metadata with two signatures that have the same key id.
        if all.iter().any(|(other, _)| other == keyid) {
            return Err(TrustError::DuplicateSignature(role));
        }
        all.push((keyid.to_owned(), text("sig")?.to_owned()));
    }
    Ok(all)
}
