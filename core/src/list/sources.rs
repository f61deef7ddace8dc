use crate::common::bytes::Reader;

use super::error::ListError;

/// The source ids of one file; its records refer to them by index.
///
/// ```text
/// struct { u8 size; u8 id[size]; } sources[source_count];   // strictly ascending
/// ```
#[derive(Debug)]
pub(super) struct Sources(Vec<String>);

impl Sources {
    pub(super) fn decode(reader: &mut Reader<'_>, count: u16) -> Option<Self> {
        let mut sources: Vec<String> = Vec::new();
        for _ in 0..count {
            let size = usize::from(reader.u8()?);
            let id = core::str::from_utf8(reader.take(size)?).ok()?;
            let ascends = sources.last().is_none_or(|last| last.as_str() < id);
            sources.push((ascends && is_source_id(id)).then(|| id.to_owned())?);
        }
        Some(Self(sources))
    }

    /// The number of sources and the bytes of the table.
    pub(super) fn encode(sources: &[String]) -> Result<(u16, Vec<u8>), ListError> {
        let count = u16::try_from(sources.len()).map_err(|_| ListError::RecordField)?;
        let mut out = Vec::new();
        for source in sources {
            out.push(u8::try_from(source.len()).map_err(|_| ListError::RecordField)?);
            out.extend_from_slice(source.as_bytes());
        }
        Ok((count, out))
    }

    pub(super) fn get(&self, index: u16) -> Option<&str> {
        self.0.get(usize::from(index)).map(String::as_str)
    }

    pub(super) fn ids(&self) -> &[String] {
        &self.0
    }
}

/// Whether a text is a source id: 1 to 40 lower-case letters, digits, dots and hyphens. A source has the
/// same id in every coalition, so that two lists that repeat it count once.
#[must_use]
pub fn is_source_id(text: &str) -> bool {
    (1..=40).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'.' || b == b'-')
}
