//! What people of the gateway signed: overrides and clearances, each kind in a directory of its own. The
//! module alone decides which it takes; a refused one does not stop the gateway from opening.

mod key;
mod people;
mod unsigned;

use std::fs;
use std::path::Path;

use interdict_core::common::hex;
use interdict_core::engine::{MAX_CLEARANCE_DOCUMENTS, MAX_OVERRIDES};
use interdict_host::{CallError, DocumentKind, Instance, SignedDocument, StoreError, files};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

pub use key::{KeyUse, PersonKey, document_digest};
pub use people::People;
pub use unsigned::missing_signatures;

/// The most documents of a kind.
const fn most_documents(kind: DocumentKind) -> usize {
    match kind {
        DocumentKind::Override => MAX_OVERRIDES,
        DocumentKind::Clearance => MAX_CLEARANCE_DOCUMENTS,
    }
}

/// The largest document. As many overrides as the module takes fit into one `configure` message of 4 MiB, and
/// so does one document of 10,000 clearances; two signatures of an override need a fifth of this.
const fn most_bytes(kind: DocumentKind) -> u64 {
    match kind {
        DocumentKind::Override => 3_000,
        DocumentKind::Clearance => 3_000_000,
    }
}

/// One document, and whether the module takes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentInForce {
    /// The file's name.
    pub file: String,
    /// SHA-256 of the document, as receipts name it.
    pub sha256: String,
    /// Its member `signed`; null if the document is not JSON.
    pub signed: Value,
    /// The names beside the signatures.
    pub signers: Vec<String>,
    /// Whether it has expired.
    pub is_over: bool,
    /// Why the module refuses it, if it does.
    pub refusal: Option<String>,
    /// How many people must still sign it.
    pub missing_signatures: u32,
}

/// Every `*.json` of the directory, by name. A file that cannot be read becomes a warning.
fn documents(
    kind: DocumentKind,
    directory: &Path,
    warnings: &mut Vec<String>,
) -> Vec<SignedDocument> {
    let left_out = format!("{} LEFT OUT", kind.name().to_uppercase());
    let (most_documents, most_bytes) = (most_documents(kind), most_bytes(kind));
    let mut names: Vec<String> = Vec::new();
    match fs::read_dir(directory) {
        Ok(entries) => names.extend(entries.flatten().filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            // If a coalition is named like the directory, this file is its enrolment.
            let fits = name.ends_with(".json") && !name.starts_with('.');
            (fits && name != "enrolment.json").then_some(name)
        })),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => warnings.push(format!("{left_out}: {}: {error}", directory.display())),
    }
    names.sort_unstable();
    for name in names.iter().skip(most_documents) {
        warnings.push(format!(
            "{left_out}: {name}: more than {most_documents} of them"
        ));
    }
    let mut documents = Vec::new();
    for name in names.into_iter().take(most_documents) {
        match files::read(&directory.join(&name), most_bytes) {
            Ok(Some(bytes)) => documents.push(SignedDocument { name, bytes }),
            Ok(None) => {}
            Err(StoreError::Damaged(_)) => warnings.push(format!(
                "{left_out}: {name}: larger than {most_bytes} bytes"
            )),
            Err(error) => warnings.push(format!("{left_out}: {error}")),
        }
    }
    documents
}

/// Those of the directory that have all their signatures, which the module may take.
pub(crate) fn whole_documents(
    kind: DocumentKind,
    directory: &Path,
    warnings: &mut Vec<String>,
) -> Vec<SignedDocument> {
    let mut all = documents(kind, directory, warnings);
    all.retain(|one| missing_signatures(kind, &unsigned::read(one)) == 0);
    all
}

/// What is said of those that lack a signature, each with what to do.
pub(crate) fn unsigned_documents(kind: DocumentKind, directory: &Path, now: u32) -> Vec<String> {
    // What cannot be read is the gateway's warning.
    let all = documents(kind, directory, &mut Vec::new()).into_iter();
    all.filter_map(|one| unsigned::told(kind, directory, &one, now))
        .collect()
}

/// Every document of the directory, and whether the module takes it under its policy.
pub(crate) fn list(
    kind: DocumentKind,
    instance: &mut Instance,
    directory: &Path,
    warnings: &mut Vec<String>,
    now: u32,
) -> Result<Vec<DocumentInForce>, CallError> {
    let mut all = Vec::new();
    for document in documents(kind, directory, warnings) {
        let refusal = document.refusal(kind, instance, now)?;
        let json = unsigned::read(&document);
        let signatures = json.get("signatures").and_then(Value::as_array);
        let signatures = signatures.into_iter().flatten();
        let signers = signatures.filter_map(|one| one.get("keyid")?.as_str());
        all.push(DocumentInForce {
            sha256: hex::text(&Sha256::digest(&document.bytes)),
            signed: json.get("signed").cloned().unwrap_or_default(),
            signers: signers.map(str::to_owned).collect(),
            missing_signatures: missing_signatures(kind, &json),
            is_over: document.has_expired(now),
            refusal,
            file: document.name,
        });
    }
    Ok(all)
}
