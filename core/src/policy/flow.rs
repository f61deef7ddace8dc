//! Where in the life of a merchant or payment a question is asked, and what a gateway then does.

use crate::list::Action;

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

/// What a gateway does with evidence in one flow. Each flow has a preset of its own name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FlowPolicy {
    /// Score from which a merchant is watched, 0 to 1000.
    pub monitor_score: u16,
    /// Score from which a person decides, `monitor_score` to 1000.
    pub review_score: u16,
    /// What a filter hit without a record leads to: `monitor` or `review`.
    pub candidate: Action,
    /// What happens when no fresh list answers: `allow` or `review`.
    pub unavailable: Action,
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

impl FlowPolicy {
    /// What a flow does unless the policy says otherwise. While a merchant applies and before money
    /// leaves there is time for a person to look; a payment cannot wait.
    #[must_use]
    pub const fn preset(flow: Flow) -> Self {
        match flow {
            Flow::Onboarding | Flow::Payout => Self {
                monitor_score: 300,
                review_score: 700,
                candidate: Action::Review,
                unavailable: Action::Review,
            },
            Flow::Authorisation | Flow::Checkout => Self {
                monitor_score: 500,
                review_score: 900,
                candidate: Action::Review,
                unavailable: Action::Allow,
            },
        }
    }
}
