//! What a host keeps of a coalition beside the verified files, so that files that were rolled back, and a
//! clock that was set back, are noticed.

use alloc::borrow::ToOwned as _;
use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use core::fmt;
use core::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use crate::common::time::Time;
use crate::common::{bytes, hex};
use crate::list::{ListId, is_name};
use crate::trust::Floor;

/// The first word of the text. A form that this version cannot read begins with another.
const FORMAT: &str = "interdict-history-1";

/// The largest number in the text: hosts that show it can read it exactly.
const MAX_NUMBER: u64 = (1 << 53) - 1;

/// The most lists in a history: as many as an enrolment names.
const MAX_LISTS: usize = 256;

/// What was seen of a coalition until now. As text it is one line, which a host saves and gives back
/// unread:
///
/// ```text
/// interdict-history-1 se verified=1795309323 polled=1795309323 root=2 timestamp=5 snapshot=5 targets=4 se/merchants=41 check=<32 hexadecimal digits>
/// ```
///
/// `check` is the first 16 bytes of the SHA-256 of the text before ` check=`. A number that is not known
/// is 0. Each text has one spelling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct History {
    /// The coalition's name in this gateway.
    pub coalition: String,
    /// The newest verified time: the clock does not go below it.
    pub verified: Option<Time>,
    /// When the last completed poll of the repository began, by the host's clock. A replay of saved files
    /// leaves it alone.
    pub polled: Option<Time>,
    /// The highest versions of metadata.
    pub versions: Floor,
    /// The highest sequence of each list, by id.
    pub lists: Sequences,
}

/// The highest sequence of each list, in the order of their ids.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sequences(Vec<(ListId, u64)>);

/// The least that the files of a coalition must reach, from the gateway's own configuration: a floor
/// outside the directory that the files are in.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AtLeast {
    /// Versions of metadata.
    pub versions: Floor,
    /// The sequence of each list.
    pub lists: Sequences,
}

/// The text is not one that [`History`] was written as: it was damaged, or is of another coalition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HistoryDamaged;

impl History {
    /// Reads the text of this coalition's history.
    ///
    /// # Errors
    /// [`HistoryDamaged`] for any other text.
    pub fn read(text: &str, coalition: &str) -> Result<Self, HistoryDamaged> {
        let history = Self::words(text).ok_or(HistoryDamaged)?;
        if history.coalition == coalition && history.to_string() == text {
            Ok(history)
        } else {
            Err(HistoryDamaged)
        }
    }

    /// Reads the words; the caller compares the text that they make, with its check.
    fn words(text: &str) -> Option<Self> {
        let (text, _) = text.strip_prefix(FORMAT)?.rsplit_once(" check=")?;
        let mut words = text.strip_prefix(' ')?.split(' ');
        let coalition = words.next().filter(|name| is_name(name))?.to_owned();
        let mut number = |name: &str| {
            let digits = words.next()?.strip_prefix(name)?.strip_prefix('=')?;
            digits.parse::<u32>().ok()
        };
        let mut time = |name| match number(name)? {
            0 => Some(None),
            seconds => Time::from_clock(seconds).map(Some),
        };
        let (verified, polled) = (time("verified")?, time("polled")?);
        let versions = Floor {
            root: number("root")?,
            timestamp: number("timestamp")?,
            snapshot: number("snapshot")?,
            targets: number("targets")?,
        };
        let mut lists = Sequences::default();
        for word in words {
            let (list, sequence) = word.split_once('=')?;
            lists.raise(ListId::parse(list).ok()?, sequence.parse().ok()?)?;
        }
        Some(Self {
            coalition,
            verified,
            polled,
            versions,
            lists,
        })
    }
}

impl fmt::Display for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = |time: Option<Time>| time.map_or(0, |time| time.seconds());
        let Floor {
            root,
            timestamp,
            snapshot,
            targets,
        } = self.versions;
        let mut text = format!(
            "{FORMAT} {} verified={} polled={} root={root} timestamp={timestamp} snapshot={snapshot} targets={targets}",
            self.coalition,
            seconds(self.verified),
            seconds(self.polled),
        );
        for (list, sequence) in self.lists.iter() {
            write!(text, " {}={sequence}", list.as_str())?;
        }
        let check: [u8; 16] = bytes::first(&<[u8; 32]>::from(Sha256::digest(&text)));
        write!(f, "{text} check={}", hex::text(&check))
    }
}

impl Sequences {
    /// Raises the sequence of a list to at least this. `None`, and no change, for one list too many.
    pub fn raise(&mut self, list: ListId, sequence: u64) -> Option<()> {
        let sequence = sequence.min(MAX_NUMBER);
        match self.0.binary_search_by(|(known, _)| known.cmp(&list)) {
            Ok(at) => {
                let (_, known) = self.0.get_mut(at)?;
                *known = sequence.max(*known);
            }
            Err(_) if self.0.len() >= MAX_LISTS => return None,
            Err(at) => self.0.insert(at, (list, sequence)),
        }
        Some(())
    }

    /// The sequence of a list; 0 if it has none.
    #[must_use]
    pub fn of(&self, list: &ListId) -> u64 {
        let found = self.0.binary_search_by(|(known, _)| known.cmp(list)).ok();
        let found = found.and_then(|at| self.0.get(at));
        found.map_or(0, |(_, sequence)| *sequence)
    }

    /// Each list with its sequence, by id.
    pub fn iter(&self) -> impl Iterator<Item = (&ListId, u64)> {
        self.0.iter().map(|(list, sequence)| (list, *sequence))
    }
}

impl fmt::Display for HistoryDamaged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "the history is damaged, or of another coalition or version; give \"none\" to go on without it",
        )
    }
}

impl core::error::Error for HistoryDamaged {}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "interdict-history-1 se verified=1795309323 polled=1795309300 root=2 timestamp=5 snapshot=4 targets=3 se/cards=1 se/merchants=41 check=";

    fn text() -> String {
        // sha256sum of the text before ` check=`, its first 32 digits.
        format!("{TEXT}{CHECK}")
    }

    const CHECK: &str = "1f0033ff80ab41a322c145778ead8b51";

    #[test]
    fn the_text_is_read_as_it_was_written() {
        let history = History::read(&text(), "se").unwrap();
        assert_eq!(history.verified.unwrap().seconds(), 1_795_309_323);
        assert_eq!(history.polled.unwrap().seconds(), 1_795_309_300);
        let versions = history.versions;
        let numbers = [
            versions.root,
            versions.timestamp,
            versions.snapshot,
            versions.targets,
        ];
        assert_eq!(numbers, [2, 5, 4, 3]);
        let merchants = ListId::parse("se/merchants").unwrap();
        assert_eq!(history.lists.of(&merchants), 41);
        assert_eq!(history.to_string(), text());
    }

    #[test]
    fn every_flipped_bit_and_every_cut_is_damage() {
        let text = text();
        for at in 0..text.len() {
            assert_eq!(
                History::read(text.get(..at).unwrap(), "se"),
                Err(HistoryDamaged)
            );
            for bit in 0..7 {
                let mut bytes = text.clone().into_bytes();
                bytes[at] ^= 1 << bit;
                let flipped = String::from_utf8(bytes).unwrap();
                assert_eq!(
                    History::read(&flipped, "se"),
                    Err(HistoryDamaged),
                    "{flipped}"
                );
            }
        }
        for other in [format!("{text}\n"), format!(" {text}"), format!("{text}0")] {
            assert_eq!(History::read(&other, "se"), Err(HistoryDamaged));
        }
        assert_eq!(History::read(&text, "nl"), Err(HistoryDamaged));
    }

    /// A right check does not make another spelling right.
    #[test]
    fn a_text_has_one_spelling() {
        let checked = |text: &str| {
            let check: [u8; 16] = bytes::first(&<[u8; 32]>::from(Sha256::digest(text)));
            format!("{text} check={}", hex::text(&check))
        };
        let right = TEXT.strip_suffix(" check=").unwrap();
        assert_eq!(checked(right), text());
        for (from, to) in [
            ("root=2", "root=02"),
            ("root=2", "root=+2"),
            ("root=2", "root=4294967296"),
            ("verified=1795309323", "verified=1"),
            ("se/cards=1 se/merchants=41", "se/merchants=41 se/cards=1"),
            ("se/cards=1", "se/cards=1 se/cards=1"),
            ("se/cards=1", "se/cards=9007199254740992"),
            ("se/cards=1", "cards=1"),
            ("history-1", "history-2"),
            (" se ", " SE "),
            (" snapshot=4", ""),
        ] {
            assert!(right.contains(from), "{from}");
            let other = checked(&right.replacen(from, to, 1));
            assert_eq!(History::read(&other, "se"), Err(HistoryDamaged), "{to}");
        }
    }

    #[test]
    fn what_is_not_known_is_nought() {
        let none = History {
            coalition: "se".to_owned(),
            verified: None,
            polled: None,
            versions: Floor::default(),
            lists: Sequences::default(),
        };
        let text = none.to_string();
        assert!(text.starts_with("interdict-history-1 se verified=0 polled=0 root=0 timestamp=0 snapshot=0 targets=0 check="));
        assert_eq!(History::read(&text, "se"), Ok(none));
    }

    #[test]
    fn a_sequence_is_only_raised_and_its_lists_are_bounded() {
        let list = |number: usize| ListId::parse(&format!("se/l{number}")).unwrap();
        let mut lists = Sequences::default();
        for number in 0..MAX_LISTS {
            assert!(lists.raise(list(number), 5).is_some());
        }
        assert!(lists.raise(list(MAX_LISTS), 5).is_none());
        assert!(lists.raise(list(7), 4).is_some());
        assert_eq!((lists.of(&list(7)), lists.of(&list(MAX_LISTS))), (5, 0));
        assert!(lists.raise(list(7), u64::MAX).is_some());
        assert_eq!(lists.of(&list(7)), MAX_NUMBER);
    }
}
