use interdict_core::common::time::Time;

use super::database::{Change, Register};
use crate::error::{PublisherError, Result};

/// When lists stop being published in this format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FormatEnd {
    /// Nothing is announced.
    Unannounced,
    /// On this day, which every descriptor states.
    On(Time),
}

/// What the setting says of [`FormatEnd::Unannounced`].
const UNANNOUNCED: &str = "unannounced";

impl FormatEnd {
    /// Reads a day, such as `2027-06-01`.
    #[must_use]
    pub fn on_day(day: &str) -> Option<Self> {
        Time::parse(&format!("{day}T00:00:00Z")).map(Self::On)
    }

    /// What a descriptor states.
    pub(crate) const fn day(self) -> Option<Time> {
        match self {
            Self::Unannounced => None,
            Self::On(day) => Some(day),
        }
    }
}

/// The name of that setting.
const FORMAT_END: &str = "format_end";

impl Register {
    /// What was announced last.
    pub(crate) fn format_end(&self) -> Result<FormatEnd> {
        match self.setting(FORMAT_END)?.as_deref() {
            None | Some(UNANNOUNCED) => Ok(FormatEnd::Unannounced),
            Some(day) => Time::parse(day)
                .map(FormatEnd::On)
                .ok_or(PublisherError::RegisterContent),
        }
    }
}

impl Change<'_> {
    pub(crate) fn put_format_end(&self, end: FormatEnd) -> Result<()> {
        let day = end.day().map(|day| day.to_string());
        self.put_setting(FORMAT_END, day.as_deref().unwrap_or(UNANNOUNCED))
    }
}
