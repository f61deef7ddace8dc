//! What a coalition knows, in one SQLite file: the only place where identifiers stand in clear.
//!
//! The register stores and knows no feature: it can say what a row holds and not what a release, a
//! report or a person makes of it. SQL stands in this folder alone. [`Register`] reads; every write is
//! part of a [`Change`], of which all happens or nothing. What comes back is typed, and a row that
//! does not read as what this program writes is an error, never left out.

mod blocked;
mod clock_reset;
mod compact;
mod copy;
mod database;
mod declared;
mod disclosed;
mod dropped;
mod entries;
mod entry;
mod epochs;
mod file;
mod format_end;
mod guard;
mod history;
mod imports;
mod lifted;
mod members;
mod notes;
mod packs;
mod protected;
mod public_editions;
mod quarantine;
mod recovered;
mod releases;
mod rows;
mod schema;
mod settings;
mod snapshot;
mod sources;
mod tombstones;
mod unprotected;

pub use compact::CompactEdition;
pub use entry::State;
pub use epochs::Epoch;
pub use format_end::FormatEnd;
pub use lifted::Tombstone;
pub use members::{Member, MemberEdition};
pub use notes::Note;
pub use public_editions::PublicEpoch;
pub use settings::TestKeys;
pub use sources::{Quarantine, RegisteredSource, SourceClass};
pub use unprotected::Unprotected;

pub(crate) use clock_reset::ClockReset;
pub(crate) use database::{Change, FIRST_EPOCH, Register};
pub(crate) use entries::Put;
pub(crate) use entry::{Entry, Listing, NO_END, strength};
pub(crate) use epochs::SealedFile;
pub use guard::Direction;
pub use history::{DeedRow, PastDeed};

pub(crate) use guard::{Cell, Proposed, Went};
pub(crate) use history::Deed;
pub(crate) use imports::{Counts, Rejected};
pub(crate) use packs::PublishedPack;
pub(crate) use public_editions::PublicRelease;
pub(crate) use quarantine::Waiting;
pub(crate) use recovered::LostReleases;
pub(crate) use releases::MetadataFile;
pub(crate) use rows::{Row, RowFilter};
pub(crate) use settings::Settings;
