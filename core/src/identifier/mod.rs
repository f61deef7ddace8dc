//! Merchant identifiers: raw text becomes one canonical form, or an error that never repeats the text.
//!
//! ```
//! use interdict_core::identifier::{Identifier, Kind, Relation};
//!
//! let shop = Identifier::parse(Kind::Domain, "Pay.Shop.Example.")?;
//! assert_eq!(shop.text(), "pay.shop.example");
//! let asked: Vec<_> = shop.look_ups().map(|look_up| (look_up.text, look_up.relation)).collect();
//! assert_eq!(asked, [
//!     ("pay.shop.example", Relation::Itself),
//!     ("shop.example", Relation::Parent),
//!     ("shop", Relation::Label),
//! ]);
//! # Ok::<(), interdict_core::identifier::IdentifierError>(())
//! ```
//!
//! Rules of this room, with `docs/identifiers.md` as the normative text:
//!
//! 1. A listed merchant written differently is still found; two merchants never become one. Where both
//!    cannot hold, the value is refused, aloud.
//! 2. `parse(kind, x.text()) == x` for every identifier `x`, and equal identifiers have equal bytes.
//! 3. An error names kind and rule. Nothing here prints, returns or formats a refused value, and
//!    `Debug` prints no accepted one.
//! 4. The card-number guard reads every value without check digits of its own, as given and as
//!    canonical, and its error wins over all others.
//! 5. Another kind is a module below `kind`, its lines in `kind/mod.rs` and a section in the document.
//!    Codes, names and canonical bytes never change: lists hold their hashes.

mod card_number;
mod country;
mod fields;
mod form;
mod host;
mod ip;
mod kind;
mod rule;
mod url;

use core::fmt;

pub use card_number::holds_card_number;
pub use kind::Kind;
pub use rule::{IdentifierError, Rule};

use card_number::looks_like_issued_card;
use form::{Above, Form, Forms, Guard};

/// A kind and a canonical value. Made by parsing only, so it cannot be malformed.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Identifier {
    kind: Kind,
    text: String,
    canonical: Vec<u8>,
    above: Vec<Above>,
}

/// One question for a list: these bytes, in this relation to the identifier asked about.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct LookUp<'a> {
    /// The kind it is asked as.
    pub kind: Kind,
    /// Its text form.
    pub text: &'a str,
    /// Canonical bytes of that kind.
    pub canonical: &'a [u8],
    /// What they are to the identifier.
    pub relation: Relation,
}

/// Whether a look-up asks for the identifier or for something above it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Relation {
    /// The identifier as asked.
    Itself,
    /// What it lies in, as a name in the names above it: counts only where the record covers that.
    Parent,
    /// The brand part of a name: at most `review`.
    Label,
}

impl Relation {
    /// `itself` or `parent`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Itself => "itself",
            Self::Parent => "parent",
            Self::Label => "label",
        }
    }
}

impl Identifier {
    /// Reads a value of a kind in any accepted spelling.
    ///
    /// # Errors
    /// [`Rule::CARD_NUMBER`] if the value looks like a card number, otherwise the rule it breaks.
    pub fn parse(kind: Kind, value: &str) -> Result<Self, IdentifierError> {
        Self::guarded(kind, kind.read(value), &[value])
    }

    /// Reads the host of an http or https URL, with or without its scheme, as a `domain`.
    ///
    /// # Errors
    /// [`Rule::CARD_NUMBER`] if any part of the URL looks like a card number, otherwise the rule it breaks.
    pub fn from_url(url: &str) -> Result<Self, IdentifierError> {
        let forms = kind::Host::of_url(url).map(Form::forms);
        Self::guarded(Kind::Domain, forms, &[url, &url::unescaped_whole(url)])
    }

    /// Joins an acquirer (ISO 8583 DE32) and its card acceptor id (DE42), given apart.
    ///
    /// # Errors
    /// [`Rule::CARD_NUMBER`] if either looks like a card number, otherwise the rule they break.
    pub fn card_acceptor(acquirer: &str, id: &str) -> Result<Self, IdentifierError> {
        let forms = kind::CardAcceptor::of(acquirer, id).map(Form::forms);
        Self::guarded(Kind::CardAcceptor, forms, &[acquirer, id])
    }

    /// Joins a payment facilitator and the id of its merchant, given apart.
    ///
    /// # Errors
    /// As [`Identifier::card_acceptor`].
    pub fn sub_merchant(facilitator: &str, id: &str) -> Result<Self, IdentifierError> {
        let forms = kind::SubMerchant::of(facilitator, id).map(Form::forms);
        Self::guarded(Kind::SubMerchant, forms, &[facilitator, id])
    }

    /// Joins a country (ISO 3166-1) and a number of its company register, given apart.
    ///
    /// # Errors
    /// As [`Identifier::card_acceptor`].
    pub fn registration(country: &str, number: &str) -> Result<Self, IdentifierError> {
        let forms = kind::Registration::of(country, number).map(Form::forms);
        Self::guarded(Kind::Registration, forms, &[country, number])
    }

    /// Whether it is a domain that is another one or lies below it.
    #[must_use]
    pub fn lies_in(&self, other: &Self) -> bool {
        let below = |rest: &str| rest.is_empty() || rest.ends_with('.');
        let rest = self.text.strip_suffix(other.text.as_str());
        (self.kind, other.kind) == (Kind::Domain, Kind::Domain) && rest.is_some_and(below)
    }

    /// Every domain that this one lies in, nearest first, down to two labels; nothing for other kinds.
    /// Unlike [`Identifier::look_ups`], which bounds what one question costs, it leaves none out.
    pub fn parents(&self) -> impl Iterator<Item = &str> + Clone {
        let host = (self.kind == Kind::Domain).then_some(self.text.as_str());
        host.into_iter().flat_map(kind::parents)
    }

    /// What it is.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// The canonical bytes that tokens are made of; unique within the kind.
    #[must_use]
    pub fn canonical(&self) -> &[u8] {
        &self.canonical
    }

    /// The one text form for CSV, JSON and fixtures; parses back to the same identifier.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What a list is asked for: itself first, then what is above it, nearest first.
    pub fn look_ups(&self) -> impl Iterator<Item = LookUp<'_>> + Clone {
        let itself = LookUp {
            kind: self.kind,
            text: &self.text,
            canonical: &self.canonical,
            relation: Relation::Itself,
        };
        let above = self.above.iter().filter_map(|above| {
            let ((text_start, text_end), (start, end)) = (above.text, above.canonical);
            Some(LookUp {
                kind: above.kind,
                text: self.text.get(text_start..text_end)?,
                canonical: self.canonical.get(start..end)?,
                relation: above.relation,
            })
        });
        core::iter::once(itself).chain(above)
    }

    /// `written` is all that was given. The canonical text is judged too: it must pass the guard
    /// again when a file is read back.
    fn guarded(
        kind: Kind,
        forms: Result<Forms, Rule>,
        written: &[&str],
    ) -> Result<Self, IdentifierError> {
        let holds = match forms.as_ref().map_or(Guard::Read, |forms| forms.guard) {
            Guard::Read => holds_card_number,
            Guard::ReadNumber => looks_like_issued_card,
            Guard::Exempt => |_: &str| false,
        };
        let canonical = forms.as_ref().ok().map(|forms| forms.text.as_str());
        if written.iter().copied().chain(canonical).any(holds) {
            return Err(IdentifierError::new(kind, Rule::CARD_NUMBER));
        }
        let Forms {
            text,
            canonical,
            above,
            guard: _,
        } = forms.map_err(|rule| IdentifierError::new(kind, rule))?;
        Ok(Self {
            kind,
            text,
            canonical,
            above,
        })
    }
}

impl fmt::Debug for Identifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identifier")
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for LookUp<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LookUp")
            .field("relation", &self.relation)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        assert!(
            !looks_like_issued_card(text) || matches!(identifier.kind(), Kind::Iban | Kind::Lei),
            "{text}"
        );
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
                let url = format!("https://{}/", value.trim());
                assert_eq!(Identifier::from_url(&url), Ok(domain), "{url:?}");
            }
        }
    }

    #[test]
    fn a_card_number_wins_over_every_other_error() {
        for &kind in Kind::ALL {
            for value in [
                "4111111111111111",
                "!! 4111 1111 1111 1111 !!",
                "\u{ff14}111-1111-1111-1111",
            ] {
                let error = Identifier::parse(kind, value).expect_err("a card number");
                assert!(error.is_card_number() && error.kind() == kind, "{value}");
                assert!(!error.is_check_digit_failure());
            }
        }
        let circled = "\u{2463}111111111111111.example";
        let error =
            Identifier::parse(Kind::Domain, circled).expect_err("a card number once mapped");
        assert_eq!(error.rule(), Rule::CARD_NUMBER);
    }

    #[test]
    fn an_error_names_kind_and_rule() {
        let error =
            Identifier::parse(Kind::Iban, "GB30 NWBK 6016 1331 9268 19").expect_err("wrong");
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
        for line in include_str!("../../../docs/identifiers.md").lines() {
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
}
