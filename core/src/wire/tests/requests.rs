use super::{NOW, refusal, request};
use crate::common::time::Time;
use crate::engine::{CallerText, Engine, MAX_IDENTIFIERS, Reference, Slot, View};
use crate::rules::Signal;

/// A request for a payout with these members besides.
fn payout(members: &str) -> String {
    format!(r#"{{"flow":"payout",{members}}}"#)
}

const SHOP: &str = r#"{"kind":"domain","value":"shop.example"}"#;

#[test]
fn a_member_that_the_schema_lacks_is_refused_at_its_object() {
    for (members, place) in [
        (r#""identifier":[]"#, ""),
        (r#""Reference":"x""#, ""),
        (r#""signals":{"prepaid":true}"#, "signals"),
        (r#""signals":{"declared_url":[]}"#, "signals"),
        (r#""iso8583":{"de43":"x"}"#, "iso8583"),
        (r#""iso20022":{"cdtr_iban":"x"}"#, "iso20022"),
        (r#""facilitator":{"name":"x"}"#, "facilitator"),
    ] {
        let text = payout(&format!(r#""identifiers":[{SHOP}],{members}"#));
        assert_eq!(refusal(request(&text)), format!("unknown_field at {place}"));
    }
    let scheme = r#"{"kind":"domain","value":"shop.example","scheme":"x"}"#;
    let text = payout(&format!(r#""identifiers":[{SHOP},{scheme}]"#));
    assert_eq!(refusal(request(&text)), "unknown_field at identifiers[1]");
}

#[test]
fn each_fault_of_a_request_has_its_code_and_its_place() {
    for (text, refused) in [
        ("{}".to_owned(), "missing_field at flow"),
        (r#"{"flow":"refund"}"#.to_owned(), "unknown_value at flow"),
        (r#"{"flow":"payout"}"#.to_owned(), "no_identifier at "),
        (
            payout(r#""identifiers":[{"kind":"domains","value":"a.example"}]"#),
            "unknown_kind at identifiers[0].kind",
        ),
        (
            payout(r#""identifiers":[{"kind":"iban"}]"#),
            "missing_field at identifiers[0].value",
        ),
        (
            payout(&format!(r#""identifiers":[{SHOP}],"view":"all""#)),
            "unknown_value at view",
        ),
        (
            payout(&format!(r#""identifiers":[{SHOP}],"language":"de""#)),
            "unknown_value at language",
        ),
        (
            payout(r#""identifiers":[{"kind":"iban","value":1}]"#),
            "wrong_type at identifiers[0].value",
        ),
        (
            payout(&format!(
                r#""identifiers":[{SHOP}],"signals":{{"declared_urls":[1]}}"#
            )),
            "wrong_type at signals.declared_urls[0]",
        ),
    ] {
        assert_eq!(refusal(request(&text)), refused, "{text}");
    }
}

#[test]
fn a_value_that_is_no_identifier_refuses_nothing_in_any_position() {
    for (members, place, rule) in [
        (
            r#""identifiers":[{"kind":"iban","value":"GB82WEST12345698765433"}]"#.to_owned(),
            "identifiers[0].value",
            "iban_check_digits",
        ),
        (
            r#""identifiers":[{"kind":"card_acceptor","value":"412345/SH\u0000OP"}]"#.to_owned(),
            "identifiers[0].value",
            "acceptor_character",
        ),
        (
            r#""iso20022":{"cdtr_acct_iban":"GB82WEST12345698765433"}"#.to_owned(),
            "iso20022.cdtr_acct_iban",
            "iban_check_digits",
        ),
        (
            r#""iso8583":{"de42":"SHOP0001"}"#.to_owned(),
            "iso8583.de42",
            "acquirer_missing",
        ),
        (
            format!(
                r#""identifiers":[{SHOP}],"signals":{{"declared_urls":["https://a.example","a b"]}}"#
            ),
            "signals.declared_urls[1]",
            "host_character",
        ),
    ] {
        let request = request(&payout(&members)).unwrap();
        let (_, unused) = request.unused().last().unwrap();
        let found = (unused.path.to_string(), unused.rule.name());
        assert_eq!(found, (place.to_owned(), rule), "{members}");
    }
}

#[test]
fn the_domain_of_a_payment_host_is_read_as_its_web_address() {
    for domain in ["t.me", "badshop.t.me", "paypal.me", "paypal.com"] {
        let request = |members: String| {
            let request = request(&payout(&members)).unwrap();
            let rules = request
                .unused()
                .map(|(_, unused)| unused.rule.name().to_owned());
            let named = request
                .identifiers()
                .map(|(_, named)| named.text().to_owned());
            rules.chain(named).collect::<Vec<_>>()
        };
        let by_domain = request(format!(
            r#""identifiers":[{{"kind":"domain","value":"{domain}"}}]"#
        ));
        let by_url = request(format!(r#""url":"https://{domain}/""#));
        assert_eq!(by_domain, by_url);
        let expected = match domain {
            "badshop.t.me" => "telegram:badshop",
            "paypal.com" => "paypal.com",
            _ => "names_nobody",
        };
        assert_eq!(by_domain, [expected]);
    }
}

#[test]
fn a_reference_that_may_hold_a_card_number_is_dropped_and_the_screening_goes_on() {
    for (text, dropped) in [
        ("4111 1111 1111 1111", true),
        ("4111    1111    1111    1111", true),
        ("order 5901234123457", true),
        ("order 17", false),
        ("01890a5d-ac96-774b-bcce-b302099a8057", false),
    ] {
        let message = payout(&format!(r#""identifiers":[{SHOP}],"reference":"{text}""#));
        let request = request(&message).unwrap();
        let kept = Reference::new(text).map_or(CallerText::Dropped, CallerText::Kept);
        assert_eq!(request.reference, kept);
        let verdict = Engine::default();
        let verdict = verdict.screen(&request, Time::from_seconds(NOW));
        assert_eq!(verdict.reference_dropped, dropped, "{text}");
        assert_eq!(verdict.reference.is_none(), dropped, "{text}");
        let answer = serde_json::to_string(&verdict).unwrap();
        assert_eq!(answer.contains(text), !dropped, "{answer}");
        assert_eq!(answer.contains("reference_dropped"), dropped, "{answer}");
    }
}

#[test]
fn a_request_has_32_identifiers_at_most() {
    let identifiers = |count| {
        let all = vec![SHOP; count].join(",");
        request(&payout(&format!(r#""identifiers":[{all}]"#)))
    };
    assert_eq!(MAX_IDENTIFIERS, 32);
    assert_eq!(identifiers(32).unwrap().slots.len(), 32);
    assert_eq!(refusal(identifiers(33)), "too_many at identifiers");
}

#[test]
fn a_page_is_declared_if_its_host_is_one_of_those_declared_or_below_one() {
    let page = |url: &str, declared: &str| {
        let url = if url.is_empty() {
            String::new()
        } else {
            format!(r#","url":"{url}""#)
        };
        let identifier = r#"{"kind":"domain","value":"declared.example"}"#;
        let signals = format!(r#""signals":{{"declared_urls":[{declared}]}}"#);
        let text = payout(&format!(r#""identifiers":[{identifier}],{signals}{url}"#));
        let request = request(&text).unwrap();
        request.signals.get(Signal::PaymentPageDeclared)
    };
    let both = r#""https://first.example/a","https://declared.example:8443/b""#;
    assert_eq!(page("https://declared.example/pay", both), Some(1));
    assert_eq!(page("https://first.example", both), Some(1));
    assert_eq!(page("https://pay.declared.example/", both), Some(1));
    assert_eq!(page("https://other.example", both), Some(0));
    assert_eq!(page("https://evildeclared.example", both), Some(0));
    let below = r#""https://pay.declared.example""#;
    assert_eq!(page("https://declared.example", below), Some(0));
    assert_eq!(page("https://declared.example", ""), Some(0));
    // No web address, or one of no use: nothing is known of a page.
    assert_eq!(page("", both), None);
    assert_eq!(page("mailto:a@declared.example", both), None);
    let without = payout(r#""url":"https://declared.example""#);
    let signals = request(&without).unwrap().signals;
    assert_eq!(signals.get(Signal::PaymentPageDeclared), None);
    // An address that cannot be read may be that of the page.
    let unreadable = r#""a b","https://first.example""#;
    assert_eq!(page("https://first.example", unreadable), Some(1));
    assert_eq!(page("https://other.example", unreadable), None);
}

#[test]
fn the_view_is_that_of_a_system_unless_asked_otherwise() {
    for (member, view) in [
        ("", View::System),
        (r#","view":null"#, View::System),
        (r#","view":"system""#, View::System),
        (r#","view":"analyst""#, View::Analyst),
    ] {
        let text = payout(&format!(r#""identifiers":[{SHOP}]{member}"#));
        assert_eq!(request(&text).unwrap().view, view, "{member}");
    }
}

#[test]
fn fields_are_counted_in_the_order_of_the_document() {
    let request = request(&payout(
        r#""facilitator":{"phone":"+46701234567","facilitator_id":"123456","sub_merchant_id":"S1",
            "registration":"5560125790","country":"SE","lei":"5493001KJTIIGC8Y1R12","url":"c.example"},
          "iso20022":{"mrchnt_id":"SHOP0002","acqrr_id":"412345","ultmt_cdtr_lei":"5493001KJTIIGC8Y1R12",
            "cdtr_lei":"5493001KJTIIGC8Y1R12","cdtr_acct_iban":"GB82WEST12345698765432"},
          "iso8583":{"de42":"SHOP0001","de32":"412345"},
          "url":"https://b.example/x",
          "identifiers":[{"kind":"label","value":"shop"},{"kind":"domain","value":"a.example"}]"#,
    ));
    let slots = request.unwrap().slots;
    let kinds = slots.iter().map(|slot| match slot {
        Slot::Identifier(identifier) => identifier.kind().name(),
        Slot::Unused(_) => "unused",
    });
    let wanted = [
        "label",
        "domain",
        "domain",
        "card_acceptor",
        "iban",
        "lei",
        "lei",
        "card_acceptor",
        "sub_merchant",
        "lei",
        "domain",
        "phone",
        "registration",
    ];
    assert!(kinds.eq(wanted), "{slots:?}");
}
