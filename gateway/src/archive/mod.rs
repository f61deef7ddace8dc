//! What a replay needs, kept as long as the gateway wishes: every file that was live, by its digest. Nothing is
//! overwritten, nothing secret goes in, and a fault here stops neither screening nor refreshing.
//!
//! ```text
//! archive/
//!   files/<sha256>               files of releases and their metadata
//!   states/<digest>.json         which of them made up a coalition's state; see `manifest.rs`
//!   states/<digest>.2.json       the same metadata with other lists or keys
//!   policies/<digest>.json       the policy as given to the module
//!   overrides/<sha256>           signed documents
//!   clearances/<sha256>          the same
//!   modules/<sha256>.wasm
//!   timeline.ndjson              what was live when; see `timeline.rs`
//!   lock                         held by the process that is adding something
//! ```

mod compare;
mod couriers;
mod extract;
mod folder;
mod keep;
mod manifest;
mod replay;
mod timeline;

pub(crate) use extract::{documents, extract};
pub(crate) use keep::Archive;
pub use replay::{AsOf, Replayed, Replayer};
