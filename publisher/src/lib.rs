//! A coalition's side of Interdict: what it knows goes into a register, what it decides goes out as
//! signed, keyed lists. Every call takes the time as an argument, so two runs give the same bytes.
//!
//! ```
//! use interdict_core::common::time::Time;
//! use interdict_publisher::{Format, ImportOptions, InitOptions, Publisher, ReleaseOptions, TestKeys};
//!
//! # let room = tempfile::tempdir()?;
//! # let directory = room.path().join("se");
//! let now = Time::parse("2026-11-22T00:00:00Z").unwrap();
//! let init = InitOptions {
//!     coalition: "se".to_owned(), lists: Vec::new(), test_keys: TestKeys::Yes, now,
//! };
//! let mut publisher = Publisher::init(&directory, &init)?;
//! let csv = "kind,value,source,action\ndomain,shop.example,hotline-se,block\n";
//! let report = publisher.import(csv.as_bytes(), &ImportOptions::new(Format::Csv), now)?;
//! assert_eq!((report.accepted, report.refused.len()), (1, 0));
//! let release = publisher.release(now, &ReleaseOptions::default())?;
//! assert_eq!(release.lists[0].listed, 1);
//! let enrolment = publisher.member_add("bank-a", "https://lists.example/se", now)?;
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

mod build;
mod change;
mod check;
mod content;
mod delist;
mod disclosure;
mod entry;
mod enumeration;
mod epoch;
mod error;
mod import;
mod inspect;
mod json;
mod keys;
mod line;
mod loss;
mod names;
mod online;
mod protect;
mod prune;
mod public;
mod public_build;
mod public_enrolment;
mod publisher;
mod register;
mod release;
mod report;
mod repository;
mod root;
mod rows;
mod schema;
mod standing;
mod stash;
mod status;
mod suffix;
pub mod tuf;
mod typologies;
mod view;

pub use delist::{DelistOptions, DelistReport};
pub use disclosure::{DiscloseReport, Disclosure};
pub use entry::State;
pub use enumeration::{Pattern, Share};
pub use epoch::{Epoch, OldKey};
pub use error::PublisherError;
pub use import::{Conflict, Delisted, ImportOptions, ImportReport, RefusedLine};
pub use inspect::{InspectError, inspect};
pub use keys::TestKeys;
pub use line::Rule;
pub use names::Names;
pub use online::RenewReport;
pub use protect::ProtectReport;
pub use public::{PublicEpoch, PublicSettings};
pub use publisher::{InitOptions, Publisher};
pub use release::{
    EmptyLists, EpochReport, ListReport, NewBase, PublicReport, ReleaseOptions, ReleaseReport,
};
pub use repository::Directory;
pub use root::RotateReport;
pub use rows::{FileError, Format};
pub use standing::EpochStatus;
pub use status::{ListStatus, Status};
pub use typologies::{PackReport, STANDARD_TYPOLOGIES, TypologiesReport};
