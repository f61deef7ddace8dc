//! `handle`: a payment app and the name under which it pays somebody.

use core::ops::RangeInclusive;

use crate::identifier::fields;
use crate::identifier::form::{Form, Guard};
use crate::identifier::rule::{Rule, Words};

/// An app from the table below, and a name in it.
pub(super) struct Handle {
    scheme: &'static str,
    name: String,
}

/// How one app writes names. In none of them does case make another name.
struct Scheme {
    name: &'static str,
    /// The start of its links, after `https://` and `www.`; empty if it has no links.
    link: &'static str,
    /// The sign that people write before a name; empty if there is none.
    sign: &'static str,
    length: RangeInclusive<usize>,
    allowed: fn(u8) -> bool,
}

const SCHEMES: [Scheme; 9] = [
    Scheme {
        name: "cash_app",
        link: "cash.app/",
        sign: "$",
        length: 1..=20,
        allowed: |b| b.is_ascii_alphanumeric(),
    },
    Scheme {
        name: "ko_fi",
        link: "ko-fi.com/",
        sign: "",
        length: 1..=50,
        allowed: |b| b.is_ascii_alphanumeric() || b == b'_',
    },
    Scheme {
        name: "patreon",
        link: "patreon.com/",
        sign: "",
        length: 1..=64,
        allowed: |b| b.is_ascii_alphanumeric() || b == b'_',
    },
    Scheme {
        name: "paypal_me",
        link: "paypal.me/",
        sign: "",
        length: 1..=20,
        allowed: |b| b.is_ascii_alphanumeric(),
    },
    Scheme {
        name: "revolut",
        link: "revolut.me/",
        sign: "@",
        length: 3..=16,
        allowed: |b| b.is_ascii_alphanumeric(),
    },
    Scheme {
        name: "swish",
        link: "",
        sign: "",
        length: 10..=10,
        allowed: |b| b.is_ascii_digit(),
    },
    Scheme {
        name: "telegram",
        link: "t.me/",
        sign: "@",
        length: 4..=32,
        allowed: |b| b.is_ascii_alphanumeric() || b == b'_',
    },
    Scheme {
        name: "upi",
        link: "",
        sign: "",
        length: 3..=255,
        allowed: |b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b'@'),
    },
    Scheme {
        name: "venmo",
        link: "venmo.com/u/",
        sign: "@",
        length: 5..=30,
        allowed: |b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'),
    },
];

impl Rule {
    const HANDLE_SCHEME: Self = Self(&Words::new("handle_scheme", "the scheme is unknown"));
    const HANDLE_NAME: Self = Self(&Words::new(
        "handle_name",
        "the name has characters or a length that its scheme does not allow",
    ));
}

impl Form for Handle {
    const CODE: u8 = 7;
    const NAME: &'static str = "handle";
    const RULES: &'static [Rule] = &[Rule::HANDLE_SCHEME, Rule::HANDLE_NAME];

    /// `SCHEME:NAME`, where the name may have its app's sign or link before it.
    fn parse(value: &str) -> Result<Self, Rule> {
        let (written, name) = value.split_once(':').ok_or(Rule::SCHEME_MISSING)?;
        let scheme = scheme(written.trim()).ok_or(Rule::HANDLE_SCHEME)?;
        let name = scheme.bare(&name.trim().to_ascii_lowercase()).to_owned();
        if !scheme.length.contains(&name.len()) || !name.bytes().all(scheme.allowed) {
            return Err(Rule::HANDLE_NAME);
        }
        let right = match scheme.name {
            // Merchant numbers begin with 123; all others are telephone numbers of persons.
            "swish" => name.starts_with("123"),
            // A name and the bank that holds the account.
            "upi" => matches!(name.split_once('@'), Some((name, bank))
                if !name.is_empty() && !bank.is_empty() && !bank.contains('@')),
            _ => true,
        };
        if !right {
            return Err(Rule::HANDLE_NAME);
        }
        Ok(Self {
            scheme: scheme.name,
            name,
        })
    }

    fn text(&self) -> String {
        format!("{}:{}", self.scheme, self.name)
    }

    fn canonical(&self) -> Vec<u8> {
        fields::join(&[self.scheme.as_bytes(), self.name.as_bytes()])
    }

    fn guard(&self) -> Guard {
        Guard::ReadNumber
    }
}

impl Scheme {
    /// The name without its link and sign.
    fn bare<'n>(&self, written: &'n str) -> &'n str {
        let name = written.strip_prefix("https://").unwrap_or(written);
        let name = name.strip_prefix("www.").unwrap_or(name);
        let name = match name
            .strip_prefix(self.link)
            .filter(|_| !self.link.is_empty())
        {
            Some(name) => name.strip_suffix('/').unwrap_or(name),
            None => written,
        };
        name.strip_prefix(self.sign).unwrap_or(name)
    }
}

/// The names of all schemes.
pub(super) fn schemes() -> impl Iterator<Item = &'static str> {
    SCHEMES.iter().map(|scheme| scheme.name)
}

fn scheme(name: &str) -> Option<&'static Scheme> {
    SCHEMES
        .iter()
        .find(|scheme| scheme.name.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identifier::{Identifier, Kind};

    fn text(value: &str) -> Result<String, Rule> {
        Identifier::parse(Kind::Handle, value)
            .map(|handle| handle.text().to_owned())
            .map_err(|error| error.rule())
    }

    #[test]
    fn sign_link_and_case_do_not_make_another_name() {
        for (written, name) in [
            ("cash_app:$ShopTest", "cash_app:shoptest"),
            ("cash_app:https://cash.app/$ShopTest", "cash_app:shoptest"),
            (
                "PayPal_Me:https://www.paypal.me/ShopTest/",
                "paypal_me:shoptest",
            ),
            ("paypal_me: paypal.me/shoptest", "paypal_me:shoptest"),
            ("venmo:@Shop-Test", "venmo:shop-test"),
            ("venmo:https://venmo.com/u/Shop-Test", "venmo:shop-test"),
            ("revolut:@shoptest", "revolut:shoptest"),
            ("telegram:t.me/Shop_Test", "telegram:shop_test"),
            ("patreon:https://patreon.com/shoptest", "patreon:shoptest"),
            ("ko_fi:shoptest", "ko_fi:shoptest"),
            ("upi:Shop.Test@Bank", "upi:shop.test@bank"),
            // Of the documents of Swish for its test environment.
            ("swish:1231181189", "swish:1231181189"),
        ] {
            assert_eq!(text(written).as_deref(), Ok(name), "{written}");
        }
        assert_ne!(text("cash_app:shoptest"), text("paypal_me:shoptest"));
    }

    #[test]
    fn what_is_no_name_of_its_scheme_is_refused_by_rule() {
        for (written, rule) in [
            ("", Rule::EMPTY),
            ("$shoptest", Rule::SCHEME_MISSING),
            ("https://cash.app/$shoptest", Rule::HANDLE_SCHEME),
            ("cashapp:shoptest", Rule::HANDLE_SCHEME),
            (":shoptest", Rule::HANDLE_SCHEME),
            ("cash_app:", Rule::HANDLE_NAME),
            ("cash_app:$", Rule::HANDLE_NAME),
            ("cash_app:$$a", Rule::HANDLE_NAME),
            ("cash_app:shop test", Rule::HANDLE_NAME),
            ("cash_app:t.me/shop", Rule::HANDLE_NAME),
            ("paypal_me:sh\u{f6}p", Rule::HANDLE_NAME),
            ("paypal_me:ABCDEFGHIJKLMNOPQRSTU", Rule::HANDLE_NAME),
            ("swish:0701234567", Rule::HANDLE_NAME),
            ("swish:123118118", Rule::HANDLE_NAME),
            ("upi:shop", Rule::HANDLE_NAME),
            ("upi:shop@", Rule::HANDLE_NAME),
            ("upi:@bank", Rule::HANDLE_NAME),
            ("upi:a@b@c", Rule::HANDLE_NAME),
            ("patreon:4111111111111111", Rule::CARD_NUMBER),
        ] {
            assert_eq!(text(written), Err(rule), "{written}");
        }
    }

    #[test]
    fn one_name_in_two_schemes_is_two_handles() {
        let canonical = |value| {
            let handle = Identifier::parse(Kind::Handle, value).expect("a handle");
            handle.canonical().to_vec()
        };
        assert_eq!(canonical("cash_app:shop"), b"\x08\x00cash_app\x04\x00shop");
        assert_eq!(canonical("ko_fi:shop"), b"\x05\x00ko_fi\x04\x00shop");
    }

    #[test]
    fn a_name_of_13_digits_is_no_card_of_today() {
        assert!(text("patreon:4222222222222").is_ok());
        assert_eq!(text("patreon:30569309025904"), Err(Rule::CARD_NUMBER));
    }

    #[test]
    fn the_schemes_are_in_order_and_their_ranges_hold() {
        assert!(SCHEMES.is_sorted_by_key(|scheme| scheme.name));
        for scheme in &SCHEMES {
            for length in [*scheme.length.start(), *scheme.length.end()] {
                let name = match scheme.name {
                    "swish" => "1230000000".to_owned(),
                    "upi" => format!("{}@b", "a".repeat(length - 2)),
                    _ => "a".repeat(length),
                };
                let written = format!("{}:{name}", scheme.name);
                assert_eq!(text(&written).as_deref(), Ok(&*written));
                let longer = format!("{written}{}", "0".repeat(length));
                let longer = text(&longer).is_ok_and(|_| length == *scheme.length.end());
                assert!(!longer, "{written}");
            }
        }
    }
}
