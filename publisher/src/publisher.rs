use std::path::Path;

use interdict_core::common::time::Time;
use interdict_core::list::{ListId, is_name};
use interdict_core::trust::RoleName;
use interdict_core::wire::{Enrolment, EnrolmentKey};

use crate::directory::Directory;
use crate::error::{PublisherError, Result};
use crate::keys::epoch::Epoch;
use crate::keys::files::{Keys, TestKeys};
use crate::keys::online::metadata_file;
use crate::keys::root::first_root;
use crate::register::database::{Register, Settings};

/// The epoch a coalition starts with.
const FIRST_EPOCH: u32 = 1;

/// The list of a coalition that names none.
const DEFAULT_LIST: &str = "merchants";

/// One coalition's directory: register, keys and repository.
#[derive(Debug)]
pub struct Publisher {
    directory: Directory,
    register: Register,
    keys: Keys,
}

/// How a coalition starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InitOptions {
    /// 1 to 32 lower-case letters, digits and inner hyphens.
    pub coalition: String,
    /// `COALITION/NAME` each; none for one list `COALITION/merchants`.
    pub lists: Vec<String>,
    /// Whether everybody may know the keys.
    pub test_keys: TestKeys,
    /// When the first root is signed.
    pub now: Time,
}

impl Publisher {
    /// Makes register, keys and the first root in a directory that is empty or not there.
    ///
    /// # Errors
    /// [`PublisherError::NotEmpty`], a name that is none, or a directory that cannot be written.
    pub fn init(directory: &Path, options: &InitOptions) -> Result<Self> {
        let coalition = options.coalition.as_str();
        if !is_name(coalition) {
            return Err(PublisherError::CoalitionName);
        }
        Time::from_clock(options.now.seconds()).ok_or(PublisherError::ClockBehind)?;
        let lists = list_ids(coalition, &options.lists)?;
        let directory = Directory::new(directory);
        directory.create()?;
        let keys = Keys::new(&directory, coalition, options.test_keys);
        keys.make_decoy_secret()?;
        keys.make_list_key(FIRST_EPOCH)?;
        let root = first_root(&keys, options.now)?;
        directory.publish(&[metadata_file(RoleName::Root, &root)])?;
        // Last: a directory with a register is one that `init` has finished.
        let settings = Settings {
            coalition: coalition.to_owned(),
            test: options.test_keys,
        };
        let mut register = Register::create(&directory.register(), &settings, &lists, options.now)?;
        let change = register.change()?;
        change.put_metadata(RoleName::Root, root.version, &root.bytes)?;
        change.commit()?;
        Ok(Self {
            directory,
            register,
            keys,
        })
    }

    /// Opens what [`Publisher::init`] made.
    ///
    /// # Errors
    /// [`PublisherError::NotInitialised`], [`PublisherError::RegisterVersion`].
    pub fn open(directory: &Path) -> Result<Self> {
        let directory = Directory::new(directory);
        let path = directory.register();
        if !path.exists() {
            return Err(PublisherError::NotInitialised(directory.path().to_owned()));
        }
        let register = Register::open(&path)?;
        let settings = register.settings()?;
        let keys = Keys::new(&directory, &settings.coalition, settings.test);
        Ok(Self {
            directory,
            register,
            keys,
        })
    }

    /// Where everything lies.
    #[must_use]
    pub const fn directory(&self) -> &Directory {
        &self.directory
    }

    /// Whether everybody may know the keys.
    #[must_use]
    pub const fn test_keys(&self) -> TestKeys {
        self.keys.test()
    }

    /// The coalition's lists, sorted.
    ///
    /// # Errors
    /// A register that cannot be read.
    pub fn lists(&self) -> Result<Vec<ListId>> {
        self.register.lists()
    }

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
            .register
            .newest(RoleName::Root)?
            .ok_or(PublisherError::RegisterContent)?;
        let coalition = self.register.settings()?.coalition;
        let lists = self.lists()?;
        let mut keys = Vec::new();
        for Epoch { number, .. } in self.live_epochs()? {
            keys.push(self.keys.enrolment_key(number)?);
        }
        let newest = keys.last().map(EnrolmentKey::epoch);
        let newest = newest.ok_or(PublisherError::RegisterContent)?;
        let enrolment = Enrolment::new(&coalition, name, repository, &root.bytes, &lists, &keys);
        // All else of it was checked when it came into the register.
        let enrolment = enrolment.map_err(|_| PublisherError::RepositoryAddress)?;
        let change = self.register.change()?;
        change.put_member(name, repository, newest, now)?;
        change.commit()?;
        Ok(enrolment)
    }

    /// The named list, or the only one.
    pub(crate) fn one_list(&self, name: Option<&str>) -> Result<ListId> {
        match name {
            Some(name) => {
                let mut lists = self.named_lists(&[name.to_owned()])?;
                lists.pop().ok_or(PublisherError::WhichList)
            }
            None => match self.lists()?.as_slice() {
                [list] => Ok(list.clone()),
                _ => Err(PublisherError::WhichList),
            },
        }
    }

    /// The named lists, or all, sorted and each once.
    pub(crate) fn named_lists(&self, names: &[String]) -> Result<Vec<ListId>> {
        let all = self.lists()?;
        if names.is_empty() {
            return Ok(all);
        }
        let mut lists = list_ids(&self.register.settings()?.coalition, names)?;
        lists.sort();
        lists.dedup();
        match lists.iter().find(|list| !all.contains(list)) {
            Some(list) => Err(PublisherError::UnknownList(list.clone())),
            None => Ok(lists),
        }
    }

    pub(crate) const fn register(&self) -> &Register {
        &self.register
    }

    pub(crate) const fn register_mut(&mut self) -> &mut Register {
        &mut self.register
    }

    pub(crate) const fn keys(&self) -> &Keys {
        &self.keys
    }
}

/// A path may hold spaces, a web address may not.
pub(crate) fn is_address(repository: &str) -> bool {
    let web = repository.strip_prefix("https://");
    let web = web.filter(|host| !host.contains(char::is_whitespace));
    let address = web.or(repository.strip_prefix("file:"));
    address.is_some_and(|rest| !rest.is_empty() && !rest.contains(char::is_control))
}

fn list_ids(coalition: &str, names: &[String]) -> Result<Vec<ListId>> {
    let default = [format!("{coalition}/{DEFAULT_LIST}")];
    let names = if names.is_empty() { &default } else { names };
    names
        .iter()
        .map(|name| {
            let ours = name
                .split_once('/')
                .is_some_and(|(owner, _)| owner == coalition);
            ListId::parse(name)
                .ok()
                .filter(|_| ours)
                .ok_or(PublisherError::ForeignList)
        })
        .collect()
}
