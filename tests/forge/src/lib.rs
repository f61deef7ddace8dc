//! Writes what a coalition publishes, right or wrong: keys, list files, descriptors, metadata of The
//! Update Framework, enrolments and signed documents.
//!
//! It is written from `docs/format.md` and `docs/trust.md` and depends on no other crate of the
//! project, so a mistake in the core's own writers does not hide the same mistake in its readers.
//! Every field is public and nothing is checked: an attack is a field with the wrong value.
//!
//! ```
//! use interdict_forge::{Header, ListKey, Release, Repository, kind};
//!
//! let key = ListKey([8; 32]);
//! let mut release = Release::new(Header::new("se/merchants", &key), key);
//! release.list(kind::DOMAIN, b"shop.example");
//! let mut repository = Repository::new("2027-11-22T00:00:00Z");
//! repository.targets.add(release.targets());
//! let root = repository.root_file();
//! let served = repository.files();
//! assert!(served.contains_key("metadata/1.targets.json") && !root.is_empty());
//! ```

mod document;
mod filter;
mod header;
mod key;
mod metadata;
mod module;
mod record;
mod release;
mod repository;
mod signer;
mod stash;
mod text;

pub use document::{Enrolment, pack, pack_target, signed_as};
pub use filter::{filter, filter_without};
pub use header::{Header, Part};
pub use key::{ListKey, Tag, kind};
pub use metadata::{Delegation, Paths, Role, Target, Targets, pin, sign, sign_text};
pub use module::{Exports, newer_module, older_module, with_exports};
pub use record::{Record, STRIDE, Source, records};
pub use release::{Parts, Provenance, Release, descriptor};
pub use repository::{Files, Pins, Repository, Snapshots};
pub use signer::{Scheme, Signer};
pub use stash::{base_digest, stash};
pub use text::{canonical, hex, sha256, time};
