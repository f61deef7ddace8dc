use core::ops::{Deref, RangeInclusive};

use crate::common::schema::{Fault, Path, SchemaError};
use crate::identifier::holds_card_number;
use crate::list::{Action, is_name};
use crate::rules::is_rule_id;

use super::choices::{Choices, ListEstimates, RequiredCoalitions, TypologyWeight};
use super::digest::digest;
use super::flow::{Flow, FlowPolicy};
use super::limits;

type Checked = Result<(), SchemaError>;

/// [`Choices`] that were checked, with their digest.
#[derive(Debug, Clone)]
pub struct Policy {
    choices: Choices,
    digest: String,
}

impl Deref for Policy {
    type Target = Choices;

    fn deref(&self) -> &Choices {
        &self.choices
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self::of(Choices::default())
    }
}

impl Policy {
    /// Checks what a gateway chose.
    ///
    /// # Errors
    /// What is wrong, and in which field, named as in the `policy` member of `configure`.
    pub fn new(choices: Choices) -> Result<Self, SchemaError> {
        choices.check()?;
        Ok(Self::of(choices))
    }

    fn of(choices: Choices) -> Self {
        let digest = digest(&choices);
        Self { choices, digest }
    }

    /// 16 bytes, hexadecimal, that two policies share only if they decide and speak alike.
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.digest
    }
}

impl Choices {
    fn check(&self) -> Checked {
        let own = Path::default();
        within(
            self.prevalence_per_million,
            &limits::PREVALENCE_PER_MILLION,
            own.member("prevalence_per_million"),
        )?;
        within(
            self.agreement_per_mille,
            &limits::AGREEMENT_PER_MILLE,
            own.member("agreement_per_mille"),
        )?;
        self.estimates.check(own)?;
        self.check_coalitions(own.member("coalitions"))?;
        within(self.miss_cap, &limits::MISS_CAP, own.member("miss_cap"))?;
        let cap = own.member("typology_cap");
        within(self.typology_cap, &limits::TYPOLOGY_CAP, cap)?;
        self.check_typologies(own)?;
        self.required_coalitions
            .check(own.member("required_coalitions"))?;
        within(
            self.list_max_age_days,
            &limits::LIST_MAX_AGE_DAYS,
            own.member("list_max_age_days"),
        )?;
        within(
            self.expired_grace_days,
            &limits::EXPIRED_GRACE_DAYS,
            own.member("expired_grace_days"),
        )?;
        for (flow, policy) in Flow::ALL.into_iter().zip(&self.flows) {
            policy.check(own.member("flows").member(flow.name()))?;
        }
        self.check_override_keys(own.member("override_keys"))?;
        shown(&self.help_line, own.member("help_line"))?;
        shown(&self.terms_clause, own.member("terms_clause"))
    }

    fn check_coalitions(&self, path: Path) -> Checked {
        at_most(self.coalitions.len(), limits::MAX_COALITIONS, path)?;
        for (index, (name, estimates)) in self.coalitions.iter().enumerate() {
            let path = path.index(index);
            let mut before = self.coalitions.iter().take(index);
            let twice = before.any(|(other, _)| other == name);
            if twice || !is_name(name) {
                return Err(path.member("name").error(Fault::OutOfRange));
            }
            estimates.check(path)?;
        }
        Ok(())
    }

    fn check_typologies(&self, path: Path) -> Checked {
        let off = path.member("typologies_off");
        at_most(self.typologies_off.len(), limits::MAX_RULES, off)?;
        for (index, rule) in self.typologies_off.iter().enumerate() {
            if !is_rule_id(rule) {
                return Err(off.index(index).error(Fault::OutOfRange));
            }
        }
        let path = path.member("typology_weights");
        at_most(self.typology_weights.len(), limits::MAX_RULES, path)?;
        for (index, own) in self.typology_weights.iter().enumerate() {
            let mut before = self.typology_weights.iter().take(index);
            let twice = before.any(|other| other.rule == own.rule);
            own.check(twice, path.index(index))?;
        }
        Ok(())
    }

    fn check_override_keys(&self, path: Path) -> Checked {
        at_most(self.override_keys.len(), limits::MAX_OVERRIDE_KEYS, path)?;
        for (index, name) in self.override_keys.names().enumerate() {
            let path = path.index(index).member("name");
            let in_range = limits::KEY_NAME_BYTES.contains(&name.len());
            if !in_range || name.chars().any(char::is_control) {
                return Err(path.error(Fault::OutOfRange));
            }
            if holds_card_number(name) {
                return Err(path.error(Fault::CardNumber));
            }
        }
        Ok(())
    }
}

impl ListEstimates {
    fn check(&self, path: Path) -> Checked {
        within(
            self.coverage_per_mille,
            &limits::COVERAGE_PER_MILLE,
            path.member("coverage_per_mille"),
        )?;
        for (kind, coverage) in &self.coverage_by_kind {
            let path = path.member("coverage_by_kind").member(kind.name());
            within(*coverage, &limits::COVERAGE_PER_MILLE, path)?;
        }
        within(
            self.list_error_per_million,
            &limits::LIST_ERROR_PER_MILLION,
            path.member("list_error_per_million"),
        )
    }
}

impl TypologyWeight {
    fn check(&self, twice: bool, path: Path) -> Checked {
        if twice || !is_rule_id(&self.rule) {
            return Err(path.member("rule").error(Fault::OutOfRange));
        }
        let (low, high) = limits::TYPOLOGY_WEIGHT.into_inner();
        within(self.weight, &(low..=high), path.member("weight"))?;
        // What speaks against a merchant where it holds may only speak for it where it does not.
        let allowed = match self.weight {
            1.. => low..=0,
            0 => 0..=0,
            _ => 0..=high,
        };
        within(self.otherwise, &allowed, path.member("otherwise"))
    }
}

impl RequiredCoalitions {
    fn check(self, path: Path) -> Checked {
        let (hold, block) = (path.member("hold_payout"), path.member("block"));
        within(self.hold_payout, &limits::REQUIRED_COALITIONS, hold)?;
        within(self.block, &limits::REQUIRED_COALITIONS, block)?;
        if self.block < self.hold_payout {
            return Err(block.error(Fault::OutOfRange));
        }
        Ok(())
    }
}

impl FlowPolicy {
    fn check(&self, path: Path) -> Checked {
        let review = path.member("review_score");
        within(
            self.monitor_score,
            &limits::SCORE,
            path.member("monitor_score"),
        )?;
        within(self.review_score, &limits::SCORE, review)?;
        if self.review_score < self.monitor_score {
            return Err(review.error(Fault::OutOfRange));
        }
        for (action, allowed, name) in [
            (
                self.candidate,
                [Action::Monitor, Action::Review],
                "candidate",
            ),
            (
                self.unavailable,
                [Action::Allow, Action::Review],
                "unavailable",
            ),
        ] {
            if !allowed.contains(&action) {
                return Err(path.member(name).error(Fault::UnknownValue));
            }
        }
        Ok(())
    }
}

fn within<T: PartialOrd>(value: T, range: &RangeInclusive<T>, path: Path) -> Checked {
    match range.contains(&value) {
        true => Ok(()),
        false => Err(path.error(Fault::OutOfRange)),
    }
}

fn at_most(count: usize, most: usize, path: Path) -> Checked {
    match count <= most {
        true => Ok(()),
        false => Err(path.error(Fault::TooMany)),
    }
}

/// A text for merchants and payers: no control characters, nothing like a card number.
fn shown(text: &str, path: Path) -> Checked {
    if text.len() > limits::MAX_TEXT || text.chars().any(char::is_control) {
        return Err(path.error(Fault::OutOfRange));
    }
    if holds_card_number(text) {
        return Err(path.error(Fault::CardNumber));
    }
    Ok(())
}
