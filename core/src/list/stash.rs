use alloc::vec;
use alloc::vec::Vec;

use crate::common::bytes::Reader;
use crate::token::Tag;

use super::error::ListError;
use super::header::{Edition, Header};
use super::limits::MAX_STASH;
use super::part::Part;
use super::record::{RECORD_SIZE, Record};
use super::sorted::{search, split};
use super::sources::{Source, Sources};

/// Bytes of one change: a tag, and the number of its answer.
const CHANGE: usize = 14;

const LAYOUT: ListError = ListError::Layout(Part::Stash);

/// All changes since the base release. A reader needs only the base and the newest stash, so updates cannot
/// be applied in the wrong order. For a tag in the stash, the stash decides, whatever filter and records
/// say.
///
/// ```text
/// struct Stash {                   // follows the Header
///     u8  base[32];                // SHA-256 of the base filter's SHA-256 || the base records'
///     u16 stride;                  // bytes of one answer, 17 or more
///     u16 source_count;
///     u16 answer_count;
///     u32 change_count;            // at most 65,536
///     Source sources[source_count];
///     struct {
///         Record record;           // `source` is an index into the sources above
///         u8 newer[stride - 17];
///     } answers[answer_count];     // strictly ascending as bytes, each of them used
///     struct {
///         u8  tag[12];             // strictly ascending
///         u16 answer;              // 0 removed, n answers[n - 1]
///     } changes[change_count];
/// };                               // and nothing after it
/// ```
///
/// In a compact list, which has no records, `stride`, `source_count` and `answer_count` are 0, and `answer` is
/// 0 removed or 1 added.
#[derive(Debug)]
pub(super) struct Stash {
    edition: Edition,
    file: Vec<u8>,
    stride: usize,
    sources: Sources,
    /// Offset of the answers.
    answers: usize,
    /// Offset of the changes.
    changes: usize,
}

impl Stash {
    /// Reads a stash and checks it against the descriptor's header and the live base.
    pub(super) fn decode(
        file: Vec<u8>,
        expected: &Header,
        base: &[u8; 32],
    ) -> Result<Self, ListError> {
        let (header, body) = Header::decode(Part::Stash, &file)?;
        if header != *expected {
            return Err(ListError::HeaderMismatch(Part::Stash));
        }
        let mut reader = Reader(file.get(body..).ok_or(LAYOUT)?);
        if reader.array().ok_or(LAYOUT)? != *base {
            return Err(ListError::StashBase);
        }
        let stride = usize::from(reader.u16().ok_or(LAYOUT)?);
        let source_count = reader.u16().ok_or(LAYOUT)?;
        let answer_count = usize::from(reader.u16().ok_or(LAYOUT)?);
        let change_count = reader.u32().ok_or(LAYOUT)?;
        if change_count > MAX_STASH {
            return Err(ListError::StashSize);
        }
        let change_count = usize::try_from(change_count).map_err(|_| LAYOUT)?;
        let sources = Sources::decode(&mut reader, source_count, &header.list, LAYOUT)?;
        let answers = file.len().checked_sub(reader.0.len()).ok_or(LAYOUT)?;
        let answers_size = stride.checked_mul(answer_count).ok_or(LAYOUT)?;
        reader.take(answers_size).ok_or(LAYOUT)?;
        let fits = match expected.edition {
            Edition::Compact => (stride, source_count, answer_count) == (0, 0, 0),
            Edition::Member | Edition::Public => stride >= RECORD_SIZE,
        };
        if !fits || change_count.checked_mul(CHANGE) != Some(reader.0.len()) {
            return Err(LAYOUT);
        }
        let stash = Self {
            edition: expected.edition,
            stride,
            sources,
            answers,
            changes: answers.checked_add(answers_size).ok_or(LAYOUT)?,
            file,
        };
        stash.check(answer_count)?;
        Ok(stash)
    }

    fn check(&self, answer_count: usize) -> Result<(), ListError> {
        // A compact stash has no answers, and no stride.
        let answers = self.answers().chunks_exact(self.stride.max(1));
        if !answers.clone().is_sorted_by(|one, next| one < next) {
            return Err(ListError::StashAnswer);
        }
        for answer in answers {
            Record::load(answer, &self.sources, ListError::StashAnswer)?;
        }
        let changes = self.changes().chunks_exact(CHANGE).filter_map(split);
        if !changes
            .clone()
            .is_sorted_by(|(one, _), (next, _)| one < next)
        {
            return Err(ListError::StashOrder);
        }
        // Of a compact stash, that the tag was added.
        let answer_count = match self.edition {
            Edition::Compact => 1,
            Edition::Member | Edition::Public => answer_count,
        };
        let mut used = vec![false; answer_count];
        for (_, number) in changes {
            if let Some(answer) = answer_index(number).ok_or(LAYOUT)? {
                *used.get_mut(answer).ok_or(ListError::StashAnswer)? = true;
            }
        }
        if self.edition == Edition::Compact || used.iter().all(|used| *used) {
            Ok(())
        } else {
            Err(ListError::StashAnswer)
        }
    }

    /// The change of a tag; `None` if it did not change.
    pub(super) fn get(&self, tag: Tag) -> Option<Change> {
        let number = search(self.changes(), CHANGE, tag)?;
        let Some(index) = answer_index(number)? else {
            return Some(Change::Removed);
        };
        if self.edition == Edition::Compact {
            return Some(Change::Added);
        }
        let start = index.checked_mul(self.stride)?;
        Some(Change::Record(Record::decode(
            self.answers().get(start..)?,
        )?))
    }

    /// The tag of each change, ascending.
    fn tags(&self) -> impl Iterator<Item = Tag> {
        let changes = self.changes().chunks_exact(CHANGE).filter_map(split);
        changes.map(|(tag, _)| tag)
    }

    fn answers(&self) -> &[u8] {
        self.file
            .get(self.answers..self.changes)
            .unwrap_or_default()
    }

    fn changes(&self) -> &[u8] {
        self.file.get(self.changes..).unwrap_or_default()
    }

    pub(super) fn count(&self) -> usize {
        self.changes().len().wrapping_div(CHANGE)
    }

    pub(super) const fn sources(&self) -> &Sources {
        &self.sources
    }
}

/// What a stash says of a tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    /// It is not listed any more.
    Removed,
    /// It is listed, in a list without records.
    Added,
    /// It is listed, with this record.
    Record(Record),
}

/// What a compact stash says of a tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// It is not listed any more.
    Removed,
    /// It is listed.
    Added,
}

/// The content of a stash, for the publisher that builds the next one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changes {
    /// The base, as [`base_digest`](super::Descriptor::base_digest) names it.
    pub base: [u8; 32],
    /// The sources, to which the records refer by index.
    pub sources: Vec<Source>,
    /// The change of each tag, `None` for a removal; in ascending order of tags.
    pub changes: Vec<(Tag, Option<Record>)>,
}

/// Reads the stash of a list with records without checking its base. The caller has compared the file with its digest.
///
/// # Errors
/// The first rule of `docs/format.md` that is broken.
pub fn read_stash(header: &Header, file: Vec<u8>) -> Result<Changes, ListError> {
    let (base, stash) = read(header, file)?;
    let record = |tag| match stash.get(tag)? {
        Change::Removed => Some((tag, None)),
        Change::Record(record) => Some((tag, Some(record))),
        Change::Added => None,
    };
    Ok(Changes {
        base,
        sources: stash.sources.all().to_vec(),
        changes: stash.tags().filter_map(record).collect(),
    })
}

/// What the stash of a compact list says of each tag, ascending.
pub type Marks = Vec<(Tag, Mark)>;

/// Reads the stash of a compact list without checking its base, which is given back with what the stash
/// says of each tag, ascending. The caller has compared the file with its digest.
///
/// # Errors
/// The first rule of `docs/format.md` that is broken.
pub fn read_marks(header: &Header, file: Vec<u8>) -> Result<([u8; 32], Marks), ListError> {
    let (base, stash) = read(header, file)?;
    let mark = |tag| match stash.get(tag)? {
        Change::Removed => Some((tag, Mark::Removed)),
        Change::Added => Some((tag, Mark::Added)),
        Change::Record(_) => None,
    };
    Ok((base, stash.tags().filter_map(mark).collect()))
}

fn read(header: &Header, file: Vec<u8>) -> Result<([u8; 32], Stash), ListError> {
    let (_, body) = Header::decode(Part::Stash, &file)?;
    let base = Reader(file.get(body..).ok_or(LAYOUT)?).array();
    let base = base.ok_or(LAYOUT)?;
    let stash = Stash::decode(file, header, &base)?;
    Ok((base, stash))
}

/// The index of an answer: `Some(None)` for a removal, `None` if the field is cut short.
fn answer_index(number: &[u8]) -> Option<Option<usize>> {
    let number = u16::from_le_bytes(*number.first_chunk()?);
    Some(usize::from(number).checked_sub(1))
}

/// Writes a stash: `changes` since the release whose [`base_digest`](super::Descriptor::base_digest)
/// is `base`, in any order; `None` removes. A record's `source` is an index into `sources`.
///
/// # Errors
/// [`ListError::StashSize`] for more than [`MAX_STASH`] changes, [`ListError::StashOrder`] for a tag
/// given twice, [`ListError::StashAnswer`] for a record out of range, [`ListError::SourceForm`] for sources
/// that do not ascend, [`ListError::SourceCoalition`], and what [`Record::check`] refuses.
pub fn encode_stash(
    header: &Header,
    base: &[u8; 32],
    sources: &[Source],
    changes: &[(Tag, Option<Record>)],
) -> Result<Vec<u8>, ListError> {
    header.check()?;
    let count = u32::try_from(changes.len()).map_err(|_| ListError::StashSize)?;
    let mut sorted: Vec<_> = changes
        .iter()
        .map(|(tag, record)| (*tag, record.map(|record| record.encode())))
        .collect();
    sorted.sort_unstable_by_key(|(tag, _)| *tag);
    let mut answers: Vec<_> = sorted.iter().filter_map(|(_, answer)| *answer).collect();
    answers.sort_unstable();
    answers.dedup();
    let answer_count = u16::try_from(answers.len()).map_err(|_| ListError::StashSize)?;
    let (source_count, source_table) = Sources::encode(sources)?;
    let mut out = header.encode(Part::Stash);
    out.extend_from_slice(base);
    let stride = u16::try_from(RECORD_SIZE).map_err(|_| LAYOUT)?;
    out.extend_from_slice(&stride.to_le_bytes());
    out.extend_from_slice(&source_count.to_le_bytes());
    out.extend_from_slice(&answer_count.to_le_bytes());
    out.extend_from_slice(&count.to_le_bytes());
    out.extend_from_slice(&source_table);
    out.extend(answers.iter().flatten());
    for (tag, answer) in sorted {
        let index = answer.and_then(|answer| answers.binary_search(&answer).ok());
        let number = index.map_or(Some(0), |index| index.checked_add(1));
        let number = number.and_then(|number| u16::try_from(number).ok());
        out.extend_from_slice(&tag.0);
        out.extend_from_slice(&number.ok_or(ListError::StashSize)?.to_le_bytes());
    }
    // Refuse here whatever a reader would refuse.
    Stash::decode(out, header, base).map(|stash| stash.file)
}

/// Writes the stash of a compact list: what became of each tag since the base, in any order.
///
/// # Errors
/// [`ListError::StashSize`] for more than [`MAX_STASH`] changes, [`ListError::StashOrder`] for a tag given
/// twice, and [`ListError::Layout`] for another edition.
pub fn encode_compact_stash(
    header: &Header,
    base: &[u8; 32],
    marks: &[(Tag, Mark)],
) -> Result<Vec<u8>, ListError> {
    header.check()?;
    let count = u32::try_from(marks.len()).map_err(|_| ListError::StashSize)?;
    let mut sorted: Vec<_> = marks.iter().collect();
    sorted.sort_unstable_by_key(|(tag, _)| *tag);
    let mut out = header.encode(Part::Stash);
    out.extend_from_slice(base);
    // No stride, no sources and no answers.
    out.extend_from_slice(&[0; 6]);
    out.extend_from_slice(&count.to_le_bytes());
    for (tag, mark) in sorted {
        let number = match mark {
            Mark::Removed => 0_u16,
            Mark::Added => 1,
        };
        out.extend_from_slice(&tag.0);
        out.extend_from_slice(&number.to_le_bytes());
    }
    // Refuse here whatever a reader would refuse.
    Stash::decode(out, header, base).map(|stash| stash.file)
}
