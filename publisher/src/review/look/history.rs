//! What was changed, by whom and when.

use std::fmt;

use interdict_core::identifier::Identifier;

use crate::error::Result;
use crate::publisher::Publisher;
use crate::register::PastDeed;
use crate::review::printable;

impl Publisher {
    /// Gives each deed of the history to `take`, the oldest first. `about` names an identifier: then each has the
    /// rows about it.
    ///
    /// # Errors
    /// [`PublisherError::HistoryDamaged`], or what `take` gives.
    pub fn history(
        &self,
        about: Option<&Identifier>,
        take: impl FnMut(PastDeed) -> Result<()>,
    ) -> Result<()> {
        self.register().past_deeds(about, take)
    }
}

impl fmt::Display for PastDeed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (number, at, command) = (self.number, &self.at, &self.command);
        let by = printable(&self.by);
        let word = if self.rows == 1 { "row" } else { "rows" };
        write!(f, "{number} {at} {by}: {command}")?;
        if let Some((name, sha256)) = &self.file {
            let sha256 = sha256.get(..12).unwrap_or(sha256);
            write!(f, " {} (SHA-256 {sha256}…)", printable(name))?;
        }
        writeln!(f, ", {} {word}", self.rows)?;
        for row in &self.about {
            for (sign, values) in [('-', &row.before), ('+', &row.after)] {
                let Some(values) = values else { continue };
                let values = values
                    .iter()
                    .map(|(name, value)| format!("{name}={}", printable(value)));
                writeln!(
                    f,
                    "  {sign} {}: {}",
                    row.table,
                    values.collect::<Vec<_>>().join(" ")
                )?;
            }
        }
        Ok(())
    }
}
