//! A simulated world in which it is known who is bad, screened by the real engine, to test whether its
//! probabilities come true.
//!
//! The prevalence is the probability that a merchant is bad, the coverage that a bad one is listed, and
//! the list error that a good one is. Records have one of two confidences, in shares that make both
//! correct. Red flags occur independently of each other, at the rates from which their weights are
//! computed, and some are unknown at random. The prior that is right is the share of bad merchants among
//! those that no list holds; the policy may assume another.

use interdict_core::identifier::Kind;
use interdict_core::list::Record;
use serde_json::{Value, json};

use crate::coalition::{Publication, RECORD};
use crate::subjects::Native;
use crate::world::{Enrolled, World, list};

/// Bad merchants per million.
pub const BAD_PER_MILLION: u32 = 10_000;
/// How many of a thousand bad merchants are listed.
const COVERAGE_PER_MILLE: u16 = 300;
/// How many of a million good merchants are listed.
const LIST_ERROR_PER_MILLION: u32 = 100;
/// Of a million merchants that no list holds, how many are bad: 7,000 bad ones are left beside 989,901
/// good ones.
pub const RIGHT_PRIOR: u32 = 7022;

/// A red flag: its condition, and for how many of a thousand bad and of a thousand good merchants it
/// holds.
struct Flag {
    id: &'static str,
    when: &'static str,
    holds: fn(bool) -> (&'static str, Value),
    bad: u16,
    good: u16,
}

const FLAGS: [Flag; 5] = [
    Flag {
        id: "C1",
        when: "prepaid_only",
        holds: |holds| ("prepaid_only", holds.into()),
        bad: 400,
        good: 50,
    },
    Flag {
        id: "C2",
        when: "virtual_currency_only",
        holds: |holds| ("virtual_currency_only", holds.into()),
        bad: 300,
        good: 20,
    },
    Flag {
        id: "C3",
        when: "night_per_mille >= 400",
        holds: |holds| ("night_per_mille", (if holds { 500 } else { 100 }).into()),
        bad: 500,
        good: 150,
    },
    Flag {
        id: "C4",
        when: "shared_contact",
        holds: |holds| ("shared_contact", holds.into()),
        bad: 200,
        good: 10,
    },
    Flag {
        id: "C5",
        when: "registration_evidence",
        holds: |holds| ("registration_evidence", holds.into()),
        bad: 200,
        good: 700,
    },
];

/// How many of a thousand signals are unknown.
const MISSING: u16 = 300;
/// The confidences of records, per mille.
const CONFIDENCES: [u16; 2] = [900, 990];

/// Merchants with a similar predicted probability: a tenth of the range.
#[derive(Debug, Clone, Copy, Default)]
pub struct Bin {
    /// How many.
    pub merchants: u32,
    /// The mean of their predicted probabilities.
    pub predicted: f64,
    /// The share that is bad.
    pub observed: f64,
    /// The standard error of that share, if the predictions are right.
    pub error: f64,
}

impl Bin {
    /// How many standard errors the share is away from the mean prediction.
    #[must_use]
    pub fn off(&self) -> f64 {
        (self.observed - self.predicted) / self.error
    }
}

/// An engine with a list, and merchants of which it is known who is bad.
#[derive(Debug)]
pub struct Simulation {
    world: World<Native>,
    merchants: Vec<(bool, String)>,
}

impl Simulation {
    /// Makes this many merchants, and a list with some of them. The same seed gives the same world.
    ///
    /// # Panics
    /// If the list is refused.
    #[must_use]
    pub fn new(merchants: u32, seed: u64) -> Self {
        let mut random = Random(seed);
        let mut publication = Publication {
            rate: 14,
            pack: Some(pack()),
            ..list("se/merchants", "a")
        };
        let merchants = (0..merchants).map(|index| {
            let bad = random.share(f64::from(BAD_PER_MILLION) / 1e6);
            let name = format!("m{index}.example");
            if random.share(listed(bad)) {
                let low = random.share(low_confidence(bad));
                let confidence = CONFIDENCES[usize::from(!low)];
                let record = Record {
                    confidence,
                    ..RECORD
                };
                publication
                    .others
                    .push((Kind::Domain, name.clone().into(), record));
            }
            let mut signals = json!({});
            for flag in &FLAGS {
                let rate = if bad { flag.bad } else { flag.good };
                let (signal, value) = (flag.holds)(random.share(f64::from(rate) / 1e3));
                if !random.share(f64::from(MISSING) / 1e3) {
                    signals[signal] = value;
                }
            }
            let identifier = json!({"kind": "domain", "value": name});
            let request =
                json!({"flow": "payout", "identifiers": [identifier], "signals": signals});
            (bad, request.to_string())
        });
        let merchants = merchants.collect();
        let enrolled = [Enrolled {
            name: "se",
            lists: vec![publication],
        }];
        let members = json!({"receipt_key": "11".repeat(32)});
        let world = World::new(Native::default(), &enrolled, &members);
        Self { world, merchants }
    }

    /// Screens everyone with a policy of this prior, per million.
    ///
    /// # Panics
    /// If a request is refused.
    pub fn bins(&mut self, prior: u32) -> [Bin; 10] {
        // No threshold may be near to what the prior scores.
        let flow = json!({"monitor_score": 1000, "review_score": 1000});
        let flows = json!({"onboarding": flow, "authorisation": flow, "payout": flow,
            "checkout": flow});
        let policy = json!({"prevalence_per_million": prior, "typology_cap": 20_000,
            "flows": flows});
        self.world.ok("configure", &json!({"policy": policy}));
        let mut bins = [Bin::default(); 10];
        let mut variances = [0.0; 10];
        for (bad, request) in &self.merchants {
            let verdict = self.world.bytes("screen", request).unwrap();
            let total = total(&verdict).unwrap();
            let predicted = 1.0 / (1.0 + (-f64::from(total) / 1e3).exp2());
            let place = (0..9)
                .find(|place| predicted < f64::from(place + 1) / 10.0)
                .unwrap_or(9);
            let place = usize::try_from(place).unwrap_or(9);
            bins[place].merchants += 1;
            bins[place].predicted += predicted;
            bins[place].observed += f64::from(u8::from(*bad));
            variances[place] += predicted * (1.0 - predicted);
        }
        for (bin, variance) in bins.iter_mut().zip(variances) {
            let merchants = f64::from(bin.merchants.max(1));
            bin.predicted /= merchants;
            bin.observed /= merchants;
            bin.error = f64::sqrt(variance) / merchants;
        }
        bins
    }
}

/// The log-odds of a receipt, which is the only object with a member of this name.
fn total(verdict: &str) -> Option<i32> {
    let (_, rest) = verdict.split_once(r#""total":"#)?;
    let (total, _) = rest.split_once('}')?;
    total.parse().ok()
}

fn listed(bad: bool) -> f64 {
    match bad {
        true => f64::from(COVERAGE_PER_MILLE) / 1e3,
        false => f64::from(LIST_ERROR_PER_MILLION) / 1e6,
    }
}

/// How often a listed merchant's record has the lower confidence, so that both are right: of `all`
/// listed ones, `low` have the lower one, and `bad` of them are bad.
fn low_confidence(is_bad: bool) -> f64 {
    let prevalence = f64::from(BAD_PER_MILLION) / 1e6;
    let (bad, good) = (
        prevalence * listed(true),
        (1.0 - prevalence) * listed(false),
    );
    let [lower, higher] = CONFIDENCES.map(|confidence| f64::from(confidence) / 1e3);
    let low = higher.mul_add(bad + good, -bad) / (higher - lower);
    match is_bad {
        true => low * lower / bad,
        false => low * (1.0 - lower) / good,
    }
}

/// The flags with the weights that their rates give.
fn pack() -> Vec<u8> {
    let weight = |bad: f64, good: f64| (1e3 * (bad / good).log2()).round();
    let rule = |flag: &Flag| {
        let (bad, good) = (f64::from(flag.bad) / 1e3, f64::from(flag.good) / 1e3);
        let direction = if bad > good { "riskier" } else { "safer" };
        let number = |weight: f64| format!("{weight:.0}").parse::<i32>().unwrap_or(0);
        json!({
            "id": flag.id, "title": "A red flag", "direction": direction,
            "weight": number(weight(bad, good)),
            "otherwise": number(weight(1.0 - bad, 1.0 - good)),
            "calibrated": true, "when": flag.when, "source": "the simulation",
        })
    };
    let rules: Vec<_> = FLAGS.iter().map(rule).collect();
    let pack = json!({"format": 1, "version": 1, "name": "simulated", "rules": rules});
    pack.to_string().into_bytes()
}

/// Numbers that are the same in every run (SplitMix64).
struct Random(u64);

impl Random {
    /// True with this probability.
    fn share(&mut self, of: f64) -> bool {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let top = u32::try_from((mixed ^ (mixed >> 31)) >> 32).unwrap_or(0);
        f64::from(top) < of * 4_294_967_296.0
    }
}
