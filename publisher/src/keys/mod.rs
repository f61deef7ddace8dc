//! Who signs and who can read.

pub(crate) mod epoch;
pub(crate) mod files;
pub(crate) mod online;
pub(crate) mod root;
