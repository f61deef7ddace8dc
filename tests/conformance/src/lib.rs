//! The module as a plain TUF client of any repository, for the public conformance suite. The command
//! `tuf-client` has the command line that the suite expects; `docs/trust.md` says how to run it.

mod client;

pub use client::{Artifact, ClientError, TufClient, TufRepository};
