use anyhow::Result;
use interdict::RowToScreen;
use interdict_core::wire::owned::Verdict;
use interdict_host::{Door, Flow, decision};
use serde::{Deserialize, Serialize};

/// One line of the output: a verdict, or why a row has none. It holds no identifier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct VerdictLine {
    /// The line of the row, from 1.
    pub(super) line: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    merchant: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) decision: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) action: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    because: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) degraded: Option<bool>,
    /// How many fields cannot be used.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(super) unused: usize,
    /// Why the row has no verdict.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) problem: Option<String>,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "what serde calls takes a reference"
)]
const fn is_zero(number: &usize) -> bool {
    *number == 0
}

impl VerdictLine {
    /// A row that was screened.
    pub(super) fn of(row: &RowToScreen, verdict: &Verdict, flow: Flow) -> Result<Self> {
        let because = verdict.because.as_deref();
        let decided = decision(verdict.action, because, flow, Door::Holds)?;
        Ok(Self {
            decision: Some(decided.name().to_owned()),
            action: Some(verdict.action.name().to_owned()),
            because: verdict.because.clone(),
            degraded: Some(verdict.degraded),
            unused: verdict.unused.len(),
            ..Self::bare(row)
        })
    }

    /// A row that was not.
    pub(super) fn unread(row: &RowToScreen, problem: String) -> Self {
        Self {
            problem: Some(problem),
            ..Self::bare(row)
        }
    }

    fn bare(row: &RowToScreen) -> Self {
        let merchant = row.merchant.as_ref();
        Self {
            line: row.line,
            merchant: merchant.map(|merchant| merchant.as_str().to_owned()),
            decision: None,
            action: None,
            because: None,
            degraded: None,
            unused: 0,
            problem: None,
        }
    }
}
