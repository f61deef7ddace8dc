use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::{NOW, message, refusal};
use crate::engine::{Configuration, Engine, Replace};
use crate::wire::configure::configuration;
use crate::wire::{Error, configure};

fn read(text: &str) -> Result<Configuration, Error> {
    configuration(&message(text))
}

/// A coalition with a root that verifies, and these members besides.
fn coalition(name: &str, members: &str) -> String {
    let root = include_bytes!("../../../../fixtures/repositories/sample/metadata/1.root.json");
    let root = BASE64.encode(root);
    format!(r#"{{"name":"{name}","root":"{root}"{members}}}"#)
}

fn coalitions(all: &[String]) -> Result<Configuration, Error> {
    read(&format!(r#"{{"coalitions":[{}]}}"#, all.join(",")))
}

#[test]
fn a_member_that_the_schema_lacks_is_refused_at_its_object() {
    for (text, place) in [
        (r#"{"coalition":[]}"#.to_owned(), ""),
        (
            format!(
                r#"{{"coalitions":[{}]}}"#,
                coalition("se", r#","list":["se/merchants"]"#)
            ),
            "coalitions[0]",
        ),
        (
            format!(
                r#"{{"keys":[{{"coalition":"se","key":"{}","epoch":1}}]}}"#,
                "ab".repeat(32)
            ),
            "keys[0]",
        ),
    ] {
        assert_eq!(refusal(read(&text)), format!("unknown_field at {place}"));
    }
}

#[test]
fn a_coalition_has_a_name_of_its_own() {
    let named = |names: &[&str]| {
        let all: Vec<_> = names.iter().map(|name| coalition(name, "")).collect();
        coalitions(&all)
    };
    assert!(named(&["se", "nl", "a-1"]).is_ok());
    for name in ["", "SE", "se/nl", "a b", &"x".repeat(33)] {
        let refused = refusal(named(&["se", name]));
        assert_eq!(refused, "out_of_range at coalitions[1].name", "{name}");
    }
    let twice = refusal(named(&["se", "nl", "se"]));
    assert_eq!(twice, "out_of_range at coalitions[2].name");
}

#[test]
fn the_choices_of_a_coalition_are_words_and_numbers_of_the_schema() {
    for good in [
        r#","edition":"member""#,
        r#","edition":"public""#,
        r#","newest_time":1795309323"#,
        r#","newest_time":null"#,
        r#","lists":["se/merchants"],"key_ids":["0123456789abcdef"]"#,
    ] {
        assert!(coalitions(&[coalition("se", good)]).is_ok(), "{good}");
    }
    for (bad, refused) in [
        (
            r#","edition":"all""#,
            "unknown_value at coalitions[0].edition",
        ),
        (r#","records":"paged""#, "unknown_field at coalitions[0]"),
        (r#","records":"whole""#, "unknown_field at coalitions[0]"),
        (
            r#","newest_time":0"#,
            "out_of_range at coalitions[0].newest_time",
        ),
        (
            r#","newest_time":4102444800"#,
            "out_of_range at coalitions[0].newest_time",
        ),
        (
            r#","lists":["se/merchants","merchants"]"#,
            "out_of_range at coalitions[0].lists[1]",
        ),
        (
            r#","key_ids":["0123"]"#,
            "out_of_range at coalitions[0].key_ids[0]",
        ),
    ] {
        let found = refusal(coalitions(&[coalition("se", bad)]));
        assert_eq!(found, refused, "{bad}");
    }
}

#[test]
fn null_removes_the_second_policy_and_nothing_keeps_it() {
    let shadow = |text: &str| read(text).unwrap().shadow;
    assert!(matches!(shadow("{}"), Replace::Keep));
    assert!(matches!(shadow(r#"{"shadow":null}"#), Replace::Remove));
    assert!(matches!(shadow(r#"{"shadow":{}}"#), Replace::With(_)));
}

#[test]
fn the_clock_is_reset_only_where_the_message_says_so() {
    for (text, reset) in [
        ("{}", false),
        (r#"{"reset_clock":null}"#, false),
        (r#"{"reset_clock":false}"#, false),
        (r#"{"reset_clock":true}"#, true),
    ] {
        assert_eq!(read(text).unwrap().reset_clock, reset, "{text}");
    }
    let refused = refusal(read(r#"{"reset_clock":1}"#));
    assert_eq!(refused, "wrong_type at reset_clock");
}

#[test]
fn an_override_that_cannot_be_read_is_named_by_its_place() {
    let good = BASE64.encode(
        r#"{"signatures":[],"signed":{"_type":"interdict-override","coalition":"se",
          "expires":"2026-12-22T00:00:00Z","list":"se/merchants","tag":"0123456789abcdef01234567"}}"#,
    );
    assert!(read(&format!(r#"{{"overrides":["{good}"]}}"#)).is_ok());
    let found = refusal(read(&format!(r#"{{"overrides":["{good}","e30="]}}"#)));
    assert_eq!(found, "override_malformed at overrides[1]");
}

#[test]
fn no_policy_requires_more_coalitions_than_there_are() {
    let configured = |member: &str, block: u8| {
        let all = [coalition("se", ""), coalition("nl", "")].join(",");
        let required = format!(r#"{{"required_coalitions":{{"block":{block}}}}}"#);
        let text = format!(r#"{{"coalitions":[{all}],"{member}":{required}}}"#);
        configure(&mut Engine::default(), &message(&text), NOW)
    };
    for member in ["policy", "shadow"] {
        assert!(configured(member, 2).is_ok());
        let refused = refusal(configured(member, 3));
        let place = format!("out_of_range at {member}.required_coalitions.block");
        assert_eq!(refused, place);
    }
}
