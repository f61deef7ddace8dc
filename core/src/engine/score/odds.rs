use serde::Serialize;

use crate::policy::Policy;

use super::statements::Statements;
use super::weights::{logit_per_mille, logit_per_million};

/// The log-odds that the merchant is bad, by part, in millibits:
/// `total = max(prior, listed) + typologies + agreement`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Odds {
    /// From the policy's prevalence, before anything is known about the merchant.
    pub prior: i32,
    /// From typology rules, against the merchant and for it.
    pub typologies: i32,
    /// From the most confident origin that lists the merchant, or compact list that holds it; absent if
    /// none does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listed: Option<i32>,
    /// From the further origins that list the merchant.
    pub agreement: i32,
    /// The result, from which the score is computed.
    pub total: i32,
}

/// The evidence from all lists, before it is summed up.
#[derive(Debug, Default)]
pub(super) struct ListEvidence<'e> {
    /// The origins that list the merchant, with their lists.
    pub(super) statements: Statements<'e>,
    /// The confidence of the most confident compact list that was hit, per mille.
    pub(super) compact: Option<u16>,
}

impl ListEvidence<'_> {
    /// Adds the typologies, applies the policy's caps and shares, and sums up.
    pub(super) fn odds(self, typologies: i32, policy: &Policy) -> Odds {
        let share = |weight: i32| share(weight, policy);
        let mut confidences = self.statements.confidences().into_iter();
        // Whose word a compact list repeats is unknown: it may be that of a record, so it adds no voice.
        let strongest = confidences.next().max(self.compact);
        let listed = strongest.map(logit_per_mille);
        let weights = confidences.map(logit_per_mille);
        let agreement = weights.fold(0_i32, |sum, weight| sum.saturating_add(share(weight)));
        let prior = logit_per_million(policy.prevalence_per_million);
        let known = listed.map_or(prior, |listed| listed.max(prior));
        Odds {
            prior,
            typologies,
            listed,
            agreement,
            total: known.saturating_add(typologies).saturating_add(agreement),
        }
    }
}

/// What further evidence adds: the policy's share of it, or 0 if it is in the merchant's favour.
fn share(weight: i32, policy: &Policy) -> i32 {
    let share = i32::from(policy.agreement_per_mille);
    weight.max(0).saturating_mul(share).div_euclid(1000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Choices;

    /// Half of what each further source says; a prior of even odds, so that it is 0.
    fn policy() -> Policy {
        Policy::new(Choices {
            prevalence_per_million: 500_000,
            agreement_per_mille: 500,
            ..Choices::default()
        })
        .unwrap()
    }

    /// The evidence of these sources, each on a list of its own.
    fn odds(confidences: &[u16], typologies: i32) -> Odds {
        let names = ["a", "b", "c", "d"];
        let mut evidence = ListEvidence::default();
        for (confidence, name) in confidences.iter().zip(names) {
            let list = evidence.statements.next_list();
            evidence.statements.add(list, name, *confidence);
        }
        evidence.odds(typologies, &policy())
    }

    #[test]
    fn the_most_confident_source_counts_in_full_and_each_other_half() {
        // 0.9 is 3169 millibits, 0.99 is 6629; half of 3169 is 1584.
        let found = odds(&[900, 990, 900], 0);
        assert_eq!((found.listed, found.agreement), (Some(6629), 1584 + 1584));
        assert_eq!(found.total, 6629 + 1584 + 1584);
        assert_eq!(odds(&[], 0).listed, None);
    }

    #[test]
    fn a_further_source_below_even_odds_adds_nothing() {
        let found = odds(&[900, 100], 0);
        assert_eq!((found.agreement, found.total), (0, 3169));
    }

    #[test]
    fn a_compact_list_counts_as_a_record_and_adds_no_voice_beside_one() {
        let with = |confidences: &[u16], compact| {
            let mut evidence = ListEvidence {
                compact: Some(compact),
                ..ListEvidence::default()
            };
            for (confidence, name) in confidences.iter().zip(["a", "b"]) {
                let list = evidence.statements.next_list();
                evidence.statements.add(list, name, *confidence);
            }
            evidence.odds(0, &policy())
        };
        let alone = with(&[], 900);
        assert_eq!((alone.listed, alone.agreement), (Some(3169), 0));
        // Beside a record the surer of the two counts, and nothing more.
        for (record, compact) in [(900, 990), (990, 900)] {
            let found = with(&[record], compact);
            assert_eq!((found.listed, found.agreement), (Some(6629), 0));
        }
        // A further source is a voice, with a compact list as without.
        let found = with(&[990, 900], 900);
        assert_eq!(found, odds(&[990, 900], 0));
    }

    #[test]
    fn typologies_count_with_a_record_and_without() {
        assert_eq!(odds(&[], 700).total, 700);
        assert_eq!(odds(&[900], 700).total, 3869);
        assert_eq!(odds(&[900], -700).total, 2469);
    }

    #[test]
    fn a_listing_never_gives_less_than_the_same_merchant_unlisted() {
        // 0.1 is -3170 millibits: less than the prior, which is 0.
        let found = odds(&[100], 500);
        assert_eq!((found.listed, found.total), (Some(-3170), 500));
    }
}
