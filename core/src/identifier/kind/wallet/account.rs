use super::tag::Tagged;

/// An account, read from one spelling of its address.
#[derive(Debug, Clone)]
pub(super) struct Account {
    /// The canonical spelling of its address.
    pub(super) text: String,
    /// The bytes that identify it on the ledger.
    pub(super) bytes: Vec<u8>,
    pub(super) tagged: Tagged,
    /// Whether a checksum was present and right.
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
