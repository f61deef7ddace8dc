//! Base58: bytes as one big number in 58 digits. What differs between chains is the order of the digits,
//! the checksum, and whether the number is cut into blocks.

use sha2::{Digest as _, Sha256};

use crate::identifier::Rule;

/// The 58 digits in their order.
#[derive(Clone, Copy)]
pub(super) struct Base58(&'static [u8; 58]);

/// What follows the bytes: the start of their double SHA-256.
const CHECKSUM: usize = 4;

impl Base58 {
    pub(super) const BITCOIN: Self =
        Self(b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz");
    pub(super) const XRP: Self =
        Self(b"rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz");

    /// Reads a number of exactly `N` bytes; each zero byte it begins with is written as one zero digit.
    pub(super) fn read<const N: usize>(self, text: &str) -> Option<[u8; N]> {
        let mut bytes = [0; N];
        self.number(text, &mut bytes)?;
        let digits = text.bytes().take_while(|digit| self.0.first() == Some(digit));
        let zeros = bytes.iter().take_while(|&&byte| byte == 0);
        (digits.count() == zeros.count()).then_some(bytes)
    }

    /// Writes what [`Self::read`] reads.
    pub(super) fn write(self, bytes: &[u8]) -> String {
        let zeros = bytes.iter().take_while(|&&byte| byte == 0).count();
        self.digits(bytes, zeros)
    }

    /// Reads `N` bytes of which the last four are the checksum of the others.
    pub(super) fn read_checked<const N: usize>(self, text: &str) -> Result<[u8; N], Rule> {
        let bytes: [u8; N] = self.read(text).ok_or(Rule::WALLET_FORM)?;
        let (payload, sum) = bytes.split_last_chunk().ok_or(Rule::WALLET_FORM)?;
        if *sum == checksum(payload) {
            Ok(bytes)
        } else {
            Err(Rule::WALLET_CHECKSUM)
        }
    }

    /// Writes bytes and their checksum.
    pub(super) fn write_checked(self, parts: &[&[u8]]) -> String {
        let mut bytes = parts.concat();
        bytes.extend(checksum(&bytes));
        self.write(&bytes)
    }

    /// The number in big-endian bytes, whatever its zeros; `None` if it does not fit.
    pub(super) fn number(self, text: &str, bytes: &mut [u8]) -> Option<()> {
        // A byte takes 1.37 digits: no long text is worth its quadratic time.
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

    /// The number in exactly `width` digits, for as many as its bytes need at most.
    pub(super) fn block(self, bytes: &[u8], width: usize) -> String {
        let digits = self.digits(bytes, 0);
        let zeros = width.saturating_sub(digits.len());
        self.digits(bytes, zeros)
    }
}

fn checksum(bytes: &[u8]) -> [u8; CHECKSUM] {
    crate::bytes::first(&Sha256::digest(Sha256::digest(bytes)).into())
}
