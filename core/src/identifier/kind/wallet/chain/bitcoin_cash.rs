//! Bitcoin Cash: CashAddr with or without its prefix, and the older addresses that look like Bitcoin's.

use super::coin;
use super::script;
use crate::identifier::kind::wallet::account::Account;
use crate::identifier::kind::wallet::encoding::cashaddr::CashAddr;
use crate::identifier::kind::wallet::encoding::five_bits;
use crate::identifier::rule::Rule;

const PREFIX: &str = "bitcoincash";
const TEST_PREFIXES: [&str; 2] = ["bchtest", "bchreg"];
/// The shortest CashAddr without its prefix; the older addresses have 26 to 35 digits.
const SHORTEST: usize = 42;

/// What the hash of a CashAddr is of. The token-aware types pay to the same scripts (CHIP-2022-02
/// CashTokens).
const PUBKEY_HASH: u8 = 0;
const SCRIPT_HASH: u8 = 1;
const TOKEN_PUBKEY_HASH: u8 = 2;
const TOKEN_SCRIPT_HASH: u8 = 3;

pub(super) fn read(address: &str) -> Result<Account, Rule> {
    if address.len() < SHORTEST {
        return older(address);
    }
    let lower = five_bits::one_case(address).ok_or(Rule::WALLET_FORM)?;
    let (written, payload) = match lower.split_once(':') {
        Some((prefix, payload)) => (Some(prefix), payload),
        None => (None, lower.as_str()),
    };
    let mut failed = Rule::WALLET_VERSION;
    for prefix in [PREFIX].into_iter().chain(TEST_PREFIXES) {
        if written.is_none_or(|written| written == prefix) {
            match CashAddr::read(prefix, payload) {
                Ok(read) if prefix == PREFIX => return account(read),
                Ok(_) => return Err(Rule::WALLET_NETWORK),
                Err(rule) => failed = rule,
            }
        }
    }
    Err(failed)
}

/// One account has one text form, whichever type its address was written with.
fn account(read: CashAddr) -> Result<Account, Rule> {
    let (sort, script) = match (read.sort, read.hash.len()) {
        (PUBKEY_HASH | TOKEN_PUBKEY_HASH, 20) => (PUBKEY_HASH, script::pubkey_hash(&read.hash)),
        (SCRIPT_HASH | TOKEN_SCRIPT_HASH, 20) => (SCRIPT_HASH, script::script_hash(&read.hash)),
        (SCRIPT_HASH | TOKEN_SCRIPT_HASH, 32) => (SCRIPT_HASH, script::script_hash_32(&read.hash)),
        _ => return Err(Rule::WALLET_VERSION),
    };
    let plain = CashAddr {
        sort,
        hash: read.hash,
    };
    Ok(Account::of(plain.text(PREFIX), script))
}

fn older(address: &str) -> Result<Account, Rule> {
    let (version, hash) = coin::versioned(address)?;
    let sort = match version {
        0 => PUBKEY_HASH,
        5 => SCRIPT_HASH,
        111 | 196 => return Err(Rule::WALLET_NETWORK),
        _ => return Err(Rule::WALLET_VERSION),
    };
    let hash = hash.to_vec();
    account(CashAddr { sort, hash })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_all_types_and_lengths_five_have_a_script() {
        for sort in 0..16 {
            for length in [20, 24, 28, 32, 40, 48, 56, 64] {
                let written = CashAddr {
                    sort,
                    hash: vec![7; length],
                };
                let read = read(&written.text(PREFIX)).map(|account| account.bytes.len());
                let expected = match (sort, length) {
                    (0 | 2, 20) => Ok(25),
                    (1 | 3, 20) => Ok(23),
                    (1 | 3, 32) => Ok(35),
                    _ => Err(Rule::WALLET_VERSION),
                };
                assert_eq!(read, expected, "{sort} {length}");
            }
        }
    }

    #[test]
    fn an_older_address_is_of_two_versions() {
        for version in 0..=255 {
            let address = crate::identifier::kind::wallet::encoding::base58::Base58::BITCOIN
                .write_checked(&[&[version], &[7; 20]]);
            let expected = match version {
                0 => Ok(25),
                5 => Ok(23),
                111 | 196 => Err(Rule::WALLET_NETWORK),
                _ => Err(Rule::WALLET_VERSION),
            };
            assert_eq!(read(&address).map(|account| account.bytes.len()), expected);
        }
    }
}
