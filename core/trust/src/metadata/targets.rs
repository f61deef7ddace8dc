//! Targets and delegated roles: the files they list, and their delegations (TUF 1.0.34 §4.5).

use alloc::string::String;
use alloc::vec::Vec;

use interdict_common::json::{Object, Value};

use super::delegation::{Delegation, read_delegations};
use super::members::find_by_name;
use super::target::Target;
use crate::error::{Member, TrustError};
use crate::role_name::RoleName;
use crate::signing::Metadata;

/// The content of targets or of a delegated role (TUF 1.0.34 §4.5).
#[derive(Debug)]
pub(crate) struct Targets {
    /// The listed files, sorted by path.
    listed: Vec<(String, Target)>,
    delegations: Vec<Delegation>,
}

impl Targets {
    /// The paths that this role lists, sorted.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &str> {
        self.listed.iter().map(|(path, _)| path.as_str())
    }

    /// The entry of a file that this role lists.
    pub(crate) fn target(&self, path: &str) -> Option<&Target> {
        find_by_name(&self.listed, path)
    }

    /// The delegations, in the order in which a search follows them.
    pub(crate) fn delegations(&self) -> &[Delegation] {
        &self.delegations
    }
}

impl Metadata for Targets {
    fn parse(role: RoleName, signed: &Object<'_>) -> Result<Self, TrustError> {
        let malformed = TrustError::Malformed(role, Member::Targets);
        let listed = signed
            .get("targets")
            .and_then(Value::as_object)
            .ok_or(malformed)?;
        let mut targets = Vec::with_capacity(listed.members().len());
        for (path, value) in listed.members() {
            let target = Target::parse(value).ok_or(malformed)?;
            targets.push((path.clone().into_owned(), target));
        }
        Ok(Self {
            listed: targets,
            delegations: read_delegations(role, signed)?,
        })
    }
}
