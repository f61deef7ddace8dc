//! The gateway's choices. Every field has a default; unknown fields are refused. `docs/scoring.md`
//! gives each field's unit and reason.

mod flow;

use crate::common::schema::{Fault, Field, Fields, SchemaError};
use crate::identifier::{Kind, holds_card_number};
use crate::list::{Action, is_name};
use crate::trust::Signers;

pub use flow::{Flow, FlowPolicy};

/// Rules that can be switched off or weighed anew.
const MAX_RULES: usize = 256;
/// Coalitions that can be named: as many as an engine takes.
const MAX_COALITIONS: usize = 64;
/// Keys that may sign overrides.
const MAX_OVERRIDE_KEYS: usize = 16;
/// Bytes of a text shown to people.
const MAX_TEXT: usize = 200;
/// Millibits of one typology, either way.
pub(crate) const MAX_WEIGHT: i32 = 10_000;

/// What a gateway does with evidence.
#[derive(Debug, Clone)]
pub struct Policy {
    /// How many of a million merchants are bad before anything is known of them, 1 to 500,000.
    pub prevalence_per_million: u32,
    /// What a further independent source adds, per mille of its own evidence, 0 to 1000.
    pub agreement_per_mille: u16,
    /// How complete and how right lists are.
    pub estimates: ListEstimates,
    /// The same for coalitions of which more is known.
    pub coalitions: Vec<(String, ListEstimates)>,
    /// What all misses together count at most, in millibits.
    pub miss_cap: i32,
    /// What all typologies together count at most, either way, in millibits.
    pub typology_cap: i32,
    /// Typologies that do not count.
    pub typologies_off: Vec<String>,
    /// Typologies the gateway weighs itself.
    pub typology_weights: Vec<TypologyWeight>,
    /// How many coalitions must ask for at least this before it is done.
    pub required_coalitions: RequiredCoalitions,
    /// Days after which a list counts as expired, whatever its metadata says.
    pub list_max_age_days: u16,
    /// Days an expired list keeps its full effect; after them it causes `review` at most.
    pub expired_grace_days: u16,
    /// What each flow does.
    pub flows: [FlowPolicy; 4],
    /// Who may sign overrides.
    pub override_keys: Signers,
    /// Where merchants and payers can turn to; shown to them.
    pub help_line: String,
    /// The clause of the gateway's terms that a refusal rests on; shown to them.
    pub terms_clause: String,
    digest: String,
}

/// How complete and how right lists are, by the gateway's own estimate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListEstimates {
    /// Of a thousand bad merchants, how many a list holds that covers what is asked, 1 to 999.
    pub coverage_per_mille: u16,
    /// The same by kind of identifier, where it is known.
    pub coverage_by_kind: Vec<(Kind, u16)>,
    /// Of a million good merchants, how many a list holds, 1 to 1000: never more than of bad ones.
    pub list_error_per_million: u32,
}

/// [`ListEstimates`] for one question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Estimates {
    /// Of a thousand bad merchants.
    pub coverage_per_mille: u16,
    /// Of a million good ones.
    pub list_error_per_million: u32,
}

/// A gateway's own weights for a typology, in millibits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypologyWeight {
    /// The typology's id.
    pub rule: String,
    /// What it counts where it holds.
    pub weight: i32,
    /// What it counts where it does not.
    pub otherwise: i32,
}

/// How many coalitions must ask for at least this. Fewer lead to `review`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequiredCoalitions {
    /// For `hold_payout`, 1 to 64.
    pub hold_payout: u8,
    /// For `block`, `hold_payout` to 64.
    pub block: u8,
}

impl Default for Policy {
    fn default() -> Self {
        let mut policy = Self {
            prevalence_per_million: 100,
            agreement_per_mille: 500,
            estimates: ListEstimates {
                coverage_per_mille: 100,
                coverage_by_kind: Vec::new(),
                list_error_per_million: 10,
            },
            coalitions: Vec::new(),
            miss_cap: 1000,
            typology_cap: 10_000,
            typologies_off: Vec::new(),
            typology_weights: Vec::new(),
            required_coalitions: RequiredCoalitions {
                hold_payout: 1,
                block: 1,
            },
            list_max_age_days: 30,
            expired_grace_days: 7,
            flows: Flow::ALL.map(FlowPolicy::preset),
            override_keys: Signers::default(),
            help_line: String::new(),
            terms_clause: String::new(),
            digest: String::new(),
        };
        policy.digest = policy.compute_digest();
        policy
    }
}

impl Policy {
    /// Reads the `policy` member of a `configure` message.
    ///
    /// # Errors
    /// What is wrong, and where.
    pub fn from_field(field: &Field<'_, '_>) -> Result<Self, SchemaError> {
        let mut policy = Self::default();
        let mut fields = field.fields()?;
        if let Some(field) = fields.optional("prevalence_per_million") {
            policy.prevalence_per_million = field.number(1, 500_000)?;
        }
        if let Some(field) = fields.optional("agreement_per_mille") {
            policy.agreement_per_mille = field.number(0, 1000)?;
        }
        policy.estimates.read(&mut fields)?;
        if let Some(field) = fields.optional("coalitions") {
            policy.coalitions = coalitions(&field, &policy.estimates)?;
        }
        if let Some(field) = fields.optional("miss_cap") {
            policy.miss_cap = field.number(0, 10_000)?;
        }
        if let Some(field) = fields.optional("typology_cap") {
            policy.typology_cap = field.number(0, 20_000)?;
        }
        if let Some(field) = fields.optional("typologies_off") {
            let items = field.items(MAX_RULES)?;
            let rules = items.map(|item| item.form(rule_id));
            policy.typologies_off = rules.collect::<Result<_, _>>()?;
        }
        if let Some(field) = fields.optional("typology_weights") {
            policy.typology_weights = typology_weights(&field)?;
        }
        if let Some(field) = fields.optional("required_coalitions") {
            policy.required_coalitions = RequiredCoalitions::read(&field)?;
        }
        if let Some(field) = fields.optional("list_max_age_days") {
            policy.list_max_age_days = field.number(1, 3650)?;
        }
        if let Some(field) = fields.optional("expired_grace_days") {
            policy.expired_grace_days = field.number(0, 3650)?;
        }
        if let Some(field) = fields.optional("flows") {
            let mut flows = field.fields()?;
            for (flow, policy) in Flow::ALL.into_iter().zip(&mut policy.flows) {
                if let Some(field) = flows.optional(flow.name()) {
                    *policy = FlowPolicy::read(flow, &field)?;
                }
            }
            flows.end()?;
        }
        if let Some(field) = fields.optional("override_keys") {
            for item in field.items(MAX_OVERRIDE_KEYS)? {
                override_key(&item, &mut policy.override_keys)?;
            }
        }
        if let Some(field) = fields.optional("help_line") {
            policy.help_line = shown(&field)?;
        }
        if let Some(field) = fields.optional("terms_clause") {
            policy.terms_clause = shown(&field)?;
        }
        fields.end()?;
        policy.digest = policy.compute_digest();
        Ok(policy)
    }

    /// What a flow does.
    #[must_use]
    pub const fn flow(&self, flow: Flow) -> &FlowPolicy {
        let [onboarding, authorisation, payout, checkout] = &self.flows;
        match flow {
            Flow::Onboarding => onboarding,
            Flow::Authorisation => authorisation,
            Flow::Payout => payout,
            Flow::Checkout => checkout,
        }
    }

    /// What is estimated of a coalition's lists.
    #[must_use]
    pub fn estimates_of(&self, coalition: &str) -> &ListEstimates {
        let mut named = self.coalitions.iter();
        let own = named.find(|(name, _)| name == coalition);
        own.map_or(&self.estimates, |(_, estimates)| estimates)
    }

    /// 16 bytes, hexadecimal, that two policies share only if they decide and speak alike: BLAKE3 over
    /// every field in the order above, each in its own form, defaults filled in.
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.digest
    }

    fn compute_digest(&self) -> String {
        let mut digest = Digest(blake3::Hasher::new_derive_key(
            "interdict 2026-11 policy digest",
        ));
        digest.number(self.prevalence_per_million);
        digest.number(u32::from(self.agreement_per_mille));
        digest.estimates(&self.estimates);
        digest.count(self.coalitions.len());
        for (name, estimates) in &self.coalitions {
            digest.text(name);
            digest.estimates(estimates);
        }
        digest.number(self.miss_cap.cast_unsigned());
        digest.number(self.typology_cap.cast_unsigned());
        digest.count(self.typologies_off.len());
        for rule in &self.typologies_off {
            digest.text(rule);
        }
        digest.count(self.typology_weights.len());
        for one in &self.typology_weights {
            digest.text(&one.rule);
            digest.number(one.weight.cast_unsigned());
            digest.number(one.otherwise.cast_unsigned());
        }
        digest.number(u32::from(self.required_coalitions.hold_payout));
        digest.number(u32::from(self.required_coalitions.block));
        digest.number(u32::from(self.list_max_age_days));
        digest.number(u32::from(self.expired_grace_days));
        for flow in &self.flows {
            digest.number(u32::from(flow.monitor_score));
            digest.number(u32::from(flow.review_score));
            digest.text(flow.candidate.name());
            digest.text(flow.unavailable.name());
        }
        digest.count(self.override_keys.len());
        for text in self.override_keys.texts() {
            digest.text(text);
        }
        digest.text(&self.help_line);
        digest.text(&self.terms_clause);
        let digest: [u8; 16] = crate::common::bytes::first(digest.0.finalize().as_bytes());
        crate::common::hex::text(&digest)
    }
}

/// Fields of a policy, each with its length where it has none of its own.
struct Digest(blake3::Hasher);

impl Digest {
    fn number(&mut self, number: u32) {
        self.0.update(&number.to_le_bytes());
    }

    fn count(&mut self, count: usize) {
        self.number(u32::try_from(count).unwrap_or(u32::MAX));
    }

    fn text(&mut self, text: &str) {
        self.count(text.len());
        self.0.update(text.as_bytes());
    }

    fn estimates(&mut self, estimates: &ListEstimates) {
        self.number(u32::from(estimates.coverage_per_mille));
        self.count(estimates.coverage_by_kind.len());
        for (kind, coverage) in &estimates.coverage_by_kind {
            self.text(kind.name());
            self.number(u32::from(*coverage));
        }
        self.number(estimates.list_error_per_million);
    }
}

impl ListEstimates {
    /// For a list that is asked about these kinds: of their coverages the largest, since asking
    /// about a merchant's every name says no more than asking about the best known.
    #[must_use]
    pub fn of(&self, kinds: impl Iterator<Item = Kind>) -> Estimates {
        let coverage = kinds.map(|kind| self.coverage(kind)).max();
        Estimates {
            coverage_per_mille: coverage.unwrap_or(self.coverage_per_mille),
            list_error_per_million: self.list_error_per_million,
        }
    }

    fn coverage(&self, kind: Kind) -> u16 {
        let mut by_kind = self.coverage_by_kind.iter();
        let own = by_kind.find(|(other, _)| *other == kind);
        own.map_or(self.coverage_per_mille, |(_, coverage)| *coverage)
    }

    fn read(&mut self, fields: &mut Fields<'_, '_>) -> Result<(), SchemaError> {
        if let Some(field) = fields.optional("coverage_per_mille") {
            self.coverage_per_mille = field.number(1, 999)?;
        }
        if let Some(field) = fields.optional("coverage_by_kind") {
            let mut kinds = field.fields()?;
            for kind in Kind::ALL {
                if let Some(field) = kinds.optional(kind.name()) {
                    self.coverage_by_kind.retain(|(other, _)| other != kind);
                    self.coverage_by_kind.push((*kind, field.number(1, 999)?));
                }
            }
            kinds.end()?;
            self.coverage_by_kind
                .sort_unstable_by_key(|(kind, _)| *kind);
        }
        if let Some(field) = fields.optional("list_error_per_million") {
            self.list_error_per_million = field.number(1, 1000)?;
        }
        Ok(())
    }
}

impl RequiredCoalitions {
    fn read(field: &Field<'_, '_>) -> Result<Self, SchemaError> {
        let mut fields = field.fields()?;
        let mut read = |name| {
            fields
                .optional(name)
                .map_or(Ok(1), |field| field.number(1, 64))
        };
        let required = Self {
            hold_payout: read("hold_payout")?,
            block: read("block")?,
        };
        fields.end()?;
        if required.block < required.hold_payout {
            return Err(field.path.member("block").error(Fault::OutOfRange));
        }
        Ok(required)
    }
}

fn coalitions(
    field: &Field<'_, '_>,
    general: &ListEstimates,
) -> Result<Vec<(String, ListEstimates)>, SchemaError> {
    let mut coalitions: Vec<(String, ListEstimates)> = Vec::new();
    for item in field.items(MAX_COALITIONS)? {
        let mut fields = item.fields()?;
        let name = fields.required("name")?;
        let text = name.form(|text| is_name(text).then(|| text.to_owned()))?;
        if coalitions.iter().any(|(other, _)| *other == text) {
            return Err(name.path.error(Fault::OutOfRange));
        }
        let mut estimates = general.clone();
        estimates.read(&mut fields)?;
        fields.end()?;
        coalitions.push((text, estimates));
    }
    Ok(coalitions)
}

fn typology_weights(field: &Field<'_, '_>) -> Result<Vec<TypologyWeight>, SchemaError> {
    let mut weights: Vec<TypologyWeight> = Vec::new();
    for item in field.items(MAX_RULES)? {
        let mut fields = item.fields()?;
        let rule = fields.required("rule")?;
        let id = rule.form(rule_id)?;
        if weights.iter().any(|other| other.rule == id) {
            return Err(rule.path.error(Fault::OutOfRange));
        }
        let weight = fields.required("weight")?.number(-MAX_WEIGHT, MAX_WEIGHT)?;
        let otherwise = match fields.optional("otherwise") {
            // What speaks against a merchant where it holds may only speak for it where it does not.
            Some(field) if weight > 0 => field.number(-MAX_WEIGHT, 0)?,
            Some(field) if weight < 0 => field.number(0, MAX_WEIGHT)?,
            Some(field) => field.number(0, 0)?,
            None => 0,
        };
        fields.end()?;
        weights.push(TypologyWeight {
            rule: id,
            weight,
            otherwise,
        });
    }
    Ok(weights)
}

fn override_key(item: &Field<'_, '_>, keys: &mut Signers) -> Result<(), SchemaError> {
    let mut fields = item.fields()?;
    let name = fields.required("name")?;
    let id = name.text()?;
    if !(1..=64).contains(&id.len()) || id.chars().any(char::is_control) {
        return Err(name.path.error(Fault::OutOfRange));
    }
    if holds_card_number(id) {
        return Err(name.path.error(Fault::CardNumber));
    }
    let texts = ["keytype", "scheme", "public"].map(|name| fields.required(name));
    let [keytype, scheme, public] = texts;
    let public = public?;
    fields.end()?;
    keys.add(id, keytype?.text()?, scheme?.text()?, public.text()?)
        .ok_or(public.path.error(Fault::OutOfRange))
}

/// A text for merchants and payers: no control characters, nothing like a card number.
fn shown(field: &Field<'_, '_>) -> Result<String, SchemaError> {
    let text = field.text()?;
    if text.len() > MAX_TEXT || text.chars().any(char::is_control) {
        return Err(field.path.error(Fault::OutOfRange));
    }
    if holds_card_number(text) {
        return Err(field.path.error(Fault::CardNumber));
    }
    Ok(text.to_owned())
}

fn rule_id(text: &str) -> Option<String> {
    let known = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let plain = (1..=16).contains(&text.len()) && text.bytes().all(known);
    (plain && !holds_card_number(text)).then(|| text.to_owned())
}

fn one_of(allowed: &[Action]) -> impl Fn(&str) -> Option<Action> + '_ {
    |name| Action::from_name(name).filter(|action| allowed.contains(action))
}

#[cfg(test)]
mod tests;
