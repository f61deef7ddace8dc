use crate::identifier::Kind;

/// The kinds that a list covers: bit n stands for the kind of code n.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kinds(pub u32);

impl Kinds {
    /// The set of the given kinds.
    #[must_use]
    pub fn of(kinds: impl IntoIterator<Item = Kind>) -> Self {
        Self(kinds.into_iter().fold(0, |bits, kind| bits | bit(kind)))
    }

    /// Whether a kind is covered.
    #[must_use]
    pub fn covers(self, kind: Kind) -> bool {
        self.0 & bit(kind) != 0
    }
}

fn bit(kind: Kind) -> u32 {
    1_u32.wrapping_shl(u32::from(kind.code()))
}
