//! The files of a journal's directory.
//!
//! ```text
//! journal/                                      0700
//!   chain.json                                  which chain this is, and its public key; written once
//!   signing.key  reference.key                  0600; written once
//!   lock                                        held by the process that writes
//!   0000000000000001-20261122T010203Z.jsonl     lines, from the number and time in the name; 0600
//! ```

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use interdict_core::common::time::Time;
use interdict_host::StoreError;

use crate::error::Error;

pub(super) const LOCK: &str = "lock";

/// The end of the name of a file of lines.
const SUFFIX: &str = ".jsonl";

/// The name of a file of lines. Names sort as their lines do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct FileName {
    /// The number of its first line.
    pub(super) number: u64,
    /// The time of that line.
    pub(super) start: u32,
}

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = Time::from_seconds(self.start).to_string();
        let time: String = time.chars().filter(|c| !matches!(c, '-' | ':')).collect();
        write!(f, "{:016}-{time}{SUFFIX}", self.number)
    }
}

impl FileName {
    /// Reads a name; `None` for that of any other file.
    pub(super) fn parse(name: &str) -> Option<Self> {
        let (number, time) = name.strip_suffix(SUFFIX)?.split_once('-')?;
        let part = |from: usize, to: usize| time.get(from..to);
        let time = format!(
            "{}-{}-{}{}:{}:{}",
            part(0, 4)?,
            part(4, 6)?,
            part(6, 8)?,
            part(8, 11)?,
            part(11, 13)?,
            part(13, 16)?
        );
        let parsed = Self {
            number: number.parse().ok()?,
            start: Time::parse(&time)?.seconds(),
        };
        (parsed.to_string() == name).then_some(parsed)
    }

    pub(super) fn path(&self, directory: &Path) -> PathBuf {
        directory.join(self.to_string())
    }
}

/// The files of lines in a directory, oldest first, and the names of others that end alike.
pub(super) fn list(directory: &Path) -> Result<(Vec<FileName>, Vec<String>), Error> {
    let at = || StoreError::at(directory);
    let (mut files, mut strangers) = (Vec::new(), Vec::new());
    for entry in fs::read_dir(directory).map_err(at())? {
        let name = entry.map_err(at())?.file_name();
        let name = name.to_string_lossy();
        match FileName::parse(&name) {
            Some(file) => files.push(file),
            None if name.ends_with(SUFFIX) => strangers.push(name.into_owned()),
            None => {}
        }
    }
    files.sort_unstable();
    strangers.sort_unstable();
    Ok((files, strangers))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_back_and_names_sort_by_number() {
        let one = FileName {
            number: 9,
            start: 1_795_309_323,
        };
        let text = "0000000000000009-20261122T010203Z.jsonl";
        assert_eq!(one.to_string(), text);
        assert_eq!(FileName::parse(text), Some(one));
        let next = FileName {
            number: 10,
            start: 1_795_309_000,
        };
        assert!(one < next && one.to_string() < next.to_string());
        for bad in [
            "9-20261122T010203Z.jsonl",
            "0000000000000009-20261322T010203Z.jsonl",
            "0000000000000009-20261122T010203Z.json",
            "0000000000000009-20261122T010203Zx.jsonl",
            "x.jsonl",
            "\u{e5}\u{e5}\u{e5}\u{e5}-\u{e5}\u{e5}\u{e5}\u{e5}\u{e5}\u{e5}\u{e5}\u{e5}.jsonl",
        ] {
            assert_eq!(FileName::parse(bad), None, "{bad}");
        }
    }
}
