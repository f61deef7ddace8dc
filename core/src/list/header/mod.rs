//! The header of every file of a release: which list, edition, kinds, epoch and release.

mod codec;
mod edition;
mod kinds;
mod list_id;

pub use codec::Header;
pub use edition::Edition;
pub use kinds::Kinds;
pub use list_id::{ListId, is_name};
