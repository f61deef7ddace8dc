//! What distinguishes the customers of one account: a destination tag, or a payment id.

use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use crate::common::hex;
use crate::identifier::rule::Rule;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct AccountTag {
    pub(super) text: String,
    pub(super) bytes: Vec<u8>,
}

/// Whether an address has a tag, or may be followed by one.
#[derive(Debug, Clone)]
pub(super) enum Tagged {
    /// The chain has no tags for this type of address.
    Never,
    /// A tag may follow it; this function reads it.
    Maybe(fn(&str) -> Result<AccountTag, Rule>),
    /// The address itself contains a tag, or says that there is none.
    Said(Option<AccountTag>),
}

impl AccountTag {
    /// XRP Ledger: a number of 32 bits.
    pub(super) fn destination(text: &str) -> Result<Self, Rule> {
        if !text.bytes().all(|digit| digit.is_ascii_digit()) {
            return Err(Rule::WALLET_TAG);
        }
        text.parse()
            .map(Self::of_destination)
            .map_err(|_| Rule::WALLET_TAG)
    }

    pub(super) fn of_destination(tag: u32) -> Self {
        Self {
            text: tag.to_string(),
            bytes: tag.to_le_bytes().to_vec(),
        }
    }

    /// Monero: eight bytes in hexadecimal.
    pub(super) fn payment_id(text: &str) -> Result<Self, Rule> {
        let id = hex::array(&text.to_ascii_lowercase());
        Self::of_payment_id(id.ok_or(Rule::WALLET_TAG)?)
    }

    /// All zeros mean "no payment id" in every transaction, so they would be a second spelling of the bare
    /// account.
    pub(super) fn of_payment_id(id: [u8; 8]) -> Result<Self, Rule> {
        if id == [0; 8] {
            return Err(Rule::WALLET_TAG);
        }
        Ok(Self {
            text: hex::text(&id),
            bytes: id.to_vec(),
        })
    }
}
