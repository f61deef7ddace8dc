use std::collections::VecDeque;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use interdict_host::{StoreError, files};
use uuid::Uuid;

use super::draft::{Draft, Place};
use super::files::{self as journal_files, FileName};
use super::head::{self, Cut};
use super::identity::Identity;
use super::recovery::end_of;
use super::settings::JournalSettings;
use crate::error::Error;
use crate::journal_error::JournalError;

const DAY: u32 = 86_400;

/// What other lines leave free below the bound on disk use for heads, so that a full journal can still be opened and
/// emptied: a hundred of them.
const ROOM_FOR_HEADS: u64 = 65_536;

/// The end of the chain: the file that is written, and what the next line needs to know.
pub(super) struct Tail {
    pub(super) file: Arc<File>,
    pub(super) path: PathBuf,
    /// All files, oldest first, with their lengths. The last one is written.
    files: VecDeque<(FileName, u64)>,
    chain: String,
    place: Place,
    bound: u64,
    /// What all files hold, in bytes.
    pub(super) used: u64,
    /// Lines since the last head.
    pub(super) unsigned: u64,
    /// The time of the last head.
    pub(super) signed: u32,
    /// The number and the SHA-256 of the last head.
    pub(super) head: Option<(u64, [u8; 32])>,
    /// Raised with every write.
    pub(super) written: u64,
    /// Whether what the disk holds is unknown.
    pub(super) is_broken: bool,
}

impl Tail {
    /// Goes on behind the last good line. A file that ends with a part of a line stays as it is.
    pub(super) fn open(
        directory: &Path,
        settings: &JournalSettings,
        identity: &Identity,
        now: u32,
    ) -> Result<Self, Error> {
        let (names, _) = journal_files::list(directory)?;
        let mut all = VecDeque::new();
        for name in names {
            let path = name.path(directory);
            let length = fs::metadata(&path).map_err(StoreError::at(&path))?.len();
            all.push_back((name, length));
        }
        let used = all.iter().map(|(_, length)| length).sum();
        let opened = |file: File, path: PathBuf, place| Self {
            file: Arc::new(file),
            path,
            files: all.clone(),
            chain: identity.chain.clone(),
            place,
            bound: settings.bound(),
            used,
            unsigned: 0,
            signed: now,
            head: None,
            written: 0,
            is_broken: false,
        };
        let Some((name, _)) = all.back() else {
            let lock = directory.join(journal_files::LOCK);
            let file = File::open(&lock).map_err(StoreError::at(&lock))?;
            let mut tail = opened(file, lock, Place::FIRST);
            tail.begin(directory, identity, None, now)?;
            return Ok(tail);
        };
        let end = end_of(directory, *name, &identity.chain)?;
        let path = name.path(directory);
        let mut tail = opened(append_to(&path)?, path, end.place);
        tail.unsigned = end.unsigned;
        tail.signed = end.signed;
        tail.head = Some(end.head);
        if end.cut.is_some() {
            tail.begin(directory, identity, end.cut.as_ref(), now)?;
        }
        Ok(tail)
    }

    pub(super) fn is_full(&self, bound: u64) -> bool {
        self.files
            .back()
            .is_some_and(|(_, length)| *length >= bound)
    }

    pub(super) fn is_of_earlier_day(&self, now: u32) -> bool {
        let start = self.files.back().map_or(now, |(name, _)| name.start);
        start / DAY < now / DAY
    }

    /// The number of the next line.
    pub(super) const fn next_number(&self) -> u64 {
        self.place.number
    }

    /// Appends a line for each of these, as `describe` fills it, in one write, and returns their ids: the given ones,
    /// or new ones. If the write fails, none of them is left.
    pub(super) fn append(
        &mut self,
        given: &[Option<Uuid>],
        now: u32,
        describe: impl Fn(usize, &mut Draft) -> Result<(), JournalError>,
    ) -> Result<Vec<Uuid>, Error> {
        let count = given.len();
        let (mut text, mut ids, mut place) = (Vec::new(), Vec::with_capacity(count), self.place);
        for (index, id) in given.iter().enumerate() {
            let mut draft = Draft::begin(&self.chain, place, *id, now)?;
            describe(index, &mut draft)?;
            ids.push(draft.id);
            let (line, digest) = draft.end()?;
            text.extend(line);
            place = place.after(digest);
        }
        self.check_room(&text, self.bound.saturating_sub(ROOM_FOR_HEADS))?;
        self.write(&text)?;
        self.place = place;
        self.unsigned = self
            .unsigned
            .saturating_add(u64::try_from(count).unwrap_or(u64::MAX));
        Ok(ids)
    }

    /// Appends a head, which signs all lines before.
    pub(super) fn sign(&mut self, identity: &Identity, now: u32) -> Result<(), Error> {
        let first = self.first();
        self.sign_from(identity, first, now)
    }

    fn sign_from(&mut self, identity: &Identity, first: u64, now: u32) -> Result<(), Error> {
        let (line, digest) = self.head(identity, first, None, now)?;
        self.write(&line)?;
        self.signed_by(digest, now);
        Ok(())
    }

    /// Begins the next file.
    pub(super) fn rotate(
        &mut self,
        directory: &Path,
        identity: &Identity,
        now: u32,
    ) -> Result<(), Error> {
        self.file.sync_all().map_err(StoreError::at(&self.path))?;
        self.begin(directory, identity, None, now)
    }

    /// Begins a file with a head. It appears whole or not at all.
    fn begin(
        &mut self,
        directory: &Path,
        identity: &Identity,
        cut: Option<&Cut>,
        now: u32,
    ) -> Result<(), Error> {
        let name = FileName {
            number: self.place.number,
            start: now,
        };
        let (line, digest) = self.head(identity, self.first(), cut, now)?;
        let length = self.check_room(&line, self.bound)?;
        files::write_staged(directory, "head", &name.to_string(), &line)?;
        let path = name.path(directory);
        self.file = Arc::new(append_to(&path)?);
        self.path = path;
        self.files.push_back((name, length));
        self.used = self.used.saturating_add(length);
        self.signed_by(digest, now);
        Ok(())
    }

    fn head(
        &self,
        identity: &Identity,
        first: u64,
        cut: Option<&Cut>,
        now: u32,
    ) -> Result<(Vec<u8>, [u8; 32]), Error> {
        let mut draft = Draft::begin(&self.chain, self.place, None, now)?;
        head::sign(&mut draft, &identity.signing, first, cut);
        Ok(draft.end()?)
    }

    fn signed_by(&mut self, digest: [u8; 32], now: u32) {
        self.head = Some((self.place.number, digest));
        self.place = self.place.after(digest);
        self.unsigned = 0;
        self.signed = now;
    }

    /// The number of the first line of the file that is written.
    pub(super) fn file_start(&self) -> u64 {
        let newest = self.files.back();
        newest.map_or(self.place.number, |(name, _)| name.number)
    }

    /// The number of the oldest line.
    pub(super) fn first(&self) -> u64 {
        let oldest = self.files.front();
        oldest.map_or(self.place.number, |(name, _)| name.number)
    }

    /// Deletes the files of which every line is from before `cutoff`, after a head that says so.
    pub(super) fn expire(
        &mut self,
        directory: &Path,
        identity: &Identity,
        cutoff: u32,
        now: u32,
    ) -> Result<(), Error> {
        // A file's last line is older than the first line of the next one.
        let kept = self
            .files
            .iter()
            .skip(1)
            .take_while(|(next, _)| next.start <= cutoff);
        let gone = kept.count();
        let Some((first, _)) = self.files.get(gone).filter(|_| gone > 0) else {
            return Ok(());
        };
        let first = first.number;
        self.sign_from(identity, first, now)?;
        self.file.sync_all().map_err(StoreError::at(&self.path))?;
        for _ in 0..gone {
            if let Some((name, length)) = self.files.pop_front() {
                files::clear(&name.path(directory))?;
                self.used = self.used.saturating_sub(length);
            }
        }
        tracing::info!(
            first,
            files = gone,
            "the journal: lines older than retention_days are deleted"
        );
        Ok(files::sync_directory(directory)?)
    }

    /// Writes whole lines, or takes back what was written of them.
    fn write(&mut self, lines: &[u8]) -> Result<(), Error> {
        if self.is_broken {
            return Err(JournalError::Broken.into());
        }
        let count = self.check_room(lines, self.bound)?;
        let Some((_, length)) = self.files.back_mut() else {
            return Err(JournalError::Broken.into());
        };
        if let Err(error) = (&*self.file).write_all(lines) {
            self.is_broken = self.file.set_len(*length).is_err();
            return Err(StoreError::at(&self.path)(error).into());
        }
        *length = length.saturating_add(count);
        self.used = self.used.saturating_add(count);
        self.written = self.written.saturating_add(1);
        Ok(())
    }

    /// The length of these lines, if there is room for them below a bound.
    fn check_room(&self, lines: &[u8], bound: u64) -> Result<u64, JournalError> {
        let count = u64::try_from(lines.len()).unwrap_or(u64::MAX);
        let used = self.used;
        match used.saturating_add(count) > bound {
            true => Err(JournalError::Full { used, bound }),
            false => Ok(count),
        }
    }
}

fn append_to(path: &Path) -> Result<File, Error> {
    let file = File::options().append(true).open(path);
    Ok(file.map_err(StoreError::at(path))?)
}
