//! `lei`: a legal entity identifier (ISO 17442-1).

use alloc::string::String;

use crate::identifier::fields;
use crate::identifier::form::Form;
use crate::identifier::rule::{Rule, Words};

/// Eighteen letters or digits and two check digits.
const LENGTH: usize = 20;

/// An identifier in capitals, without separators.
pub(super) struct Lei(String);

impl Rule {
    const LEI_FORMAT: Self = Self(&Words::new(
        "lei_format",
        "is not 18 letters or digits and two check digits",
    ));
    const LEI_CHECK_DIGITS: Self = Self(&Words::check_digits(
        "lei_check_digits",
        "the check digits are wrong; a character is mistyped or out of place",
    ));
}

impl Form for Lei {
    const CODE: u8 = 3;
    const NAME: &'static str = "lei";
    const RULES: &'static [Rule] = &[Rule::LEI_FORMAT, Rule::LEI_CHECK_DIGITS];

    fn parse(value: &str) -> Result<Self, Rule> {
        let lei = fields::capitals(value, LENGTH).ok_or(Rule::LEI_FORMAT)?;
        let (_, check) = lei
            .split_at_checked(LENGTH.saturating_sub(2))
            .ok_or(Rule::LEI_FORMAT)?;
        match check.parse::<u8>() {
            // ISO 7064 mod 97-10 yields 02 to 98; 00, 01 and 99 would be second spellings of 97, 98 and 02.
            Ok(2..=98) if remainder(&lei) == 1 => Ok(Self(lei)),
            Ok(_) if check.len() == 2 => Err(Rule::LEI_CHECK_DIGITS),
            _ => Err(Rule::LEI_FORMAT),
        }
    }

    fn text(self) -> String {
        self.0
    }
}

/// The remainder by 97, with letters read as A = 10 to Z = 35 (ISO/IEC 7064, mod 97-10).
fn remainder(text: &str) -> u32 {
    text.chars()
        .filter_map(|c| c.to_digit(36))
        .fold(0, |sum, value| {
            let shift = if value < 10 { 10 } else { 100 };
            // At most 96 * 100 + 35, so nothing overflows.
            sum.saturating_mul(shift).saturating_add(value) % 97
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identifier::{Identifier, Kind};

    fn text(value: &str) -> Result<String, Rule> {
        Identifier::parse(Kind::Lei, value)
            .map(|lei| lei.text().to_owned())
            .map_err(|error| error.rule())
    }

    /// Of the Global Legal Entity Identifier Foundation itself, as its documents show it.
    const LEI: &str = "506700GE1G29325QX363";

    #[test]
    fn every_spelling_of_an_identifier_is_one() {
        for written in [
            LEI,
            "506700ge1g29325qx363",
            " 5067 00GE 1G29 325Q X363 ",
            "5067-00GE1G29325QX3-63",
        ] {
            assert_eq!(text(written).as_deref(), Ok(LEI), "{written}");
        }
    }

    #[test]
    fn one_wrong_character_or_two_swapped_neighbours_are_a_check_digit_failure() {
        for place in 0..LENGTH {
            let mut wrong = LEI.as_bytes().to_vec();
            wrong[place] = if wrong[place] == b'0' { b'1' } else { b'0' };
            let wrong = String::from_utf8(wrong).expect("ASCII");
            assert_eq!(text(&wrong), Err(Rule::LEI_CHECK_DIGITS), "{wrong}");
        }
        let swapped = LEI.replace("GE", "EG");
        assert_eq!(text(&swapped), Err(Rule::LEI_CHECK_DIGITS));
    }

    #[test]
    fn the_check_digits_of_an_entity_have_one_spelling() {
        for (right, twin) in [("02", "99"), ("97", "00"), ("98", "01")] {
            let entity = (0..1000_u32)
                .map(|number| format!("5299000000000000{number:02}"))
                .find(|entity| text(&format!("{entity}{right}")).is_ok())
                .expect("one entity in 97 has these check digits");
            let twin = format!("{entity}{twin}");
            assert_eq!(remainder(&twin), 1);
            assert_eq!(text(&twin), Err(Rule::LEI_CHECK_DIGITS), "{twin}");
        }
    }

    #[test]
    fn what_is_no_lei_is_refused_by_rule() {
        for (written, rule) in [
            (" ", Rule::EMPTY),
            ("-", Rule::LEI_FORMAT),
            ("506700GE1G29325QX36", Rule::LEI_FORMAT),
            ("506700GE1G29325QX3630", Rule::LEI_FORMAT),
            ("506700GE1G29325QX3A3", Rule::LEI_FORMAT),
            ("506700GE1G29325QX3+3", Rule::LEI_FORMAT),
            ("506700GE1G29325QX_363", Rule::LEI_FORMAT),
            ("\u{ff15}06700GE1G29325QX363", Rule::LEI_FORMAT),
        ] {
            assert_eq!(text(written), Err(rule), "{written}");
        }
    }

    /// Check digits by ISO/IEC 7064, as Python's integers give them.
    #[test]
    fn an_entity_whose_digits_look_like_a_card_is_accepted() {
        for (written, lei) in [
            ("4111 1111 1111 1111 0083", "41111111111111110083"),
            ("A4111111111111111B96", "A4111111111111111B96"),
        ] {
            assert_eq!(text(written).as_deref(), Ok(lei));
        }
        let wrong = text("4111 1111 1111 1111 0084");
        assert_eq!(wrong, Err(Rule::LEI_CHECK_DIGITS));
    }
}
