use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::list::Action;

use super::reason::Reason;
use super::receipt::PrintedReceipt;
use super::word;

/// The answer to `screen`; `docs/abi.md` explains each member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// What should happen.
    #[serde(with = "word::action")]
    pub action: Action,
    /// Why the action is above `allow`, in one word; absent if it is not. Words may grow in number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
    /// What should happen but for the gateway's own overrides and clearances; absent where that is the same.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "word::optional_action"
    )]
    pub natural: Option<Action>,
    /// 0 to 1000: 600 is even odds that the merchant is bad, 30 for each doubling.
    pub score: u16,
    /// At most four, strongest first; in the analyst's view all.
    pub reasons: Vec<Reason>,
    /// Every list that was asked.
    pub lists: Vec<ListUsed>,
    /// Fields of the request that could not be used.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unused: Vec<UnusedField>,
    /// Kinds in the request that no list checked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unchecked: Vec<String>,
    /// Why time or state is in doubt.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub doubts: Vec<String>,
    /// Whether a list that should have answered could not: no verdict with this set is a clean one.
    pub degraded: bool,
    /// Digest of the policy that decided.
    #[serde(default)]
    pub policy: String,
    /// What the second policy would have done, where that differs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shadow: Option<Shadow>,
    /// In the analyst's view: every live typology and whether it holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rules: Option<Vec<RuleState>>,
    /// What merchant or payer may be told, if a language was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notice: Option<String>,
    /// Proof of all that led here, exactly as it was printed; absent without a receipt key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receipt: Option<PrintedReceipt>,
    /// The request's own mark.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// Whether the request's own mark was dropped, because it may have held a card number or was too long.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub reference_dropped: bool,
}

/// What a policy that only watches would have done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shadow {
    /// Its digest.
    pub policy: String,
    /// What should happen by it.
    #[serde(with = "word::action")]
    pub action: Action,
    /// Its score.
    pub score: u16,
}

/// One typology and the merchant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleState {
    /// Whose it is.
    pub coalition: String,
    /// Beside which list.
    pub list: String,
    /// Its id.
    pub rule: String,
    /// Nothing where a signal it needs is missing.
    pub holds: Option<bool>,
    /// Millibits it counts; 0 where another of that id counts instead.
    pub weight: i32,
}

/// A field that could not be used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnusedField {
    /// Its position, as in [`Reason::identifier`].
    pub identifier: usize,
    /// Where it stands in the request.
    pub path: String,
    /// The rule of `docs/identifiers.md` that it breaks.
    pub rule: String,
}

/// A list that was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListUsed {
    /// The coalition's name in this gateway.
    pub coalition: String,
    /// The list's id.
    pub list: String,
    /// The edition that was asked, such as `member`.
    pub edition: String,
    /// The key period of the release that answers.
    pub epoch: u32,
    /// Which release.
    pub sequence: u64,
    /// How far it can be relied on, such as `fresh` or `expired`.
    pub freshness: String,
    /// Seconds since it was built.
    pub age_s: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALLOW: &str =
        r#"{"action":"allow","score":0,"reasons":[],"lists":[],"degraded":false,"policy":""}"#;

    fn read(text: &str) -> Option<Verdict> {
        serde_json::from_str(text).ok()
    }

    #[test]
    fn an_action_of_another_word_is_an_error() {
        assert_eq!(read(ALLOW).unwrap().action, Action::Allow);
        for word in ["Allow", "pass", "", "allow2"] {
            assert_eq!(read(&ALLOW.replace("allow", word)), None, "{word}");
        }
        let natural = ALLOW.replace("\"score\"", "\"natural\":\"stop\",\"score\"");
        assert_eq!(read(&natural), None);
        let shadow = r#""shadow":{"policy":"","action":"stop","score":1},"score""#;
        assert_eq!(read(&ALLOW.replace("\"score\"", shadow)), None);
        assert_eq!(read(&ALLOW.replace(",\"degraded\":false", "")), None);
    }

    #[test]
    fn an_answer_that_has_grown_is_read() {
        let grown = ALLOW.replace("\"score\"", "\"appeal\":{},\"score\"");
        assert_eq!(read(&grown), read(ALLOW));
    }

    #[test]
    fn a_receipt_keeps_the_bytes_it_was_printed_in() {
        let with = |receipt: &str| {
            let verdict =
                read(&ALLOW.replace("\"score\"", &format!("\"receipt\":{receipt},\"score\"")));
            verdict.unwrap().receipt
        };
        let printed = r#"{"format":1, "mac":"00"}"#;
        assert_eq!(with(printed).unwrap().as_str(), printed);
        assert_eq!(with("null"), None);
        assert_eq!(read(ALLOW).unwrap().receipt, None);
    }
}
