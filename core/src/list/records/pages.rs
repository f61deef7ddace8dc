use std::sync::Arc;

use crate::list::limits::MAX_PAGES;

/// The pages that were loaded one at a time, at most [`MAX_PAGES`].
#[derive(Debug, Clone, Default)]
pub(in crate::list) struct LoadedPages(Vec<(u32, Arc<Vec<u8>>)>);

impl LoadedPages {
    pub(super) fn get(&self, index: u32) -> Option<&[u8]> {
        let found = self.0.iter().find(|(other, _)| *other == index);
        found.map(|(_, page)| page.as_slice())
    }

    pub(in crate::list) fn indexes(&self) -> impl Iterator<Item = u32> {
        self.0.iter().map(|(index, _)| *index)
    }

    /// Adds a checked page, and drops the oldest if there are too many.
    pub(in crate::list) fn insert(&mut self, index: u32, page: Vec<u8>) {
        self.0.retain(|(other, _)| *other != index);
        if self.0.len() >= MAX_PAGES {
            self.0.remove(0);
        }
        self.0.push((index, Arc::new(page)));
    }
}
