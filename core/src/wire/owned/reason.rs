use alloc::string::String;

use serde::{Deserialize, Serialize};

use crate::engine::{Language, ReasonCode, ReasonParts, sentence};

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
    /// The id under which the list names the party that had the merchant listed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The party's one name in every coalition.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
    /// Why the merchant is listed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// Who may be told of the listing: a label of the Traffic Light Protocol.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub handling: Option<String>,
    /// What is listed, seen from the identifier: `itself`, `parent` or `label`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relation: Option<String>,
    /// The id of the typology.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// In the analyst's view: the digest by which a clearance names the record or rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// Evidence in millibits that the merchant is bad; below 0, that it is good.
    pub weight: i32,
    /// A sentence for the analyst, if a language was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

impl Reason {
    /// What it tells the analyst: the `text` of the answer if there is one, else the same sentence
    /// as far as the answer has its parts. `None` for a code this version does not know.
    #[must_use]
    pub fn sentence(&self, language: Language) -> Option<String> {
        if let Some(text) = &self.text {
            return Some(text.clone());
        }
        let code = ReasonCode::from_name(&self.code)?;
        let parts = ReasonParts {
            list: self.list.as_deref().or(self.coalition.as_deref()),
            origin: self.origin.as_deref(),
            category: self.category.as_deref(),
            relation: self.relation.as_deref(),
            rule: self.rule.as_deref(),
            title: None,
        };
        Some(sentence(language, code, &parts))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_without_text_has_the_sentence_of_the_core() {
        let reason = |text: &str| serde_json::from_str::<Reason>(text).unwrap();
        let listed = r#"{"code":"listed","list":"se/a","source":"se.x","origin":"x.example","category":"csae","relation":"itself","weight":1}"#;
        assert_eq!(
            reason(listed).sentence(Language::En).unwrap(),
            "Listed on se/a by x.example, for child sexual abuse or exploitation."
        );
        let flag = r#"{"code":"typology","rule":"T04","weight":700}"#;
        assert_eq!(
            reason(flag).sentence(Language::Nl).unwrap(),
            "Regel T04 telt mee."
        );
        let told = r#"{"code":"typology","rule":"T04","weight":700,"text":"As asked."}"#;
        assert_eq!(reason(told).sentence(Language::Sv).unwrap(), "As asked.");
        assert_eq!(
            reason(r#"{"code":"later","weight":0}"#).sentence(Language::En),
            None
        );
    }
}
