//! `card_acceptor`: an acquirer (ISO 8583 DE32) and its card acceptor id (DE42).

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::identifier::fields::{self, Padded};
use crate::identifier::form::Form;
use crate::identifier::rule::{Rule, Words};

/// An acquirer and the id that it assigned to a merchant, without padding.
pub(in crate::identifier) struct CardAcceptor {
    acquirer: String,
    id: String,
}

/// DE32 is n..11.
const ACQUIRER: Padded = Padded {
    max: 11,
    missing: Rule::ACQUIRER_MISSING,
    character: Rule::ACQUIRER_CHARACTER,
    too_long: Rule::ACQUIRER_TOO_LONG,
};
/// DE42 is ans 15.
const ID: Padded = Padded {
    max: 15,
    missing: Rule::ACCEPTOR_MISSING,
    character: Rule::ACCEPTOR_CHARACTER,
    too_long: Rule::ACCEPTOR_TOO_LONG,
};

impl Rule {
    const ACQUIRER_MISSING: Self = Self(&Words::missing(
        "acquirer_missing",
        "the acquirer is missing; the id alone is not unique",
    ));
    const ACQUIRER_CHARACTER: Self = Self(&Words::new(
        "acquirer_character",
        "the acquirer holds something other than digits",
    ));
    const ACQUIRER_TOO_LONG: Self = Self(&Words::new(
        "acquirer_too_long",
        "the acquirer is longer than 11 digits",
    ));
    const ACCEPTOR_MISSING: Self = Self(&Words::missing(
        "acceptor_missing",
        "the card acceptor id is missing",
    ));
    const ACCEPTOR_CHARACTER: Self = Self(&Words::new(
        "acceptor_character",
        "the card acceptor id holds something other than printable ASCII",
    ));
    const ACCEPTOR_TOO_LONG: Self = Self(&Words::new(
        "acceptor_too_long",
        "the card acceptor id is longer than 15 characters",
    ));
}

impl Form for CardAcceptor {
    const CODE: u8 = 4;
    const NAME: &'static str = "card_acceptor";
    const RULES: &'static [Rule] = &[
        Rule::SEPARATOR_MISSING,
        Rule::ACQUIRER_MISSING,
        Rule::ACQUIRER_CHARACTER,
        Rule::ACQUIRER_TOO_LONG,
        Rule::ACCEPTOR_MISSING,
        Rule::ACCEPTOR_CHARACTER,
        Rule::ACCEPTOR_TOO_LONG,
    ];

    /// `ACQUIRER/ID`, split at the first slash: the acquirer is all digits, and the id may hold slashes.
    fn parse(value: &str) -> Result<Self, Rule> {
        let (acquirer, id) = fields::parted(value)?;
        Self::of(acquirer, id)
    }

    fn text(self) -> String {
        format!("{}/{}", self.acquirer, self.id)
    }

    fn canonical(&self) -> Option<Vec<u8>> {
        let fields = [self.acquirer.as_bytes(), self.id.as_bytes()];
        Some(fields::join(&fields))
    }
}

impl CardAcceptor {
    pub(in crate::identifier) fn of(acquirer: &str, id: &str) -> Result<Self, Rule> {
        Ok(Self {
            acquirer: ACQUIRER.number(acquirer)?,
            id: ID.text(id)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identifier::{Identifier, Kind};

    fn text(value: &str) -> Result<String, Rule> {
        Identifier::parse(Kind::CardAcceptor, value)
            .map(|acceptor| acceptor.text().to_owned())
            .map_err(|error| error.rule())
    }

    #[test]
    fn padding_and_case_do_not_make_another_merchant() {
        for (written, canonical) in [
            ("412345/SHOP0001", "412345/SHOP0001"),
            ("00000412345/shop0001      ", "412345/SHOP0001"),
            (" 412345 / SHOP0001", "412345/SHOP0001"),
            ("412345/0000C928456", "412345/C928456"),
            ("412345/C928456", "412345/C928456"),
            ("412345/000 12", "412345/12"),
            ("412345/A/B", "412345/A/B"),
            ("412345//", "412345//"),
            ("1/A B", "1/A B"),
            ("99999999999/ABCDEFGHIJKLMNO", "99999999999/ABCDEFGHIJKLMNO"),
        ] {
            assert_eq!(text(written).as_deref(), Ok(canonical), "{written}");
        }
    }

    #[test]
    fn an_id_without_its_acquirer_is_refused() {
        assert_eq!(text("SHOP0001"), Err(Rule::SEPARATOR_MISSING));
        assert_eq!(text("/SHOP0001"), Err(Rule::ACQUIRER_MISSING));
        assert_eq!(text("00000/SHOP0001"), Err(Rule::ACQUIRER_MISSING));
        let apart = Identifier::card_acceptor("", "SHOP0001").map_err(|error| error.rule());
        assert_eq!(apart, Err(Rule::ACQUIRER_MISSING));
    }

    #[test]
    fn fields_outside_iso_8583_are_refused_by_rule() {
        for (written, rule) in [
            ("", Rule::EMPTY),
            ("412345/", Rule::ACCEPTOR_MISSING),
            ("412345/   ", Rule::ACCEPTOR_MISSING),
            ("412345/000000000000000", Rule::ACCEPTOR_MISSING),
            ("4123A5/SHOP", Rule::ACQUIRER_CHARACTER),
            ("-1/SHOP", Rule::ACQUIRER_CHARACTER),
            ("\u{ff14}12345/SHOP", Rule::ACQUIRER_CHARACTER),
            ("123456789012/SHOP", Rule::ACQUIRER_TOO_LONG),
            ("412345/ABCDEFGHIJKLMNOP", Rule::ACCEPTOR_TOO_LONG),
            ("412345/SH\u{d6}P", Rule::ACCEPTOR_CHARACTER),
            ("412345/SH\u{0}OP", Rule::ACCEPTOR_CHARACTER),
            ("412345/SH\tOP", Rule::ACCEPTOR_CHARACTER),
        ] {
            assert_eq!(text(written), Err(rule), "{written:?}");
        }
    }

    #[test]
    fn fields_given_apart_are_the_same_merchant_as_the_text() {
        let apart = Identifier::card_acceptor("00412345", " shop/1 ").expect("valid fields");
        let joined = Identifier::parse(Kind::CardAcceptor, "412345/SHOP/1").expect("valid text");
        assert_eq!(apart, joined);
    }

    #[test]
    fn canonical_bytes_are_two_fields_with_their_lengths() {
        let acceptor = Identifier::card_acceptor("412345", "SHOP").expect("valid fields");
        assert_eq!(acceptor.canonical(), b"\x06\x00412345\x04\x00SHOP");
    }

    /// DE42 has 15 characters, and many acquirers give out numbers of that length.
    #[test]
    fn the_length_alone_keeps_card_numbers_out() {
        for (id, rule) in [
            ("4111111111111111", Rule::ACCEPTOR_TOO_LONG),
            ("4111 1111 1111 1111", Rule::ACCEPTOR_TOO_LONG),
            ("6205500000000000004", Rule::ACCEPTOR_TOO_LONG),
        ] {
            let read = Identifier::card_acceptor("412345", id).map_err(|error| error.rule());
            assert_eq!(read, Err(rule), "{id}");
            assert_eq!(text(&format!("412345/{id}")), Err(rule));
        }
        for id in ["378282246310005", "30569309025904", "004222222222222"] {
            assert!(text(&format!("412345/{id}")).is_ok(), "{id}");
        }
        let acquirer = Identifier::card_acceptor("4111111111111111", "SHOP");
        let acquirer = acquirer.map_err(|error| error.rule());
        assert_eq!(acquirer, Err(Rule::ACQUIRER_TOO_LONG));
    }

    /// Fields of a fixed length are padded with zero bytes, and text is copied with invisible characters.
    #[test]
    fn padding_and_characters_that_no_one_sees_do_not_make_another_merchant() {
        for id in [
            "SHOP0001\0",
            "\0SHOP0001 \0\0",
            "SHOP0001\r\n",
            "SHOP\u{200b}0001\u{feff}",
        ] {
            let read = Identifier::card_acceptor("412345\0", id);
            let read = read.map(|read| read.text().to_owned());
            assert_eq!(read.as_deref(), Ok("412345/SHOP0001"), "{id:?}");
        }
        let inside = Identifier::card_acceptor("412345", "SHOP\u{0}001");
        let inside = inside.map_err(|error| error.rule());
        assert_eq!(inside, Err(Rule::ACCEPTOR_CHARACTER));
    }
}
