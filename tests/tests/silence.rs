//! Nothing that was sent comes back in an answer, an error, a log line or a file the host keeps.

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
fn no_answer_repeats_what_was_sent() {
    let mut subject = Alike::new().unwrap();
    for request in requests() {
        for operation in ["screen", "configure", "poll", "supply", "state", "describe"] {
            let answer = subject.call(operation, request.as_bytes(), None, NOW);
            let text = match answer.unwrap() {
                Ok(answer) => answer,
                Err((code, sentence)) => {
                    assert!(Code::ALL.iter().any(|known| known.number() == code));
                    assert!(!sentence.is_empty(), "a refusal gives its reason");
                    sentence
                }
            };
            let repeats = MARKS.iter().any(|mark| text.contains(mark));
            assert!(!repeats, "{text}");
        }
    }
}

#[test]
fn a_line_of_a_batch_is_answered_by_one_line_that_repeats_nothing() {
    let requests = requests();
    let batch = requests.join("\n");
    let mut subject = Alike::new().unwrap();
    let answers = subject
        .call("screen_batch", batch.as_bytes(), None, NOW)
        .unwrap()
        .unwrap();
    assert_eq!(answers.lines().count(), requests.len());
    for answer in answers.lines() {
        assert!(!MARKS.iter().any(|mark| answer.contains(mark)), "{answer}");
    }
}
