//! The payment and profile hosts, and where their addresses say who is paid.

use crate::IS_FULL;

/// A payment or profile host, or the scheme of payment links (docs/identifiers.md, "Links", has the
/// sources). Each other text holds words with a space between them.
pub(super) struct Site {
    pub(super) hosts: &'static [&'static str],
    /// The scheme of the names, or `phone`, or the end of a domain that the name begins.
    pub(super) scheme: &'static str,
    /// Forms of addresses, where `*` stands for the name and `0` for a number. What follows the name
    /// in the path counts only if the form ends with `/`: then nothing may. `#` begins a fragment.
    pub(super) names: &'static str,
    /// Words of the host itself, which are no names; `0` is every number.
    pub(super) pages: &'static str,
    /// First words of paths where somebody is paid whom the address does not name; `*` is every one,
    /// because the host has no other use.
    pub(super) payments: &'static str,
}

/// A text that only the full build needs.
const fn in_full(text: &'static str) -> &'static str {
    if IS_FULL { text } else { "" }
}

/// A host all of whose addresses are somebody's, or nobody's.
const SITE: Site = Site {
    hosts: &[],
    scheme: "",
    names: "",
    pages: "",
    payments: in_full("*"),
};

pub(super) const SITES: [Site; 24] = [
    Site {
        hosts: &["t.me", "telegram.me", "telegram.dog"],
        scheme: "telegram",
        names: in_full("s/* *"),
        pages: in_full(
            "addemoji addlist addstickers addstyle addtheme auction auth boost call confirmphone \
                contact giftcode invoice joinchat login nft proxy setlanguage share socks",
        ),
        ..SITE
    },
    Site {
        hosts: &["web.telegram.org"],
        scheme: "telegram",
        names: in_full("#@* #/im?p=@* #?tgaddr=tg://resolve?domain=*"),
        ..SITE
    },
    Site {
        hosts: &["tg:"],
        scheme: "telegram",
        names: in_full("resolve?domain=*"),
        ..SITE
    },
    Site {
        hosts: &["cash.app", "cash.me"],
        scheme: "cash_app",
        names: in_full("$*"),
        ..SITE
    },
    Site {
        hosts: &["paypal.me"],
        scheme: "paypal_me",
        names: in_full("paypalme/* *"),
        pages: in_full("grab my paypalme"),
        ..SITE
    },
    Site {
        hosts: &["paypal.com"],
        scheme: "paypal_me",
        names: in_full("paypalme/* paypalme2/*"),
        pages: in_full("grab my"),
        payments: in_full(
            "agreements biz cgi-bin checkoutnow checkoutweb donate fundraiser giving \
                   instantcommerce invoice myaccount ncp pay paypalme paypalme2 pools qrcodes smart \
                   webapps webscr xclick",
        ),
    },
    Site {
        hosts: &["venmo.com", "account.venmo.com", "venmo:"],
        scheme: "venmo",
        names: in_full(
            "u/* */ ?recipients=* pay?recipients=* payment-link?recipients=* \
                paycharge?recipients=*",
        ),
        pages: in_full(
            "about account blog business careers charge checkout contact contactus cookies debit \
                developer developers download features forgot help home how-it-works legal login \
                logout press pricing privacy resources safety security settings signin signup \
                sign-in sign-up support teens terms transfer users",
        ),
        payments: in_full("code pay paycharge payment-link u users"),
    },
    Site {
        hosts: &["revolut.me"],
        scheme: "revolut",
        names: in_full("*"),
        ..SITE
    },
    Site {
        hosts: &["monzo.me"],
        scheme: "monzo_me",
        names: in_full("*"),
        ..SITE
    },
    Site {
        hosts: &["wise.com"],
        scheme: "wise",
        names: in_full("pay/me/* pay/business/*"),
        payments: in_full("pay"),
        ..SITE
    },
    Site {
        hosts: &["buy.stripe.com", "donate.stripe.com", "book.stripe.com"],
        scheme: "stripe_link",
        names: in_full("*/"),
        ..SITE
    },
    Site {
        hosts: &["square.link"],
        scheme: "square_link",
        names: in_full("u/*"),
        ..SITE
    },
    Site {
        hosts: &["ko-fi.com"],
        scheme: "ko_fi",
        names: in_full("*"),
        pages: in_full(
            "about account album apps art blog c commissions discover donate donations e explore \
                faq feed gallery gold help home i integrations login manage memberships p polls post \
                posts pricing privacy register s search settings shop shops signup streamalerts \
                summary supporter supporters terms thankyou w widget widgets",
        ),
        ..SITE
    },
    Site {
        hosts: &["patreon.com"],
        scheme: "patreon",
        names: in_full("c/* cw/* join/* checkout/* *"),
        pages: in_full(
            "about api app apps auth bepatron brand c campaign campaigns careers checkout \
                collection collections community create creation creators cw download events explore \
                feed file gift gifts guidelines help home invite join legal library live login \
                logout m marketing membership memberships messages mobile notifications oauth2 \
                partners pledge pledges podcasts policy portal posts press pricing privacy product \
                products profile redeem refer referral search settings shop signup support terms \
                topic user users",
        ),
        ..SITE
    },
    Site {
        hosts: &["buymeacoffee.com", "coff.ee"],
        scheme: "buy_me_a_coffee",
        names: in_full("*"),
        pages: in_full(
            "about account app apps blog brand c contact creators d dashboard discover e explore \
                explore-creators extras faq help home l login logout membership memberships p \
                posts pricing privacy-policy settings shop signup terms terms-of-service w widget \
                wishlist",
        ),
        ..SITE
    },
    Site {
        hosts: &["onlyfans.com"],
        scheme: "onlyfans",
        names: in_full("0/* *"),
        pages: in_full(
            "0 about action antislavery api blog bookmarks brand chats collections complaints \
                contact contract cookies creators dmca faq help how legal login logout my \
                notifications posts privacy referrals safety search settings signup story stories \
                stream terms transparency transparency-center usc2257",
        ),
        ..SITE
    },
    Site {
        hosts: &["link.me"],
        scheme: "link_me",
        names: in_full("*/"),
        pages: in_full(
            "about blog contact download explore faq help home login pricing privacy signup \
                support terms",
        ),
        ..SITE
    },
    Site {
        hosts: &["linktr.ee"],
        scheme: "linktree",
        names: in_full("*/"),
        pages: in_full(
            "about admin api blog careers discover explore help home login logout marketplace \
                pricing privacy products register s search settings signup templates terms",
        ),
        ..SITE
    },
    Site {
        hosts: &["gumroad.com"],
        scheme: ".gumroad.com",
        names: in_full("*/"),
        pages: in_full(
            "a about affiliates api app blog cart checkout contact customers dashboard developers \
                discover features forgot_password guidelines gumroad help jobs library login logout \
                oauth pricing privacy products prohibited purchases sales search settings signup \
                subscriptions support taxonomies terms university wishlists www",
        ),
        payments: in_full("checkout confirm d l purchases r"),
    },
    Site {
        hosts: &["wa.me"],
        scheme: "phone",
        names: in_full("* c/* p/0/*"),
        ..SITE
    },
    Site {
        hosts: &[
            "api.whatsapp.com",
            "web.whatsapp.com",
            "chat.whatsapp.com",
            "whatsapp:",
        ],
        scheme: "phone",
        names: in_full("send?phone=*"),
        ..SITE
    },
    Site {
        hosts: &["upi:"],
        scheme: "upi",
        names: in_full("pay?pa=* mandate?pa=*"),
        ..SITE
    },
    Site {
        hosts: &[
            "checkout.stripe.com",
            "billing.stripe.com",
            "invoice.stripe.com",
            "pay.stripe.com",
            "payments.stripe.com",
            "checkout.square.site",
            "book.squareup.com",
            "checkout.revolut.com",
            "pay.klarna.com",
            "payments.klarna.com",
            "gum.co",
        ],
        ..SITE
    },
    Site {
        hosts: &["monzo.com", "squareup.com", "app.squareup.com"],
        payments: in_full("pay pay-invoice"),
        ..SITE
    },
];
