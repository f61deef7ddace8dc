use interdict_core::common::time::Time;
use interdict_core::list::is_name;
use interdict_core::trust::RoleName;
use interdict_core::wire::{Enrolment, EnrolmentKey};

use crate::error::{PublisherError, Result};
use crate::publisher::Publisher;
use crate::register::Epoch;

impl Publisher {
    /// Records a member and makes the file it enrols with: the newest root and the list keys of all
    /// live epochs. After a new epoch, every member is added again and gets a newer file.
    ///
    /// # Errors
    /// [`PublisherError::MemberName`], [`PublisherError::RepositoryAddress`].
    pub fn member_add(&mut self, name: &str, repository: &str, now: Time) -> Result<Enrolment> {
        if !is_name(name) {
            return Err(PublisherError::MemberName);
        }
        if !is_address(repository) {
            return Err(PublisherError::RepositoryAddress);
        }
        let root = self
            .register()
            .newest(RoleName::Root)?
            .ok_or(PublisherError::RegisterContent)?;
        let coalition = &self.settings().coalition;
        let lists = self.lists()?;
        let key_files = self.keys();
        let mut keys = Vec::new();
        for Epoch { number, .. } in self.live_epochs()? {
            keys.push(key_files.enrolment_key(number)?);
        }
        let newest = keys.last().map(EnrolmentKey::epoch);
        let newest = newest.ok_or(PublisherError::RegisterContent)?;
        let enrolment = Enrolment::new(coalition, name, repository, &root.bytes, &lists, &keys);
        // All else of it was checked when it came into the register.
        let enrolment = enrolment.map_err(|_| PublisherError::RepositoryAddress)?;
        let change = self.register_mut().change()?;
        change.put_member(name, repository, newest, now)?;
        change.commit()?;
        Ok(enrolment)
    }

    /// Members that were never given the key of the newest epoch, sorted.
    ///
    /// # Errors
    /// A register that cannot be read.
    pub fn members_without_newest_key(&self) -> Result<Vec<String>> {
        let newest = self.epochs()?.last().map_or(0, |epoch| epoch.number);
        let members = self.register().members()?;
        let without = members.into_iter().filter(|(_, epoch)| *epoch < newest);
        Ok(without.map(|(name, _)| name).collect())
    }
}

/// A path may hold spaces, a web address may not.
pub(crate) fn is_address(repository: &str) -> bool {
    let web = repository.strip_prefix("https://");
    let web = web.filter(|host| !host.contains(char::is_whitespace));
    let address = web.or(repository.strip_prefix("file:"));
    address.is_some_and(|rest| !rest.is_empty() && !rest.contains(char::is_control))
}
