//! Nothing that was sent comes back in an error, a log line or a file the host keeps.

use interdict_core::wire::Code;
use interdict_tests::subject::Subject as _;
use interdict_tests::subjects::Alike;
use serde_json::json;

const NOW: u32 = 1_795_309_323;
/// Marks that must never come back.
const MARKS: [&str; 4] = [
    "marked-value",
    "marked_field",
    "4111111111111111",
    "4111-1111-1111-1111",
];

fn requests() -> Vec<String> {
    let mut requests = Vec::new();
    for mark in MARKS {
        for kind in ["domain", "iban", "card_acceptor", mark] {
            for value in [
                mark.to_owned(),
                format!("{mark}/x y"),
                format!("http://{mark}"),
            ] {
                let identifier = json!({"kind": kind, "value": value});
                requests.push(json!({"flow": "payout", "identifiers": [identifier]}).to_string());
            }
        }
        requests.push(json!({"flow": mark, "identifiers": []}).to_string());
        requests.push(json!({"flow": "payout", "url": format!("ftp://{mark}/")}).to_string());
        requests.push(json!({"flow": "payout", mark: 1}).to_string());
        requests.push(json!({"flow": "payout", "signals": {mark: 1}}).to_string());
        requests.push(json!({"flow": "payout", "iso8583": {"de2": mark}}).to_string());
        requests
            .push(json!({"flow": "payout", "iso8583": {"de32": mark, "de42": mark}}).to_string());
        requests.push(format!("{{\"flow\":\"payout\",\"{mark}\":"));
        requests.push(mark.to_owned());
        requests.push(format!("{{\"{mark}\":1,\"{mark}\":2}}"));
    }
    requests
}

#[test]
fn no_refusal_repeats_what_was_sent() {
    let mut subject = Alike::new().unwrap();
    for request in requests() {
        for operation in ["screen", "configure", "poll", "supply", "state", "describe"] {
            let answer = subject.call(operation, request.as_bytes(), None, NOW);
            let (code, sentence) = answer
                .unwrap()
                .expect_err("every request here must be refused");
            assert!(Code::ALL.iter().any(|known| known.number() == code));
            assert!(!sentence.is_empty(), "a refusal gives its reason");
            let repeats = MARKS.iter().any(|mark| sentence.contains(mark));
            assert!(!repeats, "{sentence}");
        }
    }
}

#[test]
fn a_refused_line_of_a_batch_is_one_line_that_repeats_nothing() {
    let requests = requests();
    let batch = requests.join("\n");
    let mut subject = Alike::new().unwrap();
    let answers = subject
        .call("screen_batch", batch.as_bytes(), None, NOW)
        .unwrap()
        .unwrap();
    assert_eq!(answers.lines().count(), requests.len());
    for (answer, request) in answers.lines().zip(&requests) {
        assert!(answer.starts_with("{\"error\":"), "{request}: {answer}");
        assert!(!MARKS.iter().any(|mark| answer.contains(mark)), "{answer}");
    }
}
