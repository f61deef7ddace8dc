use super::schemes::SCHEMES;
use super::*;
use crate::identifier::{Identifier, Kind, NumericIds};

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
        ("https://cash.app/shoptest", Rule::HANDLE_SCHEME),
        ("telegram:https://cash.app/$shoptest", Rule::HANDLE_NAME),
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
        ("patreon:4111111111111111", Rule::CARD_DATA),
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
fn a_long_number_is_a_name_on_upi_and_where_the_policy_says_so() {
    assert_eq!(text("patreon:4222222222222"), Err(Rule::CARD_DATA));
    assert_eq!(text("telegram: 4111-1111-1111-1111"), Err(Rule::CARD_DATA));
    for upi in [
        "upi:paytmqr281005050101abcd@paytm",
        "upi:4111111111111111@bank",
        "UPI:919876543210@bank",
    ] {
        assert!(text(upi).is_ok(), "{upi}");
    }
}

#[test]
fn a_link_is_the_name_it_leads_to() {
    for (link, name) in [
        ("https://t.me/badshop", "telegram:badshop"),
        ("https://t.me/BadShop?start=x", "telegram:badshop"),
        ("http://www.telegram.me/badshop/", "telegram:badshop"),
        ("telegram.dog/badshop#x", "telegram:badshop"),
        ("https://t.me/s/badshop/123?before=9", "telegram:badshop"),
        ("https://badshop.t.me/", "telegram:badshop"),
        ("tg://resolve?domain=badshop&start=x", "telegram:badshop"),
        ("TG:resolve?domain=badshop", "telegram:badshop"),
        ("https://t.me/%62adshop", "telegram:badshop"),
        ("https://t.me/goodshop/..\\.//badshop", "telegram:badshop"),
        ("https://t.me/../s/%2e%2e/badshop", "telegram:badshop"),
        ("https://cash.app/$BadShop/25.00", "cash_app:badshop"),
        ("https://cash.app/%24badshop?qr=1", "cash_app:badshop"),
        ("https://paypal.me/BadShop/25EUR", "paypal_me:badshop"),
        (
            "https://www.paypal.com/paypalme/badshop/5",
            "paypal_me:badshop",
        ),
        ("https://account.venmo.com/u/Bad-Shop", "venmo:bad-shop"),
        ("https://revolut.me/badshop", "revolut:badshop"),
        ("https://monzo.me/bad-shop/5?d=x", "monzo_me:bad-shop"),
        ("https://wise.com/pay/me/badshop", "wise:badshop"),
        (
            "https://buy.stripe.com/9AQaBc?prefilled_email=x",
            "stripe_link:9AQaBc",
        ),
        ("https://donate.stripe.com/9AQaBc", "stripe_link:9AQaBc"),
        ("https://buy.stripe.com/test_9AQ/", "stripe_link:test_9AQ"),
        ("https://square.link/u/AbCd", "square_link:AbCd"),
        ("https://ko-fi.com/badshop", "ko_fi:badshop"),
        ("https://www.patreon.com/c/badshop/posts", "patreon:badshop"),
        ("https://m.patreon.com/badshop", "patreon:badshop"),
        (
            "https://buymeacoffee.com/bad.shop",
            "buy_me_a_coffee:bad.shop",
        ),
        ("https://onlyfans.com/bad.shop", "onlyfans:bad.shop"),
        // A post: the account comes second.
        ("https://onlyfans.com/123456789/badshop", "onlyfans:badshop"),
        ("https://onlyfans.com/badshop/media", "onlyfans:badshop"),
        ("https://onlyfans.com/u123456", "onlyfans:u123456"),
        ("https://www.patreon.com/cw/badshop", "patreon:badshop"),
        ("https://cash.me/$BadShop", "cash_app:badshop"),
        ("https://venmo.com/BadShop", "venmo:badshop"),
        (
            "https://venmo.com/badshop?txn=pay&amount=5",
            "venmo:badshop",
        ),
        (
            "https://venmo.com/?txn=pay&recipients=BadShop&amount=5",
            "venmo:badshop",
        ),
        (
            "https://account.venmo.com/payment-link?recipients=%2Cbadshop&txn=pay",
            "venmo:badshop",
        ),
        (
            "https://account.venmo.com/pay?txn=pay&recipients=badshop",
            "venmo:badshop",
        ),
        (
            "venmo://paycharge?txn=pay&recipients=badshop",
            "venmo:badshop",
        ),
        (
            "https://www.paypal.com/us/paypalme/badshop",
            "paypal_me:badshop",
        ),
        ("https://web.telegram.org/k/#@BadShop", "telegram:badshop"),
        ("https://web.telegram.org/a/#@badshop/7", "telegram:badshop"),
        (
            "https://web.telegram.org/#/im?p=@badshop",
            "telegram:badshop",
        ),
        (
            "https://web.telegram.org/k/#?tgaddr=tg%3A%2F%2Fresolve%3Fdomain%3Dbadshop%26post%3D1",
            "telegram:badshop",
        ),
        ("https://linktr.ee/Bad.Shop?x=1", "linktree:bad.shop"),
        ("https://link.me/badshop", "link_me:badshop"),
        ("upi://pay?pa=Bad.Shop@bank&am=5", "upi:bad.shop@bank"),
    ] {
        let url = Identifier::from_url(link).map(|handle| handle.text().to_owned());
        assert_eq!(url.as_deref(), Ok(name), "{link}");
        assert_eq!(text(link).as_deref(), Ok(name), "{link}");
        let (scheme, _) = name.split_once(':').expect("a scheme");
        assert_eq!(
            text(&format!("{scheme}: {link}")).as_deref(),
            Ok(name),
            "{link}"
        );
    }
    for link in [
        "https://wa.me/46846500404?text=hi",
        "https://wa.me/c/46846500404",
        "https://wa.me/p/123456/46846500404",
        "https://api.whatsapp.com/send?phone=46846500404",
        "https://web.whatsapp.com/send/?text=hi&phone=%2B46846500404",
        "whatsapp://send?phone=+46846500404",
    ] {
        let phone = Identifier::from_url(link).map(|phone| phone.text().to_owned());
        assert_eq!(phone.as_deref(), Ok("+46846500404"), "{link}");
    }
}

#[test]
fn an_address_of_a_payment_host_that_names_nobody_is_no_clean_domain() {
    for link in [
        "https://t.me/",
        "t.me",
        "https://t.me/+AbCdEf123",
        "https://t.me/joinchat/AbCdEf123",
        "https://t.me/share/url?url=shop.example",
        "https://t.me/c/12345/6",
        "https://www.telegram.me?start=x",
        "https://cash.app/help",
        "https://paypal.me",
        "https://buy.stripe.com/",
        "https://square.link/",
        "https://ko-fi.com/explore",
        "https://www.patreon.com/posts/12345",
        "https://patreon.com/user?u=12345",
        "https://onlyfans.com/my",
        "https://wa.me/message/ABCDEF",
        "tg://resolve?phone=12345",
        "upi://pay?am=5",
    ] {
        assert_eq!(nobody(link), Ok(()), "{link}");
    }
}

/// Whether nobody is named, or who is.
fn nobody(link: &str) -> Result<(), String> {
    match Identifier::from_url(link).map_err(|error| (error.kind(), error.rule())) {
        Err((Kind::Handle, Rule::NAMES_NOBODY)) => Ok(()),
        read => Err(format!("{:?}", read.map(|named| named.text().to_owned()))),
    }
}

#[test]
fn a_word_of_the_platform_is_nobodys_name_so_two_merchants_are_not_one() {
    for link in [
        "https://buy.stripe.com/c/pay/cs_live_AAA",
        "https://buy.stripe.com/c/pay/cs_live_BBB",
        "https://buy.stripe.com/b/9AQaBc",
        "https://buy.stripe.com/c",
        "https://donate.stripe.com/9AQaBc/x",
        "https://onlyfans.com/123456789",
        "https://onlyfans.com/action/trial/x",
        "https://onlyfans.com/usc2257",
        "https://www.patreon.com/profile/creators?u=123",
        "https://www.patreon.com/posts/a-title-123",
        "https://www.patreon.com/user/posts?u=1",
        "https://www.patreon.com/bePatron?u=123",
        "https://www.patreon.com/c/posts",
        "https://www.patreon.com/join/",
        "https://ko-fi.com/supporter/abc",
        "https://ko-fi.com/s/0123abcd",
        "https://ko-fi.com/Home/CoffeeShop?txid=1",
        "https://buymeacoffee.com/p/123",
        "https://paypal.me/my/profile",
        "https://www.paypal.com/paypalme/my/landing",
        "https://www.paypal.com/paypalme/",
        "https://t.me/s/joinchat",
        "https://share.t.me/x",
        "https://a.badshop.t.me/",
        "https://linktr.ee/s/about",
        "https://linktr.ee/discover",
        "https://wa.me/qr/ABCDEF",
        "https://cash.app/app/ABCDEF",
    ] {
        assert_eq!(nobody(link), Ok(()), "{link}");
    }
}

#[test]
fn a_page_for_payments_that_names_nobody_is_no_clean_domain() {
    for link in [
        "https://venmo.com/code?user_id=123&created=1",
        "https://venmo.com/?txn=pay&recipients=a@shop.example",
        "https://venmo.com/?recipients=badshop&recipients=another",
        "https://account.venmo.com/pay",
        "https://venmo.com/u/",
        "https://web.telegram.org/",
        "https://web.telegram.org/k/#-1001234",
        "https://web.whatsapp.com/",
        "https://chat.whatsapp.com/AbCdEf",
        "https://checkout.stripe.com/c/pay/cs_live_AAA",
        "https://invoice.stripe.com/i/acct_1/live_x",
        "https://pay.stripe.com/receipts/x",
        "https://billing.stripe.com/p/login/x",
        "https://www.paypal.com/donate?hosted_button_id=ABC",
        "https://www.paypal.com/donate/?business=ABC",
        "https://www.paypal.com/ncp/payment/ABC",
        "https://www.paypal.com/cgi-bin/webscr?cmd=_xclick&business=a",
        "https://www.paypal.com/us/cgi-bin/webscr?cmd=_xclick",
        "https://www.paypal.com/invoice/p/#ABC",
        "https://www.paypal.com/checkoutnow?token=EC-1",
        "https://www.paypal.com/webapps/hermes?token=EC-1",
        "https://www.paypal.com/paypalme/bad-shop",
        "https://checkout.square.site/merchant/ML1/checkout/AB",
        "https://squareup.com/pay-invoice/x",
        "https://square.link/a/x",
        "https://monzo.com/pay/r/bad-shop_x",
        "https://wise.com/pay/r/abc",
        "https://checkout.revolut.com/pay/x",
        "https://pay.klarna.com/x",
        "https://gumroad.com/l/abc",
        "https://gum.co/abc",
        "https://gumroad.com/4111111111111111",
    ] {
        assert_eq!(nobody(link), Ok(()), "{link}");
    }
}

#[test]
fn a_host_with_a_business_of_its_own_is_a_domain_where_its_path_names_nobody() {
    for (url, host) in [
        ("https://www.paypal.com/signin", "www.paypal.com"),
        ("https://paypal.com/", "paypal.com"),
        ("https://www.paypal.com/us/home", "www.paypal.com"),
        ("https://venmo.com/", "venmo.com"),
        ("https://venmo.com/legal/us-user-agreement/", "venmo.com"),
        ("https://help.venmo.com/code", "help.venmo.com"),
        ("https://wise.com/gb/", "wise.com"),
        ("https://telegram.org/#@badshop", "telegram.org"),
        ("https://monzo.com/", "monzo.com"),
        ("https://squareup.com/us/en", "squareup.com"),
        ("https://shop.square.site/buy/1", "shop.square.site"),
        ("https://gumroad.com/", "gumroad.com"),
        ("https://gumroad.com/discover", "gumroad.com"),
        ("https://gumroad.com/BadShop", "badshop.gumroad.com"),
        ("https://badshop.gumroad.com/l/x", "badshop.gumroad.com"),
        ("https://shop.example/c/pay/cs_live_AAA", "shop.example"),
        ("https://paypal.com.example/donate", "paypal.com.example"),
        ("https://stripe.com/payments", "stripe.com"),
        ("https://xt.me/badshop", "xt.me"),
        ("https://t.me.example/badshop", "t.me.example"),
    ] {
        let read = Identifier::from_url(url).map(|host| (host.kind(), host.text().to_owned()));
        assert_eq!(read, Ok((Kind::Domain, host.to_owned())), "{url}");
    }
}

#[test]
fn a_domain_is_asked_as_its_web_address_is_and_listed_as_it_is_written() {
    let asked = |value: &str| Identifier::asked(Kind::Domain, value, NumericIds::Nowhere);
    for (written, kind, text) in [
        ("badshop.t.me", Kind::Handle, "telegram:badshop"),
        ("Paypal.com", Kind::Domain, "paypal.com"),
        ("stripe.com", Kind::Domain, "stripe.com"),
        ("telegram.org", Kind::Domain, "telegram.org"),
        ("shop.square.site", Kind::Domain, "shop.square.site"),
        ("www.shop.example", Kind::Domain, "www.shop.example"),
        ("[2001:db8::1]", Kind::Domain, "[2001:db8::1]"),
        ("192.0.2.1", Kind::Domain, "192.0.2.1"),
    ] {
        let read = asked(written).map(|read| (read.kind(), read.text().to_owned()));
        assert_eq!(read, Ok((kind, text.to_owned())), "{written}");
    }
    for host in link::hosts().filter(|host| !host.ends_with(':')) {
        let listed = Identifier::parse(Kind::Domain, host).expect("a domain");
        assert_eq!((listed.kind(), listed.text()), (Kind::Domain, host));
        for before in ["", "www.", "m.", "shop.", "www.shop."] {
            let written = format!("{before}{host}");
            let by_address = Identifier::from_url(&written);
            assert_eq!(asked(&written), by_address, "{written}");
        }
    }
    let rule = |value| asked(value).map_err(|error| error.rule());
    assert_eq!(rule("t.me"), Err(Rule::NAMES_NOBODY));
    assert_eq!(rule("www.t.me"), Err(Rule::NAMES_NOBODY));
    assert_eq!(rule("t.me/badshop"), Err(Rule::URL_NOT_HOST));
}

#[test]
fn every_host_of_links_is_named_in_the_document() {
    let document = include_str!("../../../../../docs/identifiers.md");
    for host in link::hosts() {
        assert!(document.contains(&format!("`{host}")), "{host}");
    }
    for scheme in &SCHEMES {
        assert!(
            document.contains(&format!("\n| `{}` | ", scheme.name)),
            "{}",
            scheme.name
        );
    }
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
