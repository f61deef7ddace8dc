use super::request;
use crate::engine::{Request, Slot};
use crate::identifier::{Identifier, Kind};
use crate::rules::Signal;
use crate::wire::Error;

fn read(blocks: &str) -> Result<Request, Error> {
    let text = format!(
        r#"{{"flow":"payout","identifiers":[{{"kind":"domain","value":"shop.example"}}],{blocks}}}"#
    );
    request(&text)
}

/// The field that the block yields, after that of `identifiers`.
fn only(blocks: &str) -> Slot {
    let mut slots = read(blocks).unwrap().slots;
    assert_eq!(slots.len(), 2, "{blocks}");
    slots.remove(1)
}

#[test]
fn each_field_or_pair_of_fields_yields_the_identifier_of_the_document() {
    for (block, kind, value) in [
        (
            r#""url":"https://user@b.example:444/p?q#f""#,
            Kind::Domain,
            "b.example",
        ),
        (
            r#""iso8583":{"de32":"412345","de42":"SHOP0001"}"#,
            Kind::CardAcceptor,
            "412345/SHOP0001",
        ),
        (
            r#""iso20022":{"cdtr_acct_iban":"GB82WEST12345698765432"}"#,
            Kind::Iban,
            "GB82WEST12345698765432",
        ),
        (
            r#""iso20022":{"cdtr_lei":"5493001KJTIIGC8Y1R12"}"#,
            Kind::Lei,
            "5493001KJTIIGC8Y1R12",
        ),
        (
            r#""iso20022":{"ultmt_cdtr_lei":"5493001KJTIIGC8Y1R12"}"#,
            Kind::Lei,
            "5493001KJTIIGC8Y1R12",
        ),
        (
            r#""iso20022":{"acqrr_id":"412345","mrchnt_id":"SHOP0001"}"#,
            Kind::CardAcceptor,
            "412345/SHOP0001",
        ),
        (
            r#""facilitator":{"facilitator_id":"123456","sub_merchant_id":"S1"}"#,
            Kind::SubMerchant,
            "123456/S1",
        ),
        (
            r#""facilitator":{"lei":"5493001KJTIIGC8Y1R12"}"#,
            Kind::Lei,
            "5493001KJTIIGC8Y1R12",
        ),
        (
            r#""facilitator":{"url":"c.example/x"}"#,
            Kind::Domain,
            "c.example",
        ),
        (
            r#""facilitator":{"phone":"+46701234567"}"#,
            Kind::Phone,
            "+46701234567",
        ),
        (
            r#""facilitator":{"country":"SE","registration":"5560125790"}"#,
            Kind::Registration,
            "SE/5560125790",
        ),
    ] {
        let Slot::Identifier(found) = only(block) else {
            panic!("{block}");
        };
        assert_eq!(found, Identifier::parse(kind, value).unwrap(), "{block}");
    }
}

#[test]
fn a_field_of_no_use_keeps_its_place_and_says_why() {
    for (block, place, rule) in [
        (
            r#""iso8583":{"de42":"SHOP0001"}"#,
            "iso8583.de42",
            "acquirer_missing",
        ),
        (
            r#""iso20022":{"mrchnt_id":"SHOP0001"}"#,
            "iso20022.mrchnt_id",
            "acquirer_missing",
        ),
        (
            r#""iso20022":{"cdtr_acct_iban":"GB82WEST12345698765433"}"#,
            "iso20022.cdtr_acct_iban",
            "iban_check_digits",
        ),
    ] {
        let Slot::Unused(unused) = only(block) else {
            panic!("{block}");
        };
        let found = (unused.path.to_string(), unused.rule.name());
        assert_eq!(found, (place.to_owned(), rule));
    }
    for (block, place) in [
        (r#""url":"mailto:shop@b.example""#, "url"),
        (r#""iso8583":{"de32":"412345"}"#, "iso8583.de32"),
        (r#""iso8583":{"de32":"","de42":""}"#, "iso8583"),
        (r#""iso20022":{"acqrr_id":"412345"}"#, "iso20022.acqrr_id"),
        (
            r#""facilitator":{"facilitator_id":"123456"}"#,
            "facilitator.facilitator_id",
        ),
        (
            r#""facilitator":{"sub_merchant_id":"S1"}"#,
            "facilitator.sub_merchant_id",
        ),
        (
            r#""facilitator":{"registration":"5560125790"}"#,
            "facilitator.registration",
        ),
        (r#""facilitator":{"lei":"x"}"#, "facilitator.lei"),
        (r#""facilitator":{"phone":"112"}"#, "facilitator.phone"),
        (r#""facilitator":{"url":"a b"}"#, "facilitator.url"),
    ] {
        let Slot::Unused(unused) = only(block) else {
            panic!("{block}");
        };
        assert_eq!(unused.path.to_string(), place);
    }
}

#[test]
fn a_country_alone_names_nobody_and_is_not_reported() {
    for country in ["SE", "se", "nowhere"] {
        let block = format!(r#""facilitator":{{"country":"{country}"}}"#);
        assert_eq!(read(&block).unwrap().slots.len(), 1, "{country}");
    }
}

#[test]
fn a_card_number_in_a_field_with_a_form_of_its_own_is_no_value_of_that_form() {
    let Slot::Identifier(host) = only(r#""url":"https://b.example/4111111111111111""#) else {
        panic!("only the host is read")
    };
    assert_eq!(host.text(), "b.example");
    for (block, rule) in [
        (
            r#""iso8583":{"de42":"4111111111111111","de32":"412345"}"#,
            "acceptor_too_long",
        ),
        (
            r#""iso20022":{"cdtr_acct_iban":"4111111111111111"}"#,
            "iban_format",
        ),
        (
            r#""facilitator":{"phone":"4111111111111111"}"#,
            "phone_international",
        ),
        (
            r#""facilitator":{"country":"SE","registration":"4111 1111 1111 1111"}"#,
            "registration_format",
        ),
    ] {
        let Slot::Unused(unused) = only(block) else {
            panic!("{block}");
        };
        assert_eq!(unused.rule.name(), rule, "{block}");
    }
}

#[test]
fn an_absent_partner_is_told_from_a_value_of_no_use() {
    for (block, incomplete) in [
        (r#""iso8583":{"de42":"SHOP0001"}"#, true),
        (r#""iso8583":{"de32":"412345"}"#, true),
        (r#""iso8583":{"de32":"","de42":"SHOP0001"}"#, true),
        (r#""iso20022":{"mrchnt_id":"SHOP0001"}"#, true),
        (r#""facilitator":{"sub_merchant_id":"S1"}"#, true),
        (r#""facilitator":{"facilitator_id":"123456"}"#, true),
        (r#""iso8583":{"de32":"41234X","de42":"SHOP0001"}"#, false),
        (r#""iso8583":{"de32":"412345","de42":"SH\u0000OP"}"#, false),
        (r#""facilitator":{"registration":"5560125790"}"#, false),
        (r#""facilitator":{"lei":"x"}"#, false),
    ] {
        let Slot::Unused(unused) = only(block) else {
            panic!("{block}");
        };
        assert_eq!(unused.rule.is_incomplete(), incomplete, "{block}");
    }
}

#[test]
fn fields_that_say_who_is_paid_are_told_from_the_others() {
    let naming = |block: &str| {
        let request = read(block).unwrap();
        let kind = match &request.slots[1] {
            Slot::Identifier(identifier) => identifier.kind(),
            Slot::Unused(unused) => unused.kind.unwrap(),
        };
        request.is_naming(1, kind)
    };
    for (block, expected) in [
        (r#""url":"https://b.example""#, true),
        (r#""url":"a b""#, true),
        (r#""iso8583":{"de32":"412345","de42":"SHOP0001"}"#, true),
        (r#""iso8583":{"de32":"412345","de42":"SH\u0000OP"}"#, true),
        (
            r#""iso20022":{"cdtr_acct_iban":"GB82WEST12345698765432"}"#,
            true,
        ),
        (r#""iso20022":{"cdtr_lei":"5493001KJTIIGC8Y1R12"}"#, false),
        (
            r#""facilitator":{"facilitator_id":"123456","sub_merchant_id":"S1"}"#,
            true,
        ),
        (r#""facilitator":{"url":"https://b.example"}"#, false),
        (r#""facilitator":{"url":"a b"}"#, false),
        (r#""facilitator":{"phone":"112"}"#, false),
        (
            r#""facilitator":{"country":"US","registration":"1"}"#,
            false,
        ),
        (r#""signals":{"declared_urls":["a b"]}"#, false),
    ] {
        assert_eq!(naming(block), expected, "{block}");
    }
}

#[test]
fn whether_the_merchant_is_named_is_known_only_of_a_facilitator() {
    let named = |block: &str| {
        let signals = read(block).unwrap().signals;
        signals.get(Signal::SubMerchantNamed)
    };
    for (block, known) in [
        (r#""url":"https://b.example""#, None),
        (r#""facilitator":{}"#, None),
        (r#""facilitator":{"sub_merchant_id":"S1"}"#, None),
        (r#""facilitator":{"facilitator_id":"123456"}"#, Some(0)),
        (
            r#""facilitator":{"facilitator_id":"123456","sub_merchant_id":null}"#,
            Some(0),
        ),
        (
            r#""facilitator":{"facilitator_id":"123456","sub_merchant_id":"S1"}"#,
            Some(1),
        ),
    ] {
        assert_eq!(named(block), known, "{block}");
    }
}
