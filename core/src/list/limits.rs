//! The limits of lists: how large a list may be, and how much of one is read or held.

/// The only format major this version reads and writes.
pub const FORMAT_MAJOR: u16 = 1;

/// Fewest entries of a list, padding included. A smaller filter misses its rate (870 times too many hits
/// were measured at 1,000 entries), and its size would reveal how many merchants are listed.
pub const MIN_ENTRIES: u32 = 10_000;

/// Most entries of a list: twice this fits the module's declared memory at the largest rate.
pub const MAX_ENTRIES: u32 = 20_000_000;

/// Largest sequence: the largest integer that JavaScript reads exactly from a message.
pub(super) const MAX_SEQUENCE: u64 = (1 << 53) - 1;

/// Most changes in a stash: about a megabyte. A new base costs less to fetch long before that.
pub const MAX_STASH: u32 = 65_536;
