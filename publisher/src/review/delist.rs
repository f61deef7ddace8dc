//! Taking listings back for good: a cleared merchant must not return with the next feed that still
//! names it.

use interdict_core::common::time::Time;
use interdict_core::identifier::{Identifier, Relation, holds_card_number};
use interdict_core::list::{ListId, is_source_id};
use rusqlite::params;

use crate::error::{PublisherError, Result};
use crate::intake::import::RefusedLine;
use crate::intake::line::{self, Rule};
use crate::intake::names::Names;
use crate::intake::rows::{Field, LineRow};
use crate::publisher::Publisher;
use crate::register::change::Change;

const FIELDS: [Field; 3] = [Field::Kind, Field::Value, Field::Source];

/// Longest reason: a sentence and a case number.
const MAX_REASON: usize = 200;

/// The source of a tombstone that holds for all.
const EVERY_SOURCE: &str = "";

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
    /// [`PublisherError::Reason`], [`PublisherError::SourceDefault`], [`PublisherError::File`] for
    /// a file that cannot be read as a whole, an unknown list, or a register that cannot be written.
    pub fn delist(
        &mut self,
        names: Names<'_>,
        options: &DelistOptions,
        now: Time,
    ) -> Result<DelistReport> {
        let list = self.one_list(options.list.as_deref())?;
        let source = options.source.as_deref();
        if source.is_some_and(|source| !is_source_id(source)) {
            return Err(PublisherError::SourceDefault);
        }
        let reason = options.reason.as_deref();
        if reason.is_some_and(|reason| !is_reason(reason)) {
            return Err(PublisherError::Reason);
        }
        let named = names.read(&FIELDS)?;
        let mut report = DelistReport {
            list,
            delisted: 0,
            not_listed: 0,
            refused: Vec::new(),
            covered: Vec::new(),
        };
        let change = self.register_mut().change()?;
        let mut gone = Vec::new();
        for row in &named.rows {
            match tombstone(row, source) {
                Ok((identifier, source)) => {
                    let count = if change.delist(&report.list, &identifier, source, reason, now)? {
                        &mut report.delisted
                    } else {
                        &mut report.not_listed
                    };
                    *count = count.saturating_add(1);
                    gone.push((row.line, identifier));
                }
                Err(rule) => {
                    let refused = change.refuse(&named.file, row, rule, now)?;
                    report.refused.push(refused);
                }
            }
        }
        // Only now: a later line may have taken off the name above an earlier one.
        for (line, identifier) in &gone {
            if change.is_covered(&report.list, identifier, now)? {
                report.covered.push(*line);
            }
        }
        change.commit()?;
        Ok(report)
    }
}

fn tombstone<'f>(
    row: &'f LineRow,
    default_source: Option<&'f str>,
) -> Result<(Identifier, Option<&'f str>), Rule> {
    let fields = row.fields.as_ref().map_err(|rule| *rule)?;
    let identifier = line::identifier(fields)?;
    Ok((identifier, line::source(fields, default_source)?))
}

fn is_reason(text: &str) -> bool {
    let plain = !text.contains(char::is_control) && !holds_card_number(text);
    plain && !text.trim().is_empty() && text.len() <= MAX_REASON
}

impl Change<'_> {
    /// Deletes what a source, or every source, says about an identifier, and lays the tombstone.
    /// Whether there was anything to delete.
    fn delist(
        &self,
        list: &ListId,
        identifier: &Identifier,
        source: Option<&str>,
        reason: Option<&str>,
        now: Time,
    ) -> Result<bool> {
        let (list, kind) = (list.as_str(), identifier.kind().name());
        let (text, source) = (identifier.text(), source.unwrap_or(EVERY_SOURCE));
        let deleted = self
            .0
            .prepare_cached(
                "DELETE FROM entry WHERE list = ?1 AND kind = ?2 AND text = ?3
                 AND (?4 = '' OR source = ?4)",
            )?
            .execute(params![list, kind, text, source])?;
        self.0
            .prepare_cached(
                "INSERT INTO delisted VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                 ON CONFLICT DO UPDATE SET reason = coalesce(?5, reason)",
            )?
            .execute(params![list, kind, text, source, reason, now.seconds()])?;
        // Listed again one day, it needs the approvers again.
        self.0
            .prepare_cached(
                "DELETE FROM disclosed WHERE list = ?1 AND kind = ?2 AND text = ?3
                 AND NOT EXISTS (SELECT 1 FROM entry WHERE list = ?1 AND kind = ?2 AND text = ?3)",
            )?
            .execute([list, kind, text])?;
        Ok(deleted > 0)
    }

    /// Whether a tombstone keeps a source from listing an identifier.
    pub(crate) fn is_delisted(
        &self,
        list: &ListId,
        identifier: &Identifier,
        source: &str,
    ) -> Result<bool> {
        let mut statement = self.0.prepare_cached(
            "SELECT 1 FROM delisted WHERE list = ?1 AND kind = ?2 AND text = ?3
             AND source IN ('', ?4)",
        )?;
        Ok(statement.exists([
            list.as_str(),
            identifier.kind().name(),
            identifier.text(),
            source,
        ])?)
    }

    /// Removes the tombstones that keep a source from listing an identifier.
    pub(crate) fn relist(
        &self,
        list: &ListId,
        identifier: &Identifier,
        source: &str,
    ) -> Result<()> {
        self.0
            .prepare_cached(
                "DELETE FROM delisted WHERE list = ?1 AND kind = ?2 AND text = ?3
                 AND source IN ('', ?4)",
            )?
            .execute([
                list.as_str(),
                identifier.kind().name(),
                identifier.text(),
                source,
            ])?;
        Ok(())
    }

    /// Whether a list would still answer for an identifier.
    fn is_covered(&self, list: &ListId, identifier: &Identifier, now: Time) -> Result<bool> {
        for look_up in identifier.look_ups() {
            let mut statement = self.0.prepare_cached(
                "SELECT 1 FROM entry_state WHERE list = ?1 AND kind = ?2 AND text = ?3
                 AND valid_until > ?4 AND state <> 'withheld'
                 AND (NOT ?5 OR (scope = 'domain' AND state = 'listed'))",
            )?;
            if statement.exists(params![
                list.as_str(),
                look_up.kind.name(),
                look_up.text,
                now.seconds(),
                look_up.relation == Relation::Parent
            ])? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
