//! The arithmetic of `docs/scoring.md`, written a second time from the document: in floating point, and
//! without the engine. The worked examples are computed with it, and the engine is compared with them.

/// What is known about one merchant where the policy's defaults apply.
#[derive(Debug, Clone)]
pub struct Evidence {
    /// For each list with a record that asks for `review` or more: its source, and its confidence per
    /// mille.
    pub records: Vec<(&'static str, u16)>,
    /// What the red flags count that hold, in millibits.
    pub flags: i32,
}

impl Evidence {
    /// Nothing is known.
    #[must_use]
    pub const fn none() -> Self {
        Self {
            records: Vec::new(),
            flags: 0,
        }
    }

    /// One record of this confidence, per mille.
    #[must_use]
    pub fn record(confidence: u16) -> Self {
        Self {
            records: vec![("a", confidence)],
            flags: 0,
        }
    }
}

/// The parts of a receipt's `odds` in millibits, and the score.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Odds {
    /// What is assumed before anything is known.
    pub prior: i32,
    /// What the most confident record says; `None` if nothing is listed.
    pub listed: Option<i32>,
    /// What further sources add.
    pub agreement: i32,
    /// The sum.
    pub total: i32,
    /// 0 to 1000.
    pub score: i32,
}

/// One merchant of ten thousand is bad.
const PREVALENCE: f64 = 100e-6;
const AGREEMENT_PER_MILLE: i32 = 500;

impl Odds {
    /// The section "Evidence" of the document, line by line.
    #[must_use]
    pub fn of(evidence: &Evidence) -> Self {
        let prior = log_odds(PREVALENCE);
        let mut sources = speakers(&evidence.records).into_iter();
        let listed = sources.next();
        let agreement = sources
            .map(|further| further.max(0) * AGREEMENT_PER_MILLE / 1000)
            .sum();
        let (total, most) = match listed {
            Some(listed) => (listed + evidence.flags + agreement, 1000),
            None => (prior + evidence.flags, 599),
        };
        let score = (600 + (total * 30).div_euclid(1000)).clamp(0, most);
        Self {
            prior,
            listed,
            agreement,
            total,
            score,
        }
    }
}

/// The evidence of each source, the most confident first. A source counts once, with its most confident
/// record.
fn speakers(records: &[(&str, u16)]) -> Vec<i32> {
    let mut records = records.to_vec();
    records.sort_by_key(|(_, confidence)| std::cmp::Reverse(*confidence));
    let mut heard = Vec::new();
    let mut said = Vec::new();
    for (source, confidence) in records {
        if !heard.contains(&source) {
            heard.push(source);
            said.push(log_odds(f64::from(confidence) / 1e3));
        }
    }
    said
}

/// `log2(p / (1 - p))` in millibits.
fn log_odds(probability: f64) -> i32 {
    millibits(probability / (1.0 - probability))
}

/// The logarithm of a ratio in millibits, rounded down.
fn millibits(ratio: f64) -> i32 {
    let millibits = (1e3 * ratio.log2()).floor();
    // The standard library has no checked conversion from a floating-point number.
    format!("{millibits:.0}").parse().unwrap_or(i32::MIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From a table of logarithms: log2(9) = 3.16993, log2(99) = 6.62936, log2(9999) = 13.28757.
    #[test]
    fn the_arithmetic_gives_what_a_table_of_logarithms_gives() {
        let record = Odds::of(&Evidence::record(990));
        assert_eq!(
            (record.prior, record.listed, record.score),
            (-13288, Some(6629), 798)
        );
        let two = Evidence {
            records: vec![("b", 900), ("a", 990)],
            flags: 0,
        };
        assert_eq!(Odds::of(&two).total, 6629 + 3169 / 2);
    }
}
