//! The packages of a workspace and the first source file of each.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use crate::shell::{cargo, output};

/// One member of the workspace.
pub(crate) struct Package {
    /// Its folder, from the workspace's root: `core`.
    pub(crate) folder: PathBuf,
    /// The name of its library in other packages, and the library's first file: `interdict_core`,
    /// `core/src/lib.rs`.
    pub(crate) library: Option<(String, PathBuf)>,
    /// The first file of each of its programs, without tests.
    pub(crate) programs: Vec<PathBuf>,
}

/// Every member of the workspace at `root`, ordered by folder.
pub(crate) fn packages(root: &Path) -> Result<Vec<Package>> {
    let root = root
        .canonicalize()
        .with_context(|| format!("no folder {}", root.display()))?;
    let mut command = cargo(&["metadata", "--no-deps", "--format-version", "1"]);
    command.arg("--manifest-path").arg(root.join("Cargo.toml"));
    let (success, text) = output(&mut command)?;
    if !success {
        bail!("cargo cannot read the workspace at {}", root.display());
    }
    let metadata: Value = serde_json::from_str(&text)?;
    let mut packages = metadata["packages"]
        .as_array()
        .context("packages")?
        .iter()
        .map(|package| read(&root, package))
        .collect::<Result<Vec<_>>>()?;
    packages.sort_by(|a, b| a.folder.cmp(&b.folder));
    Ok(packages)
}

fn read(root: &Path, package: &Value) -> Result<Package> {
    let manifest = below(root, &package["manifest_path"])?;
    let mut read = Package {
        folder: manifest.parent().context("a manifest's folder")?.into(),
        library: None,
        programs: Vec::new(),
    };
    for target in package["targets"].as_array().context("targets")? {
        let kind = target["kind"][0].as_str().context("kind")?;
        let begin = below(root, &target["src_path"])?;
        match kind {
            "bin" => read.programs.push(begin),
            "test" | "bench" | "example" | "custom-build" => {}
            // All other kinds are libraries: lib, rlib, cdylib, proc-macro.
            _ => {
                let name = target["name"].as_str().context("a target's name")?;
                read.library = Some((name.replace('-', "_"), begin));
            }
        }
    }
    Ok(read)
}

fn below(root: &Path, path: &Value) -> Result<PathBuf> {
    let path = Path::new(path.as_str().context("a path")?);
    Ok(path
        .strip_prefix(root)
        .with_context(|| format!("{} lies outside the workspace", path.display()))?
        .into())
}
