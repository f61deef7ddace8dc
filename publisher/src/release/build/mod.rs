//! What one list says, as files.

pub(crate) mod content;
pub(crate) mod edition;
pub(crate) mod stash;
