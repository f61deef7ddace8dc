//! Verification with the files of lines and public keys alone, in the order of `docs/audit.md`, Verifying.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use interdict_host::StoreError;

use super::decision::ReadDecision;
use super::draft::NOTHING_BEFORE;
use super::envelope::{Envelope, digest};
use super::files::{self as journal_files, FileName};
use super::forks::{self, Fork};
use super::head::Cut;
use super::inbox::Inbox;
use super::lines::{Lines, RawLine};
use super::recovery::rest;
use crate::error::Error;
use crate::journal_error::JournalError;

/// More faults of one directory are only counted.
const MOST_FAULTS: usize = 1_000;

/// What is wrong at a place of a journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The file's name.
    pub file: String,
    /// The line in it, from 1; 0 if it is about the file as a whole.
    pub line: u64,
    /// What.
    pub what: Flaw,
}

/// What can be wrong with a journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// The line is no line of a journal, or was changed after it was written.
    Changed,
    /// The file ends in the middle of a line, and no later line says so.
    Cut,
    /// What a later line says about the cut end of this file is not so.
    OtherCut,
    /// Whole lines are spoiled from here to the end of the file, as a later line says.
    Spoiled,
    /// These numbers are missing.
    Gap {
        /// The first.
        from: u64,
        /// The last.
        to: u64,
    },
    /// The oldest lines are missing, and no line says that they were deleted.
    Undeclared {
        /// The first that is missing.
        from: u64,
        /// The last.
        to: u64,
    },
    /// A line of this number was there before: two machines wrote one chain.
    Fork {
        /// The number.
        number: u64,
    },
    /// The line does not continue the one before: one of the two was replaced.
    Unlinked {
        /// Its number.
        number: u64,
    },
    /// The line is of another chain.
    OtherChain,
    /// The signature of a head is wrong.
    Signature {
        /// Its number.
        number: u64,
    },
    /// A head is signed with a key that was not given.
    OtherKey {
        /// Its number.
        number: u64,
    },
    /// The signature below a person's decision is wrong or for another line, or it is no decision.
    Decision {
        /// Its number.
        number: u64,
    },
    /// A person's decision was a line before.
    Repeated {
        /// Its number.
        number: u64,
    },
    /// The file does not begin with a head, or its name is not that of its first line.
    Beginning,
    /// The name of the file is none that a journal gives.
    Stranger,
    /// No line at all.
    Empty,
}

/// The last signed line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedUpTo {
    /// The number of the last line that the signature covers.
    pub number: u64,
    /// The SHA-256 of that line.
    pub sha256: [u8; 32],
    /// When it was signed.
    pub time: u32,
}

/// What one directory holds.
#[derive(Debug, Clone, Default)]
pub struct DirectoryReport {
    /// Which.
    pub directory: PathBuf,
    /// The name of its chain; empty if it has none.
    pub chain: String,
    /// How many files.
    pub files: usize,
    /// How many good lines.
    pub lines: u64,
    /// The number of the first line.
    pub first: u64,
    /// The number of the last line.
    pub last: u64,
    /// Up to where it is signed.
    pub signed: Option<SignedUpTo>,
    /// The lines after the last head, which no signature covers yet.
    pub unsigned: u64,
    /// Ends of files that an interrupted process left, and that the next line names.
    pub cuts: u64,
    /// The decisions of each person, by name and public key.
    pub people: BTreeMap<(String, String), u64>,
    /// The decisions that nobody signed.
    pub unsigned_decisions: u64,
    /// The decisions that are not lines yet.
    pub waiting_decisions: usize,
    /// The decisions that were refused and that nobody has looked at yet.
    pub refused_decisions: usize,
    /// What is wrong, in the order of the lines.
    pub faults: Vec<Fault>,
    /// Further faults.
    pub more_faults: u64,
}

/// What all directories hold.
#[derive(Debug, Clone, Default)]
pub struct JournalReport {
    /// Each.
    pub directories: Vec<DirectoryReport>,
    /// Where two of them went different ways from a common beginning.
    pub forks: Vec<Fork>,
}

impl JournalReport {
    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        let mut all = self.directories.iter();
        self.forks.is_empty() && all.all(|one| one.faults.is_empty())
    }
}

/// How much of a journal is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// All that is kept.
    Whole,
    /// A part of it, such as evidence has.
    Part,
}

/// Verifies the journals of directories with these public keys. Replicas have chains of their own; two
/// directories of one chain are compared.
///
/// # Errors
/// A directory or file cannot be read. Whatever is wrong in one is in the report.
pub fn verify(
    directories: &[PathBuf],
    keys: &[String],
    extent: Extent,
) -> Result<JournalReport, Error> {
    let mut report = JournalReport::default();
    for directory in directories {
        report
            .directories
            .push(verify_one(directory, keys, extent)?);
    }
    let chains = report.directories.iter();
    let chains: Vec<_> = chains
        .map(|one| (one.chain.as_str(), one.directory.as_path()))
        .collect();
    report.forks = forks::find(&chains)?;
    Ok(report)
}

fn verify_one(directory: &Path, keys: &[String], extent: Extent) -> Result<DirectoryReport, Error> {
    let (names, strangers) = journal_files::list(directory)?;
    if names.is_empty() && strangers.is_empty() {
        return Err(JournalError::Missing(directory.to_owned()).into());
    }
    let mut walk = Walk {
        report: DirectoryReport {
            directory: directory.to_owned(),
            files: names.len(),
            ..DirectoryReport::default()
        },
        keys,
        file: String::new(),
        line: 0,
        next: None,
        oldest: None,
        decisions: BTreeSet::new(),
    };
    let (waiting, refused) = Inbox::of(directory).list()?;
    walk.report.waiting_decisions = waiting.len();
    walk.report.refused_decisions = refused;
    for (index, name) in names.iter().enumerate() {
        let next = names.get(index.saturating_add(1));
        walk.file(directory, *name, next.copied())?;
    }
    if extent == Extent::Whole {
        walk.beginning();
    }
    walk.end(strangers);
    Ok(walk.report)
}

/// How far the verification of a directory has come.
struct Walk<'k> {
    report: DirectoryReport,
    keys: &'k [String],
    file: String,
    line: u64,
    /// The number of the next line, and the SHA-256 of the last one unless that is spoiled.
    next: Option<(u64, Option<[u8; 32]>)>,
    /// The number of the oldest line that is kept, as the last head says.
    oldest: Option<u64>,
    /// The ids of people's decisions.
    decisions: BTreeSet<String>,
}

impl Walk<'_> {
    fn file(
        &mut self,
        directory: &Path,
        name: FileName,
        next: Option<FileName>,
    ) -> Result<(), Error> {
        self.file = name.to_string();
        self.line = 0;
        let path = name.path(directory);
        let at = || StoreError::at(&path);
        let mut declared = match next {
            Some(next) => declared_cut(&next.path(directory))?,
            None => None,
        };
        let mut lines = Lines::open(&path).map_err(at())?;
        while let Some(line) = lines.next().map_err(at())? {
            self.line = self.line.saturating_add(1);
            let envelope = Envelope::read(&line.bytes).filter(|_| line.is_ended);
            if let Some(envelope) = envelope {
                self.good(&envelope, &line, name);
                continue;
            }
            if declared.is_some() && rest(&path, line.start)? == declared {
                declared = None;
                self.report.cuts = self.report.cuts.saturating_add(1);
                // A write that was interrupted leaves no line feed. Whoever lost whole lines is told for good.
                if line.is_ended || lines.next().map_err(at())?.is_some() {
                    self.fault(Flaw::Spoiled);
                }
                break;
            }
            self.fault(if line.is_ended {
                Flaw::Changed
            } else {
                Flaw::Cut
            });
            // Part of a line has no number of its own.
            let count = u64::from(line.is_ended);
            self.next = self
                .next
                .map(|(number, _)| (number.saturating_add(count), None));
        }
        if declared.is_some() {
            self.fault(Flaw::OtherCut);
        }
        if self.line == 0 {
            self.fault(Flaw::Beginning);
        }
        Ok(())
    }

    fn good(&mut self, envelope: &Envelope<'_>, line: &RawLine, name: FileName) {
        let number = envelope.number;
        self.chain(envelope);
        self.place(envelope);
        if self.line == 1 {
            let is_start =
                envelope.head.is_some() && (number, envelope.time) == (name.number, name.start);
            if !is_start {
                self.fault(Flaw::Beginning);
            }
        }
        self.report.unsigned = self.report.unsigned.saturating_add(1);
        self.head(envelope, line);
        if let Some(decision) = envelope.decision {
            self.decision(decision.get(), envelope);
        }
        if self.report.lines == 0 {
            self.report.first = number;
        }
        self.report.lines = self.report.lines.saturating_add(1);
        self.report.last = number;
        self.next = Some((number.saturating_add(1), Some(digest(&line.bytes))));
    }

    fn chain(&mut self, envelope: &Envelope<'_>) {
        if self.report.chain.is_empty() {
            envelope.chain.clone_into(&mut self.report.chain);
        }
        if self.report.chain != envelope.chain {
            self.fault(Flaw::OtherChain);
        }
    }

    fn place(&mut self, envelope: &Envelope<'_>) {
        let number = envelope.number;
        let first = (number, (number == 1).then_some(NOTHING_BEFORE));
        let (expected, before) = self.next.unwrap_or(first);
        if number > expected {
            let to = number.saturating_sub(1);
            self.fault(Flaw::Gap { from: expected, to });
        } else if number < expected {
            self.fault(Flaw::Fork { number });
        } else if before.is_some() && before != envelope.previous() {
            self.fault(Flaw::Unlinked { number });
        }
    }

    fn head(&mut self, envelope: &Envelope<'_>, line: &RawLine) {
        let number = envelope.number;
        let Some(head) = &envelope.head else {
            return;
        };
        if head.cut.is_some() && self.line > 1 {
            self.fault(Flaw::Changed);
        }
        if !head.is_signed(&line.bytes) {
            self.fault(Flaw::Signature { number });
        } else if !self.keys.contains(&head.key) {
            self.fault(Flaw::OtherKey { number });
        } else {
            self.oldest = Some(head.first);
            self.report.unsigned = 0;
            self.report.signed = Some(SignedUpTo {
                number: number.saturating_sub(1),
                sha256: envelope.place().previous,
                time: envelope.time,
            });
        }
    }

    fn decision(&mut self, json: &str, envelope: &Envelope<'_>) {
        let number = envelope.number;
        let decision = ReadDecision::read(json).filter(|one| one.id == envelope.id);
        if !self.decisions.insert(envelope.id.to_owned()) {
            self.fault(Flaw::Repeated { number });
        }
        match decision {
            None => self.fault(Flaw::Decision { number }),
            Some(decision) if decision.people.is_empty() => {
                self.report.unsigned_decisions = self.report.unsigned_decisions.saturating_add(1);
            }
            Some(decision) => {
                for person in decision.people {
                    let count = self.report.people.entry(person).or_default();
                    *count = count.saturating_add(1);
                }
            }
        }
    }

    /// Only what a head declares may be missing at the beginning.
    fn beginning(&mut self) {
        self.line = 0;
        if let Some(from) = self.oldest.filter(|oldest| *oldest < self.report.first) {
            let to = self.report.first.saturating_sub(1);
            self.fault(Flaw::Undeclared { from, to });
        }
    }

    fn end(&mut self, strangers: Vec<String>) {
        self.line = 0;
        if self.report.lines == 0 {
            self.fault(Flaw::Empty);
        }
        for name in strangers {
            self.file = name;
            self.fault(Flaw::Stranger);
        }
    }

    fn fault(&mut self, what: Flaw) {
        if self.report.faults.len() >= MOST_FAULTS {
            self.report.more_faults = self.report.more_faults.saturating_add(1);
            return;
        }
        self.report.faults.push(Fault {
            file: self.file.clone(),
            line: self.line,
            what,
        });
    }
}

/// What the first line of a file says about the end of the file before.
fn declared_cut(path: &Path) -> Result<Option<Cut>, Error> {
    let at = || StoreError::at(path);
    let line = Lines::open(path).and_then(|mut lines| lines.next());
    let Some(line) = line.map_err(at())? else {
        return Ok(None);
    };
    let envelope = Envelope::read(&line.bytes);
    Ok(envelope.and_then(|envelope| envelope.head?.cut))
}
