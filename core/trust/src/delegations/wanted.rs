//! Which target files a caller wants.

use crate::error::TrustError;
use crate::metadata::{Budget, Delegation, PathQuery};

/// Which target files an update is for. It fetches the delegated roles that might list one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// All the repository has.
    All,
    /// Those whose path starts with one of these; of none, no delegated role is fetched.
    Under(Vec<String>),
}

impl Wanted {
    pub(crate) fn includes(&self, path: &str) -> bool {
        match self {
            Self::All => true,
            Self::Under(prefixes) => prefixes
                .iter()
                .any(|prefix| path.starts_with(prefix.as_str())),
        }
    }

    pub(crate) fn may_be_behind(
        &self,
        delegation: &Delegation,
        budget: &mut Budget,
    ) -> Result<bool, TrustError> {
        let prefixes = match self {
            Self::All => return Ok(true),
            Self::Under(prefixes) => prefixes,
        };
        for prefix in prefixes {
            if delegation.matches(PathQuery::Under(prefix), budget)? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
