//! Monero: a network byte, a spend key and a view key, in Monero's own base58 of eight-byte blocks. An
//! integrated address is a standard address with a payment id.

use alloc::vec::Vec;

use crate::identifier::kind::wallet::account::Account;
use crate::identifier::kind::wallet::encoding::base58::Base58;
use crate::identifier::kind::wallet::encoding::keccak::keccak_256;
use crate::identifier::kind::wallet::tag::{AccountTag, Tagged};
use crate::identifier::rule::Rule;

/// Network bytes, from `cryptonote_config.h`.
const STANDARD: u8 = 18;
const INTEGRATED: u8 = 19;
const SUBADDRESS: u8 = 42;
/// Test net and stage net.
const TEST: [u8; 6] = [53, 54, 63, 24, 25, 36];

/// A block of eight bytes takes eleven digits; the last block of five bytes takes seven.
const BLOCK: (usize, usize) = (8, 11);

/// Network byte, two keys, checksum.
const LENGTH: usize = 69;
const DIGITS: usize = 95;
/// The length with a payment id before the checksum.
const INTEGRATED_LENGTH: usize = 77;
const INTEGRATED_DIGITS: usize = 106;

pub(super) fn read(address: &str) -> Result<Account, Rule> {
    match address.len() {
        DIGITS => {
            let bytes: [u8; LENGTH] = blocks(address)?;
            let [network, keys @ .., _, _, _, _] = &bytes;
            let tagged = match *network {
                STANDARD => Tagged::Maybe(AccountTag::payment_id),
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
            let tag = AccountTag::of_payment_id(*payment_id)?;
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
        ..Account::of(text.collect(), account)
    }
}

/// The bytes of an address whose checksum is right.
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

#[cfg(test)]
mod tests {
    use super::*;

    /// An address of these bytes before its checksum.
    fn written(network: u8, rest: &[u8]) -> String {
        let payload = [&[network], rest].concat();
        let sum = keccak_256(&payload);
        let bytes = [payload, sum[..4].to_vec()].concat();
        let width = |block: &[u8]| if block.len() == 8 { 11 } else { 7 };
        let text = bytes
            .chunks(8)
            .map(|block| Base58::BITCOIN.block(block, width(block)));
        text.collect()
    }

    #[test]
    fn a_network_byte_goes_with_its_length() {
        for network in 0..=255 {
            let plain = read(&written(network, &[7; 64])).map(|account| account.bytes[0]);
            let integrated = read(&written(network, &[7; 72])).map(|account| account.bytes[0]);
            let test = [53, 54, 63, 24, 25, 36].contains(&network);
            let refused = if test {
                Rule::WALLET_NETWORK
            } else {
                Rule::WALLET_VERSION
            };
            let known = [18, 42].contains(&network);
            assert_eq!(plain, if known { Ok(network) } else { Err(refused) });
            assert_eq!(
                integrated,
                if network == 19 { Ok(18) } else { Err(refused) }
            );
        }
    }

    #[test]
    fn a_payment_id_of_zeros_is_none() {
        let integrated = written(INTEGRATED, &[&[7; 64][..], &[0; 8]].concat());
        assert_eq!(
            read(&integrated).map(|account| account.text),
            Err(Rule::WALLET_TAG)
        );
    }

    #[test]
    fn a_block_has_one_spelling() {
        let address = written(STANDARD, &[0; 64]);
        assert!(read(&address).is_ok());
        // 2^64 and no more fits into eleven digits.
        let other = address.replacen("11111111111", "jpXCZedGfVR", 1);
        assert_eq!(
            read(&other).map(|account| account.text),
            Err(Rule::WALLET_FORM)
        );
    }
}
