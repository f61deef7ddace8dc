/// Which file of a release an error is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The Bloom filters.
    Filter,
    /// The exact records.
    Records,
    /// What changed since them.
    Stash,
}

impl Part {
    /// Every part, in the order a release names them.
    pub const ALL: [Self; 3] = [Self::Filter, Self::Records, Self::Stash];

    /// `filter`, `records` or `stash`: the member of the descriptor and the end of the target's path.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Filter => "filter",
            Self::Records => "records",
            Self::Stash => "stash",
        }
    }
}
