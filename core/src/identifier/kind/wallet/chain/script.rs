//! Output scripts: what a coin is really paid to on the chains derived from Bitcoin, whatever form the
//! address has.

use alloc::vec::Vec;

use crate::identifier::kind::wallet::encoding::bech32::{Bech32, Variant};
use crate::identifier::kind::wallet::encoding::five_bits;
use crate::identifier::rule::Rule;

/// `OP_DUP OP_HASH160 <20> OP_EQUALVERIFY OP_CHECKSIG`
pub(super) fn pubkey_hash(hash: &[u8]) -> Vec<u8> {
    script(&[0x76, 0xa9, 0x14], hash, &[0x88, 0xac])
}

/// `OP_HASH160 <20> OP_EQUAL` (BIP-16)
pub(super) fn script_hash(hash: &[u8]) -> Vec<u8> {
    script(&[0xa9, 0x14], hash, &[0x87])
}

/// `OP_HASH256 <32> OP_EQUAL` (CHIP-2022-05, Bitcoin Cash)
pub(super) fn script_hash_32(hash: &[u8]) -> Vec<u8> {
    script(&[0xaa, 0x20], hash, &[0x87])
}

/// `OP_0 <20 or 32>` (BIP-141) or `OP_1 <32>` (BIP-341): the programs that have a meaning under consensus
/// rules.
#[inline(never)]
pub(super) fn witness(address: &Bech32) -> Result<Vec<u8>, Rule> {
    let (&version, values) = address.values.split_first().ok_or(Rule::WALLET_FORM)?;
    // BIP-350: version 0 keeps the constant of Bech32, every other version uses that of Bech32m.
    if (version == 0) != (address.variant == Variant::Bech32) {
        return Err(Rule::WALLET_CHECKSUM);
    }
    let program = five_bits::bytes(values).ok_or(Rule::WALLET_FORM)?;
    let before = match (version, program.len()) {
        (0, 20) => [0x00, 0x14],
        (0, 32) => [0x00, 0x20],
        (1, 32) => [0x51, 0x20],
        _ => return Err(Rule::WALLET_VERSION),
    };
    Ok(script(&before, &program, &[]))
}

#[inline(never)]
fn script(before: &[u8], hash: &[u8], after: &[u8]) -> Vec<u8> {
    [before, hash, after].concat()
}
