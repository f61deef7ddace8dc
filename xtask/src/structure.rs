//! Prints sizes and cycles of every package, to compare a change with the state before it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Result;
use comfy_table::{Table, presets};

use crate::shell::root;
use crate::source::{self, Cycle, Edge, File, Level, Tree};

#[derive(clap::Args)]
pub(crate) struct Options {
    /// The root of another checkout, for example of an older commit
    #[arg(long)]
    at: Option<PathBuf>,
}

/// Prints one row for each package, one for each folder, and every cycle.
pub(crate) fn structure(options: &Options) -> Result<()> {
    let root = options.at.clone().unwrap_or_else(root);
    let packages = source::packages(&root)?;
    let tree = Tree::read(&root, &packages)?;
    let edges = source::edges(&tree);
    println!("Without tests:\n\n{}\n", by_package(&tree, &edges));
    println!("{}", by_folder(&tree));
    for cycle in cycles(&tree, &edges) {
        println!("\n{cycle}");
    }
    Ok(())
}

fn cycles(tree: &Tree, edges: &[Edge]) -> Vec<Cycle> {
    tree.packages()
        .into_iter()
        .flat_map(|package| source::cycles(tree, edges, package))
        .collect()
}

fn by_package(tree: &Tree, edges: &[Edge]) -> Table {
    let mut table = table([
        "package",
        "files",
        "lines",
        "longest file",
        "longest function",
        "functions over 60 lines",
        "cycles of files",
        "files in them",
        "cycles of folders",
    ]);
    for package in tree.packages() {
        let files: Vec<_> = tree
            .files
            .iter()
            .filter(|file| file.package == package)
            .collect();
        let cycles = source::cycles(tree, edges, package);
        let of = |level| cycles.iter().filter(move |cycle| cycle.level == level);
        table.add_row([
            package.display().to_string(),
            files.len().to_string(),
            lines(&files).to_string(),
            longest_file(&files),
            longest_function(&files),
            long_functions(&files).to_string(),
            of(Level::Files).count().to_string(),
            of(Level::Files)
                .map(|cycle| cycle.members.len())
                .sum::<usize>()
                .to_string(),
            of(Level::Folders).count().to_string(),
        ]);
    }
    table
}

fn by_folder(tree: &Tree) -> Table {
    let mut folders = BTreeMap::<&Path, Vec<&File>>::new();
    for file in &tree.files {
        let folder = file.path.parent().unwrap_or(&file.path);
        folders.entry(folder).or_default().push(file);
    }
    let mut table = table(["folder", "files", "lines", "longest file"]);
    for (folder, files) in folders {
        table.add_row([
            folder.display().to_string(),
            files.len().to_string(),
            lines(&files).to_string(),
            longest_file(&files),
        ]);
    }
    table
}

fn table<const COLUMNS: usize>(titles: [&str; COLUMNS]) -> Table {
    let mut table = Table::new();
    table
        .load_preset(presets::ASCII_MARKDOWN)
        .set_header(titles);
    table
}

fn lines(files: &[&File]) -> usize {
    files.iter().map(|file| file.lines).sum()
}

fn longest_file(files: &[&File]) -> String {
    let longest = files.iter().max_by_key(|file| file.lines);
    longest.map_or_else(String::new, |file| format!("{} {}", file.lines, name(file)))
}

fn longest_function(files: &[&File]) -> String {
    files
        .iter()
        .flat_map(|file| file.functions.iter().map(move |function| (file, function)))
        .max_by_key(|(_, function)| function.lines)
        .map_or_else(String::new, |(file, function)| {
            format!("{} {} in {}", function.lines, function.name, name(file))
        })
}

fn long_functions(files: &[&File]) -> usize {
    let functions = files.iter().flat_map(|file| &file.functions);
    functions.filter(|function| function.lines > 60).count()
}

/// A file's name with its folder, since many are called `mod.rs`.
fn name(file: &File) -> String {
    let parts: Vec<_> = file.path.iter().rev().take(2).collect();
    let path: PathBuf = parts.into_iter().rev().collect();
    path.display().to_string()
}
