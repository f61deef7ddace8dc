use super::database::{Change, Register};
use crate::error::{PublisherError, Result};

/// Whether releases have a compact edition beside member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CompactEdition {
    /// No.
    No,
    /// Yes: for gateways with little memory.
    Yes,
}

impl CompactEdition {
    const fn name(self) -> &'static str {
        match self {
            Self::No => "no",
            Self::Yes => "yes",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        [Self::No, Self::Yes]
            .into_iter()
            .find(|edition| edition.name() == name)
    }
}

/// The name of that setting.
const COMPACT: &str = "compact";

impl Register {
    /// Whether releases have a compact edition.
    pub(crate) fn compact(&self) -> Result<CompactEdition> {
        let value = self.setting(COMPACT)?;
        value.map_or(Ok(CompactEdition::No), |value| {
            CompactEdition::from_name(&value).ok_or(PublisherError::RegisterContent)
        })
    }
}

impl Change<'_> {
    pub(crate) fn put_compact(&self, compact: CompactEdition) -> Result<()> {
        self.put_setting(COMPACT, compact.name())
    }
}
