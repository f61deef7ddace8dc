use alloc::borrow::ToOwned as _;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use super::secret::Secret;
use super::word;
use crate::engine::Receipts;
use crate::wire::{Enrolment, EnrolmentKey};

/// The message of `configure`. What is given replaces what was there; what is not given stays.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Configure {
    /// All coalitions. Their lists and keys go with those that were there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub coalitions: Option<Vec<ConfiguredCoalition>>,
    /// Keys of coalitions beside those of their enrolments.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keys: Option<Vec<Key>>,
    /// The policy that decides.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy: Option<Value>,
    /// A policy that only watches; [`Value::Null`] takes it away.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "given"
    )]
    pub shadow: Option<Value>,
    /// All policies that requests choose by name. An older module does not know it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policies: Option<Vec<NamedPolicy>>,
    /// All overrides: signed documents, each as the bytes of its file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub overrides: Option<Vec<Base64>>,
    /// All clearances: signed documents, each as the bytes of its file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clearances: Option<Vec<Base64>>,
    /// The gateway's own secret, 64 hexadecimal digits. Without it there are no receipts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receipt_key: Option<Secret>,
    /// Which answers have a receipt. An older module does not know it.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "word::receipts"
    )]
    pub receipts: Option<Receipts>,
    /// The secret that receipts seal silent findings under, 64 hexadecimal digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub silent_key: Option<Secret>,
    /// SHA-256 of the module's file, hexadecimal; receipts name it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub module: Option<String>,
    /// Forgets the newest verified time and the last poll, after a clock that ran ahead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reset_clock: Option<bool>,
    /// For a replay: whether the receipt names a stopped clock.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clock_stopped: Option<bool>,
    /// Whether the state directory lacks a coalition or a secret that it had.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state_lost: Option<bool>,
}

/// A policy that a request chooses by its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NamedPolicy {
    /// 1 to 32 lower-case letters, digits and inner hyphens.
    pub name: String,
    /// The policy's object.
    pub policy: Value,
}

/// One coalition to trust.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConfiguredCoalition {
    /// The object of the enrolment file, as it is.
    pub enrolment: EnrolmentObject,
    /// What was saved as the coalition's history, or `none`.
    pub history: String,
    /// The coalition's name in this gateway, if it is not the enrolment's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Lists that must be there, if not those of the enrolment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lists: Option<Vec<String>>,
    /// What the files must reach.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at_least: Option<AtLeast>,
    /// Whether the host keeps the history between its starts; it does if nothing is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub history_kept: Option<bool>,
}

/// The object of an enrolment file, which holds keys and is kept out of logs.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EnrolmentObject(pub Value);

/// The least that a coalition's files must reach.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AtLeast {
    /// Version of root.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub root: Option<u32>,
    /// Version of timestamp.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<u32>,
    /// Version of snapshot.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub snapshot: Option<u32>,
    /// Version of targets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub targets: Option<u32>,
    /// The sequence of each list.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub lists: BTreeMap<String, u64>,
}

/// A key of one coalition's lists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Key {
    /// Whose lists it reads.
    pub coalition: String,
    /// 64 hexadecimal digits.
    pub key: Secret,
}

/// Bytes that a message holds as base64.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Base64(pub Vec<u8>);

/// The answer to `configure`: what is in force now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Configured {
    /// The coalitions' names, in their order.
    pub coalitions: Vec<String>,
    /// The number of keys in all.
    pub keys: usize,
    /// Digest of the policy with its defaults filled in, hexadecimal.
    pub policy: String,
    /// Digest of the shadow policy, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shadow: Option<String>,
    /// Digest of each policy that requests choose, by its name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub policies: BTreeMap<String, String>,
    /// The number of overrides in force.
    pub overrides: usize,
    /// The number of clearances in force.
    pub clearances: usize,
    /// Fields of the policies that have no effect.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<PolicyWarning>,
}

/// A field of a policy that has no effect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyWarning {
    /// The stable word; words may grow in number.
    pub code: String,
    /// Which field of the message.
    pub path: String,
    /// What is odd about it, in a sentence.
    pub message: String,
}

/// The history of a coalition that has none.
pub const NO_HISTORY: &str = "none";

impl ConfiguredCoalition {
    /// What an enrolment says to trust, without a history.
    #[must_use]
    pub fn of(enrolment: &Enrolment) -> Self {
        Self {
            enrolment: EnrolmentObject::of(enrolment),
            history: NO_HISTORY.to_owned(),
            name: None,
            lists: None,
            at_least: None,
            history_kept: None,
        }
    }
}

impl EnrolmentObject {
    /// The object of this enrolment's file.
    #[must_use]
    pub fn of(enrolment: &Enrolment) -> Self {
        // An enrolment is written as JSON.
        Self(serde_json::from_slice(&enrolment.to_bytes()).unwrap_or_default())
    }
}

impl fmt::Debug for EnrolmentObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EnrolmentObject")
    }
}

impl Key {
    /// A key of a coalition.
    #[must_use]
    pub fn of(coalition: &str, key: &EnrolmentKey) -> Self {
        Self {
            coalition: coalition.to_owned(),
            key: Secret(key.hex().to_owned()),
        }
    }
}

impl Serialize for Base64 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&BASE64.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Base64 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let bytes = BASE64.decode(text);
        bytes.map(Self).map_err(|_| D::Error::custom("not base64"))
    }
}

/// Keeps apart what is absent and what is `null`.
fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::common::json::{Limits, parse};
    use crate::wire::configure;

    #[test]
    fn a_message_holds_what_is_given_and_the_engine_takes_it() {
        let text = r#"{"coalitions":[],"keys":[],"policy":{"without_lists":true},"shadow":null,"policies":[{"name":"acquiring","policy":{"without_lists":true}}],"overrides":[],"clearances":[],"receipt_key":"KEY","receipts":"findings","silent_key":"KEY","module":"KEY","reset_clock":true,"clock_stopped":false,"state_lost":true}"#;
        let text = text.replace("KEY", &"ab".repeat(32));
        let message: Configure = serde_json::from_str(&text).unwrap();
        assert_eq!(message.shadow, Some(Value::Null));
        assert_eq!(serde_json::to_string(&message).unwrap(), text);
        assert_eq!(serde_json::to_string(&Configure::default()).unwrap(), "{}");
        let limits = Limits {
            depth: 4,
            nodes: 20,
        };
        let value = parse(text.as_bytes(), limits).unwrap();
        let mut engine = crate::engine::Engine::default();
        configure(&mut engine, &value, 1_795_309_323).unwrap();
    }

    #[test]
    fn secrets_are_not_printed() {
        let secret = Secret("ab".repeat(32));
        let coalition = "se".to_owned();
        let message = Configure {
            keys: Some(vec![Key {
                coalition,
                key: secret.clone(),
            }]),
            receipt_key: Some(secret),
            ..Configure::default()
        };
        assert!(!format!("{message:?}").contains("ab"));
    }
}
