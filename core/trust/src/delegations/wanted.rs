//! Which target files the caller of an update wants.

use alloc::string::String;
use alloc::vec::Vec;

use crate::error::TrustError;
use crate::metadata::{Budget, Delegation, PathQuery};

/// The target files that an update is for. The update fetches the delegated roles that might list
/// one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// All files of the repository.
    All,
    /// The files whose path starts with one of these prefixes. With no prefix, no delegated role is
    /// fetched.
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
