//! Tags that stand for nothing and hide how much a filter lists.

use interdict_core::list::MIN_ENTRIES;
use interdict_core::token::Tag;

/// Decoys a filter has at least, however full its capacity class is.
pub(crate) const MIN_DECOYS: usize = 256;

/// Makes the tags that stand for nothing.
pub(crate) struct Decoys([u8; 32]);

impl Decoys {
    pub(super) const fn new(secret: [u8; 32]) -> Self {
        Self(secret)
    }

    /// The first `count` decoys of a list and epoch. Always the same ones: of filters with differing
    /// decoys the common part would be the list itself.
    pub(crate) fn tags(&self, list: &str, epoch: u32, count: usize) -> Vec<Tag> {
        self.stream(list, epoch, "", count)
    }

    /// The first `count` decoys of a list's compact edition and epoch.
    pub(crate) fn compact_tags(&self, list: &str, epoch: u32, count: usize) -> Vec<Tag> {
        self.stream(list, epoch, "compact", count)
    }

    /// The first `count` decoys of a list and public epoch.
    pub(crate) fn public_tags(&self, list: &str, epoch: u32, count: usize) -> Vec<Tag> {
        self.stream(list, epoch, "public", count)
    }

    fn stream(&self, list: &str, epoch: u32, edition: &str, count: usize) -> Vec<Tag> {
        let mut hasher = blake3::Hasher::new_keyed(&self.0);
        hasher.update(list.as_bytes());
        hasher.update(&[0]);
        hasher.update(&epoch.to_le_bytes());
        hasher.update(edition.as_bytes());
        let mut stream = hasher.finalize_xof();
        let mut next = || {
            let mut tag = Tag([0; 12]);
            stream.fill(&mut tag.0);
            tag
        };
        (0..count).map(|_| next()).collect()
    }
}

impl std::fmt::Debug for Decoys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Decoys(secret)")
    }
}

/// Entries a filter is sized for: the listed ones and at least a sixteenth or [`MIN_DECOYS`] decoys,
/// rounded up to 4, 5, 6 or 7 quarters of 10,000 times a power of two. The filter then tells how
/// many merchants are listed only to within a class of 14 to 25 %, and a few more seldom change it.
/// (Who may download the records can count them.)
pub(crate) fn capacity(listed: usize) -> Option<usize> {
    let needed = listed.checked_add(listed.div_euclid(16).max(MIN_DECOYS))?;
    let mut quarter = usize::try_from(MIN_ENTRIES).ok()?.div_euclid(4);
    loop {
        for quarters in 4..8_usize {
            let class = quarter.checked_mul(quarters)?;
            if class >= needed {
                return Some(class);
            }
        }
        quarter = quarter.checked_mul(2)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capacity_leaves_room_and_changes_in_steps() {
        for (listed, entries) in [
            (0, 10_000),
            (9_411, 10_000),
            (9_744, 12_500),
            (11_764, 12_500),
            (12_000, 15_000),
            (17_000, 20_000),
            (18_830, 25_000),
        ] {
            assert_eq!(capacity(listed), Some(entries), "{listed}");
        }
        assert_eq!(capacity(usize::MAX), None);
    }
}
