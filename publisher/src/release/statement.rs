use std::sync::Arc;

use interdict_core::list::{Record, Source};

use crate::register::strength;

/// What goes out for one identifier. The record's `source` is 0: its index differs from file to file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Statement {
    pub(crate) record: Record,
    /// Who says so.
    pub(crate) source: Arc<Source>,
}

impl Statement {
    /// Among the statements on one identifier.
    pub(crate) fn strength(&self) -> impl Ord + '_ {
        strength(&self.record, self.source.id())
    }

    /// Whether a list that names this source says the same in this record.
    pub(crate) fn is(&self, record: &Record, source: &Source) -> bool {
        let record = Record {
            source: 0,
            ..*record
        };
        *self.source == *source && self.record == record
    }
}
