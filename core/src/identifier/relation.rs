//! What a look-up is to the identifier that it is made for.

/// Whether a look-up asks for the identifier or for something above it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Relation {
    /// The identifier as asked.
    Itself,
    /// What it lies in, as a name in the names above it: counts only where the record covers that.
    Parent,
    /// The brand part of a name: at most `review`.
    Label,
}

impl Relation {
    /// `itself` or `parent`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Itself => "itself",
            Self::Parent => "parent",
            Self::Label => "label",
        }
    }
}
