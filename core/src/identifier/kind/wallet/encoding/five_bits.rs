//! The alphabet and checksum arithmetic that Bech32 and CashAddr share, and bytes as five-bit values.

use alloc::string::String;
use alloc::vec::Vec;

const DIGITS: &[u8] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";

/// The text in lower case; `None` if it has letters of both cases.
pub(in crate::identifier::kind::wallet) fn one_case(text: &str) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    (lower == text || text.to_ascii_uppercase() == text).then_some(lower)
}

/// The values of lower-case digits.
pub(in crate::identifier::kind::wallet) fn read(text: &str) -> Option<Vec<u8>> {
    let value = |digit| DIGITS.iter().position(|&known| known == digit);
    text.bytes()
        .map(|digit| u8::try_from(value(digit)?).ok())
        .collect()
}

pub(in crate::identifier::kind::wallet) fn write(values: &[u8]) -> String {
    let digit = |value: &u8| DIGITS.get(usize::from(*value)).copied().map(char::from);
    values.iter().filter_map(digit).collect()
}

/// The checksum of both formats: the remainder of the values by a generator over GF(32), where each step
/// keeps the low `width` bits of the state.
#[inline(never)]
pub(in crate::identifier::kind::wallet) fn polymod(
    generator: &[u64; 5],
    width: u32,
    values: impl Iterator<Item = u8>,
) -> u64 {
    let kept = 1_u64.wrapping_shl(width).wrapping_sub(1);
    values.fold(1, |state: u64, value| {
        let top = state.wrapping_shr(width);
        let next = ((state & kept) << 5) ^ u64::from(value);
        let terms = generator.iter().enumerate();
        terms.fold(next, |next, (bit, term)| {
            if top >> bit & 1 == 1 {
                next ^ term
            } else {
                next
            }
        })
    })
}

/// The whole bytes in five-bit values; `None` unless the rest is fewer than five bits, all zero.
#[inline(never)]
pub(in crate::identifier::kind::wallet) fn bytes(values: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let (mut held, mut bits) = (0_u32, 0_u32);
    for &value in values {
        held = (held << 5) | u32::from(value);
        bits = bits.wrapping_add(5);
        if let Some(left) = bits.checked_sub(8) {
            let [byte, ..] = held.wrapping_shr(left).to_le_bytes();
            bytes.push(byte);
            held &= 1_u32.wrapping_shl(left).wrapping_sub(1);
            bits = left;
        }
    }
    (bits < 5 && held == 0).then_some(bytes)
}

/// Bytes as five-bit values, padded with zero bits.
#[inline(never)]
pub(in crate::identifier::kind::wallet) fn values(bytes: &[u8]) -> Vec<u8> {
    let mut values = Vec::new();
    let (mut held, mut bits) = (0_u32, 0_u32);
    let mut push = |held: u32| {
        let [value, ..] = (held & 31).to_le_bytes();
        values.push(value);
    };
    for &byte in bytes {
        held = (held & 0xff) << 8 | u32::from(byte);
        bits = bits.wrapping_add(8);
        while let Some(left) = bits.checked_sub(5) {
            push(held.wrapping_shr(left));
            bits = left;
        }
    }
    if bits > 0 {
        push(held.wrapping_shl(5_u32.wrapping_sub(bits)));
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_of_any_length_come_back() {
        for length in 0..70_u8 {
            let eight: Vec<u8> = (0..length)
                .map(|byte| byte.wrapping_mul(37) ^ 0xa5)
                .collect();
            let five = values(&eight);
            assert_eq!(five.len(), (eight.len() * 8).div_ceil(5));
            assert_eq!(read(&write(&five)).as_ref(), Some(&five));
            assert_eq!(bytes(&five), Some(eight));
        }
    }

    #[test]
    fn padding_is_short_and_zero() {
        assert_eq!(bytes(&[31, 28]), Some(vec![0xff]));
        for bit in [1, 2] {
            assert_eq!(bytes(&[31, 28 | bit]), None);
        }
        assert_eq!(bytes(&[31, 28, 0]), None, "seven bits of padding");
        assert_eq!(bytes(&[0]), None, "five bits of padding");
    }

    #[test]
    fn letters_are_of_one_case() {
        assert_eq!(one_case("AB1"), Some("ab1".to_owned()));
        assert_eq!(one_case("ab1"), Some("ab1".to_owned()));
        assert_eq!(one_case("aB1"), None);
        assert_eq!(read("b"), None);
        assert_eq!(read("Q"), None);
    }
}
