use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::error::Error;

/// What should happen. Another word than these is an error, never a pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Nothing.
    Allow,
    /// Watch, and let nobody notice.
    Monitor,
    /// A person decides.
    Review,
    /// Keep the money until a person has decided.
    HoldPayout,
    /// Refuse.
    Block,
}

/// The module's answer to one request; `docs/abi.md` explains each member.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Verdict {
    /// What should happen.
    pub action: Action,
    /// What should happen but for the gateway's own overrides, where that differs.
    pub natural: Option<Action>,
    /// 0 to 1000.
    pub score: u16,
    /// At most four, by weight.
    pub reasons: Vec<Reason>,
    /// Every list that was asked.
    pub lists: Vec<ListUsed>,
    /// Pages of records without which the answer is not final: those that could not be had.
    #[serde(default)]
    pub pages: Vec<PageNeeded>,
    /// Whether a list that should have answered could not: no verdict with this set is a clean one.
    pub degraded: bool,
    /// Digest of the policy that decided.
    #[serde(default)]
    pub policy: String,
    /// What the second policy would have done, where that differs.
    pub shadow: Option<Shadow>,
    /// What merchant or payer may be told, if a language was asked for.
    pub notice: Option<String>,
    /// The replayable proof, exactly as the module printed it.
    #[serde(default, deserialize_with = "printed")]
    pub receipt: Option<String>,
    /// The request's own mark.
    pub reference: Option<String>,
}

/// What a policy that only watches would have done.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Shadow {
    /// Its digest.
    pub policy: String,
    /// What should happen by it.
    pub action: Action,
    /// Its score.
    pub score: u16,
}

/// One thing that led to the verdict. Codes may grow in number; the action never depends on them.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Reason {
    /// What it is; `docs/scoring.md` has the table.
    pub code: String,
    /// Which identifier of the request, from 0.
    pub identifier: Option<usize>,
    /// Which coalition.
    pub coalition: Option<String>,
    /// Which list.
    pub list: Option<String>,
    /// Who had it listed.
    pub source: Option<String>,
    /// Why it is listed.
    pub category: Option<String>,
    /// `itself`, or `parent`.
    pub relation: Option<String>,
    /// Which typology.
    pub rule: Option<String>,
    /// Millibits.
    pub weight: i32,
    /// A sentence for the analyst, if a language was asked for.
    pub text: Option<String>,
}

/// A list that was asked.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ListUsed {
    /// Whose it is.
    pub coalition: String,
    /// Its id.
    pub list: String,
    /// The key period of the release.
    pub epoch: u32,
    /// Which release.
    pub sequence: u64,
    /// `fresh`, `stale`, `expired` or `untrusted`.
    pub freshness: String,
    /// Seconds since it was built.
    pub age_s: u32,
}

/// A page of a list's records.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub struct PageNeeded {
    /// Whose.
    pub coalition: String,
    /// Of which list.
    pub list: String,
    /// Of which key period.
    pub epoch: u32,
    /// Its number, from 0.
    pub page: u32,
}

/// One line of a batch's answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The request was answered.
    Verdict(Verdict),
    /// The line was refused: nothing is known of its merchant.
    Refused(Refusal),
}

/// Why a line was refused; it never holds what was sent.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Refusal {
    /// The stable number.
    pub code: i32,
    /// The stable word.
    pub name: String,
    /// A sentence.
    pub message: String,
}

#[derive(Deserialize)]
struct RefusedLine {
    error: Refusal,
}

/// JSON as it stands in the answer, a text without its quotes.
fn printed<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let raw = Box::<RawValue>::deserialize(deserializer)?;
    let text: Result<Option<String>, _> = serde_json::from_str(raw.get());
    Ok(text.unwrap_or_else(|_| Some(raw.get().to_owned())))
}

impl Action {
    /// Every action, weakest first.
    pub const ALL: [Self; 5] = [
        Self::Allow,
        Self::Monitor,
        Self::Review,
        Self::HoldPayout,
        Self::Block,
    ];

    /// The stable word.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Monitor => "monitor",
            Self::Review => "review",
            Self::HoldPayout => "hold_payout",
            Self::Block => "block",
        }
    }
}

impl Verdict {
    /// Reads the answer to `screen`.
    ///
    /// # Errors
    /// [`Error::Answer`] for anything this host does not understand.
    pub fn read(answer: &[u8]) -> Result<Self, Error> {
        let verdict: Self = serde_json::from_slice(answer).map_err(|_| Error::Answer)?;
        // What is not final is never clean.
        if verdict.pages.is_empty() || verdict.degraded {
            Ok(verdict)
        } else {
            Err(Error::Answer)
        }
    }
}

impl Answer {
    /// Reads a line of the answer to `screen_batch`.
    ///
    /// # Errors
    /// [`Error::Answer`] for anything this host does not understand.
    pub fn read(line: &[u8]) -> Result<Self, Error> {
        if let Ok(refused) = serde_json::from_slice::<RefusedLine>(line) {
            return Ok(Self::Refused(refused.error));
        }
        Verdict::read(line).map(Self::Verdict)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALLOW: &str =
        r#"{"action":"allow","score":0,"reasons":[],"lists":[],"degraded":false,"policy":""}"#;

    #[test]
    fn an_action_of_another_word_is_an_error() {
        assert_eq!(
            Verdict::read(ALLOW.as_bytes()).unwrap().action,
            Action::Allow
        );
        for word in ["Allow", "pass", "", "allow2"] {
            let answer = ALLOW.replace("allow", word);
            assert!(
                matches!(Verdict::read(answer.as_bytes()), Err(Error::Answer)),
                "{word}"
            );
        }
        let undegraded = ALLOW.replace(",\"degraded\":false", "");
        assert!(Verdict::read(undegraded.as_bytes()).is_err());
    }

    #[test]
    fn an_answer_that_has_grown_is_read() {
        let grown = ALLOW.replace("\"score\"", "\"appeal\":{},\"score\"");
        assert!(Verdict::read(grown.as_bytes()).is_ok());
    }

    #[test]
    fn a_receipt_keeps_the_bytes_it_was_printed_in() {
        for (printed, kept) in [
            (
                r#"{"format":1, "mac":"00"}"#,
                Some(r#"{"format":1, "mac":"00"}"#),
            ),
            ("\"00ff\"", Some("00ff")),
            ("null", None),
        ] {
            let answer = ALLOW.replace("\"score\"", &format!("\"receipt\":{printed},\"score\""));
            let verdict = Verdict::read(answer.as_bytes()).unwrap();
            assert_eq!(verdict.receipt.as_deref(), kept);
        }
        assert_eq!(Verdict::read(ALLOW.as_bytes()).unwrap().receipt, None);
    }

    #[test]
    fn a_verdict_that_lacks_pages_is_degraded_or_none() {
        let pages = r#"[{"coalition":"se","list":"se/a","epoch":2,"page":17,"more":1}]"#;
        let lacking = ALLOW.replace("\"degraded\"", &format!("\"pages\":{pages},\"degraded\""));
        assert!(Verdict::read(lacking.as_bytes()).is_err());
        let verdict = Verdict::read(lacking.replace("false", "true").as_bytes()).unwrap();
        assert_eq!((verdict.pages[0].epoch, verdict.pages[0].page), (2, 17));
    }

    #[test]
    fn a_refused_line_is_no_verdict() {
        let line = br#"{"error":{"code":-17,"name":"unknown_field","path":"","message":"no"}}"#;
        let Answer::Refused(refusal) = Answer::read(line).unwrap() else {
            panic!()
        };
        assert_eq!(refusal.code, -17);
        assert!(Answer::read(b"{}").is_err());
        assert!(Answer::read(b"").is_err());
    }
}
