//! The Bloom part of a list: how it lies in its file, how it is asked, and how it is written.

mod file;
mod half;
mod probes;
#[cfg(test)]
mod tests;
#[cfg(any(test, feature = "write-filters"))]
mod writer;

pub(super) use file::Filter;
pub use file::check_filter;
#[cfg(any(test, feature = "write-filters"))]
pub use writer::{encode_filter, encode_filter_without};
