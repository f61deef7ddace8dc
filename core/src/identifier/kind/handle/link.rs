//! Links whose path or query says who is paid, because their host pays many.

use crate::identifier::percent::unescaped;

/// A payment or profile host, or the scheme of payment links (docs/identifiers.md, "Links", has the
/// sources).
struct Site {
    hosts: &'static [&'static str],
    /// The scheme of the names, or `phone`.
    scheme: &'static str,
    /// Where `*` stands for the name. What follows it in the path never counts.
    names: &'static [&'static str],
    /// First words of paths that are pages of the host itself.
    pages: &'static [&'static str],
    payee: Payee,
}

/// Whom an address of the host means if it names nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::identifier) enum Payee {
    /// Nobody: the host has no other use.
    Nobody,
    /// The owner of the host, which has a business of its own.
    Host,
}

const SITES: [Site; 18] = [
    Site {
        hosts: &["t.me", "telegram.me", "telegram.dog"],
        scheme: "telegram",
        names: &["s/*", "*"],
        pages: &[
            "addemoji",
            "addlist",
            "addstickers",
            "addstyle",
            "addtheme",
            "auction",
            "auth",
            "boost",
            "call",
            "confirmphone",
            "contact",
            "giftcode",
            "invoice",
            "joinchat",
            "login",
            "nft",
            "proxy",
            "setlanguage",
            "share",
            "socks",
        ],
        payee: Payee::Nobody,
    },
    Site {
        hosts: &["tg:"],
        scheme: "telegram",
        names: &["resolve?domain=*"],
        pages: &[],
        payee: Payee::Nobody,
    },
    Site {
        hosts: &["cash.app"],
        scheme: "cash_app",
        names: &["$*"],
        pages: &[],
        payee: Payee::Nobody,
    },
    Site {
        hosts: &["paypal.me"],
        scheme: "paypal_me",
        names: &["paypalme/*", "*"],
        pages: &["paypalme"],
        payee: Payee::Nobody,
    },
    Site {
        hosts: &["paypal.com"],
        scheme: "paypal_me",
        names: &["paypalme/*", "paypalme2/*"],
        pages: &[],
        payee: Payee::Host,
    },
    Site {
        hosts: &["venmo.com", "account.venmo.com"],
        scheme: "venmo",
        names: &["u/*"],
        pages: &[],
        payee: Payee::Host,
    },
    Site {
        hosts: &["revolut.me"],
        scheme: "revolut",
        names: &["*"],
        pages: &[],
        payee: Payee::Nobody,
    },
    Site {
        hosts: &["monzo.me"],
        scheme: "monzo_me",
        names: &["*"],
        pages: &[],
        payee: Payee::Nobody,
    },
    Site {
        hosts: &["wise.com"],
        scheme: "wise",
        names: &["pay/me/*", "pay/business/*"],
        pages: &[],
        payee: Payee::Host,
    },
    Site {
        hosts: &["buy.stripe.com", "donate.stripe.com", "book.stripe.com"],
        scheme: "stripe_link",
        names: &["*"],
        pages: &[],
        payee: Payee::Nobody,
    },
    Site {
        hosts: &["square.link"],
        scheme: "square_link",
        names: &["u/*"],
        pages: &[],
        payee: Payee::Nobody,
    },
    Site {
        hosts: &["ko-fi.com"],
        scheme: "ko_fi",
        names: &["*"],
        pages: &[
            "about", "account", "album", "explore", "gold", "home", "i", "manage", "post", "s",
            "shop", "summary", "w",
        ],
        payee: Payee::Nobody,
    },
    Site {
        hosts: &["patreon.com"],
        scheme: "patreon",
        names: &["c/*", "cw/*", "join/*", "checkout/*", "*"],
        pages: &[
            "about",
            "apps",
            "bepatron",
            "c",
            "checkout",
            "collection",
            "create",
            "cw",
            "explore",
            "home",
            "join",
            "login",
            "m",
            "messages",
            "policy",
            "posts",
            "pricing",
            "product",
            "search",
            "settings",
            "signup",
            "user",
        ],
        payee: Payee::Nobody,
    },
    Site {
        hosts: &["buymeacoffee.com", "coff.ee"],
        scheme: "buy_me_a_coffee",
        names: &["*"],
        pages: &[
            "about",
            "explore-creators",
            "faq",
            "home",
            "login",
            "signup",
        ],
        payee: Payee::Nobody,
    },
    Site {
        hosts: &["onlyfans.com"],
        scheme: "onlyfans",
        names: &["*"],
        pages: &[
            "about", "action", "contact", "dmca", "help", "my", "posts", "privacy", "terms",
        ],
        payee: Payee::Nobody,
    },
    Site {
        hosts: &["wa.me"],
        scheme: "phone",
        names: &["*"],
        pages: &[],
        payee: Payee::Nobody,
    },
    Site {
        hosts: &["api.whatsapp.com"],
        scheme: "phone",
        names: &["send?phone=*"],
        pages: &[],
        payee: Payee::Nobody,
    },
    Site {
        hosts: &["upi:"],
        scheme: "upi",
        names: &["pay?pa=*", "mandate?pa=*"],
        pages: &[],
        payee: Payee::Nobody,
    },
];

/// A link to a payment or profile host.
pub(in crate::identifier) struct Link {
    site: &'static Site,
    /// Unescaped, without empty ones.
    path: Vec<String>,
    query: String,
}

impl Link {
    /// The link with this canonical host and this path, query and fragment.
    pub(in crate::identifier) fn of(host: &str, rest: &str) -> Option<Self> {
        let host = ["www.", "m."]
            .iter()
            .find_map(|prefix| host.strip_prefix(prefix))
            .filter(|host| site(host).is_some())
            .unwrap_or(host);
        // Telegram answers for a name below its host as for one in the path.
        match host.strip_suffix(".t.me") {
            Some(name) if !name.contains('.') => Self::on(site("t.me")?, &format!("{name}/{rest}")),
            _ => Self::on(site(host)?, rest),
        }
    }

    /// The payment link with this scheme, such as `upi`.
    pub(in crate::identifier) fn of_uri(scheme: &str, rest: &str) -> Option<Self> {
        Self::on(site(&format!("{scheme}:"))?, rest)
    }

    fn on(site: &'static Site, rest: &str) -> Option<Self> {
        let rest = rest.split('#').next().unwrap_or_default();
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let path = path
            .split(['/', '\\'])
            .filter(|segment| !segment.is_empty());
        Some(Self {
            site,
            path: path.map(plain).collect(),
            query: query.to_owned(),
        })
    }

    /// Whom the link means if it names nobody.
    pub(in crate::identifier) const fn payee(&self) -> Payee {
        self.site.payee
    }

    /// The first name in the link of which `read` makes something. It is given the scheme and the name.
    pub(in crate::identifier) fn named<T, E>(
        &self,
        read: impl Fn(&str, &str) -> Result<T, E>,
    ) -> Option<T> {
        let mut names = self.site.names.iter().filter_map(|form| self.name(form));
        names.find_map(|name| read(self.site.scheme, &name).ok())
    }

    /// The name where `*` stands in a form such as `pay/me/*`.
    fn name(&self, form: &str) -> Option<String> {
        let (path, parameter) = form.split_once('?').unwrap_or((form, ""));
        let mut segments = self.path.iter();
        for expected in path.split('/') {
            let segment = segments.next()?;
            if let Some(sign) = expected.strip_suffix('*') {
                let page = |page: &&str| segment.eq_ignore_ascii_case(page);
                let is_page = sign.is_empty()
                    && expected == path
                    && self.site.pages.iter().any(|one| page(one));
                return segment
                    .strip_prefix(sign)
                    .filter(|_| !is_page)
                    .map(str::to_owned);
            }
            if !segment.eq_ignore_ascii_case(expected) {
                return None;
            }
        }
        let parameter = parameter.strip_suffix("=*")?;
        let mut pairs = self
            .query
            .split('&')
            .filter_map(|pair| pair.split_once('='));
        let (_, name) = pairs.find(|(key, _)| key.eq_ignore_ascii_case(parameter))?;
        Some(plain(name))
    }
}

fn site(host: &str) -> Option<&'static Site> {
    SITES.iter().find(|site| site.hosts.contains(&host))
}

fn plain(escaped: &str) -> String {
    String::from_utf8_lossy(&unescaped(escaped)).into_owned()
}

#[cfg(test)]
pub(super) fn hosts() -> impl Iterator<Item = &'static str> {
    SITES.iter().flat_map(|site| site.hosts).copied()
}
