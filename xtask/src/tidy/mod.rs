//! Checks of the tree itself: which room may use which, cycles, what the module may be made of,
//! licences and sources of everything, texts that should not be there, and patches that no longer
//! apply.

mod cycles;
mod packages;
mod rooms;
mod texts;

use anyhow::{Result, bail};

use crate::mutants;
use crate::shell::root;
use crate::source::{self, Tree};

/// Runs every check; all findings are printed before it fails.
pub(crate) fn tidy() -> Result<()> {
    let mut findings = Vec::new();
    let root = root();
    let packages = source::packages(&root)?;
    let tree = Tree::read(&root, &packages)?;
    let edges = source::edges(&tree);
    rooms::check(&tree, &edges, &mut findings);
    cycles::check(&tree, &edges, &mut findings);
    packages::check(&packages, &mut findings)?;
    let files = texts::check(&mut findings)?;
    mutants::check(&mut findings)?;
    for finding in &findings {
        println!("{finding}");
    }
    if !findings.is_empty() {
        bail!("{} findings", findings.len());
    }
    println!("tidy: {files} files, nothing to report");
    Ok(())
}
