//! The policies of one engine: the one that decides, one that is only compared with it, and those that a
//! request chooses by name. All of them ask the same live lists.

use alloc::vec::Vec;

use crate::policy::{Policy, RequiredLists};

use super::configuration::{Configuration, Replace};
use super::error::{Error, PolicyRole};
use super::named_policies::NamedPolicies;
use super::policy_warnings::{PolicyWarning, warnings};
use super::update::Coalition;

/// Everything that decides how a request is answered.
#[derive(Debug, Default)]
pub(super) struct Policies {
    pub(super) deciding: Policy,
    pub(super) shadow: Option<Policy>,
    pub(super) named: NamedPolicies,
}

impl Policies {
    /// Checks the policies that are given, and those that stay, against the coalitions that will be configured.
    ///
    /// # Errors
    /// A policy that names no lists that must answer, or that requires more coalitions than it asks.
    pub(super) fn check(&self, given: &Configuration, known: &[Coalition]) -> Result<(), Error> {
        let new_shadow = match &given.shadow {
            Replace::With(policy) => Some(policy),
            Replace::Keep | Replace::Remove => None,
        };
        let new = [
            (PolicyRole::Deciding, given.policy.as_ref()),
            (PolicyRole::Shadow, new_shadow),
        ];
        let new_named = given.policies.iter().flat_map(NamedPolicies::with_roles);
        for (role, policy) in given_only(new).chain(new_named) {
            if policy.required == RequiredLists::Unnamed {
                return Err(Error::RequiredLists(role));
            }
        }
        let shadow = match &given.shadow {
            Replace::Keep => self.shadow.as_ref(),
            Replace::Remove | Replace::With(_) => new_shadow,
        };
        let deciding = given.policy.as_ref().unwrap_or(&self.deciding);
        let after = [
            (PolicyRole::Deciding, Some(deciding)),
            (PolicyRole::Shadow, shadow),
        ];
        let named = given.policies.as_ref().unwrap_or(&self.named);
        for (role, policy) in given_only(after).chain(named.with_roles()) {
            // A policy that requires more coalitions than it asks would never block anything.
            let asked = known
                .iter()
                .filter(|coalition| policy.asks(&coalition.name));
            let most = usize::from(policy.required_coalitions.block);
            if !known.is_empty() && most > asked.count() {
                return Err(Error::TooManyRequired(role));
            }
        }
        Ok(())
    }

    /// Takes the policies that are given.
    pub(super) fn replace(
        &mut self,
        policy: Option<Policy>,
        shadow: Replace<Policy>,
        named: Option<NamedPolicies>,
    ) {
        if let Some(policy) = policy {
            self.deciding = policy;
        }
        self.shadow = shadow.over(self.shadow.take());
        if let Some(named) = named {
            self.named = named;
        }
    }

    pub(super) fn warnings(&self, coalitions: &[Coalition]) -> Vec<PolicyWarning> {
        let unnamed = [
            (PolicyRole::Deciding, Some(&self.deciding)),
            (PolicyRole::Shadow, self.shadow.as_ref()),
        ];
        let all = given_only(unnamed).chain(self.named.with_roles());
        let all = all.flat_map(|(role, policy)| warnings(role, policy, coalitions));
        all.collect()
    }
}

fn given_only(
    policies: [(PolicyRole, Option<&Policy>); 2],
) -> impl Iterator<Item = (PolicyRole, &Policy)> {
    let policies = policies.into_iter();
    policies.filter_map(|(role, policy)| Some((role, policy?)))
}
