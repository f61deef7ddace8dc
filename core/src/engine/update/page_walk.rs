use crate::list::{ListId, Part};
use crate::trust::Client;

use super::fetch::{ByteRange, Fetch, page_name};
use super::live_release::LiveRelease;

/// A walk for one page of records, begun because a verdict named the page in `pages`.
#[derive(Debug)]
pub(crate) struct PageWalk {
    list: ListId,
    epoch: u32,
    pub(crate) page: u32,
    pub(crate) fetch: Fetch,
}

impl PageWalk {
    /// `None` if no such page exists or the records are loaded whole.
    pub(crate) fn new(live: &LiveRelease, page: u32, client: &Client) -> Option<Self> {
        let header = live.list.header();
        let page = live.list.page(page)?;
        let path = header.part_path(Part::Records);
        let (_, target) = client.live_targets().find(|(other, _)| **other == path)?;
        Some(Self {
            list: header.list.clone(),
            epoch: header.epoch,
            page: page.index,
            fetch: Fetch {
                name: page_name(header, &page),
                path: target.path(&path, client.consistent_snapshot()),
                max_size: page.length,
                range: Some(ByteRange {
                    offset: page.offset,
                    length: page.length,
                }),
            },
        })
    }

    pub(crate) fn is_of(&self, live: &LiveRelease) -> bool {
        let header = live.list.header();
        header.list == self.list && header.epoch == self.epoch
    }
}
