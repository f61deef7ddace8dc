//! What signed documents of a gateway have in common, whatever they say: overrides and clearances.

use crate::common::json::{Object, Value};
use crate::common::time::Time;
use crate::trust::{Document, Signers};

use super::error::DocumentError;
use super::request::Reference;

/// Checks the type, the members and the reference of what was signed.
///
/// # Errors
/// [`DocumentError::Malformed`], or [`DocumentError::Expiry`] if it has no expiry.
pub(super) fn expiry(
    signed: &Object<'_>,
    document_type: &str,
    members: &[&str],
) -> Result<Time, DocumentError> {
    let expires = signed.get("expires").ok_or(DocumentError::Expiry)?;
    let expires = expires.as_str().and_then(Time::parse);
    let expires = expires.ok_or(DocumentError::Expiry)?;
    let reference = signed.get("reference").map(Value::as_str);
    // The reference is stored and printed: no card-shaped run, no control character, not too long.
    let is_kept = |text: &str| Reference::new(text).is_ok() && !text.contains(char::is_control);
    let is_bad = |text: Option<&str>| !text.is_some_and(is_kept);
    let is_type = signed.get("_type").and_then(Value::as_str) == Some(document_type);
    if !is_type || !has_only(signed, members) || reference.is_some_and(is_bad) {
        return Err(DocumentError::Malformed);
    }
    Ok(expires)
}

/// Whether an object has no other members.
pub(super) fn has_only(object: &Object<'_>, names: &[&str]) -> bool {
    let mut members = object.members().iter();
    members.all(|(name, _)| names.contains(&name.as_ref()))
}

/// Checks that this many distinct keys signed a document which does not last longer than so many days.
///
/// # Errors
/// [`DocumentError::Signatures`], [`DocumentError::Expiry`].
pub(super) fn check(
    document: &Document,
    (signers, signatures): (&Signers, u32),
    expires: Time,
    (now, most_days): (Time, u32),
) -> Result<(), DocumentError> {
    if signers.count(document, signatures) < signatures {
        return Err(DocumentError::Signatures);
    }
    if expires.since(now) > most_days.saturating_mul(86_400) {
        return Err(DocumentError::Expiry);
    }
    Ok(())
}
