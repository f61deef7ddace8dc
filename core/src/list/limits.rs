//! The limits of this room: what a list may be, and how much of one is read or held.

/// The only format major this version reads and writes.
pub const FORMAT_MAJOR: u16 = 1;

/// Padding floor: below it a filter's own overhead spoils its rate (DESIGN: measured 870 times too
/// many hits at 1,000 entries) and its size tells how many merchants are listed.
pub const MIN_ENTRIES: u32 = 10_000;

/// What fits the module's declared memory twice over at the largest rate.
pub const MAX_ENTRIES: u32 = 20_000_000;

/// Integers in messages stay below this, so that JavaScript reads them exactly.
pub(super) const MAX_SEQUENCE: u64 = (1 << 53) - 1;

/// Changes a stash may hold: about a megabyte, far beyond where a new base costs less to fetch.
pub const MAX_STASH: u32 = 65_536;

/// Records of a page: 56 KiB, what a small host holds many of and a page table few of.
pub(super) const PAGE_RECORDS: u32 = 2_048;

/// Most records of a page a reader takes: a page of them is what a host holds at once.
pub(super) const MAX_PAGE_RECORDS: u32 = 65_536;

/// Pages held at once: more than the names of one request can need (32 identifiers of 6 names).
pub(super) const MAX_PAGES: usize = 256;
