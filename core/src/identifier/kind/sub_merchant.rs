//! `sub_merchant`: a payment facilitator and the id that it assigned to a merchant.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::identifier::fields::{self, Padded};
use crate::identifier::form::Form;
use crate::identifier::numeric_ids::LongId;
use crate::identifier::rule::{Rule, Words};

/// A facilitator and the id it chose for its merchant.
pub(in crate::identifier) struct SubMerchant {
    facilitator: String,
    id: String,
}

/// Whether a text is a facilitator in the form that identifiers have it: digits without leading zeros.
#[must_use]
pub fn is_facilitator(text: &str) -> bool {
    let digits = text.bytes().all(|b| b.is_ascii_digit());
    digits && (1..=FACILITATOR.max).contains(&text.len()) && !text.starts_with('0')
}

/// Visa and Mastercard assign facilitators a number of at most 11 digits.
const FACILITATOR: Padded = Padded {
    max: 11,
    missing: Rule::FACILITATOR_MISSING,
    character: Rule::FACILITATOR_CHARACTER,
    too_long: Rule::FACILITATOR_TOO_LONG,
};
/// Visa and Mastercard: 15 characters; American Express: 20.
const ID: Padded = Padded {
    max: 20,
    missing: Rule::SUB_MERCHANT_MISSING,
    character: Rule::SUB_MERCHANT_CHARACTER,
    too_long: Rule::SUB_MERCHANT_TOO_LONG,
};

impl Rule {
    const FACILITATOR_MISSING: Self = Self(&Words::missing(
        "facilitator_missing",
        "the facilitator is missing; the id alone is not unique",
    ));
    const FACILITATOR_CHARACTER: Self = Self(&Words::new(
        "facilitator_character",
        "the facilitator holds something other than digits",
    ));
    const FACILITATOR_TOO_LONG: Self = Self(&Words::new(
        "facilitator_too_long",
        "the facilitator is longer than 11 digits",
    ));
    const SUB_MERCHANT_MISSING: Self = Self(&Words::missing(
        "sub_merchant_missing",
        "the sub-merchant id is missing",
    ));
    const SUB_MERCHANT_CHARACTER: Self = Self(&Words::new(
        "sub_merchant_character",
        "the sub-merchant id holds something other than printable ASCII",
    ));
    const SUB_MERCHANT_TOO_LONG: Self = Self(&Words::new(
        "sub_merchant_too_long",
        "the sub-merchant id is longer than 20 characters",
    ));
}

impl Form for SubMerchant {
    const CODE: u8 = 5;
    const NAME: &'static str = "sub_merchant";
    const RULES: &'static [Rule] = &[
        Rule::FACILITATOR_MISSING,
        Rule::FACILITATOR_CHARACTER,
        Rule::FACILITATOR_TOO_LONG,
        Rule::SUB_MERCHANT_MISSING,
        Rule::SUB_MERCHANT_CHARACTER,
        Rule::SUB_MERCHANT_TOO_LONG,
    ];

    /// `FACILITATOR/ID`, split at the first slash.
    fn parse(value: &str) -> Result<Self, Rule> {
        let (facilitator, id) = fields::parted(value)?;
        Self::of(facilitator, id)
    }

    fn text(self) -> String {
        format!("{}/{}", self.facilitator, self.id)
    }

    fn canonical(&self) -> Option<Vec<u8>> {
        let fields = [self.facilitator.as_bytes(), self.id.as_bytes()];
        Some(fields::join(&fields))
    }

    fn long_id(value: &str) -> Option<LongId<'_>> {
        let (facilitator, id) = value.split_once('/')?;
        Self::long_id_of(facilitator, id)
    }
}

/// Digits of the card numbers of today that an id can hold (ISO/IEC 7812-1).
const CARD_DIGITS: RangeInclusive<usize> = 16..=19;

impl SubMerchant {
    /// The facilitator, if the id has as many digits as a card number and no letters.
    pub(in crate::identifier) fn long_id_of<'v>(
        facilitator: &'v str,
        id: &str,
    ) -> Option<LongId<'v>> {
        let digits = id.bytes().filter(u8::is_ascii_digit).count();
        let is_long = CARD_DIGITS.contains(&digits) && !id.contains(char::is_alphabetic);
        is_long.then_some(LongId::Facilitator(facilitator))
    }

    pub(in crate::identifier) fn of(facilitator: &str, id: &str) -> Result<Self, Rule> {
        Ok(Self {
            facilitator: FACILITATOR.number(facilitator)?,
            // Facilitators choose ids themselves; for some, case or leading zeros make another id.
            id: ID.exact(id)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identifier::{Identifier, Kind, NumericIds};

    fn text(value: &str) -> Result<String, Rule> {
        Identifier::parse(Kind::SubMerchant, value)
            .map(|merchant| merchant.text().to_owned())
            .map_err(|error| error.rule())
    }

    #[test]
    fn space_does_not_make_another_merchant_and_case_does() {
        for (written, canonical) in [
            ("214365/SELLER-7", "214365/SELLER-7"),
            ("00000214365/SELLER-7      ", "214365/SELLER-7"),
            ("214365/000SeLLer", "214365/000SeLLer"),
            ("214365/A/B", "214365/A/B"),
            ("1/ABCDEFGHIJKLMNOPQRST", "1/ABCDEFGHIJKLMNOPQRST"),
        ] {
            assert_eq!(text(written).as_deref(), Ok(canonical), "{written}");
        }
    }

    #[test]
    fn what_is_no_pair_is_refused_by_rule() {
        for (written, rule) in [
            ("", Rule::EMPTY),
            ("SELLER-7", Rule::SEPARATOR_MISSING),
            ("/SELLER-7", Rule::FACILITATOR_MISSING),
            ("000/SELLER-7", Rule::FACILITATOR_MISSING),
            ("21A365/SELLER-7", Rule::FACILITATOR_CHARACTER),
            ("214365214365/SELLER-7", Rule::FACILITATOR_TOO_LONG),
            ("214365/", Rule::SUB_MERCHANT_MISSING),
            ("214365/0000", Rule::SUB_MERCHANT_MISSING),
            ("214365/S\u{c9}LLER", Rule::SUB_MERCHANT_CHARACTER),
            ("1/ABCDEFGHIJKLMNOPQRSTU", Rule::SUB_MERCHANT_TOO_LONG),
            ("214365/4111111111111111", Rule::CARD_DATA),
        ] {
            assert_eq!(text(written), Err(rule), "{written}");
        }
    }

    #[test]
    fn an_id_as_long_as_a_card_number_is_read_only_where_the_policy_names_the_facilitator() {
        let named = ["214365".to_owned()];
        let any = ["any".to_owned()];
        let read = |facilitator: &str, id: &str, facilitators: &[String]| {
            let numeric = NumericIds::Named {
                schemes: &[],
                facilitators,
            };
            let apart = Identifier::sub_merchant_with(facilitator, id, numeric);
            let text = format!("{facilitator}/{id}");
            let whole = Identifier::parse_with(Kind::SubMerchant, &text, numeric);
            assert_eq!(apart, whole, "{text}");
            apart.map(drop).map_err(|error| error.rule())
        };
        for id in [
            "4111111111111111",
            "4111111111111112",
            "4111 1111 1111 1111",
            "4111-1111-1111-1111",
            "6205500000000000004",
        ] {
            assert_eq!(read("214365", id, &[]), Err(Rule::CARD_DATA), "{id}");
            assert_eq!(read("999", id, &named), Err(Rule::CARD_DATA), "{id}");
            assert_eq!(read("00214365", id, &named), Ok(()), "{id}");
            assert_eq!(read("999", id, &any), Ok(()), "{id}");
        }
        for id in [
            "378282246310005",
            "41111111111111115555",
            "4111111111111111A",
            "41111111",
        ] {
            assert_eq!(read("214365", id, &[]), Ok(()), "{id}");
        }
    }

    #[test]
    fn the_same_words_under_a_card_acceptor_are_another_identifier() {
        let canonical = |kind| {
            let identifier = Identifier::parse(kind, "214365/SELLER").expect("a valid pair");
            (identifier.kind(), identifier.canonical().to_vec())
        };
        let (sub_merchant, acceptor) =
            (canonical(Kind::SubMerchant), canonical(Kind::CardAcceptor));
        assert_eq!(sub_merchant.1, acceptor.1);
        assert_ne!(sub_merchant.0.code(), acceptor.0.code());
    }
}
