use crate::engine::{self, DocumentError};
use crate::rules::Pack;
use crate::wire::{
    BATCH_LINE_RESERVE, CallError, Code, Error, HOST_CODES, Question, Refusal, write_refusal,
};

fn number(error: engine::Error) -> i32 {
    Error::from(error).code().number()
}

/// Numbers of the table of codes in `docs/abi.md`.
#[test]
fn a_pack_is_refused_as_a_whole_or_for_a_condition() {
    let rule = |when: &str, weight: i32| {
        let pack = format!(
            r#"{{"format":1,"version":1,"name":"a","rules":[{{"id":"R1","title":"t","direction":"riskier",
                "weight":{weight},"otherwise":0,"calibrated":false,"when":"{when}","source":"s"}}]}}"#
        );
        let error = Pack::parse(pack.as_bytes()).unwrap_err();
        number(engine::Error::Typology(error))
    };
    assert_eq!(rule("prepaid_only", -1), -93);
    for when in ["mcc = 5967", "not listed(domain)", "unheard_of"] {
        assert_eq!(rule(when, 1), -94, "{when}");
    }
    let error = Pack::parse(b"[]").unwrap_err();
    assert_eq!(number(engine::Error::Typology(error)), -93);
}

#[test]
fn each_fault_of_an_override_has_its_own_number_and_place() {
    for (error, wanted) in [
        (DocumentError::Malformed, -90),
        (DocumentError::Expiry, -91),
        (DocumentError::Signatures, -92),
    ] {
        let refused = engine::Error::Override { error, index: 3 };
        assert_eq!(number(refused.clone()), wanted);
        let path = Error::from(refused).path().to_string();
        assert_eq!(path, "overrides[3]");
    }
}

#[test]
fn a_code_is_found_by_its_number_and_has_one_name() {
    for (number, name) in [
        (-1, "bad_pointer"),
        (-17, "unknown_field"),
        (-25, "pan_refused"),
        (-36, "list_rollback"),
        (-77, "trust_too_few_signatures"),
        (-94, "typology_condition"),
    ] {
        let mut codes = Code::ALL.iter().filter(|code| code.number() == number);
        assert_eq!(codes.next().map(|code| code.name()), Some(name));
        assert_eq!(codes.next(), None);
    }
}

#[test]
fn no_code_of_the_module_is_one_of_a_host() {
    assert_eq!(HOST_CODES, -100_000);
    let numbers = Code::ALL.iter().map(|code| code.number());
    assert!(
        numbers
            .clone()
            .all(|number| HOST_CODES < number && number < 0)
    );
    let questions = Question::ALL.iter().map(|question| question.number());
    assert!(questions.eq(1..=7));
}

#[test]
fn the_reserve_of_a_line_holds_the_news_that_its_answer_does_not_fit() {
    let mut line = Vec::new();
    let refusal = Refusal::from(&Error::from(CallError::AnswerTooLarge));
    write_refusal(&refusal, &mut line).unwrap();
    assert!(line.len() + ",\"line\":32767\n".len() <= BATCH_LINE_RESERVE);
}
