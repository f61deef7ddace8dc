use std::fs;
use std::path::Path;

use interdict_core::common::time::Time;
use interdict_core::list::is_name;
use interdict_core::trust::RoleName;
use interdict_core::wire::{Enrolment, EnrolmentKey, EnrolmentParts};

use super::seal::{MAX_RECIPIENTS, check_recipient};
use crate::directory::write_secret;
use crate::error::{PublisherError, Result};
use crate::publisher::Publisher;
use crate::register::{CompactEdition, Deed, Epoch, Member, MemberEdition, SealedFile};

/// A member to record, new or known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewMember<'a> {
    /// 1 to 32 lower-case letters, digits and inner hyphens.
    pub name: &'a str,
    /// Where it finds the repository.
    pub repository: &'a str,
    /// The public half of its gateway's key pair, `age1…`: from then on its keys are sealed to it. `None`:
    /// its file holds the keys, and somebody hands over a newer file for each epoch.
    pub recipient: Option<&'a str>,
    /// Which edition its gateways take. `None`: the one it has, or for a new member `member`.
    pub edition: Option<MemberEdition>,
}

/// What a member who was removed still has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Removed {
    /// The epochs in use whose keys it was given, oldest first. It reads their lists until they end.
    pub epochs: Vec<u32>,
}

impl<'a> NewMember<'a> {
    /// A member who is handed its keys.
    #[must_use]
    pub const fn by_hand(name: &'a str, repository: &'a str) -> Self {
        Self {
            name,
            repository,
            recipient: None,
            edition: None,
        }
    }
}

impl Publisher {
    /// Records a member and makes the file it enrols with: the newest root, and the list keys of all epochs
    /// in use unless the member has a recipient. Then the next release seals the keys to it.
    ///
    /// # Errors
    /// [`PublisherError::MemberName`], [`PublisherError::RepositoryAddress`],
    /// [`PublisherError::Recipient`], [`PublisherError::MemberSealed`],
    /// [`PublisherError::TooManyRecipients`], [`PublisherError::NoCompactEdition`].
    pub fn member_add(&mut self, new: &NewMember<'_>, now: Time) -> Result<Enrolment> {
        let _lock = self.directory().lock()?;
        let (member, enrolment) = self.enrolled(new)?;
        self.put_member(&member, now)?;
        Ok(enrolment)
    }

    /// Does the same and writes the enrolment to a file, readable by its owner alone. The file is written
    /// first: a member is recorded only if there is something to hand over.
    ///
    /// # Errors
    /// As [`Publisher::member_add`]; [`PublisherError::FileExists`], or a file that cannot be written.
    pub fn member_add_to(
        &mut self,
        file: &Path,
        new: &NewMember<'_>,
        now: Time,
    ) -> Result<Enrolment> {
        let _lock = self.directory().lock()?;
        let (member, enrolment) = self.enrolled(new)?;
        write_secret(file, &enrolment.to_bytes())?;
        let recorded = self.put_member(&member, now);
        recorded.inspect_err(|error| match error {
            // The member is recorded, or may be.
            PublisherError::Unfinished(_) | PublisherError::HalfWritten(_) => {}
            _ => {
                let _ = fs::remove_file(file);
            }
        })?;
        Ok(enrolment)
    }

    fn put_member(&mut self, member: &Member, now: Time) -> Result<()> {
        let change = self.register_mut().change()?;
        change.put_member(member, now)?;
        change.commit(&Deed::new("member add", now))
    }

    /// What is recorded of a member, and the file that it enrols with.
    fn enrolled(&self, new: &NewMember<'_>) -> Result<(Member, Enrolment)> {
        if !is_name(new.name) {
            return Err(PublisherError::MemberName);
        }
        if !is_address(new.repository) {
            return Err(PublisherError::RepositoryAddress);
        }
        self.check_recipient_of(new)?;
        let keys = match new.recipient {
            Some(_) => Vec::new(),
            None => self.keys_in_use()?,
        };
        let edition = self.edition_of(new)?;
        let enrolment = self.enrolment(new, edition, &keys)?;
        let member = Member {
            name: new.name.to_owned(),
            edition,
            repository: new.repository.to_owned(),
            recipient: new.recipient.map(str::to_owned),
            epoch: keys.last().map_or(0, EnrolmentKey::epoch),
        };
        Ok((member, enrolment))
    }

    /// Removes a member: no key made from now on is sealed to it. It keeps what it was given.
    ///
    /// # Errors
    /// [`PublisherError::UnknownMember`].
    pub fn member_remove(&mut self, name: &str, now: Time) -> Result<Removed> {
        let _lock = self.directory().lock()?;
        let mut members = self.register().members()?.into_iter();
        let member = members.find(|member| member.name == name);
        let member = member.ok_or(PublisherError::UnknownMember)?;
        let sealed = self.register().sealed_keys()?;
        let known = self.epochs()?;
        let epochs = known
            .iter()
            .filter(|epoch| epoch.is_live() && has_key(&member, epoch, &sealed));
        let epochs = epochs.map(|epoch| epoch.number).collect();
        let change = self.register_mut().change()?;
        change.delete_member(name)?;
        change.commit(&Deed::new("member remove", now))?;
        Ok(Removed { epochs })
    }

    /// The members, sorted by name.
    ///
    /// # Errors
    /// A register that cannot be read.
    pub fn members(&self) -> Result<Vec<Member>> {
        self.register().members()
    }

    /// Members by hand that were never given the key of the newest epoch, sorted.
    ///
    /// # Errors
    /// A register that cannot be read.
    pub fn members_without_newest_key(&self) -> Result<Vec<String>> {
        let newest = self.epochs()?.last().map_or(0, |epoch| epoch.number);
        let members = self.register().members()?.into_iter();
        let without = members.filter(|member| member.recipient.is_none() && member.epoch < newest);
        Ok(without.map(|member| member.name).collect())
    }

    /// Whoever has a recipient keeps one: without it, its gateway would miss the next key.
    fn check_recipient_of(&self, new: &NewMember<'_>) -> Result<()> {
        let members = self.register().members()?;
        let Some(recipient) = new.recipient else {
            let sealed = |member: &Member| member.name == new.name && member.recipient.is_some();
            return match members.iter().any(sealed) {
                true => Err(PublisherError::MemberSealed),
                false => Ok(()),
            };
        };
        check_recipient(recipient)?;
        let others = members
            .iter()
            .filter(|member| member.name != new.name && member.recipient.is_some());
        if others.count().saturating_add(1) >= MAX_RECIPIENTS {
            return Err(PublisherError::TooManyRecipients);
        }
        Ok(())
    }

    fn edition_of(&self, new: &NewMember<'_>) -> Result<MemberEdition> {
        let mut known = self.register().members()?.into_iter();
        let known = known.find(|member| member.name == new.name);
        let edition = new.edition.or(known.map(|member| member.edition));
        let edition = edition.unwrap_or(MemberEdition::Member);
        let none = self.register().compact()? == CompactEdition::No;
        if edition == MemberEdition::Compact && none {
            return Err(PublisherError::NoCompactEdition);
        }
        Ok(edition)
    }

    fn keys_in_use(&self) -> Result<Vec<EnrolmentKey>> {
        let epochs = self.epochs()?.into_iter().filter(Epoch::is_live);
        epochs
            .map(|epoch| self.keys().enrolment_key(epoch.number))
            .collect()
    }

    fn enrolment(
        &self,
        new: &NewMember<'_>,
        edition: MemberEdition,
        keys: &[EnrolmentKey],
    ) -> Result<Enrolment> {
        let root = self
            .register()
            .newest(RoleName::Root)?
            .ok_or(PublisherError::RegisterContent)?;
        let enrolment = Enrolment::new(&EnrolmentParts {
            coalition: &self.settings().coalition,
            member: new.name,
            edition: edition.edition(),
            repository: new.repository,
            root: &root.bytes,
            lists: &self.lists()?,
            recipient: new.recipient,
            keys,
        });
        // All else of it was checked when it came into the register.
        enrolment.map_err(|_| PublisherError::RepositoryAddress)
    }
}

/// Whether a member was given an epoch's key: by hand, or by a sealed file that was published.
pub(super) fn has_key(member: &Member, epoch: &Epoch, sealed: &[SealedFile]) -> bool {
    match &member.recipient {
        None => epoch.number <= member.epoch,
        Some(recipient) => sealed
            .iter()
            .any(|file| file.epoch == epoch.number && file.recipients.contains(recipient)),
    }
}

/// Whether a repository's address is one that a file may be made with: a path, or a web address. A path may
/// hold spaces, a web address may not.
pub(crate) fn is_address(repository: &str) -> bool {
    let web = repository.strip_prefix("https://");
    let web = web.filter(|host| !host.contains(char::is_whitespace));
    let address = web.or(repository.strip_prefix("file:"));
    let is_address =
        address.is_some_and(|rest| !rest.is_empty() && !rest.contains(char::is_control));
    is_address || is_this_machine(repository)
}

/// Whether an address without TLS is of this machine itself, at any port. Enrolments with it are for tests on
/// one machine: everywhere else they lead to another repository, or to none.
#[must_use]
pub fn is_this_machine(repository: &str) -> bool {
    let Some(rest) = repository.strip_prefix("http://") else {
        return false;
    };
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let hosts = ["127.0.0.1", "localhost", "[::1]"];
    let port = hosts.iter().find_map(|host| authority.strip_prefix(host));
    let is_port = |port: &str| match port.strip_prefix(':') {
        Some(digits) => {
            digits.bytes().all(|digit| digit.is_ascii_digit()) && digits.parse::<u16>().is_ok()
        }
        None => port.is_empty(),
    };
    let is_foreign = |byte: char| byte.is_control() || byte.is_whitespace();
    port.is_some_and(is_port) && !path.contains(is_foreign)
}
