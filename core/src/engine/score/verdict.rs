use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use serde::Serialize;

use super::because::Because;
use super::reason::Reason;
use super::receipt::Receipt;
use super::serialized_names::{action_name, because_name, kind_names, natural_name};
use crate::engine::doubt::Doubt;
use crate::identifier::Kind;
use crate::list::Action;
use crate::policy::Policy;

/// The answer to `screen`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verdict<'e> {
    /// What should happen.
    #[serde(serialize_with = "action_name")]
    pub action: Action,
    /// Why the action is above `allow`; absent if it is not.
    #[serde(
        skip_serializing_if = "Option::is_none",
        serialize_with = "because_name"
    )]
    pub because: Option<Because>,
    /// The action without the gateway's overrides and clearances; absent if it is the same.
    #[serde(
        skip_serializing_if = "Option::is_none",
        serialize_with = "natural_name"
    )]
    pub natural: Option<Action>,
    /// 0 to 1000: 600 is even odds that the merchant is bad, 30 for each doubling.
    pub score: u16,
    /// At most four, strongest first; in the analyst's view all.
    pub reasons: Vec<Reason<'e>>,
    /// The release of each list that was asked, in the order the coalitions were configured.
    pub lists: Vec<ListUsed<'e>>,
    /// Fields of the request that yield no identifier, and signals that cannot be used.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unused: Vec<UnusedField>,
    /// The kinds in the request that no list checked.
    #[serde(skip_serializing_if = "Vec::is_empty", serialize_with = "kind_names")]
    pub unchecked: Vec<Kind>,
    /// Why time or state is in doubt.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub doubts: Vec<Doubt>,
    /// Whether a list that must answer could not in full, or time or state is in doubt. Such a verdict is
    /// never clean.
    pub degraded: bool,
    /// Digest of the policy that decided.
    pub policy: &'e str,
    /// What the shadow policy would have decided; absent if that is the same.
    #[serde(
        skip_serializing_if = "Option::is_none",
        serialize_with = "crate::in_full"
    )]
    pub shadow: Option<Shadow<'e>>,
    /// In the analyst's view: every live typology, and whether its condition is true.
    #[serde(
        skip_serializing_if = "Option::is_none",
        serialize_with = "crate::in_full"
    )]
    pub rules: Option<Vec<RuleState<'e>>>,
    /// What the merchant or payer may be told, in the request's language.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notice: Option<String>,
    /// The replayable proof of the verdict; absent without a ReceiptKey.
    #[serde(
        skip_serializing_if = "Option::is_none",
        serialize_with = "crate::in_full"
    )]
    pub receipt: Option<Box<Receipt<'e>>>,
    /// The reference of the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// Whether the request's reference was dropped: it may have held a card number, or was too long.
    #[serde(skip_serializing_if = "core::ops::Not::not")]
    pub reference_dropped: bool,
}

/// What the shadow policy would have decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Shadow<'e> {
    /// Digest of the shadow policy.
    pub policy: &'e str,
    /// The action under the shadow policy.
    #[serde(serialize_with = "action_name")]
    pub action: Action,
    /// The score under the shadow policy, 0 to 1000.
    pub score: u16,
}

impl<'e> Shadow<'e> {
    /// Compares two verdicts; `None` if action and score are the same.
    pub(crate) fn of(
        policy: &'e Policy,
        first: &Verdict<'_>,
        second: &Verdict<'_>,
    ) -> Option<Self> {
        let differs = (first.action, first.score) != (second.action, second.score);
        differs.then(|| Self {
            policy: policy.digest(),
            action: second.action,
            score: second.score,
        })
    }
}

/// A typology rule, and whether its condition is true of the merchant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct RuleState<'e> {
    /// The coalition that publishes the rule.
    pub coalition: &'e str,
    /// The list that the rule is published with.
    pub list: &'e str,
    /// The rule's id, such as `T04`.
    pub rule: &'e str,
    /// Whether the condition is true; `None` if a signal it needs is missing.
    pub holds: Option<bool>,
    /// The millibits that the rule adds; 0 if a rule of the same id in another pack counts instead.
    pub weight: i32,
}

/// A field or signal of the request that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UnusedField {
    /// The field's position, as in [`Reason::identifier`].
    pub identifier: usize,
    /// Where the field is in the request, such as `iso8583.de42`.
    pub path: String,
    /// The rule of `docs/identifiers.md` that the value breaks.
    pub rule: &'static str,
}

/// A list that was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ListUsed<'e> {
    /// The coalition's name in this gateway.
    pub coalition: &'e str,
    /// The list's id.
    pub list: &'e str,
    /// The edition that was asked, such as `member`.
    pub edition: &'static str,
    /// The epoch of the release that was asked.
    pub epoch: u32,
    /// The release's number, which rises with every release.
    pub sequence: u64,
    /// `fresh`, `late`, `stale`, `expired` or `untrusted`.
    pub freshness: &'static str,
    /// Seconds since the release was built.
    pub age_s: u32,
}
