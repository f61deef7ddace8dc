use alloc::string::String;
use alloc::vec::Vec;

use super::tag::Tagged;

/// An account, read from one spelling of its address.
#[derive(Debug, Clone)]
pub(super) struct Account {
    /// The canonical spelling of its address.
    pub(super) text: String,
    /// The bytes that identify it on the ledger.
    pub(super) bytes: Vec<u8>,
    pub(super) tagged: Tagged,
}

impl Account {
    /// An account without tags.
    pub(super) const fn of(text: String, bytes: Vec<u8>) -> Self {
        Self {
            text,
            bytes,
            tagged: Tagged::Never,
        }
    }
}
