//! Base58: bytes as one big number to base 58. Chains differ in the order of the digits, in the checksum,
//! and in whether the number is cut into blocks.

use alloc::string::String;
use alloc::vec::Vec;

use sha2::{Digest as _, Sha256};

use crate::identifier::rule::Rule;

/// The 58 digits of a chain, in order.
#[derive(Clone, Copy)]
pub(in crate::identifier::kind::wallet) struct Base58(&'static [u8]);

/// The checksum after the bytes: the start of their double SHA-256.
const CHECKSUM: usize = 4;

impl Base58 {
    pub(in crate::identifier::kind::wallet) const BITCOIN: Self =
        Self(b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz");
    pub(in crate::identifier::kind::wallet) const XRP: Self =
        Self(b"rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz");

    /// Reads a number of exactly `N` bytes; each zero byte it begins with is written as one zero digit.
    pub(in crate::identifier::kind::wallet) fn read<const N: usize>(
        self,
        text: &str,
    ) -> Option<[u8; N]> {
        let mut bytes = [0; N];
        self.fill(text, &mut bytes).map(|()| bytes)
    }

    #[inline(never)]
    fn fill(self, text: &str, bytes: &mut [u8]) -> Option<()> {
        self.number(text, bytes)?;
        let digits = text
            .bytes()
            .take_while(|digit| self.0.first() == Some(digit));
        let zeros = bytes.iter().take_while(|&&byte| byte == 0);
        (digits.count() == zeros.count()).then_some(())
    }

    /// Writes what [`Self::read`] reads.
    pub(in crate::identifier::kind::wallet) fn write(self, bytes: &[u8]) -> String {
        let zeros = bytes.iter().take_while(|&&byte| byte == 0).count();
        self.digits(bytes, zeros)
    }

    /// Reads `N` bytes of which the last four are the checksum of the others.
    pub(in crate::identifier::kind::wallet) fn read_checked<const N: usize>(
        self,
        text: &str,
    ) -> Result<[u8; N], Rule> {
        let mut bytes = [0; N];
        self.fill_checked(text, &mut bytes).map(|()| bytes)
    }

    #[inline(never)]
    fn fill_checked(self, text: &str, bytes: &mut [u8]) -> Result<(), Rule> {
        self.fill(text, bytes).ok_or(Rule::WALLET_FORM)?;
        let (payload, sum) = bytes.split_last_chunk().ok_or(Rule::WALLET_FORM)?;
        if *sum == checksum(payload) {
            Ok(())
        } else {
            Err(Rule::WALLET_CHECKSUM)
        }
    }

    /// Writes bytes and their checksum.
    #[inline(never)]
    pub(in crate::identifier::kind::wallet) fn write_checked(self, parts: &[&[u8]]) -> String {
        let mut bytes = parts.concat();
        bytes.extend(checksum(&bytes));
        self.write(&bytes)
    }

    /// The number in big-endian bytes, whatever its zeros; `None` if it does not fit.
    pub(in crate::identifier::kind::wallet) fn number(
        self,
        text: &str,
        bytes: &mut [u8],
    ) -> Option<()> {
        // A byte takes 1.37 digits. Refusing longer text avoids quadratic time.
        if text.len() > bytes.len().saturating_mul(2) {
            return None;
        }
        bytes.fill(0);
        for digit in text.bytes() {
            let place = self.0.iter().position(|&known| known == digit)?;
            let mut carry = u32::try_from(place).ok()?;
            for byte in bytes.iter_mut().rev() {
                carry = u32::from(*byte).wrapping_mul(58).wrapping_add(carry);
                [*byte, ..] = carry.to_le_bytes();
                carry >>= 8;
            }
            if carry != 0 {
                return None;
            }
        }
        Some(())
    }

    /// The digits of a big-endian number after `zeros` zero digits.
    fn digits(self, bytes: &[u8], zeros: usize) -> String {
        let mut places: Vec<u8> = Vec::new();
        for &byte in bytes {
            let mut carry = u32::from(byte);
            for place in &mut places {
                carry = carry.wrapping_add(u32::from(*place) << 8);
                [*place, ..] = (carry % 58).to_le_bytes();
                carry /= 58;
            }
            while carry != 0 {
                let [place, ..] = (carry % 58).to_le_bytes();
                places.push(place);
                carry /= 58;
            }
        }
        places.resize(places.len().saturating_add(zeros), 0);
        let digit = |place: &u8| self.0.get(usize::from(*place)).copied().map(char::from);
        places.iter().rev().filter_map(digit).collect()
    }

    /// The number in exactly `width` digits, the most that its bytes can need.
    pub(in crate::identifier::kind::wallet) fn block(self, bytes: &[u8], width: usize) -> String {
        let digits = self.digits(bytes, 0);
        let zeros = width.saturating_sub(digits.len());
        self.digits(bytes, zeros)
    }
}

#[inline(never)]
fn checksum(bytes: &[u8]) -> [u8; CHECKSUM] {
    crate::common::bytes::first(&Sha256::digest(Sha256::digest(bytes)).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_byte_string_has_one_spelling() {
        // draft-msporny-base58, section 5
        assert_eq!(Base58::BITCOIN.write(b"Hello World!"), "2NEpo7TZRRrLZSi2U");
        assert_eq!(
            Base58::BITCOIN.write(&[0, 0, 0x28, 0x7f, 0xb4, 0xcd]),
            "11233QC4"
        );
        assert_eq!(
            Base58::BITCOIN.read("11233QC4"),
            Some([0, 0, 0x28, 0x7f, 0xb4, 0xcd])
        );
        for spelling in [
            "1233QC4",
            "111233QC4",
            "11233QC",
            "11233QC0",
            "11233QC\u{e9}",
            "",
        ] {
            assert_eq!(Base58::BITCOIN.read::<6>(spelling), None, "{spelling}");
        }
        for length in 0..40_u8 {
            let bytes: Vec<u8> = (0..length).map(|byte| byte.wrapping_mul(151) / 2).collect();
            let mut again = vec![0xff; bytes.len()];
            let text = Base58::XRP.write(&bytes);
            Base58::XRP
                .number(&text, &mut again)
                .expect("what was written");
            assert_eq!(again, bytes);
        }
    }

    #[test]
    fn a_number_that_does_not_fit_is_refused() {
        let mut byte = [0];
        assert_eq!(Base58::BITCOIN.number("5Q", &mut byte), Some(()));
        assert_eq!(byte, [0xff]);
        assert_eq!(Base58::BITCOIN.number("5R", &mut byte), None);
        let mut block = [0; 8];
        assert_eq!(Base58::BITCOIN.number("jpXCZedGfVQ", &mut block), Some(()));
        assert_eq!(block, [0xff; 8]);
        assert_eq!(Base58::BITCOIN.number("jpXCZedGfVR", &mut block), None);
        assert_eq!(Base58::BITCOIN.number(&"1".repeat(17), &mut block), None);
    }

    #[test]
    fn a_block_is_filled_up_with_zero_digits() {
        assert_eq!(Base58::BITCOIN.block(&[0; 8], 11), "11111111111");
        assert_eq!(
            Base58::BITCOIN.block(&[0, 0, 0, 0, 0, 0, 0, 0x3a], 11),
            "11111111121"
        );
        assert_eq!(
            Base58::BITCOIN.block(&[5, 0xe0, 0x22, 0xba, 0x37, 0x4b, 0x2a, 0], 11),
            "1z111111111"
        );
        assert_eq!(Base58::BITCOIN.block(&[0xff; 5], 7), "VtB5VXc");
    }
}
