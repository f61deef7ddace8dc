use std::fmt;

use interdict_core::list::ListId;

/// Published entries of one source whose names the register does not know. A list has them under tags, which
/// are made with the key of one epoch, so no other epoch can have them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnnamedEntries {
    /// In which list.
    pub list: ListId,
    /// Who says so, as `COALITION.SOURCE`.
    pub source: String,
    /// How many.
    pub count: usize,
}

impl fmt::Display for UnnamedEntries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            list,
            source,
            count,
        } = self;
        write!(f, "{count} of {source} in {}", list.as_str())
    }
}
