use super::script::{ZEROS, is_digit, is_ignorable};
use super::*;

/// Numbers that card schemes and payment companies publish for testing.
const TEST_CARDS: [&str; 24] = [
    "4111111111111111",
    "4012888888881881",
    "4222222222222",
    "4000000000000000006",
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
    "5019717010103742",
    "2201382000000013",
    "5066991111111118",
    "9792030394440796",
];

/// The number in the groups in which cards of its length are printed.
fn groups(card: &str) -> Vec<&str> {
    let lengths: &[usize] = match card.len() {
        14 => &[4, 6, 4],
        15 => &[4, 6, 5],
        16 => &[4, 4, 4, 4],
        19 => &[4, 4, 4, 4, 3],
        _ => &[],
    };
    let mut rest = card;
    let cut = lengths.iter().map(|length| {
        let (group, after) = rest.split_at(*length);
        rest = after;
        group
    });
    cut.collect()
}

#[test]
fn published_test_numbers_are_seen_unbroken_and_as_they_are_printed() {
    for card in TEST_CARDS {
        for text in [
            card.to_owned(),
            format!("card {card}, please"),
            format!("_{card}_"),
            format!("{card} 12/27"),
            format!("{card}12/27"),
            format!("2026-11-22\n{card}\n123"),
            format!("PAN={card}&CVC=1"),
            card.replace('1', "%31"),
            format!("x%20{card}%20y"),
        ] {
            assert!(holds_card_number(&text), "{text:?}");
        }
        let groups = groups(card);
        if groups.is_empty() {
            continue;
        }
        for between in [
            " ",
            "-",
            ".",
            "/",
            "_",
            ",",
            "*",
            " - ",
            "\u{a0}",
            "\u{2011}",
            "\u{b7}",
            "\t",
            "|",
            "  ",
            "\u{200b} ",
            "%20",
            "+",
            "    ",
            "....",
            " \u{2013} / \u{2013} ",
            "\r\n \t\r\n",
            "%20%20%20%20",
            &" ".repeat(1000),
        ] {
            let text = groups.join(between);
            for text in [
                text.clone(),
                format!("card: {text};"),
                format!("{text} 12/27"),
                format!("412345/ {text}"),
                format!("2026-11-22: {text}"),
            ] {
                assert!(holds_card_number(&text), "{text:?}");
            }
        }
    }
}

#[test]
fn characters_that_no_one_sees_do_not_break_a_number() {
    for between in [
        "\u{200b}",
        "\u{200e}",
        "\u{2063}\u{fe0f}",
        "\u{fe0f}\u{20e3}",
        "\u{332}",
    ] {
        let digits: Vec<String> = "4111111111111111".chars().map(String::from).collect();
        let text = digits.join(between);
        assert!(holds_card_number(&text), "{text:?}");
    }
}

#[test]
fn a_letter_next_to_a_run_makes_it_another_word() {
    for text in [
        "x4111111111111111",
        "4111111111111111x",
        "\u{e9}4111111111111111",
        "x4111 1111 1111 1111",
        "4111 1111 1111 1111x",
        "x3782 822463 10005",
        "4111a1111b1111c1111",
        "4111x1111x1111x1111",
        "4111 x 1111 x 1111 x 1111",
        "paytmqr281005050101@paytm",
        "01890a5d-ac96-774b-bcce-b302099a8057",
        "order 41111111-1111-1111-1111-111111111111",
        "01KAZ4111111111111111111AA",
        "d41d8cd98f00b204e9800998ecf8427e",
    ] {
        assert!(!holds_card_number(text), "{text:?}");
    }
}

#[test]
fn groups_of_other_lengths_or_with_several_separators_are_no_run() {
    for text in [
        "4111.1111-1111.1111",
        "4111 1111 1111-1111",
        "4111    1111    1111   1111",
        "4111 ... 1111 .... 1111 ... 1111",
        "411111 111111 1111",
        "41111111 11111111",
        "GB29 NWBK 6016 1331 9268 19",
        "21 00000 00003 13947 14300 09017",
        "411111111111",
        "2026-11-22 10:20:30.123",
        "+49 1512 3456789",
        "",
    ] {
        assert!(!holds_card_number(text), "{text:?}");
    }
}

/// Form decides, so a class of values is seen always or never.
#[test]
fn the_check_digit_and_the_issuer_never_count() {
    for length in 1..=40 {
        for digit in '0'..='9' {
            let text: String = core::iter::repeat_n(digit, length).collect();
            assert_eq!(holds_card_number(&text), length >= 13, "{text}");
        }
    }
    for card in TEST_CARDS {
        let (rest, _) = card.split_at(card.len() - 1);
        for last in '0'..='9' {
            assert!(holds_card_number(&format!("{rest}{last}")), "{rest}{last}");
        }
    }
}

#[test]
fn track_data_is_seen_although_letters_stand_next_to_the_number() {
    for text in [
        ";9000000000000001=29125011000012345678?",
        "900000000001D29125011000012345678",
        "x:900000000001D2912501",
        "%B9000000000000001^PAYER/TEST^2912501000000?",
    ] {
        assert!(holds_card_number(text), "{text:?}");
    }
    for text in [
        "A9000000000000001^x",
        "B90000000001^x",
        "900000000001D291250",
        "900000000001D2912501a",
        "a900000000001D2912501",
        "0900000000001d2912501",
        "90000000000000000001D2912501",
    ] {
        assert!(!holds_card_number(text), "{text:?}");
    }
}

#[test]
fn digits_of_every_script_count_and_so_do_raised_and_circled_ones() {
    for zero in ZEROS {
        let written: String = "4111111111111111"
            .chars()
            .filter_map(|c| char::from_u32(u32::from(zero) + c.to_digit(10)?))
            .collect();
        assert!(holds_card_number(&written), "{written}");
    }
    for one in [
        '\u{b9}', '\u{2081}', '\u{2460}', '\u{2474}', '\u{2488}', '\u{24f5}', '\u{2776}',
    ] {
        let written: String = core::iter::repeat_n(one, 16).collect();
        assert!(holds_card_number(&written), "{written}");
    }
    assert!(holds_card_number("4111 \u{ff11}111 1111 111\u{661}"));
}

#[test]
fn the_digits_are_in_order_and_numeric_to_the_compiler() {
    assert!(ZEROS.is_sorted());
    for zero in ZEROS {
        for value in 0..10 {
            let c = char::from_u32(u32::from(zero) + value).expect("a character");
            assert!(c.is_numeric() && is_digit(c), "{c:?}");
        }
    }
    for c in (0..=u32::from(char::MAX)).filter_map(char::from_u32) {
        assert!(!is_digit(c) || c.is_numeric(), "{c:?}");
        assert!(!is_ignorable(c) || !is_digit(c), "{c:?}");
    }
}
