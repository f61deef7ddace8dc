use crate::list::Action;

use super::flow::Flow;

/// What a door does with an action, where a program lets a merchant or a payment through or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Go on.
    Pass,
    /// Wait for a person.
    Hold,
    /// Refuse.
    Refuse,
}

impl Decision {
    /// Every decision.
    pub const ALL: [Self; 3] = [Self::Pass, Self::Hold, Self::Refuse];

    /// What a door of this flow does with an action, unless the gateway chose otherwise. A payment
    /// that waits for its answer cannot be held: it passes, and the payout is held.
    #[must_use]
    pub const fn of(action: Action, flow: Flow) -> Self {
        match (action, flow) {
            (Action::Allow | Action::Monitor, _) => Self::Pass,
            (Action::Block, _) => Self::Refuse,
            (Action::Review | Action::HoldPayout, Flow::Authorisation | Flow::Checkout) => {
                Self::Pass
            }
            (Action::Review | Action::HoldPayout, Flow::Onboarding | Flow::Payout) => Self::Hold,
        }
    }

    /// The word in documents and headers.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Hold => "hold",
            Self::Refuse => "refuse",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_door_does_what_the_table_says() {
        let rows = [
            (Action::Allow, ["pass", "pass", "pass", "pass"]),
            (Action::Monitor, ["pass", "pass", "pass", "pass"]),
            (Action::Review, ["hold", "pass", "hold", "pass"]),
            (Action::HoldPayout, ["hold", "pass", "hold", "pass"]),
            (Action::Block, ["refuse", "refuse", "refuse", "refuse"]),
        ];
        for (action, row) in rows {
            let told = Flow::ALL.map(|flow| Decision::of(action, flow).name());
            assert_eq!(told, row, "{action:?}");
        }
    }
}
