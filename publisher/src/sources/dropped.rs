use std::fmt;

use interdict_core::common::time::Time;
use interdict_core::list::ListId;

use crate::error::Result;
use crate::publisher::Publisher;
use crate::register::Deed;

/// What a source's feed left out: proposed for removal, and still on the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dropped {
    /// Which list.
    pub list: ListId,
    /// Whose entries.
    pub source: String,
    /// How many.
    pub entries: usize,
    /// When the first of them was left out.
    pub since: Time,
}

impl Publisher {
    /// What feeds left out, by list and source; of one source, or of all.
    ///
    /// # Errors
    /// [`PublisherError::Source`](crate::PublisherError::Source) for a source that is not registered, or a
    /// register that cannot be read.
    pub fn dropped(&self, source: Option<&str>) -> Result<Vec<Dropped>> {
        if let Some(source) = source {
            self.registered_source(source)?;
        }
        let mut all = Vec::new();
        for list in self.lists()? {
            for (name, entries, since) in self.register().dropped(&list)? {
                if source.is_none_or(|source| source == name) {
                    let (list, source) = (list.clone(), name);
                    all.push(Dropped {
                        list,
                        source,
                        entries,
                        since,
                    });
                }
            }
        }
        Ok(all)
    }

    /// Removes from the register what feeds left out, and says what it was. No tombstones stay: a later
    /// file may name the entries again.
    ///
    /// # Errors
    /// [`PublisherError::Source`](crate::PublisherError::Source) for a source that is not registered, or a
    /// register that cannot be written.
    pub fn remove_dropped(&mut self, source: Option<&str>, now: Time) -> Result<Vec<Dropped>> {
        let all = self.dropped(source)?;
        let change = self.register_mut().change()?;
        let mut removed = Vec::new();
        for dropped in all {
            // Another command may have taken proposals back since they were counted.
            let entries = change.remove_dropped(&dropped.list, &dropped.source)?;
            removed.push(Dropped { entries, ..dropped });
        }
        change.commit(&Deed::new("dropped --remove", now))?;
        Ok(removed)
    }
}

impl fmt::Display for Dropped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} {}: {} entries that its feed left out, the first {}",
            self.list.as_str(),
            self.source,
            self.entries,
            self.since
        )
    }
}
