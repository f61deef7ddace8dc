//! The questions that a list is asked about one identifier.

use core::fmt;

use super::kind::Kind;
use super::relation::Relation;

/// One question for a list: these canonical bytes, and how they relate to the identifier.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct LookUp<'a> {
    /// The kind that the list is asked for.
    pub kind: Kind,
    /// The text form of what is asked.
    pub text: &'a str,
    /// The canonical bytes that the token is made of.
    pub canonical: &'a [u8],
    /// How they relate to the identifier.
    pub relation: Relation,
}

impl fmt::Debug for LookUp<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LookUp")
            .field("relation", &self.relation)
            .finish_non_exhaustive()
    }
}
