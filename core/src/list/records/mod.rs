//! The exact part of a list: how a records file is read, searched, written, and read back by a publisher.

mod content;
mod file;
mod writer;

pub use content::{RecordsContent, read_records};
pub(super) use file::Records;
pub use writer::encode_records;
