//! What a list says about one entry: the fields of a record, and their bytes.

mod action;
mod category;
mod flags;
mod handling;
mod layout;
mod scope;

pub use action::Action;
pub use category::Category;
pub use flags::Flags;
pub use handling::Handling;
pub use layout::Record;
pub(super) use layout::{MAX_CONFIDENCE, RECORD_SIZE};
pub use scope::Scope;
