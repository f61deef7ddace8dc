//! One call to the engine: answers are JSON and always the same; a batch answers like its lines.
#![no_main]

use interdict_core::common::json::parse;
use interdict_core::wire::Operation;
use interdict_fuzz::gateway::{Call, LIMITS};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let Some(call) = Call::read(input) else {
        return;
    };
    let Ok(answer) = call.make() else { return };
    assert_eq!(
        call.make().as_ref(),
        Ok(&answer),
        "another answer the second time"
    );
    if call.operation != Operation::ScreenBatch {
        assert!(parse(&answer, LIMITS).is_ok(), "an answer that is not JSON");
        return;
    }
    let lines = call.message.strip_suffix(b"\n").unwrap_or(call.message);
    let mut answers = answer.split_inclusive(|byte| *byte == b'\n');
    for (number, message) in lines.split(|byte| *byte == b'\n').enumerate() {
        let alone = Call {
            operation: Operation::Screen,
            message,
            ..call
        }
        .make();
        let together = answers.next().expect("an answer for each line");
        match alone {
            Ok(alone) => {
                let members = alone.strip_suffix(b"}").expect("an object");
                let numbered = format!(",\"line\":{number}}}\n");
                assert_eq!(together, [members, numbered.as_bytes()].concat());
            }
            Err(_) => assert!(together.starts_with(br#"{"error":{"#)),
        }
    }
    assert_eq!(answers.next(), None, "more answers than lines");
});
