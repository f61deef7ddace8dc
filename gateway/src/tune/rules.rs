use std::collections::BTreeMap;

use interdict_core::policy::limits::TYPOLOGY_WEIGHT;

use super::labelled::{Case, Label};

/// No weight is fitted with fewer cases of a class.
pub const ENOUGH_LABELS: u32 = 10;

/// Cases of one class, by the state of a rule in them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Split {
    /// It held.
    pub holds: u32,
    /// It did not.
    pub fails: u32,
    /// A signal was missing.
    pub unknown: u32,
}

/// How one rule separates the classes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RuleTally {
    /// Among the bad.
    pub bad: Split,
    /// Among the good.
    pub good: Split,
    /// Its present weight where it holds, if a case showed it.
    pub weight: Option<i32>,
    /// Its present weight where it does not hold, if a case showed it.
    pub otherwise: Option<i32>,
}

/// Tallies by list and rule.
#[must_use]
pub fn tally_rules(cases: &[Case]) -> BTreeMap<(String, String), RuleTally> {
    let mut tallies: BTreeMap<(String, String), RuleTally> = BTreeMap::new();
    for case in cases {
        for said in &case.rules {
            let name = (said.list.clone(), said.rule.clone());
            let tally = tallies.entry(name).or_default();
            let split = match case.label {
                Label::Bad => &mut tally.bad,
                Label::Good => &mut tally.good,
            };
            let cell = match said.holds {
                Some(true) => {
                    tally.weight = Some(said.weight);
                    &mut split.holds
                }
                Some(false) => {
                    tally.otherwise = Some(said.weight);
                    &mut split.fails
                }
                None => &mut split.unknown,
            };
            *cell = cell.saturating_add(1);
        }
    }
    tallies
}

/// A weight of evidence with its standard error, in millibits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fitted {
    /// `log2` of the likelihood ratio.
    pub weight: f64,
    /// One standard error of it.
    pub error: f64,
}

/// The weight of evidence of something seen in `bad` of `bads` bad and `good` of `goods` good cases,
/// each count raised by a half so that none is zero. Its error is that of a log ratio of two proportions
/// (Katz and others 1978).
#[must_use]
pub fn fit(bad: u32, bads: u32, good: u32, goods: u32) -> Fitted {
    let (seen_bad, seen_good) = (f64::from(bad) + 0.5, f64::from(good) + 0.5);
    let (all_bad, all_good) = (f64::from(bads) + 1.0, f64::from(goods) + 1.0);
    let ratio = (seen_bad / all_bad) / (seen_good / all_good);
    let variance = 1.0 / seen_bad - 1.0 / all_bad + 1.0 / seen_good - 1.0 / all_good;
    Fitted {
        weight: 1000.0 * ratio.log2(),
        error: 1000.0 * variance.max(0.0).sqrt() / std::f64::consts::LN_2,
    }
}

impl RuleTally {
    /// Fitted weights where it holds and where it does not; `None` if too few cases of a class had its
    /// signals.
    #[must_use]
    pub fn fitted(&self) -> Option<(Fitted, Fitted)> {
        let known = |split: Split| split.holds.saturating_add(split.fails);
        let (bads, goods) = (known(self.bad), known(self.good));
        (bads.min(goods) >= ENOUGH_LABELS).then(|| {
            (
                fit(self.bad.holds, bads, self.good.holds, goods),
                fit(self.bad.fails, bads, self.good.fails, goods),
            )
        })
    }

    /// The weights for the policy; `None` if the fit contradicts the rule's direction, or no case showed the
    /// direction.
    #[must_use]
    pub fn pasted(&self) -> Option<(i32, i32)> {
        let (holds, fails) = self.fitted()?;
        let otherwise = self.otherwise.map(|otherwise| otherwise.saturating_neg());
        let direction = [self.weight, otherwise]
            .into_iter()
            .flatten()
            .map(i32::signum)
            .find(|sign| *sign != 0)?;
        let weight = millibits(holds.weight);
        let otherwise = millibits(fails.weight);
        let otherwise = if otherwise.signum() == -direction {
            otherwise
        } else {
            0
        };
        (weight.signum() == direction).then_some((weight, otherwise))
    }
}

/// Rounds, and stays within what a policy takes.
fn millibits(weight: f64) -> i32 {
    let (low, high) = TYPOLOGY_WEIGHT.into_inner();
    #[expect(
        clippy::cast_possible_truncation,
        reason = "clamped to five digits first"
    )]
    let rounded = weight.round().clamp(f64::from(low), f64::from(high)) as i32;
    rounded
}
