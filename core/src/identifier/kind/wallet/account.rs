use super::tag::Tagged;

/// An account as one address names it.
#[derive(Debug, Clone)]
pub(super) struct Account {
    /// The one spelling of its address.
    pub(super) text: String,
    /// What the ledger knows it by.
    pub(super) bytes: Vec<u8>,
    pub(super) tagged: Tagged,
    /// Whether a checksum held.
    pub(super) checked: bool,
}

impl Account {
    pub(super) const fn checked(text: String, bytes: Vec<u8>) -> Self {
        Self {
            text,
            bytes,
            tagged: Tagged::Never,
            checked: true,
        }
    }
}
