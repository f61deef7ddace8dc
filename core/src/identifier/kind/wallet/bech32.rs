//! Bech32 (BIP-173) and Bech32m (BIP-350): a prefix, `1`, and five-bit characters of which six check the rest.

use super::five_bits;
use crate::identifier::Rule;

/// BIP-173: at most 90 characters.
const MAX_LENGTH: usize = 90;
const CHECKSUM: usize = 6;

/// A string whose checksum held.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Bech32 {
    /// What stands before the last `1`, in lower case.
    pub(super) prefix: String,
    /// Five-bit values without the checksum.
    pub(super) values: Vec<u8>,
    pub(super) variant: Variant,
}

/// Which constant the checksum leaves: Bech32m mends Bech32's blindness to a `q` before a last `p`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Variant {
    Bech32,
    Bech32m,
}

impl Bech32 {
    /// Whether a text begins with a prefix and the `1` after it, in letters of any case.
    pub(super) fn bears(text: &str, prefix: &str) -> bool {
        let (head, rest) = text.as_bytes().split_at_checked(prefix.len()).unwrap_or_default();
        head.eq_ignore_ascii_case(prefix.as_bytes()) && rest.first() == Some(&b'1')
    }

    pub(super) fn read(text: &str) -> Result<Self, Rule> {
        if text.len() > MAX_LENGTH || !text.bytes().all(|byte| matches!(byte, 33..=126)) {
            return Err(Rule::WALLET_FORM);
        }
        let text = five_bits::one_case(text).ok_or(Rule::WALLET_FORM)?;
        let (prefix, rest) = text.rsplit_once('1').ok_or(Rule::WALLET_FORM)?;
        let mut values = five_bits::read(rest).ok_or(Rule::WALLET_FORM)?;
        let length = values.len().checked_sub(CHECKSUM).ok_or(Rule::WALLET_FORM)?;
        if prefix.is_empty() {
            return Err(Rule::WALLET_FORM);
        }
        let high = prefix.bytes().map(|byte| byte >> 5);
        let low = prefix.bytes().map(|byte| byte & 31);
        let checked = high.chain([0]).chain(low).chain(values.iter().copied());
        let variant = match polymod(checked) {
            1 => Variant::Bech32,
            0x2bc8_30a3 => Variant::Bech32m,
            _ => return Err(Rule::WALLET_CHECKSUM),
        };
        values.truncate(length);
        Ok(Self {
            prefix: prefix.to_owned(),
            values,
            variant,
        })
    }
}

/// The remainder of BIP-173's generator over GF(32).
fn polymod(values: impl Iterator<Item = u8>) -> u32 {
    const GENERATOR: [u32; 5] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];
    values.fold(1, |state: u32, value| {
        let top = state >> 25;
        let next = ((state & 0x01ff_ffff) << 5) ^ u32::from(value);
        let terms = GENERATOR.iter().enumerate();
        terms.fold(next, |next, (bit, term)| if top >> bit & 1 == 1 { next ^ term } else { next })
    })
}
