//! Solana: a public key of 32 bytes in base58, without a checksum.

use alloc::borrow::ToOwned as _;

use crate::identifier::kind::wallet::account::Account;
use crate::identifier::kind::wallet::encoding::base58::Base58;
use crate::identifier::rule::Rule;

pub(super) fn read(address: &str) -> Result<Account, Rule> {
    let key: [u8; 32] = Base58::BITCOIN.read(address).ok_or(Rule::WALLET_FORM)?;
    Ok(Account::of(address.to_owned(), key.to_vec()))
}
