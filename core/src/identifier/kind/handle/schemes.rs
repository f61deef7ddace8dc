//! The payment apps and profile hosts, and how each writes names.

use core::ops::RangeInclusive;

/// How one app writes names.
pub(super) struct Scheme {
    pub(super) name: &'static str,
    /// The start of its links, after `https://` and `www.`, as people write them before a name; empty if
    /// the table of links has them all.
    link: &'static str,
    /// The sign that people write before a name; empty if there is none.
    pub(super) sign: &'static str,
    pub(super) length: RangeInclusive<usize>,
    pub(super) allowed: fn(u8) -> bool,
    pub(super) case: Case,
}

/// Whether case makes another name.
pub(super) enum Case {
    Ignored,
    Counts,
}

/// The schemes of version 0.2.0. Ids of later ones were read as `other` before, and still are.
pub(in crate::identifier::kind) const FIRST_SCHEMES: [&str; 9] = [
    "cash_app",
    "ko_fi",
    "patreon",
    "paypal_me",
    "revolut",
    "swish",
    "telegram",
    "upi",
    "venmo",
];

const PLAIN: Scheme = Scheme {
    name: "",
    link: "",
    sign: "",
    length: 1..=64,
    allowed: |b| b.is_ascii_alphanumeric(),
    case: Case::Ignored,
};

fn is_word(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b == b'_'
}

fn is_dotted(b: u8) -> bool {
    is_word(b) || matches!(b, b'.' | b'-')
}

pub(super) const SCHEMES: [Scheme; 17] = [
    Scheme {
        name: "buy_me_a_coffee",
        allowed: is_dotted,
        ..PLAIN
    },
    Scheme {
        name: "cash_app",
        link: "cash.app/",
        sign: "$",
        length: 1..=20,
        ..PLAIN
    },
    Scheme {
        name: "ko_fi",
        link: "ko-fi.com/",
        length: 1..=50,
        allowed: is_word,
        ..PLAIN
    },
    Scheme {
        name: "link_me",
        allowed: is_dotted,
        ..PLAIN
    },
    Scheme {
        name: "linktree",
        allowed: is_dotted,
        ..PLAIN
    },
    Scheme {
        name: "monzo_me",
        allowed: is_dotted,
        ..PLAIN
    },
    Scheme {
        name: "onlyfans",
        sign: "@",
        allowed: is_dotted,
        ..PLAIN
    },
    Scheme {
        name: "patreon",
        link: "patreon.com/",
        length: 1..=64,
        allowed: is_word,
        ..PLAIN
    },
    Scheme {
        name: "paypal_me",
        link: "paypal.me/",
        length: 1..=20,
        ..PLAIN
    },
    Scheme {
        name: "revolut",
        link: "revolut.me/",
        sign: "@",
        length: 3..=16,
        ..PLAIN
    },
    Scheme {
        name: "square_link",
        case: Case::Counts,
        ..PLAIN
    },
    Scheme {
        name: "stripe_link",
        // Shorter words are pages of the host.
        length: 6..=64,
        allowed: is_word,
        case: Case::Counts,
        ..PLAIN
    },
    Scheme {
        name: "swish",
        length: 10..=10,
        allowed: |b| b.is_ascii_digit(),
        ..PLAIN
    },
    Scheme {
        name: "telegram",
        link: "t.me/",
        sign: "@",
        length: 4..=32,
        allowed: is_word,
        ..PLAIN
    },
    Scheme {
        name: "upi",
        length: 3..=255,
        allowed: |b| is_dotted(b) || b == b'@',
        ..PLAIN
    },
    Scheme {
        name: "venmo",
        link: "venmo.com/u/",
        sign: "@",
        length: 5..=30,
        allowed: |b| is_word(b) || b == b'-',
        ..PLAIN
    },
    Scheme {
        name: "wise",
        sign: "@",
        allowed: is_dotted,
        ..PLAIN
    },
];

impl Scheme {
    /// The name without its link and sign.
    pub(super) fn bare<'n>(&self, written: &'n str) -> &'n str {
        let name = without(written, "https://").unwrap_or(written);
        let name = without(name, "www.").unwrap_or(name);
        let name = match without(name, self.link).filter(|_| !self.link.is_empty()) {
            Some(name) => name.strip_suffix('/').unwrap_or(name),
            None => written,
        };
        name.strip_prefix(self.sign).unwrap_or(name)
    }
}

/// What follows `start`, which is written in any case.
fn without<'n>(text: &'n str, start: &str) -> Option<&'n str> {
    let (head, rest) = text.split_at_checked(start.len())?;
    head.eq_ignore_ascii_case(start).then_some(rest)
}

pub(super) fn scheme(name: &str) -> Option<&'static Scheme> {
    SCHEMES
        .iter()
        .find(|scheme| scheme.name.eq_ignore_ascii_case(name))
}
