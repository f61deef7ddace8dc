//! The licences of everything that is linked into the commands and modules of a release, with their texts.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::shell::root;

use super::crates::{Crate, Id, Packages, linked};
use super::kind::Program;
use super::part::{self, Part};
use super::sbom::{BINDINGS, EDGE, MODULE, module};
use crate::release::platform::Platform;

/// How files with a licence are called, in capitals, whatever follows.
const NAMES: [&str; 6] = [
    "COPYING",
    "COPYRIGHT",
    "LICENCE",
    "LICENSE",
    "NOTICE",
    "UNLICENSE",
];

/// Folders whose files are not linked.
const NOT_LINKED: [&str; 5] = ["benches", "examples", "fuzz", "target", "tests"];

/// Everything that is listed.
#[derive(Default)]
struct List {
    entries: Vec<Entry>,
}

/// One package or part.
struct Entry {
    name: String,
    licence: String,
    /// Which artefacts have it: `interdict`, `interdict.wasm`.
    users: BTreeSet<String>,
    texts: Vec<String>,
    /// What is said in place of texts, if the package has none.
    instead: Option<String>,
}

/// Writes the file.
pub(super) fn write(packages: &Packages, platforms: &[Platform], to: &Path) -> Result<()> {
    fs::write(to, list(packages, platforms)?.page()).with_context(|| to.display().to_string())
}

fn list(packages: &Packages, platforms: &[Platform]) -> Result<List> {
    let mut users = BTreeMap::<Id, BTreeSet<String>>::new();
    let mut parts = BTreeMap::<&str, (Part, BTreeSet<String>)>::new();
    let mut add_parts = |user: &str, found: Vec<Part>| {
        for part in found {
            let entry = parts.entry(part.name);
            let (_, users) = entry.or_insert_with(|| (part, BTreeSet::new()));
            users.insert(user.to_owned());
        }
    };
    for (file, build) in [
        (MODULE, module(MODULE)),
        (EDGE, module(EDGE)),
        ("@interdict/checkout", BINDINGS),
    ] {
        for id in linked(&build)?.uses.into_keys() {
            users.entry(id).or_default().insert(file.to_owned());
        }
        add_parts(file, vec![part::rust_library()?]);
    }
    add_parts("the C host's source", vec![part::wasm2c()?]);
    for program in platforms.iter().flat_map(Program::of) {
        let linked = linked(&program.build())?;
        let parts = part::of_command(packages, &linked, program.target)?;
        add_parts(program.package, parts);
        for id in linked.uses.into_keys() {
            let users = users.entry(id).or_default();
            users.insert(program.package.to_owned());
        }
    }
    let mut list = List::default();
    for (part, users) in parts.into_values() {
        list.entries.push(Entry {
            name: format!("{} {}: {}", part.name, part.version, part.what),
            licence: part.licence.text().to_owned(),
            users,
            texts: part.texts,
            instead: None,
        });
    }
    for (id, users) in users {
        let package = packages.of(&id)?;
        // The project's own licences are files of the release.
        if package.checksum.is_none() {
            continue;
        }
        let texts = texts(&package.folder)?;
        let instead = texts
            .is_empty()
            .then(|| without_text(packages, &id, package));
        let texts = match &instead {
            Some(_) => related_texts(packages, package)?,
            None => texts,
        };
        list.entries.push(Entry {
            name: format!("{} {}", id.name, id.version),
            licence: package.licence.clone(),
            users,
            texts,
            instead,
        });
    }
    Ok(list)
}

impl List {
    fn page(&self) -> String {
        let mut numbers = BTreeMap::<&str, usize>::new();
        let mut ordered = Vec::new();
        for text in self.entries.iter().flat_map(|entry| &entry.texts) {
            let next = numbers.len().saturating_add(1);
            numbers.entry(text).or_insert_with(|| {
                ordered.push(text);
                next
            });
        }
        let mut page = "# Licences of others\n\n\
            What the commands, modules and packages of this release have of others, and under which licences. Interdict \
            itself is under MIT or Apache-2.0, at your choice. Numbers refer to the texts at the end; packages with the \
            same text share it.\n\n"
            .to_owned();
        let mut add = |line: String| {
            page.push_str(&line);
            page.push('\n');
        };
        for entry in &self.entries {
            let users: Vec<_> = entry.users.iter().map(String::as_str).collect();
            let texts = entry.texts.iter();
            let numbers: Vec<_> = texts
                .filter_map(|text| Some(format!("[{}]", numbers.get(text.as_str())?)))
                .collect();
            add(format!(
                "- **{}**: {} {} In {}.",
                entry.name,
                entry.licence,
                numbers.concat(),
                users.join(", ")
            ));
            if let Some(instead) = &entry.instead {
                add(format!("  {instead}."));
            }
        }
        for (index, text) in ordered.iter().enumerate() {
            let number = index.saturating_add(1);
            // No text has a line of this.
            let fence = "~".repeat(12);
            add(format!("\n## [{number}]\n\n{fence}text\n{text}\n{fence}"));
        }
        page
    }
}

/// What is said of a package that has no text of its licence.
fn without_text(packages: &Packages, id: &Id, package: &Crate) -> String {
    let place = package
        .repository
        .as_deref()
        .unwrap_or("names no repository");
    let by = match package.authors.as_slice() {
        [] => String::new(),
        authors => format!(" by {}", authors.join(", ")),
    };
    let instead = match related(packages, package) {
        Some((other, _)) => format!(
            "the text of {}, of the same project, stands for it",
            other.name
        ),
        None if package.licence.contains("Apache-2.0") => {
            "the standard text of Apache-2.0 stands for it".to_owned()
        }
        None => format!(
            "nothing here stands for it: {} has a standard text",
            package.licence
        ),
    };
    format!("{} comes without a text{by} ({place}); {instead}", id.name)
}

/// A package with texts that the same project develops: in the same repository, or by the same authors if none is
/// named.
fn related<'p>(packages: &'p Packages, package: &Crate) -> Option<(&'p Id, &'p Crate)> {
    let place = package.repository.as_deref().map(repository);
    packages.all().find(|(_, other)| {
        let is_near = match place {
            Some(_) => other.repository.as_deref().map(repository) == place,
            None => !package.authors.is_empty() && other.authors == package.authors,
        };
        is_near
            && other.licence == package.licence
            && texts(&other.folder).is_ok_and(|texts| !texts.is_empty())
    })
}

fn related_texts(packages: &Packages, package: &Crate) -> Result<Vec<String>> {
    match related(packages, package) {
        Some((_, other)) => texts(&other.folder),
        None if package.licence.contains("Apache-2.0") => {
            let own = root().join("LICENSE-APACHE");
            Ok(vec![normal(&fs::read_to_string(own)?)])
        }
        None => Ok(Vec::new()),
    }
}

/// Server, owner and name of a repository, without what follows.
fn repository(url: &str) -> &str {
    let begin = url.find("://").map_or(0, |at| at.saturating_add(3));
    let rest = url.get(begin..).unwrap_or_default();
    let ends = rest.match_indices('/').map(|(at, _)| at);
    let end = ends.skip(2).min().unwrap_or(rest.len());
    rest.get(..end).unwrap_or_default().trim_end_matches(".git")
}

/// All texts of licences in a package, in the order of their names.
fn texts(folder: &Path) -> Result<Vec<String>> {
    let mut files = Vec::new();
    find(folder, &mut files)?;
    files.sort();
    let mut texts = Vec::new();
    for file in files {
        let bytes = fs::read(&file).with_context(|| file.display().to_string())?;
        let text = normal(&String::from_utf8_lossy(&bytes));
        if !text.is_empty() && !texts.contains(&text) {
            texts.push(text);
        }
    }
    Ok(texts)
}

fn find(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().to_uppercase();
        if entry.file_type()?.is_dir() {
            if !NOT_LINKED
                .iter()
                .any(|folder| name == folder.to_uppercase())
            {
                find(&entry.path(), files)?;
            }
            continue;
        }
        let is_code = [".RS", ".C", ".H", ".TOML", ".JSON", ".PY"]
            .iter()
            .any(|ending| name.ends_with(ending));
        if !is_code && NAMES.iter().any(|begin| name.starts_with(begin)) {
            files.push(entry.path());
        }
    }
    Ok(())
}

/// A text without what makes equal ones differ: ends of lines, spaces there, and empty lines around it.
fn normal(text: &str) -> String {
    let lines: Vec<_> = text.lines().map(str::trim_end).collect();
    lines.join("\n").trim_matches('\n').to_owned()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;

    use tempfile::tempdir;

    use super::{Entry, List, repository, texts};

    #[test]
    fn texts_are_found_in_folders_but_not_in_those_of_tests() {
        let folder = tempdir().expect("a folder");
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
            fs::write(path, text).expect("a file");
        };
        write("LICENSE-MIT", "one\r\ntwo  \r\n\n");
        write("third_party/fiat/license.md", "three");
        write("third_party/again/COPYING", "one\ntwo");
        write("tests/LICENSE", "four");
        write("src/license.rs", "fn five() {}");
        let found = texts(folder.path()).expect("texts");
        assert_eq!(found, ["one\ntwo", "three"]);
    }

    #[test]
    fn packages_with_the_same_text_share_it() {
        let entry = |name: &str, text: &str| Entry {
            name: name.to_owned(),
            licence: "MIT".to_owned(),
            users: BTreeSet::from(["interdict".to_owned()]),
            texts: vec![text.to_owned()],
            instead: None,
        };
        let entries = vec![
            entry("a 1", "same"),
            entry("b 1", "same"),
            entry("c 1", "other"),
        ];
        let page = List { entries }.page();
        assert_eq!(page.matches("\nsame\n").count(), 1, "{page}");
        assert!(
            page.contains("- **b 1**: MIT [1] In interdict.\n"),
            "{page}"
        );
        assert!(
            page.contains("- **c 1**: MIT [2] In interdict.\n"),
            "{page}"
        );
    }

    #[test]
    fn packages_of_one_repository_are_known_by_its_name() {
        let one = "https://server.example/owner/name/tree/main/part";
        assert_eq!(repository(one), "server.example/owner/name");
        assert_eq!(
            repository("https://server.example/owner/name.git"),
            "server.example/owner/name"
        );
    }
}
