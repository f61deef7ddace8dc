use interdict_core::identifier::holds_card_number;
use interdict_host::{Action, Answer, CallError};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::sorry::Sorry;
use super::words;
use crate::service::problem::Problem;
use crate::service::state::Service;

/// Stands for a domain that no list has.
const UNLISTED: &str = "no-list-has-this-name.example";

/// One thing that a request names.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Named {
    pub(crate) kind: String,
    pub(crate) value: String,
}

/// What the answer would be but for one thing.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Without {
    pub(crate) what: String,
    pub(crate) action: &'static str,
    pub(crate) action_word: &'static str,
    pub(crate) because: Option<String>,
}

/// What a request names.
pub(crate) fn named(request: &str) -> Vec<Named> {
    let request = serde_json::from_str::<Map<String, Value>>(request).unwrap_or_default();
    let identifiers = request.get("identifiers").and_then(Value::as_array);
    let identifiers = identifiers.into_iter().flatten().cloned();
    let read = identifiers.filter_map(|one| serde_json::from_value::<Named>(one).ok());
    let read = read.map(|one| Named {
        kind: words::spoken(&one.kind),
        ..one
    });
    let url = request.get("url").and_then(Value::as_str);
    let url = url.map(|value| Named {
        kind: "url".to_owned(),
        value: value.to_owned(),
    });
    read.chain(url).collect()
}

/// Asks once more without each thing that a request names, and without its red flags. These questions have no line in
/// the journal: nobody acts on their answers.
pub(crate) fn without_each(
    service: &Service,
    request: &str,
    now: u32,
) -> Result<Vec<Without>, Sorry> {
    let mut lines = Vec::new();
    let mut asked = Vec::new();
    for (what, other) in others(request) {
        lines.extend(serde_json::to_vec(&other).unwrap_or_default());
        lines.push(b'\n');
        asked.push(what);
    }
    let answers = service.gateway.host().screen_batch(&lines, now);
    let answers = answers.map_err(|error| Problem::failed(&error))?;
    if answers.len() != asked.len() {
        return Err(Problem::failed(&CallError::Answer.into()).into());
    }
    Ok(asked.into_iter().zip(answers).map(told).collect())
}

fn told((what, answer): (String, Answer)) -> Without {
    let (action, because): (Option<Action>, Option<String>) = match answer {
        Answer::Verdict(verdict) => (Some(verdict.action), verdict.because),
        Answer::Refused { .. } => (None, None),
    };
    Without {
        what,
        action: action.map_or("none", |action| action.name()),
        action_word: action.map_or("Nothing left to screen", words::action),
        because: because.map(|word| words::because(&word).to_owned()),
    }
}

/// The requests that differ from one in a single thing, and what that is. A domain is replaced, so that a request
/// which names nothing else can still be asked.
fn others(request: &str) -> Vec<(String, Map<String, Value>)> {
    let request = serde_json::from_str::<Map<String, Value>>(request).unwrap_or_default();
    let mut all = Vec::new();
    let count = request.get("identifiers").and_then(Value::as_array);
    for index in 0..count.map_or(0, Vec::len) {
        let mut other = request.clone();
        let identifiers = other.get_mut("identifiers").and_then(Value::as_array_mut);
        let Some(one) = identifiers.as_ref().and_then(|all| all.get(index)) else {
            continue;
        };
        let text = |name: &str| one.get(name).and_then(Value::as_str).unwrap_or_default();
        let (kind, value) = (text("kind").to_owned(), shown(text("value")).to_owned());
        let what = match kind.as_str() {
            "domain" => format!("If no list named the domain {value}"),
            _ => format!("Without the {} {value}", words::spoken(&kind)),
        };
        if let Some(all) = identifiers {
            match (kind.as_str(), all.get_mut(index)) {
                ("domain", Some(one)) => {
                    *one = serde_json::json!({"kind": "domain", "value": UNLISTED});
                }
                _ => drop(all.remove(index)),
            }
        }
        all.push((what, other));
    }
    if request.contains_key("url") {
        let mut other = request.clone();
        other.insert("url".to_owned(), format!("https://{UNLISTED}/").into());
        all.push(("If no list named the web address".to_owned(), other));
    }
    if request.contains_key("signals") {
        let mut other = request.clone();
        other.remove("signals");
        all.push(("Without what is known besides names".to_owned(), other));
    }
    all
}

/// A value as it may be shown: not if it may be a card number.
fn shown(value: &str) -> &str {
    match holds_card_number(value) {
        true => "given",
        false => value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_other_request_lacks_one_thing_and_keeps_the_rest() {
        let request = r#"{"flow":"payout","identifiers":[{"kind":"domain","value":"shop.example"},
            {"kind":"iban","value":"SE4550000000058398257466"}],"signals":{"a":1}}"#;
        let all = others(request);
        let whats: Vec<&str> = all.iter().map(|(what, _)| what.as_str()).collect();
        assert_eq!(
            whats,
            [
                "If no list named the domain shop.example",
                "Without the iban SE4550000000058398257466",
                "Without what is known besides names"
            ]
        );
        let text = |index: usize| serde_json::to_string(&all[index].1).unwrap();
        assert!(!text(0).contains("shop.example") && text(0).contains("iban"));
        assert!(text(1).contains("shop.example") && !text(1).contains("iban"));
        assert!(text(2).contains("shop.example") && !text(2).contains("signals"));
        assert_eq!(named(request).len(), 2);
        assert_eq!(others("[]"), []);
    }
}
