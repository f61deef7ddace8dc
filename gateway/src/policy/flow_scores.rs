use interdict_core::policy::{Choices, Flow};
use serde_json::Value;

use super::fields::PRESETS;

/// The thresholds of one flow, as a policy sets them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FlowScores {
    /// The flow's word.
    pub flow: &'static str,
    /// The score from which a merchant is watched.
    pub monitor: u16,
    /// The score from which a person decides.
    pub review: u16,
}

/// What scores a policy gives without any record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScoresWithoutRecord {
    /// The score of a merchant about whom nothing was found.
    pub nothing: u16,
    /// The highest score that red flags reach.
    pub flags: u16,
}

/// The thresholds of every flow in a policy as JSON, with presets and defaults filled in.
#[must_use]
pub fn flow_scores(policy: &Value) -> Vec<FlowScores> {
    let of = |flow: Flow| {
        let own = |member: &str| policy.get("flows")?.get(flow.name())?.get(member);
        let named = own("preset").and_then(Value::as_str).unwrap_or(flow.name());
        let preset = PRESETS.iter().find(|preset| preset.name == named);
        let preset = preset.map_or_else(
            || interdict_core::policy::FlowPolicy::preset(flow),
            |preset| preset.choices,
        );
        FlowScores {
            flow: flow.name(),
            monitor: own("monitor_score")
                .and_then(number)
                .unwrap_or(preset.monitor_score),
            review: own("review_score")
                .and_then(number)
                .unwrap_or(preset.review_score),
        }
    };
    Flow::ALL.map(of).into()
}

/// What a policy as JSON gives a merchant whom no list holds.
#[must_use]
pub fn scores_without_record(policy: &Value) -> ScoresWithoutRecord {
    let mut choices = Choices::default();
    if let Some(prevalence) = number(&policy["prevalence_per_million"]) {
        choices.prevalence_per_million = prevalence;
    }
    if let Some(cap) = number(&policy["typology_cap"]) {
        choices.typology_cap = cap;
    }
    ScoresWithoutRecord {
        nothing: choices.score_of_nothing(),
        flags: choices.most_of_flags(),
    }
}

impl FlowScores {
    /// What a score leads to in this flow, as the word of an action.
    #[must_use]
    pub const fn action(&self, score: u16) -> &'static str {
        if score >= self.review {
            "review"
        } else if score >= self.monitor {
            "monitor"
        } else {
            "allow"
        }
    }
}

fn number<T: TryFrom<i64>>(value: &Value) -> Option<T> {
    value.as_i64().and_then(|number| number.try_into().ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn of(policy: &Value, flow: &str) -> (u16, u16) {
        let scores = flow_scores(policy);
        let own = scores.iter().find(|one| one.flow == flow).unwrap();
        (own.monitor, own.review)
    }

    #[test]
    fn thresholds_follow_presets_and_what_overrides_them() {
        assert_eq!(of(&Value::Null, "onboarding"), (400, 500));
        assert_eq!(of(&Value::Null, "payout"), (400, 600));
        assert_eq!(of(&Value::Null, "checkout"), (500, 600));
        let policy = json!({"flows": {"checkout": {"preset": "payout", "review_score": 650}}});
        assert_eq!(of(&policy, "checkout"), (400, 650));
    }

    #[test]
    fn what_flags_reach_is_the_modules_arithmetic() {
        let scores = scores_without_record(&json!({"prevalence_per_million": 100}));
        assert_eq!((scores.nothing, scores.flags), (201, 561));
        let scores = scores_without_record(&json!({"typology_cap": 20_000}));
        assert_eq!((scores.nothing, scores.flags), (201, 599));
        let payout = flow_scores(&Value::Null)[2];
        assert_eq!(
            [201, 400, 599, 600].map(|score| payout.action(score)),
            ["allow", "monitor", "monitor", "review"]
        );
    }
}
