use std::fs;
use std::path::PathBuf;

use super::error::StoreError;
use super::files;
use super::shelf::{Generation, Shelf};

const WAITING: &str = "waiting";
const ARRIVING: &str = "arriving";
const FORMAT: &str = "interdict-waiting-1";
/// Two histories and a line.
const MAX_WAITING: u64 = 128 << 10;
/// Files that say how new a release is, and nothing about a merchant.
const OF_TIME: [&str; 2] = ["timestamp.json", "snapshot.json"];

/// What is on the disk that is newer than the live release and is not to go live yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Waiting {
    /// When something newer was known first; `None` if nothing waits any more.
    pub(crate) since: Option<u32>,
    /// The newest whole release.
    pub(crate) release: Option<WaitingRelease>,
    /// The history with the highest versions that were verified.
    pub(crate) known: String,
}

/// A whole release that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WaitingRelease {
    pub(crate) generation: Generation,
    /// The history to save when it goes live.
    pub(crate) history: String,
}

impl Shelf {
    /// What waits.
    ///
    /// # Errors
    /// The file cannot be read, or is damaged.
    pub(crate) fn waiting(&self) -> Result<Option<Waiting>, StoreError> {
        let path = self.path().join(WAITING);
        let Some(bytes) = files::read(&path, MAX_WAITING)? else {
            return Ok(None);
        };
        let live = self.generations()?.first().map_or(0, |live| live.number);
        let waiting = String::from_utf8(bytes)
            .ok()
            .and_then(|text| self.parsed(&text, live));
        waiting.map(Some).ok_or(StoreError::Damaged(path))
    }

    fn parsed(&self, text: &str, live: u64) -> Option<Waiting> {
        let mut lines = text.lines();
        let mut first = lines.next()?.split(' ');
        let (history, known) = (lines.next()?, lines.next()?);
        if first.next()? != FORMAT {
            return None;
        }
        let since = first.next()?.parse().ok()?;
        let number: u64 = first.next()?.parse().ok()?;
        let release = WaitingRelease {
            generation: self.generation(number),
            history: history.to_owned(),
        };
        // Whoever made it live was killed before this file was removed.
        let is_live = number != 0 && number <= live;
        let is_there = number > live && release.generation.path.is_dir();
        Some(Waiting {
            since: Some(since).filter(|_| !is_live),
            release: is_there.then_some(release),
            known: known.to_owned(),
        })
    }

    /// Replaces what waits. The generation is whole on the disk.
    pub(crate) fn save_waiting(&self, waiting: &Waiting) -> Result<(), StoreError> {
        let Some(since) = waiting.since else {
            return self.clear_waiting();
        };
        let release = waiting.release.as_ref();
        let number = release.map_or(0, |release| release.generation.number);
        let history = release.map_or("", |release| release.history.as_str());
        let known = &waiting.known;
        let text = format!("{FORMAT} {since} {number}\n{history}\n{known}\n");
        files::write(self.path(), WAITING, text.as_bytes())
    }

    /// Nothing waits any more.
    pub(crate) fn clear_waiting(&self) -> Result<(), StoreError> {
        files::clear(&self.path().join(WAITING))?;
        self.clear_arriving()
    }

    /// The directory with the verified files of an unfinished update that no live instance is to see yet.
    pub(crate) fn arriving(&self) -> PathBuf {
        self.path().join(ARRIVING)
    }

    pub(crate) fn clear_arriving(&self) -> Result<(), StoreError> {
        files::clear(&self.arriving())
    }

    /// Lets live instances see the files of the unfinished update.
    pub(crate) fn show_arriving(&self) -> Result<(), StoreError> {
        let (from, to) = (self.arriving(), self.pending());
        if !from.is_dir() {
            return Ok(());
        }
        files::make_directory(&to)?;
        for entry in fs::read_dir(&from).map_err(StoreError::at(&from))? {
            let entry = entry.map_err(StoreError::at(&from))?;
            let target = to.join(entry.file_name());
            fs::rename(entry.path(), &target).map_err(StoreError::at(&target))?;
        }
        files::sync_directory(&to)?;
        self.clear_arriving()
    }
}

/// Whether one generation has other files than another, besides those that only say how new it is.
pub(crate) fn answers_differ(one: &Generation, other: &Generation) -> Result<bool, StoreError> {
    let (mut mine, mut theirs) = (names(one)?, names(other)?);
    mine.sort_unstable();
    theirs.sort_unstable();
    if mine != theirs {
        return Ok(true);
    }
    for name in mine.iter().filter(|name| !OF_TIME.contains(&name.as_str())) {
        if !is_same(&one.path.join(name), &other.path.join(name))? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn names(generation: &Generation) -> Result<Vec<String>, StoreError> {
    let path = &generation.path;
    let entries = fs::read_dir(path).map_err(StoreError::at(path))?;
    let names = entries.map(|entry| {
        let name = entry.map_err(StoreError::at(path))?.file_name();
        Ok(name.to_string_lossy().into_owned())
    });
    names.collect()
}

fn is_same(one: &PathBuf, other: &PathBuf) -> Result<bool, StoreError> {
    let metadata = |path: &PathBuf| fs::metadata(path).map_err(StoreError::at(path));
    let (mine, theirs) = (metadata(one)?, metadata(other)?);
    if mine.len() != theirs.len() {
        return Ok(false);
    }
    // Links to one file.
    if mine.modified().ok() == theirs.modified().ok() {
        return Ok(true);
    }
    let digest = |path: &PathBuf| files::sha256(path, mine.len());
    Ok(digest(one)? == digest(other)?)
}
