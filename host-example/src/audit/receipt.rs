use serde::Deserialize;

/// What a progress report reads of one line of an audit file; members it does not need are passed
/// over, so a receipt may grow.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct AuditLine {
    /// The form of the receipt; only 1 is read.
    pub format: u32,
    /// When the verdict was given, in seconds since 1970.
    pub time: u32,
    /// Where in a merchant's life.
    pub flow: String,
    /// What was asked about: a kind and a keyed digest each, or what could not be used.
    #[serde(default)]
    pub asked: Vec<Asked>,
    /// What each coalition had in place.
    #[serde(default)]
    pub coalitions: Vec<AuditCoalition>,
    /// What followed.
    pub action: String,
    /// Whether a list that should have answered could not.
    pub degraded: bool,
    /// Why.
    #[serde(default)]
    pub reasons: Vec<AuditReason>,
    /// What a line is known by: two lines with the same are one.
    pub mac: String,
}

/// One thing that was asked.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Asked {
    /// What kind of identifier.
    pub kind: Option<String>,
    /// Its keyed digest.
    pub digest: Option<String>,
}

/// What one coalition had in place.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct AuditCoalition {
    /// Its name.
    pub name: String,
    /// Its lists.
    #[serde(default)]
    pub lists: Vec<AuditList>,
}

/// The release of one list that was asked.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct AuditList {
    /// Its id.
    pub list: String,
    /// When it was built, in seconds since 1970.
    pub issued: u32,
    /// `fresh`, `stale`, `expired` or `untrusted`.
    pub freshness: String,
}

/// One thing that led to the verdict.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct AuditReason {
    /// What it is.
    pub code: String,
    /// Which identifier, from 0.
    pub identifier: Option<usize>,
    /// Which coalition.
    pub coalition: Option<String>,
    /// Which list.
    pub list: Option<String>,
    /// Which typology.
    pub rule: Option<String>,
}

impl AuditLine {
    /// Reads one line; `None` for whatever is no receipt of this form.
    #[must_use]
    pub fn read(line: &[u8]) -> Option<Self> {
        let line: Self = serde_json::from_slice(line).ok()?;
        (line.format == 1).then_some(line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_receipt_is_none() {
        let good = r#"{"format":1,"time":1795309323,"flow":"payout","action":"allow","degraded":false,"mac":"00"}"#;
        assert!(AuditLine::read(good.as_bytes()).is_some());
        let grown = good.replace("\"time\"", "\"more\":{\"a\":[1e9]},\"time\"");
        assert!(AuditLine::read(grown.as_bytes()).is_some());
        for bad in [
            good.replace("\"format\":1", "\"format\":2"),
            good.replace("1795309323", "99999999999999"),
            good.replace("1795309323", "-1"),
            good.replace("\"mac\"", "\"mc\""),
            good.split_at(40).0.to_owned(),
            String::new(),
            "[]".into(),
        ] {
            assert_eq!(AuditLine::read(bad.as_bytes()), None, "{bad}");
        }
        assert_eq!(AuditLine::read(b"\xff{}"), None);
    }
}
