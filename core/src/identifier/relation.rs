//! How a look-up relates to the identifier it is made for.

/// Whether a look-up asks for the identifier itself or for something that contains it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Relation {
    /// The identifier itself.
    Itself,
    /// What contains it, as a domain contains its sub-domains. A record counts only if its scope covers
    /// sub-domains.
    Parent,
    /// The brand part of a domain: leads to `review` at most.
    Label,
}

impl Relation {
    /// Every relation.
    pub const ALL: [Self; 3] = [Self::Itself, Self::Parent, Self::Label];

    /// `itself`, `parent` or `label`: the word in reasons and receipts.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Itself => "itself",
            Self::Parent => "parent",
            Self::Label => "label",
        }
    }
}
