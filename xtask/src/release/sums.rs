//! Stands for the room that signs the digests.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use sha2::{Digest as _, Sha256};

/// A file of a release: its path below the folder, and its SHA-256 in hexadecimal digits.
pub(super) type Sum = (String, String);

pub(super) fn of(folder: &Path) -> Result<Vec<Sum>> {
    let mut sums = Vec::new();
    read(folder, "", &mut sums)?;
    sums.sort();
    Ok(sums)
}
fn read(folder: &Path, above: &str, sums: &mut Vec<Sum>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_str().context("a file's name is not UTF-8")?;
        if entry.file_type()?.is_dir() {
            read(&entry.path(), &format!("{above}{name}/"), sums)?;
        } else {
            let digest = Sha256::digest(fs::read(entry.path())?);
            let digest = digest.iter().map(|byte| format!("{byte:02x}")).collect();
            sums.push((format!("{above}{name}"), digest));
        }
    }
    Ok(())
}
