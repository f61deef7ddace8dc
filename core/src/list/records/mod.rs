//! The exact part of a list: how a records file is read, searched, written, and read back by a publisher.

mod content;
mod file;
mod head;
mod pages;
mod writer;

pub use content::{RecordsContent, read_records};
pub use file::RecordsMode;
pub(super) use file::{RecordSearch, Records};
pub(super) use pages::LoadedPages;
pub use writer::encode_records;
