//! The layout of records and stash, read without the core: to give damaged records matching digests, and to
//! tell which files have only one spelling.

use interdict_core::list::{Header, Part, PartDigest};

/// Bytes of a line of the page table: first tag and SHA-256.
const LINE: usize = 44;

/// Bytes of a tag.
const TAG: usize = 12;

/// Records of a page as the core writes them.
const WRITTEN_PAGE: usize = 2_048;

/// A records file.
#[derive(Debug)]
struct Records {
    body: usize,
    stride: usize,
    page_records: usize,
    table: usize,
    end: usize,
}

impl Records {
    fn of(file: &[u8]) -> Option<Self> {
        let (_, body) = Header::decode(Part::Records, file).ok()?;
        let [stride, sources] = [0, 2].map(|offset| u16_at(file, body + offset));
        let [count, page_records] = [4, 8].map(|offset| u32_at(file, body + offset));
        let page_records = page_records?.max(1);
        let table = after_sources(file, body + 12, sources?)?;
        Some(Self {
            body,
            stride: stride?.max(1),
            page_records,
            table,
            end: table + count?.div_ceil(page_records) * LINE,
        })
    }
}

/// Gives records a matching page table, so that faults of the records themselves are found. Bytes without
/// a page table stay unchanged.
pub fn reseal(file: &mut [u8]) {
    let Some(records) = Records::of(file) else {
        return;
    };
    let Some((head, body)) = file.split_at_mut_checked(records.end) else {
        return;
    };
    let lines = (records.table..records.end).step_by(LINE);
    let pages = body.chunks(records.stride.saturating_mul(records.page_records));
    for (line, page) in lines.zip(pages) {
        seal(head, line, page);
    }
}

/// The records of a valid file, page by page.
pub fn pages(file: &[u8]) -> impl Iterator<Item = &[u8]> {
    let records = Records::of(file).expect("valid records");
    file[records.end..].chunks(records.stride * records.page_records)
}

/// A valid file in which other bytes replace one page, and if `sealed`, their digest the one in the table.
#[must_use]
pub fn with_page(file: &[u8], index: u8, page: &[u8], sealed: bool) -> Vec<u8> {
    let records = Records::of(file).expect("valid records");
    let mut head = file[..records.end].to_vec();
    let line = records.table + usize::from(index) * LINE;
    if sealed && line < records.end {
        seal(&mut head, line, page);
    }
    let mut pages: Vec<_> = pages(file).collect();
    if let Some(place) = pages.get_mut(usize::from(index)) {
        *place = page;
    }
    [head, pages.concat()].concat()
}

fn seal(head: &mut [u8], line: usize, page: &[u8]) {
    if let (Some(first), Ok(digest)) = (page.get(..TAG), PartDigest::of(page)) {
        head[line..line + TAG].copy_from_slice(first);
        head[line + TAG..line + LINE].copy_from_slice(&digest.sha256);
    }
}

/// The same records in another layout: each `stride` bytes wide, so many to a page.
#[must_use]
pub fn relaid(file: &[u8], stride: u16, page_records: u32) -> Vec<u8> {
    let records = Records::of(file).expect("valid records");
    let body: Vec<_> = file[records.end..]
        .chunks_exact(records.stride)
        .flat_map(|record| {
            let mut record = record.to_vec();
            record.resize(usize::from(stride), 0xA5);
            record
        })
        .collect();
    let pages = (body.len() / usize::from(stride)).div_ceil(page_records as usize);
    let mut out = file[..records.table].to_vec();
    out[records.body..records.body + 2].copy_from_slice(&stride.to_le_bytes());
    out[records.body + 8..records.body + 12].copy_from_slice(&page_records.to_le_bytes());
    out.resize(records.table + pages * LINE, 0);
    out.extend(body);
    reseal(&mut out);
    out
}

/// Whether the core would write these accepted records the same way, so that nothing in them is ignored.
#[must_use]
pub fn records_are_plain(file: &[u8]) -> bool {
    Records::of(file).is_some_and(|records| {
        let known = |record: &[u8]| known_words(&record[TAG..]);
        no_extension(file)
            && (records.stride, records.page_records) == (28, WRITTEN_PAGE)
            && file[records.end..].chunks_exact(28).all(known)
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
        let known = file.get(start..start + 16 * count?)?.chunks_exact(16);
        (stride == Some(16)).then_some(known)
    };
    no_extension(file) && answers().is_some_and(|mut answers| answers.all(known_words))
}

/// The ignorable flags, without which a header has no extension.
fn no_extension(file: &[u8]) -> bool {
    file.get(16..20) == Some(&[0; 4])
}

/// Actions and categories that this version has a word for; any other is read as one of these.
fn known_words(record: &[u8]) -> bool {
    (1..=4).contains(&record[0]) && record[1] <= 3
}

fn after_sources(file: &[u8], start: usize, count: usize) -> Option<usize> {
    (0..count).try_fold(start, |at, _| Some(at + 1 + usize::from(*file.get(at)?)))
}

fn u16_at(file: &[u8], at: usize) -> Option<usize> {
    let field = file.get(at..)?.first_chunk()?;
    Some(usize::from(u16::from_le_bytes(*field)))
}

fn u32_at(file: &[u8], at: usize) -> Option<usize> {
    let field = file.get(at..)?.first_chunk()?;
    usize::try_from(u32::from_le_bytes(*field)).ok()
}
