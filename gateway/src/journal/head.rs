use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use interdict_core::common::hex;
use serde::Deserialize;

use super::draft::Draft;

/// What a signature is over: this, and the line up to the comma before the member `signature`.
const CONTEXT: &str = "interdict-journal-head-1\n";

const SIGNATURE: &str = ",\"signature\":\"";

/// The content of a signed line. The signature covers chain, number, time and `previous`, and with it every line
/// before.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Head {
    /// The journal's public key.
    pub(super) key: String,
    /// The number of the oldest line that is kept. Files before it were deleted.
    pub(super) first: u64,
    /// What an interrupted process left at the end of the file before.
    pub(super) cut: Option<Cut>,
    pub(super) signature: String,
}

/// Bytes at the end of a file that are no line.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Cut {
    /// How many.
    pub(super) bytes: u64,
    /// Their SHA-256.
    pub(super) sha256: String,
}

/// Adds a head to a line.
pub(super) fn sign(draft: &mut Draft, key: &SigningKey, first: u64, cut: Option<&Cut>) {
    let public = hex::text(key.verifying_key().as_bytes());
    let cut = cut.map_or_else(String::new, |cut| {
        format!(
            ",\"cut\":{{\"bytes\":{},\"sha256\":\"{}\"}}",
            cut.bytes, cut.sha256
        )
    });
    let head = format!("{{\"key\":\"{public}\",\"first\":{first}{cut}");
    draft.object("head", &head);
    let signature = key.sign(format!("{CONTEXT}{}", draft.text()).as_bytes());
    draft.word("signature", &hex::text(&signature.to_bytes()));
    draft.close();
}

impl Head {
    /// Whether its signature is good, under the key that it names.
    pub(super) fn is_signed(&self, line: &[u8]) -> bool {
        let signed = || {
            let (before, _) = std::str::from_utf8(line).ok()?.split_once(SIGNATURE)?;
            let key = VerifyingKey::from_bytes(&hex::array(&self.key)?).ok()?;
            let signature = Signature::from_bytes(&hex::array(&self.signature)?);
            let message = format!("{CONTEXT}{before}");
            key.verify_strict(message.as_bytes(), &signature).ok()
        };
        signed().is_some()
    }
}
