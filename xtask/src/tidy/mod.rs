//! Checks of the tree itself: which room may use which, cycles, what the module may be made of, texts that should not
//! be there, patches that no longer apply, and commands in documents that nobody can run.

mod cycles;
mod packages;
mod rooms;
mod texts;

use anyhow::{Result, bail};

use crate::shell::root;
use crate::source::{self, Tree};
use crate::{documents, module, mutants};

/// Runs every check and prints all findings before it fails. `commands` are those of this program, which
/// documents may mention.
pub(crate) fn tidy(commands: &clap::Command) -> Result<()> {
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
    documents::check(commands, &mut findings)?;
    findings.extend(
        module::compare_copies()
            .err()
            .map(|error| format!("{error:#}")),
    );
    for finding in &findings {
        println!("{finding}");
    }
    if !findings.is_empty() {
        bail!("{} findings", findings.len());
    }
    println!("tidy: {files} files, nothing to report");
    Ok(())
}
