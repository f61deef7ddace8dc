//! One coalition's directory and register. Each room adds the commands it is about.

use std::path::Path;

use interdict_core::list::ListId;

use crate::directory::{Directory, history_path};
use crate::error::{PublisherError, Result};
use crate::register::{Register, Settings, TestKeys};

/// The list of a coalition that names none.
const DEFAULT_LIST: &str = "merchants";

/// Who acts, if nobody says so.
pub(crate) const NOBODY: &str = "unnamed";

/// One coalition's directory: register, keys and repository.
#[derive(Debug)]
pub struct Publisher {
    directory: Directory,
    register: Register,
    settings: Settings,
}

impl Publisher {
    /// Opens what [`Publisher::init`] made.
    ///
    /// # Errors
    /// [`PublisherError::NotInitialised`], [`PublisherError::RegisterVersion`],
    /// [`PublisherError::RegisterDamaged`], [`PublisherError::HistoryDamaged`]; [`PublisherError::Busy`] if its
    /// register has to be made again and another command works on the directory.
    pub fn open(directory: &Path) -> Result<Self> {
        let directory = Directory::new(directory);
        let path = directory.register();
        let register = match (path.exists(), history_path(&path).exists()) {
            (true, _) => Register::open(&path, NOBODY)?,
            // The index is gone, what it is made from is not.
            (false, true) if Register::has_history(&path)? => {
                Register::wait_for_file(&path)?;
                made_again(&directory, &path)?
            }
            (false, _) => {
                return Err(PublisherError::NotInitialised(directory.path().to_owned()));
            }
        };
        let settings = register.settings()?;
        Ok(Self::new(directory, register, settings))
    }

    /// Makes the register again from its history. Needed if its file is damaged; one that is missing is made
    /// again by itself.
    ///
    /// # Errors
    /// [`PublisherError::HistoryDamaged`].
    pub fn rebuild(directory: &Path) -> Result<Self> {
        let named = Directory::new(directory);
        let _lock = named.lock()?;
        drop(Register::rebuild(&named.register(), NOBODY)?);
        Self::open(directory)
    }

    pub(crate) const fn new(directory: Directory, register: Register, settings: Settings) -> Self {
        Self {
            directory,
            register,
            settings,
        }
    }

    /// Names who acts from now on, for the history.
    #[must_use]
    pub fn acting(mut self, name: &str) -> Self {
        self.register.set_actor(name);
        self
    }

    /// Where everything lies.
    #[must_use]
    pub const fn directory(&self) -> &Directory {
        &self.directory
    }

    /// Whether everybody may know the keys.
    #[must_use]
    pub const fn test_keys(&self) -> TestKeys {
        self.settings.test
    }

    /// The coalition's lists, sorted.
    ///
    /// # Errors
    /// A register that cannot be read.
    pub fn lists(&self) -> Result<Vec<ListId>> {
        self.register.lists()
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
        let mut lists = list_ids(&self.settings.coalition, names)?;
        lists.sort();
        lists.dedup();
        match lists.iter().find(|list| !all.contains(list)) {
            Some(list) => Err(PublisherError::UnknownList(list.clone())),
            None => Ok(lists),
        }
    }

    pub(crate) const fn settings(&self) -> &Settings {
        &self.settings
    }

    pub(crate) const fn register(&self) -> &Register {
        &self.register
    }

    pub(crate) const fn register_mut(&mut self) -> &mut Register {
        &mut self.register
    }
}

/// Opens a register that was missing.
fn made_again(directory: &Directory, path: &Path) -> Result<Register> {
    if path.exists() {
        return Register::open(path, NOBODY);
    }
    let _lock = directory.lock()?;
    // Another command may have made it since.
    match path.exists() {
        true => Register::open(path, NOBODY),
        false => Register::rebuild(path, NOBODY),
    }
}

/// List ids of a coalition; for no names the id of its only list.
pub(crate) fn list_ids(coalition: &str, names: &[String]) -> Result<Vec<ListId>> {
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
