use super::{message, refusal, told};
use crate::engine::{Delivery, WalkRequest};
use crate::trust::Source;
use crate::wire::walk_messages::{poll, supply};

fn walk(text: &str) -> Option<WalkRequest> {
    let message = message(text);
    let (coalition, walk) = poll(&message).unwrap();
    assert_eq!(coalition, "se");
    walk
}

#[test]
fn poll_begins_an_update_or_a_target_or_nothing() {
    assert_eq!(walk(r#"{"coalition":"se"}"#), None);
    for (word, source) in [("store", Source::Store), ("repository", Source::Repository)] {
        let begin = format!(r#"{{"coalition":"se","begin":"{word}"}}"#);
        assert_eq!(walk(&begin), Some(WalkRequest::Update(source)));
        let target = format!(r#"{{"coalition":"se","begin":"{word}","target":"docs/terms.pdf"}}"#);
        let path = "docs/terms.pdf".to_owned();
        assert_eq!(walk(&target), Some(WalkRequest::Target { source, path }));
    }
}

#[test]
fn a_poll_that_asks_for_no_walk_of_the_schema_is_refused() {
    for (members, refused) in [
        (r#""walk":"store""#, "unknown_field at "),
        (r#""begin":"mirror""#, "unknown_value at begin"),
        (r#""target":"a""#, "out_of_range at target"),
        (
            r#""page":{"list":"se/merchants","epoch":1,"page":17}"#,
            "unknown_field at ",
        ),
    ] {
        let text = format!(r#"{{"coalition":"se",{members}}}"#);
        assert_eq!(refusal(poll(&message(&text))), refused, "{text}");
    }
    let place = told(poll(&message(r#"{"begin":"store"}"#)));
    assert_eq!(place, ("missing_field", "coalition".to_owned()));
}

#[test]
fn the_path_of_a_target_stays_in_its_folder() {
    for path in ["", "/a", "a/", "a//b", "..", "a/../b", "./a", "a/."] {
        let text = format!(r#"{{"coalition":"se","begin":"store","target":"{path}"}}"#);
        let refused = refusal(poll(&message(&text)));
        assert_eq!(refused, "out_of_range at target", "{path}");
    }
}

#[test]
fn supply_hands_over_the_file_or_says_why_there_is_none() {
    let outcome = |word: &str, file: Option<&[u8]>| {
        let text = format!(r#"{{"coalition":"se","name":"1.root.json","outcome":"{word}"}}"#);
        let message = message(&text);
        supply(&message, file.map(<[u8]>::to_vec)).map(|supplied| {
            assert_eq!((supplied.coalition, supplied.name), ("se", "1.root.json"));
            supplied.delivery
        })
    };
    let bytes = outcome("bytes", Some(b"{}"));
    assert!(matches!(bytes, Ok(Delivery::Bytes(bytes)) if bytes == b"{}"));
    let empty = outcome("bytes", Some(b""));
    assert!(matches!(empty, Ok(Delivery::Bytes(bytes)) if bytes.is_empty()));
    assert!(matches!(outcome("saved", None), Ok(Delivery::Saved)));
    assert!(matches!(outcome("not_found", None), Ok(Delivery::NotFound)));
    assert!(matches!(outcome("failed", None), Ok(Delivery::Failed)));
    assert_eq!(told(outcome("bytes", None)).0, "no_file");
    assert_eq!(refusal(outcome("lost", None)), "unknown_value at outcome");
    for (text, refused) in [
        (
            r#"{"coalition":"se","name":"a","outcome":"failed","why":"x"}"#,
            "unknown_field at ",
        ),
        (
            r#"{"coalition":"se","outcome":"failed"}"#,
            "missing_field at name",
        ),
        (
            r#"{"coalition":"se","name":"a"}"#,
            "missing_field at outcome",
        ),
    ] {
        assert_eq!(refusal(supply(&message(text), None)), refused);
    }
}
