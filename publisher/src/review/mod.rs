//! What people look at and correct: what is listed, what must never be, and what the files say.

mod delist;
mod entry_row;
mod export;
mod history;
mod inspect;
mod needle;
mod note;
mod printable;
mod protect;
mod show;
mod shown;
mod source_profile;
mod sources;
mod status;
mod unprotect;
mod verify;

pub use delist::{DelistOptions, DelistReport};
pub use entry_row::{EntryFilter, EntryRow, EntryState};
pub use export::{ExportFormat, ExportReport};
pub use history::UndoReport;
pub use inspect::{InspectError, inspect};
pub use note::NoteReport;
pub use protect::ProtectReport;
pub use show::{Answer, ShowReport, Shown, ShownList, ShownStatement};
pub use source_profile::{SourceProfile, SourceReview};
pub use sources::{ListSources, SourceCounts};
pub use status::{EpochStatus, ListStatus, Status};
pub use unprotect::UnprotectReport;
pub use verify::VerifyReport;

pub(crate) use printable::printable;
