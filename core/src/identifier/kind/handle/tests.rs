use super::schemes::SCHEMES;
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
        ("https://square.link/u/AbCd", "square_link:AbCd"),
        ("https://ko-fi.com/badshop", "ko_fi:badshop"),
        ("https://www.patreon.com/c/badshop/posts", "patreon:badshop"),
        ("https://m.patreon.com/badshop", "patreon:badshop"),
        (
            "https://buymeacoffee.com/bad.shop",
            "buy_me_a_coffee:bad.shop",
        ),
        ("https://onlyfans.com/bad.shop", "onlyfans:bad.shop"),
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
    let phone = Identifier::from_url("https://wa.me/46846500404?text=hi");
    assert_eq!(
        phone.map(|phone| phone.text().to_owned()).as_deref(),
        Ok("+46846500404")
    );
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
        let read = Identifier::from_url(link).map_err(|error| (error.kind(), error.rule()));
        assert_eq!(read, Err((Kind::Handle, Rule::NAMES_NOBODY)), "{link}");
    }
}

#[test]
fn a_host_with_a_business_of_its_own_is_a_domain_where_its_path_names_nobody() {
    for (url, host) in [
        ("https://www.paypal.com/signin", "www.paypal.com"),
        ("https://venmo.com/", "venmo.com"),
        ("https://wise.com/gb/", "wise.com"),
        ("https://stripe.com/payments", "stripe.com"),
        ("https://xt.me/badshop", "xt.me"),
        ("https://t.me.example/badshop", "t.me.example"),
    ] {
        let read = Identifier::from_url(url).map(|host| (host.kind(), host.text().to_owned()));
        assert_eq!(read, Ok((Kind::Domain, host.to_owned())), "{url}");
    }
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
