//! From the register to signed files.

pub(crate) mod build;
pub(crate) mod check;
pub(crate) mod last_release;
pub(crate) mod prune;
pub(crate) mod publish;
pub(crate) mod repository;
