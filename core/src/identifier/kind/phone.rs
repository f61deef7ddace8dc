//! `phone`: a telephone number that charges callers or receives money (ITU-T E.164).

use alloc::format;
use alloc::string::String;

use crate::identifier::form::Form;
use crate::identifier::rule::{Rule, Words};

/// E.164 section 6: at most 15 digits. The shortest numbers in use, of small islands, have seven.
const SHORTEST: usize = 7;
const LONGEST: usize = 15;

/// Country codes where 0 is the trunk prefix, so that no national number begins with it.
const WITHOUT_ZERO: [&str; 11] = [
    "31", "32", "33", "41", "43", "44", "46", "49", "61", "353", "358",
];

/// Countries whose mobile numbers are written with and without a prefix, which belongs to no number.
const MOBILE_PREFIXES: [(&str, &str); 2] = [("+52", "1"), ("+54", "9")];
/// Digits of a number in these countries, without the prefix.
const NATIONAL: usize = 10;

/// An international number: `+` and its digits.
pub(in crate::identifier) struct Phone(String);

impl Rule {
    const PHONE_INTERNATIONAL: Self = Self(&Words::new(
        "phone_international",
        "is not an international number; write + and the country code",
    ));
    const PHONE_CHARACTER: Self = Self(&Words::new(
        "phone_character",
        "holds something other than digits, spaces, hyphens, dots and parentheses",
    ));
    const PHONE_LENGTH: Self = Self(&Words::new(
        "phone_length",
        "an international number has 7 to 15 digits",
    ));
    const PHONE_TRUNK: Self = Self(&Words::new(
        "phone_trunk",
        "holds a national prefix 0 after the country code; leave it out",
    ));
}

impl Form for Phone {
    const CODE: u8 = 9;
    const NAME: &'static str = "phone";
    const RULES: &'static [Rule] = &[
        Rule::PHONE_INTERNATIONAL,
        Rule::PHONE_CHARACTER,
        Rule::PHONE_LENGTH,
        Rule::PHONE_TRUNK,
    ];

    fn parse(value: &str) -> Result<Self, Rule> {
        let written = value.trim();
        // RFC 3966. A parameter, such as an extension, would be another line, so `;` is refused below.
        let written = match written.split_at_checked("tel:".len()) {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("tel:") => rest,
            _ => written,
        };
        let number = written.strip_prefix('+').ok_or(Rule::PHONE_INTERNATIONAL)?;
        let mut digits = String::from("+");
        for c in number.chars() {
            match c {
                '0'..='9' => digits.push(c),
                '-' | '.' | '(' | ')' => {}
                _ if c.is_whitespace() => {}
                _ => return Err(Rule::PHONE_CHARACTER),
            }
            if digits.len() > LONGEST.saturating_add(1) {
                return Err(Rule::PHONE_LENGTH);
            }
        }
        if digits.len() <= SHORTEST {
            return Err(Rule::PHONE_LENGTH);
        }
        // E.123 leaves the national prefix out of an international number. People add it in parentheses:
        // in most countries it must be dropped, in some it belongs to the number.
        let plain: String = number.chars().filter(|c| !c.is_whitespace()).collect();
        let bare = digits.trim_start_matches('+');
        let trunk = |code: &str| bare.strip_prefix(code).is_some_and(|n| n.starts_with('0'));
        if plain.contains("(0") || WITHOUT_ZERO.iter().any(|code| trunk(code)) {
            return Err(Rule::PHONE_TRUNK);
        }
        // No country code begins with 0.
        if digits.starts_with("+0") {
            return Err(Rule::PHONE_INTERNATIONAL);
        }
        Ok(Self(digits))
    }

    fn text(self) -> String {
        self.0
    }

    /// A mobile number of Mexico or Argentina with the mobile prefix if it is written without, and the
    /// other way round: Mexico dropped it in 2019, and Argentina dials it from abroad only.
    fn also(&self) -> Option<String> {
        MOBILE_PREFIXES.iter().find_map(|(country, prefix)| {
            let national = self.0.strip_prefix(country)?;
            match national.strip_prefix(prefix) {
                Some(number) if number.len() == NATIONAL => Some(format!("{country}{number}")),
                _ if national.len() == NATIONAL => Some(format!("{country}{prefix}{national}")),
                _ => None,
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identifier::{Identifier, Kind, Relation};

    fn text(value: &str) -> Result<String, Rule> {
        Identifier::parse(Kind::Phone, value)
            .map(|phone| phone.text().to_owned())
            .map_err(|error| error.rule())
    }

    #[test]
    fn every_spelling_of_a_number_is_one() {
        // Numbers that regulators set aside for stories: Sweden, United Kingdom, United States.
        for (written, number) in [
            ("+46 8 465 004 04", "+46846500404"),
            ("tel:+46-8-465-004-04", "+46846500404"),
            ("TEL:+1-212-555-0123", "+12125550123"),
            ("+44.20.7946.0000", "+442079460000"),
            ("+1 (212) 555\u{a0}0123", "+12125550123"),
            ("+39 06 0000 0000", "+390600000000"),
        ] {
            assert_eq!(text(written).as_deref(), Ok(number), "{written}");
        }
    }

    /// Numbers of Mexico and Argentina are listed and asked with and without their mobile prefix.
    #[test]
    fn a_mobile_number_is_asked_for_in_both_spellings() {
        for [first, second] in [
            ["+525512345678", "+5215512345678"],
            ["+541123456789", "+5491123456789"],
        ] {
            for (written, other) in [(first, second), (second, first)] {
                let phone = Identifier::parse(Kind::Phone, written).expect("a number");
                let asked: Vec<_> = phone.look_ups().collect();
                assert_eq!(
                    asked.iter().map(|one| one.text).collect::<Vec<_>>(),
                    [written, other]
                );
                let listed = Identifier::parse(Kind::Phone, other).expect("a number");
                let second = asked[1];
                assert_eq!(second.canonical, listed.canonical());
                assert_eq!(
                    (second.kind, second.relation),
                    (Kind::Phone, Relation::Itself)
                );
            }
        }
        for written in [
            "+52551234567",
            "+52155123456789",
            "+54911234567",
            "+46846500404",
        ] {
            let phone = Identifier::parse(Kind::Phone, written).expect("a number");
            assert_eq!(phone.look_ups().count(), 1, "{written}");
        }
    }

    #[test]
    fn a_german_mobile_number_is_no_card_number() {
        let numbers = (0..1000).map(|number| format!("+49 1512 {number:07}"));
        assert!(numbers.into_iter().all(|number| text(&number).is_ok()));
    }

    #[test]
    fn what_is_no_international_number_is_refused_by_rule() {
        for (written, rule) in [
            ("", Rule::EMPTY),
            ("08-465 004 04", Rule::PHONE_INTERNATIONAL),
            ("0046 8 465 004 04", Rule::PHONE_INTERNATIONAL),
            ("+0 8 465 004 04", Rule::PHONE_INTERNATIONAL),
            ("46846500404", Rule::PHONE_INTERNATIONAL),
            (
                "tel:863-1234;phone-context=+1-914-555",
                Rule::PHONE_INTERNATIONAL,
            ),
            ("+46846500404;ext=5", Rule::PHONE_CHARACTER),
            ("+46 8 465 004 04 x5", Rule::PHONE_CHARACTER),
            ("+1-800-FLOWERS", Rule::PHONE_CHARACTER),
            ("+\u{ff14}6846500404", Rule::PHONE_CHARACTER),
            ("++46846500404", Rule::PHONE_CHARACTER),
            ("+46 (0)8-465 004 04", Rule::PHONE_TRUNK),
            ("+39 ( 0)6 0000 0000", Rule::PHONE_TRUNK),
            ("+44 (020) 7946 0000", Rule::PHONE_TRUNK),
            ("+44 020 7946 0000", Rule::PHONE_TRUNK),
            ("+", Rule::PHONE_LENGTH),
            ("+468465", Rule::PHONE_LENGTH),
            ("+4684650040412346", Rule::PHONE_LENGTH),
        ] {
            assert_eq!(text(written), Err(rule), "{written}");
        }
    }
}
