mod compiled_code;
mod error;
pub mod files;
mod inventory;
mod shelf;
mod stamp;
mod waiting;

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use interdict_core::common::hex;
use interdict_core::list::is_name;
use interdict_core::wire::{Enrolment, MAX_ENROLMENT};

use crate::member_key::MemberKey;

use inventory::{INVENTORY, Inventory, MAX_INVENTORY, MEMBER_KEY, RECEIPT_KEY};

pub(crate) use compiled_code::Authentic;
use compiled_code::CODE_CACHE;
pub use compiled_code::{CompiledCode, DistrustedCode};
pub use error::StoreError;
use shelf::{CURRENT, HISTORY};
pub(crate) use shelf::{Generation, Shelf, keep_in};
pub(crate) use stamp::Stamp;
pub(crate) use waiting::{Waiting, WaitingRelease, answers_differ};

const ENROLMENT: &str = "enrolment.json";
const LOCK: &str = "lock";
/// Nobody waits for another process that changes the directory.
const LOCK_PATIENCE: Duration = Duration::from_millis(200);

/// Coalitions that cannot be read, and why.
pub(crate) type Missed = Vec<(String, StoreError)>;

/// The state directory: what a gateway must not lose. Everything but the secrets is verified again when it
/// is read back.
///
/// ```text
/// state/
///   receipt.key            the gateway's own secret: 64 hexadecimal digits; owner only
///   member.key             what list keys are sealed to: one line AGE-SECRET-KEY-1…; owner only
///   inventory.txt          which of these secrets and coalitions there are
///   code.cache/            the module as this machine compiled it, which only saves time
///   lock                   held by whoever changes the directory, shared by those that change one coalition
///   se/                    a coalition
///     enrolment.json       root, lists and list keys; owner only
///     lock                 held by whoever changes this coalition's files
///     current              "7": the generation to load, replaced in one step
///     history              what the module says to keep beside the files, as it says it
///     opened.keys          list keys that were sealed to member.key, for hosts that cannot open them
///     generation-7/        every file of one completed update; never changed
///     generation-6/        the one before
///     pending/             verified files of an update that is not complete
///     waiting              the generation that waits to go live, since when, and what is known of newer ones
///     arriving/            verified files of an update that is not complete and would wait
/// ```
#[derive(Debug, Clone)]
pub struct Store(PathBuf);

/// While it lives, nobody else changes the state directory, or the part of it that the lock stands for.
#[derive(Debug)]
pub struct StoreLock(#[expect(dead_code, reason = "closing the file releases the lock")] File);

impl Store {
    /// The state directory.
    ///
    /// # Errors
    /// [`StoreError::Missing`] if there is none: a gateway must not start with an empty one because its own
    /// was not where it looked.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        match path.is_dir() {
            true => Ok(Self(path.to_owned())),
            false => Err(StoreError::Missing(path.to_owned())),
        }
    }

    /// The state directory; it is created if it does not exist.
    ///
    /// # Errors
    /// It cannot be created.
    pub fn create(path: &Path) -> Result<Self, StoreError> {
        files::create_directory(path)?;
        Ok(Self(path.to_owned()))
    }

    /// Keeps other processes from changing the directory. Reading needs no lock.
    ///
    /// # Errors
    /// [`StoreError::Busy`] if another process has it.
    pub fn lock(&self) -> Result<StoreLock, StoreError> {
        taken(files::lock(&self.0.join(LOCK), LOCK_PATIENCE)?, &self.0)
    }

    /// Keeps out only those that change the whole directory. Whoever changes one coalition takes it, and then
    /// that coalition's [`Store::lock_coalition`].
    ///
    /// # Errors
    /// [`StoreError::Busy`] if another process changes the whole directory.
    pub fn lock_shared(&self) -> Result<StoreLock, StoreError> {
        taken(
            files::lock_shared(&self.0.join(LOCK), LOCK_PATIENCE)?,
            &self.0,
        )
    }

    /// Keeps others from changing one coalition's files, so that a slow repository holds up no other.
    ///
    /// # Errors
    /// [`StoreError::Busy`] if somebody else changes them.
    pub fn lock_coalition(&self, coalition: &str) -> Result<StoreLock, StoreError> {
        let shelf = self.shelf(coalition)?;
        files::make_directory(shelf.path())?;
        taken(
            files::lock(&shelf.path().join(LOCK), LOCK_PATIENCE)?,
            shelf.path(),
        )
    }

    /// Changes when anything is saved that instances are built from.
    pub(crate) fn stamp(&self) -> Stamp {
        Stamp::of(&self.0, &[CURRENT, HISTORY, ENROLMENT], CODE_CACHE)
    }

    /// All enrolments, by the coalition's name.
    ///
    /// # Errors
    /// One cannot be read. The gateway must not run as if that coalition did not exist.
    pub fn enrolments(&self) -> Result<Vec<Enrolment>, StoreError> {
        let (enrolments, _) = self.enrolments_beside(&|_| false)?;
        Ok(enrolments)
    }

    /// The same beside those that cannot be read of coalitions that may be missed, with their names and why.
    ///
    /// # Errors
    /// As [`Store::enrolments`], for any other coalition.
    pub(crate) fn enrolments_beside(
        &self,
        may_be_missed: &dyn Fn(&str) -> bool,
    ) -> Result<(Vec<Enrolment>, Missed), StoreError> {
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.0).map_err(StoreError::at(&self.0))? {
            let name = entry.map_err(StoreError::at(&self.0))?.file_name();
            names.extend(name.into_string().ok().filter(|name| is_name(name)));
        }
        names.sort_unstable();
        let (mut enrolments, mut missed) = (Vec::new(), Missed::new());
        for name in names {
            match self.kept_enrolment(&name) {
                Ok(enrolment) => enrolments.extend(enrolment),
                Err(error) if may_be_missed(&name) => missed.push((name, error)),
                Err(error) => return Err(error),
            }
        }
        Ok((enrolments, missed))
    }

    /// The enrolment of a coalition, which must be there if its lists are: it must not vanish from the verdicts.
    fn kept_enrolment(&self, coalition: &str) -> Result<Option<Enrolment>, StoreError> {
        let enrolment = self.enrolment(coalition)?;
        let shelf = self.shelf(coalition)?;
        match enrolment.is_none() && shelf.path().join("current").exists() {
            true => Err(StoreError::NoEnrolment(shelf.path().join(ENROLMENT))),
            false => Ok(enrolment),
        }
    }

    /// One coalition's enrolment; `None` if it is not enrolled.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn enrolment(&self, coalition: &str) -> Result<Option<Enrolment>, StoreError> {
        let shelf = self.shelf(coalition)?;
        shelf.check_layout()?;
        let path = shelf.path().join(ENROLMENT);
        let most = u64::try_from(MAX_ENROLMENT).unwrap_or(u64::MAX);
        let bytes = match files::read(&path, most) {
            // A file where a coalition's directory should be is not a coalition.
            Err(StoreError::File { error, .. }) if error.kind() == io::ErrorKind::NotADirectory => {
                None
            }
            other => other?,
        };
        let Some(bytes) = bytes else { return Ok(None) };
        let enrolment = Enrolment::read(&bytes).map_err(|error| StoreError::Enrolment {
            path: path.clone(),
            error: Box::new(error),
        })?;
        if enrolment.coalition() == coalition {
            Ok(Some(enrolment))
        } else {
            Err(StoreError::Damaged(path))
        }
    }

    pub(crate) fn save_enrolment(&self, enrolment: &Enrolment) -> Result<(), StoreError> {
        let shelf = self.shelf(enrolment.coalition())?;
        files::make_directory(shelf.path())?;
        files::write(shelf.path(), ENROLMENT, &enrolment.to_bytes())
    }

    /// The gateway's own secret, as 64 hexadecimal digits; `None` before the first enrolment.
    ///
    /// # Errors
    /// It cannot be read, or is damaged: receipts must not quietly stop.
    pub fn receipt_key(&self) -> Result<Option<String>, StoreError> {
        let path = self.0.join(RECEIPT_KEY);
        let Some(bytes) = files::read(&path, 128)? else {
            return Ok(None);
        };
        let text = String::from_utf8(bytes).unwrap_or_default();
        match hex::array::<32>(text.trim_end()) {
            Some(key) => Ok(Some(hex::text(&key))),
            None => Err(StoreError::Damaged(path)),
        }
    }

    /// Where compiled modules are kept, so that the next process need not compile; `None` without a receipt key,
    /// from which theirs is derived, and if another user owns the directory.
    #[must_use]
    pub fn compiled_code(&self) -> Option<CompiledCode> {
        let receipt_key = hex::array(&self.receipt_key().ok()??)?;
        CompiledCode::of(&self.0, &receipt_key)
    }

    /// The gateway's own key pair; `None` before [`Store::create_member_key`].
    ///
    /// # Errors
    /// It cannot be read, or is damaged: lists must not quietly become unreadable.
    pub fn member_key(&self) -> Result<Option<MemberKey>, StoreError> {
        let path = self.0.join(MEMBER_KEY);
        let Some(bytes) = files::read(&path, 128)? else {
            return Ok(None);
        };
        let text = String::from_utf8(bytes).unwrap_or_default();
        match MemberKey::read(&text) {
            Some(key) => Ok(Some(key)),
            None => Err(StoreError::Damaged(path)),
        }
    }

    /// Makes the gateway's own key pair, unless it has one: the keys of its lists are sealed to that.
    ///
    /// # Errors
    /// See [`Store::member_key`]; or another process is changing the directory, or it cannot be written.
    pub fn create_member_key(&self) -> Result<MemberKey, StoreError> {
        let key = {
            let _lock = self.lock()?;
            match self.member_key()? {
                Some(key) => key,
                None => self.new_member_key()?,
            }
        };
        self.take_stock()?;
        Ok(key)
    }

    fn new_member_key(&self) -> Result<MemberKey, StoreError> {
        let key = MemberKey::generate();
        files::write(&self.0, MEMBER_KEY, key.secret().as_bytes())?;
        Ok(key)
    }

    /// Warnings about the secrets.
    pub(crate) fn warnings(&self, enrolled: &[&str]) -> Vec<String> {
        let enrolments = enrolled
            .iter()
            .map(|name| self.0.join(name).join(ENROLMENT));
        let key = self.0.join(RECEIPT_KEY);
        let lost = (!enrolled.is_empty() && !key.exists()).then(|| {
            let key = key.display();
            format!("{key} is gone, so verdicts have no receipts; restore it, or enrol again for a new one")
        });
        let lost = lost.into_iter().chain(self.missed(enrolled));
        let open = enrolments
            .chain([key, self.0.join(MEMBER_KEY)])
            .filter(|path| files::is_open_to_others(path))
            .map(|path| {
                let path = path.display();
                format!("{path} holds secrets and others on this machine may read it; chmod 600")
            });
        lost.chain(open).collect()
    }

    /// Warnings about what the inventory names and the directory lacks.
    fn missed(&self, enrolled: &[&str]) -> Vec<String> {
        let lost = self.lost().unwrap_or_default().into_iter();
        // A gateway that is enrolled is warned of that already.
        let lost = lost.filter(|name| name != RECEIPT_KEY || enrolled.is_empty());
        lost.map(|name| {
            let path = self.0.join(&name);
            let (path, state) = (path.display(), "interdict state accept gives it up");
            match name.as_str() {
                INVENTORY => format!("{path} is damaged, so what was lost is not known; {state}"),
                RECEIPT_KEY | MEMBER_KEY => {
                    format!("{path} is gone; restore it, or {state} for a new one")
                }
                _ => format!("the coalition {name} is gone from {path}; enrol again, or {state}"),
            }
        })
        .collect()
    }

    pub(crate) fn create_receipt_key(&self) -> Result<(), StoreError> {
        if self.receipt_key()?.is_some() {
            return Ok(());
        }
        self.new_receipt_key()
    }

    fn new_receipt_key(&self) -> Result<(), StoreError> {
        let mut key = [0; 32];
        getrandom::fill(&mut key).map_err(|_| StoreError::Randomness)?;
        files::write(
            &self.0,
            RECEIPT_KEY,
            format!("{}\n", hex::text(&key)).as_bytes(),
        )
    }

    /// The secrets and coalitions that the directory held once and lacks now, and the inventory itself if it
    /// cannot be read. Nothing is known of a directory without one.
    ///
    /// # Errors
    /// The system refuses.
    pub fn lost(&self) -> Result<Vec<String>, StoreError> {
        match self.inventory() {
            Ok(known) => {
                let here = self.contents()?;
                Ok(known.0.difference(&here.0).cloned().collect())
            }
            Err(_) => Ok(vec![INVENTORY.to_owned()]),
        }
    }

    /// Adds to the inventory what is new in the directory. One that is damaged stays, because what it held is
    /// not known. If somebody else is changing the directory, the next refresh does it.
    pub(crate) fn take_stock(&self) -> Result<(), StoreError> {
        let lock = files::lock(&self.0.join(LOCK), Duration::ZERO)?;
        let (Some(_lock), Ok(known)) = (lock, self.inventory()) else {
            return Ok(());
        };
        let here = self.contents()?;
        let all = Inventory(known.0.union(&here.0).cloned().collect());
        match all == known {
            true => Ok(()),
            false => files::write(&self.0, INVENTORY, all.text().as_bytes()),
        }
    }

    /// What [`Store::accept_losses`] would give up: what is lost, and secrets that are damaged.
    ///
    /// # Errors
    /// The system refuses.
    pub fn losses(&self) -> Result<Vec<String>, StoreError> {
        let mut losses = BTreeSet::from_iter(self.lost()?);
        let here = self.contents()?.0;
        let is_enrolled = here.iter().any(|name| is_name(name));
        if self.receipt_key().is_err() || (is_enrolled && !here.contains(RECEIPT_KEY)) {
            losses.insert(RECEIPT_KEY.to_owned());
        }
        if self.member_key().is_err() {
            losses.insert(MEMBER_KEY.to_owned());
        }
        Ok(Vec::from_iter(losses))
    }

    /// Accepts that what is lost is lost: secrets among it are made anew, and the inventory is what is there.
    /// Returns [`Store::losses`].
    ///
    /// # Errors
    /// Another process is changing the directory, or it cannot be written.
    pub fn accept_losses(&self) -> Result<Vec<String>, StoreError> {
        let _lock = self.lock()?;
        let losses = self.losses()?;
        for name in &losses {
            match name.as_str() {
                RECEIPT_KEY => self.new_receipt_key()?,
                MEMBER_KEY => drop(self.new_member_key()?),
                _ => {}
            }
        }
        if !losses.is_empty() {
            let here = self.contents()?;
            files::write(&self.0, INVENTORY, here.text().as_bytes())?;
        }
        Ok(losses)
    }

    fn inventory(&self) -> Result<Inventory, StoreError> {
        let path = self.0.join(INVENTORY);
        match files::read(&path, MAX_INVENTORY)? {
            Some(text) => Inventory::read(&text).ok_or(StoreError::Damaged(path)),
            None => Ok(Inventory::default()),
        }
    }

    /// What is there now, whether or not it can be read.
    fn contents(&self) -> Result<Inventory, StoreError> {
        let mut here = Inventory::default();
        for entry in fs::read_dir(&self.0).map_err(StoreError::at(&self.0))? {
            let entry = entry.map_err(StoreError::at(&self.0))?;
            let Ok(name) = entry.file_name().into_string() else {
                continue;
            };
            let is_secret = [RECEIPT_KEY, MEMBER_KEY].contains(&name.as_str());
            let is_coalition = || is_name(&name) && entry.path().join(ENROLMENT).exists();
            if is_secret || is_coalition() {
                here.0.insert(name);
            }
        }
        Ok(here)
    }

    /// What was saved as a coalition's history.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn history(&self, coalition: &str) -> Result<Option<String>, StoreError> {
        self.shelf(coalition)?.history()
    }

    /// Replaces what was saved as a coalition's history, because a person decided so.
    ///
    /// # Errors
    /// Another process is changing the directory, or it cannot be written.
    pub fn replace_history(&self, coalition: &str, history: &str) -> Result<(), StoreError> {
        let _shared = self.lock_shared()?;
        let _lock = self.lock_coalition(coalition)?;
        self.shelf(coalition)?.save_history(history)
    }

    /// A coalition's directory.
    pub(crate) fn shelf(&self, coalition: &str) -> Result<Shelf, StoreError> {
        if is_name(coalition) {
            Ok(Shelf::new(self.0.join(coalition)))
        } else {
            Err(StoreError::Name)
        }
    }
}

fn taken(lock: Option<File>, directory: &Path) -> Result<StoreLock, StoreError> {
    lock.map(StoreLock)
        .ok_or_else(|| StoreError::Busy(directory.to_owned()))
}
