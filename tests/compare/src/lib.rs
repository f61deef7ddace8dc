//! Comparisons: two builds of the module, and our client of The Update Framework beside others.

pub mod modules;
pub mod tuf;
