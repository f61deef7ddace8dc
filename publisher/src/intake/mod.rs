//! From files that others wrote to entries of the register.

pub(crate) mod import;
pub(crate) mod line;
pub(crate) mod names;
pub(crate) mod public_suffix;
pub(crate) mod report;
pub(crate) mod rows;
pub(crate) mod typologies;
