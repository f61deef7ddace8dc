//! A host that reads no JSON: it writes its messages as text and reads numbers and names alone.

use std::fs;

use interdict_core::wire::Question;
use interdict_helpers::fixtures;
use interdict_host::{Instance, Module};

/// 2026-11-02T06:00:00Z.
const NOW: u32 = 1_793_599_200;

#[test]
fn saved_files_are_loaded_and_merchants_screened_by_numbers_alone() {
    let generation = fixtures().join("generation");
    let enrolment = fs::read_to_string(generation.join("enrolment.json")).unwrap();
    let mut instance = Instance::new(&Module::built_in().unwrap()).unwrap();
    let configuration = format!(
        r#"{{"coalitions":[{{"enrolment":{enrolment},"history":"none"}}],"policy":{{"required":{{"se":["se/merchants"]}}}}}}"#
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
    for (domain, number) in [("flowers.example", 10), ("bücher.example", 50)] {
        let request = format!(
            r#"{{"flow":"payout","identifiers":[{{"kind":"domain","value":"{domain}"}}]}}"#
        );
        call(&mut instance, "screen", &request);
        assert_eq!(instance.verdict(), number, "{domain}");
    }
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
