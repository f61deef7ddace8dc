//! Bitcoin Cash: CashAddr with or without its prefix, and the older addresses that look like Bitcoin's.

use super::cashaddr::CashAddr;
use super::{Account, coin, five_bits, script};
use crate::identifier::Rule;

const PREFIX: &str = "bitcoincash";
const TEST_PREFIXES: [&str; 2] = ["bchtest", "bchreg"];
/// The shortest CashAddr without its prefix; the older addresses have 26 to 35 digits.
const SHORTEST: usize = 42;

/// What a CashAddr hashes. The token types pay the same scripts and say that tokens are welcome
/// (CHIP-2022-02 CashTokens).
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

/// One account has one text form, whatever hash it was written with.
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
    Ok(Account::checked(plain.text(PREFIX), script))
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
