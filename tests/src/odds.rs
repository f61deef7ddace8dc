//! The arithmetic of `docs/scoring.md`, written a second time from the document: in floating point, and
//! without the engine. The worked examples are computed with it, and the engine is compared with them.

/// What is known about one merchant, and the prior; the policy's other defaults apply.
#[derive(Debug, Clone)]
pub struct Evidence {
    /// For each list with a record that asks for `review` or more: its source, and its confidence per
    /// mille.
    pub records: Vec<(&'static str, u16)>,
    /// What the red flags that hold count together, in millibits, before the cap.
    pub flags: i32,
    /// How many merchants of a million are bad.
    pub per_million: u32,
}

impl Evidence {
    /// Nothing is known.
    #[must_use]
    pub const fn none() -> Self {
        Self {
            records: Vec::new(),
            flags: 0,
            per_million: 100,
        }
    }

    /// One record of this confidence, per mille.
    #[must_use]
    pub fn record(confidence: u16) -> Self {
        Self::records(vec![("a", confidence)])
    }

    /// These records.
    #[must_use]
    pub fn records(records: Vec<(&'static str, u16)>) -> Self {
        Self {
            records,
            ..Self::none()
        }
    }
}

/// The parts of a receipt's `odds` in millibits, and the score.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Odds {
    /// What is assumed before anything is known.
    pub prior: i32,
    /// What the red flags count.
    pub typologies: i32,
    /// What the most confident record says; `None` if nothing is listed.
    pub listed: Option<i32>,
    /// What further sources add.
    pub agreement: i32,
    /// The sum.
    pub total: i32,
    /// 0 to 1000.
    pub score: i32,
}

const AGREEMENT_PER_MILLE: i32 = 500;
const CAP: i32 = 12_000;

impl Odds {
    /// The section "Evidence" of the document, line by line.
    #[must_use]
    pub fn of(evidence: &Evidence) -> Self {
        let prior = log_odds(f64::from(evidence.per_million) / 1e6);
        let typologies = evidence.flags.clamp(-CAP, CAP);
        let mut sources = speakers(&evidence.records).into_iter();
        let listed = sources.next();
        let agreement: i32 = sources
            .map(|further| further.max(0) * AGREEMENT_PER_MILLE / 1000)
            .sum();
        let unlisted = prior + typologies;
        let without = score(unlisted).min(599);
        let with = listed.map(|listed| listed + typologies + agreement);
        let (total, score) = match with {
            Some(with) if score(with) >= without => (with, score(with)),
            _ => (unlisted, without),
        };
        Self {
            prior,
            typologies,
            listed,
            agreement,
            total,
            score,
        }
    }
}

/// A red flag that holds: its group, and what it counts.
pub type Flag<'f> = (Option<&'f str>, i32);

/// What red flags count together: of a group, the strongest in full and every other half. They are all
/// against the merchant.
#[must_use]
pub fn flags(holding: &[Flag<'_>]) -> i32 {
    let mut sorted = holding.to_vec();
    sorted.sort_by_key(|(_, weight)| std::cmp::Reverse(*weight));
    let mut seen = Vec::new();
    let mut sum = 0;
    for (group, weight) in sorted {
        match group {
            Some(group) if seen.contains(&group) => sum += weight / 2,
            group => {
                seen.extend(group);
                sum += weight;
            }
        }
    }
    sum
}

/// `600 + 30 * log2(odds)`, rounded down.
fn score(millibits: i32) -> i32 {
    (600 + (millibits * 30).div_euclid(1000)).clamp(0, 1000)
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
        let two = Evidence::records(vec![("b", 900), ("a", 990)]);
        assert_eq!(Odds::of(&two).total, 6629 + 3169 / 2);
        let flagged = Evidence {
            flags: 20_000,
            ..Evidence::none()
        };
        // -13,288 + 12,000 is -1,288: 38.64 below 600.
        assert_eq!(Odds::of(&flagged).score, 561);
    }

    #[test]
    fn in_a_group_the_strongest_counts_in_full_and_every_other_half() {
        let holding = [
            (Some("a"), 2000),
            (Some("a"), 3500),
            (None, 100),
            (Some("a"), 1001),
            (Some("b"), 7),
        ];
        assert_eq!(flags(&holding), 3500 + 1000 + 500 + 100 + 7);
    }
}
