use super::*;
use crate::common::json::JsonError;
use crate::common::schema::{Fault, Path};
use crate::rules::limits::{MAX_PACK, MAX_REQUIRES, MAX_RULES};
use crate::rules::{Condition, ConditionError, ConditionFault};

const RULE: &str = r#"{"id":"T04","title":"t","direction":"riskier","weight":1000,"otherwise":0,
    "calibrated":false,"when":"payment_page_declared = false","source":"s"}"#;

fn pack(rules: &[String]) -> String {
    let rules = rules.join(",");
    format!(r#"{{"format":1,"version":3,"name":"standard","rules":[{rules}]}}"#)
}

/// The rule with one member replaced, taken out (empty) or added.
fn with(name: &str, value: &str) -> String {
    let mut members: Vec<String> = Vec::new();
    let known = [
        ("id", r#""T04""#),
        ("title", r#""t""#),
        ("direction", r#""riskier""#),
        ("weight", "1000"),
        ("otherwise", "0"),
        ("calibrated", "false"),
        ("when", r#""payment_page_declared = false""#),
        ("source", r#""s""#),
    ];
    let others = known.iter().filter(|(known, _)| *known != name);
    members.extend(others.map(|(name, value)| format!(r#""{name}":{value}"#)));
    if !value.is_empty() {
        members.push(format!(r#""{name}":{value}"#));
    }
    format!("{{{}}}", members.join(","))
}

fn read(text: &str) -> Result<Pack, TypologyError> {
    Pack::parse(text.as_bytes())
}

fn refused_rule(rule: String) -> TypologyError {
    read(&pack(&[RULE.replace("T04", "T01"), rule])).unwrap_err()
}

fn member(fault: Fault, path: &str) -> impl Fn(TypologyError) -> bool + '_ {
    move |error| matches!(error, TypologyError::Member(error) if error.fault == fault && error.path.to_string() == path)
}

#[test]
fn a_pack_is_read_whole() {
    let safer = with("id", r#""S1""#)
        .replace("riskier", "safer")
        .replace("1000", "-400")
        .replace(r#""otherwise":0"#, r#""otherwise":120"#);
    let pack = read(&pack(&[RULE.to_owned(), safer])).unwrap();
    assert_eq!((pack.name.as_str(), pack.version), ("standard", 3));
    assert_eq!(pack.skipped, []);
    let [risky, safe] = &pack.rules[..] else {
        panic!("two rules");
    };
    assert_eq!(
        (risky.id.as_str(), risky.direction),
        ("T04", Direction::Riskier)
    );
    assert_eq!(
        (risky.weight, risky.otherwise, risky.calibrated),
        (1000, 0, false)
    );
    assert_eq!(risky.condition, Condition::parse(&risky.when).unwrap());
    assert_eq!((safe.id.as_str(), safe.direction), ("S1", Direction::Safer));
    assert_eq!((safe.weight, safe.otherwise), (-400, 120));
    assert!(read(r#"{"format":1,"version":1,"name":"none","rules":[]}"#).is_ok());
}

#[test]
fn every_member_is_required_typed_and_bounded() {
    for (name, good, out_of_range, wrong_type) in [
        ("id", r#""a_-9""#, r#""a b""#, "4"),
        ("title", r#""å""#, r#""""#, "null,\"x\":1"),
        ("weight", "10000", "10001", "\"1\""),
        ("otherwise", "-10000", "-10001", "true"),
        ("calibrated", "true", "", "0"),
        ("when", r#""prepaid_only""#, "", "[]"),
        ("source", r#""x""#, r#""line\nbreak""#, "{}"),
    ] {
        assert!(read(&pack(&[with(name, good)])).is_ok(), "{name}");
        let path = format!("rules[1].{name}");
        let refused = |value: &str| refused_rule(with(name, value));
        assert!(member(Fault::MissingField, &path)(refused("")), "{name}");
        assert!(
            member(Fault::MissingField, &path)(refused("null")),
            "{name}"
        );
        if !out_of_range.is_empty() {
            assert!(
                member(Fault::OutOfRange, &path)(refused(out_of_range)),
                "{name}"
            );
        }
        if !wrong_type.starts_with("null") {
            assert!(
                member(Fault::WrongType, &path)(refused(wrong_type)),
                "{name}"
            );
        }
    }
    let refused = refused_rule(with("direction", r#""worse""#));
    assert!(member(Fault::UnknownValue, "rules[1].direction")(refused));
    let refused = refused_rule(with("note", r#""x""#));
    assert!(member(Fault::UnknownField, "rules[1]")(refused));
}

#[test]
fn texts_hold_at_their_limit_and_not_one_byte_beyond() {
    for (name, most) in [("id", 16), ("title", 300), ("source", 300)] {
        let text = |length: usize| format!("\"{}\"", "x".repeat(length));
        assert!(read(&pack(&[with(name, &text(most))])).is_ok(), "{name}");
        let path = format!("rules[1].{name}");
        for length in [0, most + 1] {
            let error = refused_rule(with(name, &text(length)));
            assert!(member(Fault::OutOfRange, &path)(error), "{name} {length}");
        }
    }
}

/// docs/identifiers.md, "Card-shaped runs": texts that are kept are read whole.
#[test]
fn a_card_number_in_any_text_of_a_pack_refuses_it() {
    for (name, card) in [
        ("id", "4111111111111111"),
        ("id", "378282246310005"),
        ("title", "4111 1111 1111 1111"),
        ("title", "paid with 4111111111111111 twice"),
        ("source", "4111-1111-1111-1111"),
        ("source", "3782.822463.10005"),
    ] {
        let error = refused_rule(with(name, &format!("\"{card}\"")));
        let path = format!("rules[1].{name}");
        assert!(member(Fault::OutOfRange, &path)(error), "{name}: {card}");
    }
    let required = refused_rule(with("requires", r#"["signal:4111-1111-1111-1111"]"#));
    assert!(member(Fault::OutOfRange, "rules[1].requires[0]")(required));
    let named = pack(&[]).replace("standard", "4111-1111-1111-1111");
    assert!(member(Fault::OutOfRange, "name")(read(&named).unwrap_err()));
    let newer = named.replace("\"format\":1", "\"format\":2");
    assert_eq!(read(&newer).unwrap().name, "");
}

#[test]
fn the_head_is_checked_and_unknown_members_are_refused() {
    let good = pack(&[]);
    assert!(read(&good).is_ok());
    for (from, to, fault, path) in [
        (
            "\"version\":3",
            "\"version\":0",
            Fault::OutOfRange,
            "version",
        ),
        (
            "\"version\":3",
            "\"version\":4294967296",
            Fault::OutOfRange,
            "version",
        ),
        ("\"version\":3,", "", Fault::MissingField, "version"),
        ("\"format\":1", "\"format\":0", Fault::OutOfRange, "format"),
        (
            "\"format\":1",
            "\"format\":\"2\"",
            Fault::WrongType,
            "format",
        ),
        ("\"format\":1,", "", Fault::MissingField, "format"),
        ("standard", "Standard", Fault::OutOfRange, "name"),
        ("\"rules\":[]", "\"rules\":{}", Fault::WrongType, "rules"),
        (
            "\"rules\":[]",
            "\"rules\":[],\"extra\":1",
            Fault::UnknownField,
            "",
        ),
        (
            "\"rules\":[]",
            "\"rules\":[7]",
            Fault::WrongType,
            "rules[0]",
        ),
    ] {
        let text = good.replace(from, to);
        assert_ne!(text, good);
        assert!(member(fault, path)(read(&text).unwrap_err()), "{text}");
    }
    for (text, error) in [
        ("", TypologyError::Json(JsonError::Syntax)),
        (
            "[]",
            TypologyError::Member(Path::default().error(Fault::WrongType)),
        ),
        (
            r#"{"format":1,"format":1}"#,
            TypologyError::Json(JsonError::DuplicateMember),
        ),
        (
            r#"{"format":1.0}"#,
            TypologyError::Json(JsonError::NonInteger),
        ),
    ] {
        assert_eq!(read(text), Err(error), "{text}");
    }
}

#[test]
fn size_and_number_of_rules_hold_at_their_limit_and_not_one_beyond() {
    let rules = |count: usize| -> Vec<String> {
        (0..count)
            .map(|index| RULE.replace("T04", &format!("R{index}")))
            .collect()
    };
    let most = pack(&rules(MAX_RULES));
    assert_eq!(read(&most).unwrap().rules.len(), MAX_RULES);
    let error = read(&pack(&rules(MAX_RULES + 1))).unwrap_err();
    assert!(member(Fault::TooMany, "rules")(error));
    let padded = |size: usize| most.clone() + &" ".repeat(size - most.len());
    assert!(read(&padded(MAX_PACK)).is_ok());
    assert_eq!(read(&padded(MAX_PACK + 1)), Err(TypologyError::TooLarge));
}

#[test]
fn the_largest_pack_of_the_format_is_within_what_is_read() {
    let long = "x".repeat(300);
    let features = vec![r#""conditions:1""#; MAX_REQUIRES].join(",");
    let rules: Vec<String> = (0..MAX_RULES)
        .map(|index| {
            let rule = with("requires", &format!("[{features}]"));
            rule.replace("T04", &format!("R{index}"))
                .replace(r#""t""#, &format!("\"{long}\""))
        })
        .collect();
    assert_eq!(read(&pack(&rules)).unwrap().rules.len(), MAX_RULES);
}

#[test]
fn two_rules_of_one_id_are_refused_even_if_one_is_skipped() {
    let skipped = with("requires", r#"["signal:tomorrow"]"#);
    let duplicate = Err(TypologyError::DuplicateId { rule: 1 });
    for rules in [
        [RULE.to_owned(), RULE.to_owned()],
        [RULE.to_owned(), skipped.clone()],
        [skipped.clone(), RULE.to_owned()],
        [skipped.clone(), skipped.clone()],
    ] {
        assert_eq!(read(&pack(&rules)), duplicate);
    }
    let other = RULE.replace("T04", "t04");
    assert!(
        read(&pack(&[RULE.to_owned(), other])).is_ok(),
        "ids differ by case"
    );
}

#[test]
fn a_weight_has_the_sign_of_its_direction_and_otherwise_the_other() {
    for (direction, weight, otherwise, fits) in [
        ("riskier", 1, 0, true),
        ("riskier", 1, -1, true),
        ("riskier", 0, 0, false),
        ("riskier", -1, 0, false),
        ("riskier", 1, 1, false),
        ("safer", -1, 0, true),
        ("safer", -1, 1, true),
        ("safer", 0, 0, false),
        ("safer", 1, 0, false),
        ("safer", -1, -1, false),
    ] {
        let rule = RULE
            .replace("riskier", direction)
            .replace("1000", &weight.to_string())
            .replace(r#""otherwise":0"#, &format!(r#""otherwise":{otherwise}"#));
        let expected = if fits {
            Ok(())
        } else {
            Err(TypologyError::Sign { rule: 0 })
        };
        assert_eq!(
            read(&pack(std::slice::from_ref(&rule))).map(|_| ()),
            expected,
            "{rule}"
        );
    }
}

#[test]
fn a_rule_that_asks_for_a_listing_cannot_lower_a_score() {
    let listing = with("when", r#""listed(label)""#);
    assert!(read(&pack(std::slice::from_ref(&listing))).is_ok());
    let safer = listing.replace("riskier", "safer").replace("1000", "-1000");
    assert_eq!(refused_rule(safer), TypologyError::SaferListing { rule: 1 });
    for beside in [
        "listed(label) and prepaid_only",
        "prepaid_only or listed(label)",
    ] {
        let safer = with("when", &format!("\"{beside}\""));
        let safer = safer.replace("riskier", "safer").replace("1000", "-1000");
        assert_eq!(refused_rule(safer), TypologyError::SaferListing { rule: 1 });
    }
    let negated = with("when", r#""not listed(label)""#);
    let error = ConditionError {
        offset: 4,
        fault: ConditionFault::ListingNegated,
    };
    assert_eq!(
        refused_rule(negated),
        TypologyError::Condition { rule: 1, error }
    );
}

#[test]
fn a_country_or_category_alone_decides_neither_way() {
    let alone = refused_rule(with("when", r#""mcc = 5967""#));
    let error = ConditionError {
        offset: 0,
        fault: ConditionFault::CodeAlone,
    };
    assert_eq!(alone, TypologyError::Condition { rule: 1, error });
    // True only with more; false already when the category is another.
    let beside = with("when", r#""mcc = 5967 and prepaid_only""#);
    assert!(read(&pack(std::slice::from_ref(&beside))).is_ok());
    let otherwise = beside.replace(r#""otherwise":0"#, r#""otherwise":-100"#);
    assert_eq!(
        refused_rule(otherwise),
        TypologyError::OtherwiseByCode { rule: 1 }
    );
}

#[test]
fn a_rule_that_needs_what_is_lacking_is_skipped_and_told() {
    let requires = r#"["signal:mcc","signal:tomorrow","listed:label","listed:tomorrow","conditions:1",
        "conditions:2","tomorrow"]"#;
    let newer = with("requires", requires)
        .replace("payment_page_declared = false", "tomorrow ~ {1}")
        .replace("riskier", "unheard-of")
        .replace(r#""title":"t""#, r#""titles":["t"]"#);
    let known = with("requires", r#"["signal:payment_page_declared"]"#).replace("T04", "T05");
    let pack = read(&pack(&[newer, known])).unwrap();
    let [skipped] = &pack.skipped[..] else {
        panic!("one rule is skipped");
    };
    assert_eq!(skipped.id, "T04");
    let lacking = [
        "signal:tomorrow",
        "listed:tomorrow",
        "conditions:2",
        "tomorrow",
    ];
    assert_eq!(skipped.requires, lacking);
    assert_eq!(pack.rules.len(), 1);
    assert_eq!(pack.rules[0].id, "T05");
}

#[test]
fn an_unknown_signal_that_is_not_required_refuses_the_pack() {
    for requires in ["[]", r#"["conditions:1"]"#] {
        let rule = with("requires", requires).replace("payment_page_declared", "tomorrow");
        let error = ConditionError {
            offset: 0,
            fault: ConditionFault::UnknownSignal,
        };
        assert_eq!(
            refused_rule(rule),
            TypologyError::Condition { rule: 1, error }
        );
    }
    for (requires, fault, path) in [
        (r#""signal:mcc""#, Fault::WrongType, "rules[1].requires"),
        ("[1]", Fault::WrongType, "rules[1].requires[0]"),
        (r#"["mcc",""]"#, Fault::OutOfRange, "rules[1].requires[1]"),
        (
            r#"["Signal mcc"]"#,
            Fault::OutOfRange,
            "rules[1].requires[0]",
        ),
    ] {
        let error = refused_rule(with("requires", requires));
        let said = format!("{requires} {error:?}");
        assert!(member(fault, path)(error), "{said}");
    }
    let many = vec![r#""mcc""#; MAX_REQUIRES + 1].join(",");
    let error = refused_rule(with("requires", &format!("[{many}]")));
    assert!(member(Fault::TooMany, "rules[1].requires")(error));
}

#[test]
fn a_pack_of_a_newer_format_is_empty_and_told() {
    let text = r#"{"format":2,"version":9,"name":"standard","rules":{"T04":{}},"more":[[[1]]]}"#;
    let pack = read(text).unwrap();
    assert_eq!((pack.name.as_str(), pack.version), ("standard", 9));
    assert_eq!(pack.rules, []);
    let [skipped] = &pack.skipped[..] else {
        panic!("all of it is told as skipped");
    };
    assert_eq!(
        (skipped.id.as_str(), &skipped.requires[..]),
        ("*", &["format:2".to_owned()][..])
    );
    let pack = read(r#"{"format":2,"name":7}"#).unwrap();
    assert_eq!((pack.name.as_str(), pack.version), ("", 0));
}

#[test]
fn an_error_holds_nothing_of_the_file() {
    let secret = "very-secret";
    for rule in [
        with("when", &format!("\"{secret}\"")),
        with("direction", &format!("\"{secret}\"")),
        with("id", &format!("\"{secret}-{secret}\"")),
        with(secret, "1"),
        with("weight", &format!("\"{secret}\"")),
    ] {
        let error = refused_rule(rule);
        assert!(!error.to_string().contains(secret), "{error}");
        assert!(!format!("{error:?}").contains(secret), "{error:?}");
        assert!(error.to_string().contains("rules[1]"), "{error}");
    }
}

#[test]
fn a_rule_has_a_group_and_texts_by_language_with_the_title_in_their_place() {
    let texts = r#"{"sv":"Rubrik","nl":"Titel"}"#;
    let rule = with("texts", texts).replace("\"title\"", "\"group\":\"pages\",\"title\"");
    let read = read(&pack(&[rule, with("id", r#""T05""#)])).unwrap();
    let [one, other] = &read.rules[..] else {
        panic!("two rules")
    };
    assert_eq!(one.group.as_deref(), Some("pages"));
    assert_eq!(
        ["sv", "nl", "en"].map(|code| one.text(code)),
        ["Rubrik", "Titel", "t"]
    );
    assert_eq!((other.group.as_ref(), other.text("sv")), (None, "t"));
}

#[test]
fn a_text_or_group_of_another_form_refuses_the_pack() {
    let long = format!(r#"{{"sv":"{}"}}"#, "x".repeat(301));
    let many: Vec<_> = (b'a'..=b'q')
        .map(|b| format!(r#""a{}":"x""#, b as char))
        .collect();
    let many = format!("{{{}}}", many.join(","));
    for (name, value) in [
        ("group", r#""""#),
        ("group", r#""Pages""#),
        ("group", r#""p-4111111111111111""#),
        ("group", "1"),
        ("texts", r#"{"swe":"x"}"#),
        ("texts", r#"{"SV":"x"}"#),
        ("texts", r#"{"sv":""}"#),
        ("texts", r#"{"sv":"a\nb"}"#),
        ("texts", r#"{"sv":"4111 1111 1111 1111"}"#),
        ("texts", &long),
        ("texts", &many),
        ("texts", "[]"),
    ] {
        let error = refused_rule(with(name, value));
        assert!(
            matches!(error, TypologyError::Member(_)),
            "{name} {value}: {error:?}"
        );
    }
}
