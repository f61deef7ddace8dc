//! The parties that say merchants are listed: who they are, how far each may go, and what of theirs waits
//! for a person.
//!
//! A file is imported under one source, whose limits hold for every row; a file cannot speak for another
//! source. What a source in quarantine newly says waits until a person accepts it. What a feed leaves out
//! is proposed for removal, and a person removes it.

mod accept;
mod change;
mod dropped;
mod own;

pub use accept::{AcceptOptions, AcceptReport, WaitingStatement};
pub use change::{NewSource, Set, SourceChange};
pub use dropped::Dropped;
pub use own::Organisation;
