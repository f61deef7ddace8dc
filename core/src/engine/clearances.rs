//! Clearances: an analyst of a gateway signs that named reasons for a review were looked into.
//!
//! Nothing acts on them yet: `configure` reads and verifies them, and receipts name their documents.

use sha2::{Digest as _, Sha256};

use crate::common::hex;
use crate::common::json::{Object, Value};
use crate::common::time::Time;
use crate::list::{ListId, is_name};
use crate::trust::{Document, Signers};

use super::error::{DocumentError, Error};
use super::signed;

/// The most clearances in one configuration, of all documents together.
pub const MAX_CLEARANCES: usize = 10_000;
/// The most documents of clearances in one configuration. Receipts name each.
pub const MAX_CLEARANCE_DOCUMENTS: usize = 64;
/// The most days between configuring a clearance and its expiry.
pub const MAX_CLEARANCE_DAYS: u32 = 180;
/// How many distinct keys must sign a document that clears a record.
pub const RECORD_SIGNATURES: u32 = 2;
const TYPE: &str = "interdict-clearance";

/// A signed document that says which reasons for a review were looked into, until a date:
///
/// ```json
/// {"signatures": [{"keyid": "analyst", "sig": "…"}],
///  "signed": {"_type": "interdict-clearance", "expires": "2027-04-01T00:00:00Z", "reference": "case 17",
///    "clearances": [{"identifier": "0123456789abcdef0123456789abcdef", "code": "typology",
///      "coalition": "se", "list": "se/merchants", "digest": "00112233445566778899aabbccddeeff"}]}}
/// ```
///
/// The document is well-formed. `configure` checks whether enough keys signed it.
#[derive(Debug)]
pub struct ClearanceDocument {
    document: Document,
    content: Clearances,
    expires: Time,
    signatures: u32,
}

/// The clearances of one document that the policy's keys signed.
#[derive(Debug, Clone)]
pub(crate) struct Clearances {
    /// How many reasons it clears.
    pub(crate) count: usize,
    /// SHA-256 of the document's file, for receipts.
    pub(crate) sha256: [u8; 32],
}

impl ClearanceDocument {
    /// Reads the bytes of a document's file.
    ///
    /// # Errors
    /// [`DocumentError::Malformed`], or [`DocumentError::Expiry`] if it has no expiry.
    pub fn parse(bytes: &[u8]) -> Result<Self, DocumentError> {
        let malformed = DocumentError::Malformed;
        let document = Document::parse_large(bytes).map_err(|_| malformed)?;
        let signed = document.signed();
        let members = ["_type", "expires", "reference", "clearances"];
        let expires = signed::expiry(signed, TYPE, &members)?;
        let clearances = signed.get("clearances").and_then(Value::as_array);
        let clearances = clearances.ok_or(malformed)?;
        if clearances.is_empty() || clearances.len() > MAX_CLEARANCES {
            return Err(malformed);
        }
        let mut signatures = 1;
        for clearance in clearances {
            let cleared = clearance.as_object().and_then(Cleared::read);
            if let Cleared::Record = cleared.ok_or(malformed)? {
                signatures = RECORD_SIGNATURES;
            }
        }
        let content = Clearances {
            count: clearances.len(),
            sha256: Sha256::digest(bytes).into(),
        };
        Ok(Self {
            document,
            content,
            expires,
            signatures,
        })
    }

    /// The clearances, if enough of these keys signed them and they do not last too long.
    fn open(&self, signers: &Signers, now: Time) -> Result<Clearances, DocumentError> {
        signed::check(
            &self.document,
            (signers, self.signatures),
            self.expires,
            (now, MAX_CLEARANCE_DAYS),
        )?;
        Ok(self.content.clone())
    }
}

/// What a clearance is about.
enum Cleared {
    /// A record, or a filter hit in its place.
    Record,
    /// A rule.
    Rule,
}

impl Cleared {
    /// Reads one clearance; `None` if it is malformed.
    fn read(clearance: &Object<'_>) -> Option<Self> {
        let text = |name: &str| clearance.get(name).and_then(Value::as_str);
        let members = ["identifier", "code", "coalition", "list", "digest"];
        let digest = |name| text(name).and_then(hex::array::<16>);
        digest("identifier")?;
        let is_whole = signed::has_only(clearance, &members)
            && is_name(text("coalition")?)
            && ListId::parse(text("list")?).is_ok();
        let (cleared, has_digest) = match text("code")? {
            "listed" => (Self::Record, true),
            "candidate" => (Self::Record, false),
            "typology" => (Self::Rule, true),
            _ => return None,
        };
        let is_right = match clearance.get("digest") {
            None => !has_digest,
            Some(_) => has_digest && digest("digest").is_some(),
        };
        (is_whole && is_right).then_some(cleared)
    }
}

/// Checks the signatures of documents against the keys of a policy.
pub(super) fn open_all(
    documents: &[ClearanceDocument],
    signers: &Signers,
    now: Time,
) -> Result<Vec<Clearances>, Error> {
    let mut opened = Vec::new();
    for (index, document) in documents.iter().enumerate() {
        let one = document.open(signers, now);
        opened.push(one.map_err(|error| Error::Clearance { error, index })?);
    }
    Ok(opened)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = r#"{"identifier":"0123456789abcdef0123456789abcdef","code":"listed","coalition":"se","list":"se/merchants","digest":"00112233445566778899aabbccddeeff"}"#;

    fn parse(clearances: &str) -> Result<ClearanceDocument, DocumentError> {
        let text = format!(
            r#"{{"signatures":[],"signed":{{"_type":"interdict-clearance","expires":"2027-04-01T00:00:00Z","clearances":[{clearances}]}}}}"#
        );
        ClearanceDocument::parse(text.as_bytes())
    }

    #[test]
    fn ten_thousand_clearances_fit_one_document_and_one_configuration() {
        let all = vec![ONE; MAX_CLEARANCES].join(",");
        let document = parse(&all).unwrap();
        assert_eq!(document.content.count, MAX_CLEARANCES);
        // In base64, beside everything else that one message holds.
        assert!(all.len() / 3 * 4 < 3 << 20, "{}", all.len());
        assert_eq!(
            parse(&format!("{all},{ONE}")).unwrap_err(),
            DocumentError::Malformed
        );
    }

    #[test]
    fn a_record_needs_two_signatures_and_a_rule_one() {
        let rule = ONE.replace("listed", "typology");
        let candidate = ONE.replace("listed", "candidate");
        let candidate = candidate.replace(r#","digest":"00112233445566778899aabbccddeeff""#, "");
        for (text, signatures) in [
            (ONE.to_owned(), 2),
            (rule.clone(), 1),
            (candidate, 2),
            (format!("{rule},{ONE}"), 2),
        ] {
            assert_eq!(parse(&text).unwrap().signatures, signatures, "{text}");
        }
    }

    #[test]
    fn a_clearance_that_does_not_name_one_reason_wholly_is_malformed() {
        for (from, to) in [
            ("listed", "no_finding"),
            ("listed", "candidate"),
            ("0123456789abcdef0123456789abcdef", "0123456789abcdef"),
            ("se/merchants", "merchants"),
            (r#""coalition":"se""#, r#""coalition":"SE""#),
            (r#""coalition":"se","#, ""),
            (r#","digest":"00112233445566778899aabbccddeeff""#, ""),
            ("00112233445566778899aabbccddeeff", "00"),
            (r#""code""#, r#""note":1,"code""#),
            (ONE, ""),
            (ONE, "1"),
        ] {
            let text = ONE.replace(from, to);
            assert_eq!(
                parse(&text).unwrap_err(),
                DocumentError::Malformed,
                "{text}"
            );
        }
    }
}
