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
pub(super) use layout::RECORD_SIZE;
pub use layout::Record;
pub use scope::Scope;
