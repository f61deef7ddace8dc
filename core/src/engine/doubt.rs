use serde::Serialize;

/// Why the time or the state that a verdict rests on is in doubt. None of them lowers what a record
/// asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Doubt {
    /// The host's clock is behind the newest verified time.
    ClockBehind,
    /// One instance was called very often with the same time.
    ClockStopped,
    /// The gateway started without a history of the coalition, and has not completed a poll of its
    /// repository since.
    NoHistory,
    /// The coalition's files are older than its history, or than the configuration accepts.
    RolledBack,
    /// The host's state directory lacks a coalition or a secret that it had.
    StateLost,
}

/// Whether the clock runs that an instance is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Clock {
    /// It runs, as far as anybody can tell.
    #[default]
    Runs,
    /// Very many calls had the same time.
    Stopped,
}

impl Doubt {
    /// Every doubt, in the order in which they are reported.
    pub const ALL: [Self; 5] = [
        Self::ClockBehind,
        Self::ClockStopped,
        Self::NoHistory,
        Self::RolledBack,
        Self::StateLost,
    ];

    /// The stable word used in answers.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ClockBehind => "clock_behind",
            Self::ClockStopped => "clock_stopped",
            Self::NoHistory => "no_history",
            Self::RolledBack => "rolled_back",
            Self::StateLost => "state_lost",
        }
    }
}
