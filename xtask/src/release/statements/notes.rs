//! What is new in a release, from CHANGELOG.md.

use anyhow::{Result, ensure};

/// The notes of one version, as Markdown without headings of their own.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Notes {
    /// What the version's own section says.
    own: Option<String>,
    /// What no version has yet, and is in this build all the same.
    unreleased: Option<String>,
}

impl Notes {
    /// Takes the section `## VERSION`, with or without a date behind it, and what is in `## Unreleased`. At least one of
    /// them must say something, and the version's own section if there is one.
    pub(super) fn of(changelog: &str, version: &str) -> Result<Self> {
        let own = section(changelog, version);
        ensure!(
            own.is_none_or(says_something),
            "the section {version} of CHANGELOG.md is empty"
        );
        let unreleased = section(changelog, "Unreleased").filter(|text| says_something(text));
        ensure!(
            own.is_some() || unreleased.is_some(),
            "CHANGELOG.md has neither a section {version} nor anything in its section Unreleased"
        );
        let trimmed = |text: &str| text.trim().to_owned();
        Ok(Self {
            own: own.map(trimmed),
            unreleased: unreleased.map(trimmed),
        })
    }

    /// The whole file for people.
    pub(super) fn page(&self, version: &str) -> String {
        let mut page = format!("# Interdict {version}\n");
        let mut add = |text: &str| {
            page.push('\n');
            page.push_str(text);
            page.push('\n');
        };
        match (&self.own, &self.unreleased) {
            (None, Some(_)) => add(&format!(
                "This is a build for trial: CHANGELOG.md has no section {version}, so these are its changes that no \
                 version has yet."
            )),
            (Some(_), Some(_)) => add(&format!(
                "This is a build for trial: it also has changes that came after version {version}, which are listed \
                 first."
            )),
            _ => {}
        }
        if let Some(unreleased) = &self.unreleased {
            add("## Changes that no version has yet");
            add(unreleased);
        }
        if let Some(own) = &self.own {
            if self.unreleased.is_some() {
                add(&format!("## Version {version}"));
            }
            add(own);
        }
        page
    }
}

fn says_something(section: &str) -> bool {
    section
        .lines()
        .any(|line| !line.trim().is_empty() && !line.starts_with('#'))
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
        let changelog = CHANGELOG.replace("- soon\n", "");
        let page = page(&changelog, "0.2.0").expect("notes");
        assert_eq!(page, "# Interdict 0.2.0\n\n- now\n");
    }

    #[test]
    fn changes_after_a_version_are_not_passed_off_as_that_version() {
        let page = page(CHANGELOG, "0.2.0").expect("notes");
        assert!(
            page.contains("it also has changes that came after version 0.2.0"),
            "{page}"
        );
        let (unreleased, own) = page.split_once("## Version 0.2.0\n").expect("two lists");
        assert!(
            unreleased.contains("- soon") && !unreleased.contains("- now"),
            "{page}"
        );
        assert_eq!(own, "\n- now\n");
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
