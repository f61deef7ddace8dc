//! CashAddr: the address format of Bitcoin Cash, a prefix and five-bit characters of which eight check the rest.

use super::five_bits;
use crate::identifier::Rule;

const CHECKSUM: usize = 8;
/// A version byte and the longest hash the format knows, 64 bytes, in characters, with the checksum.
const MAX_LENGTH: usize = 112;

/// A string whose checksum held under the prefix.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct CashAddr {
    /// The four bits of the version byte that say what is hashed.
    pub(super) sort: u8,
    pub(super) hash: Vec<u8>,
}

impl CashAddr {
    /// Reads what follows the prefix and its colon, in lower case.
    pub(super) fn read(prefix: &str, text: &str) -> Result<Self, Rule> {
        if text.len() > MAX_LENGTH {
            return Err(Rule::WALLET_FORM);
        }
        let values = five_bits::read(text).ok_or(Rule::WALLET_FORM)?;
        let length = values.len().checked_sub(CHECKSUM).ok_or(Rule::WALLET_FORM)?;
        if polymod(prefix, values.iter().copied()) != 0 {
            return Err(Rule::WALLET_CHECKSUM);
        }
        let (payload, _) = values.split_at_checked(length).ok_or(Rule::WALLET_FORM)?;
        let bytes = five_bits::bytes(payload).ok_or(Rule::WALLET_FORM)?;
        let (version, hash) = bytes.split_first().ok_or(Rule::WALLET_FORM)?;
        // The highest bit is reserved, the lowest three stand for the length.
        if version >> 7 != 0 || hash_length(*version) != hash.len() {
            return Err(Rule::WALLET_VERSION);
        }
        Ok(Self {
            sort: version >> 3,
            hash: hash.to_vec(),
        })
    }

    /// What [`Self::read`] reads, for a hash of 20 or 32 bytes.
    pub(super) fn text(&self, prefix: &str) -> String {
        let size = (0..8).find(|&bits| hash_length(bits) == self.hash.len());
        let version = (self.sort & 15) << 3 | size.unwrap_or(0);
        let mut values = five_bits::values(&[&[version], self.hash.as_slice()].concat());
        let sum = polymod(prefix, values.iter().copied().chain([0; CHECKSUM]));
        values.extend((0..8_u32).rev().map(|place| {
            let [value, ..] = (sum.wrapping_shr(place.wrapping_mul(5)) & 31).to_le_bytes();
            value
        }));
        five_bits::write(&values)
    }
}

/// 20, 24, 28, 32, 40, 48, 56 or 64 bytes.
fn hash_length(version: u8) -> usize {
    let length = 20_usize.wrapping_add(usize::from(version & 3).wrapping_mul(4));
    if version & 4 == 0 { length } else { length.wrapping_mul(2) }
}

/// The remainder of the format's generator over GF(32), of the prefix's low bits, a zero and the values.
fn polymod(prefix: &str, values: impl Iterator<Item = u8>) -> u64 {
    const GENERATOR: [u64; 5] = [
        0x98_f2bc_8e61,
        0x79_b76d_99e2,
        0xf3_3e5f_b3c4,
        0xae_2eab_e2a8,
        0x1e_4f43_e470,
    ];
    let prefix = prefix.bytes().map(|byte| byte & 31);
    let rest = prefix.chain([0]).chain(values).fold(1, |state: u64, value| {
        let top = state >> 35;
        let next = ((state & 0x07_ffff_ffff) << 5) ^ u64::from(value);
        let terms = GENERATOR.iter().enumerate();
        terms.fold(next, |next, (bit, term)| if top >> bit & 1 == 1 { next ^ term } else { next })
    });
    rest ^ 1
}
