//! What holds of every identifier, whatever its kind.

use crate::identifier::holds_card_number;
use crate::identifier::{Identifier, Kind, Relation};

/// Pieces that canonicalisation treats differently, to be strung together at random.
#[rustfmt::skip]
const PIECES: [&str; 64] = [
    "a", "Z", "0", "1", "4", "9", "08", "0x", "255", "256", ".", ".", ".", "..", "-", "_", " ",
    "xn--", "XN--a", "bcher-kva", "shop", "example", "test", "/", "\\", "@", ":", "#", "?", "%",
    "%2e", "%25", "%41", "%c3%bc", "[", "]", "::", "::1", "ffff", "http:", "https://", "\t",
    "\n", "\u{0}", "\u{7f}", "\u{ad}", "ß", "ü", "u\u{308}", "İ", "ａ", "．", "。", "\u{2024}",
    "\u{200d}", "\u{200b}", "א", "٤", "①", "\u{10ffff}", "4111", "1111", "GB29", "NWBK",
];

fn strings(count: usize) -> impl Iterator<Item = String> {
    let mut state = 1_u64;
    let mut next = move |below: usize| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).expect("31 bits") % below
    };
    (0..count).map(move |_| (0..next(12)).map(|_| PIECES[next(PIECES.len())]).collect())
}

fn assert_stable(identifier: &Identifier) {
    let text = identifier.text();
    let again = Identifier::parse(identifier.kind(), text);
    assert_eq!(again.as_ref(), Ok(identifier), "{text}");
    assert!(identifier.look_ups().count() <= 8);
    let free = matches!(identifier.kind(), Kind::Other | Kind::Handle) && !text.starts_with("upi:");
    assert!(!free || !holds_card_number(text), "{text}");
}

#[test]
fn text_parses_back_to_the_same_identifier_whatever_was_written() {
    let mut accepted = 0;
    for value in strings(200_000) {
        for &kind in Kind::ALL {
            if let Ok(identifier) = Identifier::parse(kind, &value) {
                assert_stable(&identifier);
                accepted += 1;
            }
        }
        if let Ok(identifier) = Identifier::from_url(&value) {
            assert_stable(&identifier);
            accepted += 1;
        }
    }
    assert!(
        accepted > 10_000,
        "only {accepted} of the strings were of any use"
    );
}

#[test]
fn an_accepted_domain_gives_the_same_host_as_a_url() {
    for value in strings(200_000) {
        if let Ok(domain) = Identifier::parse(Kind::Domain, &value)
            && !value.contains("::")
            && !value.contains(['\t', '\n'])
        {
            let padding = |c: char| c.is_whitespace() || c.is_control();
            let url = format!("https://{}/", value.trim_matches(padding));
            assert_eq!(Identifier::from_url(&url), Ok(domain), "{url:?}");
        }
    }
}

#[test]
fn a_card_number_by_itself_is_an_identifier_of_no_kind_of_free_form() {
    for &kind in Kind::ALL {
        for value in [
            "4111111111111111",
            "!! 4111 1111 1111 1111 !!",
            "\u{ff14}111-1111-1111-1111",
            "x:4111111111111111",
            "game-coins: 4111 1111 1111 1111",
            "ko_fi:4111111111111111",
            "214365/4111111111111111",
            "LI/4111111111111111",
            "+4111111111111111",
        ] {
            // Of a label only the form counts, as of the host it is a part of.
            if kind == Kind::Label {
                continue;
            }
            let error = Identifier::parse(kind, value).expect_err("a card number");
            assert_eq!(error.kind(), kind, "{value}");
            assert!(!error.is_check_digit_failure());
        }
    }
}

#[test]
fn an_error_names_kind_and_rule() {
    let error = Identifier::parse(Kind::Iban, "GB30 NWBK 6016 1331 9268 19").expect_err("wrong");
    assert_eq!(
        (error.kind(), error.rule().name()),
        (Kind::Iban, "iban_check_digits")
    );
    assert!(error.is_check_digit_failure());
    assert_eq!(
        error.to_string(),
        "iban: the check digits are wrong; a character is mistyped, missing or out of place"
    );
}

#[test]
fn debug_output_holds_no_value() {
    let shop = Identifier::parse(Kind::Domain, "a.shop.example").expect("a valid host");
    assert_eq!(format!("{shop:?}"), "Identifier { kind: Domain, .. }");
    let look_ups: Vec<_> = shop.look_ups().collect();
    assert!(
        !format!("{look_ups:?}").contains("115"),
        "no byte of `shop` either"
    );
}

/// Rows `| written, written | text form |` and `| written | refused: rule |` below a kind's heading.
#[test]
fn the_examples_of_the_document_hold() {
    let mut kind = None;
    let (mut inside, mut examples) = (false, 0);
    for line in include_str!("../../../../docs/identifiers.md").lines() {
        if let Some(heading) = line.strip_prefix("## ") {
            kind = Kind::from_name(heading.trim_matches('`'));
        }
        inside &= line.starts_with('|');
        inside |= line == "| written | text form |";
        let cells: Vec<_> = line.trim_matches('|').split(" | ").collect();
        let ([written, text], Some(kind)) = (cells.as_slice(), kind) else {
            continue;
        };
        if !inside || !written.contains('`') {
            continue;
        }
        let expected = text.split('`').nth(1).expect("a text form or a rule");
        for written in written.split('`').skip(1).step_by(2) {
            let parsed = Identifier::parse(kind, written);
            let found = match &parsed {
                Ok(identifier) => identifier.text(),
                Err(error) => error.rule().name(),
            };
            let refused = text.trim().starts_with("refused: ");
            assert_eq!((found, parsed.is_err()), (expected, refused), "{written}");
            examples += 1;
        }
    }
    assert!(examples > 50, "only {examples} examples");
}

#[test]
fn every_kind_has_its_row_and_its_examples_in_the_document() {
    let document = include_str!("../../../../docs/identifiers.md");
    for kind in Kind::ALL {
        let row = format!("\n| `{}` | {} | ", kind.name(), kind.code());
        assert!(document.contains(&row), "no row of {}", kind.name());
        let heading = format!("\n## `{}`\n", kind.name());
        let section = document.split_once(&heading).map(|(_, section)| section);
        let section = section.and_then(|section| section.split("\n## ").next());
        let section = section.unwrap_or_else(|| panic!("no section of {}", kind.name()));
        let examples = section.split_once("| written | text form |");
        let (_, examples) = examples.unwrap_or_else(|| panic!("no examples of {}", kind.name()));
        assert!(examples.contains("refused: "), "{}", kind.name());
    }
}

#[test]
fn only_a_domain_is_asked_with_parents() {
    for (kind, value) in [
        (Kind::Iban, "GB29NWBK60161331926819"),
        (Kind::CardAcceptor, "412345/A.B.C.D"),
    ] {
        let identifier = Identifier::parse(kind, value).expect("a valid value");
        let asked: Vec<_> = identifier.look_ups().collect();
        assert_eq!(asked.len(), 1);
        assert_eq!(
            (asked[0].canonical, asked[0].relation),
            (identifier.canonical(), Relation::Itself)
        );
    }
}

/// docs/scoring.md, Signals: the declared host itself, or one below it.
#[test]
fn a_domain_lies_in_itself_and_in_what_is_above_it_and_in_no_name_that_merely_ends_alike() {
    let lies_in = |inner: (Kind, &str), outer: (Kind, &str)| {
        let [inner, outer] = [inner, outer].map(|(kind, value)| {
            Identifier::parse(kind, value).unwrap_or_else(|error| panic!("{value}: {error}"))
        });
        inner.lies_in(&outer)
    };
    let domain = |value| (Kind::Domain, value);
    for inner in ["shop.example", "pay.shop.example", "A.B.Shop.Example."] {
        assert!(lies_in(domain(inner), domain("shop.example")), "{inner}");
    }
    for (inner, outer) in [
        ("evilshop.example", "shop.example"),
        ("evil-shop.example", "shop.example"),
        ("pay.evilshop.example", "shop.example"),
        ("shop.example", "pay.shop.example"),
        ("shop.example.test", "shop.example"),
        ("shop.example", "shop.test"),
        ("192.0.2.1", "19.0.2.1"),
    ] {
        assert!(!lies_in(domain(inner), domain(outer)), "{inner} in {outer}");
    }
    let label = (Kind::Label, "shop");
    assert!(
        !lies_in(label, label),
        "only domains have something below them"
    );
    assert!(!lies_in(
        (Kind::Phone, "+46846500404"),
        (Kind::Phone, "+46846500404")
    ));
}
