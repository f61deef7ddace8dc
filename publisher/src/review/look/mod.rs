//! Looking: what the register and the files say, and whether they are intact.

mod entry_row;
mod history;
mod inspect;
mod needle;
mod show;
mod shown;
mod source_profile;
mod sources;
mod status;
mod verify;

pub use entry_row::{EntryFilter, EntryRow, EntryState};
pub use inspect::{InspectError, inspect};
pub use show::{Answer, ShowReport, Shown, ShownList, ShownStatement};
pub use source_profile::{SourceProfile, SourceReview};
pub use sources::{ListSources, SourceCounts};
pub use status::{EpochStatus, ListStatus, Status};
pub use verify::VerifyReport;
