use interdict_core::wire::owned::{Receipt, RefusalReceipt};

/// What a line of an audit file proves.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum AuditLine {
    /// A verdict.
    Verdict(Box<Receipt>),
    /// A request that was refused.
    Refusal(RefusalReceipt),
}

impl AuditLine {
    /// Reads a line; `None` for anything except a receipt of format 1 with its `mac`, by which two lines
    /// are distinguished. Unknown members are accepted, since a newer receipt may have some.
    pub(super) fn read(line: &[u8]) -> Option<Self> {
        let line = match serde_json::from_slice(line) {
            Ok(refusal) => Self::Refusal(refusal),
            Err(_) => Self::Verdict(serde_json::from_slice(line).ok()?),
        };
        matches!(line.form(), (1, Some(_))).then_some(line)
    }

    const fn form(&self) -> (u32, Option<&String>) {
        match self {
            Self::Verdict(receipt) => (receipt.format, receipt.mac.as_ref()),
            Self::Refusal(receipt) => (receipt.format, receipt.mac.as_ref()),
        }
    }
}

/// Whether a line of an audit file is a person's decision about the state directory: no receipt, and no
/// answer to a request.
#[must_use]
pub fn is_decision(line: &[u8]) -> bool {
    line.starts_with(br#"{"format":1,"decision":"#)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"{"format":1,"module":{"version":"0.2.0","build":"full"},"policy":"00","time":1795309323,"flow":"payout","request":"00","asked":[],"coalitions":[],"overrides":[],"clearances":[],"doubts":[],"action":"allow","natural":"allow","score":0,"degraded":false,"odds":{"prior":0,"typologies":0,"agreement":0,"total":0},"reasons":[],"unchecked":[],"sealed":"00","mac":"00"}"#;

    #[test]
    fn a_refusal_is_told_from_a_verdict() {
        let refusal = r#"{"format":1,"module":{"version":"0.2.0","build":"full"},"time":1795309323,"code":-17,"path":"","mac":"00"}"#;
        let read = |text: &str| AuditLine::read(text.as_bytes());
        assert!(matches!(read(refusal), Some(AuditLine::Refusal(_))));
        assert!(matches!(read(GOOD), Some(AuditLine::Verdict(_))));
        for bad in [("\"format\":1", "\"format\":2"), ("\"mac\"", "\"mc\"")] {
            assert_eq!(read(&refusal.replace(bad.0, bad.1)), None);
        }
    }

    #[test]
    fn what_is_no_receipt_is_none() {
        assert!(AuditLine::read(GOOD.as_bytes()).is_some());
        let grown = GOOD.replace("\"time\"", "\"more\":{\"a\":[1e9]},\"time\"");
        assert!(AuditLine::read(grown.as_bytes()).is_some());
        for bad in [
            GOOD.replace("\"format\":1", "\"format\":2"),
            GOOD.replace("1795309323", "99999999999999"),
            GOOD.replace("1795309323", "-1"),
            GOOD.replace("\"mac\"", "\"mc\""),
            GOOD.replace("\"action\":\"allow\"", "\"action\":\"pass\""),
            GOOD.split_at(40).0.to_owned(),
            String::new(),
            "[]".into(),
        ] {
            assert_eq!(AuditLine::read(bad.as_bytes()), None, "{bad}");
        }
        assert_eq!(AuditLine::read(b"\xff{}"), None);
    }
}
