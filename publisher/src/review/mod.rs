//! What people look at and correct: what is listed, what must never be, and what the files say.

mod correct;
mod export;
mod look;
mod printable;

pub use correct::{
    DelistOptions, DelistReport, NoteReport, ProtectReport, UndoReport, UnprotectReport,
};
pub use export::{ExportFormat, ExportReport};
pub use look::{
    Answer, EntryFilter, EntryRow, EntryState, EpochStatus, InspectError, ListSources, ListStatus,
    ShowReport, Shown, ShownList, ShownStatement, SourceCounts, SourceProfile, SourceReview,
    Status, VerifyReport, inspect,
};

pub(crate) use printable::printable;
