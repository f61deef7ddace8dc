use std::collections::BTreeMap;
use std::fmt::Write as _;

use interdict::{
    Confusion, ENOUGH_LABELS, Fitted, Gateway, Label, RuleTally, calibration, flow_scores,
    prior_shift, tally_rules,
};
use serde_json::{Value, json};

use crate::terminal::text;

use super::sample::Sample;

/// What the labelled cases say about the policy.
pub(super) struct Findings {
    bad: u32,
    good: u32,
    prevalence: u32,
    shift: Option<f64>,
    rules: BTreeMap<(String, String), RuleTally>,
    bins: [interdict::Bin; 10],
    /// By score: the names of the policy's thresholds at this score, if any, and what the threshold would do.
    thresholds: Vec<(u16, Vec<String>, Confusion)>,
}

impl Findings {
    pub(super) fn of(sample: &Sample, gateway: &Gateway) -> Self {
        let policy = gateway.config().policy().map(|policy| policy.json());
        let policy = policy.unwrap_or_default();
        let prevalence = policy["prevalence_per_million"].as_u64();
        let prevalence = prevalence
            .and_then(|number| number.try_into().ok())
            .unwrap_or(100);
        let mut thresholds: BTreeMap<u16, Vec<String>> = (0..=1000)
            .step_by(50)
            .map(|score| (score, Vec::new()))
            .collect();
        for (score, name) in policy_scores(&policy) {
            thresholds.entry(score).or_default().push(name);
        }
        let (bad, good) = (sample.count(Label::Bad), sample.count(Label::Good));
        Self {
            bad,
            good,
            prevalence,
            shift: prior_shift(bad, good, prevalence),
            rules: tally_rules(&sample.cases),
            bins: calibration(&sample.cases),
            thresholds: thresholds
                .into_iter()
                .map(|(score, names)| (score, names, Confusion::at(score, &sample.cases)))
                .collect(),
        }
    }

    pub(super) fn is_enough(&self) -> bool {
        self.bad.min(self.good) >= ENOUGH_LABELS
    }

    pub(super) fn text(&self, sample: &Sample) -> Result<String, std::fmt::Error> {
        let mut text = String::new();
        writeln!(
            text,
            "{} bad and {} good cases screened",
            self.bad, self.good
        )?;
        if sample.unreadable > 0 {
            writeln!(
                text,
                "  NOT READ     {} lines are no labelled request",
                sample.unreadable
            )?;
        }
        for (name, count) in &sample.refused {
            writeln!(text, "  NOT SCREENED {count} were refused ({name})")?;
        }
        self.prior(&mut text)?;
        self.rules(&mut text)?;
        self.calibration(&mut text)?;
        self.thresholds(&mut text)?;
        Ok(text)
    }

    fn prior(&self, text: &mut String) -> std::fmt::Result {
        writeln!(
            text,
            "\nThe share of bad cases here is the sample's, chosen by whoever labelled it, and not the\n\
             policy's prevalence of {} in a million merchants.",
            self.prevalence
        )?;
        match self.shift {
            Some(shift) => writeln!(
                text,
                "The sample's log-odds lie {shift:.0} millibits above the policy's prior: precision and the\n\
                 observed shares below are higher by that than in the field."
            ),
            None => writeln!(
                text,
                "With only one class, the shift of the prior is unknown."
            ),
        }
    }

    fn rules(&self, text: &mut String) -> std::fmt::Result {
        writeln!(text, "\nRules (holds / does not / a signal is missing)")?;
        if self.rules.is_empty() {
            writeln!(
                text,
                "  no typology is in force; a coalition publishes them with its lists"
            )?;
        }
        for ((list, rule), tally) in &self.rules {
            let (bad, good) = (tally.bad, tally.good);
            let now =
                |weight: Option<i32>| weight.map_or("?".to_owned(), |weight| weight.to_string());
            writeln!(
                text,
                "  {} {}: bad {}/{}/{}, good {}/{}/{}; now {}, otherwise {}",
                text::plain(list),
                text::plain(rule),
                bad.holds,
                bad.fails,
                bad.unknown,
                good.holds,
                good.fails,
                good.unknown,
                now(tally.weight),
                now(tally.otherwise)
            )?;
            match self.fitted(tally) {
                Some((holds, fails)) => writeln!(
                    text,
                    "      fitted {:.0} (standard error {:.0}), otherwise {:.0} ({:.0})",
                    holds.weight, holds.error, fails.weight, fails.error
                )?,
                None => writeln!(text, "      TOO FEW cases with its signals to fit a weight")?,
            }
        }
        if !self.is_enough() {
            return writeln!(
                text,
                "\nTOO FEW LABELS: no weight is fitted under {ENOUGH_LABELS} cases of each class."
            );
        }
        self.paste(text)
    }

    fn fitted(&self, tally: &RuleTally) -> Option<(Fitted, Fitted)> {
        tally.fitted().filter(|_| self.is_enough())
    }

    fn paste(&self, text: &mut String) -> std::fmt::Result {
        // The policy names a rule by its id alone, so rules of one id on several lists cannot differ.
        let mut told: Vec<&str> = Vec::new();
        // Where two lists bring the same rule, one of them counts.
        let counts = |tally: &RuleTally| tally.weight.is_some_and(|weight| weight != 0);
        let (counting, others): (Vec<_>, Vec<_>) =
            self.rules.iter().partition(|(_, tally)| counts(tally));
        for ((_, rule), tally) in counting.into_iter().chain(others) {
            let name = text::plain(rule);
            match tally.pasted() {
                _ if told.contains(&rule.as_str()) => {
                    writeln!(
                        text,
                        "\n# {name} is on another list too; choose one weight."
                    )?;
                }
                Some((weight, otherwise)) => writeln!(
                    text,
                    "\n[[policy.typology_weights]]\nrule = {}\nweight = {weight}\notherwise = {otherwise}",
                    Value::from(rule.as_str())
                )?,
                None if tally.fitted().is_some() => writeln!(
                    text,
                    "\n# {name} contradicts its direction here, or never counted: look at the rule."
                )?,
                None => {}
            }
            told.push(rule);
        }
        Ok(())
    }

    fn calibration(&self, text: &mut String) -> std::fmt::Result {
        writeln!(
            text,
            "\nCalibration\n  score      cases    bad  predicted  observed"
        )?;
        for (index, bin) in self.bins.iter().enumerate() {
            let low = index * 100;
            let high = if index == 9 { 1000 } else { low + 99 };
            let bar = |share: Option<f64>, mark: char| -> String {
                let marks = (1..=20)
                    .filter(|step| share.is_some_and(|share| share * 20.0 >= f64::from(*step)));
                marks.map(|_| mark).collect()
            };
            writeln!(
                text,
                "  {low:>3}-{high:<4} {:>7} {:>6} {:>10} {:>9}  |{:<20}|{:<20}|",
                bin.count(),
                bin.bad,
                per_cent(bin.predicted()),
                per_cent(bin.observed()),
                bar(bin.predicted(), '-'),
                bar(bin.observed(), '#')
            )?;
        }
        Ok(())
    }

    fn thresholds(&self, text: &mut String) -> std::fmt::Result {
        writeln!(
            text,
            "\nThresholds\n  score      TP      FP      TN      FN  precision  recall"
        )?;
        for (score, names, confusion) in &self.thresholds {
            writeln!(
                text,
                "  {score:>5} {:>7} {:>7} {:>7} {:>7} {:>10} {:>7}  {}",
                confusion.true_positives,
                confusion.false_positives,
                confusion.true_negatives,
                confusion.false_negatives,
                per_cent(confusion.precision()),
                per_cent(confusion.recall()),
                names.join(", ")
            )?;
        }
        Ok(())
    }

    pub(super) fn json(&self, sample: &Sample) -> Value {
        let weights = |fitted: Fitted| json!({"weight": fitted.weight, "error": fitted.error});
        let split = |split: interdict::Split| json!({"holds": split.holds, "fails": split.fails, "unknown": split.unknown});
        let rules = self.rules.iter().map(|((list, rule), tally)| {
            let fitted = self.fitted(tally);
            let pasted = tally.pasted().filter(|_| self.is_enough());
            json!({
                "list": list, "rule": rule, "bad": split(tally.bad), "good": split(tally.good),
                "weight": tally.weight, "otherwise": tally.otherwise,
                "fitted": fitted.map(|(holds, fails)| json!({"holds": weights(holds), "otherwise": weights(fails)})),
                "policy": pasted.map(|(weight, otherwise)| json!({"rule": rule, "weight": weight, "otherwise": otherwise})),
            })
        });
        let bins = self.bins.iter().zip((0..).step_by(100)).map(|(bin, low)| {
            json!({"from": low, "bad": bin.bad, "good": bin.good, "predicted": bin.predicted(), "observed": bin.observed()})
        });
        let thresholds = self.thresholds.iter().map(|(score, names, confusion)| {
            json!({
                "score": score, "policy": names,
                "true_positives": confusion.true_positives, "false_positives": confusion.false_positives,
                "true_negatives": confusion.true_negatives, "false_negatives": confusion.false_negatives,
                "precision": confusion.precision(), "recall": confusion.recall(),
            })
        });
        json!({
            "format": 1, "bad": self.bad, "good": self.good,
            "unreadable_lines": sample.unreadable, "refused": sample.refused,
            "prevalence_per_million": self.prevalence, "prior_shift": self.shift,
            "enough_labels": self.is_enough(),
            "rules": rules.collect::<Vec<_>>(), "calibration": bins.collect::<Vec<_>>(),
            "thresholds": thresholds.collect::<Vec<_>>(),
        })
    }

    pub(super) fn svg(&self) -> String {
        let mut svg = String::from(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"460\" height=\"460\" font-family=\"sans-serif\" font-size=\"12\">\n\
             <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n\
             <rect x=\"40\" y=\"20\" width=\"400\" height=\"400\" fill=\"none\" stroke=\"#888\"/>\n\
             <line x1=\"40\" y1=\"420\" x2=\"440\" y2=\"20\" stroke=\"#bbb\"/>\n\
             <text x=\"200\" y=\"450\">predicted</text><text x=\"12\" y=\"230\" transform=\"rotate(-90 16 230)\">observed</text>\n",
        );
        for bin in &self.bins {
            if let (Some(predicted), Some(observed)) = (bin.predicted(), bin.observed()) {
                let radius = 3.0 + f64::from(bin.count()).log10() * 3.0;
                svg.push_str(&format!(
                    "<circle cx=\"{:.1}\" cy=\"{:.1}\" r=\"{radius:.1}\" fill=\"#36648b\" fill-opacity=\"0.7\"><title>{} of {} bad</title></circle>\n",
                    40.0 + 400.0 * predicted,
                    420.0 - 400.0 * observed,
                    bin.bad,
                    bin.count()
                ));
            }
        }
        svg.push_str("</svg>\n");
        svg
    }
}

/// The scores at which the policy acts, by flow.
fn policy_scores(policy: &Value) -> impl Iterator<Item = (u16, String)> {
    flow_scores(policy).into_iter().flat_map(|own| {
        [
            (own.monitor, format!("{} monitor_score", own.flow)),
            (own.review, format!("{} review_score", own.flow)),
        ]
    })
}

fn per_cent(share: Option<f64>) -> String {
    share.map_or("-".to_owned(), |share| format!("{:.1} %", share * 100.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn findings_of_nothing_are_words_and_no_weights() {
        let findings = Findings {
            bad: 0,
            good: 0,
            prevalence: 100,
            shift: None,
            rules: BTreeMap::new(),
            bins: calibration(&[]),
            thresholds: vec![(500, Vec::new(), Confusion::default())],
        };
        let text = findings.text(&Sample::default()).unwrap();
        assert!(
            text.contains("TOO FEW LABELS") && !text.contains("[[policy"),
            "{text}"
        );
        assert!(findings.svg().ends_with("</svg>\n"));
    }
}
