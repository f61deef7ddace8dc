use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::{NOW, message, refusal};
use crate::engine::{Configuration, Engine, Replace};
use crate::wire::configure::configuration;
use crate::wire::{Error, configure};

const HISTORY: &str = "interdict-history-1 se verified=1795309323 polled=1795309323 root=1 timestamp=2 snapshot=2 targets=2 se/merchants=2 check=4769cc1457cc85745dc3dd9b0567606b";

fn read(text: &str) -> Result<Configuration, Error> {
    configuration(&message(text))
}

/// The object of an enrolment file of `se` with a root that verifies.
fn enrolment() -> String {
    let root = include_bytes!("../../../../fixtures/repositories/sample/metadata/1.root.json");
    let (root, key) = (BASE64.encode(root), "ab".repeat(32));
    format!(
        r#"{{"format":"interdict-enrolment-1","coalition":"se","member":"bank-a","repository":"/","root":"{root}","lists":["se/merchants"],"keys":[{{"epoch":1,"key":"{key}"}}]}}"#
    )
}

/// The same for browsers.
fn public_enrolment() -> String {
    enrolment()
        .replace("interdict-enrolment", "interdict-public-enrolment")
        .replace(r#""member":"bank-a""#, r#""edition":"public""#)
}

/// A coalition under this name, without a history, and these members besides.
fn coalition(name: &str, members: &str) -> String {
    let enrolment = enrolment();
    format!(r#"{{"enrolment":{enrolment},"history":"none","name":"{name}"{members}}}"#)
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

/// What the enrolment file says is taken from it: there is no second place for it.
#[test]
fn a_coalition_is_configured_with_its_enrolment_file_as_it_is() {
    for enrolment in [enrolment(), public_enrolment()] {
        let one = format!(r#"{{"enrolment":{enrolment},"history":"none"}}"#);
        let configured = coalitions(&[one]).unwrap().coalitions.unwrap();
        let names: Vec<_> = configured.as_slice().iter().map(|one| one.name()).collect();
        assert_eq!(names, ["se"]);
        let keys = configured.as_slice().iter().map(|one| one.keys().count());
        assert_eq!(keys.sum::<usize>(), 1);
    }
    let twice = format!(r#"{{"enrolment":{},"history":"none"}}"#, enrolment());
    let refused = refusal(coalitions(&[twice.clone(), twice]));
    assert_eq!(refused, "out_of_range at coalitions[1].enrolment.coalition");
}

#[test]
fn an_enrolment_that_is_not_one_is_refused_where_it_differs() {
    let long_root = "A".repeat(12);
    for (from, to, refused) in [
        (
            "interdict-enrolment-1",
            "interdict-enrolment-2",
            "unknown_value at coalitions[0].enrolment.format",
        ),
        (
            "\"member\":\"bank-a\"",
            "\"member\":\"Bank A\"",
            "out_of_range at coalitions[0].enrolment.member",
        ),
        (
            "\"member\":\"bank-a\",",
            "",
            "missing_field at coalitions[0].enrolment.member",
        ),
        (
            "\"epoch\":1",
            "\"epoch\":1,\"note\":1",
            "unknown_field at coalitions[0].enrolment.keys[0]",
        ),
        (
            "abab",
            "ABab",
            "out_of_range at coalitions[0].enrolment.keys[0].key",
        ),
        (
            "se/merchants",
            "nl/merchants",
            "out_of_range at coalitions[0].enrolment.lists[0]",
        ),
        (
            "\"repository\":\"/\"",
            "\"repository\":\"\"",
            "out_of_range at coalitions[0].enrolment.repository",
        ),
        (
            "\"root\":\"",
            &format!("\"root\":\"?{long_root}"),
            "out_of_range at coalitions[0].enrolment.root",
        ),
    ] {
        let all = coalition("se", "");
        assert!(all.contains(from), "{from}");
        let found = refusal(coalitions(&[all.replacen(from, to, 1)]));
        assert_eq!(found, refused, "{from}");
    }
    let public = coalition("se", "").replace(&enrolment(), &public_enrolment());
    assert!(coalitions(std::slice::from_ref(&public)).is_ok());
    let other = public.replace("\"edition\":\"public\"", "\"edition\":\"member\"");
    let found = refusal(coalitions(&[other]));
    assert_eq!(found, "unknown_value at coalitions[0].enrolment.edition");
    let text = coalition("se", "").replace(&enrolment(), "\"e30=\"");
    assert_eq!(
        refusal(coalitions(&[text])),
        "wrong_type at coalitions[0].enrolment"
    );
}

#[test]
fn the_choices_of_a_coalition_are_words_and_numbers_of_the_schema() {
    for good in [
        r#","lists":["se/merchants"]"#,
        r#","lists":["se/merchants","nl/merchants"]"#,
        r#","lists":null,"at_least":null"#,
        r#","at_least":{}"#,
        r#","history_kept":false"#,
        r#","history_kept":true"#,
        r#","at_least":{"root":2,"timestamp":5,"snapshot":5,"targets":4,"lists":{"se/merchants":41}}"#,
    ] {
        assert!(coalitions(&[coalition("se", good)]).is_ok(), "{good}");
    }
    for (bad, refused) in [
        (r#","records":"paged""#, "unknown_field at coalitions[0]"),
        (
            r#","newest_time":1795309323"#,
            "unknown_field at coalitions[0]",
        ),
        (r#","root":"e30=""#, "unknown_field at coalitions[0]"),
        (
            r#","history_kept":0"#,
            "wrong_type at coalitions[0].history_kept",
        ),
        (r#","key_ids":[]"#, "unknown_field at coalitions[0]"),
        (
            r#","lists":["se/merchants","merchants"]"#,
            "out_of_range at coalitions[0].lists[1]",
        ),
        (
            r#","at_least":{"sequence":1}"#,
            "unknown_field at coalitions[0].at_least",
        ),
        (
            r#","at_least":{"root":4294967296}"#,
            "out_of_range at coalitions[0].at_least.root",
        ),
        (
            r#","at_least":{"lists":{"merchants":1}}"#,
            "out_of_range at coalitions[0].at_least.lists",
        ),
        (
            r#","at_least":{"lists":{"se/merchants":-1}}"#,
            "out_of_range at coalitions[0].at_least.lists",
        ),
        (
            r#","at_least":{"lists":["se/merchants"]}"#,
            "wrong_type at coalitions[0].at_least.lists",
        ),
    ] {
        let found = refusal(coalitions(&[coalition("se", bad)]));
        assert_eq!(found, refused, "{bad}");
    }
}

/// No host forgets it: what is not given must be refused by name.
#[test]
fn a_coalition_has_a_history_or_says_that_it_has_none() {
    let with = |history: &str| {
        let all = coalition("se", "");
        let history = format!(r#""history":{history}"#);
        coalitions(&[all.replace(r#""history":"none""#, &history)])
    };
    let fresh = crate::engine::History::read(HISTORY, "se").unwrap();
    assert_eq!(fresh.to_string(), HISTORY);
    assert!(with(&format!("{HISTORY:?}")).is_ok());
    for (history, refused) in [
        ("null", "missing_field at coalitions[0].history"),
        ("{}", "wrong_type at coalitions[0].history"),
        (r#""""#, "history_damaged at coalitions[0].history"),
        (r#""None""#, "history_damaged at coalitions[0].history"),
        (
            r#""1795309323""#,
            "history_damaged at coalitions[0].history",
        ),
    ] {
        assert_eq!(refusal(with(history)), refused, "{history}");
    }
    let missing = coalition("se", "").replace(r#","history":"none""#, "");
    assert_eq!(
        refusal(coalitions(&[missing])),
        "missing_field at coalitions[0].history"
    );
    let (text, check) = HISTORY.split_at(HISTORY.len() - 32);
    for at in 0..32 {
        let mut check = check.to_owned();
        let other = if check.as_bytes()[at] == b'0' {
            "1"
        } else {
            "0"
        };
        check.replace_range(at..=at, other);
        let refused = refusal(with(&format!("\"{text}{check}\"")));
        assert_eq!(
            refused, "history_damaged at coalitions[0].history",
            "{check}"
        );
    }
    let moved = coalition("nl", "").replace("\"none\"", &format!("{HISTORY:?}"));
    assert_eq!(
        refusal(coalitions(&[moved])),
        "history_damaged at coalitions[0].history"
    );
}

/// A policy that names no list would call a merchant clean that no list was asked about.
#[test]
fn a_policy_names_the_lists_that_must_answer_or_says_that_it_goes_without() {
    let given = |member: &str, policy: &str| {
        let text = format!(r#"{{"{member}":{policy}}}"#);
        configure(&mut Engine::default(), &message(&text), NOW)
    };
    for member in ["policy", "shadow"] {
        for good in [
            r#"{"without_lists":true}"#,
            r#"{"required":{"se":["se/merchants","se/cards"],"nl":["nl/merchants"]}}"#,
            r#"{"required":{"se":["se/merchants"]},"without_lists":false}"#,
        ] {
            assert!(given(member, good).is_ok(), "{good}");
        }
        for (bad, refused) in [
            ("{}", "missing_field at MEMBER.required"),
            (
                r#"{"without_lists":false}"#,
                "missing_field at MEMBER.required",
            ),
            (r#"{"required":{}}"#, "out_of_range at MEMBER.required"),
            (
                r#"{"required":{"se":[]}}"#,
                "out_of_range at MEMBER.required",
            ),
            (
                r#"{"required":{"SE":["se/merchants"]}}"#,
                "out_of_range at MEMBER.required",
            ),
            (
                r#"{"required":{"se":["se/a","se/a"]}}"#,
                "out_of_range at MEMBER.required",
            ),
            (
                r#"{"required":{"se":["merchants"]}}"#,
                "out_of_range at MEMBER.required[0]",
            ),
            (
                r#"{"required":["se/merchants"]}"#,
                "wrong_type at MEMBER.required",
            ),
            (
                r#"{"without_lists":"yes"}"#,
                "wrong_type at MEMBER.without_lists",
            ),
            (
                r#"{"required":{"se":["se/merchants"]},"without_lists":true}"#,
                "out_of_range at MEMBER.without_lists",
            ),
        ] {
            let place = refused.replace("MEMBER", member);
            assert_eq!(refusal(given(member, bad)), place, "{bad}");
        }
    }
    let refused = given("policy", "{}").unwrap_err().to_string();
    assert!(refused.contains("without_lists"), "{refused}");
}

#[test]
fn null_removes_the_second_policy_and_nothing_keeps_it() {
    let shadow = |text: &str| read(text).unwrap().shadow;
    assert!(matches!(shadow("{}"), Replace::Keep));
    assert!(matches!(shadow(r#"{"shadow":null}"#), Replace::Remove));
    let second = r#"{"shadow":{"without_lists":true}}"#;
    assert!(matches!(shadow(second), Replace::With(_)));
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
          "expires":"2026-12-22T00:00:00Z","list":"se/merchants","identifier":"0123456789abcdef0123456789abcdef"}}"#,
    );
    let key = "5e".repeat(32);
    let overrides =
        |documents: &str| format!(r#"{{"receipt_key":"{key}","overrides":[{documents}]}}"#);
    assert!(read(&overrides(&format!(r#""{good}""#))).is_ok());
    let found = refusal(read(&overrides(&format!(r#""{good}","e30=""#))));
    assert_eq!(found, "override_malformed at overrides[1]");
}

#[test]
fn no_policy_requires_more_coalitions_than_there_are() {
    let configured = |member: &str, block: u8| {
        let all = [coalition("se", ""), coalition("nl", "")].join(",");
        let required =
            format!(r#"{{"without_lists":true,"required_coalitions":{{"block":{block}}}}}"#);
        let text = format!(r#"{{"coalitions":[{all}],"{member}":{required}}}"#);
        configure(&mut Engine::default(), &message(&text), NOW)
    };
    for member in ["policy", "shadow"] {
        assert!(configured(member, 2).is_ok());
        let refused = refusal(configured(member, 3));
        let place = format!("policy_coalitions at {member}.required_coalitions.block");
        assert_eq!(refused, place);
    }
}
