//! What a gateway lowers to `review` by the signatures of two of its people.

use sha2::{Digest as _, Sha256};

use crate::common::hex;
use crate::common::json::{Object, Value};
use crate::common::time::Time;
use crate::list::ListId;
use crate::token::Tag;
use crate::trust::Signers;

use super::error::{Error, OverrideError};
use super::request::Reference;

/// Overrides in force at once.
pub const MAX_OVERRIDES: usize = 1_000;
/// Distinct keys that must have signed one.
pub const OVERRIDE_SIGNATURES: u32 = 2;
/// The longest an override can last, from when it is configured: as long as an epoch, after which
/// the tag is another one anyway.
pub const MAX_OVERRIDE_DAYS: u32 = 90;
const TYPE: &str = "interdict-override";

/// One entry of one list that a gateway handles itself until a day:
///
/// ```json
/// {"signatures": [{"keyid": "risk lead", "sig": "…"}, {"keyid": "compliance", "sig": "…"}],
///  "signed": {"_type": "interdict-override", "coalition": "se", "list": "se/merchants",
///    "tag": "0123456789abcdef01234567", "expires": "2026-12-22T00:00:00Z", "reference": "case 17"}}
/// ```
#[derive(Debug)]
pub(crate) struct Override {
    coalition: String,
    list: ListId,
    tag: Tag,
    expires: Time,
    /// SHA-256 of the document, for receipts.
    pub(crate) sha256: [u8; 32],
}

impl Override {
    /// Whether it is about this entry, and not over.
    pub(crate) fn applies(&self, coalition: &str, list: &ListId, tag: Tag, now: Time) -> bool {
        self.coalition == coalition && self.list == *list && self.tag == tag && now < self.expires
    }
}

/// Opens signed documents, each as the bytes of its file, under the keys of a policy.
pub(super) fn open_all(
    documents: &[Vec<u8>],
    signers: &Signers,
    now: Time,
) -> Result<Vec<Override>, Error> {
    let mut opened = Vec::new();
    for (index, bytes) in documents.iter().enumerate() {
        let one = open(bytes, signers, now);
        opened.push(one.map_err(|error| Error::Override { error, index })?);
    }
    Ok(opened)
}

fn open(bytes: &[u8], signers: &Signers, now: Time) -> Result<Override, OverrideError> {
    let opened = signers.open(bytes, OVERRIDE_SIGNATURES);
    let (signed, found) = opened.map_err(|_| OverrideError::Malformed)?;
    let expires = expiry(&signed)?;
    let text = |name: &str| signed.get(name).and_then(Value::as_str);
    let mut members = signed.members().iter().map(|(name, _)| name.as_ref());
    let known = ["_type", "coalition", "list", "tag", "expires", "reference"];
    if text("_type") != Some(TYPE) || !members.all(|name| known.contains(&name)) {
        return Err(OverrideError::Malformed);
    }
    let reference = signed.get("reference").map(Value::as_str);
    // It is kept and shown with the override.
    if reference.is_some_and(|text| text.is_none_or(|text| Reference::new(text).is_err())) {
        return Err(OverrideError::Malformed);
    }
    let read = || {
        Some(Override {
            coalition: text("coalition")?.to_owned(),
            list: ListId::parse(text("list")?).ok()?,
            tag: hex::array(text("tag")?).map(Tag)?,
            expires,
            sha256: Sha256::digest(bytes).into(),
        })
    };
    let one = read().ok_or(OverrideError::Malformed)?;
    if found < OVERRIDE_SIGNATURES {
        return Err(OverrideError::Signatures);
    }
    if expires.since(now) > MAX_OVERRIDE_DAYS.saturating_mul(86_400) {
        return Err(OverrideError::Expiry);
    }
    Ok(one)
}

fn expiry(signed: &Object<'_>) -> Result<Time, OverrideError> {
    let expires = signed.get("expires").ok_or(OverrideError::Expiry)?;
    let time = expires.as_str().and_then(Time::parse);
    time.ok_or(OverrideError::Expiry)
}
