use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::IS_FULL;
use crate::list::descriptor::Descriptor;
use crate::list::error::ListError;
use crate::list::files::Files;
use crate::list::filter::Filter;
use crate::list::header::Header;
use crate::list::part::Part;
use crate::list::records::Records;
use crate::list::stash::Stash;

/// One release of one list, checked and ready for look-ups. Never edited: a new release is a new value,
/// which may share its base with the one before. A clone shares everything.
#[derive(Debug, Clone)]
pub struct BlockList {
    header: Header,
    pub(super) base: Arc<Base>,
    pub(super) stash: Option<Arc<Stash>>,
}

/// The base release: filter and records, to which a stash applies.
#[derive(Debug)]
pub(super) struct Base {
    header: Header,
    digest: [u8; 32],
    pub(super) filter: Filter,
    pub(super) records: Option<Records>,
}

impl BlockList {
    /// Checks a release and makes it ready for look-ups.
    ///
    /// # Errors
    /// The first rule of `docs/format.md` that is broken.
    pub fn load(descriptor: &Descriptor, files: Files) -> Result<Self, ListError> {
        descriptor.header.check()?;
        let header = descriptor.part_header(Part::Filter);
        let filter = Filter::decode(files.filter, &header)?;
        let records = match (files.records, &descriptor.records) {
            (Some(file), Some(_)) if IS_FULL => Some(Records::decode(file, &header)?),
            (None, None) => None,
            _ => return Err(ListError::PartMissing),
        };
        let base = Base {
            digest: descriptor.base_digest(),
            header,
            filter,
            records,
        };
        if IS_FULL
            && let Some(records) = &base.records
            && !base.filter.hit_by_all(records.tags())
        {
            return Err(ListError::RecordNotInFilter);
        }
        Self::of(descriptor, Arc::new(base), files.stash)
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
        Self::of(descriptor, Arc::clone(&self.base), stash)
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
    ) -> Result<Self, ListError> {
        if stash.is_some() != descriptor.stash.is_some() {
            return Err(ListError::PartMissing);
        }
        let header = descriptor.header.clone();
        let stash = stash
            .filter(|_| IS_FULL)
            .map(|file| Stash::decode(file, &header, &base.digest).map(Arc::new))
            .transpose()?;
        Ok(Self {
            header,
            base,
            stash,
        })
    }

    /// The header of the release.
    #[must_use]
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// Number of records of the base without test entries; `None` for a list that is a filter only.
    #[must_use]
    pub fn record_count(&self) -> Option<usize> {
        self.base.records.as_ref().map(Records::count)
    }

    /// Number of changes since the base.
    #[must_use]
    pub fn change_count(&self) -> usize {
        self.stash.as_ref().map_or(0, |stash| stash.count())
    }
}
