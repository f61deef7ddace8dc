use std::collections::BTreeMap;

use interdict_core::list::{Descriptor, ListId, Provenance};

use crate::error::{PublisherError, Result};
use crate::register::LostReleases;

/// Whether the history of a release is gone.
pub(crate) fn is_lost(release: &Descriptor, lost: &[LostReleases]) -> bool {
    let header = &release.header;
    lost.iter()
        .any(|lost| lost.has(&header.list, header.sequence))
}

/// Compares the heads that releases name with the links of a history. Releases of one list come in order. The
/// history of those that are `lost` is gone.
///
/// # Errors
/// [`PublisherError::HistoryRewritten`].
pub(crate) fn check_heads(
    releases: impl Iterator<Item = Descriptor>,
    links: &[[u8; 32]],
    lost: &[LostReleases],
) -> Result<()> {
    let mut newest: BTreeMap<ListId, usize> = BTreeMap::new();
    for descriptor in releases {
        let head = descriptor.provenance.history;
        if head == Provenance::NO_HISTORY || is_lost(&descriptor, lost) {
            continue;
        }
        let list = descriptor.header.list.clone();
        let least = newest.entry(list.clone()).or_default();
        match links.iter().position(|link| *link == head) {
            Some(place) if place >= *least => *least = place,
            _ => {
                return Err(PublisherError::HistoryRewritten {
                    list,
                    sequence: descriptor.header.sequence,
                });
            }
        }
    }
    Ok(())
}
