//! The Traffic Light Protocol, versions 1 and 2 (FIRST): who may be told.

use super::super::row::{Field, Fields};

/// A label, from the widest circle to the narrowest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Tlp {
    Clear,
    Green,
    Amber,
    AmberStrict,
    Red,
}

impl Tlp {
    /// The label of this name, in any case; version 1 says white for clear.
    pub(super) fn from_name(name: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        let found = match name.as_str() {
            "clear" | "white" => Self::Clear,
            "green" => Self::Green,
            "amber" => Self::Amber,
            "amber+strict" => Self::AmberStrict,
            "red" => Self::Red,
            _ => return None,
        };
        Some(found)
    }

    /// The name that our field `handling` has for it.
    const fn name(self) -> &'static str {
        match self {
            Self::Clear => "clear",
            Self::Green => "green",
            Self::Amber => "amber",
            Self::AmberStrict => "amber+strict",
            Self::Red => "red",
        }
    }

    pub(super) fn put(label: Option<Self>, fields: &mut Fields) {
        if let Some(label) = label {
            fields.set(Field::Handling, label.name());
        }
    }
}
