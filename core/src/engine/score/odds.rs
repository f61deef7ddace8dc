use serde::Serialize;

use crate::IS_FULL;
use crate::list::Action;
use crate::policy::{FlowPolicy, Policy, logit_per_mille, score, score_without_record};

use super::statements::Statements;

/// The log-odds that the merchant is bad, by part, in millibits. `total` is either
/// `prior + typologies` or `listed + typologies + agreement`, whichever decides the score.
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
    /// The origins of all records.
    all: Statements<'e>,
    /// The origins of the records that ask for `review` or more.
    for_review: Statements<'e>,
    /// The confidence of the most confident compact list that was hit, per mille.
    compact: Option<u16>,
}

/// What the records of one set say, in millibits.
#[derive(Debug, Clone, Copy)]
struct Said {
    listed: i32,
    agreement: i32,
}

impl<'e> ListEvidence<'e> {
    /// Gives the next list its number.
    pub(super) const fn next_list(&mut self) -> usize {
        let _ = self.all.next_list();
        self.for_review.next_list()
    }

    /// Adds a record of a list, which asks for this action.
    pub(super) fn add(&mut self, list: usize, origin: &'e str, confidence: u16, action: Action) {
        self.all.add(list, origin, confidence);
        if action >= Action::Review {
            self.for_review.add(list, origin, confidence);
        }
    }

    /// Adds a hit of a compact list of this confidence, which counts as a record that asks for `review`.
    pub(super) fn add_compact(&mut self, confidence: u16) {
        self.compact = self.compact.max(Some(confidence));
    }

    /// Sums up with the typologies, and computes the score.
    ///
    /// Each record counts as far as the action goes that it asks for: one that asks to monitor never
    /// leads to `review`, and adds nothing to one that asks for more.
    #[inline(never)]
    pub(super) fn weigh(self, typologies: i32, policy: &Policy, flow: &FlowPolicy) -> (Odds, u16) {
        if !IS_FULL {
            return (Odds::default(), score_without_record(policy.prior()));
        }
        let for_review = said(self.for_review, self.compact, policy);
        let all = said(self.all, self.compact, policy);
        let prior = policy.prior();
        let of = |said: Said, most: u16| {
            let total = said.listed.saturating_add(typologies);
            let total = total.saturating_add(said.agreement);
            (said, total, score(total).min(most))
        };
        let below_review = flow.review_score.saturating_sub(1);
        let decisive = for_review.map(|said| of(said, u16::MAX));
        let watching = all.map(|said| of(said, below_review));
        let unlisted = prior.saturating_add(typologies);
        let unlisted_score = score_without_record(unlisted);
        // Of equal scores, the first counts, so that a prior shows only where it raises the score.
        let records = match (decisive, watching) {
            (Some(one), Some(other)) if other.2 > one.2 => Some(other),
            (one, other) => one.or(other),
        };
        let said = records.map(|(said, ..)| said);
        let (total, score) = match records {
            Some((_, total, score)) if score >= unlisted_score => (total, score),
            _ => (unlisted, unlisted_score),
        };
        let odds = Odds {
            prior,
            typologies,
            listed: said.map(|said| said.listed),
            agreement: said.map_or(0, |said| said.agreement),
            total,
        };
        (odds, score)
    }
}

/// What these origins and a hit of a compact list say together; `None` if there are none.
fn said(statements: Statements<'_>, compact: Option<u16>, policy: &Policy) -> Option<Said> {
    let mut confidences = statements.confidences().into_iter();
    // Whose word a compact list repeats is unknown: it may be that of a record, so it adds no voice.
    let strongest = confidences.next().max(compact)?;
    let weights = confidences.map(logit_per_mille);
    let share = |weight: i32| share(weight, policy);
    Some(Said {
        listed: logit_per_mille(strongest),
        agreement: weights.fold(0_i32, |sum, weight| sum.saturating_add(share(weight))),
    })
}

/// What further evidence adds: the policy's share of it, or 0 if it is in the merchant's favour.
fn share(weight: i32, policy: &Policy) -> i32 {
    let share = i32::from(policy.agreement_per_mille);
    weight.max(0).saturating_mul(share).div_euclid(1000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{Choices, Flow};

    const ORIGINS: [&str; 4] = ["a", "b", "c", "d"];

    /// Half of what each further source says, and one merchant of ten thousand is bad: -13,288.
    fn policy() -> Policy {
        Policy::new(Choices {
            prevalence_per_million: 100,
            agreement_per_mille: 500,
            ..Choices::default()
        })
        .unwrap()
    }

    /// The evidence of these sources, each on a list of its own, before a payout.
    fn weighed(records: &[(u16, Action)], compact: Option<u16>, typologies: i32) -> (Odds, u16) {
        let mut evidence = ListEvidence::default();
        for ((confidence, action), name) in records.iter().zip(ORIGINS) {
            let list = evidence.next_list();
            evidence.add(list, name, *confidence, *action);
        }
        if let Some(confidence) = compact {
            evidence.add_compact(confidence);
        }
        let policy = policy();
        evidence.weigh(typologies, &policy, policy.flow(Flow::Payout))
    }

    fn blocks(confidences: &[u16]) -> Vec<(u16, Action)> {
        let records = confidences.iter();
        records.map(|one| (*one, Action::Block)).collect()
    }

    #[test]
    fn the_most_confident_source_counts_in_full_and_each_other_half() {
        // 0.9 is 3169 millibits, 0.99 is 6629; half of 3169 is 1584.
        let (found, score) = weighed(&blocks(&[900, 990, 900]), None, 0);
        assert_eq!((found.listed, found.agreement), (Some(6629), 1584 + 1584));
        assert_eq!((found.total, score), (6629 + 1584 + 1584, 893));
        let (found, score) = weighed(&[], None, 0);
        assert_eq!((found.listed, found.total, score), (None, -13_288, 201));
    }

    #[test]
    fn a_further_source_below_even_odds_adds_nothing() {
        let (found, score) = weighed(&blocks(&[900, 100]), None, 0);
        assert_eq!((found.agreement, found.total, score), (0, 3169, 695));
    }

    #[test]
    fn a_compact_list_counts_as_a_record_and_adds_no_voice_beside_one() {
        let (alone, score) = weighed(&[], Some(900), 0);
        assert_eq!((alone.listed, alone.agreement, score), (Some(3169), 0, 695));
        // Beside a record the surer of the two counts, and nothing more.
        for (record, compact) in [(900, 990), (990, 900)] {
            let (found, score) = weighed(&blocks(&[record]), Some(compact), 0);
            assert_eq!((found.listed, found.agreement, score), (Some(6629), 0, 798));
        }
        // A further source is a voice, with a compact list as without.
        let found = weighed(&blocks(&[990, 900]), Some(900), 0);
        assert_eq!(found, weighed(&blocks(&[990, 900]), None, 0));
    }

    #[test]
    fn typologies_count_with_a_record_and_without() {
        assert_eq!(weighed(&[], None, 700).0.total, -12_588);
        assert_eq!(weighed(&blocks(&[900]), None, 700).0.total, 3869);
        assert_eq!(weighed(&blocks(&[900]), None, -700).0.total, 2469);
    }

    #[test]
    fn red_flags_alone_stay_below_even_odds_and_a_record_does_not() {
        assert_eq!(weighed(&[], None, 13_288).1, 599);
        assert_eq!(weighed(&[], None, 20_000).1, 599);
        assert_eq!(weighed(&[], None, 13_254).1, 598);
        // 0.3, the least that asks for review, is -1223 millibits.
        let review = [(300, Action::Review)];
        assert_eq!(weighed(&review, None, 0).1, 563);
        assert_eq!(weighed(&review, None, 20_000).1, 1000);
    }

    #[test]
    fn a_record_that_asks_to_monitor_never_leads_to_review_however_sure() {
        let watched = [(999, Action::Monitor)];
        // Review from 600 before a payout.
        let (found, score) = weighed(&watched, None, 0);
        assert_eq!((found.listed, found.total, score), (Some(9964), 9964, 599));
        assert_eq!(weighed(&watched, None, 20_000).1, 599);
        // Nor does it make more of one that asks for review, unless that is below.
        let both = [(900, Action::Review), (999, Action::Monitor)];
        let (found, score) = weighed(&both, None, 0);
        assert_eq!((found.listed, found.agreement, score), (Some(3169), 0, 695));
        let weak = [(300, Action::Review), (999, Action::Monitor)];
        let (found, score) = weighed(&weak, None, 0);
        assert_eq!((found.listed, score), (Some(9964), 599));
    }

    #[test]
    fn a_listing_never_gives_less_than_the_same_merchant_unlisted() {
        // 0.001 is -9965 millibits; with 4000 against the prior's -13,288 a listing still says more.
        let watched = [(1, Action::Monitor)];
        assert_eq!(weighed(&watched, None, 4000).0.total, -9965 + 4000);
        // With even odds before anything is known, the record says less than the prior.
        let policy = Policy::new(Choices {
            prevalence_per_million: 300_000,
            flows: policy().flows.map(|flow| FlowPolicy {
                monitor_score: 900,
                review_score: 900,
                ..flow
            }),
            ..Choices::default()
        });
        let policy = policy.unwrap();
        let mut evidence = ListEvidence::default();
        let list = evidence.next_list();
        evidence.add(list, "a", 100, Action::Monitor);
        let (found, score) = evidence.weigh(500, &policy, policy.flow(Flow::Payout));
        // 0.3 is -1223 millibits, 0.1 is -3170.
        assert_eq!((found.listed, found.total, score), (Some(-3170), -723, 578));
    }
}
