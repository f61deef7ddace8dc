//! `iban`: an international bank account number (ISO 13616, SWIFT IBAN registry).

use alloc::string::String;

use ::iban::{IbanLike, ParseBaseIbanError, ParseIbanError};

use crate::identifier::fields;
use crate::identifier::form::Form;
use crate::identifier::rule::{Rule, Words};

/// ISO 13616-1: two letters, two digits, at most 30 characters.
const MAX_LENGTH: usize = 34;

/// An account number in electronic form.
pub(super) struct Iban(String);

impl Rule {
    const IBAN_FORMAT: Self = Self(&Words::new(
        "iban_format",
        "is not two letters, two digits and at most 30 letters or digits",
    ));
    const IBAN_CHECK_DIGITS: Self = Self(&Words::check_digits(
        "iban_check_digits",
        "the check digits are wrong; a character is mistyped, missing or out of place",
    ));
    const IBAN_COUNTRY: Self = Self(&Words::new(
        "iban_country",
        "the country is not in the IBAN registry",
    ));
    const IBAN_STRUCTURE: Self = Self(&Words::new(
        "iban_structure",
        "has the wrong length or structure for its country in the IBAN registry",
    ));
}

impl Form for Iban {
    const CODE: u8 = 2;
    const NAME: &'static str = "iban";
    const RULES: &'static [Rule] = &[
        Rule::IBAN_FORMAT,
        Rule::IBAN_CHECK_DIGITS,
        Rule::IBAN_COUNTRY,
        Rule::IBAN_STRUCTURE,
    ];

    fn parse(value: &str) -> Result<Self, Rule> {
        let electronic = electronic(value.trim())?;
        let iban = electronic
            .parse::<::iban::Iban>()
            .map_err(|error| match error {
                ParseIbanError::InvalidBaseIban {
                    source: ParseBaseIbanError::InvalidFormat,
                } => Rule::IBAN_FORMAT,
                ParseIbanError::InvalidBaseIban {
                    source: ParseBaseIbanError::InvalidChecksum,
                } => Rule::IBAN_CHECK_DIGITS,
                ParseIbanError::UnknownCountry(_) => Rule::IBAN_COUNTRY,
                ParseIbanError::InvalidBban(_) => Rule::IBAN_STRUCTURE,
            })?;
        // ISO 7064 mod 97-10 yields 02 to 98. 99 would be accepted for 02 and give one account two
        // spellings; the crate refuses only 00 and 01.
        if iban.check_digits_str() == "99" {
            return Err(Rule::IBAN_CHECK_DIGITS);
        }
        Ok(Self(electronic))
    }

    fn text(self) -> String {
        self.0
    }
}

/// The electronic form: capitals, no separators, without the word IBAN that forms print before it.
fn electronic(written: &str) -> Result<String, Rule> {
    let bare = match written.split_at_checked("IBAN".len()) {
        Some((word, rest)) if word.eq_ignore_ascii_case("IBAN") => rest,
        _ => written,
    };
    fields::capitals(bare, MAX_LENGTH).ok_or(Rule::IBAN_FORMAT)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identifier::{Identifier, Kind};

    fn text(value: &str) -> Result<String, Rule> {
        Identifier::parse(Kind::Iban, value)
            .map(|iban| iban.text().to_owned())
            .map_err(|error| error.rule())
    }

    /// The example of each country in the SWIFT IBAN registry: print form and electronic form.
    fn registry() -> Vec<(String, String)> {
        let vectors = include_str!("../../../../fixtures/vectors/iban-registry.json");
        let vectors: serde_json::Value = serde_json::from_str(vectors).expect("vectors");
        let cases = vectors["cases"].as_array().expect("cases");
        let text = |value: &serde_json::Value| value.as_str().expect("text").to_owned();
        let examples = cases.iter();
        examples
            .map(|case| (text(&case["value"]), text(&case["text"])))
            .collect()
    }

    #[test]
    fn the_registry_has_an_example_of_each_country() {
        let mut countries: Vec<_> = registry()
            .iter()
            .map(|(print, _)| print.chars().take(2).collect::<String>())
            .collect();
        countries.dedup();
        assert_eq!(countries.len(), 87);
    }

    #[test]
    fn the_registry_examples_give_their_electronic_form() {
        for (print, electronic) in registry() {
            for written in [
                print.clone(),
                electronic.clone(),
                print.to_lowercase(),
                print.replace(' ', "-"),
                print.replace(' ', "\u{a0}"),
                format!(" IBAN {print} "),
                format!("iban{electronic}"),
            ] {
                assert_eq!(text(&written).as_ref(), Ok(&electronic), "{written}");
            }
        }
    }

    #[test]
    fn one_wrong_character_or_two_swapped_are_a_check_digit_failure() {
        for (_, electronic) in registry() {
            let right = electronic.into_bytes();
            for place in 4..right.len() {
                let mut wrong = right.clone();
                wrong[place] = match right[place] {
                    b'9' => b'0',
                    b'Z' => b'A',
                    character => character + 1,
                };
                assert_wrong_check_digits(&wrong);
            }
            for place in 5..right.len() {
                let mut swapped = right.clone();
                swapped.swap(place - 1, place);
                let same_sort = right[place - 1].is_ascii_digit() == right[place].is_ascii_digit();
                // A letter swapped with a digit may pass: 11 for B next to 3 leaves the remainder alone.
                if swapped != right && same_sort {
                    assert_wrong_check_digits(&swapped);
                }
            }
        }
    }

    fn assert_wrong_check_digits(written: &[u8]) {
        let written = str::from_utf8(written).expect("ASCII");
        assert_eq!(text(written), Err(Rule::IBAN_CHECK_DIGITS), "{written}");
    }

    #[test]
    fn the_check_digits_of_an_account_have_one_spelling() {
        // 97, 98 and 99 more or less are the same remainder as 00, 01 and 02.
        for (right, twin) in [("02", "99"), ("97", "00"), ("98", "01")] {
            let account = (0..1000_u32)
                .map(|number| format!("8601{number:07}"))
                .find(|account| text(&format!("NO{right}{account}")).is_ok())
                .expect("one account in 97 has these check digits");
            let twin = format!("NO{twin}{account}");
            assert_eq!(text(&twin), Err(Rule::IBAN_CHECK_DIGITS), "{twin}");
        }
    }

    #[test]
    fn what_is_no_iban_is_refused_by_rule() {
        for (written, rule) in [
            ("", Rule::EMPTY),
            ("IBAN", Rule::IBAN_FORMAT),
            ("GB", Rule::IBAN_FORMAT),
            ("29NWBK60161331926819", Rule::IBAN_FORMAT),
            ("GBXXNWBK60161331926819", Rule::IBAN_FORMAT),
            ("GB29_NWBK_6016_1331_9268_19", Rule::IBAN_FORMAT),
            ("\u{ff27}B29NWBK60161331926819", Rule::IBAN_FORMAT),
            ("GB29NWBK60161331926819000000000000000", Rule::IBAN_FORMAT),
            ("GB29NWBK6016133192681", Rule::IBAN_CHECK_DIGITS),
            ("GB30NWBK60161331926819", Rule::IBAN_CHECK_DIGITS),
            // Right check digits over an unknown country, and over an account of the wrong form.
            ("ZZ77NWBK60161331926819", Rule::IBAN_COUNTRY),
            ("AL84212110090000AB023569874", Rule::IBAN_STRUCTURE),
        ] {
            assert_eq!(text(written), Err(rule), "{written}");
        }
    }

    #[test]
    fn an_account_that_looks_like_a_card_is_an_account_and_a_zero_width_space_no_part_of_it() {
        let account = (0..97_u64)
            .map(|number| format!("DK4111111111{number:06}"))
            .find(|iban| text(iban).is_ok());
        assert!(account.is_some());
        for written in [
            "GB29 NWBK\u{200b} 6016 1331 9268 19",
            "\u{feff}GB29NWBK60161331926819\0",
        ] {
            assert_eq!(text(written).as_deref(), Ok("GB29NWBK60161331926819"));
        }
    }
}
