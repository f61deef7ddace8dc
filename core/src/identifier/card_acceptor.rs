//! `card_acceptor`: an acquirer (ISO 8583 DE32) and its card acceptor id (DE42).

use super::Rule;
use super::kind::Forms;

/// DE32 is n..11.
const MAX_ACQUIRER: usize = 11;
/// DE42 is ans 15.
const MAX_ID: usize = 15;

/// `ACQUIRER/ID`. The acquirer is all digits, so the first slash parts them and the id may hold others.
pub(super) fn parse(value: &str) -> Result<Forms, Rule> {
    if value.trim().is_empty() {
        return Err(Rule::Empty);
    }
    let (acquirer, id) = value.split_once('/').ok_or(Rule::SeparatorMissing)?;
    join(acquirer, id)
}

pub(super) fn join(acquirer: &str, id: &str) -> Result<Forms, Rule> {
    let acquirer = canonical_acquirer(acquirer)?;
    let id = canonical_id(id)?;
    let mut canonical = Vec::new();
    for field in [acquirer, &id] {
        let length = u16::try_from(field.len()).map_err(|_| Rule::AcceptorTooLong)?;
        canonical.extend_from_slice(&length.to_le_bytes());
        canonical.extend_from_slice(field.as_bytes());
    }
    Ok(Forms {
        text: format!("{acquirer}/{id}"),
        canonical,
    })
}

/// Digits without padding. Zeros only are a filler, and would be the id alone in disguise.
fn canonical_acquirer(written: &str) -> Result<&str, Rule> {
    let digits = written.trim();
    if !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(Rule::AcquirerCharacter);
    }
    let acquirer = digits.trim_start_matches('0');
    match acquirer.len() {
        0 => Err(Rule::AcquirerMissing),
        1..=MAX_ACQUIRER => Ok(acquirer),
        _ => Err(Rule::AcquirerTooLong),
    }
}

/// Capitals without padding: acquirers write `C928456` and `0000C928456` for one merchant.
fn canonical_id(written: &str) -> Result<String, Rule> {
    let written = written.trim();
    if written.is_empty() {
        return Err(Rule::AcceptorMissing);
    }
    if !written.bytes().all(|b| matches!(b, b' '..=b'~')) {
        return Err(Rule::AcceptorCharacter);
    }
    match written.trim_start_matches(['0', ' ']) {
        // A filler: a merchant of that id would be everybody without one.
        "" => Err(Rule::AcceptorMissing),
        id if id.len() > MAX_ID => Err(Rule::AcceptorTooLong),
        id => Ok(id.to_ascii_uppercase()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Identifier, Kind};
    use super::*;

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
        assert_eq!(text("SHOP0001"), Err(Rule::SeparatorMissing));
        assert_eq!(text("/SHOP0001"), Err(Rule::AcquirerMissing));
        assert_eq!(text("00000/SHOP0001"), Err(Rule::AcquirerMissing));
        let apart = Identifier::card_acceptor("", "SHOP0001").map_err(|error| error.rule());
        assert_eq!(apart, Err(Rule::AcquirerMissing));
    }

    #[test]
    fn fields_outside_iso_8583_are_refused_by_rule() {
        for (written, rule) in [
            ("", Rule::Empty),
            ("412345/", Rule::AcceptorMissing),
            ("412345/   ", Rule::AcceptorMissing),
            ("412345/000000000000000", Rule::AcceptorMissing),
            ("4123A5/SHOP", Rule::AcquirerCharacter),
            ("-1/SHOP", Rule::AcquirerCharacter),
            ("\u{ff14}12345/SHOP", Rule::AcquirerCharacter),
            ("123456789012/SHOP", Rule::AcquirerTooLong),
            ("412345/ABCDEFGHIJKLMNOP", Rule::AcceptorTooLong),
            ("412345/SH\u{d6}P", Rule::AcceptorCharacter),
            ("412345/SHOP\u{0}", Rule::AcceptorCharacter),
            ("412345/SH\tOP", Rule::AcceptorCharacter),
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

    #[test]
    fn a_card_number_in_either_field_is_refused_and_each_is_judged_by_itself() {
        for (acquirer, id) in [
            ("412345", "378282246310005"),
            ("412345", "30569309025904"),
            ("412345", "004222222222222"),
            ("412345", "3782 822463 10005"),
            ("4111111111111111", "SHOP"),
            ("", "378282246310005"),
        ] {
            let apart = Identifier::card_acceptor(acquirer, id).map_err(|error| error.rule());
            assert_eq!(apart, Err(Rule::CardNumber), "{acquirer} {id}");
            assert_eq!(text(&format!("{acquirer}/{id}")), Err(Rule::CardNumber));
        }
        assert!(
            text("411111/1111111111").is_ok(),
            "the digits of two fields are not one number"
        );
    }
}
