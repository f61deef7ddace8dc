//! Evidence in integer millibits: 1000 is odds doubled. Integers, so that every host computes the
//! same bytes.

/// Fraction bits of the fixed-point logarithm.
const FRACTION: u32 = 20;

/// Log-odds of a probability given per mille, 1 to 999, in millibits, rounded down.
pub(super) fn logit_per_mille(confidence: u16) -> i32 {
    log2_ratio(
        u32::from(confidence),
        1000_u32.saturating_sub(u32::from(confidence)),
    )
}

/// Log-odds of a probability given per million, in millibits, rounded down.
pub(super) fn logit_per_million(prevalence: u32) -> i32 {
    log2_ratio(prevalence, 1_000_000_u32.saturating_sub(prevalence))
}

/// The score of log-odds: 500 is even, 50 for each doubling, 0 to 1000, rounded down.
pub(super) fn score(millibits: i32) -> u16 {
    let score = millibits.div_euclid(20).saturating_add(500).clamp(0, 1000);
    u16::try_from(score).unwrap_or(0)
}

/// log2(a / b) in millibits, rounded down. The error of the two logarithms is below 2^-19 bits, so
/// the result is off by one at most where the true value is within 0.002 of a whole millibit.
fn log2_ratio(a: u32, b: u32) -> i32 {
    let difference = log2(a.max(1)).saturating_sub(log2(b.max(1)));
    // |difference| < 32 * 2^20; the arithmetic shift rounds down.
    let millibits = difference.saturating_mul(1000).wrapping_shr(FRACTION);
    i32::try_from(millibits).unwrap_or(0)
}

/// log2(n) with 20 fraction bits, rounded down: the mantissa is squared once for each bit, and each
/// time it passes 2 the bit is one.
fn log2(n: u32) -> i64 {
    let whole = n.max(1).ilog2();
    let mut mantissa = u64::from(n).wrapping_shl(31_u32.saturating_sub(whole));
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

    #[test]
    fn the_published_examples_come_out() {
        assert_eq!(
            [500, 900, 990, 999].map(logit_per_mille),
            [0, 3169, 6629, 9964]
        );
        assert_eq!([0, 3169, 6629, 9964].map(score), [500, 658, 831, 998]);
        assert_eq!(
            (score(i32::MIN), score(i32::MAX), score(-1)),
            (0, 1000, 499)
        );
    }

    #[test]
    fn every_confidence_is_within_one_millibit_of_the_logarithm() {
        for confidence in 1..=999_u16 {
            let p = f64::from(confidence) / 1000.0;
            let exact = (p / (1.0 - p)).log2() * 1000.0;
            let found = f64::from(logit_per_mille(confidence));
            assert!(
                found <= exact + 0.01 && found > exact - 1.01,
                "{confidence}: {found} {exact}"
            );
        }
    }

    #[test]
    fn the_logarithm_of_every_magnitude_is_exact_to_its_fraction() {
        for n in (0..32).flat_map(|bits| [1_u32 << bits, (1_u32 << bits) | (1_u32 << (bits / 2))]) {
            let exact = f64::from(n).log2() * f64::from(1_u32 << FRACTION);
            assert!((exact - log2(n) as f64).abs() < 2.0, "{n}");
        }
    }
}
