use alloc::borrow::ToOwned as _;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::common::bytes::Reader;
use crate::identifier::holds_card_number;

use super::error::ListError;
use super::header::{ListId, is_name};

/// A party that says merchants are listed.
///
/// ```text
/// struct Source {
///     u8 id_size;                  // at most 73
///     u8 id[id_size];              // COALITION.NAME: the coalition of the file's list, and a name
///     u8 origin_size;              // at most 40
///     u8 origin[origin_size];      // the party's one name in every coalition
/// };
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Source {
    id: String,
    origin: String,
}

/// The sources of one file, strictly ascending by id; its records refer to them by index.
#[derive(Debug)]
pub(super) struct Sources(Vec<Source>);

impl Source {
    /// A source of a list's own coalition. Its name is 1 to 40 lower-case letters, digits, dots and hyphens,
    /// and so is its origin.
    ///
    /// # Errors
    /// [`ListError::SourceForm`].
    pub fn new(list: &ListId, name: &str, origin: &str) -> Result<Self, ListError> {
        if is_source_name(name) && is_source_name(origin) {
            Ok(Self {
                id: format!("{}.{name}", list.coalition()),
                origin: origin.to_owned(),
            })
        } else {
            Err(ListError::SourceForm)
        }
    }

    /// `COALITION.NAME`. Only that coalition writes it, so nobody speaks in another's name.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The party's one name in every coalition. Sources of one origin are one voice, however many lists
    /// repeat what it says.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    fn parse(list: &ListId, id: &str, origin: &str) -> Result<Self, ListError> {
        let (coalition, name) = id.split_once('.').ok_or(ListError::SourceForm)?;
        if is_name(coalition) && coalition != list.coalition() {
            return Err(ListError::SourceCoalition);
        }
        let source = Self::new(list, name, origin)?;
        if source.id == id {
            Ok(source)
        } else {
            Err(ListError::SourceForm)
        }
    }
}

impl Sources {
    /// Reads the table of a file of this list. `cut` is the error for one that ends early.
    pub(super) fn decode(
        reader: &mut Reader<'_>,
        count: u16,
        list: &ListId,
        cut: ListError,
    ) -> Result<Self, ListError> {
        let mut sources: Vec<Source> = Vec::new();
        for _ in 0..count {
            let id = text(reader, cut)?;
            let source = Source::parse(list, id, text(reader, cut)?)?;
            if sources.last().is_some_and(|last| last.id >= source.id) {
                return Err(ListError::SourceForm);
            }
            sources.push(source);
        }
        Ok(Self(sources))
    }

    /// The number of sources and the bytes of the table.
    pub(super) fn encode(sources: &[Source]) -> Result<(u16, Vec<u8>), ListError> {
        let count = u16::try_from(sources.len()).map_err(|_| ListError::RecordField)?;
        let mut out = Vec::new();
        let texts = sources
            .iter()
            .flat_map(|source| [&source.id, &source.origin]);
        for text in texts {
            out.push(u8::try_from(text.len()).map_err(|_| ListError::SourceForm)?);
            out.extend_from_slice(text.as_bytes());
        }
        Ok((count, out))
    }

    pub(super) fn get(&self, index: u16) -> Option<&Source> {
        self.0.get(usize::from(index))
    }

    /// The source of a loaded record. Loading checked the index; a record is never dropped over it.
    pub(super) fn of(&self, index: u16) -> &Source {
        static NOBODY: Source = Source {
            id: String::new(),
            origin: String::new(),
        };
        self.get(index).unwrap_or(&NOBODY)
    }

    pub(super) fn all(&self) -> &[Source] {
        &self.0
    }
}

fn text<'f>(reader: &mut Reader<'f>, cut: ListError) -> Result<&'f str, ListError> {
    let size = usize::from(reader.u8().ok_or(cut)?);
    let bytes = reader.take(size).ok_or(cut)?;
    core::str::from_utf8(bytes).map_err(|_| ListError::SourceForm)
}

/// Whether a text can be a source's name or its origin: 1 to 40 lower-case letters, digits, dots and
/// hyphens, without a card-shaped run, because verdicts show it.
#[must_use]
pub fn is_source_name(text: &str) -> bool {
    (1..=40).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'.' || b == b'-')
        && !holds_card_number(text)
}
