//! The list room: the files of a release, the checks before one goes live, and the look-up.
//!
//! Rules: no length is believed before the bytes are there; what a file says of itself must equal
//! the signed [`Descriptor`]; a release is refused whole or goes live whole; a list is never edited.
//! The layouts are in `docs/format.md` and above each codec. This room knows nothing of signatures:
//! whoever calls [`BlockList::load`] has already compared each file with its digest.

mod block_list;
mod descriptor;
mod error;
mod filter;
mod header;
mod record;
mod records;
mod sources;
mod stash;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

pub use block_list::{Asked, BlockList, Files, Found, Hit, Membership, Page};
pub use descriptor::{BaseRelease, Descriptor, PartDigest, RecordsDigest};
pub use error::{ListError, Part};
pub use filter::encode_filter;
pub use header::{Edition, FORMAT_MAJOR, Header, Kinds, ListId, MAX_ENTRIES, MIN_ENTRIES, is_name};
pub use record::{Action, Category, Flags, Record, Scope};
pub use records::{Contents, RecordsMode, encode_records, read_records};
pub use sources::is_source_id;
pub use stash::{Changes, MAX_STASH, encode_stash, read_stash};
