//! What labelled cases say about rules and scores. Nothing here changes a gateway: a person reads it
//! and decides.

use std::collections::BTreeMap;

use interdict_core::policy::limits::TYPOLOGY_WEIGHT;
use interdict_core::wire::owned::{RuleState, Verdict};
use serde::Deserialize;
use serde_json::value::RawValue;

/// No weight is fitted with fewer cases of a class.
pub const ENOUGH_LABELS: u32 = 10;

/// What a person found a merchant to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Label {
    /// It should have been stopped.
    Bad,
    /// It is lawful.
    Good,
}

/// One labelled line: its label, and its request, changed to ask for the analyst's view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Labelled {
    /// What it was found to be.
    pub label: Label,
    /// A request for `screen`.
    pub request: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawLabelled<'a> {
    label: Label,
    #[serde(borrow)]
    request: &'a RawValue,
}

impl Labelled {
    /// Reads a line; `None` unless it is `{"label":"bad"|"good","request":{…}}`.
    #[must_use]
    pub fn read(line: &[u8]) -> Option<Self> {
        let RawLabelled { label, request } = serde_json::from_slice(line).ok()?;
        let members = request.get().strip_prefix('{')?;
        // As written: the module must see, and refuse, what is wrong in it.
        let comma = if members.trim_start() == "}" { "" } else { "," };
        let request = format!("{{\"view\":\"analyst\"{comma}{members}");
        Some(Self { label, request })
    }
}

/// A labelled case and what the module said of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// What it was found to be.
    pub label: Label,
    /// 0 to 1000.
    pub score: u16,
    /// What each rule said.
    pub rules: Vec<RuleState>,
}

impl Case {
    /// A verdict in the analyst's view, and what the merchant was found to be.
    #[must_use]
    pub fn of(label: Label, verdict: Verdict) -> Self {
        Self {
            label,
            score: verdict.score,
            rules: verdict.rules.unwrap_or_default(),
        }
    }
}

/// Cases of one class by what a rule said of them.
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

/// The probability that a score stands for.
#[must_use]
pub fn probability(score: u16) -> f64 {
    1.0 / (1.0 + ((500.0 - f64::from(score)) / 50.0).exp2())
}

/// The cases within a range of a hundred scores; the last range includes 1000.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Bin {
    /// Bad cases in it.
    pub bad: u32,
    /// Good cases in it.
    pub good: u32,
    predicted_sum: f64,
}

impl Bin {
    /// All cases in it.
    #[must_use]
    pub const fn count(&self) -> u32 {
        self.bad.saturating_add(self.good)
    }

    /// The mean of the probabilities that the scores stand for.
    #[must_use]
    pub fn predicted(&self) -> Option<f64> {
        (self.count() > 0).then(|| self.predicted_sum / f64::from(self.count()))
    }

    /// The share that is bad.
    #[must_use]
    pub fn observed(&self) -> Option<f64> {
        (self.count() > 0).then(|| f64::from(self.bad) / f64::from(self.count()))
    }
}

/// Cases by their score.
#[must_use]
pub fn calibration(cases: &[Case]) -> [Bin; 10] {
    let mut bins = [Bin::default(); 10];
    for case in cases {
        let place = usize::from(case.score / 100).min(9);
        let Some(bin) = bins.get_mut(place) else {
            continue;
        };
        bin.predicted_sum += probability(case.score);
        let cell = match case.label {
            Label::Bad => &mut bin.bad,
            Label::Good => &mut bin.good,
        };
        *cell = cell.saturating_add(1);
    }
    bins
}

/// What a threshold would have done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Confusion {
    /// Bad, and at or above it.
    pub true_positives: u32,
    /// Good, and at or above it.
    pub false_positives: u32,
    /// Good, and below it.
    pub true_negatives: u32,
    /// Bad, and below it.
    pub false_negatives: u32,
}

impl Confusion {
    /// What a threshold on the score does to these cases.
    #[must_use]
    pub fn at(threshold: u16, cases: &[Case]) -> Self {
        let mut confusion = Self::default();
        for case in cases {
            let cell = match (case.label, case.score >= threshold) {
                (Label::Bad, true) => &mut confusion.true_positives,
                (Label::Good, true) => &mut confusion.false_positives,
                (Label::Good, false) => &mut confusion.true_negatives,
                (Label::Bad, false) => &mut confusion.false_negatives,
            };
            *cell = cell.saturating_add(1);
        }
        confusion
    }

    /// Of those at or above, how many are bad.
    #[must_use]
    pub fn precision(&self) -> Option<f64> {
        share(self.true_positives, self.false_positives)
    }

    /// Of the bad, how many are at or above.
    #[must_use]
    pub fn recall(&self) -> Option<f64> {
        share(self.true_positives, self.false_negatives)
    }
}

fn share(part: u32, rest: u32) -> Option<f64> {
    let whole = part.saturating_add(rest);
    (whole > 0).then(|| f64::from(part) / f64::from(whole))
}

/// How far the log-odds of the sample are above those of the policy's prevalence, in millibits; `None` without
/// both classes.
#[must_use]
pub fn prior_shift(bad: u32, good: u32, prevalence_per_million: u32) -> Option<f64> {
    let prior = f64::from(prevalence_per_million);
    let sample = (bad > 0 && good > 0).then(|| (f64::from(bad) / f64::from(good)).log2())?;
    (0.0 < prior && prior < 1e6).then(|| 1000.0 * (sample - (prior / (1e6 - prior)).log2()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case(label: Label, score: u16, holds: Option<bool>) -> Case {
        let weight = match holds {
            Some(true) => 1000,
            Some(false) => -100,
            None => 0,
        };
        let said = RuleState {
            coalition: "se".into(),
            list: "se/merchants".into(),
            rule: "T04".into(),
            holds,
            weight,
        };
        Case {
            label,
            score,
            rules: vec![said],
        }
    }

    fn near(one: f64, other: f64) -> bool {
        (one - other).abs() < 0.5
    }

    #[test]
    fn weights_by_hand() {
        // (15.5/21) / (1.5/21) = 10.333: log2 is 3.369.
        let fitted = fit(15, 20, 1, 20);
        assert!(near(fitted.weight, 3369.2), "{fitted:?}");
        // sqrt(1/15.5 - 1/21 + 1/1.5 - 1/21) / ln 2 = sqrt(0.63594) / 0.69315 = 1.1505.
        assert!(near(fitted.error, 1150.5), "{fitted:?}");
        assert!(near(fit(5, 10, 5, 10).weight, 0.0));
        assert!(
            fit(0, 0, 0, 0).weight.is_finite()
                && fit(u32::MAX, u32::MAX, 0, u32::MAX).error.is_finite()
        );
    }

    #[test]
    fn rules_are_tallied_with_what_they_count_now() {
        let mut cases = vec![case(Label::Bad, 600, Some(true)); 15];
        cases.extend(vec![case(Label::Bad, 600, Some(false)); 5]);
        cases.extend(vec![case(Label::Good, 100, Some(true)); 1]);
        cases.extend(vec![case(Label::Good, 100, Some(false)); 19]);
        cases.extend(vec![case(Label::Good, 100, None); 7]);
        let tallies = tally_rules(&cases);
        let tally = &tallies[&("se/merchants".to_owned(), "T04".to_owned())];
        assert_eq!(
            (tally.bad.holds, tally.bad.fails, tally.bad.unknown),
            (15, 5, 0)
        );
        assert_eq!(
            (tally.good.holds, tally.good.fails, tally.good.unknown),
            (1, 19, 7)
        );
        assert_eq!((tally.weight, tally.otherwise), (Some(1000), Some(-100)));
        // (5.5/21) / (19.5/21) = 0.28205: log2 is -1.826.
        assert_eq!(tally.pasted(), Some((3369, -1826)));
    }

    #[test]
    fn a_fit_against_the_direction_or_from_too_few_is_not_pasted() {
        let split = |holds, fails| Split {
            holds,
            fails,
            unknown: 0,
        };
        let mut tally = RuleTally {
            bad: split(1, 19),
            good: split(15, 5),
            weight: Some(500),
            otherwise: Some(0),
        };
        assert!(tally.fitted().is_some());
        assert_eq!(tally.pasted(), None);
        tally.weight = Some(-500);
        assert_eq!(tally.pasted(), Some((-3369, 1826)));
        tally.weight = None;
        assert_eq!(tally.pasted(), None);
        tally.bad = split(5, 4);
        assert_eq!(tally.fitted(), None);
    }

    #[test]
    fn scores_stand_for_probabilities() {
        assert!((probability(500) - 0.5).abs() < 1e-9);
        assert!((probability(658) - 0.9).abs() < 0.001);
        assert!((probability(831) - 0.99).abs() < 0.001);
        assert!(probability(0) > 0.0 && probability(u16::MAX) <= 1.0);
    }

    #[test]
    fn bins_and_thresholds_by_hand() {
        let cases = [
            case(Label::Good, 0, None),
            case(Label::Good, 99, None),
            case(Label::Bad, 100, None),
            case(Label::Bad, 999, None),
            case(Label::Good, 1000, None),
        ];
        let bins = calibration(&cases);
        assert_eq!((bins[0].good, bins[1].bad, bins[9].count()), (2, 1, 2));
        assert_eq!((bins[9].observed(), bins[5].observed()), (Some(0.5), None));
        let confusion = Confusion::at(100, &cases);
        assert_eq!(
            confusion,
            Confusion {
                true_positives: 2,
                false_positives: 1,
                true_negatives: 2,
                false_negatives: 0
            }
        );
        assert_eq!(
            (confusion.precision(), confusion.recall()),
            (Some(2.0 / 3.0), Some(1.0))
        );
        assert_eq!(Confusion::at(500, &cases).recall(), Some(0.5));
        assert_eq!(Confusion::at(0, &[]).precision(), None);
    }

    #[test]
    fn the_shift_of_the_prior_is_in_millibits() {
        // Even odds against 999 to 999,001: log2 of 1000.001 is 9.96579.
        let shift = prior_shift(50, 50, 999).unwrap();
        assert!(near(shift, 9965.8), "{shift}");
        assert_eq!(prior_shift(0, 50, 100), None);
        assert_eq!(prior_shift(1, 1, 0), None);
    }

    #[test]
    fn a_labelled_line_asks_for_the_analysts_view_and_keeps_the_request_as_it_is() {
        let read = |line: &str| Labelled::read(line.as_bytes());
        let line = read(r#"{"label":"bad","request":{"flow":"payout","flow":1}}"#).unwrap();
        assert_eq!(line.label, Label::Bad);
        assert_eq!(
            line.request,
            r#"{"view":"analyst","flow":"payout","flow":1}"#
        );
        assert_eq!(
            read(r#"{"label":"good","request":{ }}"#).unwrap().request,
            r#"{"view":"analyst" }"#
        );
        for bad in [
            r#"{"label":"ugly","request":{}}"#,
            r#"{"label":"bad","request":[]}"#,
            r#"{"label":"bad"}"#,
            r#"{"label":"bad","request":{},"score":1}"#,
            "",
        ] {
            assert_eq!(read(bad), None, "{bad}");
        }
        assert_eq!(Labelled::read(b"\xff"), None);
    }
}
