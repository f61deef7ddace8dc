//! From a file of a source to its statements in the register.
//!
//! 1. The file is read, and each row judged as far as the file and the source tell, while others work on
//!    ([`staged`]).
//! 2. In one change, every row meets what the register holds by then ([`apply`]). If others wait for that change, it
//!    is taken back and made again after theirs.

mod apply;
mod feed;
mod options;
mod report;
mod staged;

use std::io::Read;

use interdict_core::common::time::Time;

use super::line::Terms;
use super::read::{Field, NoProgress, Progress, Reading, Rows};
use crate::error::Result;
use crate::publisher::Publisher;
use crate::register::Deed;
use apply::{GiveWay, apply};
use staged::Staged;

pub use options::{Delisted, Effect, ImportMode, ImportOptions};
pub use report::ImportReport;

/// How often an import lets others pass before it holds them up.
const GIVES_WAY: u32 = 20;

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
        let reading = Reading {
            format: options.format,
            options: &options.read,
            known: &FIELDS,
            required: 2,
            now,
        };
        let folder = self.directory().private()?;
        let mut rows = Rows::open(&mut file, &folder, reading)?;
        let mut gave_way = 0_u32;
        loop {
            let source = self.registered_source(&options.source)?;
            let source = &source;
            let terms = Terms { source, now };
            let mut staged = Staged::read(&mut rows, &folder, terms, options, progress)?;
            loop {
                let change = self.register_mut().long_change()?;
                // Its limits were changed meanwhile.
                if change.registered_source(&source.id)?.as_ref() != Some(source) {
                    break;
                }
                let give_way = match gave_way {
                    ..GIVES_WAY => GiveWay::Yes,
                    _ => GiveWay::No,
                };
                let mut report = ImportReport::new(rows.file.clone(), list.clone(), options);
                if apply(&change, &mut staged, terms, options, give_way, &mut report)?.is_break() {
                    gave_way = gave_way.saturating_add(1);
                    continue;
                }
                if options.effect == Effect::Commit {
                    change.commit(
                        &Deed::new("import", now).with_file(&options.file_name, &report.file),
                    )?;
                }
                return Ok(report);
            }
        }
    }
}
