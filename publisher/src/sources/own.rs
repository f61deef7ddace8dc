use interdict_core::common::time::Time;

use super::change::NewSource;
use crate::error::SourceError;
use crate::register::{Quarantine, RegisteredSource, SourceClass};

/// The organisation of whoever starts a coalition: its first source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organisation {
    /// Its id as a source; `None` for the coalition's name.
    pub id: Option<String>,
    /// What kind of party it is.
    pub class: SourceClass,
}

impl Default for Organisation {
    fn default() -> Self {
        Self {
            id: None,
            class: SourceClass::Member,
        }
    }
}

impl Organisation {
    /// The source of the coalition's publisher. What it imports it has decided on already, so nothing waits.
    pub(crate) fn source(
        &self,
        coalition: &str,
        now: Time,
    ) -> Result<RegisteredSource, SourceError> {
        let id = self.id.as_deref().unwrap_or(coalition);
        let mut new = NewSource::new(id, self.class);
        new.change.quarantine = Some(Quarantine::Off);
        new.registered(now)
    }
}
