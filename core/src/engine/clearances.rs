//! Clearances: an analyst of a gateway signs that named reasons for a review were looked into.

use alloc::borrow::ToOwned as _;
use alloc::string::String;
use alloc::vec::Vec;

use sha2::{Digest as _, Sha256};

use crate::common::hex;
use crate::common::json::{Object, Value};
use crate::common::sort;
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
    signatures: u32,
}

/// The clearances of one document that the policy's keys signed.
#[derive(Debug, Clone)]
pub(crate) struct Clearances {
    /// Ascending, for searching.
    cleared: Vec<Cleared>,
    expires: Time,
    /// SHA-256 of the document's file, for receipts.
    pub(crate) sha256: [u8; 32],
}

/// One reason that was looked into.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Cleared {
    /// The digest of an identifier of the merchant under the gateway's ReceiptKey. A tag would not do,
    /// because it changes with the epoch.
    pub(crate) identifier: [u8; 16],
    pub(crate) coalition: String,
    pub(crate) list: ListId,
    pub(crate) what: ClearedReason,
}

/// What a clearance is about, with the digest of the record or rule, so that a changed one is another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ClearedReason {
    Listed([u8; 16]),
    Candidate,
    Typology([u8; 16]),
}

impl Clearances {
    /// How many reasons the document clears.
    pub(crate) const fn count(&self) -> usize {
        self.cleared.len()
    }

    /// Whether the document clears this reason and has not expired.
    pub(crate) fn clears(&self, reason: &Cleared, now: Time) -> bool {
        now < self.expires && self.cleared.binary_search(reason).is_ok()
    }
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
        let cleared = clearances.iter().map(|clearance| {
            let clearance = clearance.as_object();
            clearance.and_then(Cleared::read).ok_or(malformed)
        });
        let mut cleared = cleared.collect::<Result<Vec<_>, _>>()?;
        sort::by(&mut cleared, Ord::cmp);
        let signatures = cleared.iter().map(|one| one.what.signatures());
        let signatures = signatures.max().unwrap_or(RECORD_SIGNATURES);
        let content = Clearances {
            cleared,
            expires,
            sha256: Sha256::digest(bytes).into(),
        };
        Ok(Self {
            document,
            content,
            signatures,
        })
    }

    /// The clearances, if enough of these keys signed them and they do not last too long.
    fn open(&self, signers: &Signers, now: Time) -> Result<Clearances, DocumentError> {
        signed::check(
            &self.document,
            (signers, self.signatures),
            self.content.expires,
            (now, MAX_CLEARANCE_DAYS),
        )?;
        Ok(self.content.clone())
    }
}

impl ClearedReason {
    /// How many keys must sign it: more for a record, or a filter hit in its place, than for a rule.
    const fn signatures(self) -> u32 {
        match self {
            Self::Listed(_) | Self::Candidate => RECORD_SIGNATURES,
            Self::Typology(_) => 1,
        }
    }
}

impl Cleared {
    /// Reads one clearance; `None` if it is malformed.
    fn read(clearance: &Object<'_>) -> Option<Self> {
        let text = |name: &str| clearance.get(name).and_then(Value::as_str);
        let members = ["identifier", "code", "coalition", "list", "digest"];
        let is_whole = signed::has_only(clearance, &members);
        let coalition = text("coalition").filter(|name| is_name(name))?;
        let digest = text("digest").and_then(hex::array);
        let what = match (text("code")?, clearance.get("digest")) {
            ("listed", _) => ClearedReason::Listed(digest?),
            ("typology", _) => ClearedReason::Typology(digest?),
            ("candidate", None) => ClearedReason::Candidate,
            _ => return None,
        };
        let cleared = Self {
            identifier: text("identifier").and_then(hex::array)?,
            coalition: coalition.to_owned(),
            list: ListId::parse(text("list")?).ok()?,
            what,
        };
        is_whole.then_some(cleared)
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
        assert_eq!(document.content.count(), MAX_CLEARANCES);
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
            ("0123456789abcdef0123456789abcdef", "0123456789abcdef"),
            ("se/merchants", "merchants"),
            (r#""coalition":"se""#, r#""coalition":"SE""#),
            (r#""coalition":"se","#, ""),
            (r#","digest":"00112233445566778899aabbccddeeff""#, ""),
            ("00112233445566778899aabbccddeeff", "00"),
            (r#""code""#, r#""note":1,"code""#),
        ] {
            for whole in [ONE.to_owned(), ONE.replace("listed", "typology")] {
                assert!(parse(&whole).is_ok() && whole.contains(from), "{from}");
                let found = parse(&whole.replace(from, to)).unwrap_err();
                assert_eq!(found, DocumentError::Malformed, "{from} {to}");
            }
        }
        let others = ["no_finding", "candidate"].map(|code| ONE.replace("listed", code));
        for text in others.iter().map(String::as_str).chain(["", "1", "[]"]) {
            assert_eq!(parse(text).unwrap_err(), DocumentError::Malformed, "{text}");
        }
    }
}
