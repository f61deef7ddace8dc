//! Correcting: what people take off, protect, remark on and take back.

mod delist;
mod nearest;
mod note;
mod protect;
mod undo;
mod unprotect;

pub use delist::{DelistOptions, DelistReport};
pub use note::NoteReport;
pub use protect::ProtectReport;
pub use undo::UndoReport;
pub use unprotect::UnprotectReport;
