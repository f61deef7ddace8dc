//! TRON: 21 bytes that begin with `41`, in base58 or hexadecimal, or the last 20 of them like Ethereum's.

use super::evm;
use crate::identifier::kind::wallet::account::Account;
use crate::identifier::kind::wallet::encoding::base58::Base58;
use crate::identifier::rule::Rule;

const MAIN: u8 = 0x41;
const TEST: u8 = 0xa0;

pub(super) fn read(address: &str) -> Result<Account, Rule> {
    let digits = evm::unprefixed(address);
    let bytes: [u8; 21] = if digits.len() == 42 {
        evm::digits_of(digits)?
    } else if digits.len() == 40 && digits.len() < address.len() {
        let last: [u8; 20] = evm::digits_of(digits)?;
        evm::check_case(digits, &last)?;
        let mut bytes = [MAIN; 21];
        bytes
            .iter_mut()
            .skip(1)
            .zip(last)
            .for_each(|(to, from)| *to = from);
        bytes
    } else {
        let bytes: [u8; 25] = Base58::BITCOIN.read_checked(address)?;
        crate::common::bytes::first(&bytes)
    };
    match bytes {
        [MAIN, ..] => Ok(Account::of(
            Base58::BITCOIN.write_checked(&[&bytes]),
            bytes.to_vec(),
        )),
        [TEST, ..] => Err(Rule::WALLET_NETWORK),
        _ => Err(Rule::WALLET_VERSION),
    }
}
