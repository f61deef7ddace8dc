use interdict_core::wire::owned::{RuleState, Verdict};
use serde::Deserialize;
use serde_json::value::RawValue;

/// A person's finding about a merchant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Label {
    /// It should have been stopped.
    Bad,
    /// It is lawful.
    Good,
}

/// One labelled line: its label, and its request, changed to ask for the analyst's view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Labelled {
    /// What it was found to be.
    pub label: Label,
    /// A request for `screen`.
    pub request: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawLabelled<'a> {
    label: Label,
    #[serde(borrow)]
    request: &'a RawValue,
}

impl Labelled {
    /// Reads a line; `None` unless it is `{"label":"bad"|"good","request":{…}}`.
    #[must_use]
    pub fn read(line: &[u8]) -> Option<Self> {
        let RawLabelled { label, request } = serde_json::from_slice(line).ok()?;
        let members = request.get().strip_prefix('{')?;
        // Kept as written, so that the module sees and refuses any fault in it.
        let comma = if members.trim_start() == "}" { "" } else { "," };
        let request = format!("{{\"view\":\"analyst\"{comma}{members}");
        Some(Self { label, request })
    }
}

/// A labelled case and the module's verdict on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// What it was found to be.
    pub label: Label,
    /// 0 to 1000.
    pub score: u16,
    /// What each rule said.
    pub rules: Vec<RuleState>,
}

impl Case {
    /// A verdict in the analyst's view, and what the merchant was found to be.
    #[must_use]
    pub fn of(label: Label, verdict: Verdict) -> Self {
        Self {
            label,
            score: verdict.score,
            rules: verdict.rules.unwrap_or_default(),
        }
    }
}
