//! Checks the files and folders that documents name in backquotes.

use std::path::Path;

/// Folders at the top of the tree. A span that begins with one of them and a slash is a place.
const TOP: [&str; 9] = [
    ".github",
    "core",
    "docs",
    "fixtures",
    "gateway",
    "host-example",
    "publisher",
    "tests",
    "xtask",
];

/// Reports places in running text that the tree lacks.
pub(super) fn check(root: &Path, name: &str, text: &str, findings: &mut Vec<String>) {
    let mut is_block = false;
    for (number, line) in (1..).zip(text.lines()) {
        if line.trim_start().starts_with("```") {
            is_block = !is_block;
            continue;
        }
        if is_block {
            continue;
        }
        let spans = line.split('`').skip(1).step_by(2);
        for span in spans.filter(|span| is_place(span) && !root.join(span).exists()) {
            findings.push(format!("{name}:{number}: there is no {span}"));
        }
    }
}

fn is_place(span: &str) -> bool {
    let is_plain =
        |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '_' | '/' | '-');
    let (top, _) = span.split_once('/').unwrap_or_default();
    TOP.contains(&top) && span.chars().all(is_plain)
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn a_file_that_is_named_and_not_there_is_a_finding() {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(root.path().join("tests/hosts")).unwrap();
        let text = "`tests/hosts`, `tests/gone.rs` and `tests/*.rs`\n\
                    ```text\n`tests/made.rs`\n```\n`gone/x` and `core/x`\n";
        let mut findings = Vec::new();
        check(root.path(), "a.md", text, &mut findings);
        assert_eq!(
            findings,
            [
                "a.md:1: there is no tests/gone.rs",
                "a.md:5: there is no core/x"
            ]
        );
    }
}
