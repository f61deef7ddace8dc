use serde_json::Value;

use super::{NOW, request};
use crate::common::schema::read;
use crate::common::time::Time;
use crate::engine::Engine;
use crate::list::Action;
use crate::wire::{
    Facts, MAX_BATCH, MAX_BATCH_LINES, MAX_CONFIGURE, MAX_MESSAGE, Operation, call, configure,
    screen, verdict_number,
};

/// The answer, or the name of the code.
fn answer(operation: Operation, input: &[u8], now: u32) -> Result<Vec<u8>, &'static str> {
    let (mut engine, mut out) = (Engine::default(), Vec::new());
    let called = call(&mut engine, operation, input, None, now, &mut out);
    called.map(|_| out).map_err(|error| error.code().name())
}

fn json(operation: Operation, input: &str) -> Value {
    serde_json::from_slice(&answer(operation, input.as_bytes(), NOW).unwrap()).unwrap()
}

fn lines(batch: &[u8]) -> Vec<Value> {
    let answer = answer(Operation::ScreenBatch, batch, NOW).unwrap();
    let text = String::from_utf8(answer).unwrap();
    assert!(text.ends_with('\n'), "every line ends");
    let lines = text.lines().map(serde_json::from_str);
    lines.collect::<Result<_, _>>().unwrap()
}

const SHOP: &str = r#"{"flow":"payout","identifiers":[{"kind":"domain","value":"shop.example"}]}"#;

/// The text, with spaces up to this size.
fn padded(text: &str, size: usize) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    bytes.resize(size, b' ');
    bytes
}

/// The sizes of `docs/abi.md`: 64 KiB, `configure` 4 MiB, `screen_batch` 16 MiB.
#[test]
fn each_operation_takes_its_largest_message_and_not_a_byte_more() {
    assert_eq!(
        [MAX_MESSAGE, MAX_CONFIGURE, MAX_BATCH],
        [64 << 10, 4 << 20, 16 << 20]
    );
    for (operation, text, size) in [
        (Operation::Screen, SHOP, MAX_MESSAGE),
        (Operation::State, "{}", MAX_MESSAGE),
        (Operation::Describe, "{}", MAX_MESSAGE),
        (Operation::Configure, "{}", MAX_CONFIGURE),
    ] {
        let most = answer(operation, &padded(text, size), NOW);
        assert!(most.is_ok(), "{operation:?}: {most:?}");
        let more = answer(operation, &padded(text, size + 1), NOW);
        assert_eq!(more, Err("message_too_large"), "{operation:?}");
    }
    for operation in [Operation::Poll, Operation::Supply] {
        let more = answer(operation, &padded("{}", MAX_MESSAGE + 1), NOW);
        assert_eq!(more, Err("message_too_large"), "{operation:?}");
    }
    let line = padded(SHOP, MAX_MESSAGE);
    let mut batch = [line.as_slice(); 255].join(&b'\n');
    batch.resize(MAX_BATCH, b' ');
    assert!(answer(Operation::ScreenBatch, &batch, NOW).is_ok());
    batch.push(b' ');
    let more = answer(Operation::ScreenBatch, &batch, NOW);
    assert_eq!(more, Err("message_too_large"));
}

#[test]
fn a_batch_answers_every_line_in_order_and_a_refused_one_by_its_error() {
    let large = String::from_utf8(padded(SHOP, MAX_MESSAGE + 1)).unwrap();
    let misspelt =
        r#"{"flow":"payout","identifiers":[{"kind":"domain","value":"shop.example","valeu":"x"}]}"#;
    let batch = [SHOP, "", misspelt, &large, "nonsense", SHOP].join("\n");
    for batch in [batch.clone(), batch + "\n"] {
        let answers = lines(batch.as_bytes());
        let told = answers.iter().map(|answer| {
            let action = answer["action"].as_str();
            action.or(answer["error"]["name"].as_str()).unwrap()
        });
        let wanted = [
            "review",
            "json_syntax",
            "unknown_field",
            "message_too_large",
            "json_syntax",
            "review",
        ];
        assert!(told.eq(wanted), "{answers:?}");
        assert_eq!(answers[2]["error"]["code"], -17);
        assert_eq!(answers[2]["error"]["path"], "identifiers[0]");
        assert!(!answers[2].to_string().contains("valeu"));
        let numbers = answers
            .iter()
            .map(|answer| answer["line"].as_u64().unwrap());
        assert!(numbers.eq(0..6), "{answers:?}");
    }
    assert_eq!(lines(b"").len(), 1, "an empty line is a line");
    assert_eq!(lines(b"\n").len(), 1);
    assert_eq!(lines(b"\n\n").len(), 2);
}

#[test]
fn a_clock_outside_2024_to_2100_is_refused_by_every_operation_that_takes_one() {
    let supply = r#"{"coalition":"se","name":"a","outcome":"failed"}"#;
    for (operation, text) in [
        (Operation::Configure, "{}"),
        (Operation::Poll, r#"{"coalition":"se"}"#),
        (Operation::Supply, supply),
        (Operation::Screen, SHOP),
        (Operation::ScreenBatch, SHOP),
        (Operation::State, "{}"),
    ] {
        for (now, inside) in [
            (0, false),
            (1_704_067_199, false),
            (1_704_067_200, true),
            (4_102_444_799, true),
            (4_102_444_800, false),
            (u32::MAX, false),
        ] {
            let found = answer(operation, text.as_bytes(), now);
            let refused = found == Err("time_out_of_range");
            assert_eq!(refused, !inside, "{operation:?} at {now}: {found:?}");
        }
    }
}

#[test]
fn state_and_describe_refuse_what_they_do_not_know() {
    for operation in [Operation::State, Operation::Describe] {
        let found = answer(operation, br#"{"coalitions":true}"#, NOW);
        assert_eq!(found, Err("unknown_field"), "{operation:?}");
    }
}

#[test]
fn describe_reads_the_domain_of_a_payment_host_as_a_request_does() {
    let domain =
        |value: &str| format!(r#"{{"identifiers":[{{"kind":"domain","value":"{value}"}}]}}"#);
    let described = json(Operation::Describe, &domain("badshop.t.me"));
    assert_eq!(described["identifiers"][0]["text"], "telegram:badshop");
    let refused = answer(Operation::Describe, domain("t.me").as_bytes(), NOW);
    assert_eq!(refused, Err("identifier_invalid"));
}

#[test]
fn describe_answers_what_was_asked_and_the_address_after_the_identifiers() {
    assert!(json(Operation::Describe, "{}").get("typologies").is_none());
    for (asked, told) in [("null", false), ("false", false), ("true", true)] {
        let text = format!(r#"{{"typologies":{asked}}}"#);
        let found = json(Operation::Describe, &text);
        assert_eq!(found.get("typologies").is_some(), told, "{asked}");
    }
    let found = json(
        Operation::Describe,
        r#"{"url":"https://pay.shop.example/x","identifiers":[{"kind":"lei","value":"5493001KJTIIGC8Y1R12"},
            {"kind":"domain","value":"a.example"}]}"#,
    );
    let texts = found["identifiers"].as_array().unwrap().iter();
    let texts: Vec<_> = texts.map(|one| one["text"].as_str().unwrap()).collect();
    assert_eq!(
        texts,
        ["5493001KJTIIGC8Y1R12", "a.example", "pay.shop.example"]
    );
}

#[test]
fn a_batch_has_32768_lines_at_most() {
    let most = b"{}\n".repeat(MAX_BATCH_LINES);
    assert_eq!(lines(&most).len(), 32_768);
    for more in [&b"\n"[..], b"{}"] {
        let batch = [&most, more].concat();
        let found = answer(Operation::ScreenBatch, &batch, NOW);
        assert_eq!(found, Err("too_many"));
    }
}

#[test]
fn a_degraded_allow_has_no_number_and_only_screen_has_one() {
    let number = |operation, flow: &str| {
        let request = SHOP.replace("payout", flow);
        let (mut engine, mut out) = (Engine::default(), Vec::new());
        let input = request.as_bytes();
        let facts = call(&mut engine, operation, input, None, NOW, &mut out).unwrap();
        let Facts::Verdict(number) = facts else {
            return None;
        };
        let verdict: Value = serde_json::from_slice(&out).unwrap();
        Some((verdict["action"].as_str().unwrap().to_owned(), number))
    };
    let degraded = |action: &str, number| Some((action.to_owned(), number));
    assert_eq!(number(Operation::Screen, "payout"), degraded("review", 31));
    assert_eq!(
        number(Operation::Screen, "authorisation"),
        degraded("monitor", 21)
    );
    assert_eq!(number(Operation::ScreenBatch, "payout"), None);
    // Nobody who reads only the number may take a degraded `allow` for a pass.
    let engine = Engine::default();
    let asked = request(SHOP).unwrap();
    let mut verdict = engine.screen(&asked, Time::from_seconds(NOW));
    verdict.action = Action::Allow;
    assert_eq!(verdict_number(&verdict), 60);
}

#[test]
fn a_verdict_is_written_as_its_type_says_whatever_follows_its_receipt() {
    let mut engine = Engine::default();
    for configuration in [
        "{}".to_owned(),
        format!(r#"{{"receipt_key":"{}"}}"#, "11".repeat(32)),
    ] {
        let message = read(configuration.as_bytes(), MAX_CONFIGURE).unwrap();
        configure(&mut engine, &message, NOW).unwrap();
        for reference in [
            "",
            r#","reference":"A-1""#,
            r#","reference":"4111111111111111""#,
        ] {
            let open = SHOP.strip_suffix('}').unwrap();
            let text = format!("{open}{reference}}}");
            let message = read(text.as_bytes(), MAX_MESSAGE).unwrap();
            let verdict = screen(&engine, &message, NOW).unwrap();
            let expected = serde_json::to_string(&verdict).unwrap();
            let mut out = Vec::new();
            call(
                &mut engine,
                Operation::Screen,
                text.as_bytes(),
                None,
                NOW,
                &mut out,
            )
            .unwrap();
            assert_eq!(String::from_utf8(out).unwrap(), expected);
        }
    }
}
