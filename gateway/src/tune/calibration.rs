use super::labelled::{Case, Label};

/// The probability that a score stands for.
#[must_use]
pub fn probability(score: u16) -> f64 {
    1.0 / (1.0 + ((600.0 - f64::from(score)) / 30.0).exp2())
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

/// How a threshold would have divided the cases.
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

    /// The share of bad cases among those at or above.
    #[must_use]
    pub fn precision(&self) -> Option<f64> {
        share(self.true_positives, self.false_positives)
    }

    /// The share of the bad cases that are at or above.
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
