use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use interdict_core::wire::EnrolmentKey;

use super::error::StoreError;
use super::files;

pub(super) const CURRENT: &str = "current";
pub(super) const HISTORY: &str = "history";
/// More than the longest history: 256 lists with ids of 65 bytes.
const MAX_HISTORY: u64 = 32 << 10;
const OPENED_KEYS: &str = "opened.keys";
const PENDING: &str = "pending";
const PAGES: &str = "pages";
const GENERATION: &str = "generation-";

/// One coalition's directory in the [`Store`](crate::Store).
#[derive(Debug, Clone)]
pub(crate) struct Shelf(PathBuf);

/// All files of one completed update. Ignored until `current` names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Generation {
    pub(crate) number: u64,
    pub(crate) path: PathBuf,
}

impl Shelf {
    pub(crate) const fn new(path: PathBuf) -> Self {
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// Refuses a shelf on which pages of records lie: a host that loaded them one at a time kept its lists
    /// without their records.
    pub(crate) fn check_layout(&self) -> Result<(), StoreError> {
        let pages = self.0.join(PAGES);
        if pages.exists() {
            return Err(StoreError::RecordPages(pages));
        }
        Ok(())
    }

    /// The generations that can be loaded, best first: the current one and those it replaced. A directory that
    /// `current` never named may be half written and is left out.
    pub(crate) fn generations(&self) -> Result<Vec<Generation>, StoreError> {
        let Some(current) = self.number(CURRENT)? else {
            return Ok(Vec::new());
        };
        let mut numbers = self.numbers()?;
        // One that `current` names and that is gone is damaged, like one that lacks a file.
        numbers.retain(|number| *number < current);
        numbers.push(current);
        numbers.sort_unstable_by(|a, b| b.cmp(a));
        Ok(numbers
            .into_iter()
            .map(|number| self.generation(number))
            .collect())
    }

    /// Makes a new generation from files that are already on the shelf. [`Shelf::commit`] makes it current.
    pub(crate) fn add_generation(
        &self,
        contents: &BTreeMap<String, PathBuf>,
    ) -> Result<Generation, StoreError> {
        let newest = self.numbers()?.into_iter().max().unwrap_or(0);
        let generation = self.generation(newest.saturating_add(1));
        files::create_directory(&generation.path)?;
        for (name, from) in contents {
            files::link_or_copy(from, &generation.path.join(files::checked_name(name)?))?;
        }
        files::sync_directory(&generation.path)?;
        files::sync_directory(&self.0)?;
        Ok(generation)
    }

    /// Makes a generation current, then deletes older ones except `base`, the one before.
    pub(crate) fn commit(
        &self,
        generation: &Generation,
        base: Option<u64>,
    ) -> Result<(), StoreError> {
        files::write(
            &self.0,
            CURRENT,
            format!("{}\n", generation.number).as_bytes(),
        )?;
        self.clear_pending()?;
        for number in self.numbers()? {
            if number != generation.number && Some(number) != base {
                files::clear(&self.generation(number).path)?;
            }
        }
        Ok(())
    }

    /// Deletes a generation that was never current.
    pub(crate) fn discard(&self, generation: &Generation) -> Result<(), StoreError> {
        files::clear(&generation.path)
    }

    /// The directory with the verified files of an unfinished update.
    pub(crate) fn pending(&self) -> PathBuf {
        self.0.join(PENDING)
    }

    pub(crate) fn clear_pending(&self) -> Result<(), StoreError> {
        files::clear(&self.pending())
    }

    /// What was saved as the history: the module reads it.
    pub(crate) fn history(&self) -> Result<Option<String>, StoreError> {
        let bytes = files::read(&self.0.join(HISTORY), MAX_HISTORY)?;
        let text = bytes.map(String::from_utf8).transpose();
        text.map_err(|_| self.damaged_history())
    }

    /// The error for a history that the module would refuse.
    pub(crate) fn damaged_history(&self) -> StoreError {
        StoreError::Damaged(self.0.join(HISTORY))
    }

    pub(crate) fn save_history(&self, history: &str) -> Result<(), StoreError> {
        files::write(&self.0, HISTORY, history.as_bytes())
    }

    /// Saves the list keys that were sealed to this gateway, a line for each, for hosts that cannot open them.
    pub(crate) fn save_opened_keys(&self, keys: &[EnrolmentKey]) -> Result<(), StoreError> {
        let lines = keys.iter().map(|key| format!("{}\n", key.hex()));
        let text = lines.collect::<String>().into_bytes();
        let most = u64::try_from(text.len()).unwrap_or(u64::MAX);
        match files::read(&self.0.join(OPENED_KEYS), most) {
            Ok(saved) if saved.as_deref().unwrap_or_default() == text => Ok(()),
            Ok(_) | Err(StoreError::Damaged(_)) => files::write(&self.0, OPENED_KEYS, &text),
            Err(error) => Err(error),
        }
    }

    /// Deletes everything that was verified, because another root of trust starts from nothing.
    pub(crate) fn forget(&self) -> Result<(), StoreError> {
        files::clear(&self.0.join(CURRENT))?;
        files::clear(&self.0.join(OPENED_KEYS))?;
        files::clear(&self.0.join(HISTORY))?;
        self.clear_waiting()?;
        self.clear_pending()?;
        for number in self.numbers()? {
            files::clear(&self.generation(number).path)?;
        }
        Ok(())
    }

    /// Whether the current generation contains this very root, verified.
    pub(crate) fn holds_root(&self, root: &[u8]) -> Result<bool, StoreError> {
        let Some(generation) = self.generations()?.into_iter().next() else {
            return Ok(false);
        };
        for path in entries(&generation.path)? {
            let is_root = path
                .to_str()
                .is_some_and(|path| path.ends_with(".root.json"));
            let most = u64::try_from(root.len()).unwrap_or(u64::MAX);
            if is_root {
                match files::read(&path, most) {
                    Ok(bytes) if bytes.as_deref() == Some(root) => return Ok(true),
                    Ok(_) | Err(StoreError::Damaged(_)) => {}
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(false)
    }

    pub(super) fn generation(&self, number: u64) -> Generation {
        Generation {
            number,
            path: self.0.join(format!("{GENERATION}{number}")),
        }
    }

    fn numbers(&self) -> Result<Vec<u64>, StoreError> {
        let entries = match fs::read_dir(&self.0) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(StoreError::at(&self.0)(error)),
        };
        let mut numbers = Vec::new();
        for entry in entries {
            let name = entry.map_err(StoreError::at(&self.0))?.file_name();
            let number = name.to_str().and_then(|name| name.strip_prefix(GENERATION));
            let number = number.and_then(|number| number.parse::<u64>().ok());
            // None is above the largest.
            numbers.extend(number.filter(|number| *number < u64::MAX));
        }
        Ok(numbers)
    }

    fn number(&self, name: &str) -> Result<Option<u64>, StoreError> {
        let path = self.0.join(name);
        let Some(bytes) = files::read(&path, 32)? else {
            return Ok(None);
        };
        let number = std::str::from_utf8(&bytes)
            .ok()
            .and_then(|text| text.trim_end().parse::<u64>().ok());
        number.map(Some).ok_or(StoreError::Damaged(path))
    }
}

/// Saves a verified file in a directory. It is on the disk when this returns, before the next one is fetched.
pub(crate) fn keep_in(directory: &Path, name: &str, bytes: &[u8]) -> Result<PathBuf, StoreError> {
    files::make_directory(directory)?;
    files::write(directory, files::checked_name(name)?, bytes)?;
    Ok(directory.join(name))
}

fn entries(directory: &Path) -> Result<Vec<PathBuf>, StoreError> {
    let entries = fs::read_dir(directory).map_err(StoreError::at(directory))?;
    entries
        .map(|entry| Ok(entry.map_err(StoreError::at(directory))?.path()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shelf() -> (tempfile::TempDir, Shelf) {
        let room = tempfile::tempdir().unwrap();
        let shelf = Shelf::new(room.path().join("se"));
        files::create_directory(shelf.path()).unwrap();
        (room, shelf)
    }

    fn numbers(shelf: &Shelf) -> Vec<u64> {
        shelf
            .generations()
            .unwrap()
            .iter()
            .map(|generation| generation.number)
            .collect()
    }

    #[test]
    fn a_generation_counts_only_once_it_is_committed() {
        let (_room, shelf) = shelf();
        let file = keep_in(&shelf.pending(), "timestamp.json", b"1").unwrap();
        let contents = BTreeMap::from([("timestamp.json".to_owned(), file)]);
        let first = shelf.add_generation(&contents).unwrap();
        assert_eq!(numbers(&shelf), [] as [u64; 0]);
        shelf.commit(&first, None).unwrap();
        assert_eq!(numbers(&shelf), [1]);
        assert!(!shelf.pending().exists());

        // Killed after half of the files of the next one.
        fs::create_dir(shelf.path().join("generation-2")).unwrap();
        assert_eq!(numbers(&shelf), [1]);
        let file = keep_in(&shelf.pending(), "timestamp.json", b"3").unwrap();
        let contents = BTreeMap::from([("timestamp.json".to_owned(), file)]);
        let third = shelf.add_generation(&contents).unwrap();
        assert_eq!(third.number, 3);
        shelf.commit(&third, Some(1)).unwrap();
        assert_eq!(numbers(&shelf), [3, 1]);
        let read = |number: u64| fs::read(shelf.generation(number).path.join("timestamp.json"));
        assert_eq!(
            (read(3).unwrap(), read(1).unwrap()),
            (b"3".to_vec(), b"1".to_vec())
        );
    }

    #[test]
    fn a_name_with_a_slash_reaches_no_disk() {
        let (_room, shelf) = shelf();
        assert!(matches!(
            keep_in(&shelf.pending(), "../enrolment.json", b""),
            Err(StoreError::Name)
        ));
        let contents = BTreeMap::from([("a/b".to_owned(), shelf.path().join("x"))]);
        assert!(matches!(
            shelf.add_generation(&contents),
            Err(StoreError::Name)
        ));
    }

    #[test]
    fn a_damaged_current_is_an_error_and_not_an_empty_shelf() {
        let (_room, shelf) = shelf();
        fs::write(shelf.path().join(CURRENT), b"\0\0").unwrap();
        assert!(matches!(shelf.generations(), Err(StoreError::Damaged(_))));
    }
}
