use std::path::Path;

use interdict_core::wire::owned::Receipt;

use super::folder::{CLEARANCES, FILES, Folder, MODULES, OVERRIDES, POLICIES, STATES};
use super::keep::{alike, state_name};
use super::replay::{check, is_state_of};
use crate::error::Error;

/// The overrides and clearances that a receipt names, as far as an archive has them.
///
/// # Errors
/// [`Error::Receipt`] for what is no receipt, or a file that cannot be read.
pub(crate) fn documents(archive: &Path, receipt: &Receipt) -> Result<Vec<Vec<u8>>, Error> {
    check(receipt)?;
    let folder = Folder::new(archive.to_owned());
    let overrides = receipt.overrides.iter().map(|sha256| (OVERRIDES, sha256));
    let clearances = receipt.clearances.iter().map(|sha256| (CLEARANCES, sha256));
    let mut all = Vec::new();
    for (part, sha256) in overrides.chain(clearances) {
        all.extend(folder.by_digest(part, sha256, "")?);
    }
    Ok(all)
}

/// Brings everything in an archive that the replay of a receipt needs, file by file: its path in an archive, and
/// its content. Returns a description of each thing that is missing.
///
/// # Errors
/// [`Error::Receipt`] for what is no receipt, a file that cannot be read, or what `bring` says.
pub(crate) fn extract(
    archive: &Path,
    receipt: &Receipt,
    mut bring: impl FnMut(&str, &[u8]) -> Result<(), Error>,
) -> Result<Vec<String>, Error> {
    check(receipt)?;
    let folder = Folder::new(archive.to_owned());
    let mut missing = Vec::new();
    let mut named = vec![(POLICIES, format!("{}.json", receipt.policy))];
    let module = receipt.module.sha256.iter();
    named.extend(module.map(|sha256| (MODULES, format!("{sha256}.wasm"))));
    named.extend(receipt.overrides.iter().map(|one| (OVERRIDES, one.clone())));
    named.extend(
        receipt
            .clearances
            .iter()
            .map(|one| (CLEARANCES, one.clone())),
    );
    for used in &receipt.coalitions {
        let mut states = alike(&folder, &used.metadata)?;
        states.retain(|state| is_state_of(state, used));
        if states.is_empty() {
            missing.push(format!(
                "state {} of coalition {}",
                used.metadata, used.name
            ));
        }
        for (number, state) in (1..).zip(&states) {
            let name = state_name(&used.metadata, number);
            let text = serde_json::to_vec(state).map_err(|_| Error::ANSWER)?;
            bring(&format!("{STATES}/{name}"), &text)?;
            named.extend(state.digests().map(|sha256| (FILES, sha256.clone())));
        }
    }
    named.sort();
    named.dedup();
    for (part, name) in named {
        match folder.read(part, &name)? {
            Some(bytes) => bring(&format!("{part}/{name}"), &bytes)?,
            None => missing.push(format!("{part}/{name}")),
        }
    }
    Ok(missing)
}
