//! A host that reads no JSON: it writes its messages as text and reads numbers and names alone.

use std::fs;

use interdict_core::wire::Question;
use interdict_helpers::fixtures;
use interdict_host::{Instance, Module};

/// 2026-11-02T06:00:00Z.
const NOW: u32 = 1_793_599_200;

/// What a host that completed its last poll at [`NOW`] saved beside the files.
const HISTORY: &str = "interdict-history-1 se verified=1793599200 polled=1793599200 root=1 timestamp=2 snapshot=2 targets=2 se/merchants=2 check=00ce21a04658b60179c6c44528a5c2e8";

#[test]
fn saved_files_are_loaded_and_merchants_screened_by_numbers_alone() {
    let numbers = screened(HISTORY);
    assert_eq!(numbers, [10, 50]);
}

/// Nobody knows how old such files are: what they miss is not clean, and what they list is listed.
#[test]
fn saved_files_without_their_history_are_degraded() {
    let numbers = screened("none");
    assert_eq!(numbers, [31, 51]);
}

/// The numbers of `flowers.example` and `bücher.example`.
fn screened(history: &str) -> [i32; 2] {
    let generation = fixtures().join("generation");
    let enrolment = fs::read_to_string(generation.join("enrolment.json")).unwrap();
    let mut instance = Instance::new(&Module::built_in().unwrap()).unwrap();
    let configuration = format!(
        r#"{{"coalitions":[{{"enrolment":{enrolment},"history":"{history}"}}],"policy":{{"required":{{"se":["se/merchants"]}}}}}}"#
    );
    call(&mut instance, "configure", &configuration);
    call(
        &mut instance,
        "poll",
        r#"{"coalition":"se","begin":"store"}"#,
    );
    loop {
        let name = instance.walk_text(Question::Name).unwrap();
        if name.is_empty() {
            break;
        }
        let outcome = match fs::read(generation.join("files").join(&name)) {
            Ok(bytes) => {
                instance.file(&bytes).unwrap();
                "bytes"
            }
            Err(_) => "not_found",
        };
        let supply = format!(r#"{{"coalition":"se","name":"{name}","outcome":"{outcome}"}}"#);
        call(&mut instance, "supply", &supply);
    }
    assert_eq!(instance.walk_number(Question::Completed).unwrap(), 1);
    ["flowers.example", "bücher.example"].map(|domain| {
        let request = format!(
            r#"{{"flow":"payout","identifiers":[{{"kind":"domain","value":"{domain}"}}]}}"#
        );
        call(&mut instance, "screen", &request);
        instance.verdict()
    })
}

#[test]
fn what_a_walk_said_is_gone_once_something_else_is_configured() {
    let generation = fixtures().join("generation");
    let enrolment = fs::read_to_string(generation.join("enrolment.json")).unwrap();
    let mut instance = Instance::new(&Module::built_in().unwrap()).unwrap();
    let coalitions = format!(r#"{{"coalitions":[{{"enrolment":{enrolment},"history":"none"}}]}}"#);
    call(&mut instance, "configure", &coalitions);
    let begin = r#"{"coalition":"se","begin":"store"}"#;
    call(&mut instance, "poll", begin);
    assert_ne!(instance.walk_text(Question::Name).unwrap(), "");
    call(&mut instance, "configure", &coalitions);
    for question in [Question::Name, Question::History] {
        assert_eq!(instance.walk_text(question).unwrap(), "");
    }
}

fn call(instance: &mut Instance, operation: &str, message: &str) {
    instance.call(operation, message.as_bytes(), NOW).unwrap();
}
