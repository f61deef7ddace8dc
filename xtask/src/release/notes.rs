//! What is new in a release, from CHANGELOG.md.

use anyhow::{Context as _, Result, ensure};

/// The notes of one version.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Notes {
    /// Markdown, without the section's own heading.
    text: String,
    /// Whether the version has a section of its own; otherwise these are the changes that no version has yet.
    is_of_version: bool,
}

impl Notes {
    /// Takes the section `## VERSION`, with or without a date behind it, or else `## Unreleased`.
    pub(super) fn of(changelog: &str, version: &str) -> Result<Self> {
        let own = section(changelog, version);
        let is_of_version = own.is_some();
        let text = own
            .or_else(|| section(changelog, "Unreleased"))
            .context("CHANGELOG.md has neither the version nor an Unreleased section")?;
        let says_something = text
            .lines()
            .any(|line| !line.trim().is_empty() && !line.starts_with('#'));
        ensure!(says_something, "the section of CHANGELOG.md is empty");
        Ok(Self {
            text: text.trim().to_owned(),
            is_of_version,
        })
    }

    /// The whole file for people.
    pub(super) fn page(&self, version: &str) -> String {
        let text = &self.text;
        if self.is_of_version {
            return format!("# Interdict {version}\n\n{text}\n");
        }
        format!(
            "# Interdict {version}\n\nThis is a build for trial: CHANGELOG.md has no section {version}, so these are its \
             changes that no version has yet.\n\n{text}\n"
        )
    }
}

/// What stands between a heading of the second level and the next one.
fn section<'c>(changelog: &'c str, name: &str) -> Option<&'c str> {
    let mut found = None;
    let mut at = 0_usize;
    for line in changelog.split_inclusive('\n') {
        let end = at.saturating_add(line.len());
        if let Some(heading) = line.strip_prefix("## ") {
            if let Some(begin) = found {
                return changelog.get(begin..at);
            }
            // `## 0.2.0`, `## [0.2.0] - 2026-12-01`
            let first = heading.split_whitespace().next().unwrap_or_default();
            if first.trim_matches(['[', ']']) == name {
                found = Some(end);
            }
        }
        at = end;
    }
    changelog.get(found?..)
}

#[cfg(test)]
mod tests {
    use super::Notes;

    const CHANGELOG: &str = "# Changelog\n\n## Unreleased\n\n### Added\n\n- soon\n\n\
                             ## [0.2.0] - 2026-12-01\n\n- now\n\n## 0.1.0\n\n### Added\n";

    fn page(changelog: &str, version: &str) -> anyhow::Result<String> {
        Ok(Notes::of(changelog, version)?.page(version))
    }

    #[test]
    fn a_version_has_its_own_section_alone() {
        let page = page(CHANGELOG, "0.2.0").expect("notes");
        assert_eq!(page, "# Interdict 0.2.0\n\n- now\n");
    }

    #[test]
    fn a_version_without_a_section_says_that_its_notes_are_of_none() {
        let page = page(CHANGELOG, "0.2").expect("notes");
        assert!(page.contains("CHANGELOG.md has no section 0.2,"), "{page}");
        assert!(page.ends_with("### Added\n\n- soon\n"), "{page}");
    }

    #[test]
    fn an_empty_section_is_an_error() {
        page(CHANGELOG, "0.1.0").expect_err("headings alone");
        page("## Unreleased\n\n## 0.2.0\n\n- now\n", "0.3.0").expect_err("nothing unreleased");
        page("# Changelog\n", "0.2.0").expect_err("no section");
    }

    #[test]
    fn the_changelog_of_this_project_has_notes() {
        let path = crate::shell::root().join("CHANGELOG.md");
        let changelog = std::fs::read_to_string(path).expect("the changelog");
        page(&changelog, env!("CARGO_PKG_VERSION")).expect("notes");
    }
}
