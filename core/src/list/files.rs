use alloc::vec::Vec;

/// The files of one release. The caller has checked each against the descriptor's digest.
#[derive(Debug, Clone, Default)]
pub struct Files {
    /// The filter file.
    pub filter: Vec<u8>,
    /// The records file, or its head, if and only if the descriptor names one.
    pub records: Option<Vec<u8>>,
    /// The stash file, if and only if the descriptor names one.
    pub stash: Option<Vec<u8>>,
}
