//! The gateway's choices. Every field has a default; unknown fields are refused. `docs/scoring.md`
//! gives each field's unit and reason.

mod condition;
mod signals;
mod typology;

pub use condition::{Condition, ConditionError, ConditionFault, Facts};
pub use signals::{Signal, SignalForm, Signals};
pub use typology::{Direction, Pack, Skipped, Typology, TypologyError};

use crate::list::Action;
use crate::message::{Fault, Field, MessageError};

/// Where in the life of a merchant or payment the question is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    /// A merchant applies.
    Onboarding,
    /// A payment waits for an answer.
    Authorisation,
    /// Money is about to leave to the merchant.
    Payout,
    /// A payer's browser shows a payment page.
    Checkout,
}

/// What a gateway does with evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// How many of a million merchants are bad before anything is known of them, 1 to 500,000.
    pub prevalence_per_million: u32,
    /// What a further independent source adds, per mille of its own evidence, 0 to 1000.
    pub agreement_per_mille: u16,
    /// Score from which a merchant is watched, 0 to 1000.
    pub monitor_score: u16,
    /// Score from which a person decides, 0 to 1000.
    pub review_score: u16,
    /// What a filter hit without a record leads to: `monitor` or `review`.
    pub candidate: Action,
    /// Days after which a list counts as expired, whatever its metadata says.
    pub list_max_age_days: u16,
    /// Days an expired list keeps its full effect; after them it causes `review` at most.
    pub expired_grace_days: u16,
    /// What happens when no fresh list answers, by flow.
    pub unavailable: Unavailable,
}

/// `allow` or `review` for each flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unavailable {
    onboarding: Action,
    authorisation: Action,
    payout: Action,
    checkout: Action,
}

impl Flow {
    /// Every flow.
    pub const ALL: [Self; 4] = [
        Self::Onboarding,
        Self::Authorisation,
        Self::Payout,
        Self::Checkout,
    ];

    /// The word used in messages.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Onboarding => "onboarding",
            Self::Authorisation => "authorisation",
            Self::Payout => "payout",
            Self::Checkout => "checkout",
        }
    }

    /// Reads [`Flow::name`].
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|flow| flow.name() == name)
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            prevalence_per_million: 100,
            agreement_per_mille: 500,
            monitor_score: 500,
            review_score: 900,
            candidate: Action::Review,
            list_max_age_days: 30,
            expired_grace_days: 7,
            unavailable: Unavailable {
                onboarding: Action::Review,
                authorisation: Action::Allow,
                payout: Action::Review,
                checkout: Action::Allow,
            },
        }
    }
}

impl Unavailable {
    /// What happens in a flow when no fresh list answers.
    #[must_use]
    pub const fn action(&self, flow: Flow) -> Action {
        match flow {
            Flow::Onboarding => self.onboarding,
            Flow::Authorisation => self.authorisation,
            Flow::Payout => self.payout,
            Flow::Checkout => self.checkout,
        }
    }
}

impl Policy {
    /// Reads the `policy` member of a `configure` message.
    ///
    /// # Errors
    /// What is wrong, and where.
    pub fn from_field(field: &Field<'_, '_>) -> Result<Self, MessageError> {
        let mut policy = Self::default();
        let mut fields = field.fields()?;
        if let Some(field) = fields.optional("prevalence_per_million") {
            policy.prevalence_per_million = field.number(1, 500_000)?;
        }
        if let Some(field) = fields.optional("agreement_per_mille") {
            policy.agreement_per_mille = field.number(0, 1000)?;
        }
        if let Some(field) = fields.optional("monitor_score") {
            policy.monitor_score = field.number(0, 1000)?;
        }
        if let Some(field) = fields.optional("review_score") {
            policy.review_score = field.number(0, 1000)?;
        }
        if policy.review_score < policy.monitor_score {
            return Err(field.path.member("review_score").error(Fault::OutOfRange));
        }
        if let Some(field) = fields.optional("candidate") {
            policy.candidate = field.word(one_of(&[Action::Monitor, Action::Review]))?;
        }
        if let Some(field) = fields.optional("list_max_age_days") {
            policy.list_max_age_days = field.number(1, 3650)?;
        }
        if let Some(field) = fields.optional("expired_grace_days") {
            policy.expired_grace_days = field.number(0, 3650)?;
        }
        if let Some(field) = fields.optional("unavailable") {
            policy.unavailable = unavailable(&field, policy.unavailable)?;
        }
        fields.end()?;
        Ok(policy)
    }

    /// 16 bytes that two policies share only if they decide alike: BLAKE3 over every field in the
    /// order above, defaults filled in.
    #[must_use]
    pub fn digest(&self) -> [u8; 16] {
        let mut hasher = blake3::Hasher::new_derive_key("interdict 2026-11 policy digest");
        hasher.update(&self.prevalence_per_million.to_le_bytes());
        for field in [
            self.agreement_per_mille,
            self.monitor_score,
            self.review_score,
            self.list_max_age_days,
            self.expired_grace_days,
        ] {
            hasher.update(&field.to_le_bytes());
        }
        let by_flow = Flow::ALL.map(|flow| self.unavailable.action(flow));
        for action in core::iter::once(self.candidate).chain(by_flow) {
            hasher.update(action.name().as_bytes()).update(&[0]);
        }
        crate::bytes::first(hasher.finalize().as_bytes())
    }
}

fn unavailable(
    field: &Field<'_, '_>,
    mut actions: Unavailable,
) -> Result<Unavailable, MessageError> {
    let mut fields = field.fields()?;
    let mut read = |name, action: &mut Action| -> Result<(), MessageError> {
        if let Some(field) = fields.optional(name) {
            *action = field.word(one_of(&[Action::Allow, Action::Review]))?;
        }
        Ok(())
    };
    read("onboarding", &mut actions.onboarding)?;
    read("authorisation", &mut actions.authorisation)?;
    read("payout", &mut actions.payout)?;
    read("checkout", &mut actions.checkout)?;
    fields.end()?;
    Ok(actions)
}

fn one_of(allowed: &[Action]) -> impl Fn(&str) -> Option<Action> + '_ {
    |name| Action::from_name(name).filter(|action| allowed.contains(action))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::{Path, read};

    fn policy(text: &str) -> Result<Policy, MessageError> {
        let value = read(text.as_bytes(), 1000).unwrap();
        Policy::from_field(&Field {
            value: &value,
            path: Path::default(),
        })
    }

    #[test]
    fn an_empty_policy_is_the_default() {
        assert_eq!(policy("{}"), Ok(Policy::default()));
    }

    #[test]
    fn every_field_moves_the_digest() {
        let default = Policy::default().digest();
        for text in [
            r#"{"prevalence_per_million":101}"#,
            r#"{"agreement_per_mille":501}"#,
            r#"{"monitor_score":501}"#,
            r#"{"review_score":901}"#,
            r#"{"candidate":"monitor"}"#,
            r#"{"list_max_age_days":31}"#,
            r#"{"expired_grace_days":8}"#,
            r#"{"unavailable":{"onboarding":"allow"}}"#,
            r#"{"unavailable":{"authorisation":"review"}}"#,
            r#"{"unavailable":{"payout":"allow"}}"#,
            r#"{"unavailable":{"checkout":"review"}}"#,
        ] {
            assert_ne!(policy(text).unwrap().digest(), default, "{text}");
        }
    }

    #[test]
    fn a_policy_that_blocks_by_itself_or_contradicts_itself_is_refused() {
        for (text, fault) in [
            (r#"{"candidate":"block"}"#, Fault::UnknownValue),
            (r#"{"unavailable":{"payout":"block"}}"#, Fault::UnknownValue),
            (
                r#"{"monitor_score":700,"review_score":600}"#,
                Fault::OutOfRange,
            ),
            (r#"{"prevalence_per_million":0}"#, Fault::OutOfRange),
            (r#"{"monitor_score":950}"#, Fault::OutOfRange),
            (r#"{"treshold":1}"#, Fault::UnknownField),
            (r#"{"unavailable":{"refund":"allow"}}"#, Fault::UnknownField),
        ] {
            assert_eq!(policy(text).unwrap_err().fault, fault, "{text}");
        }
    }
}
