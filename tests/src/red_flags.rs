//! The red flags of the standard pack: signals that make each of them hold, and how sure their scores are.

use interdict_publisher::STANDARD_TYPOLOGIES;
use serde_json::{Map, Value, json};

use crate::odds::{self, Evidence, Odds};

/// A rule of the pack, as far as scores need it.
#[derive(Debug, Clone)]
pub struct Rule {
    /// Its id, such as `T04`.
    pub id: String,
    group: Option<String>,
    weight: i32,
}

/// The priors of the table, merchants of a million.
pub const PRIORS: [u32; 5] = [1, 10, 100, 1000, 3000];

/// Weak flags of four kinds, and strong ones that do not weaken each other.
const FOUR_WEAK: [&str; 4] = ["T02", "T06", "T08", "T16"];
const FOUR_STRONG: [&str; 4] = ["T03", "T04", "T07", "T14"];

/// What a risk team meets: some flags at once, under a name.
const SETS: [(&str, &[&str]); 6] = [
    ("a shop for something else: T03, T04", &["T03", "T04"]),
    (
        "a young site for crypto: T02, T11, T12",
        &["T02", "T11", "T12"],
    ),
    (
        "paid as for live streams: T09, T10, T16",
        &["T09", "T10", "T16"],
    ),
    (
        "terminated, and a new pattern: T04, T07, T08",
        &["T04", "T07", "T08"],
    ),
    (
        "prepaid and unregistered: T02, T13, T14",
        &["T02", "T13", "T14"],
    ),
    ("tied and another trade: T03, T15", &["T03", "T15"]),
];

/// One row of the table: which rules hold, under which name.
#[derive(Debug, Clone)]
pub struct Flagged {
    /// What the row shows.
    pub case: String,
    /// The rules that hold.
    pub rules: Vec<Rule>,
}

/// The rules of the standard pack.
#[must_use]
pub fn rules() -> Vec<Rule> {
    let pack: Value = serde_json::from_slice(STANDARD_TYPOLOGIES).unwrap_or_default();
    let rules = pack["rules"].as_array().into_iter().flatten();
    let rule = |rule: &Value| {
        let text = |name: &str| rule[name].as_str().map(str::to_owned);
        let weight = rule["weight"]
            .as_i64()
            .and_then(|weight| weight.try_into().ok());
        Some(Rule {
            id: text("id")?,
            group: text("group"),
            weight: weight?,
        })
    };
    rules.filter_map(rule).collect()
}

/// Nothing, each rule alone, what a risk team meets, four weak flags, four strong ones, and all.
#[must_use]
pub fn cases() -> Vec<Flagged> {
    let all = rules();
    let some = |case: &str, ids: &[&str]| Flagged {
        case: case.to_owned(),
        rules: all
            .iter()
            .filter(|rule| ids.contains(&rule.id.as_str()))
            .cloned()
            .collect(),
    };
    let mut cases = vec![some("nothing", &[])];
    cases.extend(all.iter().map(|rule| some(&rule.id, &[&rule.id])));
    cases.extend(SETS.map(|(case, ids)| some(case, ids)));
    cases.push(some("four weak: T02, T06, T08, T16", &FOUR_WEAK));
    cases.push(some("four strong: T03, T04, T07, T14", &FOUR_STRONG));
    cases.push(Flagged {
        case: "all".to_owned(),
        rules: all.clone(),
    });
    cases
}

/// The rows of the document's table: as [`cases`], with the rules of one weight together.
#[must_use]
pub fn rows() -> Vec<(String, Flagged)> {
    let mut rows: Vec<(String, Flagged)> = Vec::new();
    for flagged in cases() {
        let is_rule = flagged.rules.len() == 1;
        let mut alike = rows
            .iter_mut()
            .filter(|(_, row)| is_rule && row.rules.len() == 1 && row.weight() == flagged.weight());
        match alike.next() {
            Some((names, _)) => names.extend([", ", &flagged.case]),
            None => rows.push((flagged.case.clone(), flagged)),
        }
    }
    rows
}

impl Flagged {
    /// What the flags count together, before the cap.
    #[must_use]
    pub fn weight(&self) -> i32 {
        let rules = self.rules.iter();
        let holding: Vec<_> = rules
            .map(|rule| (rule.group.as_deref(), rule.weight))
            .collect();
        odds::flags(&holding)
    }

    /// The score under this prior, without any record.
    #[must_use]
    pub fn score(&self, per_million: u32) -> i32 {
        let evidence = Evidence {
            flags: self.weight(),
            per_million,
            ..Evidence::none()
        };
        Odds::of(&evidence).score
    }

    /// A request in which these rules hold and no other.
    #[must_use]
    pub fn request(&self, flow: &str) -> Value {
        let holds = |id: &str| self.rules.iter().any(|rule| rule.id == id);
        let mut signals = Map::new();
        for (id, known) in SIGNALS {
            let known: Value = serde_json::from_str(known).unwrap_or_default();
            let known = known.as_object().cloned().unwrap_or_default();
            signals.extend(known.into_iter().filter(|_| holds(id)));
        }
        let mut request = json!({"flow": flow, "url": "https://pay.elsewhere.example/1"});
        if holds("T05") {
            request["facilitator"] = json!({"facilitator_id": "12345"});
        }
        request["signals"] = signals.into();
        request
    }
}

/// Signals that make a rule hold. T05 needs a facilitator's block instead.
const SIGNALS: [(&str, &str); 15] = [
    (
        "T02",
        r#"{"new_top_level_domain": true, "domain_age_days": 30}"#,
    ),
    ("T03", r#"{"mcc": "5967", "observed_mcc": "5992"}"#),
    ("T04", r#"{"declared_urls": ["https://shop.example/"]}"#),
    ("T06", r#"{"nested_processors": 3}"#),
    ("T07", r#"{"terminated_days_ago": 100}"#),
    (
        "T08",
        r#"{"merchant_age_days": 10, "volume_change_per_cent": 900}"#,
    ),
    (
        "T09",
        r#"{"small_even_per_mille": 900, "cross_border_per_mille": 900}"#,
    ),
    (
        "T10",
        r#"{"night_per_mille": 900, "cross_border_per_mille": 900}"#,
    ),
    ("T11", r#"{"virtual_currency_only": true}"#),
    ("T12", r#"{"privacy_coin_endpoint": true}"#),
    ("T13", r#"{"prepaid_only": true}"#),
    ("T14", r#"{"registration_evidence": false, "mcc": "5967"}"#),
    ("T15", r#"{"shared_contact": true}"#),
    (
        "T16",
        r#"{"payout_country_related": false, "payout_country": "NL", "merchant_country": "SE"}"#,
    ),
    ("T17", r#"{"shared_payout_account": true}"#),
];

/// Scores from the first to before the second.
pub const BANDS: [(i32, i32); 5] = [(201, 300), (300, 400), (400, 450), (450, 500), (500, 600)];

/// Of the merchants in one band of scores: the mean probability that the scores state, the share that is
/// bad, and how many of a million lawful merchants get there.
#[derive(Debug, Clone, Copy, Default)]
pub struct Band {
    bad: f64,
    good: f64,
    stated: f64,
}

impl Band {
    /// What the scale says, as a share.
    #[must_use]
    pub fn stated(&self) -> f64 {
        self.stated / (self.bad + self.good)
    }

    /// What is so, as a share.
    #[must_use]
    pub fn precision(&self) -> f64 {
        self.bad / (self.bad + self.good)
    }

    /// Lawful merchants of a million in this band.
    #[must_use]
    pub fn lawful_per_million(&self) -> f64 {
        self.good * 1e6
    }
}

/// How often a red flag holds among lawful merchants, in a world where its weight is right. It holds
/// `2^(weight / 1000)` times as often among bad ones.
fn lawful_rate(rule: &Rule) -> f64 {
    match rule.weight {
        ..=2000 => 0.05,
        2001..=2500 => 0.04,
        2501..=3500 => 0.02,
        3501..=7000 => 0.001,
        _ => 0.0002,
    }
}

/// One merchant of ten thousand is bad. Exact: over every set of red flags, and both states of what makes
/// flags come together. That is one hidden trait, of one merchant in fifty, bad or not, under which flags
/// are so much more frequent that two of them correlate by `correlation`, as far as a probability can be.
#[must_use]
pub fn bands(correlation: f64) -> [Band; BANDS.len()] {
    const TRAIT: f64 = 0.02;
    let rules = rules();
    let mut bands = [Band::default(); BANDS.len()];
    // Whether a flag holds, by class and trait.
    let rates = |is_bad: bool| -> Vec<[f64; 2]> {
        let rates = rules.iter().map(|rule| {
            let lawful = lawful_rate(rule);
            let ratio = (f64::from(rule.weight) / 1e3).exp2();
            let rate = if is_bad { lawful * ratio } else { lawful };
            let spread = (rate * (1.0 - rate)).sqrt() / (TRAIT * (1.0 - TRAIT)).sqrt();
            let step = correlation.sqrt() * spread;
            let step = step.min((1.0 - rate) / (1.0 - TRAIT)).min(rate / TRAIT);
            [step.mul_add(-TRAIT, rate), step.mul_add(1.0 - TRAIT, rate)]
        });
        rates.collect()
    };
    let (bad, good) = (rates(true), rates(false));
    let likelihood = |rates: &[[f64; 2]], set: u32| -> f64 {
        let of = |index: usize, share: f64| {
            let each = rates.iter().enumerate().map(|(place, rate)| {
                let rate = rate[index];
                if set >> place & 1 == 1 {
                    rate
                } else {
                    1.0 - rate
                }
            });
            each.product::<f64>() * share
        };
        of(0, 1.0 - TRAIT) + of(1, TRAIT)
    };
    for set in 0..1_u32 << rules.len() {
        let holding = rules.iter().enumerate();
        let holding = holding.filter(|(place, _)| set >> place & 1 == 1);
        let flagged = Flagged {
            case: String::new(),
            rules: holding.map(|(_, rule)| rule.clone()).collect(),
        };
        let score = flagged.score(100);
        let Some(place) = BANDS
            .iter()
            .position(|(from, before)| (*from..*before).contains(&score))
        else {
            continue;
        };
        let bad = 1e-4 * likelihood(&bad, set);
        let good = (1.0 - 1e-4) * likelihood(&good, set);
        let stated = 1.0 / (1.0 + (f64::from(600 - score) / 30.0).exp2());
        bands[place].bad += bad;
        bands[place].good += good;
        bands[place].stated += stated * (bad + good);
    }
    bands
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What does not hold speaks for the merchant and counts 0, so no band says too little.
    #[test]
    fn a_higher_score_is_a_surer_one_where_flags_are_independent_and_none_says_too_little() {
        let apart = bands(0.0);
        for pair in apart.windows(2) {
            assert!(pair[1].precision() > pair[0].precision(), "{pair:?}");
        }
        assert!(apart.iter().all(|band| band.precision() < band.stated()));
    }

    #[test]
    fn where_flags_come_together_the_scale_says_too_much_at_the_top() {
        let together = bands(0.2);
        let top = together[BANDS.len() - 1];
        assert!(top.precision() < top.stated() / 100.0, "{top:?}");
    }
}
