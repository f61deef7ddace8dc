use std::fmt;

use interdict_core::common::time::Time;
use interdict_core::identifier::{Identifier, NumericIds};

use super::delist::is_reason;
use crate::error::{PublisherError, Result};
use crate::intake::{Field, Names, NoProgress, RefusedLine, json_lines, lines, noted, refuse};
use crate::publisher::Publisher;
use crate::register::Deed;

const FIELDS: [Field; 2] = [Field::Kind, Field::Value];

/// What `unprotect` did, without any identifier's value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnprotectReport {
    /// Identifiers that are no longer protected.
    pub unprotected: u64,
    /// Identifiers that were not.
    pub not_protected: u64,
    /// Lines that were refused, in order.
    pub refused: Vec<RefusedLine>,
    /// Lines whose protection held entries back that the next release may hold again, or say more of.
    pub freed: Vec<u64>,
}

impl Publisher {
    /// Takes protections back: what is listed may go out again. The register keeps the reason.
    ///
    /// # Errors
    /// [`PublisherError::Reason`], [`PublisherError::File`] for a file that cannot be read as a whole, or a
    /// register that cannot be written.
    pub fn unprotect(
        &mut self,
        names: Names<'_>,
        reason: &str,
        now: Time,
    ) -> Result<UnprotectReport> {
        if !is_reason(reason) {
            return Err(PublisherError::Reason);
        }
        let mut named = names.read_any(&FIELDS, self.directory(), now)?;
        let mut report = UnprotectReport {
            unprotected: 0,
            not_protected: 0,
            refused: Vec::new(),
            freed: Vec::new(),
        };
        let change = self.register_mut().change()?;
        let mut read = Vec::new();
        let file = named.file.clone();
        named.each(&mut NoProgress, &mut |row| {
            let identifier = row.fields();
            match identifier.and_then(|fields| fields.identifier(NumericIds::Nowhere)) {
                Ok(identifier) => {
                    let held_back = change.held_back(&identifier)?;
                    read.push((row.line, identifier, held_back));
                }
                Err(rule) => {
                    let refused = refuse(&change, &file, row, rule, now)?;
                    report.refused.push(refused);
                }
            }
            Ok(())
        })?;
        let mut gone: Vec<&(u64, Identifier, usize)> = Vec::new();
        for one in &read {
            let count = if change.unprotect(&one.1, reason.trim(), now)? {
                gone.push(one);
                &mut report.unprotected
            } else {
                &mut report.not_protected
            };
            *count = count.saturating_add(1);
        }
        let names: Vec<&Identifier> = gone.iter().map(|(_, name, _)| name).collect();
        change.mend_protected_above(&names)?;
        for (line, name, held_back) in gone {
            if change.held_back(name)? < *held_back {
                report.freed.push(*line);
            }
        }
        change.commit(&Deed::new("unprotect", now).with_file("", &file))?;
        Ok(report)
    }
}

impl UnprotectReport {
    /// Every refused line and every one that holds nothing back any more as one JSON object a line.
    #[must_use]
    pub fn json_lines(&self) -> String {
        json_lines(&self.refused, &[]) + &noted(&self.freed, "may_go_out")
    }
}

impl fmt::Display for UnprotectReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} no longer protected, {} were not, {} refused",
            self.unprotected,
            self.not_protected,
            self.refused.len()
        )?;
        if !self.freed.is_empty() {
            let what = "listed entries that the next release may hold, or say more of";
            writeln!(f, "  {what}: {}", lines(&self.freed))?;
        }
        Ok(())
    }
}
