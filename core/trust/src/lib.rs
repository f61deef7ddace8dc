//! A client of The Update Framework (TUF) 1.0.34 without I/O: it verifies which files a coalition
//! signed.
//!
//! # Rules of this crate
//!
//! - A file counts only after enough keys signed it. `Verified` has one constructor. One function
//!   counts signatures, by distinct public keys and never by key ids.
//! - Content is read from the same parsed value whose canonical form was verified. The bytes are
//!   never parsed again.
//! - Every check names its section of the specification. A deviation is marked `Off-spec:` with the
//!   reason.
//! - Time and files are arguments. The client tells the host which file it needs, how large that
//!   file can be, and which files to keep. The kept files, the newest time and the highest versions
//!   are the whole state.
//!   Replayed from the pinned root with [`Source::Store`], they pass the same checks again.
//! - Only [`Client::complete`] changes the live set, and it replaces the whole set. A failed
//!   update, an expired file or an unreachable repository never removes it; [`Freshness`] grades it.
//! - No error contains text of a file.
//!
//! A host that starts runs three updates: first with the files of its last completed update, then
//! with those of an unfinished one, both from its store, and then from the repository.
//!
//! ```
//! # use ed25519_dalek::{Signer, SigningKey};
//! # use interdict_common::json::{Limits, parse};
//! # use interdict_common::{hex, time::Time};
//! use interdict_trust::{Client, Freshness, Outcome, Source, Step, Wanted};
//! # // A repository of one key for all roles and one file, `se/cards.filter`.
//! # let key = SigningKey::from_bytes(&[7; 32]);
//! # let public = hex::text(key.verifying_key().as_bytes());
//! # let sign = |role: &str, rest: &str| {
//! #     let signed = format!(
//! #         r#"{{"_type":"{role}","spec_version":"1.0.34","version":1,"expires":"2027-01-01T00:00:00Z",{rest}}}"#
//! #     );
//! #     let message = parse(signed.as_bytes(), Limits { depth: 9, nodes: 99 }).unwrap().canonical();
//! #     let sig = hex::text(&key.sign(&message).to_bytes());
//! #     format!(r#"{{"signatures":[{{"keyid":"k","sig":"{sig}"}}],"signed":{signed}}}"#)
//! # };
//! # let role = r#"{"keyids":["k"],"threshold":1}"#;
//! # let root = sign("root", &format!(
//! #     r#""consistent_snapshot":true,"keys":{{"k":{{"keytype":"ed25519","scheme":"ed25519",
//! #     "keyval":{{"public":"{public}"}}}}}},
//! #     "roles":{{"root":{role},"timestamp":{role},"snapshot":{role},"targets":{role}}}"#
//! # ));
//! # let hash = "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed";
//! # let targets = sign("targets", &format!(
//! #     r#""targets":{{"se/cards.filter":{{"length":3,"hashes":{{"sha256":"{hash}"}}}}}}"#
//! # ));
//! # let snapshot = sign("snapshot", r#""meta":{"targets.json":{"version":1}}"#);
//! # let timestamp = sign("timestamp", r#""meta":{"snapshot.json":{"version":1}}"#);
//! # let download = |path: &str| match path {
//! #     "metadata/timestamp.json" => Some(timestamp.as_bytes()),
//! #     "metadata/1.snapshot.json" => Some(snapshot.as_bytes()),
//! #     "metadata/1.targets.json" => Some(targets.as_bytes()),
//! #     "targets/se/7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed.cards.filter" => {
//! #         Some(&b"one"[..])
//! #     }
//! #     _ => None,
//! # };
//! # let now = Time::parse("2026-11-22T00:00:00Z").unwrap();
//!
//! let mut client = Client::new(root.as_bytes())?;
//! client.begin(Source::Repository, now, Wanted::All);
//! while let Step::Fetch(request) = client.step() {
//!     let outcome = download(&request.path).map_or(Outcome::NotFound, Outcome::Bytes);
//!     client.supply(outcome)?;
//! }
//! assert_eq!(client.step(), Step::Targets);
//! for (path, target) in client.targets() {
//!     let file = download(&target.path(path, client.consistent_snapshot())).unwrap();
//!     target.verify(file)?;
//! }
//! client.complete();
//! assert_eq!(client.freshness("se/cards.filter", now), Some(Freshness::Fresh));
//! # Ok::<(), interdict_trust::TrustError>(())
//! ```
#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]
#![deny(
    clippy::expect_used,
    clippy::fallible_impl_from,
    clippy::float_arithmetic,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::string_slice,
    clippy::unreachable,
    clippy::unwrap_used,
    reason = "foreign input must never stop the module"
)]
#![cfg_attr(
    not(test),
    deny(
        clippy::arithmetic_side_effects,
        clippy::as_conversions,
        reason = "foreign input must never stop the module"
    ),
    deny(clippy::too_many_lines, reason = "a function is read in one piece")
)]

extern crate alloc;

mod delegations;
mod error;
mod freshness;
mod hashes;
mod limits;
mod metadata;
mod name;
mod role_name;
mod signing;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod workflow;

pub use delegations::Wanted;
pub use error::{Member, TrustError};
pub use freshness::Freshness;
pub use limits::{LIMITS, Limit};
pub use metadata::Target;
pub use name::{encode_for_store, is_plain_path, is_unreserved, percent_encode};
pub use role_name::RoleName;
pub use signing::{Document, Signers};
pub use workflow::{
    Client, FileName, Floor, Kept, MetadataFile, Outcome, Request, Source, Step, Versions,
    metadata_digest, state_digest,
};
