use std::path::Path;

/// What is packed, and where to.
pub(crate) struct Packing<'p> {
    /// The release's folder. Each kind has a folder of its own in it.
    pub(crate) to: &'p Path,
    /// The release's version, which every package must state by itself.
    pub(crate) version: &'p str,
    /// Seconds since 1970, as in SOURCE_DATE_EPOCH.
    pub(crate) time: u64,
    /// Whether each crate is also compiled from its archive, which takes many minutes.
    pub(crate) crates: Crates,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Crates {
    Packed,
    Compiled,
}
