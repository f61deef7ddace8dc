//! Somebody who tries a dictionary of names on the public lists: what he may find, and what he finds.

use std::fmt;

/// What a dictionary may tell of a coalition's public lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublicSettings {
    /// Names an attacker is thought to try, the listed ones among them.
    pub dictionary: u32,
    /// Per mille of his hits that may be listed names.
    pub share: u16,
}

/// How much of what an attacker would find is listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// Listed names among his hits.
    pub listed: u64,
    /// Other names among them.
    pub others: u64,
    /// What he looks for.
    pub pattern: Pattern,
}

/// Which names an attacker takes for listed. Releases are counted from 0 over all public epochs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pattern {
    /// Hit in this release.
    In(usize),
    /// Hit in every release.
    Always,
    /// Not hit before this release, and in every one from there on: what was added.
    From(usize),
    /// Hit in every release before this one, and in none from there on: what was removed.
    Until(usize),
}

impl Default for PublicSettings {
    /// Ten million names, about as many as the domains of a large country, and one listed in twenty.
    fn default() -> Self {
        Self {
            dictionary: 10_000_000,
            share: 50,
        }
    }
}

impl Share {
    /// In parts of a million.
    #[must_use]
    pub fn per_million(&self) -> u32 {
        let hits = u128::from(self.listed).saturating_add(u128::from(self.others));
        let million = u128::from(self.listed).saturating_mul(1_000_000);
        let share = million.checked_div(hits).unwrap_or_default();
        u32::try_from(share).unwrap_or(u32::MAX)
    }

    /// Whether he finds more of what is listed than with the other.
    pub(crate) fn exceeds(&self, other: &Self) -> bool {
        u128::from(self.listed).saturating_mul(u128::from(other.others))
            > u128::from(other.listed).saturating_mul(u128::from(self.others))
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hundredths = self.per_million().div_euclid(100);
        let (whole, part) = (hundredths.div_euclid(100), hundredths % 100);
        write!(f, "{whole}.{part:02} % of {}", self.pattern)
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let one = |index: &usize| index.saturating_add(1);
        match self {
            Self::In(index) => write!(f, "the hits of public release {}", one(index)),
            Self::Always => f.write_str("the hits of all public releases"),
            Self::From(index) => write!(f, "the hits that public release {} added", one(index)),
            Self::Until(index) => write!(f, "the hits that public release {} removed", one(index)),
        }
    }
}
