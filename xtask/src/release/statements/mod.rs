//! What users can read about the files of a release, and check: parts, origin, licences and news.

mod crates;
mod kind;
mod licences;
mod manifest;
mod notes;
mod part;
mod provenance;
mod sbom;
mod verify;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::shell::root;
use crate::tree;

use super::commands::ZIG;
use super::origin::Origin;
use super::platform::Platform;
use super::sums;
use crates::Packages;
use kind::Kind;
use notes::Notes;
use sbom::Artefact;

const BOMS: &str = "sbom";
const PROVENANCE: &str = "provenance.intoto.json";

/// Writes them into the folder of a release, whose other files must all be there but the sums and their signature.
/// `is_quick`: its commands are those of this machine alone.
pub(super) fn write(folder: &Path, origin: &Origin, is_quick: bool) -> Result<()> {
    let files = sums::of(folder)?;
    let platforms: &[Platform] = if is_quick {
        &[Platform::HERE]
    } else {
        &Platform::ALL
    };
    let packages = Packages::read()?;
    let mut artefacts = Vec::new();
    for (name, sha256) in files {
        if let Some(kind) = Kind::of(&name, &origin.version, platforms)? {
            artefacts.push(Artefact { name, sha256, kind });
        }
    }
    sbom::write(&packages, &artefacts, origin, &folder.join(BOMS))?;
    licences::write(&packages, platforms, &folder.join("THIRD-PARTY.md"))?;
    let changelog = fs::read_to_string(root().join("CHANGELOG.md"))?;
    let notes = Notes::of(&changelog, &origin.version)?;
    fs::write(folder.join("NOTES.md"), notes.page(&origin.version))?;
    let version = &origin.version;
    let made_by: (_, &[&str]) = if is_quick {
        (format!("cargo xtask release {version} --quick"), &[])
    } else {
        (format!("cargo xtask release {version}"), &ZIG)
    };
    let files = sums::of(folder)?;
    provenance::write(&files, origin, made_by, &folder.join(PROVENANCE))
}

/// Reads those that programs read with programs of others, which take some seconds for each list.
pub(super) fn verify(folder: &Path) -> Result<()> {
    let names = tree::files(&folder.join(BOMS))?.into_iter();
    let boms: Vec<PathBuf> = names.map(|name| folder.join(BOMS).join(name)).collect();
    verify::verify(&boms, &folder.join(PROVENANCE)).context("what others read of the release")
}
