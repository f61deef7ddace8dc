//! A release that anyone can take.

mod crates;
mod kind;
mod licences;
mod lint;
mod manifest;
mod notes;
mod origin;
mod part;
mod platform;
mod provenance;
mod sbom;
mod verify;

/// Stands for the lead's room.
mod commands {
    /// From the Python package index, which has them as programs.
    pub(super) const ZIG: [&str; 2] = ["ziglang==0.17.1", "cargo-zigbuild==0.24.1"];
}

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use interdict_core::common::hex;
use sha2::{Digest as _, Sha256};

pub(crate) use lint::{Advisories, check as lint};

use crate::shell::root;

use self::crates::Packages;
use self::kind::Kind;
use self::notes::Notes;
use self::origin::Origin;
use self::sbom::Artefact;

/// Writes what users can verify about the files of a folder.
pub(crate) fn describe(folder: &Path) -> Result<()> {
    let origin = Origin::read()?;
    let packages = Packages::read()?;
    let mut files = Vec::new();
    find(folder, &mut files)?;
    files.sort();
    let mut artefacts = Vec::new();
    for path in &files {
        let Some(kind) = Kind::of(path, &origin.version)? else {
            continue;
        };
        artefacts.push(Artefact {
            name: name(folder, path)?,
            sha256: hex::text(&Sha256::digest(fs::read(path)?)),
            kind,
        });
    }
    let boms = sbom::write(&packages, &artefacts, &origin, &folder.join("sbom"))?;
    licences::write(&packages, &folder.join("THIRD-PARTY.txt"))?;
    let changelog = fs::read_to_string(root().join("CHANGELOG.md"))?;
    let notes = Notes::of(&changelog, &origin.version)?.page(&origin.version);
    fs::write(folder.join("NOTES.md"), notes)?;
    let subjects: Vec<_> = artefacts
        .into_iter()
        .map(|artefact| (artefact.name, artefact.sha256))
        .collect();
    let statement = folder.join("provenance.intoto.json");
    provenance::write(&subjects, &origin, &statement)?;
    verify::verify(&boms, &statement)
}

fn find(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        if path.is_dir() {
            find(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}

fn name(folder: &Path, path: &Path) -> Result<String> {
    let parts = path.strip_prefix(folder)?.iter();
    let parts: Vec<_> = parts.map(|part| part.to_string_lossy()).collect();
    Ok(parts.join("/"))
}
