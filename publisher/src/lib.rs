//! A coalition's side of Interdict: what it knows goes into a register, what it decides goes out as
//! signed, keyed lists. Every call takes the time as an argument, so two runs give the same bytes.
//!
//! ```
//! use interdict_core::common::time::Time;
//! use interdict_publisher::{
//!     Format, ImportOptions, InitOptions, NewMember, Publisher, ReleaseOptions, TestKeys,
//! };
//!
//! # let room = tempfile::tempdir()?;
//! # let directory = room.path().join("se");
//! let now = Time::parse("2026-11-22T00:00:00Z").unwrap();
//! let init = InitOptions::new("se", TestKeys::Yes, now);
//! let mut publisher = Publisher::init(&directory, &init)?;
//! let csv = "kind,value,action\ndomain,shop.example,block\n";
//! let report = publisher.import(csv.as_bytes(), &ImportOptions::new(Format::Csv, "se"), now)?;
//! assert_eq!((report.accepted, report.refused.len()), (1, 0));
//! let release = publisher.release(now, &ReleaseOptions::default())?;
//! assert_eq!(release.lists[0].listed, 1);
//! let member = NewMember::by_hand("bank-a", "https://lists.example/se");
//! let enrolment = publisher.member_add(&member, now)?;
//! assert_eq!(enrolment.lists()[0].as_str(), "se/merchants");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A directory holds `register.sqlite` (what is known, with the identifiers in clear), `keys/` (all
//! secrets, owner only) and `repository/` (the only part to serve). Nothing but the register ever
//! holds an identifier's value: no report, error or log does.
#![forbid(unsafe_code)]
#![deny(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "foreign input must never stop a publisher half way"
)]

mod ahead;
mod backup;
mod dictionary;
mod digest;
mod directory;
mod error;
mod intake;
mod keys;
mod online;
mod public;
mod published;
mod publisher;
mod register;
mod release;
mod review;
mod sorted;
mod sources;
mod tree;
pub mod tuf;
mod used;

pub use backup::*;
pub use dictionary::{Pattern, PublicSettings, Share};
pub use directory::{Directory, check_unused, write_public, write_secret};
pub use error::{
    BackupError, Doubt, FileError, MappingError, PublisherError, SourceError, UnnamedEntries,
};
pub use publisher::Publisher;
pub use tree::write_shared;

// Each room lists its public names at the top of its `mod.rs`.
pub use intake::*;
pub use keys::*;
pub use online::*;
pub use public::*;
pub use register::*;
pub use release::*;
pub use review::*;
pub use sources::*;
