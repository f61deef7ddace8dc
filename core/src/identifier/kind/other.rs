//! `other`: an id in a scheme for which no kind exists.

use alloc::borrow::ToOwned as _;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::marker::PhantomData;

use crate::identifier::card_number::holds_card_number;
use crate::identifier::fields;
use crate::identifier::form::Form;
use crate::identifier::numeric_ids::LongId;
use crate::identifier::rule::{Rule, Words};

const MAX_SCHEME: usize = 32;
const MAX_ID: usize = 128;

/// A scheme that parties have agreed on, and an id in it.
pub(super) struct Other<K> {
    scheme: String,
    id: String,
    kinds: PhantomData<K>,
}

/// The names of all kinds, none of which may be a scheme. The table of kinds implements this trait,
/// because it uses this file and so this file must not use it.
pub(super) trait KindNames {
    /// Every name, in any order.
    fn kind_names() -> impl Iterator<Item = &'static str>;
}

/// Whether a text has the form of a scheme of `other`, which every scheme of `handle` has too.
#[must_use]
pub fn is_scheme(text: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_-.".contains(&b);
    (2..=MAX_SCHEME).contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.bytes().all(allowed)
}

impl Rule {
    const OTHER_SCHEME: Self = Self(&Words::new(
        "other_scheme",
        "a scheme is 2 to 32 of a-z, 0-9, underscore, hyphen and dot, and begins with a letter",
    ));
    const OTHER_HAS_KIND: Self = Self(&Words::new(
        "other_has_kind",
        "the scheme has a kind of its own; use that",
    ));
    const OTHER_ID: Self = Self(&Words::new(
        "other_id",
        "an id is 1 to 128 printable ASCII characters",
    ));
}

impl<K: KindNames> Form for Other<K> {
    const CODE: u8 = 13;
    const NAME: &'static str = "other";
    const RULES: &'static [Rule] = &[
        Rule::SCHEME_MISSING,
        Rule::OTHER_SCHEME,
        Rule::OTHER_HAS_KIND,
        Rule::OTHER_ID,
    ];

    /// `SCHEME:ID`. Nothing is known about the ids of a scheme, so only surrounding space is removed.
    fn parse(value: &str) -> Result<Self, Rule> {
        let (scheme, id) = value.split_once(':').ok_or(Rule::SCHEME_MISSING)?;
        let scheme = scheme.trim().to_ascii_lowercase();
        if !is_scheme(&scheme) {
            return Err(Rule::OTHER_SCHEME);
        }
        // One merchant under two kinds would have two identifiers.
        if has_kind(&scheme, K::kind_names()) {
            return Err(Rule::OTHER_HAS_KIND);
        }
        let id = id.trim();
        if !(1..=MAX_ID).contains(&id.len()) || !id.bytes().all(|b| matches!(b, b' '..=b'~')) {
            return Err(Rule::OTHER_ID);
        }
        Ok(Self {
            scheme,
            id: id.to_owned(),
            kinds: PhantomData,
        })
    }

    fn text(self) -> String {
        format!("{}:{}", self.scheme, self.id)
    }

    fn canonical(&self) -> Option<Vec<u8>> {
        let fields = [self.scheme.as_bytes(), self.id.as_bytes()];
        Some(fields::join(&fields))
    }

    fn long_id(value: &str) -> Option<LongId<'_>> {
        let (scheme, _) = value.split_once(':')?;
        holds_card_number(value).then_some(LongId::Scheme(scheme))
    }
}

/// Other names that people use for what has a kind of its own.
const ALIASES: [&str; 14] = [
    "bch", "btc", "doge", "eth", "ethereum", "host", "ltc", "ripple", "sol", "tel", "trx", "url",
    "xmr", "zec",
];

fn has_kind(scheme: &str, mut kinds: impl Iterator<Item = &'static str>) -> bool {
    let bare = |name: &str| name.replace(['_', '-', '.'], "");
    let scheme = bare(scheme);
    let same = |name: &str| bare(name) == scheme;
    kinds.any(same)
        || super::handle::FIRST_SCHEMES.into_iter().any(same)
        || super::wallet::CHAINS.iter().any(|chain| same(chain))
        || ALIASES.contains(&scheme.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identifier::{Identifier, Kind, NumericIds};

    fn text(value: &str) -> Result<String, Rule> {
        Identifier::parse(Kind::Other, value)
            .map(|other| other.text().to_owned())
            .map_err(|error| error.rule())
    }

    #[test]
    fn an_id_is_kept_as_it_is_written() {
        for (written, canonical) in [
            ("Platform.Example: Seller 7 ", "platform.example:Seller 7"),
            ("game-coins:a:B", "game-coins:a:B"),
        ] {
            assert_eq!(text(written).as_deref(), Ok(canonical), "{written}");
        }
        assert_ne!(text("game-coins:a"), text("game-coins:A"));
    }

    #[test]
    fn scheme_and_id_hold_at_their_limits_and_not_one_character_beyond() {
        let of = |scheme: usize, id: usize| {
            text(&format!("{}:{}", "s".repeat(scheme), "i".repeat(id))).map(drop)
        };
        assert_eq!((of(2, 1), of(32, 128)), (Ok(()), Ok(())));
        assert_eq!(of(33, 1), Err(Rule::OTHER_SCHEME));
        assert_eq!(of(2, 129), Err(Rule::OTHER_ID));
    }

    #[test]
    fn a_long_number_is_an_id_only_where_the_policy_names_the_scheme() {
        let schemes = ["shop.example".to_owned()];
        let numeric = NumericIds::Named {
            schemes: &schemes,
            facilitators: &[],
        };
        for id in ["4111111111111111", "5901234123457", "4111 1111 1111 1111"] {
            let read = |scheme, numeric| {
                let value = format!("{scheme}:{id}");
                let read = Identifier::parse_with(Kind::Other, &value, numeric);
                read.map(drop).map_err(|error| error.rule())
            };
            assert_eq!(read("shop.example", numeric), Ok(()));
            assert_eq!(read(" Shop.Example", numeric), Ok(()));
            assert_eq!(read("other.example", numeric), Err(Rule::CARD_DATA));
            assert_eq!(
                read("shop.example", NumericIds::Nowhere),
                Err(Rule::CARD_DATA)
            );
            assert_eq!(read("other.example", NumericIds::Everywhere), Ok(()));
        }
    }

    #[test]
    fn no_two_ids_share_bytes() {
        let canonical = |value| {
            let other = Identifier::parse(Kind::Other, value).expect("a scheme and an id");
            other.canonical().to_vec()
        };
        assert_ne!(canonical("ab:cd"), canonical("abc:d"));
        assert_eq!(canonical("ab:c"), b"\x02\x00ab\x01\x00c");
    }

    #[test]
    fn what_has_no_scheme_or_a_kind_of_its_own_is_refused_by_rule() {
        for (written, rule) in [
            (" ", Rule::EMPTY),
            ("seller 7", Rule::SCHEME_MISSING),
            (":x", Rule::OTHER_SCHEME),
            ("x:y", Rule::OTHER_SCHEME),
            ("7shop:y", Rule::OTHER_SCHEME),
            ("my shop:y", Rule::OTHER_SCHEME),
            ("iban:GB29NWBK60161331926819", Rule::OTHER_HAS_KIND),
            ("Swish:1231181189", Rule::OTHER_HAS_KIND),
            ("cashapp:shoptest", Rule::OTHER_HAS_KIND),
            ("card-acceptor:412345/SHOP", Rule::OTHER_HAS_KIND),
            ("bitcoin-cash:x", Rule::OTHER_HAS_KIND),
            ("btc:x", Rule::OTHER_HAS_KIND),
            (
                "bitcoin:1FsSia9rv4NeEwvJ2GvXrX7LyxYspbN2mo",
                Rule::OTHER_HAS_KIND,
            ),
            ("game-coins:", Rule::OTHER_ID),
            ("game-coins:\u{e9}", Rule::OTHER_ID),
            ("game-coins:4111 1111 1111 1111", Rule::CARD_DATA),
            ("game-coins:4111111111111112", Rule::CARD_DATA),
        ] {
            assert_eq!(text(written), Err(rule), "{written}");
        }
    }
}
