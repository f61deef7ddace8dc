//! Snapshot: the versions of targets and delegated roles that belong together (TUF 1.0.34 §4.4).

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use interdict_common::json::Object;

use super::members::{find_by_name, meta_member};
use super::pin::Pin;
use crate::error::TrustError;
use crate::role_name::RoleName;
use crate::signing::Metadata;

/// The versions of targets and delegated roles that belong together (TUF 1.0.34 §4.4).
#[derive(Debug)]
pub(crate) struct Snapshot {
    targets: Pin,
    /// The pins of targets and of every delegated role, sorted by file name.
    pins: Vec<(String, Pin)>,
}

impl Snapshot {
    pub(crate) const fn targets(&self) -> &Pin {
        &self.targets
    }

    /// The pin of the delegated role with this name.
    pub(crate) fn delegated(&self, name: &str) -> Option<&Pin> {
        self.pin(&format!("{name}.json"))
    }

    fn pin(&self, file: &str) -> Option<&Pin> {
        find_by_name(&self.pins, file)
    }

    /// Checks that this snapshot may replace the one trusted before (TUF 1.0.34 §5.5.5): every role
    /// is still listed, and no version is lower.
    pub(crate) fn follows(&self, trusted: &Self) -> Result<(), TrustError> {
        for (name, trusted) in &trusted.pins {
            match self.pin(name) {
                None => return Err(TrustError::ListedRoleRemoved(RoleName::Snapshot)),
                Some(pin) if pin.version < trusted.version => {
                    return Err(TrustError::ListedRollback(RoleName::Snapshot));
                }
                Some(_) => {}
            }
        }
        Ok(())
    }
}

impl Metadata for Snapshot {
    fn parse(role: RoleName, signed: &Object<'_>) -> Result<Self, TrustError> {
        let meta = meta_member(role, signed)?;
        let targets = meta
            .get("targets.json")
            .ok_or(TrustError::MissingRole(RoleName::Targets))?;
        let mut pins = Vec::with_capacity(meta.members().len());
        for (name, value) in meta.members() {
            pins.push((name.clone().into_owned(), Pin::parse(role, value)?));
        }
        Ok(Self {
            targets: Pin::parse(role, targets)?,
            pins,
        })
    }
}
