//! Policies that a request chooses by name.

use super::{NOW, message, refusal};
use crate::engine::Engine;
use crate::wire::{Error, configure, screen};

fn given(members: &str) -> Result<Engine, Error> {
    let mut engine = Engine::default();
    configure(&mut engine, &message(&format!("{{{members}}}")), NOW)?;
    Ok(engine)
}

fn named(name: &str, policy: &str) -> String {
    format!(r#"{{"name":"{name}","policy":{policy}}}"#)
}

/// The digest and action that the shop gets, with these members in the request besides.
fn verdict(engine: &Engine, members: &str) -> Result<(String, &'static str), Error> {
    let text = format!(r#"{{"flow":"payout","url":"shop.example"{members}}}"#);
    let verdict = screen(engine, &message(&text), NOW)?;
    Ok((verdict.policy.to_owned(), verdict.action.name()))
}

const CAREFUL: &str = r#"{"without_lists":true}"#;
const EASY: &str = r#"{"without_lists":true,"flows":{"payout":{"unavailable":"monitor"}}}"#;

#[test]
fn a_request_is_screened_under_the_policy_that_it_names() {
    let policies = [named("acquiring", EASY), named("marketplace", CAREFUL)].join(",");
    let mut engine = given(&format!(r#""policy":{CAREFUL},"policies":[{policies}]"#)).unwrap();
    let (own, action) = verdict(&engine, "").unwrap();
    assert_eq!(action, "review");
    let (easy, action) = verdict(&engine, r#","policy":"acquiring""#).unwrap();
    assert_eq!(action, "monitor");
    assert_ne!(easy, own);
    let same = verdict(&engine, r#","policy":"marketplace""#).unwrap();
    assert_eq!(same, (own, "review"));
    let refused =
        |engine: &Engine, name: &str| refusal(verdict(engine, &format!(r#","policy":{name}"#)));
    assert_eq!(
        refused(&engine, r#""Acquiring""#),
        "unknown_value at policy"
    );
    assert_eq!(refused(&engine, r#""""#), "unknown_value at policy");
    assert_eq!(refused(&engine, "1"), "wrong_type at policy");
    // What is not given stays, and what is given replaces all of them.
    let again = |engine: &mut Engine, text: &str| configure(engine, &message(text), NOW).unwrap();
    let told = again(&mut engine, &format!(r#"{{"policy":{CAREFUL}}}"#));
    assert_eq!(told.policies.len(), 2);
    assert_eq!(told.policies[0], ("acquiring".to_owned(), easy));
    let told = again(&mut engine, r#"{"policies":[]}"#);
    assert!(told.policies.is_empty());
    assert_eq!(
        refused(&engine, r#""acquiring""#),
        "unknown_value at policy"
    );
}

#[test]
fn a_named_policy_that_cannot_be_taken_is_refused_at_its_place_and_changes_nothing() {
    let many = |count: usize| {
        let all = (0..count).map(|number| named(&format!("p{number}"), CAREFUL));
        all.collect::<Vec<_>>().join(",")
    };
    assert!(given(&format!(r#""policies":[{}]"#, many(16))).is_ok());
    for (policies, place) in [
        (many(17), "too_many at policies"),
        (
            named("a", "{}"),
            "missing_field at policies[0].policy.required",
        ),
        (
            [named("a", CAREFUL), named("a", CAREFUL)].join(","),
            "out_of_range at policies[1].name",
        ),
        (
            named("Acquiring", CAREFUL),
            "out_of_range at policies[0].name",
        ),
        (
            named("4111111111111111", CAREFUL),
            "out_of_range at policies[0].name",
        ),
        (
            named(
                "a",
                r#"{"without_lists":true,"flows":{"payout":{"late":"allow"}}}"#,
            ),
            "unknown_value at policies[0].policy.flows.payout.late",
        ),
        (
            r#"{"name":"a"}"#.to_owned(),
            "missing_field at policies[0].policy",
        ),
        (
            format!(r#"{{"name":"a","policy":{CAREFUL},"note":"x"}}"#),
            "unknown_field at policies[0]",
        ),
    ] {
        assert_eq!(
            refusal(given(&format!(r#""policies":[{policies}]"#))),
            place,
            "{policies}"
        );
    }
    let mut engine = given(&format!(r#""policies":[{}]"#, named("a", EASY))).unwrap();
    let bad = format!(
        r#"{{"policies":[{},{}]}}"#,
        named("b", EASY),
        named("c", "{}")
    );
    configure(&mut engine, &message(&bad), NOW).unwrap_err();
    assert_eq!(verdict(&engine, r#","policy":"a""#).unwrap().1, "monitor");
}

#[test]
fn a_policy_asks_each_coalition_once_and_every_one_that_must_answer() {
    for (policy, place) in [
        (r#"{"without_lists":true,"coalitions":["se","nl"]}"#, ""),
        (
            r#"{"required":{"se":["se/merchants"]},"coalitions":["nl","se"]}"#,
            "",
        ),
        (
            r#"{"required":{"se":["se/merchants"]},"coalitions":[]}"#,
            "",
        ),
        (
            r#"{"required":{"se":["se/merchants"]},"coalitions":["nl"]}"#,
            "out_of_range at policy.coalitions",
        ),
        (
            r#"{"without_lists":true,"coalitions":["se","nl","se"]}"#,
            "out_of_range at policy.coalitions[2]",
        ),
        (
            r#"{"without_lists":true,"coalitions":["se/merchants"]}"#,
            "out_of_range at policy.coalitions[0]",
        ),
        (
            r#"{"without_lists":true,"coalitions":"se"}"#,
            "wrong_type at policy.coalitions",
        ),
    ] {
        match given(&format!(r#""policy":{policy}"#)) {
            Ok(_) => assert_eq!(place, "", "{policy}"),
            Err(error) => assert_eq!(refusal(Err::<(), _>(error)), place, "{policy}"),
        }
    }
}
