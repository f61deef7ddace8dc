//! `label`: the brand part of a domain, for a seller who keeps the brand and changes the suffix.

use alloc::string::String;

use crate::identifier::form::Form;
use crate::identifier::host::name;
use crate::identifier::rule::{Rule, Words};

/// Shorter labels are suffixes (`com`, `co`, `org`) or abbreviations that many companies share.
pub(super) const SHORTEST: usize = 4;

/// One label in lower-case ASCII.
pub(super) struct Label(String);

impl Rule {
    const LABEL_DOT: Self = Self(&Words::new(
        "label_dot",
        "holds a dot; write the brand part of the name alone",
    ));
    const LABEL_TOO_SHORT: Self = Self(&Words::new(
        "label_too_short",
        "a label of fewer than 4 characters is used by many companies",
    ));
}

impl Form for Label {
    const CODE: u8 = 12;
    const NAME: &'static str = "label";
    const RULES: &'static [Rule] = &[Rule::LABEL_DOT, Rule::LABEL_TOO_SHORT];

    fn parse(value: &str) -> Result<Self, Rule> {
        let written = value.trim();
        if written.contains(name::DOTS) {
            return Err(Rule::LABEL_DOT);
        }
        let label = name::label(written)?;
        if label.len() < SHORTEST {
            return Err(Rule::LABEL_TOO_SHORT);
        }
        Ok(Self(label.into_owned()))
    }

    fn text(self) -> String {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identifier::{Identifier, Kind};

    fn text(value: &str) -> Result<String, Rule> {
        Identifier::parse(Kind::Label, value)
            .map(|label| label.text().to_owned())
            .map_err(|error| error.rule())
    }

    #[test]
    fn a_label_is_written_as_in_a_name() {
        for (written, label) in [
            ("brandshop", "brandshop"),
            (" BrandShop ", "brandshop"),
            ("b\u{fc}cher", "xn--bcher-kva"),
            ("XN--BCHER-KVA", "xn--bcher-kva"),
            ("my_brand", "my_brand"),
            ("\u{5546}\u{5e97}", "xn--czrs0t"),
        ] {
            assert_eq!(text(written).as_deref(), Ok(label), "{written}");
        }
    }

    #[test]
    fn what_is_no_label_of_one_seller_is_refused_by_rule() {
        for (written, rule) in [
            ("", Rule::EMPTY),
            ("shop.example", Rule::LABEL_DOT),
            ("shop\u{3002}", Rule::LABEL_DOT),
            ("com", Rule::LABEL_TOO_SHORT),
            ("\u{ad}", Rule::LABEL_TOO_SHORT),
            ("my brand", Rule::HOST_CHARACTER),
            ("brand/x", Rule::HOST_CHARACTER),
            ("\u{301}brand", Rule::IDNA),
            (&"a".repeat(64), Rule::LABEL_TOO_LONG),
            (
                &format!("brand{}", "\u{ad}".repeat(510)),
                Rule::NAME_TOO_LONG,
            ),
        ] {
            assert_eq!(text(written), Err(rule), "{written}");
        }
    }
}
