//! The overrides in force: signed documents in a directory. The module alone decides whether one is
//! taken; one that is not never keeps the gateway from opening.

use std::fs;
use std::path::Path;

use interdict_core::common::hex;
use interdict_core::common::time::Time;
use interdict_core::engine::MAX_OVERRIDES;
use interdict_core::wire::owned::{Base64, Configure};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::error::Error;
use crate::files;
use crate::instance::{CallError, Instance};

/// So that as many fit into one `configure` message of 4 MiB; two signatures take a fifth of it.
const MAX_DOCUMENT: u64 = 3_000;

/// One document of the directory of overrides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Document {
    /// The file's name.
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
}

/// One document and what the module says of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OverrideInForce {
    /// The file's name.
    pub file: String,
    /// SHA-256 of the document, as receipts name it.
    pub sha256: String,
    /// Its member `signed`, as far as it is JSON.
    pub signed: Value,
    /// Whose names stand beside the signatures.
    pub signers: Vec<String>,
    /// Whether its day has come.
    pub is_over: bool,
    /// Why the module does not take it, if it does not.
    pub refusal: Option<String>,
}

/// Every `*.json` of the directory, by name; what cannot be read is a warning.
pub(crate) fn documents(directory: &Path, warnings: &mut Vec<String>) -> Vec<Document> {
    let mut names: Vec<String> = Vec::new();
    match fs::read_dir(directory) {
        Ok(entries) => names.extend(entries.flatten().filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            // A coalition of that name keeps its enrolment there, which is no business of ours.
            let fits = name.ends_with(".json") && !name.starts_with('.');
            (fits && name != "enrolment.json").then_some(name)
        })),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => warnings.push(format!(
            "OVERRIDES LEFT OUT: {}: {error}",
            directory.display()
        )),
    }
    names.sort_unstable();
    for name in names.iter().skip(MAX_OVERRIDES) {
        warnings.push(format!(
            "OVERRIDE LEFT OUT: {name}: more than {MAX_OVERRIDES} of them"
        ));
    }
    let mut documents = Vec::new();
    for name in names.into_iter().take(MAX_OVERRIDES) {
        match files::read(&directory.join(&name), MAX_DOCUMENT) {
            Ok(Some(bytes)) => documents.push(Document { name, bytes }),
            Ok(None) => {}
            Err(Error::Damaged(_)) => warnings.push(format!(
                "OVERRIDE LEFT OUT: {name}: larger than {MAX_DOCUMENT} bytes"
            )),
            Err(error) => warnings.push(format!("OVERRIDE LEFT OUT: {error}")),
        }
    }
    documents
}

/// Those the module takes under the policy in force. What it refuses, and what is over, is a warning.
pub(crate) fn taken(
    instance: &mut Instance,
    offered: Vec<Document>,
    warnings: &mut Vec<String>,
    now: u32,
) -> Result<Vec<Document>, Error> {
    let mut taken = Vec::new();
    for document in offered {
        let name = &document.name;
        match refusal(instance, &document, now)? {
            Some(why) => warnings.push(format!("OVERRIDE LEFT OUT: {name}: {why}")),
            None => {
                if document.is_over(now) {
                    warnings.push(format!("override {name} is over; take it away"));
                }
                taken.push(document);
            }
        }
    }
    Ok(taken)
}

/// Lets these be all that are in force.
pub(crate) fn give(
    instance: &mut Instance,
    documents: &[Document],
    now: u32,
) -> Result<(), CallError> {
    let documents = documents.iter().map(|one| Base64(one.bytes.clone()));
    let message = Configure {
        overrides: Some(documents.collect()),
        ..Configure::default()
    };
    instance.ask("configure", &message, now)?;
    Ok(())
}

/// Why the module does not take one.
fn refusal(
    instance: &mut Instance,
    document: &Document,
    now: u32,
) -> Result<Option<String>, Error> {
    match give(instance, std::slice::from_ref(document), now) {
        Ok(()) => Ok(None),
        Err(error @ CallError::Refused { .. }) => Ok(Some(error.to_string())),
        Err(other) => Err(other.into()),
    }
}

/// What the module says of each document of the directory, under the policy it has.
pub(crate) fn list(
    instance: &mut Instance,
    directory: &Path,
    warnings: &mut Vec<String>,
    now: u32,
) -> Result<Vec<OverrideInForce>, Error> {
    let mut all = Vec::new();
    for document in documents(directory, warnings) {
        let refusal = refusal(instance, &document, now)?;
        let json: Value = serde_json::from_slice(&document.bytes).unwrap_or_default();
        let signatures = json.get("signatures").and_then(Value::as_array);
        let signatures = signatures.into_iter().flatten();
        let signers = signatures.filter_map(|one| one.get("keyid")?.as_str());
        all.push(OverrideInForce {
            sha256: hex::text(&Sha256::digest(&document.bytes)),
            signed: json.get("signed").cloned().unwrap_or_default(),
            signers: signers.map(str::to_owned).collect(),
            is_over: document.is_over(now),
            refusal,
            file: document.name,
        });
    }
    Ok(all)
}

impl Document {
    fn is_over(&self, now: u32) -> bool {
        let json: Value = serde_json::from_slice(&self.bytes).unwrap_or_default();
        let expires = json.pointer("/signed/expires").and_then(Value::as_str);
        let expires = expires.and_then(Time::parse);
        expires.is_some_and(|time| time.seconds() <= now)
    }
}
