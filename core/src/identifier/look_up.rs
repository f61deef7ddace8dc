//! The questions that one identifier puts to a list.

use core::fmt;

use super::kind::Kind;
use super::relation::Relation;

/// One question for a list: these bytes, in this relation to the identifier asked about.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct LookUp<'a> {
    /// The kind it is asked as.
    pub kind: Kind,
    /// Its text form.
    pub text: &'a str,
    /// Canonical bytes of that kind.
    pub canonical: &'a [u8],
    /// What they are to the identifier.
    pub relation: Relation,
}

impl fmt::Debug for LookUp<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LookUp")
            .field("relation", &self.relation)
            .finish_non_exhaustive()
    }
}
