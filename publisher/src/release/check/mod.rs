//! What must hold before a release goes out.

pub(crate) mod clients;
pub(crate) mod loss;
