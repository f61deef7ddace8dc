//! What people look at and correct.

pub(crate) mod delist;
pub(crate) mod inspect;
pub(crate) mod protect;
pub(crate) mod status;
