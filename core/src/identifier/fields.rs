//! Fields of composite identifiers: how they become bytes, and how the padding of message formats is removed.

use alloc::borrow::ToOwned as _;
use alloc::string::String;
use alloc::vec::Vec;

use super::rule::{Rule, Words};

impl Rule {
    pub(super) const SCHEME_MISSING: Self =
        Self(&Words::new("scheme_missing", "write scheme, colon, id"));
    pub(in crate::identifier) const SEPARATOR_MISSING: Self = Self(&Words::new(
        "separator_missing",
        "write both parts with a slash between them; the second alone is not unique",
    ));
}

/// Fields as bytes, each preceded by its length (u16, little-endian), so that no two values share bytes.
pub(super) fn join(fields: &[&[u8]]) -> Vec<u8> {
    let lengths = fields.iter().map(|field| field.len().saturating_add(2));
    let mut bytes = Vec::with_capacity(lengths.fold(0, usize::saturating_add));
    for field in fields {
        // Every parser limits its fields to far fewer bytes.
        let length = u16::try_from(field.len()).unwrap_or(u16::MAX);
        bytes.extend_from_slice(&length.to_le_bytes());
        bytes.extend_from_slice(field);
    }
    bytes
}

/// The characters without the spaces and hyphens that people put between groups.
pub(super) fn ungrouped(text: &str) -> impl Iterator<Item = char> {
    text.chars().filter(|&c| !c.is_whitespace() && c != '-')
}

/// Letters and digits in capitals, without grouping; `None` for any other character, or more than `max`.
pub(super) fn capitals(text: &str, max: usize) -> Option<String> {
    let mut capitals = String::with_capacity(max);
    for c in ungrouped(text) {
        if !c.is_ascii_alphanumeric() || capitals.len() == max {
            return None;
        }
        capitals.push(c.to_ascii_uppercase());
    }
    Some(capitals)
}

/// The two parts of `ONE/OTHER`, split at the first slash; the second part may hold more slashes.
pub(super) fn parted(value: &str) -> Result<(&str, &str), Rule> {
    value.split_once('/').ok_or(Rule::SEPARATOR_MISSING)
}

/// A field that messages pad to a fixed length with zeros or spaces, and the rules that it may break.
pub(super) struct Padded {
    /// Maximum characters without padding.
    pub(super) max: usize,
    /// Broken by padding alone: every merchant without an id would share that identifier.
    pub(super) missing: Rule,
    pub(super) character: Rule,
    pub(super) too_long: Rule,
}

impl Padded {
    /// Digits without leading zeros.
    pub(super) fn number(&self, written: &str) -> Result<String, Rule> {
        let written = written.trim();
        if !written.bytes().all(|b| b.is_ascii_digit()) {
            return Err(self.character);
        }
        let bare = self.bounded(written.trim_start_matches('0'));
        bare.map(str::to_owned)
    }

    /// Printable ASCII in capitals, without leading zeros and spaces: acquirers write `C928456` and
    /// `0000C928456` for one merchant.
    pub(super) fn text(&self, written: &str) -> Result<String, Rule> {
        let written = written.trim();
        if !written.bytes().all(|b| matches!(b, b' '..=b'~')) {
            return Err(self.character);
        }
        let bare = self.bounded(written.trim_start_matches(['0', ' ']))?;
        Ok(bare.to_ascii_uppercase())
    }

    /// Printable ASCII as written.
    pub(super) fn exact(&self, written: &str) -> Result<String, Rule> {
        self.text(written)?;
        self.bounded(written.trim()).map(str::to_owned)
    }

    fn bounded<'b>(&self, bare: &'b str) -> Result<&'b str, Rule> {
        match bare.len() {
            0 => Err(self.missing),
            length if length > self.max => Err(self.too_long),
            _ => Ok(bare),
        }
    }
}
