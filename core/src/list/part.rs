/// One file of a release.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The Bloom filters.
    Filter,
    /// The exact records.
    Records,
    /// The changes since the base.
    Stash,
}

impl Part {
    /// Every part, in the order a release names them.
    pub const ALL: [Self; 3] = [Self::Filter, Self::Records, Self::Stash];

    /// `filter`, `records` or `stash`: the descriptor's member and the end of the target's path.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Filter => "filter",
            Self::Records => "records",
            Self::Stash => "stash",
        }
    }
}
