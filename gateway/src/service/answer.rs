use std::collections::BTreeMap;

use interdict_host::{Action, Door, Flow, decision};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::doors::{Answers, Column};

/// What the service answers about one merchant: the module's verdict, what a door does with it, and the line in the
/// audit. The receipt is in the audit alone.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct ScreenAnswer {
    /// Whether test merchants alone were meant, as by `interdict serve --try`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    test: bool,
    /// UUID of the line in the audit.
    #[serde(default)]
    pub(crate) id: String,
    /// What a door that can hold does with the verdict in this flow.
    #[serde(default)]
    pub(crate) decision: DecisionName,
    /// What the module asks for.
    pub(crate) action: ActionName,
    /// Why the action is above `allow`, in one word.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) because: Option<String>,
    /// What the action would be without overrides and clearances, where that differs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) natural: Option<ActionName>,
    /// 0 to 1000, for the order of a queue.
    pub(crate) score: u16,
    /// What was found.
    pub(crate) reasons: Vec<ReasonAnswer>,
    /// The lists that were asked.
    pub(crate) lists: Vec<ListAnswer>,
    /// Fields of the request that could not be used.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) unused: Vec<UnusedAnswer>,
    /// Kinds in the request that no list checked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) unchecked: Vec<String>,
    /// Why time or state is in doubt.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) doubts: Vec<String>,
    /// Whether a list that must answer could not, or time or state is in doubt.
    pub(crate) degraded: bool,
    /// Digest of the policy that decided.
    pub(crate) policy: String,
    /// What the second policy would have done, where that differs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    shadow: Option<Box<RawValue>>,
    /// In the analyst's view: every red flag and whether it holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<Object>>)]
    rules: Option<Box<RawValue>>,
    /// What merchant or payer may be told, if a language was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) notice: Option<String>,
    /// The request's own mark.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) reference: Option<String>,
    /// Whether the request's own mark was dropped: it may have held a card number, or was too long.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    reference_dropped: bool,
    /// Goes into the audit, in the bytes in which the module printed it.
    #[serde(default, skip_serializing)]
    #[schema(ignore)]
    pub(crate) receipt: Option<Box<RawValue>>,
}

/// An action, weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ActionName {
    Allow,
    Monitor,
    Review,
    HoldPayout,
    Block,
}

/// What a door does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DecisionName {
    Pass,
    #[default]
    Hold,
    Refuse,
}

/// One finding; `docs/scoring.md` has the codes.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct ReasonAnswer {
    pub(crate) code: String,
    /// Which of the things that the request names, from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) identifier: Option<usize>,
    /// Millibits of evidence.
    pub(crate) weight: i32,
    /// The further members of `docs/abi.md`, screen, reasons.
    #[serde(flatten)]
    pub(crate) more: BTreeMap<String, Value>,
}

/// One list that was asked.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct ListAnswer {
    pub(crate) coalition: String,
    pub(crate) list: String,
    pub(crate) edition: String,
    epoch: u32,
    pub(crate) sequence: u64,
    pub(crate) freshness: String,
    /// Seconds since it was built.
    pub(crate) age_s: u32,
}

/// One field that could not be used.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct UnusedAnswer {
    identifier: usize,
    /// Where it stands in the request.
    pub(crate) path: String,
    /// The rule of `docs/identifiers.md` that it breaks.
    pub(crate) rule: String,
}

impl ActionName {
    pub(crate) const fn action(self) -> Action {
        match self {
            Self::Allow => Action::Allow,
            Self::Monitor => Action::Monitor,
            Self::Review => Action::Review,
            Self::HoldPayout => Action::HoldPayout,
            Self::Block => Action::Block,
        }
    }

    /// Its name in `docs/abi.md`.
    pub(crate) const fn name(self) -> &'static str {
        self.action().name()
    }
}

impl ScreenAnswer {
    /// Reads the module's answer in a flow. `None` for anything that is not understood, which is never a pass.
    pub(crate) fn read(answer: &[u8], flow: Flow) -> Option<Self> {
        let mut read: Self = serde_json::from_slice(answer).ok()?;
        // A door that holds always has a decision.
        let decided = decision(
            read.action.action(),
            read.because.as_deref(),
            flow,
            Door::Holds,
        );
        read.decision = match decided.ok()? {
            interdict_host::Decision::Pass => DecisionName::Pass,
            interdict_host::Decision::Hold => DecisionName::Hold,
            interdict_host::Decision::Refuse => DecisionName::Refuse,
        };
        Some(read)
    }

    /// Its column at a door with these answers.
    pub(crate) fn column(&self, answers: &Answers, flow: Flow) -> Column {
        answers.column(self.action.action(), self.because.as_deref(), flow)
    }

    /// Whether a record or a filter names the merchant.
    pub(crate) fn is_found(&self) -> bool {
        self.reasons
            .iter()
            .any(|reason| reason.code == "listed" || reason.code == "candidate")
    }
}
