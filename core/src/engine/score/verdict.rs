use serde::Serialize;

use super::reason::Reason;
use super::receipt::Receipt;
use super::serialized_names::{action_name, natural_name};
use crate::list::Action;
use crate::policy::Policy;

/// The answer to one request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verdict<'e> {
    /// What should happen.
    #[serde(serialize_with = "action_name")]
    pub action: Action,
    /// What should happen but for the gateway's own overrides; absent where that is the same.
    #[serde(
        skip_serializing_if = "Option::is_none",
        serialize_with = "natural_name"
    )]
    pub natural: Option<Action>,
    /// 0 to 1000: 500 is even odds that the merchant is bad, 50 for each doubling.
    pub score: u16,
    /// At most four, strongest first; in the analyst's view all.
    pub reasons: Vec<Reason<'e>>,
    /// Every list of every coalition, in the order they were configured.
    pub lists: Vec<ListUsed<'e>>,
    /// Pages of records without which the answer is not final: load them and ask again.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pages: Vec<PageNeeded<'e>>,
    /// Fields of the request's blocks of which no identifier came.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unused: Vec<UnusedField>,
    /// Whether a list that should have answered could not: no verdict with this set is a clean one.
    pub degraded: bool,
    /// Digest of the policy that decided.
    pub policy: &'e str,
    /// What the second policy would have done, where that differs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shadow: Option<Shadow<'e>>,
    /// In the analyst's view: every typology in place and whether it holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rules: Option<Vec<RuleState<'e>>>,
    /// What merchant or payer may be told, in the language asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notice: Option<String>,
    /// Proof of all that led here; absent without a ReceiptKey.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receipt: Option<Box<Receipt<'e>>>,
    /// The request's own mark.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
}

/// What a policy that only watches would have done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Shadow<'e> {
    /// Its digest.
    pub policy: &'e str,
    /// What should happen by it.
    #[serde(serialize_with = "action_name")]
    pub action: Action,
    /// Its score.
    pub score: u16,
}

impl<'e> Shadow<'e> {
    /// What a second policy decides, if that differs.
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

/// One typology and the merchant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct RuleState<'e> {
    /// Whose it is.
    pub coalition: &'e str,
    /// Beside which list.
    pub list: &'e str,
    /// Its id.
    pub rule: &'e str,
    /// Nothing where a signal it needs is missing.
    pub holds: Option<bool>,
    /// Millibits it counts; 0 where another of that id counts instead.
    pub weight: i32,
}

/// A page of records that a question needs and that is not loaded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PageNeeded<'e> {
    /// Whose.
    pub coalition: &'e str,
    /// Of which list.
    pub list: &'e str,
    /// Of which epoch.
    pub epoch: u32,
    /// Its number.
    pub page: u32,
}

/// A field that could not be used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UnusedField {
    /// Its position, as in [`Reason::identifier`].
    pub identifier: usize,
    /// Where it stands in the request.
    pub path: String,
    /// The rule of `docs/identifiers.md` that it breaks.
    pub rule: &'static str,
}

/// A list that was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ListUsed<'e> {
    /// The coalition's name in this gateway.
    pub coalition: &'e str,
    /// The list's id.
    pub list: &'e str,
    /// The key period of the release that answers.
    pub epoch: u32,
    /// Which release.
    pub sequence: u64,
    /// How far it can be relied on.
    pub freshness: &'static str,
    /// Seconds since it was built.
    pub age_s: u32,
}
