//! The scale of evidence and score. Evidence is in millibits: 1000 doubles the odds. All numbers are
//! integers, so that every host computes the same bytes.
//!
//! Every weight is the logarithm of a ratio, rounded down to a millibit. [`log2`] is too small by
//! less than 2^-19 bits. A weight is therefore exact, except if the true value is within 0.002 of a
//! whole millibit; then the weight may be off by one.

/// The highest score without a record: just below even odds. Red flags are an opinion, and only a record
/// says something of this merchant.
const MOST_WITHOUT_RECORD: u16 = 599;

/// Fraction bits of the fixed-point logarithm.
const FRACTION: u32 = 20;

/// Log-odds in millibits of a probability per mille, 1 to 999.
pub(crate) fn logit_per_mille(confidence: u16) -> i32 {
    let confidence = u128::from(confidence);
    log2_ratio(confidence, 1000_u128.saturating_sub(confidence))
}

/// Log-odds in millibits of a probability per million, 1 to 999,999.
pub(crate) fn logit_per_million(prevalence: u32) -> i32 {
    let prevalence = u128::from(prevalence);
    log2_ratio(prevalence, 1_000_000_u128.saturating_sub(prevalence))
}

/// The score of log-odds: 600 for even odds, 30 more for each doubling, 0 to 1000, rounded down.
pub(crate) fn score(millibits: i32) -> u16 {
    let above_even = i64::from(millibits).saturating_mul(30).div_euclid(1000);
    let score = above_even.saturating_add(600).clamp(0, 1000);
    u16::try_from(score).unwrap_or(0)
}

/// The score of red flags, or of the prior, without a record: never more than [`MOST_WITHOUT_RECORD`].
pub(crate) fn score_without_record(millibits: i32) -> u16 {
    score(millibits).min(MOST_WITHOUT_RECORD)
}

/// log2(a / b) in millibits, rounded down.
fn log2_ratio(a: u128, b: u128) -> i32 {
    let difference = log2(a.max(1)).saturating_sub(log2(b.max(1)));
    // |difference| < 128 * 2^20; the arithmetic shift rounds down.
    let millibits = difference.saturating_mul(1000).wrapping_shr(FRACTION);
    i32::try_from(millibits).unwrap_or(0)
}

/// log2(n) with 20 fraction bits, rounded down. Squaring the mantissa gives one bit at a time: the
/// bit is 1 if the square reaches 2. The mantissa has 31 bits after its first. The bits cut off at
/// the start and at each squaring add up to less than 2^-28 bits of the result.
fn log2(n: u128) -> i64 {
    let whole = n.max(1).ilog2();
    let aligned = n
        .wrapping_shl(127_u32.saturating_sub(whole))
        .wrapping_shr(96);
    let mut mantissa = u64::try_from(aligned).unwrap_or(0);
    let mut log = i64::from(whole);
    for _ in 0..FRACTION {
        // mantissa is below 2^32, its square fits.
        mantissa = mantissa.wrapping_mul(mantissa).wrapping_shr(31);
        let bit = mantissa.wrapping_shr(32);
        mantissa = mantissa.wrapping_shr(u32::from(bit != 0));
        log = log.wrapping_shl(1) | i64::from(bit != 0);
    }
    log
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether `found` is `exact` rounded down, within the error that the module doc states.
    #[expect(clippy::float_arithmetic, reason = "only tests compare with floats")]
    fn is_floor(found: i32, exact: f64) -> bool {
        let found = f64::from(found);
        found <= exact + 0.002 && found > exact - 1.002
    }

    #[test]
    fn the_published_examples_come_out() {
        assert_eq!(
            [500, 900, 990, 999].map(logit_per_mille),
            [0, 3169, 6629, 9964]
        );
        assert_eq!([0, 3169, 6629, 9964].map(score), [600, 695, 798, 898]);
        // One in ten thousand, 1 % and 10 %.
        let prior = [100, 10_000, 100_000].map(logit_per_million);
        assert_eq!(prior.map(score), [201, 401, 504]);
        assert_eq!(
            (score(i32::MIN), score(i32::MAX), score(-1)),
            (0, 1000, 599)
        );
    }

    #[test]
    fn every_confidence_and_every_prevalence_is_the_logarithm_rounded_down() {
        let logit = |p: f64| (p / (1.0 - p)).log2() * 1000.0;
        for confidence in 1..=999_u16 {
            let exact = logit(f64::from(confidence) / 1000.0);
            assert!(is_floor(logit_per_mille(confidence), exact), "{confidence}");
        }
        for prevalence in 1..=500_000 {
            let exact = logit(f64::from(prevalence) / 1e6);
            assert!(
                is_floor(logit_per_million(prevalence), exact),
                "{prevalence}"
            );
        }
    }

    /// The logarithm never falls as its argument grows, since squaring, shifting and cutting off
    /// keep the order of mantissas. It is therefore enough to test both sides of each of its 2^20
    /// steps within one octave.
    #[test]
    fn the_logarithm_is_within_its_bound_at_every_step_of_an_octave() {
        let unit = f64::from(1_u32 << FRACTION);
        let octave = 31_i64 << FRACTION;
        let mut reached = 1_u32 << 31;
        for step in 1..1_i64 << FRACTION {
            // The smallest mantissa that reaches the step. Steps are 1,420 to 2,840 apart.
            let (mut below, mut above) = (reached, reached.saturating_add(4096));
            while below < above {
                let middle = below + (above - below) / 2;
                if log2(u128::from(middle)) >= octave + step {
                    above = middle;
                } else {
                    below = middle + 1;
                }
            }
            reached = below;
            let exact = |n: u32| (f64::from(n).log2() - 31.0) * unit;
            let wanted = step as f64;
            assert!(exact(below) >= wanted - 1e-6, "{step}: reached too early");
            // 2^-28 bits are 2^-8 of a step.
            let late = exact(below - 1) - wanted;
            assert!(late < 1.0 / 256.0 + 1e-6, "{step}: reached {late} late");
        }
    }

    #[test]
    fn the_logarithm_of_every_magnitude_is_that_of_its_mantissa() {
        for whole in 0..128_u32 {
            for mantissa in [1_u32 << 31, 0xb504_f333, 0xffff_ffff, 0x8000_0001] {
                let n = match whole.checked_sub(31) {
                    Some(left) => u128::from(mantissa) << left,
                    None => u128::from(mantissa >> (31 - whole)),
                };
                let exact = (n as f64).log2() * f64::from(1_u32 << FRACTION);
                let found = log2(n) as f64;
                assert!(found <= exact + 0.01 && found > exact - 1.01, "{n}");
            }
        }
    }
}
