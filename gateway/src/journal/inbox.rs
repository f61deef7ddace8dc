//! The directory in which decisions wait for the process that writes the journal.
//!
//! ```text
//! inbox/                              0700
//!   <id>.json                         handed in: whole, on the disk, and not looked at yet
//!   <id>.from-0000000000000017        about to become a line, which has this number or a later one
//!   <id>.refused                      refused; a person must look at it
//! ```

use std::fs;
use std::path::{Path, PathBuf};

use interdict_host::{StoreError, files};
use uuid::Uuid;

use super::decision::{ReadDecision, SignedDecision, check};
use super::vetting;
use crate::decision_refusal::DecisionRefusal;
use crate::error::Error;
use crate::journal_error::JournalError;
use crate::signed::People;

const INBOX: &str = "inbox";
/// The end of the name of a decision that was not looked at.
const WAITING: &str = ".json";
/// Before the number in the name of a decision that is about to become a line.
const MARKED: &str = ".from-";
const REFUSED: &str = ".refused";

/// A decision takes less than a tenth of it.
const MAX_DECISION: u64 = 65_536;

/// The decisions of a journal that are no lines yet.
pub(super) struct Inbox {
    directory: PathBuf,
}

/// A decision in it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Waiting {
    /// Its name without its end; the id of its line unless somebody else put it there.
    pub(super) id: String,
    /// The number that its line has at least, if it was about to become one.
    pub(super) mark: Option<u64>,
}

impl Waiting {
    fn parse(name: &str) -> Option<Self> {
        if let Some((id, mark)) = name.split_once(MARKED) {
            let (id, mark) = (id.to_owned(), Some(mark.parse().ok()?));
            return Some(Self { id, mark });
        }
        let id = name.strip_suffix(WAITING)?.to_owned();
        (!id.starts_with('.')).then_some(Self { id, mark: None })
    }

    fn file(&self) -> String {
        match self.mark {
            Some(number) => format!("{}{MARKED}{number:016}", self.id),
            None => format!("{}{WAITING}", self.id),
        }
    }
}

impl Inbox {
    /// That of a journal's directory, which need not be there.
    pub(super) fn of(journal: &Path) -> Self {
        Self {
            directory: journal.join(INBOX),
        }
    }

    /// Hands in a decision. It is on the disk when this returns.
    ///
    /// # Errors
    /// [`DecisionRefusal::OtherUser`] if somebody else than the journal's user does so, or what the disk refuses.
    pub(super) fn put(&self, decision: &SignedDecision) -> Result<(), Error> {
        files::create_directory(&self.directory)?;
        let id = decision.id();
        let staged = self.directory.join(format!(".staged-{id}"));
        files::create_new(&staged, decision.json().as_bytes()).map_err(StoreError::at(&staged))?;
        if let Err(refusal) = check_file(&self.directory, &staged) {
            files::clear(&staged)?;
            // If it was made just now, it is in the way of the journal's user.
            let _ = fs::remove_dir(&self.directory);
            return Err(JournalError::Decision(refusal).into());
        }
        let path = self.directory.join(format!("{id}{WAITING}"));
        fs::rename(&staged, &path).map_err(StoreError::at(&path))?;
        Ok(files::sync_directory(&self.directory)?)
    }

    /// What waits, oldest first, and how many were refused.
    pub(super) fn list(&self) -> Result<(Vec<Waiting>, usize), Error> {
        let at = || StoreError::at(&self.directory);
        let (mut waiting, mut refused) = (Vec::new(), 0_usize);
        let entries = match fs::read_dir(&self.directory) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok((waiting, refused));
            }
            entries => entries.map_err(at())?,
        };
        for entry in entries {
            let name = entry.map_err(at())?.file_name();
            let name = name.to_string_lossy();
            waiting.extend(Waiting::parse(&name));
            refused = refused.saturating_add(usize::from(name.ends_with(REFUSED)));
        }
        waiting.sort_unstable();
        Ok((waiting, refused))
    }

    /// Reads a decision that may become a line.
    pub(super) fn read(
        &self,
        waiting: &Waiting,
        people: &People,
    ) -> Result<(Uuid, String), DecisionRefusal> {
        let path = self.path(waiting);
        check_file(&self.directory, &path)?;
        let bytes = files::read(&path, MAX_DECISION).ok().flatten();
        let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
        let text = text.ok_or(DecisionRefusal::NotRead)?;
        let id = check(&text).map_err(|_| DecisionRefusal::NotSigned)?;
        let decision = ReadDecision::read(&text).ok_or(DecisionRefusal::NotSigned)?;
        if decision.id != waiting.id {
            return Err(DecisionRefusal::OtherId);
        }
        vetting::check(&decision, people)?;
        Ok((id, text))
    }

    /// Notes that a decision is about to become a line of this number or a later one.
    pub(super) fn mark(&self, waiting: &Waiting, number: u64) -> Result<Waiting, Error> {
        let marked = Waiting {
            mark: Some(number),
            ..waiting.clone()
        };
        self.rename(waiting, &marked.file())?;
        Ok(marked)
    }

    /// Removes a decision that is a line.
    pub(super) fn remove(&self, waiting: &Waiting) -> Result<(), Error> {
        let path = self.path(waiting);
        fs::remove_file(&path).map_err(StoreError::at(&path))?;
        Ok(files::sync_directory(&self.directory)?)
    }

    /// Puts a decision aside, for a person to look at.
    pub(super) fn refuse(&self, waiting: &Waiting) -> Result<(), Error> {
        self.rename(waiting, &format!("{}{REFUSED}", waiting.id))
    }

    fn rename(&self, waiting: &Waiting, name: &str) -> Result<(), Error> {
        let path = self.path(waiting);
        fs::rename(&path, self.directory.join(name)).map_err(StoreError::at(&path))?;
        Ok(files::sync_directory(&self.directory)?)
    }

    fn path(&self, waiting: &Waiting) -> PathBuf {
        self.directory.join(waiting.file())
    }
}

/// Whoever may write here is the journal's own user: directory and file are that user's alone.
#[cfg(unix)]
fn check_file(directory: &Path, path: &Path) -> Result<(), DecisionRefusal> {
    use std::os::unix::fs::MetadataExt as _;

    let journal = directory.parent().unwrap_or(directory);
    let read = |path: &Path| fs::symlink_metadata(path).map_err(|_| DecisionRefusal::NotRead);
    let (journal, inbox, file) = (read(journal)?, read(directory)?, read(path)?);
    if !inbox.is_dir() || !file.is_file() {
        return Err(DecisionRefusal::NotRead);
    }
    let is_own = |one: &fs::Metadata| one.uid() == journal.uid() && one.mode() & 0o077 == 0;
    match is_own(&inbox) && is_own(&file) {
        true => Ok(()),
        false => Err(DecisionRefusal::OtherUser),
    }
}

#[cfg(not(unix))]
fn check_file(_: &Path, _: &Path) -> Result<(), DecisionRefusal> {
    Ok(())
}
