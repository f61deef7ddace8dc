use serde::Serialize;

use crate::policy::Policy;

use super::statements::Statements;
use super::weights::{logit_per_mille, logit_per_million};

/// The log-odds that the merchant is bad, by part, in millibits:
/// `total = max(prior + misses + candidates + typologies, listed + typologies) + agreement`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Odds {
    /// From the policy's prevalence, before anything is known about the merchant.
    pub prior: i32,
    /// From lists that answered and do not list the merchant; 0 or below.
    pub misses: i32,
    /// From filter hits without a record.
    pub candidates: i32,
    /// From typology rules, against the merchant and for it.
    pub typologies: i32,
    /// From the most confident source that lists the merchant; absent if none does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listed: Option<i32>,
    /// From the further sources that list the merchant.
    pub agreement: i32,
    /// The result, from which the score is computed.
    pub total: i32,
}

/// The evidence from all lists, before it is summed up.
#[derive(Debug, Default)]
pub(super) struct ListEvidence<'e> {
    /// The sources that list the merchant, with their lists.
    pub(super) statements: Statements<'e>,
    pub(super) candidates: Candidates,
    /// The sum over the lists that do not list the merchant, in millibits, 0 or below.
    pub(super) misses: i32,
}

/// The weights of filter hits, one for each list with a hit.
#[derive(Debug, Default)]
pub(super) struct Candidates {
    strongest: i32,
    sum: i32,
}

impl Candidates {
    pub(super) const fn add(&mut self, weight: i32) {
        self.sum = self.sum.saturating_add(weight);
        if weight > self.strongest {
            self.strongest = weight;
        }
    }
}

impl ListEvidence<'_> {
    /// Adds the typologies, applies the policy's caps and shares, and sums up.
    pub(super) fn odds(self, typologies: i32, policy: &Policy) -> Odds {
        let share = |weight: i32| share(weight, policy);
        let mut weights = self
            .statements
            .confidences()
            .into_iter()
            .map(logit_per_mille);
        let listed = weights.next();
        let agreement = weights.fold(0_i32, |sum, weight| sum.saturating_add(share(weight)));
        let prior = logit_per_million(policy.prevalence_per_million);
        let misses = self.misses.max(policy.miss_cap.saturating_neg());
        let Candidates { strongest, sum } = self.candidates;
        let candidates = strongest.saturating_add(share(sum.saturating_sub(strongest)));
        let unlisted = [misses, candidates, typologies]
            .into_iter()
            .fold(prior, i32::saturating_add);
        let listing = listed.map_or(i32::MIN, |listed| listed.saturating_add(typologies));
        Odds {
            prior,
            misses,
            candidates,
            typologies,
            listed,
            agreement,
            total: unlisted.max(listing).saturating_add(agreement),
        }
    }
}

/// What further evidence adds: the policy's share of it, or 0 if it is in the merchant's favour.
fn share(weight: i32, policy: &Policy) -> i32 {
    let share = i32::from(policy.agreement_per_mille);
    weight.max(0).saturating_mul(share).div_euclid(1000)
}
