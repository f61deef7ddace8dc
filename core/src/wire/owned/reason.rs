use serde::{Deserialize, Serialize};

/// One thing that led to a verdict. Codes may grow in number; the action never depends on them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// What it is; `docs/scoring.md` has the table.
    pub code: String,
    /// Which of the things that the request names, from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identifier: Option<usize>,
    /// The coalition whose list or rule it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub coalition: Option<String>,
    /// The list that says so, or beside which the rule stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub list: Option<String>,
    /// The party that had the merchant listed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Why the merchant is listed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// What is listed, seen from the identifier: `itself`, `parent` or `label`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relation: Option<String>,
    /// The id of the typology.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// Evidence in millibits that the merchant is bad; below 0, that it is good.
    pub weight: i32,
    /// A sentence for the analyst, if a language was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}
