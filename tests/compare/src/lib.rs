//! Comparisons of two builds of the module, and of our client of The Update Framework with others.

pub mod modules;
pub mod tuf;
