use std::collections::BTreeMap;
use std::fmt;
use std::io::Read;

use interdict_core::common::time::Time;
use interdict_core::list::{ListId, MAX_ENTRIES};

use super::apply::apply;
use super::feed::ImportMode;
use super::line::{Terms, WwwNames};
use super::read::{
    Encoding, Field, Format, NoProgress, Progress, ReadOptions, Reading, Recognised, Rows,
};
use super::report::{Conflict, RefusedLine, json_lines, lines, noted};
use super::staged::Staged;
use crate::error::{FileError, Result};
use crate::publisher::Publisher;
use crate::register::Deed;

/// The fields of an imported row; every CSV file has the first two.
const FIELDS: [Field; 11] = [
    Field::Kind,
    Field::Value,
    Field::Source,
    Field::Action,
    Field::Category,
    Field::Confidence,
    Field::ValidUntil,
    Field::Group,
    Field::Scope,
    Field::Flags,
    Field::Handling,
];

/// From this share of the most entries of a release on, in percent, an import says so.
const NEARLY_FULL: u64 = 90;

const SHARED: &str =
    "wallets without a tag, to which strangers may be paid too (an exchange, a pool)";

/// How to read a file of listings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportOptions {
    /// How it is written; any but `Json` and `Text`.
    pub format: Format,
    /// What else is known of how it is written.
    pub read: ReadOptions,
    /// Whether the register changes.
    pub effect: Effect,
    /// The list it goes to; none for the coalition's only list.
    pub list: Option<String>,
    /// The registered source that the file is from. Rows that name another are refused.
    pub source: String,
    /// The file's name, for the history; empty if it has none.
    pub file_name: String,
    /// What becomes of entries of the source that the file does not name.
    pub mode: ImportMode,
    /// What to do with lines that were taken off the list before.
    pub delisted: Delisted,
    /// What to do with names that begin with `www.`.
    pub www: WwwNames,
    /// Schemes of `other` and `handle`, and facilitators, whose ids may be as long as a card number;
    /// `any` stands for every facilitator.
    pub numeric: Vec<String>,
}

/// What an import does with lines a tombstone covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delisted {
    /// Refuses them: a feed must not bring back what was cleared.
    Refuse,
    /// Lifts the tombstone, also one that holds for all sources, and lists them again. The register keeps
    /// what the tombstone said.
    Relist,
}

/// Whether an import changes the register.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It does.
    Commit,
    /// Everything is tried and reported, and then undone.
    DryRun,
}

/// What an import did, without any identifier's value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportReport {
    /// SHA-256 of the file, in hexadecimal.
    pub file: String,
    /// The list it went to.
    pub list: ListId,
    /// The source it is from.
    pub source: String,
    /// Lines that became new entries.
    pub accepted: u64,
    /// Lines that changed an entry of the same identifier and source, in the register or above in
    /// the file: the latest line wins.
    pub updated: u64,
    /// Lines that say what was known.
    pub unchanged: u64,
    /// Of all these, lines that lifted a tombstone.
    pub relisted: u64,
    /// Of the new and changed ones, lines that wait for a person.
    pub quarantined: u64,
    /// Entries in force that the file does not name and that are proposed for removal.
    pub dropped: usize,
    /// Lines that were refused, in order.
    pub refused: Vec<RefusedLine>,
    /// Lines that meet a protected name, in order.
    pub conflicts: Vec<Conflict>,
    /// Lines whose name begins with `www.` and is listed without it.
    pub www: Vec<u64>,
    /// Lines that list a wallet without a tag where others are paid under tags: at an exchange that
    /// lists all of its customers.
    pub shared: Vec<u64>,
    /// Lines whose name is listed in another spelling: in small letters, or in the ASCII form.
    pub respelled: Vec<u64>,
    /// Lines whose `valid_until` is over: they are in the register and never go out.
    pub ended: Vec<u64>,
    /// How many entries the list has in the register now, by identifier and source.
    pub entries: u64,
    /// How the file was written.
    pub recognised: Recognised,
    /// Whether the register was changed.
    pub effect: Effect,
}

impl ImportOptions {
    /// Of this source, into the only list, nothing that was taken off it, `www.` left out.
    #[must_use]
    pub fn new(format: Format, source: &str) -> Self {
        Self {
            format,
            read: ReadOptions::default(),
            effect: Effect::Commit,
            list: None,
            source: source.to_owned(),
            file_name: String::new(),
            mode: ImportMode::Add,
            delisted: Delisted::Refuse,
            www: WwwNames::AsBareNames,
            numeric: Vec::new(),
        }
    }
}

impl ImportReport {
    fn new(file: String, list: ListId, options: &ImportOptions) -> Self {
        Self {
            file,
            list,
            source: options.source.clone(),
            accepted: 0,
            updated: 0,
            unchanged: 0,
            relisted: 0,
            quarantined: 0,
            dropped: 0,
            refused: Vec::new(),
            conflicts: Vec::new(),
            www: Vec::new(),
            shared: Vec::new(),
            respelled: Vec::new(),
            ended: Vec::new(),
            entries: 0,
            recognised: Recognised::new(options.format, Encoding::Utf8),
            effect: options.effect,
        }
    }

    /// Puts lines in order: rows are applied by name.
    pub(super) fn sort(&mut self) {
        self.refused.sort_by_key(|refused| refused.line);
        self.conflicts.sort_by_key(|conflict| conflict.line);
        for lines in [
            &mut self.www,
            &mut self.shared,
            &mut self.respelled,
            &mut self.ended,
        ] {
            lines.sort_unstable();
        }
    }

    /// How many lines each rule refused, by name.
    #[must_use]
    pub fn refused_by_rule(&self) -> BTreeMap<&'static str, u64> {
        let mut counts = BTreeMap::new();
        for line in &self.refused {
            let count: &mut u64 = counts.entry(line.rule.name()).or_default();
            *count = count.saturating_add(1);
        }
        counts
    }

    /// Every refused line, conflict, name without its `www.` and shared wallet as one JSON object a line.
    #[must_use]
    pub fn json_lines(&self) -> String {
        let shared = noted(&self.shared, "shared_account");
        let www = noted(&self.www, "www");
        let respelled = noted(&self.respelled, "respelled");
        let ended = noted(&self.ended, "ended");
        json_lines(&self.refused, &self.conflicts) + &www + &respelled + &ended + &shared
    }
}

impl fmt::Display for ImportReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{}: {} accepted, {} updated, {} unchanged, {} refused",
            self.list.as_str(),
            self.accepted,
            self.updated,
            self.unchanged,
            self.refused.len()
        )?;
        writeln!(f, "  {}", self.recognised)?;
        for (rule, count) in self.refused_by_rule() {
            writeln!(f, "  refused by {rule}: {count}")?;
        }
        if self.quarantined > 0 {
            let what = "in quarantine until `interdict-publish accept`";
            writeln!(f, "  {what}: {}", self.quarantined)?;
        }
        if self.dropped > 0 {
            let what = "no longer named, to be removed with `interdict-publish dropped --remove`";
            writeln!(f, "  {what}: {}", self.dropped)?;
        }
        if self.relisted > 0 {
            writeln!(
                f,
                "  listed again although taken off before: {}",
                self.relisted
            )?;
        }
        for (numbers, what) in [
            (&self.www, "names listed without their www."),
            (
                &self.respelled,
                "names listed in small letters or their ASCII form",
            ),
            (
                &self.ended,
                "warning: valid_until is over, so that they never go out",
            ),
            (&self.shared, SHARED),
        ] {
            if !numbers.is_empty() {
                writeln!(f, "  {what}: {}", lines(numbers))?;
            }
        }
        let most = u64::from(MAX_ENTRIES);
        if self.entries >= most.saturating_mul(NEARLY_FULL).div_euclid(100) {
            writeln!(
                f,
                "  warning: the list has {} entries, and a release holds at most {most}",
                self.entries
            )?;
        }
        if self.effect == Effect::DryRun {
            writeln!(f, "  dry run: nothing was changed")?;
        }
        Ok(())
    }
}

impl Publisher {
    /// Takes a source's file of listings into the register, whole or not at all; refused lines are listed.
    ///
    /// # Errors
    /// [`PublisherError::Source`](crate::PublisherError::Source) for a source that is not registered, a file
    /// with more new entries than it may bring, or a failed feed;
    /// [`PublisherError::File`](crate::PublisherError::File) for a file that cannot be read as a whole, is
    /// empty, or could be read in two ways; an unknown list; a register that cannot be written.
    pub fn import(
        &mut self,
        file: impl Read,
        options: &ImportOptions,
        now: Time,
    ) -> Result<ImportReport> {
        self.import_with(file, options, now, &mut NoProgress)
    }

    /// As [`Publisher::import`], and says how far it is.
    ///
    /// # Errors
    /// As [`Publisher::import`].
    pub fn import_with(
        &mut self,
        mut file: impl Read,
        options: &ImportOptions,
        now: Time,
        progress: &mut dyn Progress,
    ) -> Result<ImportReport> {
        let list = self.one_list(options.list.as_deref())?;
        self.registered_source(&options.source)?;
        if matches!(options.format, Format::Json | Format::Text) {
            return Err(FileError::Format.into());
        }
        let reading = Reading {
            format: options.format,
            options: &options.read,
            known: &FIELDS,
            required: 2,
            now,
        };
        let folder = self.directory().private()?;
        let mut rows = Rows::open(&mut file, &folder, reading)?;
        let mut report = ImportReport::new(rows.file.clone(), list, options);
        loop {
            let source = self.registered_source(&options.source)?;
            let source = &source;
            let terms = Terms { source, now };
            let staged = Staged::read(&mut rows, &folder, terms, options, progress)?;
            let change = self.register_mut().change()?;
            // Its limits were changed meanwhile.
            if change.registered_source(&source.id)?.as_ref() != Some(source) {
                continue;
            }
            apply(&change, staged, terms, options, &mut report)?;
            if options.effect == Effect::Commit {
                change.commit(
                    &Deed::new("import", now).with_file(&options.file_name, &report.file),
                )?;
            }
            return Ok(report);
        }
    }
}
