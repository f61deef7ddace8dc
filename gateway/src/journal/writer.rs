use std::borrow::Cow;
use std::fmt;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::Duration;

use interdict_host::{StoreError, files};
use serde_json::value::RawValue;
use uuid::Uuid;

use super::decision;
use super::draft::{Draft, MAX_LINE};
use super::entry::{Content, Entry};
use super::files as journal_files;
use super::identity::Identity;
use super::settings::{JournalSettings, SyncPolicy};
use super::stamps::{self, Stamping};
use super::tail::Tail;
use super::word::Word;
use crate::error::Error;
use crate::journal_error::JournalError;

/// How long to wait for the lock: a child process that is starting may hold it for a moment.
const PATIENCE: Duration = Duration::from_millis(500);

/// At most this many lines are without a signature after them, so that evidence of one line needs few others.
const MOST_UNSIGNED: u64 = 1_000;

/// A head is signed at least this often, in seconds.
const HOUR: u32 = 3_600;

/// How late `tick` may be before `append` syncs in its place.
const LATE: u32 = 2;

/// The door of verdicts on the portfolio.
const PORTFOLIO: &str = "portfolio";

/// A journal that is written: one for each process and directory, used by all its threads.
pub struct Journal {
    directory: PathBuf,
    settings: JournalSettings,
    identity: Identity,
    tail: Mutex<Tail>,
    synced: Mutex<Synced>,
    intake: Mutex<()>,
    stamping: Mutex<Stamping>,
    _lock: File,
}

/// How much of what was written is on the disk.
struct Synced {
    /// As in [`Tail::written`].
    written: u64,
    /// When.
    time: u32,
}

/// That the journal nears its bound on disk use, both in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JournalAlarm {
    /// What its files hold.
    pub used: u64,
    /// What they may hold.
    pub bound: u64,
}

impl fmt::Debug for Journal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Journal");
        shown.field("directory", &self.directory);
        shown.field("chain", &self.identity.chain);
        shown.finish_non_exhaustive()
    }
}

impl Journal {
    /// Opens the journal of a directory, which is made if there is none, and goes on behind its last line. What
    /// an interrupted process left of a line stays where it is; the next line says so.
    ///
    /// # Errors
    /// [`JournalError::Busy`] while another process has it open, and what is wrong with the directory.
    pub fn open(settings: &JournalSettings, now: u32) -> Result<Self, Error> {
        settings.check()?;
        let directory = settings.directory.clone();
        let lock = prepare(&directory)?;
        let identity = Identity::open(&directory)?;
        let tail = Tail::open(&directory, settings, &identity, now)?;
        let stamped = stamps::list(&directory)?;
        let journal = Self {
            directory,
            settings: settings.clone(),
            identity,
            tail: Mutex::new(tail),
            synced: Mutex::new(Synced {
                written: 0,
                time: now,
            }),
            intake: Mutex::new(()),
            stamping: Mutex::new(Stamping {
                last: stamped.last().copied().unwrap_or_default(),
                ..Stamping::default()
            }),
            _lock: lock,
        };
        journal.tick(now)?;
        Ok(journal)
    }

    /// Writes a line. It is in the file when this returns, and on the disk as the sync policy says. Returns the
    /// line's id.
    ///
    /// # Errors
    /// Why there is no such line, or why it may not be on the disk.
    pub fn append(&self, entry: &Entry<'_>, now: u32) -> Result<Uuid, Error> {
        let ids = self.append_all(std::slice::from_ref(entry), now)?;
        Ok(ids.first().copied().ok_or(JournalError::Content)?)
    }

    /// Writes the line of a verdict on a merchant of the portfolio, by its id, which is the line's reference.
    ///
    /// # Errors
    /// As [`append`](Self::append).
    pub fn append_portfolio(&self, merchant: &str, receipt: &str, now: u32) -> Result<Uuid, Error> {
        let door = Word::new(PORTFOLIO)?;
        let entry = Entry {
            door: Some(&door),
            reference: Some(merchant),
            ..Entry::of(Content::Receipt(receipt))
        };
        self.append(&entry, now)
    }

    /// Writes a line for each entry, in as few steps as possible, and returns their ids.
    ///
    /// # Errors
    /// As [`append`](Self::append). Lines before the one that failed may have been written.
    pub fn append_all(&self, entries: &[Entry<'_>], now: u32) -> Result<Vec<Uuid>, Error> {
        let mut given = Vec::with_capacity(entries.len());
        for entry in entries {
            given.push(own_id(&entry.content)?);
            content(&entry.content)?;
        }
        let mut ids = Vec::with_capacity(entries.len());
        let mut written = 0;
        let most = usize::try_from(MOST_UNSIGNED).unwrap_or(usize::MAX);
        for (some, given) in entries.chunks(most).zip(given.chunks(most)) {
            let mut tail = self.tail();
            self.sign_if_due(&mut tail, now)?;
            ids.extend(tail.append(given, now, |index, draft| {
                let entry = some.get(index).ok_or(JournalError::Content)?;
                self.describe(entry, draft)
            })?);
            written = tail.written;
        }
        match self.settings.sync {
            SyncPolicy::Every => self.sync(written, now)?,
            SyncPolicy::Second => self.sync_if_late(now)?,
            SyncPolicy::Never => {}
        }
        Ok(ids)
    }

    /// Does what is due by time: a signed head every hour, a new file every day, the sync of every second, and
    /// the deletion of files that are kept no longer. To be called every second.
    ///
    /// # Errors
    /// What the disk refuses.
    pub fn tick(&self, now: u32) -> Result<(), Error> {
        let written = {
            let mut tail = self.tail();
            self.sign_if_due(&mut tail, now)?;
            tail.expire(
                &self.directory,
                &self.identity,
                self.settings.cutoff(now),
                now,
            )?;
            tail.written
        };
        match self.settings.sync {
            SyncPolicy::Never => Ok(()),
            SyncPolicy::Every | SyncPolicy::Second => self.sync(written, now),
        }
    }

    /// Syncs everything up to here, whatever the sync policy says.
    pub(super) fn sync_now(&self, now: u32) -> Result<(), Error> {
        let written = self.tail().written;
        self.sync(written, now)
    }

    /// The number of the next line.
    pub(super) fn next_number(&self) -> u64 {
        self.tail().next_number()
    }

    /// The number and the SHA-256 of the newest head, and the number of the first line of its file.
    pub(super) fn newest_head(&self) -> Option<(u64, [u8; 32], u64)> {
        let tail = self.tail();
        let (number, sha256) = tail.head?;
        Some((number, sha256, tail.file_start()))
    }

    /// The number of the oldest line that is kept.
    pub(super) fn first_kept(&self) -> u64 {
        self.tail().first()
    }

    /// How the time stamping goes.
    pub(super) fn stamping(&self) -> Stamping {
        let stamping = self.stamping.lock();
        stamping.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Notes how the time stamping goes.
    pub(super) fn note_stamping(&self, after: Stamping) {
        *self.stamping.lock().unwrap_or_else(PoisonError::into_inner) = after;
    }

    /// One thread at a time takes decisions in.
    pub(super) fn intake(&self) -> MutexGuard<'_, ()> {
        self.intake.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Signs everything up to here and syncs it, as before the process ends.
    ///
    /// # Errors
    /// What the disk refuses.
    pub fn close(&self, now: u32) -> Result<(), Error> {
        let written = {
            let mut tail = self.tail();
            if tail.unsigned > 0 {
                tail.sign(&self.identity, now)?;
            }
            tail.written
        };
        self.sync(written, now)
    }

    /// What its files hold, and what they may hold, in bytes.
    #[must_use]
    pub fn room(&self) -> (u64, u64) {
        (self.tail().used, self.settings.bound())
    }

    /// Says so when nine tenths of the bound on disk use are taken.
    #[must_use]
    pub fn alarm(&self) -> Option<JournalAlarm> {
        let (used, bound) = self.room();
        let nearly = bound.saturating_sub(bound / 10);
        (used > nearly).then_some(JournalAlarm { used, bound })
    }

    /// The keyed digest that lines have instead of a reference.
    #[must_use]
    pub fn reference_digest(&self, reference: &str) -> String {
        self.identity.reference.digest(reference)
    }

    /// Where it is.
    pub(super) fn directory(&self) -> &Path {
        &self.directory
    }

    /// What it was opened with.
    #[must_use]
    pub const fn settings(&self) -> &JournalSettings {
        &self.settings
    }

    fn describe(&self, entry: &Entry<'_>, draft: &mut Draft) -> Result<(), JournalError> {
        let words = [("client", entry.client), ("door", entry.door)];
        for (name, word) in words {
            if let Some(word) = word {
                draft.word(name, word.as_str());
            }
        }
        if let Some(reference) = entry.reference {
            draft.word("reference", &self.identity.reference.digest(reference));
        }
        if let Some(trace) = entry.trace {
            draft.word("trace", &trace.to_string());
        }
        let (name, text) = content(&entry.content)?;
        draft.object(name, &text);
        Ok(())
    }

    /// Begins a new file or signs a head, if it is time.
    fn sign_if_due(&self, tail: &mut Tail, now: u32) -> Result<(), Error> {
        if tail.is_broken {
            return Err(JournalError::Broken.into());
        }
        if tail.is_full(self.settings.file_bound()) || tail.is_of_earlier_day(now) {
            tail.rotate(&self.directory, &self.identity, now)
        } else if tail.unsigned >= MOST_UNSIGNED
            || (tail.unsigned > 0 && now.saturating_sub(tail.signed) >= HOUR)
        {
            tail.sign(&self.identity, now)
        } else {
            Ok(())
        }
    }

    /// Syncs what was written up to here, unless another thread has done so. Threads that wait for each other
    /// share one sync.
    fn sync(&self, written: u64, now: u32) -> Result<(), Error> {
        let mut synced = self.synced.lock().unwrap_or_else(PoisonError::into_inner);
        if synced.written < written {
            self.sync_all(&mut synced)?;
        }
        synced.time = synced.time.max(now);
        Ok(())
    }

    fn sync_if_late(&self, now: u32) -> Result<(), Error> {
        let mut synced = match self.synced.try_lock() {
            Ok(synced) => synced,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            // Another thread is at it.
            Err(TryLockError::WouldBlock) => return Ok(()),
        };
        if now >= synced.time.saturating_add(LATE) {
            self.sync_all(&mut synced)?;
            synced.time = now;
        }
        Ok(())
    }

    fn sync_all(&self, synced: &mut Synced) -> Result<(), Error> {
        let (file, path, written) = {
            let tail = self.tail();
            if tail.is_broken {
                return Err(JournalError::Broken.into());
            }
            (Arc::clone(&tail.file), tail.path.clone(), tail.written)
        };
        if let Err(error) = file.sync_data() {
            // The system forgets what it could not write, and says so once.
            self.tail().is_broken = true;
            return Err(StoreError::at(&path)(error).into());
        }
        synced.written = written;
        Ok(())
    }

    fn tail(&self) -> MutexGuard<'_, Tail> {
        self.tail.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Makes the directory private and takes its lock.
fn prepare(directory: &Path) -> Result<File, Error> {
    files::create_directory(directory)?;
    #[cfg(unix)]
    {
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o700);
        fs::set_permissions(directory, mode).map_err(StoreError::at(directory))?;
    }
    let path = directory.join(journal_files::LOCK);
    if !fs::exists(&path).map_err(StoreError::at(&path))? {
        // If another process is faster, its file is as good.
        let _ = files::create_new(&path, b"");
    }
    let lock = files::lock(&path, PATIENCE)?;
    Ok(lock.ok_or_else(|| JournalError::Busy(directory.to_owned()))?)
}

/// The id that a content brings: a person signed that of the line too.
fn own_id(content: &Content<'_>) -> Result<Option<Uuid>, JournalError> {
    match content {
        Content::Decision(json) => decision::check(json).map(Some),
        _ => Ok(None),
    }
}

/// The member and the text of a content, which must be one JSON object on one line.
fn content<'a>(content: &Content<'a>) -> Result<(&'static str, Cow<'a, str>), JournalError> {
    let (name, text) = match content {
        Content::Receipt(text) => ("receipt", Cow::Borrowed(*text)),
        Content::Refusal(text) => ("refusal", Cow::Borrowed(*text)),
        Content::Problem(name) => ("problem", Cow::Owned(format!("{{\"name\":\"{name}\"}}"))),
        Content::Decision(text) => ("decision", Cow::Borrowed(*text)),
    };
    let is_object = text.starts_with('{') && serde_json::from_str::<&RawValue>(&text).is_ok();
    if is_object && text.len() < MAX_LINE && !text.bytes().any(|byte| byte < b' ') {
        Ok((name, text))
    } else {
        Err(JournalError::Content)
    }
}
