//! The flows in which a gateway screens a merchant, and what it does in each.

use crate::list::Action;

/// The step in the life of a merchant or payment at which the merchant is screened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    /// A merchant applies to the gateway.
    Onboarding,
    /// A payment is being authorised and waits for the answer.
    Authorisation,
    /// Money is about to be paid out to the merchant.
    Payout,
    /// A payer's browser shows a payment page.
    Checkout,
}

/// Thresholds and actions in one flow. Each flow has a preset of the same name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FlowPolicy {
    /// The score from which the action is `monitor`, 0 to 1000.
    pub monitor_score: u16,
    /// The score from which the action is `review`, `monitor_score` to 1000.
    pub review_score: u16,
    /// The action if nobody who must answer could: `monitor` or `review`.
    pub unavailable: Action,
    /// The action if a list that must answer is late, or a field that does not say who is paid is unused:
    /// `monitor` or `review`.
    pub late: Action,
    /// The action if one of two fields is absent that name somebody only together: `allow`, `monitor` or
    /// `review`.
    pub incomplete: Action,
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
    /// The default of a flow. Onboarding and payout leave time for a person to look; a payment
    /// cannot wait.
    #[must_use]
    pub const fn preset(flow: Flow) -> Self {
        match flow {
            Flow::Onboarding | Flow::Payout => Self {
                monitor_score: 300,
                review_score: 700,
                unavailable: Action::Review,
                late: Action::Monitor,
                incomplete: Action::Monitor,
            },
            Flow::Authorisation | Flow::Checkout => Self {
                monitor_score: 500,
                review_score: 900,
                unavailable: Action::Monitor,
                late: Action::Monitor,
                incomplete: Action::Monitor,
            },
        }
    }
}
