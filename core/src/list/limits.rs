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

/// The entries of a public filter for this many listed names and decoys: the smallest capacity class that
/// has room for them. The classes are [`MIN_ENTRIES`] times a power of two, up to 10,240,000. A filter keeps
/// its class for a whole public epoch, so that its size tells how many names are listed only to within a
/// factor of two.
///
/// `None` above the largest class.
#[must_use]
pub fn public_capacity(needed: u32) -> Option<u32> {
    let classes = (0..32).map_while(|doubled| MIN_ENTRIES.checked_shl(doubled));
    let mut classes = classes.take_while(|class| *class <= MAX_ENTRIES);
    classes.find(|class| *class >= needed)
}

/// The most hits among so many unlisted tags. A good filter of rate 2^-t exceeds it with probability below
/// 1e-9: the mean, six standard deviations, and six more for small means (Poisson).
pub(super) fn most_hits(tried: u32, t: u32) -> u32 {
    let mean = tried.checked_shr(t).unwrap_or(0);
    let deviations = mean.saturating_add(1).saturating_mul(36).isqrt();
    mean.saturating_add(deviations).saturating_add(6)
}
