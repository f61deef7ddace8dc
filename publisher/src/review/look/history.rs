//! What was changed, by whom and when.

use std::fmt;

use interdict_core::common::time::Time;
use interdict_core::identifier::Identifier;

use crate::error::Result;
use crate::publisher::Publisher;
use crate::register::{NO_END, PastDeed};
use crate::review::printable;

impl Publisher {
    /// Gives each deed of the history to `take`, the oldest first. `about` names an identifier: then each has the
    /// rows about it.
    ///
    /// # Errors
    /// [`PublisherError::HistoryDamaged`](crate::PublisherError::HistoryDamaged), or what `take` gives.
    pub fn history(
        &self,
        about: Option<&Identifier>,
        take: impl FnMut(PastDeed) -> Result<()>,
    ) -> Result<()> {
        self.register().past_deeds(about, take)
    }
}

/// Seconds since 1970 as a time, and the last of them as none.
fn in_words(column: &str, value: &str) -> String {
    let is_time = column == "at" || column == "since" || column == "valid_until";
    let is_time = is_time || column.ends_with("_at");
    match value.parse().map(Time::from_seconds) {
        Ok(time) if is_time && time == NO_END => "none".to_owned(),
        Ok(time) if is_time => time.to_string(),
        _ => value.to_owned(),
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
            let name = match name.as_str() {
                "" => "a file",
                name => name,
            };
            write!(f, " {} (SHA-256 {sha256}…)", printable(name))?;
        }
        if let [source] = self.sources.as_slice() {
            write!(f, ", source {}", printable(source))?;
        }
        writeln!(f, ", {} {word}", self.rows)?;
        for row in &self.about {
            for (sign, values) in [('-', &row.before), ('+', &row.after)] {
                let Some(values) = values else { continue };
                let values = values
                    .iter()
                    .map(|(name, value)| format!("{name}={}", printable(&in_words(name, value))));
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
