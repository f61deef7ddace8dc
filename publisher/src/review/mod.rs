//! What people look at and correct: what is listed, what must never be, and what the files say.

mod delist;
mod inspect;
mod protect;
mod source_profile;
mod sources;
mod status;
mod verify;

pub use delist::{DelistOptions, DelistReport};
pub use inspect::{InspectError, inspect};
pub use protect::ProtectReport;
pub use source_profile::{SourceProfile, SourceReview};
pub use sources::{ListSources, SourceCounts};
pub use status::{EpochStatus, ListStatus, Status};
pub use verify::VerifyReport;

pub(crate) use verify::check_heads;
