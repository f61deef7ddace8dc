//! Batches beyond what the module takes in one call, or answers in one.

use interdict_helpers::{NOW, TinyModule, VERDICT};
use interdict_host::{Answer, CallError, Error};

use crate::opened::{open, settings, tiny_settings};

#[test]
fn every_line_has_its_answer_however_many_there_are_and_however_long() {
    let room = tempfile::tempdir().unwrap();
    let gateway = open(settings(room.path())).unwrap();
    let key = format!(r#"{{"receipt_key":"{}"}}"#, "07".repeat(32));
    gateway.call("configure", key.as_bytes(), NOW).unwrap();
    // About 2 KB an answer: more than 64 MiB in all.
    let identifiers = (0..11)
        .map(|index| format!(r#"{{"kind":"domain","value":"a{index}.b.c"}}"#))
        .collect::<Vec<_>>();
    let line = format!(
        "{{\"flow\":\"payout\",\"identifiers\":[{}],\"view\":\"analyst\",\"language\":\"nl\",\"iso8583\":{{\"de42\":\"x\"}}}}\n",
        identifiers.join(",")
    );
    let one_call = gateway.call("screen_batch", line.repeat(32_600).as_bytes(), NOW);
    let one_call = String::from_utf8(one_call.unwrap()).unwrap();
    assert!(one_call.contains("answer_too_large"));
    let lines = line.repeat(32_600) + "\n" + &"{}\n".repeat(400);
    let answers = gateway.screen_batch(lines.as_bytes(), NOW).unwrap();
    assert_eq!(answers.len(), 33_001);
    let refused: Vec<(usize, &str)> = answers
        .iter()
        .enumerate()
        .filter_map(|(line, answer)| match answer {
            Answer::Refused { error } => Some((line, error.name.as_str())),
            Answer::Verdict(_) => None,
        })
        .collect();
    assert_eq!(refused.len(), 401);
    assert_eq!(
        refused[..2],
        [(32_600, "json_syntax"), (32_601, "missing_field")]
    );
    // As the module wrote them, without the number in the batch.
    let one = gateway.batch(b"{}\n{}", NOW).unwrap();
    let texts: Vec<_> = one
        .iter()
        .map(|line| String::from_utf8_lossy(line))
        .collect();
    let plain = |text: &str| text.starts_with("{\"error\"") && !text.contains("\"line\"");
    assert!(texts.iter().all(|text| plain(text)), "{texts:?}");
}

#[test]
fn an_answer_of_another_line_is_no_answer() {
    let room = tempfile::tempdir().unwrap();
    // A module of 1.1 whose verdicts have no number: nobody knows whose they are.
    let module = TinyModule {
        abi_version: (1 << 16) | 1,
        answer: VERDICT.into(),
        ..TinyModule::default()
    };
    let gateway = open(tiny_settings(room.path(), &module)).unwrap();
    assert!(matches!(
        gateway.screen_batch(b"{}", NOW),
        Err(Error::Call(CallError::Answer))
    ));
}
