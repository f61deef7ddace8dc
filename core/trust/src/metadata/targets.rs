//! Targets: which files there are, and which other roles may list some (TUF 1.0.34 §4.5).

use interdict_common::json::{Object, Value};

use super::delegation::{Delegation, read_delegations};
use super::members::find_by_name;
use super::target::Target;
use crate::error::{Member, TrustError};
use crate::role_name::RoleName;
use crate::signing::Metadata;

/// Which files there are, and which other roles may say so (TUF 1.0.34 §4.5).
#[derive(Debug)]
pub(crate) struct Targets {
    /// Sorted by path.
    listed: Vec<(String, Target)>,
    delegations: Vec<Delegation>,
}

impl Targets {
    /// The paths it lists itself, sorted.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &str> {
        self.listed.iter().map(|(path, _)| path.as_str())
    }

    /// What it says itself of a file.
    pub(crate) fn target(&self, path: &str) -> Option<&Target> {
        find_by_name(&self.listed, path)
    }

    /// The roles it delegates to, in the order they are asked.
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
