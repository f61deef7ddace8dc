//! The journal: every answer and every decision of a person as a line, each linked to the line before.
//! `docs/audit.md` states the format.
//!
//! 1. A line is in the file before its verdict is given, whole, and never changed afterwards.
//! 2. Whoever has the files and the public key notices every changed, missing or second line before the last signed
//!    head, whoever made the change. After it, whoever can write in the directory can replace lines.
//! 3. No line holds an identifier, a name of a merchant or a caller's reference: receipts hold keyed digests, words
//!    are short, and a reference becomes a digest under a key of the journal.
//! 4. What a person decides becomes a line exactly once, by whichever process writes the journal.
//! 5. What an interrupted process left of a line is no line, stays where it is, and is named by the next line.
//!
//! ```
//! use interdict::{Content, Entry, Journal, JournalSettings};
//!
//! # let room = tempfile::tempdir()?;
//! let settings = JournalSettings {
//!     directory: room.path().join("journal"),
//!     ..JournalSettings::default()
//! };
//! let now = 1_795_309_323; // 2026-11-22
//! let journal = Journal::open(&settings, now)?;
//! let id = journal.append(&Entry::of(Content::Receipt("{\"format\":1}")), now)?;
//! assert_eq!(id.get_version_num(), 7);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod about;
mod decision;
mod draft;
mod entry;
mod envelope;
mod evidence;
mod excerpt;
mod files;
mod find;
mod forks;
mod head;
mod identity;
mod inbox;
mod intake;
mod lines;
mod page;
mod questions;
mod recorder;
mod recovery;
mod settings;
mod stamping;
mod stamps;
mod tail;
mod verify;
mod vetting;
mod word;
mod writer;

pub use decision::{ReadDecision, SignedDecision};
pub use entry::{Content, Entry};
pub use envelope::receipt_in;
pub use evidence::{Evidence, write_evidence};
pub use find::{FoundLine, find_reference};
pub use forks::Fork;
pub use identity::journal_key;
pub use intake::TakenIn;
pub use questions::{Examination, ReleaseName, Used, examine};
pub use recorder::{Recorded, Recorder};
pub use settings::{Audit, JournalSettings, SyncPolicy};
pub use stamps::{StampReport, verify_stamps};
pub use verify::{
    DirectoryReport, Extent, Fault, Flaw, JournalReport, SignedUpTo, verify as verify_journals,
};
pub use word::{TraceId, Word};
pub use writer::{Journal, JournalAlarm};
