use std::io::{self, Write};
use std::path::Path;

use crate::error::{PublisherError, Result};
use crate::register::Row;

/// Where the rows of one format go.
pub(super) trait Writer {
    /// Whether the row is in the file.
    fn row(&mut self, out: &mut dyn Write, row: &Row) -> Result<bool>;

    /// What follows the last row, and how many more rows are in the file.
    fn end(&mut self, out: &mut dyn Write) -> Result<u64>;
}

/// Whether a domain is an address: exactly if it is in brackets or its last label is a number.
pub(super) fn is_address(name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or_default();
    name.starts_with('[') || last.bytes().all(|byte| byte.is_ascii_digit())
}

/// For `map_err` of what is written.
pub(super) fn written() -> impl FnOnce(io::Error) -> PublisherError {
    PublisherError::at(Path::new("the export"))
}
