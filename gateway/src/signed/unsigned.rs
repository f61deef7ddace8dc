//! Documents that are drafted and lack a signature: an ordinary step between two people, and no fault of the gateway.

use std::collections::BTreeSet;
use std::path::Path;

use interdict_core::engine::{OVERRIDE_SIGNATURES, RECORD_SIGNATURES};
use interdict_host::{DocumentKind, SignedDocument};
use serde_json::Value;

/// A document as JSON; null if it is none.
pub(super) fn read(document: &SignedDocument) -> Value {
    serde_json::from_slice(&document.bytes).unwrap_or_default()
}

/// How many people must still sign a document, by the names below it; 0 if there are enough, or if it is no document.
/// Whether a signature is good is the module's to say.
#[must_use]
pub fn missing_signatures(kind: DocumentKind, document: &Value) -> u32 {
    let needed = match (kind, document.pointer("/signed/clearances")) {
        (DocumentKind::Override, _) => OVERRIDE_SIGNATURES,
        (DocumentKind::Clearance, Some(Value::Array(all))) => {
            let is_rule = |one: &Value| one.get("code").is_some_and(|code| code == "typology");
            if all.iter().all(is_rule) {
                1
            } else {
                RECORD_SIGNATURES
            }
        }
        (DocumentKind::Clearance, _) => 0,
    };
    let Some(Value::Array(signatures)) = document.get("signatures") else {
        return 0;
    };
    let names = signatures
        .iter()
        .filter_map(|one| one.get("keyid")?.as_str());
    let names: BTreeSet<&str> = names.collect();
    needed.saturating_sub(u32::try_from(names.len()).unwrap_or(u32::MAX))
}

/// That a document waits for signatures and what to do; `None` if it has enough.
pub(super) fn told(
    kind: DocumentKind,
    directory: &Path,
    document: &SignedDocument,
    now: u32,
) -> Option<String> {
    let json = read(document);
    let missing = missing_signatures(kind, &json);
    let people = people(missing)?;
    let signs = if missing == 1 { "signs" } else { "sign" };
    let (kind_name, name) = (kind.name(), &document.name);
    let path = directory.join(name);
    if document.has_expired(now) {
        return Some(format!(
            "{kind_name} {name} has expired before {people} signed it: delete {}",
            path.display()
        ));
    }
    let sign = match case_of(name, &json) {
        Some((case, until)) => format!("interdict clear {case} --until {until} --key KEYFILE"),
        None => format!(
            "interdict {kind_name} sign {} --key KEYFILE",
            path.display()
        ),
    };
    Some(format!(
        "{kind_name} {name} has no effect until {people} {signs} it: {sign}, or delete the file"
    ))
}

/// "one more person"; `None` if nobody need sign.
fn people(missing: u32) -> Option<&'static str> {
    match missing {
        0 => None,
        1 => Some("one more person"),
        _ => Some("two people"),
    }
}

/// The case that a document of `interdict clear` is about, and its end.
fn case_of<'d>(name: &str, document: &'d Value) -> Option<(u32, &'d str)> {
    let signed = document.get("signed")?;
    let case = signed.get("reference")?.as_str()?.strip_prefix("case ")?;
    let case: u32 = case.parse().ok()?;
    let is_of_clear = name.starts_with(&format!("case-{case}-"));
    let until = signed.get("expires")?.as_str()?;
    is_of_clear.then_some((case, until))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn missing_of(kind: DocumentKind, codes: &[&str], signers: &[&str]) -> u32 {
        let clearances: Vec<Value> = codes.iter().map(|code| json!({"code": code})).collect();
        let signatures: Vec<Value> = signers.iter().map(|name| json!({"keyid": name})).collect();
        let document = json!({"signatures": signatures, "signed": {"clearances": clearances}});
        missing_signatures(kind, &document)
    }

    #[test]
    fn a_record_and_an_override_wait_for_two_people_and_a_rule_for_one() {
        let clearance =
            |codes: &[&str], signers: &[&str]| missing_of(DocumentKind::Clearance, codes, signers);
        assert_eq!(clearance(&["typology"], &[]), 1);
        assert_eq!(clearance(&["typology"], &["ada"]), 0);
        for code in ["listed", "candidate"] {
            assert_eq!(clearance(&["typology", code], &[]), 2);
            assert_eq!(clearance(&["typology", code], &["ada"]), 1);
            assert_eq!(clearance(&[code], &["ada", "ada"]), 1);
            assert_eq!(clearance(&[code], &["ada", "bo"]), 0);
        }
        assert_eq!(missing_of(DocumentKind::Override, &[], &["ada"]), 1);
        assert_eq!(missing_of(DocumentKind::Override, &[], &["ada", "bo"]), 0);
    }

    #[test]
    fn what_is_no_document_waits_for_nobody() {
        for text in ["null", "7", "{}", r#"{"signatures":[],"signed":7}"#] {
            let document = serde_json::from_str(text).unwrap();
            assert_eq!(
                missing_signatures(DocumentKind::Clearance, &document),
                0,
                "{text}"
            );
        }
    }
}
