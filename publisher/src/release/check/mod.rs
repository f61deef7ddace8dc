//! What must hold before a release goes out.
//!
//! The engine that gateways run proves it. Two gateways update to the new files, file by file through
//! `begin` and `supply`: one that was enrolled on the first day and has what is published now, and one
//! that enrols today and has nothing. A release that either of them does not load whole never goes out,
//! and neither does one that answers otherwise than the register. The same holds for a browser with the
//! public edition.

mod answers;
mod clients;

pub(crate) use answers::Turn;
