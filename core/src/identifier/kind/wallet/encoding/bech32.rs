//! Bech32 (BIP-173) and Bech32m (BIP-350): a prefix, `1`, and five-bit characters, the last six of which are
//! the checksum.

use alloc::borrow::ToOwned as _;
use alloc::string::String;
use alloc::vec::Vec;

use super::five_bits;
use crate::identifier::rule::Rule;

/// BIP-173: at most 90 characters.
const MAX_LENGTH: usize = 90;
const CHECKSUM: usize = 6;
const GENERATOR: [u64; 5] = [
    0x3b6a_57b2,
    0x2650_8e6d,
    0x1ea1_19fa,
    0x3d42_33dd,
    0x2a14_62b3,
];

/// A string with a right checksum.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::identifier::kind::wallet) struct Bech32 {
    /// The text before the last `1`, in lower case.
    pub(in crate::identifier::kind::wallet) prefix: String,
    /// Five-bit values without the checksum.
    pub(in crate::identifier::kind::wallet) values: Vec<u8>,
    pub(in crate::identifier::kind::wallet) variant: Variant,
}

/// Which constant the checksum uses. Bech32m fixes a flaw of Bech32: an added `q` before a final `p` was
/// not detected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::identifier::kind::wallet) enum Variant {
    Bech32,
    Bech32m,
}

impl Bech32 {
    /// Whether a text begins with a prefix and `1`, ignoring case.
    pub(in crate::identifier::kind::wallet) fn bears(text: &str, prefix: &str) -> bool {
        let (head, rest) = text
            .as_bytes()
            .split_at_checked(prefix.len())
            .unwrap_or_default();
        head.eq_ignore_ascii_case(prefix.as_bytes()) && rest.first() == Some(&b'1')
    }

    #[inline(never)]
    pub(in crate::identifier::kind::wallet) fn read(text: &str) -> Result<Self, Rule> {
        if text.len() > MAX_LENGTH || !text.bytes().all(|byte| matches!(byte, 33..=126)) {
            return Err(Rule::WALLET_FORM);
        }
        let text = five_bits::one_case(text).ok_or(Rule::WALLET_FORM)?;
        let (prefix, rest) = text.rsplit_once('1').ok_or(Rule::WALLET_FORM)?;
        let mut values = five_bits::read(rest).ok_or(Rule::WALLET_FORM)?;
        let length = values
            .len()
            .checked_sub(CHECKSUM)
            .ok_or(Rule::WALLET_FORM)?;
        if prefix.is_empty() {
            return Err(Rule::WALLET_FORM);
        }
        let high = prefix.bytes().map(|byte| byte >> 5);
        let low = prefix.bytes().map(|byte| byte & 31);
        let checked = high.chain([0]).chain(low).chain(values.iter().copied());
        let variant = match five_bits::polymod(&GENERATOR, 25, checked) {
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

#[cfg(test)]
impl Bech32 {
    /// What [`Self::read`] reads, for tests of what a right checksum does not excuse.
    pub(in crate::identifier::kind::wallet) fn write(
        prefix: &str,
        values: &[u8],
        variant: Variant,
    ) -> String {
        let constant = match variant {
            Variant::Bech32 => 1,
            Variant::Bech32m => 0x2bc8_30a3,
        };
        let high = prefix.bytes().map(|byte| byte >> 5);
        let low = prefix.bytes().map(|byte| byte & 31);
        let body = values.iter().copied().chain([0; CHECKSUM]);
        let checked = high.chain([0]).chain(low).chain(body);
        let sum = five_bits::polymod(&GENERATOR, 25, checked) ^ constant;
        let sum = (0..6)
            .rev()
            .map(|place| u8::try_from(sum >> (5 * place) & 31).unwrap_or_default());
        let values = values.iter().copied().chain(sum).collect::<Vec<u8>>();
        format!("{prefix}1{}", five_bits::write(&values))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variant(text: &str) -> Result<Variant, Rule> {
        Bech32::read(text).map(|read| read.variant)
    }

    #[test]
    fn the_strings_of_bip_173_are_valid() {
        for text in [
            "A12UEL5L",
            "a12uel5l",
            "an83characterlonghumanreadablepartthatcontainsthenumber1andtheexcludedcharactersbio1tt5tgs",
            "abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw",
            "11qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqc8247j",
            "split1checkupstagehandshakeupstreamerranterredcaperred2y9e3w",
            "?1ezyfcl",
        ] {
            assert_eq!(variant(text), Ok(Variant::Bech32), "{text}");
        }
    }

    #[test]
    fn the_strings_of_bip_350_are_valid() {
        for text in [
            "A1LQFN3A",
            "a1lqfn3a",
            "an83characterlonghumanreadablepartthatcontainsthetheexcludedcharactersbioandnumber11sg7hg6",
            "abcdef1l7aum6echk45nj3s0wdvt2fg8x9yrzpqzd3ryx",
            "11llllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllludsr8",
            "split1checkupstagehandshakeupstreamerranterredcaperredlc445v",
            "?1v759aa",
        ] {
            assert_eq!(variant(text), Ok(Variant::Bech32m), "{text}");
        }
    }

    #[test]
    fn the_strings_that_both_refuse_are_refused() {
        for (text, rule) in [
            ("\u{20}1nwldj5", Rule::WALLET_FORM),
            ("\u{7f}1axkwrx", Rule::WALLET_FORM),
            ("\u{80}1eym55h", Rule::WALLET_FORM),
            (
                "an84characterslonghumanreadablepartthatcontainsthenumber1andtheexcludedcharactersbio1569pvx",
                Rule::WALLET_FORM,
            ),
            ("pzry9x0s0muk", Rule::WALLET_FORM),
            ("1pzry9x0s0muk", Rule::WALLET_FORM),
            ("x1b4n0q5v", Rule::WALLET_FORM),
            ("li1dgmt3", Rule::WALLET_FORM),
            ("de1lg7wt\u{ff}", Rule::WALLET_FORM),
            ("A1G7SGD8", Rule::WALLET_CHECKSUM),
            ("10a06t8", Rule::WALLET_FORM),
            ("1qzzfhee", Rule::WALLET_FORM),
            ("\u{20}1xj0phk", Rule::WALLET_FORM),
            ("\u{7f}1g6xzxy", Rule::WALLET_FORM),
            ("\u{80}1vctc34", Rule::WALLET_FORM),
            (
                "an84characterslonghumanreadablepartthatcontainsthetheexcludedcharactersbioandnumber11d6pts4",
                Rule::WALLET_FORM,
            ),
            ("qyrz8wqd2c9m", Rule::WALLET_FORM),
            ("1qyrz8wqd2c9m", Rule::WALLET_FORM),
            ("y1b0jsk6g", Rule::WALLET_FORM),
            ("lt1igcx5c0", Rule::WALLET_FORM),
            ("in1muywd", Rule::WALLET_FORM),
            ("mm1crxm3i", Rule::WALLET_FORM),
            ("au1s5cgom", Rule::WALLET_FORM),
            ("M1VUXWEZ", Rule::WALLET_CHECKSUM),
            ("16plkw9", Rule::WALLET_FORM),
            ("1p2gdwpf", Rule::WALLET_FORM),
        ] {
            assert_eq!(variant(text), Err(rule), "{text:?}");
        }
    }

    #[test]
    fn prefix_and_values_are_told_apart_at_the_last_one() {
        let read = Bech32::read(
            "11qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqc8247j",
        );
        let read = read.expect("a string of BIP-173");
        assert_eq!((read.prefix.as_str(), read.values), ("1", vec![0; 82]));
        assert!(Bech32::bears("BC1Q", "bc") && !Bech32::bears("bcrt1q", "bc"));
        assert!(!Bech32::bears("b", "bc") && !Bech32::bears("bc", "bc"));
    }
}
