use serde_json::Value;

/// The members of a receipt, in order.
const ORDER: [&str; 21] = [
    "format",
    "module",
    "policy",
    "time",
    "flow",
    "request",
    "asked",
    "coalitions",
    "overrides",
    "clearances",
    "doubts",
    "action",
    "because",
    "natural",
    "score",
    "degraded",
    "odds",
    "reasons",
    "unchecked",
    "sealed",
    "mac",
];

/// Whether two receipts have the same bytes before `sealed`, which only a gateway with its SilentKey
/// can compute again.
pub(super) fn is_same_but_for_sealed(one: &str, other: &str) -> bool {
    const SEALED: &str = ",\"sealed\":\"";
    match (one.rsplit_once(SEALED), other.rsplit_once(SEALED)) {
        (Some((one, _)), Some((other, _))) => one == other,
        _ => false,
    }
}

/// The first member in which two receipts differ, such as `coalitions[0].lists[0].freshness`.
pub(super) fn first_difference(one: &[u8], other: &[u8]) -> String {
    let read = |bytes: &[u8]| serde_json::from_slice::<Value>(bytes);
    match (read(one), read(other)) {
        (Ok(one), Ok(other)) => difference(&one, &other, "")
            .unwrap_or_else(|| "the form: the same members in other bytes".to_owned()),
        _ => "the form: not JSON".to_owned(),
    }
}

fn difference(one: &Value, other: &Value, path: &str) -> Option<String> {
    if one == other {
        return None;
    }
    match (one, other) {
        (Value::Object(one), Value::Object(other)) => {
            let known = ORDER.iter().copied().filter(|_| path.is_empty());
            let mut names: Vec<&str> = known.collect();
            names.extend(one.keys().chain(other.keys()).map(String::as_str));
            names.iter().find_map(|name| {
                let dot = if path.is_empty() { "" } else { "." };
                let path = format!("{path}{dot}{name}");
                match (one.get(*name), other.get(*name)) {
                    (None, None) => None,
                    (Some(one), Some(other)) => difference(one, other, &path),
                    _ => Some(path),
                }
            })
        }
        (Value::Array(one), Value::Array(other)) => {
            let both = one.iter().zip(other).enumerate();
            let mut both = both
                .map(|(index, (one, other))| difference(one, other, &format!("{path}[{index}]")));
            both.find_map(|found| found)
                .or_else(|| Some(path.to_owned()))
        }
        _ => Some(path.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_differing_member_is_named_in_the_receipts_order() {
        let found = |one: &str, other: &str| first_difference(one.as_bytes(), other.as_bytes());
        let one = r#"{"score":1,"mac":"a","coalitions":[{"lists":[{"key":true}]}]}"#;
        assert_eq!(
            found(one, &one.replace("true", "false").replace("\"a\"", "\"b\"")),
            "coalitions[0].lists[0].key"
        );
        assert_eq!(found(one, &one.replace("\"a\"", "\"b\"")), "mac");
        assert_eq!(found(one, &one.replace("\"mac\":\"a\",", "")), "mac");
        assert_eq!(
            found(one, &one.replace("{\"key\":true}", "")),
            "coalitions[0].lists"
        );
        assert_eq!(
            found(one, &one.replace("{\"score\"", "{\"new\":1,\"score\"")),
            "new"
        );
        assert!(found(one, &format!("{one} ")).starts_with("the form"));
        assert!(found(one, "").starts_with("the form"));
    }
}
