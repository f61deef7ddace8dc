/// Properties of a record. A release with a bit that this version does not know is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Flags(pub u8);

impl Flags {
    /// A gateway's override must not lower the action.
    pub const MANDATORY: Self = Self(1);
    /// Watch without anybody noticing: leads to `monitor` at most and shows in neither score nor reasons.
    pub const SILENT: Self = Self(2);
    /// The account may be run by a victim: `review` at most.
    pub const POSSIBLY_VICTIM_CONTROLLED: Self = Self(4);
    const KNOWN: u8 = 7;

    /// Whether all of `other`'s bits are set.
    #[must_use]
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Both sets of flags.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) const fn is_known(self) -> bool {
        self.0 & !Self::KNOWN == 0
    }
}
