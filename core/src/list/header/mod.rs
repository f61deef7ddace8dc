//! What every file of a release says about itself: which list, for whom, which kinds, which release.

mod codec;
mod edition;
mod kinds;
mod list_id;

pub use codec::Header;
pub use edition::Edition;
pub use kinds::Kinds;
pub use list_id::{ListId, is_name};
