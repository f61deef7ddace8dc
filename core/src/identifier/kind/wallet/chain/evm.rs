//! Ethereum and the chains with the same accounts: 20 bytes in hexadecimal, where the case of the letters
//! may be a checksum (ERC-55).

use alloc::format;
use alloc::string::String;

use crate::common::hex;
use crate::identifier::kind::wallet::account::Account;
use crate::identifier::kind::wallet::encoding::keccak::keccak_256;
use crate::identifier::rule::Rule;

/// The chain numbers of Rootstock. By ERC-1191 they are part of the checksum, which ERC-55 alone would refuse.
const ROOTSTOCK: &str = "30";
const ROOTSTOCK_TEST: &str = "31";

pub(super) fn read(address: &str) -> Result<Account, Rule> {
    let digits = unprefixed(address);
    let bytes: [u8; 20] = digits_of(digits)?;
    check_case(digits, &bytes)?;
    Ok(Account::of(text(&bytes), bytes.to_vec()))
}

/// The digits, without `0x` if it is present.
pub(super) fn unprefixed(address: &str) -> &str {
    let rest = address.strip_prefix("0x");
    rest.or_else(|| address.strip_prefix("0X"))
        .unwrap_or(address)
}

/// Hexadecimal digits in any case.
pub(super) fn digits_of<const N: usize>(digits: &str) -> Result<[u8; N], Rule> {
    if digits.len() != N.saturating_mul(2) {
        return Err(Rule::WALLET_FORM);
    }
    hex::array(&digits.to_ascii_lowercase()).ok_or(Rule::WALLET_FORM)
}

/// Checks the case of the letters, which is a checksum unless all have one case.
pub(super) fn check_case(digits: &str, bytes: &[u8; 20]) -> Result<(), Rule> {
    let of_case = |case: fn(&u8) -> bool| digits.bytes().any(|digit| case(&digit));
    if !(of_case(u8::is_ascii_lowercase) && of_case(u8::is_ascii_uppercase)) {
        return Ok(());
    }
    if digits == cased(bytes, None) || digits == cased(bytes, Some(ROOTSTOCK)) {
        Ok(())
    } else if digits == cased(bytes, Some(ROOTSTOCK_TEST)) {
        Err(Rule::WALLET_NETWORK)
    } else {
        Err(Rule::WALLET_CHECKSUM)
    }
}

/// The address as ERC-55 writes it.
fn text(bytes: &[u8; 20]) -> String {
    format!("0x{}", cased(bytes, None))
}

/// Digits whose letters are capitals where the hash of the lower-case address has a digit above 7.
fn cased(bytes: &[u8; 20], chain: Option<&str>) -> String {
    let lower = hex::text(bytes);
    let hashed = match chain {
        None => lower.clone(),
        Some(chain) => format!("{chain}0x{lower}"),
    };
    let hash = hex::text(&keccak_256(hashed.as_bytes()));
    let capital = |(digit, hash): (char, u8)| match hash {
        b'0'..=b'7' => digit,
        _ => digit.to_ascii_uppercase(),
    };
    lower.chars().zip(hash.bytes()).map(capital).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    /// ERC-55 states 0.0247 % of mistyped addresses that pass, and ERC-1191's is tried here too.
    #[test]
    fn few_mistyped_addresses_pass() {
        let (mut tried, mut passed) = (0, 0);
        for seed in 0..500_u32 {
            let hash = keccak_256(&seed.to_le_bytes());
            let address = text(&crate::common::bytes::first(&hash));
            let digits = unprefixed(&address);
            if digits == digits.to_lowercase() || digits == digits.to_uppercase() {
                continue;
            }
            for place in 2..address.len() {
                let mut typo = address.clone().into_bytes();
                typo[place] = if typo[place] == b'7' { b'8' } else { b'7' };
                let typo = String::from_utf8(typo).expect("ASCII");
                tried += 1;
                passed += usize::from(read(&typo).is_ok());
            }
        }
        assert!(passed * 1_000 < tried, "{passed} of {tried}");
    }
}
