use std::collections::BTreeMap;

use interdict_core::list::{Descriptor, ListId, Provenance};

use crate::error::{PublisherError, Result};

/// Compares the heads that releases name with the links of a history. Releases of one list come in order.
///
/// # Errors
/// [`PublisherError::HistoryRewritten`].
pub(crate) fn check_heads(
    releases: impl Iterator<Item = Descriptor>,
    links: &[[u8; 32]],
) -> Result<()> {
    let mut newest: BTreeMap<ListId, usize> = BTreeMap::new();
    for descriptor in releases {
        let head = descriptor.provenance.history;
        if head == Provenance::NO_HISTORY {
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
