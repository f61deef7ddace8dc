//! Overrides: two people of a gateway sign that one listing counts as `review` for a while.

use alloc::borrow::ToOwned as _;
use alloc::string::String;
use alloc::vec::Vec;

use sha2::{Digest as _, Sha256};

use crate::common::hex;
use crate::common::json::Value;
use crate::common::time::Time;
use crate::list::ListId;
use crate::trust::{Document, Signers};

use super::error::{DocumentError, Error};
use super::signed;

/// The most overrides in one configuration.
pub const MAX_OVERRIDES: usize = 1_000;
/// How many distinct keys must sign an override.
pub const OVERRIDE_SIGNATURES: u32 = 2;
/// The most days between configuring an override and its expiry: long enough to have a wrong listing
/// corrected where it was made.
pub const MAX_OVERRIDE_DAYS: u32 = 90;
const TYPE: &str = "interdict-override";

/// A signed document that lowers the action of one entry of one list to `review`, until a date:
///
/// ```json
/// {"signatures": [{"keyid": "risk lead", "sig": "…"}, {"keyid": "compliance", "sig": "…"}],
///  "signed": {"_type": "interdict-override", "coalition": "se", "list": "se/merchants",
///    "identifier": "0123456789abcdef0123456789abcdef", "expires": "2026-12-22T00:00:00Z", "reference": "case 17"}}
/// ```
///
/// The document is well-formed. `configure` checks whether enough keys signed it.
#[derive(Debug)]
pub struct OverrideDocument {
    document: Document,
    content: Override,
}

/// An override that two keys of the policy signed.
#[derive(Debug, Clone)]
pub(crate) struct Override {
    coalition: String,
    list: ListId,
    /// The digest of the listed name under the gateway's ReceiptKey. A tag would not do, because it
    /// changes with the epoch.
    identifier: [u8; 16],
    expires: Time,
    /// SHA-256 of the document's file, for receipts.
    pub(crate) sha256: [u8; 32],
}

impl Override {
    /// Whether the override is of this list and has not expired.
    pub(crate) fn is_of(&self, coalition: &str, list: &ListId, now: Time) -> bool {
        self.coalition == coalition && self.list == *list && now < self.expires
    }

    /// Whether the override names the identifier with this digest, hexadecimal.
    pub(crate) fn names(&self, digest: &str) -> bool {
        hex::array(digest) == Some(self.identifier)
    }
}

impl OverrideDocument {
    /// Reads the bytes of a document's file.
    ///
    /// # Errors
    /// [`DocumentError::Malformed`], or [`DocumentError::Expiry`] if it has no expiry.
    pub fn parse(bytes: &[u8]) -> Result<Self, DocumentError> {
        let document = Document::parse(bytes).map_err(|_| DocumentError::Malformed)?;
        let signed = document.signed();
        let members = [
            "_type",
            "coalition",
            "list",
            "identifier",
            "expires",
            "reference",
        ];
        let expires = signed::expiry(signed, TYPE, &members)?;
        let text = |name: &str| signed.get(name).and_then(Value::as_str);
        let read = || {
            Some(Override {
                coalition: text("coalition")?.to_owned(),
                list: ListId::parse(text("list")?).ok()?,
                identifier: hex::array(text("identifier")?)?,
                expires,
                sha256: Sha256::digest(bytes).into(),
            })
        };
        let content = read().ok_or(DocumentError::Malformed)?;
        Ok(Self { document, content })
    }

    /// The override, if enough of these keys signed it and it does not last too long.
    fn open(&self, signers: &Signers, now: Time) -> Result<Override, DocumentError> {
        signed::check(
            &self.document,
            (signers, OVERRIDE_SIGNATURES),
            self.content.expires,
            (now, MAX_OVERRIDE_DAYS),
        )?;
        Ok(self.content.clone())
    }
}

/// Checks the signatures of documents against the keys of a policy.
pub(super) fn open_all(
    documents: &[OverrideDocument],
    signers: &Signers,
    now: Time,
) -> Result<Vec<Override>, Error> {
    let mut opened = Vec::new();
    for (index, document) in documents.iter().enumerate() {
        let one = document.open(signers, now);
        opened.push(one.map_err(|error| Error::Override { error, index })?);
    }
    Ok(opened)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(reference: &str) -> Result<(), DocumentError> {
        let document = format!(
            r#"{{"signatures":[],"signed":{{"_type":"interdict-override","coalition":"se",
               "list":"se/merchants","identifier":"0123456789abcdef0123456789abcdef",
               "expires":"2026-12-22T00:00:00Z"{reference}}}}}"#
        );
        OverrideDocument::parse(document.as_bytes()).map(drop)
    }

    /// docs/identifiers.md, "Card-shaped runs": texts that are kept are read whole.
    #[test]
    fn a_reference_with_a_card_number_refuses_the_override() {
        for card in [
            "4111111111111111",
            "case 4111 1111 1111 1111, second",
            "4111-1111-1111-1111",
            "3782.822463.10005",
            "\u{ff14}111111111111111",
        ] {
            let found = read(&format!(r#","reference":"{card}""#));
            assert_eq!(found, Err(DocumentError::Malformed), "{card}");
        }
        for reference in ["", r#","reference":"case 17""#] {
            assert_eq!(read(reference), Ok(()), "{reference}");
        }
    }

    const SIGNED: &str = r#""_type":"interdict-override","coalition":"se","list":"se/merchants","identifier":"0123456789abcdef0123456789abcdef","expires":"2026-12-22T00:00:00Z""#;

    fn document(signed: &str) -> Result<OverrideDocument, DocumentError> {
        let text = format!(r#"{{"signatures":[],"signed":{{{signed}}}}}"#);
        OverrideDocument::parse(text.as_bytes())
    }

    #[test]
    fn an_override_applies_to_its_entry_until_it_expires() {
        let one = document(SIGNED).unwrap().content;
        let list = ListId::parse("se/merchants").unwrap();
        let expires = Time::parse("2026-12-22T00:00:00Z").unwrap();
        let before = Time::from_seconds(expires.seconds() - 1);
        assert!(one.is_of("se", &list, before));
        assert!(!one.is_of("se", &list, expires));
        assert!(!one.is_of("nl", &list, before));
        let other = ListId::parse("se/others").unwrap();
        assert!(!one.is_of("se", &other, before));
        assert!(one.names("0123456789abcdef0123456789abcdef"));
        assert!(!one.names("0123456789abcdef0123456789abcdee"));
    }

    #[test]
    fn a_document_of_another_type_or_with_an_unknown_member_is_no_override() {
        assert!(document(SIGNED).is_ok());
        let other = SIGNED.replace("interdict-override", "interdict-clearance");
        let unknown = format!(r#"{SIGNED},"until":"2026-12-22T00:00:00Z""#);
        let reference = format!(r#"{SIGNED},"reference":"4111 1111 1111 1111""#);
        for refused in [other, unknown, reference] {
            let error = document(&refused).unwrap_err();
            assert_eq!(error, DocumentError::Malformed, "{refused}");
        }
        let endless = SIGNED.replace(r#","expires":"2026-12-22T00:00:00Z""#, "");
        assert_eq!(document(&endless).unwrap_err(), DocumentError::Expiry);
    }
}
