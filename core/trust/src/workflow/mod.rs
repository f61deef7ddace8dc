//! The client workflow (TUF 1.0.34 §5): one update at a time, and the live set it replaces.

mod checks;
mod client;
mod digest;
mod exchange;
mod floor;
mod live;
mod next;
mod set;
mod steps;
mod trusted;
mod update;

pub use client::{Client, Versions};
pub use digest::{MetadataFile, metadata_digest, state_digest};
pub use exchange::{FileName, Kept, Outcome, Request, Source, Step};
pub use floor::Floor;
