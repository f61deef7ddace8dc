//! What the site is made of: the documents that `docs/SUMMARY.md` names and the files that they link to, each
//! at its place in the repository. So a link that works in the repository works on the site.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail};

/// The contents. Its links start at its own folder, mdBook's at the folder of all documents.
const SUMMARY: &str = "docs/SUMMARY.md";

/// Copies documents and files from the repository's root into an empty folder.
pub(super) fn gather(root: &Path, to: &Path) -> Result<()> {
    let summary = fs::read_to_string(root.join(SUMMARY)).context(SUMMARY)?;
    let documents: BTreeSet<_> = targets(&summary)
        .filter_map(|target| place(SUMMARY, target))
        .collect();
    let forgotten = forgotten(root, &documents)?;
    if !forgotten.is_empty() {
        bail!("{SUMMARY} lacks {}", forgotten.join(", "));
    }
    fs::create_dir_all(to)?;
    fs::write(to.join("SUMMARY.md"), moved(&summary))?;
    for document in &documents {
        copy(root, to, document)?;
        let text = fs::read_to_string(root.join(document))?;
        let linked = targets(&text).filter_map(|target| place(document, target));
        // Another document is a page only if the contents name it; if they do not, the link is found broken.
        for file in linked.filter(|file| !file.ends_with(".md")) {
            if root.join(&file).is_file() {
                copy(root, to, &file)?;
            }
        }
    }
    Ok(())
}

/// Documents in `docs` that the contents lack.
fn forgotten(root: &Path, documents: &BTreeSet<String>) -> Result<Vec<String>> {
    let mut forgotten = Vec::new();
    for entry in fs::read_dir(root.join("docs"))? {
        let name = format!("docs/{}", entry?.file_name().to_string_lossy());
        if name.ends_with(".md") && name != SUMMARY && !documents.contains(&name) {
            forgotten.push(name);
        }
    }
    forgotten.sort();
    Ok(forgotten)
}

fn copy(root: &Path, to: &Path, file: &str) -> Result<()> {
    let copied = to.join(file);
    if let Some(folder) = copied.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::copy(root.join(file), copied).with_context(|| file.to_owned())?;
    Ok(())
}

/// What the links and pictures of a Markdown text lead to.
fn targets(text: &str) -> impl Iterator<Item = &str> {
    text.split("](")
        .skip(1)
        .filter_map(|rest| rest.split([')', ' ', '\n']).next())
}

/// The file that a link of a document leads to, from the root. `None` if it leads outside of the repository
/// or to an anchor of the document itself.
fn place(document: &str, target: &str) -> Option<String> {
    let path = target.split('#').next().unwrap_or_default();
    if path.is_empty() || path.starts_with('/') || target.contains(':') {
        return None;
    }
    let mut folders: Vec<_> = document.split('/').collect();
    folders.pop();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(folders.pop()?),
            name => folders.push(name),
        }
    }
    Some(folders.join("/"))
}

/// The contents with links that start at the root.
fn moved(summary: &str) -> String {
    let mut pieces = summary.split("](");
    let mut text = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (target, rest) = piece.split_once(')').unwrap_or((piece, ""));
        let place = place(SUMMARY, target).unwrap_or_else(|| target.to_owned());
        text.push_str(&format!("]({place}){rest}"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{gather, moved, place};
    use std::fs;

    #[test]
    fn a_link_leads_to_a_file_from_the_root() {
        for (document, target, file) in [
            ("docs/a.md", "b.md#c", Some("docs/b.md")),
            (
                "docs/a.md",
                "../fixtures/README.md",
                Some("fixtures/README.md"),
            ),
            (
                "README.md",
                "docs/pictures/flow.svg",
                Some("docs/pictures/flow.svg"),
            ),
            ("README.md", "../outside.md", None),
            ("docs/a.md", "#c", None),
            ("docs/a.md", "https://a.example/b.md", None),
        ] {
            assert_eq!(place(document, target).as_deref(), file, "{target}");
        }
    }

    #[test]
    fn the_contents_lead_to_the_same_documents_from_the_root() {
        assert_eq!(
            moved("# C\n\n- [A](a.md)\n- [B](../B.md)\n"),
            "# C\n\n- [A](docs/a.md)\n- [B](B.md)\n"
        );
    }

    #[test]
    fn documents_and_what_they_link_to_are_gathered_and_a_forgotten_one_is_refused() {
        let root = tempfile::tempdir().unwrap();
        let to = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = root.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write("docs/SUMMARY.md", "- [A](a.md)\n- [R](../README.md)\n");
        write(
            "docs/a.md",
            "![a](p.svg) [x](../deploy/x.conf) [c](../C.md)",
        );
        write("docs/p.svg", "<svg/>");
        write("deploy/x.conf", "x");
        write("deploy/y.conf", "y");
        write("README.md", "r");
        write("C.md", "c");
        gather(root.path(), to.path()).unwrap();
        for (name, there) in [
            ("SUMMARY.md", true),
            ("docs/a.md", true),
            ("docs/p.svg", true),
            ("deploy/x.conf", true),
            ("README.md", true),
            ("deploy/y.conf", false),
            ("C.md", false),
        ] {
            assert_eq!(to.path().join(name).exists(), there, "{name}");
        }
        write("docs/new.md", "n");
        let refused = gather(root.path(), to.path()).unwrap_err().to_string();
        assert_eq!(refused, "docs/SUMMARY.md lacks docs/new.md");
    }
}
