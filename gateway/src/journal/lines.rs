use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _};
use std::path::Path;

use super::draft::MAX_LINE;

/// The lines of a file, whatever it holds.
pub(super) struct Lines {
    reader: BufReader<File>,
    offset: u64,
}

/// One line.
pub(super) struct RawLine {
    /// Its bytes without the line feed; of one that is too long for the journal, the beginning.
    pub(super) bytes: Vec<u8>,
    /// Whether a line feed ends it.
    pub(super) is_ended: bool,
    /// Where in the file it starts.
    pub(super) start: u64,
}

impl Lines {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        Ok(Self {
            reader: BufReader::with_capacity(1 << 16, File::open(path)?),
            offset: 0,
        })
    }

    /// The next line; `None` at the end of the file.
    pub(super) fn next(&mut self) -> io::Result<Option<RawLine>> {
        let start = self.offset;
        let mut bytes = Vec::new();
        let most = u64::try_from(MAX_LINE).unwrap_or(u64::MAX);
        let mut length = {
            let mut limited = self.reader.by_ref().take(most);
            limited.read_until(b'\n', &mut bytes)?
        };
        if length == 0 {
            return Ok(None);
        }
        let mut is_ended = bytes.last() == Some(&b'\n');
        if is_ended {
            bytes.pop();
        } else if length == MAX_LINE {
            let (rest, found) = self.skip_line()?;
            length = length.saturating_add(rest);
            is_ended = found;
        }
        self.offset = start.saturating_add(u64::try_from(length).unwrap_or(u64::MAX));
        Ok(Some(RawLine {
            bytes,
            is_ended,
            start,
        }))
    }

    /// Passes over the rest of a line. How long it is, and whether a line feed ends it.
    fn skip_line(&mut self) -> io::Result<(usize, bool)> {
        let mut skipped = 0_usize;
        loop {
            let buffer = self.reader.fill_buf()?;
            if buffer.is_empty() {
                return Ok((skipped, false));
            }
            let end = buffer.iter().position(|byte| *byte == b'\n');
            let count = end.map_or(buffer.len(), |end| end.saturating_add(1));
            self.reader.consume(count);
            skipped = skipped.saturating_add(count);
            if end.is_some() {
                return Ok((skipped, true));
            }
        }
    }
}
