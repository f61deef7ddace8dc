//! Random messages of `configure` that change no list: policies, shadows, overrides, keys.

use serde_json::{Value, json};

use super::material::Material;
use super::repositories::requiring;
use super::spoil::{Object, spoiled_bytes};
use interdict_tests::seeded::Stream;

/// Policies that together set every field of a policy. Most leave it to the engine which lists they
/// require.
pub(super) fn policies(material: &Material) -> Vec<Value> {
    let keys = &material.override_keys;
    let mut policies = vec![
        json!({}),
        json!({"override_keys": keys}),
        json!({"override_keys": keys, "required_coalitions": {"hold_payout": 2, "block": 2}}),
        json!({"required_coalitions": {"block": 2}, "agreement_per_mille": 1000}),
        json!({"flows": {"onboarding": {"preset": "checkout"}, "authorisation": {"preset": "payout"},
            "payout": {"unavailable": "monitor"}, "checkout": {"unavailable": "review"}}}),
        json!({"flows": {"payout": {"monitor_score": 260, "review_score": 260},
            "checkout": {"monitor_score": 1000, "review_score": 1000, "unavailable": "monitor"}},
            "help_line": "help.example", "terms_clause": "7.2"}),
        json!({"poll_max_age_hours": 1, "numeric_schemes": ["shop_id"], "numeric_sub_merchants": ["any"],
            "clearance_keys": keys}),
        json!({"without_lists": true}),
        json!({"required": {"se": ["se/merchants", "se/others"], "fi": ["fi/merchants"]}}),
        json!({"prevalence_per_million": 3000, "typology_cap": 20_000, "country": "SE"}),
        json!({"typologies_off": ["T13", "T01", "T99"],
            "typology_weights": [{"rule": "T12", "weight": 9000}, {"rule": "T04", "weight": 10_000,
                "otherwise": -10_000}, {"rule": "T02", "weight": -9000}]}),
        json!({"list_max_age_days": 1, "expired_grace_days": 0}),
        json!({"list_max_age_days": 3650, "expired_grace_days": 3650, "override_keys": keys}),
    ];
    policies.extend(material.policies.iter().cloned());
    policies
}

/// Makes messages for engines.
#[derive(Debug)]
pub(super) struct Configurations<'m> {
    pub(super) material: &'m Material,
    pub(super) policies: Vec<Value>,
}

/// What a message must fit: one engine's coalitions and keys.
#[derive(Debug)]
pub(super) struct Enrolled {
    pub(super) coalitions: Vec<Value>,
    pub(super) keys: Value,
    /// Whether it has a ReceiptKey.
    pub(super) receipts: bool,
}

impl Configurations<'_> {
    /// A message that sets everything except lists and coalitions, and gives the right keys or, now and
    /// then, none or a wrong one.
    pub(super) fn good(&self, engine: &Enrolled, stream: &mut Stream) -> String {
        let mut message = Object::default();
        let mut policy = self.policy(engine, stream);
        let overridden = stream.chance(60);
        if overridden && stream.chance(80) {
            policy["override_keys"] = self.material.override_keys.clone();
        }
        message.set("policy", policy.to_string());
        let shadow = match stream.below(3) {
            0 => self.policy(engine, stream).to_string(),
            _ => "null".to_owned(),
        };
        message.set("shadow", shadow);
        if overridden {
            let signed = stream.pick(&self.material.overrides);
            message.set("overrides", json!([signed]).to_string());
        }
        let keys = match stream.below(20) {
            0 => json!([]),
            1 => json!([{"coalition": "se", "key": "f".repeat(64)}]),
            _ => engine.keys.clone(),
        };
        message.set("keys", keys.to_string());
        if engine.receipts {
            let key = stream.pick(&["0c", "5a"]).repeat(32);
            message.string("receipt_key", &key);
            if stream.chance(30) {
                let key = stream.pick(&["20", "3f"]).repeat(32);
                message.string("silent_key", &key);
            }
            if stream.chance(20) {
                message.set("clearances", "[]");
            }
        }
        if stream.chance(10) {
            message.set("clock_stopped", *stream.pick(&["true", "false"]));
        }
        if stream.chance(10) {
            message.set("state_lost", *stream.pick(&["true", "false", "false"]));
        }
        if stream.chance(30) {
            message.string("module", &"ab".repeat(32));
        }
        if stream.chance(20) {
            message.set("reset_clock", *stream.pick(&["true", "false"]));
        }
        message.text(stream)
    }

    /// A message with one fault.
    pub(super) fn broken(&self, engine: &Enrolled, stream: &mut Stream) -> Vec<u8> {
        let mut message = Object::default();
        match stream.below(5) {
            0 => {
                let text = self.good(engine, stream);
                return spoiled_bytes(&text, stream);
            }
            1 => {
                message.set("policy", self.broken_policy(engine, stream));
                message.set("keys", engine.keys.to_string());
            }
            3 if !engine.coalitions.is_empty() => {
                let coalition = broken_coalition(stream.pick(&engine.coalitions), stream);
                message.set("coalitions", json!([coalition]).to_string());
            }
            2 => {
                let (name, value) = stream.pick(&FAULTS);
                message.set(name, *value);
            }
            _ => {
                message.set("policy", self.policy(engine, stream).to_string());
                message.set("keys", engine.keys.to_string());
                message.spoil(stream);
            }
        }
        message.text(stream).into_bytes()
    }

    /// A policy that requires the engine's lists, unless it names others itself.
    fn policy(&self, engine: &Enrolled, stream: &mut Stream) -> Value {
        let mut policy = stream.pick(&self.policies).clone();
        if policy["required"].is_null() && policy["without_lists"].is_null() {
            for (name, value) in requiring(&engine.coalitions)
                .as_object()
                .into_iter()
                .flatten()
            {
                policy[name] = value.clone();
            }
        }
        policy
    }

    /// A policy with one of its numbers or words replaced.
    fn broken_policy(&self, engine: &Enrolled, stream: &mut Stream) -> String {
        let mut policy = self.policy(engine, stream);
        let (pointer, name, value) = stream.pick(&POLICY_FAULTS);
        let value: Value = serde_json::from_str(value).unwrap_or_default();
        if let Some(members) = policy.as_object_mut() {
            if pointer.is_empty() {
                members.insert((*name).to_owned(), value);
            } else {
                members.insert((*pointer).to_owned(), json!({*name: value}));
            }
        }
        policy.to_string()
    }
}

/// Members of `configure` with one thing wrong.
const FAULTS: [(&str, &str); 24] = [
    ("receipt_key", "\"0c\""),
    ("receipt_key", "\"AB\""),
    ("receipt_key", "7"),
    ("module", "\"\""),
    ("module", "null"),
    ("reset_clock", "1"),
    ("clock_stopped", "1"),
    ("state_lost", "1"),
    ("silent_key", "\"0c\""),
    ("clearances", "[\"*\"]"),
    ("clearances", "[\"e30=\"]"),
    ("keys", "{}"),
    ("keys", "[{\"coalition\":\"se\"}]"),
    ("keys", "[{\"coalition\":\"fi\",\"key\":\"00\"}]"),
    ("keys", "[{\"coalition\":\"\u{fc}\",\"key\":\"00\"}]"),
    ("overrides", "[\"*\"]"),
    ("overrides", "[\"e30=\"]"),
    ("overrides", "[\"AAAA\",1]"),
    ("overrides", "\"e30=\""),
    ("shadow", "{\"treshold\":1}"),
    ("shadow", "[]"),
    ("coalitions", "[{\"name\":\"se\"}]"),
    ("coalitions", "[{\"enrolment\":{},\"history\":\"none\"}]"),
    ("coalitions", "{}"),
];

/// A coalition with one of its members, or of its enrolment's, replaced.
fn broken_coalition(coalition: &Value, stream: &mut Stream) -> Value {
    let mut coalition = coalition.clone();
    let (pointer, name, value) = stream.pick(&COALITION_FAULTS);
    if let Some(members) = coalition.pointer_mut(pointer) {
        members[*name] = serde_json::from_str(value).unwrap_or_default();
    }
    coalition
}

/// Where in a coalition, which member, and what it must not be.
const COALITION_FAULTS: [(&str, &str, &str); 19] = [
    ("", "name", "\"SE\""),
    ("", "history", "null"),
    ("", "history", "\"None\""),
    ("", "history", "\"interdict-history-1 se verified=0\""),
    ("", "lists", "[\"x\"]"),
    ("", "at_least", "{\"root\":\"1\"}"),
    ("", "at_least", "{\"lists\":{\"merchants\":1}}"),
    ("", "at_least", "{\"sequence\":1}"),
    ("", "enrolment", "null"),
    ("", "enrolment", "\"e30=\""),
    ("", "edition", "\"member\""),
    ("/enrolment", "format", "\"interdict-enrolment-2\""),
    ("/enrolment", "root", "\"*\""),
    ("/enrolment", "root", "\"e30=\""),
    ("/enrolment", "lists", "[]"),
    ("/enrolment", "lists", "[\"nl/merchants\"]"),
    ("/enrolment", "edition", "\"small\""),
    ("/enrolment", "keys", "[{\"epoch\":1,\"key\":\"00\"}]"),
    ("/enrolment", "recipient", "\"age1x\""),
];

/// Where in a policy, which member, and what it must not be.
const POLICY_FAULTS: [(&str, &str, &str); 24] = [
    ("", "required", "null"),
    ("", "required", "[]"),
    ("", "required", "{\"se\":[\"merchants\"]}"),
    ("", "without_lists", "\"yes\""),
    ("", "without_lists", "true"),
    ("", "prevalence_per_million", "0"),
    ("", "prevalence_per_million", "500001"),
    ("", "agreement_per_mille", "1001"),
    ("", "typology_cap", "20001"),
    ("", "typologies_off", "[\"\"]"),
    ("", "typologies_off", "\"T01\""),
    ("", "typology_weights", "[{\"rule\":\"T01\"}]"),
    (
        "",
        "typology_weights",
        "[{\"rule\":\"T01\",\"weight\":10001}]",
    ),
    ("", "list_max_age_days", "0"),
    ("", "expired_grace_days", "3651"),
    ("", "help_line", "7"),
    ("", "terms_clause", "\"\\u0007\""),
    ("", "override_keys", "[{\"name\":\"x\"}]"),
    ("required_coalitions", "block", "65"),
    ("required_coalitions", "hold_payout", "3"),
    ("flows", "payout", "{\"monitor_score\":51}"),
    ("flows", "payout", "{\"unavailable\":\"allow\"}"),
    ("flows", "refund", "{}"),
    ("flows", "payout", "{\"preset\":\"none\"}"),
];
