//! Timestamp: the newest snapshot (TUF 1.0.34 §4.6).

use interdict_common::json::Object;

use super::members::meta_member;
use super::pin::Pin;
use crate::error::{Member, TrustError};
use crate::role_name::RoleName;
use crate::signing::Metadata;

/// The pin of the newest snapshot (TUF 1.0.34 §4.6).
#[derive(Debug)]
pub(crate) struct Timestamp {
    snapshot: Pin,
}

impl Timestamp {
    pub(crate) const fn snapshot(&self) -> &Pin {
        &self.snapshot
    }
}

impl Metadata for Timestamp {
    fn parse(role: RoleName, signed: &Object<'_>) -> Result<Self, TrustError> {
        let meta = meta_member(role, signed)?;
        let snapshot = meta
            .get("snapshot.json")
            .ok_or(TrustError::Malformed(role, Member::Meta))?;
        Ok(Self {
            snapshot: Pin::parse(role, snapshot)?,
        })
    }
}
