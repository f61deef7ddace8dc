//! The layout of records and stash, read without the core: to tell which files have only one spelling, and
//! to write the same records in another layout.

use interdict_core::list::{Header, Part};

/// Bytes of a tag.
const TAG: usize = 12;

/// A records file.
#[derive(Debug)]
struct Records {
    body: usize,
    stride: usize,
    start: usize,
}

impl Records {
    fn of(file: &[u8]) -> Option<Self> {
        let (_, body) = Header::decode(Part::Records, file).ok()?;
        let [stride, sources] = [0, 2].map(|offset| u16_at(file, body + offset));
        Some(Self {
            body,
            stride: stride?.max(1),
            start: after_sources(file, body + 8, sources?)?,
        })
    }
}

/// The same records, each `stride` bytes wide.
#[must_use]
pub fn relaid(file: &[u8], stride: u16) -> Vec<u8> {
    let records = Records::of(file).expect("valid records");
    let mut out = file[..records.start].to_vec();
    out[records.body..records.body + 2].copy_from_slice(&stride.to_le_bytes());
    for record in file[records.start..].chunks_exact(records.stride) {
        let mut record = record.to_vec();
        record.resize(usize::from(stride), 0xA5);
        out.extend(record);
    }
    out
}

/// Whether the core would write these accepted records the same way, so that nothing in them is ignored.
#[must_use]
pub fn records_are_plain(file: &[u8]) -> bool {
    Records::of(file).is_some_and(|records| {
        let known = |record: &[u8]| known_words(&record[TAG..]);
        no_extension(file)
            && records.stride == 29
            && file[records.start..].chunks_exact(29).all(known)
    })
}

/// The same for an accepted stash.
#[must_use]
pub fn stash_is_plain(file: &[u8]) -> bool {
    let answers = || {
        let (_, header) = Header::decode(Part::Stash, file).ok()?;
        let body = header + 32;
        let [stride, sources, count] = [0, 2, 4].map(|offset| u16_at(file, body + offset));
        let start = after_sources(file, body + 10, sources?)?;
        let known = file.get(start..start + 17 * count?)?.chunks_exact(17);
        (stride == Some(17)).then_some(known)
    };
    no_extension(file) && answers().is_some_and(|mut answers| answers.all(known_words))
}

/// The ignorable flags, without which a header has no extension.
fn no_extension(file: &[u8]) -> bool {
    file.get(16..20) == Some(&[0; 4])
}

/// Actions, categories and labels that this version has a word for; any other is read as one of these.
fn known_words(record: &[u8]) -> bool {
    (1..=4).contains(&record[0]) && record[1] <= 4 && (1..=5).contains(&record[8])
}

fn after_sources(file: &[u8], start: usize, count: usize) -> Option<usize> {
    // Of each source its id and its origin.
    (0..2 * count).try_fold(start, |at, _| Some(at + 1 + usize::from(*file.get(at)?)))
}

fn u16_at(file: &[u8], at: usize) -> Option<usize> {
    let field = file.get(at..)?.first_chunk()?;
    Some(usize::from(u16::from_le_bytes(*field)))
}
