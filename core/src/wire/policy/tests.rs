use super::{policy as read_policy, *};
use crate::common::schema::{Path, read};

fn policy(text: &str) -> Result<Policy, SchemaError> {
    let value = read(text.as_bytes(), 10_000).unwrap();
    read_policy(&Field {
        value: &value,
        path: Path::default(),
    })
}

const KEY: &str = r#"{"name":"risk","keytype":"ed25519","scheme":"ed25519",
  "public":"3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"}"#;

#[test]
fn an_empty_policy_is_the_default() {
    let found = policy("{}").unwrap();
    assert_eq!(found.digest(), Policy::default().digest());
    assert_eq!(found.flows, Flow::ALL.map(FlowPolicy::preset));
}

#[test]
fn every_field_moves_the_digest_and_no_two_alike() {
    let key = format!(r#"{{"override_keys":[{KEY}]}}"#);
    let texts = [
        "{}",
        r#"{"prevalence_per_million":101}"#,
        r#"{"agreement_per_mille":501}"#,
        r#"{"typology_cap":12001}"#,
        r#"{"typologies_off":["T01"]}"#,
        r#"{"typologies_off":["T01","T02"]}"#,
        r#"{"typology_weights":[{"rule":"T01","weight":1}]}"#,
        r#"{"typology_weights":[{"rule":"T01","weight":1,"otherwise":-1}]}"#,
        r#"{"required_coalitions":{"block":2}}"#,
        r#"{"required_coalitions":{"block":2,"hold_payout":2}}"#,
        r#"{"list_max_age_days":31}"#,
        r#"{"expired_grace_days":8}"#,
        r#"{"flows":{"payout":{"preset":"checkout"}}}"#,
        r#"{"flows":{"payout":{"monitor_score":401}}}"#,
        r#"{"flows":{"onboarding":{"monitor_score":401}}}"#,
        r#"{"flows":{"payout":{"review_score":701}}}"#,
        r#"{"flows":{"payout":{"unavailable":"monitor"}}}"#,
        &key,
        r#"{"help_line":"help.example"}"#,
        r#"{"country":"SE"}"#,
        r#"{"terms_clause":"help.example"}"#,
    ];
    let mut digests: Vec<_> = texts
        .iter()
        .map(|text| policy(text).unwrap().digest().to_owned())
        .collect();
    digests.sort();
    digests.dedup();
    assert_eq!(digests.len(), texts.len());
}

#[test]
fn a_flow_takes_another_preset_and_its_own_members_on_top() {
    let found = policy(r#"{"flows":{"checkout":{"preset":"payout","review_score":650}}}"#).unwrap();
    let checkout = FlowPolicy {
        review_score: 650,
        ..FlowPolicy::preset(Flow::Payout)
    };
    assert_eq!(*found.flow(Flow::Checkout), checkout);
    assert_eq!(
        *found.flow(Flow::Authorisation),
        FlowPolicy::preset(Flow::Authorisation)
    );
}

#[test]
fn a_flow_that_names_no_preset_starts_from_its_own() {
    for flow in Flow::ALL {
        let text = format!(
            r#"{{"flows":{{"{}":{{"review_score":777}}}}}}"#,
            flow.name()
        );
        let found = policy(&text).unwrap();
        for other in Flow::ALL {
            let preset = FlowPolicy::preset(other);
            let wanted = FlowPolicy {
                review_score: match other == flow {
                    true => 777,
                    false => preset.review_score,
                },
                ..preset
            };
            assert_eq!(*found.flow(other), wanted, "{flow:?}");
        }
    }
}

#[test]
fn a_misspelt_member_is_refused_at_its_object() {
    let key = KEY.replacen('{', r#"{"keyid":"x","#, 1);
    for (text, path) in [
        (r#"{"threshold":1}"#.to_owned(), ""),
        (r#"{"flows":{"payouts":{}}}"#.to_owned(), "flows"),
        (
            r#"{"flows":{"payout":{"score":1}}}"#.to_owned(),
            "flows.payout",
        ),
        (
            r#"{"typology_weights":[{"rule":"T01","weight":1,"if":1}]}"#.to_owned(),
            "typology_weights[0]",
        ),
        (
            r#"{"required_coalitions":{"review":1}}"#.to_owned(),
            "required_coalitions",
        ),
        (
            format!(r#"{{"override_keys":[{key}]}}"#),
            "override_keys[0]",
        ),
    ] {
        let error = policy(&text).unwrap_err();
        assert_eq!(
            (error.fault, error.path.to_string()),
            (Fault::UnknownField, path.to_owned()),
            "{text}"
        );
    }
}

#[test]
fn a_policy_that_blocks_by_itself_or_contradicts_itself_is_refused_where_it_does() {
    let twice = format!(r#"{{"override_keys":[{KEY},{KEY}]}}"#);
    for (text, fault, path) in [
        (
            r#"{"flows":{"payout":{"unavailable":"allow"}}}"#,
            Fault::UnknownValue,
            "flows.payout.unavailable",
        ),
        (
            r#"{"flows":{"payout":{"monitor_score":601}}}"#,
            Fault::ScoreOrder,
            "flows.payout.review_score",
        ),
        (
            r#"{"flows":{"payout":{"preset":"refund"}}}"#,
            Fault::UnknownValue,
            "flows.payout.preset",
        ),
        (r#"{"flows":{"refund":{}}}"#, Fault::UnknownField, "flows"),
        (
            r#"{"required_coalitions":{"hold_payout":3,"block":2}}"#,
            Fault::OutOfRange,
            "required_coalitions.block",
        ),
        (
            r#"{"prevalence_per_million":0}"#,
            Fault::OutOfRange,
            "prevalence_per_million",
        ),
        (
            r#"{"prevalence_per_million":10000}"#,
            Fault::PriorTooHigh,
            "prevalence_per_million",
        ),
        (
            r#"{"typology_weights":[{"rule":"T01","weight":5,"otherwise":5}]}"#,
            Fault::OutOfRange,
            "typology_weights[0].otherwise",
        ),
        (
            r#"{"typology_weights":[{"rule":"T01","weight":1},{"rule":"T01","weight":2}]}"#,
            Fault::OutOfRange,
            "typology_weights[1].rule",
        ),
        (
            r#"{"typologies_off":["T 1"]}"#,
            Fault::OutOfRange,
            "typologies_off[0]",
        ),
        (&twice, Fault::OutOfRange, "override_keys[1].public"),
        (
            r#"{"help_line":"4111 1111 1111 1111"}"#,
            Fault::CardNumber,
            "help_line",
        ),
        (
            "{\"help_line\":\"a\\u0007\"}",
            Fault::OutOfRange,
            "help_line",
        ),
        (r#"{"country":"se"}"#, Fault::OutOfRange, "country"),
        (r#"{"country":"SWE"}"#, Fault::OutOfRange, "country"),
        (r#"{"treshold":1}"#, Fault::UnknownField, ""),
    ] {
        let error = policy(text).unwrap_err();
        assert_eq!(
            (error.fault, error.path.to_string()),
            (fault, path.to_owned()),
            "{text}"
        );
    }
}

/// docs/identifiers.md, "Card-shaped runs": texts that are kept are read whole.
#[test]
fn a_card_number_in_a_key_name_or_a_rule_id_refuses_the_policy() {
    for card in [
        "4111111111111111",
        "4111 1111 1111 1111",
        "of 4111-1111-1111-1111",
    ] {
        let key = KEY.replace("risk", card);
        let error = policy(&format!(r#"{{"override_keys":[{key}]}}"#)).unwrap_err();
        let found = (error.fault, error.path.to_string());
        assert_eq!(
            found,
            (Fault::CardNumber, "override_keys[0].name".to_owned()),
            "{card}"
        );
    }
    for (text, path) in [
        (
            r#"{"typologies_off":["T01","4111111111111111"]}"#,
            "typologies_off[1]",
        ),
        (
            r#"{"typology_weights":[{"rule":"378282246310005","weight":1}]}"#,
            "typology_weights[0].rule",
        ),
    ] {
        let error = policy(text).unwrap_err();
        assert_eq!(
            (error.fault, error.path.to_string()),
            (Fault::OutOfRange, path.to_owned())
        );
    }
}
