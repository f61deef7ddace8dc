use super::*;
use crate::identifier::{Identifier, Kind};

fn text(value: &str) -> Result<String, Rule> {
    Identifier::parse(Kind::Registration, value)
        .map(|number| number.text().to_owned())
        .map_err(|error| error.rule())
}

/// Sweden to Belgium: the examples of python-stdnum 2.1, which are no companies or public bodies.
#[test]
fn every_spelling_of_a_number_is_one() {
    for (written, number) in [
        ("SE/123456-7897", "SE/1234567897"),
        ("se/16123456-7897", "SE/1234567897"),
        ("NO/988 077 917", "NO/988077917"),
        ("DK/13585628", "DK/13585628"),
        ("FI/2077474-0", "FI/20774740"),
        ("FR/552 008 443", "FR/552008443"),
        ("BE/428759497", "BE/0428759497"),
        ("BE/0428.759.497", "BE/0428759497"),
        ("NL/01234567", "NL/01234567"),
        ("GB/445790", "GB/00445790"),
        ("GB/sc1234", "GB/SC001234"),
        ("AT/FN 123456 a", "AT/123456A"),
        ("AT/FN 012345a", "AT/12345A"),
        ("DE/DEK1101R.HRB 116737", "DE/DEK1101R.HRB116737"),
        ("DE/dek1101r.hrb00123 b", "DE/DEK1101R.HRB123B"),
        ("LI/fl00021234567", "LI/FL00021234567"),
        ("AX/2077474-0", "FI/20774740"),
        ("SJ/988077917", "NO/988077917"),
    ] {
        assert_eq!(text(written).as_deref(), Ok(number), "{written}");
    }
}

#[test]
fn territories_are_named_by_the_country_whose_register_they_use() {
    for territory in ["BL", "GF", "GP", "MF", "MQ", "PM", "RE", "YT"] {
        let written = format!("{territory}/552008443");
        assert_eq!(text(&written).as_deref(), Ok("FR/552008443"), "{written}");
    }
}

#[test]
fn one_number_in_two_countries_is_two_companies() {
    let canonical = |country, number| {
        let company = Identifier::registration(country, number).expect("a company");
        company.canonical().to_vec()
    };
    assert_eq!(canonical("LI", "123"), b"\x02\x00LI\x03\x00123");
    assert_eq!(canonical("ch", "123"), b"\x02\x00CH\x03\x00123");
}

#[test]
fn a_card_number_in_either_field_is_refused_whatever_else_is_wrong() {
    for (country, number) in [
        ("LI", "4111111111111111"),
        ("UK", "4111 1111 1111 1111"),
        ("4111-1111-1111-1111", "1"),
        ("LI", "30569309025904"),
    ] {
        let apart = Identifier::registration(country, number).map_err(|error| error.rule());
        assert_eq!(apart, Err(Rule::CARD_NUMBER), "{country} {number}");
    }
    assert!(
        text("LI/4222222222222").is_ok(),
        "13 digits are no card of today"
    );
}

#[test]
fn one_wrong_digit_is_a_check_digit_failure() {
    for right in [
        "SE/1234567897",
        "NO/988077917",
        "DK/13585628",
        "FI/20774740",
        "FR/552008443",
        "BE/0428759497",
    ] {
        for place in 3..right.len() {
            let mut wrong = right.as_bytes().to_vec();
            wrong[place] = if wrong[place] == b'9' {
                b'8'
            } else {
                wrong[place] + 1
            };
            let wrong = String::from_utf8(wrong).expect("ASCII");
            assert_eq!(text(&wrong), Err(Rule::REGISTRATION_CHECK_DIGIT), "{wrong}");
        }
    }
}

#[test]
fn the_number_of_a_person_is_refused() {
    // The example of the Swedish tax agency for personal identity numbers, in both lengths.
    for written in [
        "SE/811218-9876",
        "SE/198112189876",
        "SE/188112189876",
        "SE/208112189876",
        "SE/811318-9876",
    ] {
        assert_eq!(text(written), Err(Rule::REGISTRATION_PERSONAL), "{written}");
    }
}

#[test]
fn what_is_no_number_is_refused_by_rule() {
    for (written, rule) in [
        ("", Rule::EMPTY),
        ("1234567897", Rule::SEPARATOR_MISSING),
        ("UK/00445790", Rule::COUNTRY),
        ("SE/", Rule::REGISTRATION_FORMAT),
        ("SE/123456789", Rule::REGISTRATION_FORMAT),
        ("NO/98807791A", Rule::REGISTRATION_FORMAT),
        ("FR/55200844300011", Rule::REGISTRATION_FORMAT),
        ("NL/1234567", Rule::REGISTRATION_FORMAT),
        ("GB/S1234567", Rule::REGISTRATION_FORMAT),
        ("GB/SC1234567", Rule::REGISTRATION_FORMAT),
        ("GB/SC", Rule::REGISTRATION_FORMAT),
        ("AT/123456", Rule::REGISTRATION_FORMAT),
        ("AT/FN 1234567A", Rule::REGISTRATION_FORMAT),
        ("BE/04287594", Rule::REGISTRATION_FORMAT),
        ("DE/HRB 116737", Rule::REGISTRATION_COURT),
        ("DE/DEK1101R.HRX116737", Rule::REGISTRATION_FORMAT),
        ("DE/DEK1101R.116737", Rule::REGISTRATION_FORMAT),
        ("DE/DEK1101R.HRB", Rule::REGISTRATION_FORMAT),
        ("DE/DE.HRB116737", Rule::REGISTRATION_FORMAT),
        ("LI/", Rule::REGISTRATION_FORMAT),
        ("LI/NONE", Rule::REGISTRATION_FORMAT),
        ("LI/1\u{e9}", Rule::REGISTRATION_FORMAT),
        ("LI/FL_1", Rule::REGISTRATION_FORMAT),
        ("LI/FL-0002.123.456-7", Rule::REGISTRATION_FORMAT),
        ("IT/1/23", Rule::REGISTRATION_FORMAT),
        ("US/1234567", Rule::REGISTRATION_REGION),
        ("AE/1234567", Rule::REGISTRATION_REGION),
        ("CA/1234567", Rule::REGISTRATION_REGION),
        ("GB/CO 445790", Rule::REGISTRATION_FORMAT),
        ("BE/2000000042", Rule::REGISTRATION_FORMAT),
        ("SE/SE1234567897", Rule::REGISTRATION_FORMAT),
        ("LI/4111111111111111", Rule::CARD_NUMBER),
    ] {
        assert_eq!(text(written), Err(rule), "{written}");
    }
    assert_eq!(
        text(&format!("LI/{}", "1 ".repeat(40))),
        Err(Rule::REGISTRATION_FORMAT)
    );
}
