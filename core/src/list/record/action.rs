/// What should happen, from letting the payment pass to refusing it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    /// Let it pass.
    Allow,
    /// Let it pass and watch silently.
    Monitor,
    /// A person decides.
    Review,
    /// Take the payment and hold the payout.
    HoldPayout,
    /// Refuse.
    Block,
}

impl Action {
    /// Every action, weakest first.
    pub const ALL: [Self; 5] = [
        Self::Allow,
        Self::Monitor,
        Self::Review,
        Self::HoldPayout,
        Self::Block,
    ];

    /// The word used in messages, CSV and JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Monitor => "monitor",
            Self::Review => "review",
            Self::HoldPayout => "hold_payout",
            Self::Block => "block",
        }
    }

    /// Reads [`Action::name`].
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.name() == name)
    }

    /// The least confidence, per mille, that a record which asks for this action must have. Whoever asks for
    /// more must be surer; a record that only asks to watch may be a rumour.
    #[must_use]
    pub const fn least_confidence(self) -> u16 {
        match self {
            Self::Block => 900,
            Self::HoldPayout => 800,
            Self::Review => 300,
            Self::Allow | Self::Monitor => 1,
        }
    }

    pub(super) const fn code(self) -> u8 {
        match self {
            Self::Allow => 0,
            Self::Monitor => 1,
            Self::Review => 2,
            Self::HoldPayout => 3,
            Self::Block => 4,
        }
    }

    pub(super) const fn is_known(code: u8) -> bool {
        matches!(code, 1..=4)
    }

    /// An unknown action, from a newer publisher, becomes `review`: neither a pass nor a block.
    pub(super) const fn from_code(code: u8) -> Self {
        match code {
            1 => Self::Monitor,
            3 => Self::HoldPayout,
            4 => Self::Block,
            _ => Self::Review,
        }
    }
}
