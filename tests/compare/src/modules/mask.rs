//! Hides the sentences for people in an answer, and nothing else.

/// Whether sentences for people are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sentences {
    /// They must be the same.
    Compared,
    /// Each counts as the same constant.
    Masked,
}

/// Members that hold sentences in answers of `screen` and `screen_batch`. Elsewhere `text` is the
/// canonical form of an identifier.
const MEMBERS: [&str; 3] = ["text", "notice", "message"];

/// The answer with its sentences replaced by a constant. All other bytes stay, so that order, spaces
/// and escapes are still compared.
pub(super) fn masked(operation: &str, answer: &str) -> String {
    if !operation.starts_with("screen") {
        return answer.to_owned();
    }
    let mut out = String::with_capacity(answer.len());
    let mut rest = answer;
    let mut name = "";
    while let Some(start) = rest.find('"') {
        let (before, string) = rest.split_at(start);
        out.push_str(before);
        let end = end_of_string(string);
        let (string, after) = string.split_at(end);
        let value = before.ends_with(':');
        if value && MEMBERS.contains(&name) {
            out.push_str("\"(masked)\"");
        } else {
            out.push_str(string);
        }
        name = if after.starts_with(':') {
            string.trim_matches('"')
        } else {
            ""
        };
        rest = after;
    }
    out.push_str(rest);
    out
}

/// Length of the string that begins here, quotes included.
fn end_of_string(text: &str) -> usize {
    let mut escaped = false;
    for (place, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return place + 1,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::masked;

    #[test]
    fn sentences_are_masked_and_all_other_bytes_stay() {
        let answer = r#"{"reasons":[{"code":"listed","weight":5,"text":"a \"listed\" name"}],"notice":"call","reference":"\"text\":\"x\"","text":7} {"error":{"code":-17,"message":"m\\"}}"#;
        let hidden = r#"{"reasons":[{"code":"listed","weight":5,"text":"(masked)"}],"notice":"(masked)","reference":"\"text\":\"x\"","text":7} {"error":{"code":-17,"message":"(masked)"}}"#;
        assert_eq!(masked("screen", answer), hidden);
        assert_eq!(masked("screen_batch", answer), hidden);
    }

    #[test]
    fn canonical_text_of_an_identifier_is_no_sentence() {
        let answer = r#"{"identifiers":[{"kind":"domain","text":"shop.example"}]}"#;
        assert_eq!(masked("describe", answer), answer);
    }
}
