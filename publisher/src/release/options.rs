use crate::register::{CompactEdition, FormatEnd};

/// With exact records a false hit of the filter costs one look-up, so 2^-14 is sharp enough.
const RATE: u8 = 14;

/// Whether a list without entries may go out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EmptyLists {
    /// No: most often an import that did not happen.
    Refuse,
    /// Yes: everything is meant to be taken back.
    Allow,
}

/// When filter and records are built anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NewBase {
    /// When there is none, it is 30 days old, made otherwise, or more changed than 2 % of its
    /// records (256 at least, 5,000 at most). Until then a stash says what changed.
    WhenDue,
    /// Now.
    Always,
}

/// What a person agrees to, of what a release would otherwise hold back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Confirm {
    /// Nothing: what exceeds the limits stays as published.
    Nothing,
    /// All that a list has before its first release, and all of sources that it had nothing from.
    First,
    /// The proposal with this digest, which an earlier release reported.
    Proposal(String),
}

/// What to release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseOptions {
    /// The lists to build; none for all. The others stay as they were released last.
    pub lists: Vec<String>,
    /// `t` of the filters' false-positive rate 2^-t, even.
    pub rate: u8,
    /// What to do with lists without entries.
    pub empty: EmptyLists,
    /// Whether a stash may do.
    pub base: NewBase,
    /// What a person agrees to beyond the limits.
    pub confirm: Confirm,
    /// Whether this release and all later ones have a compact edition beside member; `None` leaves it as it
    /// is, which is no at first.
    pub compact: Option<CompactEdition>,
    /// When this and all later releases say that lists stop being published in this format; `None` leaves what
    /// was announced.
    pub ends: Option<FormatEnd>,
}

impl Confirm {
    pub(super) fn digest(&self) -> Option<&str> {
        match self {
            Self::Proposal(digest) => Some(digest),
            Self::Nothing | Self::First => None,
        }
    }
}

impl Default for ReleaseOptions {
    fn default() -> Self {
        Self {
            lists: Vec::new(),
            rate: RATE,
            empty: EmptyLists::Refuse,
            base: NewBase::WhenDue,
            confirm: Confirm::Nothing,
            compact: None,
            ends: None,
        }
    }
}
