//! A text's lines, numbered as an editor does, whatever ends them: LF, CR LF or CR.

use std::io::BufRead;
use std::path::Path;

use super::limits::MAX_LINE;
use crate::error::{FileError, PublisherError, Result};

pub(super) struct Lines<R> {
    text: R,
    line: Vec<u8>,
    number: u64,
    /// The line before ended with CR: an LF that follows belongs to it.
    after_cr: bool,
}

impl<R: BufRead> Lines<R> {
    pub(super) const fn new(text: R) -> Self {
        Self {
            text,
            line: Vec::new(),
            number: 0,
            after_cr: false,
        }
    }

    /// The next line and its number.
    pub(super) fn next(&mut self) -> Result<Option<(u64, &[u8])>> {
        self.line.clear();
        let mut any = false;
        loop {
            let buffer = match self.text.fill_buf() {
                Ok(buffer) => buffer,
                Err(error) => return Err(unreadable(error)),
            };
            let skipped = usize::from(self.after_cr && buffer.first() == Some(&b'\n'));
            let part = buffer.get(skipped..).unwrap_or_default();
            if buffer.is_empty() {
                break;
            }
            self.after_cr = false;
            let end = part.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
            let text = part.get(..end.unwrap_or(part.len())).unwrap_or_default();
            self.line.extend_from_slice(text);
            any |= !part.is_empty();
            let read = skipped
                .saturating_add(text.len())
                .saturating_add(usize::from(end.is_some()));
            self.after_cr = end.is_some_and(|end| part.get(end) == Some(&b'\r'));
            self.text.consume(read);
            if self.line.len() > MAX_LINE {
                let line = self.number.saturating_add(1);
                return Err(FileError::LongLine { line }.into());
            }
            if end.is_some() {
                break;
            }
        }
        if !any {
            return Ok(None);
        }
        self.number = self.number.saturating_add(1);
        Ok(Some((self.number, &self.line)))
    }
}

/// The copy of the file could not be read.
pub(super) fn unreadable(error: std::io::Error) -> PublisherError {
    PublisherError::at(Path::new("the imported file"))(error)
}
