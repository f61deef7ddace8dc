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
    assert_eq!(canonical("mc", "123"), b"\x02\x00MC\x03\x00123");
}

#[test]
fn a_number_of_an_unknown_register_has_at_most_twelve_digits() {
    assert!(text("LI/123456789012").is_ok());
    assert!(text("LI/FL00021234567X").is_ok());
    for number in ["1234567890123", "4111111111111111", "12345678901234X"] {
        let read = Identifier::registration("LI", number).map_err(|error| error.rule());
        assert_eq!(read, Err(Rule::REGISTRATION_FORMAT), "{number}");
    }
}

/// Examples of python-stdnum 2.2 and of the registers' own pages, which are no merchants.
#[test]
fn a_number_with_signs_between_its_groups_is_the_number_without() {
    for (written, number) in [
        ("AR/30-50001091-2", "AR/30500010912"),
        ("AU/004 085 616", "AU/004085616"),
        ("AU/83 914 571 673", "AU/83914571673"),
        ("BG/175074752", "BG/175074752"),
        ("BR/16.727.230/0001-97", "BR/16727230000197"),
        ("BR/12.ABC.345/01DE-35", "BR/12ABC34501DE35"),
        ("CH/CHE-100.155.212", "CH/CHE100155212"),
        ("CL/75.279.119-8", "CL/752791198"),
        ("CN/91110000600037341L", "CN/91110000600037341L"),
        ("CZ/25123891", "CZ/25123891"),
        ("EE/12345678", "EE/12345678"),
        ("ES/A13 585 625", "ES/A13585625"),
        ("HU/01-09-123456", "HU/0109123456"),
        ("IL/516179157", "IL/516179157"),
        ("IN/U67190TN2014PTC096978", "IN/U67190TN2014PTC096978"),
        ("IS/450401-3150", "IS/4504013150"),
        ("IT/00743110157", "IT/00743110157"),
        ("JP/5835678256246", "JP/5835678256246"),
        ("KR/130111-0006246", "KR/1301110006246"),
        ("KR/116-82-00276", "KR/1168200276"),
        ("LV/40003521600", "LV/40003521600"),
        ("LU/B 123456", "LU/B123456"),
        ("MX/MAB-930714-8T4", "MX/MAB9307148T4"),
        ("NZ/9429000000000", "NZ/9429000000000"),
        ("PL/0000123456", "PL/0000123456"),
        ("PL/856-734-62-15", "PL/8567346215"),
        ("PL/192598184", "PL/192598184"),
        ("PT/501 964 843", "PT/501964843"),
        ("RO/18547290", "RO/18547290"),
        ("RU/1022200525819", "RU/1022200525819"),
        ("RU/7707083893", "RU/7707083893"),
        ("SG/201000006W", "SG/201000006W"),
        ("SK/31333532", "SK/31333532"),
        ("TH/0-3745-79131-00-0", "TH/0374579131000"),
        ("TR/4540536920", "TR/4540536920"),
        ("TW/00501503", "TW/00501503"),
        ("UA/32855961", "UA/32855961"),
        ("ZA/2012/123456/07", "ZA/201212345607"),
    ] {
        assert_eq!(text(written).as_deref(), Ok(number), "{written}");
    }
}

#[test]
fn registers_are_in_order_and_each_form_takes_numbers() {
    assert!(registers::countries().is_sorted());
    assert!(registers::countries().count() >= 30);
    for country in registers::countries() {
        assert_eq!(crate::identifier::country::country(country), Some(country));
    }
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
        "AR/20-26756539-3",
        "BG/7523169263",
        "BR/390.533.447-05",
        "CL/12531909-2",
        "CN/360426199101010071",
        "CN/11010519491231002X",
        "CZ/710319/2745",
        "EE/36805280109",
        "ES/54362315-K",
        "ES/X-2482300-W",
        "HR/33392005961",
        "HU/8071592153",
        "IL/03933742-3",
        "IN/ABCPD1234E",
        "IS/310896-2099",
        "IT/RCCMNL83S18D969H",
        "JP/123456789018",
        "KR/971013-9019902",
        "KR/900101-1234567",
        "LT/33309240064",
        "LU/1893120105732",
        "LV/161175-19997",
        "MX/GODE561231GR8",
        "MX/BOXW310820HNERXN09",
        "PL/44051401359",
        "PT/123456789",
        "RO/1630615123457",
        "RU/500100732259",
        "RU/304500116000157",
        "SG/S1234567D",
        "SK/7103192745",
        "TH/1-2345-45678-78-1",
        "TR/17291716060",
        "TW/A123456789",
        "UA/1759013776",
        "ZA/7503305044089",
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
        ("CH/123456789", Rule::REGISTRATION_FORMAT),
        ("JP/1835678256246", Rule::REGISTRATION_CHECK_DIGIT),
    ] {
        assert_eq!(text(written), Err(rule), "{written}");
    }
    assert_eq!(
        text(&format!("LI/{}", "1 ".repeat(40))),
        Err(Rule::REGISTRATION_FORMAT)
    );
}
