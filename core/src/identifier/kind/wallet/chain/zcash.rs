//! Zcash: transparent addresses (protocol specification, section 5.6.1.1), also as TEX addresses of the
//! same key hash (ZIP 320). Shielded addresses name no public account.

use alloc::borrow::ToOwned as _;

use super::coin;
use super::script;
use crate::identifier::kind::wallet::account::Account;
use crate::identifier::kind::wallet::encoding::base58::Base58;
use crate::identifier::kind::wallet::encoding::bech32::{Bech32, Variant};
use crate::identifier::kind::wallet::encoding::five_bits;
use crate::identifier::rule::Rule;

const PUBKEY_HASH: [u8; 2] = [0x1c, 0xb8];
const SCRIPT_HASH: [u8; 2] = [0x1c, 0xbd];
const TEST: [[u8; 2]; 2] = [[0x1d, 0x25], [0x1c, 0xba]];

const TEX: &str = "tex";
const TEX_TEST: [&str; 2] = ["textest", "texregtest"];

/// Unified (ZIP 316), Sapling and Sprout addresses, and those of their test networks.
const UNSUPPORTED: [&str; 8] = [
    "u1",
    "utest1",
    "uregtest1",
    "zs1",
    "ztestsapling1",
    "zregtestsapling1",
    "zc",
    "zt",
];

pub(super) fn read(address: &str) -> Result<Account, Rule> {
    if UNSUPPORTED.iter().any(|start| coin::begins(address, start)) {
        return Err(Rule::WALLET_UNSUPPORTED);
    }
    if [TEX]
        .iter()
        .chain(&TEX_TEST)
        .any(|prefix| Bech32::bears(address, prefix))
    {
        return transparent_source_only(address);
    }
    let bytes: [u8; 26] = Base58::BITCOIN.read_checked(address)?;
    let [first, second, hash @ .., _, _, _, _] = &bytes;
    let version = [*first, *second];
    let script = match version {
        PUBKEY_HASH => script::pubkey_hash(hash),
        SCRIPT_HASH => script::script_hash(hash),
        _ if TEST.contains(&version) => return Err(Rule::WALLET_NETWORK),
        _ => return Err(Rule::WALLET_VERSION),
    };
    Ok(Account::of(address.to_owned(), script))
}

/// ZIP 320: a TEX address accepts coins from transparent addresses only; the key hash is the payee.
fn transparent_source_only(address: &str) -> Result<Account, Rule> {
    let read = Bech32::read(address)?;
    if read.variant != Variant::Bech32m {
        return Err(Rule::WALLET_CHECKSUM);
    }
    let hash = five_bits::bytes(&read.values).ok_or(Rule::WALLET_FORM)?;
    if hash.len() != 20 {
        return Err(Rule::WALLET_VERSION);
    }
    match read.prefix.as_str() {
        TEX => {
            let text = Base58::BITCOIN.write_checked(&[&PUBKEY_HASH, &hash]);
            Ok(Account::of(text, script::pubkey_hash(&hash)))
        }
        test if TEX_TEST.contains(&test) => Err(Rule::WALLET_NETWORK),
        _ => Err(Rule::WALLET_VERSION),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tex_address_is_20_bytes_in_bech32m() {
        let of = |prefix: &str, length, variant| {
            let values = five_bits::values(&vec![7; length]);
            read(&Bech32::write(prefix, &values, variant)).map(|account| account.text)
        };
        assert!(of("tex", 20, Variant::Bech32m).is_ok());
        assert_eq!(of("tex", 20, Variant::Bech32), Err(Rule::WALLET_CHECKSUM));
        assert_eq!(of("tex", 32, Variant::Bech32m), Err(Rule::WALLET_VERSION));
        assert_eq!(
            of("texregtest", 20, Variant::Bech32m),
            Err(Rule::WALLET_NETWORK)
        );
        assert_eq!(of("tex1q", 20, Variant::Bech32m), Err(Rule::WALLET_VERSION));
    }

    #[test]
    fn every_version_but_its_own_is_refused() {
        for version in 0..=u16::MAX {
            let address = Base58::BITCOIN.write_checked(&[&version.to_be_bytes(), &[7; 20]]);
            let expected = match version {
                0x1cb8 | 0x1cbd => Ok(()),
                0x1d25 | 0x1cba => Err(Rule::WALLET_NETWORK),
                _ => Err(Rule::WALLET_VERSION),
            };
            // A few begin like a Sprout address.
            let found = read(&address).map(|_| ());
            assert!(
                found == expected || found == Err(Rule::WALLET_UNSUPPORTED),
                "{version}"
            );
        }
    }
}
