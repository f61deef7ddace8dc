//! Ethereum and the chains with the same accounts: 20 bytes in hexadecimal, where the case of the letters
//! may be a checksum (ERC-55).

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
    let checked = check_case(digits, &bytes)?;
    Ok(Account {
        checked,
        ..Account::checked(text(&bytes), bytes.to_vec())
    })
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

/// Whether the case of the letters is a valid checksum; letters of one case are no checksum.
pub(super) fn check_case(digits: &str, bytes: &[u8; 20]) -> Result<bool, Rule> {
    let of_case = |case: fn(&u8) -> bool| digits.bytes().any(|digit| case(&digit));
    if !(of_case(u8::is_ascii_lowercase) && of_case(u8::is_ascii_uppercase)) {
        return Ok(false);
    }
    if digits == cased(bytes, None) || digits == cased(bytes, Some(ROOTSTOCK)) {
        Ok(true)
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
    use crate::identifier::{Identifier, Kind};

    #[test]
    fn letters_of_both_cases_are_a_checksum_that_exempts_from_the_guard() {
        let digits = "a4111111111111111bcdefabcdefabcdefabcdef";
        let bytes = digits_of(digits).expect("forty digits");
        let text = format!("evm:{}", text(&bytes));
        let checked = Identifier::parse(Kind::Wallet, &text);
        assert_eq!(checked.map(|read| read.text().to_owned()), Ok(text));
        for digits in [digits.to_owned(), digits.to_uppercase()] {
            let unchecked = Identifier::parse(Kind::Wallet, &format!("evm:0x{digits}"));
            assert_eq!(
                unchecked.map_err(|error| error.rule()),
                Err(Rule::CARD_NUMBER)
            );
        }
    }

    /// ERC-55 states 0.0247 % of mistyped addresses that pass, and ERC-1191's is tried here too.
    #[test]
    fn few_mistyped_addresses_pass() {
        let (mut tried, mut passed) = (0, 0);
        for seed in 0..500_u32 {
            let hash = keccak_256(&seed.to_le_bytes());
            let address = text(&crate::common::bytes::first(&hash));
            if read(&address).is_ok_and(|account| !account.checked) {
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
