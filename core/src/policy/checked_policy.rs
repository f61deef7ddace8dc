use alloc::string::String;
use alloc::vec::Vec;
use core::ops::{Deref, RangeInclusive};

use crate::IS_FULL;
use crate::common::schema::{Fault, Path, SchemaError};
use crate::identifier::{holds_card_number, is_facilitator, is_scheme};
use crate::list::{Action, is_name};
use crate::rules::is_rule_id;
use crate::trust::Signers;

use super::choices::{Choices, RequiredCoalitions, RequiredLists, TypologyWeight};
use super::digest::digest;
use super::flow::{Flow, FlowPolicy};
use super::limits;
use super::scale::{logit_per_million, score_without_record};

/// Stands for every facilitator.
const ANY: &str = "any";

type CheckResult = Result<(), SchemaError>;

/// [`Choices`] whose values are all in range, with their digest. Derefs to the choices.
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
    /// Which rule is broken, and by which field, named as in the `policy` member of `configure`.
    pub fn new(choices: Choices) -> Result<Self, SchemaError> {
        Self::at(choices, &Path::default())
    }

    /// Like [`Policy::new`], for choices at `path` in a message.
    ///
    /// # Errors
    /// As [`Policy::new`], with `path` before the field's name.
    pub(crate) fn at(choices: Choices, path: &Path) -> Result<Self, SchemaError> {
        choices.check(path)?;
        Ok(Self::of(choices))
    }

    fn of(choices: Choices) -> Self {
        let digest = digest(&choices);
        Self { choices, digest }
    }

    /// 16 bytes, hexadecimal. Two policies have the same digest only if all their choices are
    /// equal.
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.digest
    }
}

impl Choices {
    /// The log-odds that a merchant is bad before anything is known about it, in millibits.
    #[must_use]
    pub fn prior(&self) -> i32 {
        logit_per_million(self.prevalence_per_million)
    }

    /// The score of a merchant about whom nothing was found.
    #[must_use]
    pub fn score_of_nothing(&self) -> u16 {
        score_without_record(self.prior())
    }

    /// The highest score that red flags can reach without a record, whatever rules hold.
    #[must_use]
    pub fn most_of_flags(&self) -> u16 {
        score_without_record(self.prior().saturating_add(self.typology_cap))
    }

    fn check(&self, at: &Path) -> CheckResult {
        self.check_required(&at.member("required"))?;
        if IS_FULL {
            self.check_coalitions(at)?;
            self.check_evidence(at)?;
        }
        for (flow, policy) in Flow::ALL.into_iter().zip(&self.flows) {
            policy.check(&at.member("flows").member(flow.name()))?;
        }
        match IS_FULL {
            true => self.check_people(at),
            false => Ok(()),
        }
    }

    /// Checks the weight of evidence, and how old it may be.
    fn check_evidence(&self, at: &Path) -> CheckResult {
        within(
            self.prevalence_per_million,
            &limits::PREVALENCE_PER_MILLION,
            at,
            "prevalence_per_million",
        )?;
        within(
            self.agreement_per_mille,
            &limits::AGREEMENT_PER_MILLE,
            at,
            "agreement_per_mille",
        )?;
        within(self.typology_cap, &limits::TYPOLOGY_CAP, at, "typology_cap")?;
        self.check_typologies(at)?;
        self.required_coalitions
            .check(&at.member("required_coalitions"))?;
        within(
            self.list_max_age_days,
            &limits::LIST_MAX_AGE_DAYS,
            at,
            "list_max_age_days",
        )?;
        within(
            self.expired_grace_days,
            &limits::EXPIRED_GRACE_DAYS,
            at,
            "expired_grace_days",
        )?;
        within(
            self.poll_max_age_hours,
            &limits::POLL_MAX_AGE_HOURS,
            at,
            "poll_max_age_hours",
        )?;
        numeric(
            &self.numeric_schemes,
            is_scheme,
            &at.member("numeric_schemes"),
        )?;
        numeric(
            &self.numeric_sub_merchants,
            |text| text == ANY || is_facilitator(text),
            &at.member("numeric_sub_merchants"),
        )
    }

    /// Checks the prior, who may sign for the gateway, and what people are shown.
    fn check_people(&self, at: &Path) -> CheckResult {
        self.check_prior(at)?;
        check_keys(&self.override_keys, &at.member("override_keys"))?;
        check_keys(&self.clearance_keys, &at.member("clearance_keys"))?;
        let is_code =
            self.country.len() == 2 && self.country.bytes().all(|b| b.is_ascii_uppercase());
        if !self.country.is_empty() && !is_code {
            return Err(at.member("country").error(Fault::OutOfRange));
        }
        shown(&self.help_line, at, "help_line")?;
        shown(&self.terms_clause, at, "terms_clause")
    }

    fn check_required(&self, at: &Path) -> CheckResult {
        let RequiredLists::Lists(coalitions) = &self.required else {
            return Ok(());
        };
        at_most(coalitions.len(), limits::MAX_COALITIONS, at)?;
        let is_empty = |(_, lists): &(String, Vec<_>)| lists.is_empty();
        if coalitions.is_empty() || coalitions.iter().any(is_empty) {
            return Err(at.error(Fault::OutOfRange));
        }
        for (index, (name, lists)) in coalitions.iter().enumerate() {
            at_most(lists.len(), limits::MAX_REQUIRED_LISTS, at)?;
            let mut before = coalitions.iter().take(index);
            if before.any(|(other, _)| other == name) || !is_name(name) {
                return Err(at.error(Fault::OutOfRange));
            }
            for (index, list) in lists.iter().enumerate() {
                if lists.iter().take(index).any(|other| other == list) {
                    return Err(at.error(Fault::OutOfRange));
                }
            }
        }
        Ok(())
    }

    /// Checks the coalitions that are asked: each named once, and none left out that must answer.
    fn check_coalitions(&self, at: &Path) -> CheckResult {
        let place = at.member("coalitions");
        at_most(self.coalitions.len(), limits::MAX_COALITIONS, &place)?;
        for (index, name) in self.coalitions.iter().enumerate() {
            let mut before = self.coalitions.iter().take(index);
            if before.any(|other| other == name) || !is_name(name) {
                return Err(place.index(index).error(Fault::OutOfRange));
            }
        }
        let mut required = self.required.iter();
        match required.all(|(name, _)| self.asks(name)) {
            true => Ok(()),
            false => Err(place.error(Fault::OutOfRange)),
        }
    }

    /// Refuses a prior that comes near a `monitor_score` by itself: one weak flag would do the rest. A
    /// prior of the gateway's own is blamed, and else the threshold.
    fn check_prior(&self, at: &Path) -> CheckResult {
        let near = self
            .score_of_nothing()
            .saturating_add(limits::PRIOR_DISTANCE);
        for (policy, flow) in self.flows.iter().zip(Flow::ALL) {
            if near <= policy.monitor_score {
                continue;
            }
            let own = self.prevalence_per_million != Self::default().prevalence_per_million;
            let blamed = match own {
                true => at.member("prevalence_per_million"),
                false => at
                    .member("flows")
                    .member(flow.name())
                    .member("monitor_score"),
            };
            return Err(blamed.error(Fault::PriorTooHigh));
        }
        Ok(())
    }

    fn check_typologies(&self, at: &Path) -> CheckResult {
        let off = at.member("typologies_off");
        at_most(self.typologies_off.len(), limits::MAX_RULES, &off)?;
        for (index, rule) in self.typologies_off.iter().enumerate() {
            if !is_rule_id(rule) {
                return Err(off.index(index).error(Fault::OutOfRange));
            }
        }
        let at = at.member("typology_weights");
        at_most(self.typology_weights.len(), limits::MAX_RULES, &at)?;
        for (index, own) in self.typology_weights.iter().enumerate() {
            let mut before = self.typology_weights.iter().take(index);
            let twice = before.any(|other| other.rule == own.rule);
            own.check(twice, &at.index(index))?;
        }
        Ok(())
    }
}

fn check_keys(keys: &Signers, at: &Path) -> CheckResult {
    at_most(keys.len(), limits::MAX_OVERRIDE_KEYS, at)?;
    for (index, name) in keys.names().enumerate() {
        check_key_name(name, &at.index(index).member("name"))?;
    }
    Ok(())
}

/// Checks schemes or facilitators: each once, in the form that identifiers have them.
fn numeric(texts: &[String], is_form: impl Fn(&str) -> bool, at: &Path) -> CheckResult {
    at_most(texts.len(), limits::MAX_NUMERIC, at)?;
    for (index, text) in texts.iter().enumerate() {
        let mut before = texts.iter().take(index);
        if before.any(|other| other == text) || !is_form(text) {
            return Err(at.index(index).error(Fault::OutOfRange));
        }
    }
    Ok(())
}

/// Checks the name of a key, which receipts and commands show.
pub(crate) fn check_key_name(name: &str, at: &Path) -> CheckResult {
    let in_range = limits::KEY_NAME_BYTES.contains(&name.len());
    if !in_range || name.chars().any(char::is_control) {
        return Err(at.error(Fault::OutOfRange));
    }
    if holds_card_number(name) {
        return Err(at.error(Fault::CardNumber));
    }
    Ok(())
}

impl TypologyWeight {
    fn check(&self, twice: bool, at: &Path) -> CheckResult {
        if twice || !is_rule_id(&self.rule) {
            return Err(at.member("rule").error(Fault::OutOfRange));
        }
        let (low, high) = limits::TYPOLOGY_WEIGHT.into_inner();
        within(self.weight, &(low..=high), at, "weight")?;
        // A rule that counts against a merchant if true may only count in its favour if false.
        let allowed = match self.weight {
            1.. => low..=0,
            0 => 0..=0,
            _ => 0..=high,
        };
        within(self.otherwise, &allowed, at, "otherwise")
    }
}

impl RequiredCoalitions {
    fn check(self, at: &Path) -> CheckResult {
        let range = limits::REQUIRED_COALITIONS;
        within(self.hold_payout, &range, at, "hold_payout")?;
        let least = self.hold_payout.max(*range.start());
        within(self.block, &(least..=*range.end()), at, "block")
    }
}

impl FlowPolicy {
    fn check(&self, at: &Path) -> CheckResult {
        let range = limits::SCORE;
        within(self.monitor_score, &range, at, "monitor_score")?;
        within(self.review_score, &range, at, "review_score")?;
        if self.review_score < self.monitor_score {
            return Err(at.member("review_score").error(Fault::ScoreOrder));
        }
        // What was not checked is clean only where a field is absent, which networks leave out.
        let (most, least) = (Action::Review, Action::Monitor);
        for (name, action, least) in [
            ("unavailable", self.unavailable, least),
            ("late", self.late, least),
            ("incomplete", self.incomplete, Action::Allow),
        ] {
            if !(least..=most).contains(&action) {
                return Err(at.member(name).error(Fault::UnknownValue));
            }
        }
        Ok(())
    }
}

fn within<T: PartialOrd + Copy>(
    value: T,
    range: &RangeInclusive<T>,
    at: &Path,
    name: &'static str,
) -> CheckResult {
    match range.contains(&value) {
        true => Ok(()),
        false => Err(at.member(name).error(Fault::OutOfRange)),
    }
}

fn at_most(count: usize, most: usize, at: &Path) -> CheckResult {
    match count <= most {
        true => Ok(()),
        false => Err(at.error(Fault::TooMany)),
    }
}

/// Checks a text for merchants and payers: no control characters, nothing like a card number.
fn shown(text: &str, at: &Path, name: &'static str) -> CheckResult {
    if text.len() > limits::MAX_TEXT || text.chars().any(char::is_control) {
        return Err(at.member(name).error(Fault::OutOfRange));
    }
    if holds_card_number(text) {
        return Err(at.member(name).error(Fault::CardNumber));
    }
    Ok(())
}
