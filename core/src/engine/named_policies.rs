use alloc::borrow::ToOwned as _;
use alloc::string::String;
use alloc::vec::Vec;

use crate::IS_FULL;
use crate::list::is_name;
use crate::policy::Policy;

use super::error::PolicyRole;

/// The most policies with a name. A gateway has one for each kind of client, not one for each client.
pub const MAX_NAMED_POLICIES: usize = 16;

/// At most 16 policies with distinct names.
#[derive(Debug, Default)]
pub struct NamedPolicies(Vec<(String, Policy)>);

impl NamedPolicies {
    /// Adds a policy; `None` if the name is not one (1 to 32 lower-case letters, digits and inner hyphens) or is
    /// taken, or 16 were added already.
    #[must_use]
    pub fn add(&mut self, name: &str, policy: Policy) -> Option<()> {
        if !is_name(name) || self.find(name).is_some() || self.0.len() >= MAX_NAMED_POLICIES {
            return None;
        }
        self.0.push((name.to_owned(), policy));
        Some(())
    }

    pub(super) fn find(&self, name: &str) -> Option<&Policy> {
        let found = self.iter().find(|(own, _)| *own == name);
        found.map(|(_, policy)| policy)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &Policy)> {
        let all: &[_] = if IS_FULL { &self.0 } else { &[] };
        all.iter().map(|(name, policy)| (name.as_str(), policy))
    }

    pub(super) fn with_roles(&self) -> impl Iterator<Item = (PolicyRole, &Policy)> {
        let all = self.iter().enumerate();
        all.map(|(index, (_, policy))| (PolicyRole::Named(index), policy))
    }
}
