//! The guard: text that looks like a card number goes no further.

/// No scheme below issues fewer than 13 digits; ISO/IEC 7812-1 allows no more than 19.
const SHORTEST: usize = 13;
const LONGEST: usize = 19;

/// Lengths of the groups in which card numbers are printed and typed.
const GROUPINGS: [&[usize]; 4] = [&[4, 4, 4, 4], &[4, 4, 4, 4, 3], &[4, 6, 5], &[4, 6, 4]];
const MOST_GROUPS: usize = 5;
/// Most characters between two groups of a row.
const WIDEST_GAP: usize = 3;

/// Whether free text holds what looks like a card number: a run of 13 to 19 digits of any script, of
/// a known issuer range and with a right Luhn digit, or the data of a card's magnetic track. Measured
/// rates: `docs/identifiers.md`.
#[must_use]
pub fn holds_card_number(text: &str) -> bool {
    holds(text, |digits| has_issuer(digits) && passes_luhn(digits))
}

/// The same for a number that somebody gave out, a merchant's id or a telephone number: lengths at
/// which no card is issued any more pass, for there every tenth German mobile number is a Visa card.
pub(super) fn looks_like_issued_card(text: &str) -> bool {
    holds(text, |digits| {
        is_issued_length(digits) && has_issuer(digits) && passes_luhn(digits)
    })
}

fn holds(text: &str, is_card: fn(&[u8]) -> bool) -> bool {
    // Most text has too few digits, and is read for every identifier of every request.
    if text.chars().filter_map(digit).nth(SHORTEST - 2).is_none() {
        return false;
    }
    // A run is judged whole, with its spaces and hyphens taken out, and by its unbroken pieces, so
    // that an expiry date after the number does not hide it. A row is judged by every few
    // groups of it, whatever stands between and around them.
    let (mut run, mut piece, mut row) = (Digits::default(), Digits::default(), Row::default());
    for c in text.chars() {
        if let Some(digit) = digit(c) {
            run.push(digit);
            piece.push(digit);
            row.push(digit);
            continue;
        }
        if is_ignorable(c) {
            continue;
        }
        if piece.are(is_card) || row.are(is_card) {
            return true;
        }
        piece = Digits::default();
        row.separate(c);
        if !is_separator(c) {
            if run.are(is_card) {
                return true;
            }
            run = Digits::default();
        }
    }
    piece.are(is_card) || row.are(is_card) || run.are(is_card) || holds_track(text)
}

/// The first 19 digits of a run and how many it has.
#[derive(Default, Clone, Copy)]
struct Digits {
    first: [u8; LONGEST],
    count: usize,
}

impl Digits {
    fn push(&mut self, digit: u8) {
        if let Some(place) = self.first.get_mut(self.count) {
            *place = digit;
        }
        self.count = self.count.saturating_add(1);
    }

    fn kept(&self) -> &[u8] {
        self.first.get(..self.count).unwrap_or(&self.first)
    }

    fn are(&self, is_card: fn(&[u8]) -> bool) -> bool {
        match self.first.get(..self.count) {
            Some(digits) if digits.len() >= SHORTEST => is_card(digits),
            _ => false,
        }
    }
}

/// The last groups of digits of a row, the newest at the end.
#[derive(Default)]
struct Row {
    groups: [Digits; MOST_GROUPS],
    /// Characters since the last digit.
    gap: usize,
}

impl Row {
    fn push(&mut self, digit: u8) {
        if self.gap > 0 {
            self.groups.rotate_left(1);
            if let Some(newest) = self.groups.last_mut() {
                *newest = Digits::default();
            }
            self.gap = 0;
        }
        if let Some(newest) = self.groups.last_mut() {
            newest.push(digit);
        }
    }

    /// Letters, line breaks and wide gaps end a row.
    fn separate(&mut self, c: char) {
        self.gap = self.gap.saturating_add(1);
        if c.is_alphanumeric() || is_line_break(c) || self.gap > WIDEST_GAP {
            *self = Self::default();
        }
    }

    fn are(&self, is_card: fn(&[u8]) -> bool) -> bool {
        GROUPINGS.iter().any(|lengths| {
            let first = MOST_GROUPS.saturating_sub(lengths.len());
            let groups = self.groups.get(first..).unwrap_or_default();
            if !groups.iter().map(|group| &group.count).eq(*lengths) {
                return false;
            }
            let mut all = Digits::default();
            for digit in groups.iter().flat_map(Digits::kept) {
                all.push(*digit);
            }
            all.are(is_card)
        })
    }
}

/// Track 1 or 2 of a magnetic stripe (ISO/IEC 7813), or its copy in a message: number, separator,
/// expiry month. Cards of issuers that no table has are seen by that.
fn holds_track(text: &str) -> bool {
    let mut rest = text.as_bytes();
    while let Some(start) = rest.iter().position(u8::is_ascii_digit) {
        let before = start.checked_sub(1).and_then(|at| rest.get(at).copied());
        let (_, from) = rest.split_at(start);
        let length = from.iter().take_while(|b| b.is_ascii_digit()).count();
        let (number, after) = from.split_at(length);
        rest = after;
        if !(SHORTEST - 1..=LONGEST).contains(&number.len()) {
            continue;
        }
        match after {
            [b'^', ..] if before == Some(b'B') => return true,
            [b'=' | b'D', date @ ..] if begins_with_expiry(date) => return true,
            _ => {}
        }
    }
    false
}

/// Year, month and service code: `YYMMSSS`.
fn begins_with_expiry(text: &[u8]) -> bool {
    let digits = text
        .get(..7)
        .is_some_and(|date| date.iter().all(u8::is_ascii_digit));
    let month = text.get(2..4);
    digits && month.is_some_and(|month| (b"01".as_slice()..=b"12").contains(&month))
}

/// Lengths at which cards are issued today: 14 by Diners Club, 15 by American Express, both of which
/// begin with 3, and 16 and more. The last 13-digit Visa cards expired long ago.
fn is_issued_length(digits: &[u8]) -> bool {
    digits.len() >= 16 || digits.len() >= 14 && digits.first() == Some(&3)
}

/// Issuer ranges as the schemes publish them, by the first four digits and the length.
fn has_issuer(digits: &[u8]) -> bool {
    let prefix = digits.iter().take(4).fold(0_u16, |prefix, &digit| {
        prefix.saturating_mul(10).saturating_add(digit.into())
    });
    matches!(
        (prefix, digits.len()),
        // Visa
        (4000..=4999, 13 | 16 | 19)
        // Mastercard
        | (5100..=5599 | 2221..=2720, 16)
        // Mir
        | (2200..=2204, 16..=19)
        // American Express
        | (3400..=3499 | 3700..=3799, 15)
        // Diners Club
        | (3000..=3059 | 3095 | 3600..=3699 | 3800..=3999, 14)
        // Discover
        | (6011 | 6440..=6599, 16..=19)
        // JCB
        | (3528..=3589, 16..=19)
        // UnionPay
        | (6200..=6299 | 8100..=8171, 16..=19)
        // RuPay
        | (5080..=5089 | 6060..=6099 | 8172..=8299, 16)
        // Verve
        | (5060..=5061, 16..=19)
        // Dankort and Troy
        | (5019 | 9792, 16)
        // Maestro: only the ranges in use. All of 50 and 56 to 69 would take in eight times as many
        // 15-digit merchant ids.
        | (5018 | 5020 | 5038 | 5893 | 6304 | 6759 | 6761..=6763, 13..=19)
    )
}

/// ISO/IEC 7812-1 annex B.
pub(super) fn passes_luhn(digits: &[u8]) -> bool {
    let sum = digits
        .iter()
        .rev()
        .enumerate()
        .fold(0_u16, |sum, (place, &digit)| {
            let doubled = if place % 2 == 1 {
                digit.saturating_mul(2)
            } else {
                digit
            };
            let value = if doubled > 9 {
                doubled.saturating_sub(9)
            } else {
                doubled
            };
            sum.saturating_add(value.into())
        });
    sum % 10 == 0
}

/// Spaces and hyphens that people and programs put between groups of digits.
/// A line break ends a run: the next line begins something else.
fn is_separator(c: char) -> bool {
    match c {
        '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' => true,
        '\u{fe58}' | '\u{fe63}' | '\u{ff0d}' => true,
        _ => c.is_whitespace() && !is_line_break(c),
    }
}

const fn is_line_break(c: char) -> bool {
    matches!(c, '\n' | '\r')
}

/// Characters that no one sees (Unicode 17.0, Default_Ignorable_Code_Point): a number with one inside
/// looks unbroken.
const fn is_ignorable(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
        | '\u{fff0}'..='\u{fff8}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}'
    )
}

/// The value of a decimal digit of any script (Unicode general category Nd).
fn digit(c: char) -> Option<u8> {
    let zero = match c {
        '0'..='9' => '0',
        _ if c.is_ascii() => return None,
        _ => *ZEROS.get(ZEROS.partition_point(|&zero| zero <= c).checked_sub(1)?)?,
    };
    let value = u8::try_from(u32::from(c).checked_sub(zero.into())?).ok()?;
    (value <= 9).then_some(value)
}

/// The zero of each set of ten decimal digits beyond ASCII (Unicode 17.0, category Nd).
#[rustfmt::skip]
const ZEROS: [char; 74] = [
    '\u{660}', '\u{6f0}', '\u{7c0}', '\u{966}', '\u{9e6}', '\u{a66}', '\u{ae6}', '\u{b66}',
    '\u{be6}', '\u{c66}', '\u{ce6}', '\u{d66}', '\u{de6}', '\u{e50}', '\u{ed0}', '\u{f20}',
    '\u{1040}', '\u{1090}', '\u{17e0}', '\u{1810}', '\u{1946}', '\u{19d0}', '\u{1a80}', '\u{1a90}',
    '\u{1b50}', '\u{1bb0}', '\u{1c40}', '\u{1c50}', '\u{a620}', '\u{a8d0}', '\u{a900}', '\u{a9d0}',
    '\u{a9f0}', '\u{aa50}', '\u{abf0}', '\u{ff10}', '\u{104a0}', '\u{10d30}', '\u{10d40}', '\u{11066}',
    '\u{110f0}', '\u{11136}', '\u{111d0}', '\u{112f0}', '\u{11450}', '\u{114d0}', '\u{11650}', '\u{116c0}',
    '\u{116d0}', '\u{116da}', '\u{11730}', '\u{118e0}', '\u{11950}', '\u{11bf0}', '\u{11c50}', '\u{11d50}',
    '\u{11da0}', '\u{11de0}', '\u{11f50}', '\u{16a60}', '\u{16ac0}', '\u{16b50}', '\u{1ccf0}', '\u{1d7ce}',
    '\u{1d7d8}', '\u{1d7e2}', '\u{1d7ec}', '\u{1d7f6}', '\u{1e140}', '\u{1e2f0}', '\u{1e4f0}', '\u{1e5f1}',
    '\u{1e950}', '\u{1fbf0}',
];

#[cfg(test)]
mod tests {
    use super::super::{Identifier, Kind};
    use super::*;

    const DOCUMENT: &str = include_str!("../../../docs/identifiers.md");

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

    #[test]
    fn the_document_states_the_measured_rates() {
        let mut sequence = Sequence(1);
        let row = |name: &str, hits: usize| {
            format!("| {name} | {}.{:02} % |", hits / 1000, hits % 1000 / 10)
        };
        for length in SHORTEST..=LONGEST {
            let hits = (0..100_000)
                .filter(|_| holds_card_number(&sequence.digits(length)))
                .count();
            let row = row(&format!("{length} random digits"), hits);
            assert!(DOCUMENT.contains(&row), "{row}");
        }
        for length in 13..=16 {
            let hits = (0..100_000)
                .filter(|_| looks_like_issued_card(&sequence.digits(length)))
                .count();
            let row = row(&format!("{length} digits"), hits);
            assert!(DOCUMENT.contains(&row), "{row}");
        }
        let hits = (0..100_000)
            .map(|_| danish_iban(&sequence.digits(14)))
            .filter(|iban| {
                assert!(Identifier::parse(Kind::Iban, iban).is_ok(), "{iban}");
                holds_card_number(iban)
            })
            .count();
        let row = row("Danish IBANs, all accepted", hits);
        assert!(DOCUMENT.contains(&row), "{row}");
    }

    /// ISO 13616-1: the account, then DK as 13 20, then 00; 98 less the remainder by 97.
    fn danish_iban(account: &str) -> String {
        let remainder = format!("{account}132000").parse::<u128>().expect("digits") % 97;
        format!("DK{:02}{account}", 98 - remainder)
    }
}
