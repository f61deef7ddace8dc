use interdict_core::wire::owned::Receipt;

/// The receipt on a line of an audit file; `None` for anything except a receipt of format 1 with its `mac`, by
/// which two lines are distinguished. Unknown members are accepted, since a newer receipt may have some.
pub(super) fn receipt_of(line: &[u8]) -> Option<Receipt> {
    let receipt: Receipt = serde_json::from_slice(line).ok()?;
    (receipt.format == 1 && receipt.mac.is_some()).then_some(receipt)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"{"format":1,"module":{"version":"0.1.0"},"policy":"00","time":1795309323,"flow":"payout","request":"00","asked":[],"coalitions":[],"overrides":[],"action":"allow","natural":"allow","score":0,"degraded":false,"odds":{"prior":0,"misses":0,"candidates":0,"typologies":0,"agreement":0,"total":0},"reasons":[],"silent":"00","mac":"00"}"#;

    #[test]
    fn what_is_no_receipt_is_none() {
        assert!(receipt_of(GOOD.as_bytes()).is_some());
        let grown = GOOD.replace("\"time\"", "\"more\":{\"a\":[1e9]},\"time\"");
        assert!(receipt_of(grown.as_bytes()).is_some());
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
            assert_eq!(receipt_of(bad.as_bytes()), None, "{bad}");
        }
        assert_eq!(receipt_of(b"\xff{}"), None);
    }
}
