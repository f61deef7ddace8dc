use interdict_core::trust::RoleName;
use interdict_core::wire::PublicEnrolment;

use crate::error::{PublisherError, Result};
use crate::keys::is_address;
use crate::publisher::Publisher;

impl Publisher {
    /// Makes the file browsers enrol with: the newest root and the keys of the public epochs.
    ///
    /// # Errors
    /// [`PublisherError::NoPublicEdition`], [`PublisherError::RepositoryAddress`].
    pub fn public_enrolment(&self, repository: &str) -> Result<PublicEnrolment> {
        if !is_address(repository) {
            return Err(PublisherError::RepositoryAddress);
        }
        let root = self.register().newest(RoleName::Root)?;
        let root = root.ok_or(PublisherError::RegisterContent)?;
        let (mut lists, mut epochs) = (Vec::new(), Vec::new());
        for list in self.lists()? {
            if let Some(epoch) = self.register().public_epoch(&list)? {
                lists.push(list);
                epochs.push(epoch.number);
            }
        }
        if lists.is_empty() {
            return Err(PublisherError::NoPublicEdition);
        }
        epochs.sort_unstable();
        epochs.dedup();
        let key_files = self.keys();
        let keys = epochs
            .into_iter()
            .map(|epoch| key_files.public_enrolment_key(epoch));
        let keys = keys.collect::<Result<Vec<_>>>()?;
        let coalition = &self.settings().coalition;
        let enrolment = PublicEnrolment::new(coalition, repository, &root.bytes, &lists, &keys);
        // All else of it was checked when it came into the register.
        enrolment.map_err(|_| PublisherError::RepositoryAddress)
    }
}
