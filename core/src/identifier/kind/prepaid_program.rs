//! `prepaid_program`: a programme that receives top-ups or gift cards, named by its issuer identification
//! number (ISO/IEC 7812-1).

use alloc::string::String;
use alloc::vec::Vec;

use crate::identifier::fields;
use crate::identifier::form::{Above, Form};
use crate::identifier::relation::Relation;
use crate::identifier::rule::{Rule, Words};

/// ISO/IEC 7812-1: eight digits since 2017, six before.
const SHORTEST: usize = 6;
const LONGEST: usize = 8;

/// The digits that identify issuer and programme.
pub(super) struct IssuerRange(String);

impl Rule {
    const PREPAID_CHARACTER: Self = Self(&Words::new(
        "prepaid_character",
        "holds something other than digits",
    ));
    const PREPAID_LENGTH: Self = Self(&Words::new(
        "prepaid_length",
        "an issuer identification number has 6 to 8 digits",
    ));
}

impl Form for IssuerRange {
    const CODE: u8 = 8;
    const NAME: &'static str = "prepaid_program";
    const RULES: &'static [Rule] = &[Rule::PREPAID_CHARACTER, Rule::PREPAID_LENGTH];

    fn parse(value: &str) -> Result<Self, Rule> {
        let digits: String = fields::ungrouped(value).collect();
        if !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(Rule::PREPAID_CHARACTER);
        }
        match digits.len() {
            SHORTEST..=LONGEST => Ok(Self(digits)),
            _ => Err(Rule::PREPAID_LENGTH),
        }
    }

    fn text(self) -> String {
        self.0
    }

    /// The shorter ranges that contain it.
    fn above(&self) -> Vec<Above> {
        (SHORTEST..self.0.len())
            .rev()
            .map(|length| Above::part(Relation::Parent, 0, length))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identifier::{Identifier, Kind};

    fn read(value: &str) -> Result<Identifier, Rule> {
        Identifier::parse(Kind::PrepaidProgram, value).map_err(|error| error.rule())
    }

    #[test]
    fn a_range_is_its_digits_with_the_zeros_before_them() {
        for (written, digits) in [
            ("604600", "604600"),
            (" 6046 0012 ", "60460012"),
            ("0604-600", "0604600"),
        ] {
            assert_eq!(read(written).expect("a range").text(), digits);
        }
    }

    #[test]
    fn a_range_is_asked_with_the_ranges_it_lies_in() {
        let range = read("60460012").expect("a range");
        let asked: Vec<_> = range.look_ups().map(|look_up| look_up.text).collect();
        assert_eq!(asked, ["60460012", "6046001", "604600"]);
        assert_eq!(read("604600").expect("a range").look_ups().count(), 1);
    }

    #[test]
    fn a_whole_card_number_is_refused_whoever_issued_it() {
        for written in ["604600123", "6046001234567890", "9999 9999 9999 9999 999"] {
            assert_eq!(read(written), Err(Rule::PREPAID_LENGTH), "{written}");
        }
    }

    #[test]
    fn what_is_no_range_is_refused_by_rule() {
        for (written, rule) in [
            ("", Rule::EMPTY),
            ("60460", Rule::PREPAID_LENGTH),
            ("-", Rule::PREPAID_LENGTH),
            ("604600xx", Rule::PREPAID_CHARACTER),
            ("604600*", Rule::PREPAID_CHARACTER),
            ("\u{ff16}04600", Rule::PREPAID_CHARACTER),
        ] {
            assert_eq!(read(written), Err(rule), "{written}");
        }
    }
}
