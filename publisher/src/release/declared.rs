use std::fmt;

use interdict_core::common::time::Time;
use interdict_core::identifier::Kind;
use interdict_core::list::ListId;

use crate::error::{PublisherError, Result};
use crate::publisher::Publisher;
use crate::register::Deed;

/// The kinds that a list declares: those that a gateway takes for checked if the list is silent about them.
/// They are stated, never worked out from what happens to be listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclaredKinds {
    /// The list.
    pub list: ListId,
    /// In the order of their codes.
    pub kinds: Vec<Kind>,
}

impl Publisher {
    /// The kinds that each list declares.
    ///
    /// # Errors
    /// A register that cannot be read.
    pub fn declared_kinds(&self) -> Result<Vec<DeclaredKinds>> {
        let lists = self.lists()?.into_iter();
        lists
            .map(|list| {
                let kinds = self.register().declared(&list)?;
                Ok(DeclaredKinds { list, kinds })
            })
            .collect()
    }

    /// States which kinds a list declares. Its next release is a new base.
    ///
    /// # Errors
    /// [`PublisherError::NoKinds`], [`PublisherError::KindsListed`] if an entry of the list has another kind,
    /// an unknown list, or a register that cannot be written.
    pub fn declare_kinds(
        &mut self,
        list: Option<&str>,
        kinds: &[Kind],
        now: Time,
    ) -> Result<DeclaredKinds> {
        let _lock = self.directory().lock()?;
        let list = self.one_list(list)?;
        if kinds.is_empty() {
            return Err(PublisherError::NoKinds);
        }
        let change = self.register_mut().change()?;
        change.declare(&list, kinds)?;
        match change.undeclared(&list)? {
            0 => change.commit(&Deed::new("kinds", now))?,
            count => return Err(PublisherError::KindsListed { list, count }),
        }
        let kinds = self.register().declared(&list)?;
        Ok(DeclaredKinds { list, kinds })
    }
}

impl fmt::Display for DeclaredKinds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.kinds.iter().map(|kind| kind.name()).collect();
        writeln!(f, "{}: {}", self.list.as_str(), names.join(","))
    }
}
