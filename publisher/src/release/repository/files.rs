//! Reads the files of a release back, those already published and those about to be, and checks them
//! against what is signed about them.

use interdict_core::common::hex;
use interdict_core::list::{
    Descriptor, Part, PartDigest, RecordsContent, read_records, read_stash,
};

use super::said::Said;
use crate::directory::{Directory, NewFile};
use crate::error::{PublisherError, Result};
use crate::tuf::stored_path;

/// The repository as it will be: new files over what is published.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Repository<'a> {
    pub(crate) directory: &'a Directory,
    pub(crate) new: &'a [NewFile],
}

impl<'a> Repository<'a> {
    /// The repository as it is.
    pub(crate) const fn published(directory: &'a Directory) -> Self {
        Self {
            directory,
            new: &[],
        }
    }

    pub(crate) fn read(&self, path: &str) -> Result<Option<Vec<u8>>> {
        match self.new.iter().find(|file| file.path == path) {
            Some(file) => Ok(Some(file.bytes.clone())),
            None => self.directory.read(path),
        }
    }

    /// A part of a release; `None` unless it is there and the one that was signed.
    pub(crate) fn part(
        &self,
        descriptor: &Descriptor,
        part: Part,
        digest: PartDigest,
    ) -> Result<Option<Vec<u8>>> {
        let path = stored_path(&descriptor.header.part_path(part), &digest.sha256);
        let bytes = self.read(&path)?.filter(|bytes| digest.is_of(bytes));
        if bytes.is_some() {
            return Ok(bytes);
        }
        let kept = self.directory.read_kept(&hex::text(&digest.sha256));
        Ok(kept.filter(|bytes| digest.is_of(bytes)))
    }

    /// All that a release says: the records of its base with its stash over them.
    ///
    /// # Errors
    /// [`PublisherError::Damaged`], [`PublisherError::List`].
    pub(crate) fn says(&self, descriptor: &Descriptor) -> Result<Said> {
        let refused = PublisherError::in_list(&descriptor.header.list);
        let read = |part, digest: PartDigest| {
            let path = stored_path(&descriptor.header.part_path(part), &digest.sha256);
            let file = self.part(descriptor, part, digest)?;
            file.ok_or(PublisherError::Damaged(path))
        };
        let mut base = RecordsContent {
            sources: Vec::new(),
            records: Vec::new(),
        };
        if let Some(digest) = descriptor.records {
            let file = read(Part::Records, digest)?;
            let header = descriptor.part_header(Part::Records);
            base = read_records(&header, file).map_err(refused)?;
        }
        let stash = match descriptor.stash {
            Some(digest) => {
                let file = read(Part::Stash, digest)?;
                Some(read_stash(&descriptor.header, file).map_err(refused)?)
            }
            None => None,
        };
        Ok(Said::of(base, stash))
    }
}
