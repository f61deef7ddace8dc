use super::issuer::{LONGEST, SHORTEST};
use super::script::{ZEROS, digit};
use super::*;
use crate::identifier::{Identifier, Kind};

const DOCUMENT: &str = include_str!("../../../../docs/identifiers.md");

/// Numbers that card schemes and payment companies publish for testing.
const TEST_CARDS: [&str; 20] = [
    "4111111111111111",
    "4012888888881881",
    "4222222222222",
    "5555555555554444",
    "5105105105105100",
    "2223003122003222",
    "378282246310005",
    "371449635398431",
    "6011111111111117",
    "6011000990139424",
    "3530111333300000",
    "3566002020360505",
    "30569309025904",
    "38520000023237",
    "36227206271667",
    "6200000000000005",
    "6205500000000000004",
    "6759649826438453",
    "6304000000000000",
    "6445644564456445",
];

#[test]
fn published_test_cards_are_seen_in_any_grouping() {
    for card in TEST_CARDS {
        let grouped = |by: &str| {
            let groups: Vec<_> = card.as_bytes().chunks(4).map(<[u8]>::to_vec).collect();
            String::from_utf8(groups.join(by.as_bytes())).expect("digits")
        };
        for text in [
            card.to_owned(),
            format!("card {card}, please"),
            format!("x{card}y"),
            format!("{card} 12/27"),
            format!("2026-11-22\n{card}\n123"),
            grouped(" "),
            grouped("-"),
            grouped(" -  "),
            grouped("\u{a0}"),
            grouped("\u{2011}"),
            grouped("\u{200b}"),
            grouped("\u{200e}"),
            grouped("\u{2063}\u{fe0f}"),
            grouped("\u{180e}-"),
            format!(" {} ", grouped(" ")),
        ] {
            assert!(holds_card_number(&text), "{text:?}");
        }
    }
}

#[test]
fn printed_groups_are_seen_whatever_parts_and_follows_them() {
    for between in [".", "/", "_", ",", "*", " / ", "\u{b7}", "\t", "|"] {
        let last = ["412345/", "2026-11-22 ", "1:"].map(|first| {
            let groups = ["6011", "1111", "1111", "1117"].join(between);
            format!("{first}{groups}")
        });
        for text in last
            .iter()
            .filter(|_| !["/", " / ", "-"].contains(&between))
        {
            assert!(holds_card_number(text), "{text:?}");
        }
        for groups in [
            &["4111", "1111", "1111", "1111"][..],
            &["4111", "1111", "1111", "1111", "12", "27"],
            &["4111", "1111", "1111", "1111", "1227", "123"],
            &["6205", "5000", "0000", "0000", "004"],
            &["3782", "822463", "10005"],
            &["3056", "930902", "5904"],
        ] {
            let text = groups.join(between);
            assert!(holds_card_number(&text), "{text:?}");
            assert!(holds_card_number(&format!("card={text};")), "{text:?}");
        }
    }
    for text in [
        "4111a1111b1111c1111",
        "4111.1111\n1111.1111",
        "4111....1111.1111.1111",
    ] {
        assert!(!holds_card_number(text), "{text:?}");
    }
}

#[test]
fn track_data_is_seen_whoever_issued_the_card() {
    for text in [
        ";9000000000000001=29125011000012345678?",
        "900000000001D2912501100001234567F",
        "%B9000000000000001^PAYER/TEST^2912501000000?",
    ] {
        assert!(holds_card_number(text), "{text:?}");
    }
    for text in [
        "order 9000000000000001=29135011000012345678",
        "9000000000000001=2912",
        "A9000000000000001^x",
        "90000000001=29125011000",
        "90000000000000000001=29125011000",
    ] {
        assert!(!holds_card_number(text), "{text:?}");
    }
}

#[test]
fn a_number_that_was_given_out_may_have_a_length_no_card_has_today() {
    for card in TEST_CARDS {
        let issued = card.len() > 13;
        assert_eq!(looks_like_issued_card(card), issued, "{card}");
    }
    assert!(!looks_like_issued_card("501800000009"));
    assert!(looks_like_issued_card("4111 1111 1111 1111"));
}

#[test]
fn digits_of_every_script_count() {
    for zero in ZEROS {
        let written: String = "4111111111111111"
            .chars()
            .filter_map(|c| char::from_u32(u32::from(zero) + c.to_digit(10)?))
            .collect();
        assert!(holds_card_number(&written), "{written}");
    }
    assert!(holds_card_number("4111 \u{ff11}111 1111 111\u{661}"));
}

#[test]
fn the_zeros_are_in_order_and_are_all_that_the_compiler_knows_as_numeric() {
    assert!(ZEROS.is_sorted());
    for zero in ZEROS {
        for value in 0..10 {
            let c = char::from_u32(u32::from(zero) + value).expect("a character");
            assert!(
                c.is_numeric() && digit(c) == u8::try_from(value).ok(),
                "{c:?}"
            );
        }
    }
}

#[test]
fn a_wrong_luhn_digit_or_an_unknown_issuer_is_no_card_number() {
    for card in TEST_CARDS {
        let (rest, last) = card.split_at(card.len() - 1);
        for other in ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"] {
            assert_eq!(holds_card_number(&format!("{rest}{other}")), other == last);
        }
    }
    for text in [
        "0000000000000000",
        "1234567812345670",
        "9111111111111111",
        "411111111111116",
    ] {
        assert!(!holds_card_number(text), "{text}");
    }
}

/// The ranges that docs/identifiers.md states: issuer, first and last number of each, and the lengths.
const ISSUERS: [(&str, &str, &str, &[usize]); 28] = [
    ("Visa", "4", "4999", &[13, 16, 19]),
    ("Mastercard", "51", "5599", &[16]),
    ("Mastercard", "2221", "2720", &[16]),
    ("American Express", "34", "3499", &[15]),
    ("American Express", "37", "3799", &[15]),
    ("Diners Club", "300", "3059", &[14]),
    ("Diners Club", "3095", "3095", &[14]),
    ("Diners Club", "36", "3699", &[14]),
    ("Diners Club", "38", "3999", &[14]),
    ("Discover", "6011", "6011", &[16, 17, 18, 19]),
    ("Discover", "644", "6599", &[16, 17, 18, 19]),
    ("JCB", "3528", "3589", &[16, 17, 18, 19]),
    ("UnionPay", "62", "6299", &[16, 17, 18, 19]),
    ("UnionPay", "8100", "8171", &[16, 17, 18, 19]),
    ("Mir", "2200", "2204", &[16, 17, 18, 19]),
    ("Verve", "5060", "5061", &[16, 17, 18, 19]),
    ("RuPay", "508", "5089", &[16]),
    ("RuPay", "606", "6099", &[16]),
    ("RuPay", "8172", "8299", &[16]),
    ("Dankort", "5019", "5019", &[16]),
    ("Troy", "9792", "9792", &[16]),
    ("Maestro", "5018", "5018", &[13, 14, 15, 16, 17, 18, 19]),
    ("Maestro", "5020", "5020", &[13, 14, 15, 16, 17, 18, 19]),
    ("Maestro", "5038", "5038", &[13, 14, 15, 16, 17, 18, 19]),
    ("Maestro", "5893", "5893", &[13, 14, 15, 16, 17, 18, 19]),
    ("Maestro", "6304", "6304", &[13, 14, 15, 16, 17, 18, 19]),
    ("Maestro", "6759", "6759", &[13, 14, 15, 16, 17, 18, 19]),
    ("Maestro", "6761", "6763", &[13, 14, 15, 16, 17, 18, 19]),
];

#[test]
fn every_issuer_is_seen_in_its_range_and_at_its_lengths_only() {
    let of_length = |prefix: &str, length: usize| {
        let body = format!("{prefix:0<width$}", width = length - 1);
        let digits = body.bytes().map(|digit| digit - b'0').collect::<Vec<_>>();
        let right = (0..10).find(|last| passes_luhn(&[&digits[..], &[*last]].concat()));
        format!("{body}{}", right.expect("one of ten digits"))
    };
    for (issuer, first, last, lengths) in ISSUERS {
        for prefix in [first, last] {
            for length in 12..=20 {
                let number = of_length(prefix, length);
                let seen = holds_card_number(&number);
                assert_eq!(seen, lengths.contains(&length), "{issuer}: {number}");
            }
        }
    }
    for outside in [
        "2220", "2721", "2205", "3060", "3094", "3096", "3527", "3590", "5017", "5021", "5059",
        "5062", "5079", "5600", "6010", "6012", "6059", "6100", "6439", "6600", "6758", "6764",
        "8099", "8300", "9791", "9793",
    ] {
        for length in 13..=19 {
            let number = of_length(outside, length);
            assert!(!holds_card_number(&number), "{number}");
        }
    }
}

#[test]
fn what_stands_after_a_run_does_not_hide_it_and_a_line_break_ends_it() {
    // Groups in which no card is printed, so that only the run shows the number.
    for text in [
        "4222 2222 22222, paid",
        "4222-2222-22222x",
        "a4222 2222 22222",
    ] {
        assert!(holds_card_number(text), "{text}");
    }
    for text in [
        "42222222\n22222",
        "4222 2222\r\n22222",
        "411111\n1111111111",
    ] {
        assert!(!holds_card_number(text), "{text:?}");
    }
}

#[test]
fn a_given_out_number_of_14_or_15_digits_is_a_card_only_if_it_begins_with_3() {
    for maestro in ["50180000000001", "501800000000007"] {
        assert!(!looks_like_issued_card(maestro), "{maestro}");
    }
    for card in ["30569309025904", "378282246310005", "5018000000000009"] {
        assert!(looks_like_issued_card(card), "{card}");
    }
}

#[test]
fn a_longer_number_is_not_searched_for_a_shorter_one() {
    for text in [
        "04111111111111111",
        "41111111111111110",
        "41111111",
        "DE89 3704 0044 0532 0130 00",
        "4111.11.11.1111.1111",
    ] {
        assert!(!holds_card_number(text), "{text}");
    }
}

/// Knuth's MMIX generator, so that everyone measures the same numbers.
struct Sequence(u64);

impl Sequence {
    fn digits(&mut self, length: usize) -> String {
        (0..length)
            .map(|_| {
                self.0 = self
                    .0
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                char::from(b'0' + u8::try_from((self.0 >> 33) % 10).expect("one digit"))
            })
            .collect()
    }
}

/// Whether the document names an issuer whose numbers have this length and begin with these four digits.
fn issuer(first: u16, length: usize) -> bool {
    let digits = format!("{first:04}");
    ISSUERS.iter().any(|(_, low, high, lengths)| {
        lengths.contains(&length) && *low <= digits.as_str() && digits.as_str() <= *high
    })
}

#[test]
fn of_every_beginning_one_last_digit_in_ten_is_right_if_an_issuer_has_it() {
    for length in SHORTEST..=LONGEST {
        let middle = "0".repeat(length - 5);
        for first in 0..10_000 {
            let number = |last: &u8| format!("{first:04}{middle}{last}");
            let right = (0..10).filter(|last| holds_card_number(&number(last)));
            let expected = usize::from(issuer(first, length));
            assert_eq!(right.count(), expected, "{first:04} of {length}");
        }
    }
}

/// Of 100,000 numbers, how many look like a card: a tenth of those that begin like one, since one
/// number in ten has a right Luhn digit.
fn expected(first_digits: core::ops::Range<u16>, is_card: impl Fn(u16) -> bool) -> usize {
    let all = first_digits.len();
    let cards = first_digits.filter(|&first| is_card(first)).count();
    (cards * 10_000 + all / 2) / all
}

/// The document states what the ranges give, and 100,000 numbers of a fixed sequence differ from it
/// by chance at most: four standard deviations.
fn assert_rate(name: &str, expected: usize, hits: usize) {
    let hundredths = (expected + 5) / 10;
    let row = format!(
        "| {name} | {}.{:02} % |",
        hundredths / 100,
        hundredths % 100
    );
    assert!(DOCUMENT.contains(&row), "{row}");
    let off = hits.abs_diff(expected);
    assert!(
        off * off <= 16 * expected,
        "{name}: {hits} of 100,000, not {expected}"
    );
}

#[test]
fn random_numbers_look_like_cards_as_often_as_the_documented_ranges_give() {
    let mut sequence = Sequence(1);
    for length in SHORTEST..=LONGEST {
        let hits = (0..100_000)
            .filter(|_| holds_card_number(&sequence.digits(length)))
            .count();
        let expected = expected(0..10_000, |first| issuer(first, length));
        assert_rate(&format!("{length} random digits"), expected, hits);
    }
}

#[test]
fn assigned_numbers_look_like_cards_as_often_as_the_lengths_of_today_give() {
    let mut sequence = Sequence(2);
    for length in 13..=16 {
        let hits = (0..100_000)
            .filter(|_| looks_like_issued_card(&sequence.digits(length)))
            .count();
        let expected = expected(0..10_000, |first| {
            let today = length >= 16 || length >= 14 && first / 1000 == 3;
            today && issuer(first, length)
        });
        assert_rate(&format!("{length} digits"), expected, hits);
    }
}

#[test]
fn danish_ibans_are_accepted_however_often_they_look_like_cards() {
    let mut sequence = Sequence(3);
    let hits = (0..100_000)
        .map(|_| danish_iban(&sequence.digits(14)))
        .filter(|iban| {
            assert!(Identifier::parse(Kind::Iban, iban).is_ok(), "{iban}");
            holds_card_number(iban)
        })
        .count();
    // Two check digits, 02 to 98, then the account.
    let expected = expected(200..9900, |first| issuer(first, 16));
    assert_rate("Danish IBANs, all accepted", expected, hits);
}

/// ISO 13616-1: the account, then DK as 13 20, then 00; 98 less the remainder by 97.
fn danish_iban(account: &str) -> String {
    let remainder = format!("{account}132000").parse::<u128>().expect("digits") % 97;
    format!("DK{:02}{account}", 98 - remainder)
}
