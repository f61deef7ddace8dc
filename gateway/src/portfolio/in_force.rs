use std::fs;
use std::path::PathBuf;

use interdict_core::common::hex;
use interdict_host::Gateway;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::basis::Basis;
use crate::error::Error;

/// What the verdicts of a screening come from, as digests that a later run compares with its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InForce {
    /// The module.
    pub module: String,
    /// The live releases and how far each can be relied on, and the policy.
    pub lists: String,
    /// Overrides and clearances.
    pub documents: String,
}

impl InForce {
    /// What is in force now, with the signed documents in these directories.
    ///
    /// # Errors
    /// The module cannot be asked, or a document not be read.
    pub fn of(gateway: &Gateway, directories: &[PathBuf], now: u32) -> Result<Self, Error> {
        let basis = Basis::of(gateway, &gateway.state(now)?, now)?;
        Ok(Self {
            module: hex::text(&gateway.module().sha256()),
            lists: hex::text(&Sha256::digest(basis.as_str())),
            documents: documents(directories)?,
        })
    }
}

fn documents(directories: &[PathBuf]) -> Result<String, Error> {
    let mut hasher = Sha256::new();
    for directory in directories {
        // A directory that does not exist holds none.
        let entries = fs::read_dir(directory).into_iter().flatten().flatten();
        let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
        paths.sort();
        for path in paths.iter().filter(|path| path.is_file()) {
            let bytes = fs::read(path).map_err(interdict_host::StoreError::at(path))?;
            hasher.update(Sha256::digest(&bytes));
        }
    }
    Ok(hex::text(&hasher.finalize()))
}
