//! The files of a release, the checks before a release goes live, and the look-up.
//!
//! Rules: no stated length is trusted before the bytes are read; what a file says about itself must equal
//! the signed [`Descriptor`]; a release is refused whole or goes live whole; a list is never edited.
//! The layouts are in `docs/format.md` and above each codec. This room does not check signatures: the
//! caller of [`BlockList::load`] has already compared each file with its digest.

mod block_list;
mod compact;
mod descriptor;
mod digest;
mod error;
mod exceptions;
mod files;
mod filter;
mod header;
mod key_target;
mod limits;
mod part;
mod record;
mod records;
mod reserved;
mod sorted;
mod sources;
mod stash;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

pub use block_list::{BlockList, Listing, LookUpMatch, LookUpOutcome, Membership};
pub use compact::compact_tag;
pub use descriptor::{BaseRelease, CONFIDENCE, Descriptor, Provenance};
pub use digest::PartDigest;
pub use error::ListError;
pub use files::Files;
pub use filter::check_filter;
#[cfg(any(test, feature = "write-filters"))]
pub use filter::{encode_filter, encode_filter_without};
pub use header::{Edition, Header, Kinds, ListId, is_name};
pub use key_target::KeyTarget;
pub use limits::{FORMAT_MAJOR, MAX_ENTRIES, MAX_STASH, MIN_ENTRIES, public_capacity};
pub use part::Part;
pub use record::{Action, Category, Flags, Handling, Record, Scope};
pub use records::{RecordsContent, encode_records, read_records};
pub use reserved::Reserved;
pub use sources::{Source, is_source_name};
pub use stash::{Changes, Mark, Marks, encode_compact_stash, encode_stash, read_marks, read_stash};
