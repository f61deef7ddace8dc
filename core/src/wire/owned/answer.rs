use alloc::boxed::Box;
use alloc::string::String;

use serde::{Deserialize, Serialize};

use super::receipt::PrintedReceipt;
use super::verdict::Verdict;

/// One line of the answer to `screen_batch`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Answer {
    /// The request was answered.
    Verdict(Box<Verdict>),
    /// The line was refused: nothing is known of its merchant.
    Refused {
        /// Why.
        error: Refusal,
    },
}

/// Why a message was refused. It never repeats the message's content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// The stable number, always negative.
    pub code: i32,
    /// The stable word.
    pub name: String,
    /// The path in the message to the cause; empty if the cause is not in the message.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub path: String,
    /// A sentence for a person.
    pub message: String,
    /// Proof that a request was refused, exactly as it was printed; absent without a receipt key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receipt: Option<PrintedReceipt>,
}

#[derive(Deserialize)]
struct RefusedLine {
    error: Refusal,
}

impl Answer {
    /// Reads a line. `None` for anything that is not understood, which is never a pass.
    #[must_use]
    pub fn read(line: &[u8]) -> Option<Self> {
        // Not by serde's own trial and error: that would lose the bytes of the receipt.
        if let Ok(RefusedLine { error }) = serde_json::from_slice(line) {
            return Some(Self::Refused { error });
        }
        let verdict = serde_json::from_slice(line).ok()?;
        Some(Self::Verdict(Box::new(verdict)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_line_is_no_verdict() {
        let line = br#"{"error":{"code":-17,"name":"unknown_field","message":"no"}}"#;
        let answer = Answer::read(line).unwrap();
        assert!(matches!(&answer, Answer::Refused { error } if error.code == -17));
        assert_eq!(serde_json::to_vec(&answer).unwrap(), line);
        for other in [&b"{}"[..], b"", br#"{"error":{}}"#] {
            assert_eq!(Answer::read(other), None);
        }
    }
}
