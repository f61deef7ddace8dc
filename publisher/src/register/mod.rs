//! What a coalition knows, in one SQLite file: the only place where identifiers stand in clear.
//!
//! The register stores and knows no feature: it can say what a row holds and not what a release, a
//! report or a person makes of it. SQL stands in this folder alone. [`Register`] reads; every write is
//! part of a [`Change`], of which all happens or nothing. What comes back is typed, and a row that
//! does not read as what this program writes is an error, never left out.

mod blocked;
mod compact;
mod copy;
mod database;
mod declared;
mod disclosed;
mod entries;
mod entry;
mod epochs;
mod format_end;
mod imports;
mod members;
mod origins;
mod packs;
mod protected;
mod public_editions;
mod recovered;
mod releases;
mod schema;
mod settings;
mod tombstones;

pub use compact::CompactEdition;
pub use entry::State;
pub use epochs::Epoch;
pub use format_end::FormatEnd;
pub use members::{Member, MemberEdition};
pub use public_editions::PublicEpoch;
pub use settings::TestKeys;

pub(crate) use database::{Change, FIRST_EPOCH, Register};
pub(crate) use entries::Put;
pub(crate) use entry::{Entry, Listing, NO_END};
pub(crate) use epochs::SealedFile;
pub(crate) use imports::{Counts, Rejected};
pub(crate) use packs::PublishedPack;
pub(crate) use public_editions::PublicRelease;
pub(crate) use recovered::UnknownRecord;
pub(crate) use releases::MetadataFile;
pub(crate) use settings::Settings;
