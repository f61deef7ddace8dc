//! Monero: a network byte, a spend key and a view key in base58 of its own, eight bytes at a time. An
//! integrated address is the standard one and a payment id.

use super::base58::Base58;
use super::keccak::keccak_256;
use super::{Account, Tag, Tagged};
use crate::identifier::Rule;

/// Network bytes, from `cryptonote_config.h`.
const STANDARD: u8 = 18;
const INTEGRATED: u8 = 19;
const SUBADDRESS: u8 = 42;
/// Test net and stage net.
const TEST: [u8; 6] = [53, 54, 63, 24, 25, 36];

/// Eight bytes take eleven digits, and the five left over take seven.
const BLOCK: (usize, usize) = (8, 11);

/// Network byte, two keys, checksum.
const LENGTH: usize = 69;
const DIGITS: usize = 95;
/// The same with a payment id before the checksum.
const INTEGRATED_LENGTH: usize = 77;
const INTEGRATED_DIGITS: usize = 106;

pub(super) fn read(address: &str) -> Result<Account, Rule> {
    match address.len() {
        DIGITS => {
            let bytes: [u8; LENGTH] = blocks(address)?;
            let [network, keys @ .., _, _, _, _] = &bytes;
            let tagged = match *network {
                STANDARD => Tagged::Maybe(Tag::payment_id),
                SUBADDRESS => Tagged::Never,
                _ => return Err(other_network(*network)),
            };
            Ok(account(*network, keys, tagged))
        }
        INTEGRATED_DIGITS => {
            let bytes: [u8; INTEGRATED_LENGTH] = blocks(address)?;
            let [network, rest @ .., _, _, _, _] = &bytes;
            if *network != INTEGRATED {
                return Err(other_network(*network));
            }
            let (keys, payment_id) = rest.split_last_chunk().ok_or(Rule::WALLET_FORM)?;
            let tag = Tag::of_payment_id(*payment_id)?;
            Ok(account(STANDARD, keys, Tagged::Said(Some(tag))))
        }
        _ => Err(Rule::WALLET_FORM),
    }
}

fn other_network(network: u8) -> Rule {
    if TEST.contains(&network) {
        Rule::WALLET_NETWORK
    } else {
        Rule::WALLET_VERSION
    }
}

fn account(network: u8, keys: &[u8], tagged: Tagged) -> Account {
    let account = [&[network], keys].concat();
    let sum = keccak_256(&account);
    let bytes = account
        .iter()
        .chain(sum.iter().take(4))
        .copied()
        .collect::<Vec<u8>>();
    let text = bytes.chunks(BLOCK.0).map(|block| {
        let width = if block.len() == BLOCK.0 { BLOCK.1 } else { 7 };
        Base58::BITCOIN.block(block, width)
    });
    Account {
        tagged,
        ..Account::checked(text.collect(), account)
    }
}

/// The blocks of an address whose checksum held.
fn blocks<const N: usize>(address: &str) -> Result<[u8; N], Rule> {
    let mut bytes = [0; N];
    fill(address, &mut bytes).map(|()| bytes)
}

#[inline(never)]
fn fill(address: &str, bytes: &mut [u8]) -> Result<(), Rule> {
    let mut rest = address;
    for block in bytes.chunks_mut(BLOCK.0) {
        let (digits, after) = rest.split_at_checked(BLOCK.1).unwrap_or((rest, ""));
        let number = Base58::BITCOIN.number(digits, block);
        number.ok_or(Rule::WALLET_FORM)?;
        rest = after;
    }
    let (payload, sum) = bytes.split_last_chunk::<4>().ok_or(Rule::WALLET_FORM)?;
    if keccak_256(payload).starts_with(sum) {
        Ok(())
    } else {
        Err(Rule::WALLET_CHECKSUM)
    }
}
