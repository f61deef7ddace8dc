use std::sync::Arc;

use interdict_core::list::{Record, Source};

/// What goes out for one identifier. The record's `source` is 0: its index differs from file to file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Statement {
    pub(crate) record: Record,
    /// Who says so.
    pub(crate) source: Arc<Source>,
}

impl Statement {
    /// Whether a list that names this source says the same in this record.
    pub(crate) fn is(&self, record: &Record, source: &Source) -> bool {
        let record = Record {
            source: 0,
            ..*record
        };
        *self.source == *source && self.record == record
    }
}
