use std::sync::Arc;

use crate::list::descriptor::Descriptor;
use crate::list::error::ListError;
use crate::list::files::Files;
use crate::list::filter::Filter;
use crate::list::header::Header;
use crate::list::part::Part;
use crate::list::records::{LoadedPages, Records, RecordsMode};
use crate::list::stash::Stash;

/// One release of one list, checked and ready for look-ups. Never edited: a new release is a new value,
/// which may share its base with the one before. A clone shares everything.
#[derive(Debug, Clone)]
pub struct BlockList {
    header: Header,
    pub(super) base: Arc<Base>,
    pub(super) stash: Option<Arc<Stash>>,
    pub(super) pages: LoadedPages,
}

/// One page of the records file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page<'l> {
    /// Its index in the page table, from 0.
    pub index: u32,
    /// Byte offset in the records file.
    pub offset: u32,
    /// Length in bytes.
    pub length: u32,
    /// SHA-256, from the signed page table.
    pub sha256: &'l [u8],
}

/// The base release: filter and records, to which a stash applies.
#[derive(Debug)]
pub(super) struct Base {
    header: Header,
    digest: [u8; 32],
    pub(super) mode: RecordsMode,
    pub(super) filter: Filter,
    pub(super) records: Option<Records>,
}

impl BlockList {
    /// Checks a release and makes it ready for look-ups.
    ///
    /// # Errors
    /// The first rule of `docs/format.md` that is broken.
    pub fn load(
        descriptor: &Descriptor,
        files: Files,
        mode: RecordsMode,
    ) -> Result<Self, ListError> {
        descriptor.header.check()?;
        let header = descriptor.part_header(Part::Filter);
        let filter = Filter::decode(files.filter, &header)?;
        let records = match (files.records, &descriptor.records) {
            (Some(file), Some(digest)) => Some(Records::decode(file, &header, digest, mode)?),
            (None, None) => None,
            _ => return Err(ListError::PartMissing),
        };
        let base = Base {
            digest: descriptor.base_digest(),
            header,
            mode,
            filter,
            records,
        };
        let mut tags = base.records.iter().flat_map(Records::tags);
        if !tags.all(|tag| base.filter.hit(tag)) {
            return Err(ListError::RecordNotInFilter);
        }
        drop(tags);
        Self::of(
            descriptor,
            Arc::new(base),
            files.stash,
            LoadedPages::default(),
        )
    }

    /// A newer release of the same base: the live base with another stash, or without one. The base is
    /// shared, not read again.
    ///
    /// # Errors
    /// [`ListError::StashBase`] unless the descriptor names the live base, and errors in the stash.
    pub fn update(
        &self,
        descriptor: &Descriptor,
        stash: Option<Vec<u8>>,
    ) -> Result<Self, ListError> {
        descriptor.header.check()?;
        if !self.has_base_of(descriptor) {
            return Err(ListError::StashBase);
        }
        Self::of(
            descriptor,
            Arc::clone(&self.base),
            stash,
            self.pages.clone(),
        )
    }

    /// Whether a release has the filter and records that are live.
    #[must_use]
    pub fn has_base_of(&self, descriptor: &Descriptor) -> bool {
        self.base.header == descriptor.part_header(Part::Filter)
            && self.base.digest == descriptor.base_digest()
    }

    fn of(
        descriptor: &Descriptor,
        base: Arc<Base>,
        stash: Option<Vec<u8>>,
        pages: LoadedPages,
    ) -> Result<Self, ListError> {
        if stash.is_some() != descriptor.stash.is_some() {
            return Err(ListError::PartMissing);
        }
        let header = descriptor.header.clone();
        let stash = stash
            .map(|file| Stash::decode(file, &header, &base.digest).map(Arc::new))
            .transpose()?;
        Ok(Self {
            header,
            base,
            stash,
            pages,
        })
    }

    /// The header of the release.
    #[must_use]
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// Number of records of the base; `None` for a list that is a filter only.
    #[must_use]
    pub fn record_count(&self) -> Option<usize> {
        self.base.records.as_ref().map(Records::count)
    }

    /// Number of changes since the base.
    #[must_use]
    pub fn change_count(&self) -> usize {
        self.stash.as_ref().map_or(0, |stash| stash.count())
    }

    /// A page of records that is loaded separately; `None` if no such page exists, or if the records are
    /// loaded whole.
    #[must_use]
    pub fn page(&self, index: u32) -> Option<Page<'_>> {
        let records = self.base.records.as_ref();
        let records = records.filter(|_| self.base.mode == RecordsMode::Paged)?;
        let (offset, length) = records.page_range(index)?;
        Some(Page {
            index,
            offset: u32::try_from(offset).ok()?,
            length: u32::try_from(length).ok()?,
            sha256: records.page_sha256(index)?,
        })
    }

    /// The pages that are loaded.
    pub fn loaded_pages(&self) -> impl Iterator<Item = Page<'_>> {
        self.pages.indexes().filter_map(|index| self.page(index))
    }

    /// Checks and adds one page of records.
    ///
    /// # Errors
    /// [`ListError::RecordsPage`] if the bytes are not that page's, and errors in its records.
    pub fn supply_page(&mut self, page: u32, bytes: Vec<u8>) -> Result<(), ListError> {
        let records = self.base.records.as_ref().ok_or(ListError::RecordsPage)?;
        records.check_page(page, &bytes)?;
        if !records
            .page_tags(&bytes)
            .all(|tag| self.base.filter.hit(tag))
        {
            return Err(ListError::RecordNotInFilter);
        }
        self.pages.insert(page, bytes);
        Ok(())
    }
}
