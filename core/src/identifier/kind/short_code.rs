//! `short_code`: the number of a premium text message service, rented from the operators of one country.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::identifier::country::country;
use crate::identifier::fields;
use crate::identifier::form::Form;
use crate::identifier::rule::{Rule, Words};

/// Operators assign codes of three to eight digits.
const SHORTEST: usize = 3;
const LONGEST: usize = 8;

/// A country and a code in it.
pub(super) struct ShortCode {
    country: &'static str,
    code: String,
}

impl Rule {
    pub(super) const COUNTRY: Self = Self(&Words::new(
        "country",
        "is not a country of ISO 3166-1; write its two letters, slash, number",
    ));
    const SHORT_CODE_CHARACTER: Self = Self(&Words::new(
        "short_code_character",
        "the code holds something other than digits",
    ));
    const SHORT_CODE_LENGTH: Self = Self(&Words::new(
        "short_code_length",
        "a short code has 3 to 8 digits",
    ));
}

impl Form for ShortCode {
    const CODE: u8 = 10;
    const NAME: &'static str = "short_code";
    const RULES: &'static [Rule] = &[
        Rule::COUNTRY,
        Rule::SHORT_CODE_CHARACTER,
        Rule::SHORT_CODE_LENGTH,
    ];

    /// `COUNTRY/CODE`.
    fn parse(value: &str) -> Result<Self, Rule> {
        let (written, code) = fields::parted(value)?;
        let country = country(written).ok_or(Rule::COUNTRY)?;
        let code: String = fields::ungrouped(code)
            .take(LONGEST.saturating_add(1))
            .collect();
        if !code.bytes().all(|b| b.is_ascii_digit()) {
            return Err(Rule::SHORT_CODE_CHARACTER);
        }
        match code.len() {
            SHORTEST..=LONGEST => Ok(Self { country, code }),
            _ => Err(Rule::SHORT_CODE_LENGTH),
        }
    }

    fn text(self) -> String {
        format!("{}/{}", self.country, self.code)
    }

    fn canonical(&self) -> Option<Vec<u8>> {
        let fields = [self.country.as_bytes(), self.code.as_bytes()];
        Some(fields::join(&fields))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identifier::{Identifier, Kind};

    fn text(value: &str) -> Result<String, Rule> {
        Identifier::parse(Kind::ShortCode, value)
            .map(|code| code.text().to_owned())
            .map_err(|error| error.rule())
    }

    #[test]
    fn case_and_grouping_do_not_make_another_code() {
        for (written, code) in [
            ("SE/72456", "SE/72456"),
            (" se / 72 456", "SE/72456"),
            ("NL/012-34", "NL/01234"),
            ("US/12345678", "US/12345678"),
        ] {
            assert_eq!(text(written).as_deref(), Ok(code), "{written}");
        }
        assert_ne!(text("SE/72456"), text("NO/72456"));
        assert_ne!(text("SE/0123"), text("SE/123"));
        let canonical = |value| {
            let code = Identifier::parse(Kind::ShortCode, value).expect("a short code");
            code.canonical().to_vec()
        };
        assert_eq!(canonical("SE/72456"), b"\x02\x00SE\x05\x0072456");
        assert_eq!(canonical("NO/72456"), b"\x02\x00NO\x05\x0072456");
    }

    #[test]
    fn what_is_no_short_code_is_refused_by_rule() {
        for (written, rule) in [
            (" ", Rule::EMPTY),
            ("72456", Rule::SEPARATOR_MISSING),
            ("UK/72456", Rule::COUNTRY),
            ("/72456", Rule::COUNTRY),
            ("SE/", Rule::SHORT_CODE_LENGTH),
            ("SE/72", Rule::SHORT_CODE_LENGTH),
            ("SE/123456789", Rule::SHORT_CODE_LENGTH),
            ("SE/7245A", Rule::SHORT_CODE_CHARACTER),
            ("SE/+72456", Rule::SHORT_CODE_CHARACTER),
        ] {
            assert_eq!(text(written), Err(rule), "{written}");
        }
    }
}
