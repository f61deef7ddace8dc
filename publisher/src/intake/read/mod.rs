//! Reading files that others wrote: from bytes to rows of named fields.
//!
//! 1. A file is copied once, hashed, and then read row by row, as often as needed. What is held in memory
//!    does not grow with the file; the limits are in [`limits`].
//! 2. Encoding, delimiter, form of dates and scale of confidence are recognised over the whole file. What
//!    could be read in two ways is refused, and the error names the option that settles it ([`Doubt`](crate::Doubt)).
//! 3. A file whose shape is unclear is refused whole; a row that is unclear is refused alone.
//! 4. Every row is either handed on or refused by a rule. What is left out by design (comments, names of
//!    this machine in a hosts file, deleted attributes) is counted in [`Recognised`].

mod column;
mod csv_file;
mod encoding;
mod feeds;
mod format;
mod forms;
mod json_file;
mod lines;
mod mapping;
mod options;
mod recognised;
mod row;
mod rows;
mod spool;
#[cfg(test)]
mod tests;

/// How large what is read may be.
mod limits {
    /// The largest file: sixty million lines of 70 bytes.
    pub(super) const MAX_FILE: u64 = 4 << 30;
    /// The longest line: a row of this program's fields has less than 2,000 bytes.
    pub(super) const MAX_LINE: usize = 1 << 20;
    /// How much of a file stays in memory before it goes to a temporary file.
    pub(super) const IN_MEMORY: usize = 8 << 20;
}

pub use encoding::Encoding;
pub use format::Format;
pub use forms::{ConfidenceScale, DateOrder};
pub use mapping::Mapping;
pub use options::{Delimiter, ReadOptions};
pub use recognised::Recognised;
pub use rows::Progress;

pub(crate) use row::{Field, Fields, LineRow};
pub(crate) use rows::{NoProgress, Reading, Rows};
