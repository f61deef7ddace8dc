//! Taking listings back for good: a cleared merchant must not return with the next feed that still
//! names it.

use std::fmt;

use interdict_core::common::time::Time;
use interdict_core::identifier::{Identifier, NumericIds, holds_card_number};
use interdict_core::list::{ListId, is_source_name};

use crate::error::{PublisherError, Result};
use crate::intake::{
    Field, LineRow, Names, NoProgress, RefusedLine, Rule, json_lines, lines, listed_name, noted,
    refuse,
};
use crate::publisher::Publisher;
use crate::register::{Change, Deed};

const FIELDS: [Field; 3] = [Field::Kind, Field::Value, Field::Source];

/// Longest reason: a sentence and a case number.
const MAX_REASON: usize = 200;

/// How to take entries off a list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DelistOptions {
    /// The list; none for the coalition's only one.
    pub list: Option<String>,
    /// Whose statement is taken back in lines that name no source; none for every source's.
    pub source: Option<String>,
    /// Why, for whoever asks later; kept in the register only.
    pub reason: Option<String>,
}

/// What `delist` did, without any identifier's value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DelistReport {
    /// The list.
    pub list: ListId,
    /// Lines whose identifier was listed and no longer is, as far as the line asked.
    pub delisted: u64,
    /// Lines whose identifier was not listed. From now on it cannot be, all the same.
    pub not_listed: u64,
    /// Lines whose identifier had a tombstone already.
    pub delisted_before: u64,
    /// Lines that were refused, in order.
    pub refused: Vec<RefusedLine>,
    /// Lines whose identifier the list still answers for: by another source's statement, or by a
    /// listed name above it.
    pub covered: Vec<u64>,
}

impl Publisher {
    /// Takes entries off a list and leaves tombstones: `import` refuses what they cover.
    ///
    /// # Errors
    /// [`PublisherError::Reason`], [`PublisherError::SourceName`], [`PublisherError::File`] for
    /// a file that cannot be read as a whole, an unknown list, or a register that cannot be written.
    pub fn delist(
        &mut self,
        names: Names<'_>,
        options: &DelistOptions,
        now: Time,
    ) -> Result<DelistReport> {
        let list = self.one_list(options.list.as_deref())?;
        let source = options.source.as_deref();
        if source.is_some_and(|source| !is_source_name(source)) {
            return Err(PublisherError::SourceName);
        }
        let reason = options.reason.as_deref();
        if reason.is_some_and(|reason| !is_reason(reason)) {
            return Err(PublisherError::Reason);
        }
        let mut named = names.read(&FIELDS, self.directory(), now)?;
        let mut report = DelistReport {
            list,
            delisted: 0,
            not_listed: 0,
            delisted_before: 0,
            refused: Vec::new(),
            covered: Vec::new(),
        };
        let change = self.register_mut().change()?;
        let mut gone = Vec::new();
        let file = named.file.clone();
        named.each(&mut NoProgress, &mut |row| {
            match tombstone(&change, &report.list, row, source)? {
                Ok((identifier, source)) => {
                    change.depart(&report.list, &identifier)?;
                    if file.is_empty() {
                        change.put_single(&report.list, &identifier, now)?;
                    }
                    let before =
                        change.is_delisted(&report.list, &identifier, source.unwrap_or(""))?;
                    let count = if change.delist(&report.list, &identifier, source, reason, now)? {
                        &mut report.delisted
                    } else {
                        &mut report.not_listed
                    };
                    *count = count.saturating_add(1);
                    if before {
                        report.delisted_before = report.delisted_before.saturating_add(1);
                    }
                    gone.push((row.line, identifier));
                }
                Err(rule) => {
                    let refused = refuse(&change, &file, row, rule, now)?;
                    report.refused.push(refused);
                }
            }
            Ok(())
        })?;
        // Only now: a later line may have taken off the name above an earlier one.
        for (line, identifier) in &gone {
            if change.is_covered(&report.list, identifier, now)? {
                report.covered.push(*line);
            }
        }
        change.commit(&Deed::new("delist", now).with_file("", &file))?;
        Ok(report)
    }
}

type Tombstone<'f> = (Identifier, Option<&'f str>);

/// What a row takes off a list. An id as long as a card number is kept only if it is listed, and of a name
/// with `www.` the one that `import` lists is meant, unless it is listed as it is written.
fn tombstone<'f>(
    change: &Change<'_>,
    list: &ListId,
    row: &'f LineRow,
    default_source: Option<&'f str>,
) -> Result<Result<Tombstone<'f>, Rule>> {
    let read = |numeric| {
        let fields = row.fields()?;
        Ok((fields.identifier(numeric)?, fields.source(default_source)?))
    };
    let (identifier, source) = match read(NumericIds::Nowhere) {
        Err(Rule::CardNumber) => match read(NumericIds::Everywhere) {
            Ok(found) if change.is_known(list, &found.0)? => found,
            _ => return Ok(Err(Rule::CardNumber)),
        },
        Err(rule) => return Ok(Err(rule)),
        Ok(found) => found,
    };
    Ok(Ok((listed_name(change, list, identifier)?, source)))
}

pub(super) fn is_reason(text: &str) -> bool {
    is_remark(text, MAX_REASON)
}

/// Whether people may keep a text in the register: one line, and no card number.
pub(super) fn is_remark(text: &str, longest: usize) -> bool {
    let plain = !text.contains(char::is_control) && !holds_card_number(text);
    plain && !text.trim().is_empty() && text.len() <= longest
}

impl DelistReport {
    /// Every refused line and every one that is still covered as one JSON object a line.
    #[must_use]
    pub fn json_lines(&self) -> String {
        json_lines(&self.refused, &[]) + &noted(&self.covered, "still_listed")
    }
}

impl fmt::Display for DelistReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{}: {} delisted, {} were not listed, {} refused",
            self.list.as_str(),
            self.delisted,
            self.not_listed,
            self.refused.len()
        )?;
        if !self.covered.is_empty() {
            let what = "still listed by another source or a name above";
            writeln!(f, "  {what}: {}", lines(&self.covered))?;
        }
        Ok(())
    }
}
