//! Checks where the links of a built site lead: to a file of the site, and to an anchor that its page has.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};

use crate::tree;

use super::tags::{self, Tag};

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Checked {
    pub(super) pages: usize,
    /// Links that lead to this site.
    pub(super) links: u64,
    /// Links that lead to another one. Nobody is asked whether they work.
    pub(super) outside: u64,
    /// Each broken link, by page.
    pub(super) findings: Vec<String>,
}

/// A page of the site.
struct Page {
    anchors: BTreeSet<String>,
    tags: Vec<Tag>,
}

/// Where a link leads.
#[derive(Debug, PartialEq, Eq)]
enum Target {
    /// To another site.
    Outside,
    /// To a file of this one, by its path from the top, and to an anchor in it. A path ends with `/` or is
    /// empty if it names a folder.
    Here(String, Option<String>),
    /// Above the site, or at a place that depends on where the site lies.
    Astray,
}

/// Reads the pages of a folder and follows each of their links.
pub(super) fn check(folder: &Path) -> Result<Checked> {
    let files = tree::files(folder)?;
    let mut pages = BTreeMap::new();
    for name in files.iter().filter(|name| name.ends_with(".html")) {
        let text = fs::read_to_string(folder.join(name)).with_context(|| name.clone())?;
        pages.insert(name.clone(), Page::read(&text));
    }
    let mut checked = Checked {
        pages: pages.len(),
        ..Checked::default()
    };
    for (name, page) in &pages {
        for tag in &page.tags {
            for link in ["href", "src"]
                .into_iter()
                .filter_map(|name| tag.value(name))
            {
                let broken = match target(name, link) {
                    Target::Outside if tag.name == "a" => {
                        checked.outside = checked.outside.saturating_add(1);
                        continue;
                    }
                    Target::Outside => Some("would be loaded from the network"),
                    Target::Astray => Some("leads out of the site"),
                    Target::Here(file, anchor) => fault(&files, &pages, &file, anchor.as_deref()),
                };
                checked.links = checked.links.saturating_add(1);
                let finding = broken.map(|fault| format!("{name}: {link}: {fault}"));
                checked.findings.extend(finding);
            }
        }
    }
    Ok(checked)
}

/// What is wrong with a link to a file.
fn fault(
    files: &BTreeSet<String>,
    pages: &BTreeMap<String, Page>,
    file: &str,
    anchor: Option<&str>,
) -> Option<&'static str> {
    let index = format!("{file}index.html");
    let file = match file.is_empty() || file.ends_with('/') {
        true => &index,
        false => file,
    };
    if !files.contains(file) {
        return Some("there is no such file");
    }
    let anchor = anchor?;
    let has_it = pages
        .get(file)
        .is_some_and(|page| page.anchors.contains(anchor));
    (!has_it).then_some("there is no such anchor")
}

impl Page {
    fn read(text: &str) -> Self {
        let tags = tags::read(text);
        let anchors = tags.iter().filter_map(|tag| tag.value("id"));
        Self {
            anchors: anchors.map(str::to_owned).collect(),
            tags,
        }
    }
}

/// Follows a link of a page.
fn target(page: &str, link: &str) -> Target {
    if link.starts_with("//") {
        return Target::Outside;
    }
    let scheme = link.split(['/', '#', '?']).next().unwrap_or_default();
    if let Some((scheme, _)) = scheme.split_once(':') {
        // Such an address holds what it names.
        return match scheme {
            "data" => Target::Here(page.to_owned(), None),
            _ => Target::Outside,
        };
    }
    if link.starts_with('/') {
        return Target::Astray;
    }
    let (path, anchor) = match link.split_once('#') {
        Some((path, anchor)) => (path, Some(decoded(anchor))),
        None => (link, None),
    };
    let path = path.split('?').next().unwrap_or_default();
    // `#` alone is the top of the page.
    let anchor = anchor.filter(|anchor| !anchor.is_empty());
    if path.is_empty() {
        return Target::Here(page.to_owned(), anchor);
    }
    let mut parts: Vec<_> = page.split('/').collect();
    parts.pop();
    let path = decoded(path);
    for part in path.split('/') {
        match part {
            "." | "" => {}
            ".." => {
                if parts.pop().is_none() {
                    return Target::Astray;
                }
            }
            name => parts.push(name),
        }
    }
    let mut file = parts.join("/");
    if !file.is_empty() && path.ends_with(['/', '.']) {
        file.push('/');
    }
    Target::Here(file, anchor)
}

/// Replaces `%C3%A9` by the letter that it stands for.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let code = after.get(..2).filter(|_| *first == b'%');
        let code = code.and_then(|digits| std::str::from_utf8(digits).ok());
        let code = code.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(code.unwrap_or(*first));
        rest = match code {
            Some(_) => after.get(2..).unwrap_or_default(),
            None => after,
        };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::{Target, check, target};
    use std::fs;

    const START: &str = "<a href=\"docs/a.html#one\">";

    /// What is found in a site of two pages and a picture, whose second page has this text.
    fn findings(text: &str) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("docs/pictures")).unwrap();
        fs::write(folder.path().join("index.html"), START).unwrap();
        fs::write(folder.path().join("docs/pictures/p.svg"), "<svg/>").unwrap();
        let page = format!("<h1 id=\"one\">One</h1><h2 id=\"\u{e9}\"></h2>{text}");
        fs::write(folder.path().join("docs/a.html"), page).unwrap();
        check(folder.path()).unwrap().findings
    }

    #[test]
    fn links_that_lead_somewhere_are_no_findings() {
        let text = "<a href=\"#one\"><a href=\"#\"><a href=\"a.html#%C3%A9\"><a href=\"../index.html\">\
                    <a href=\"..\"><a href=\"https://a.example/b\"><img src=\"pictures/p.svg\">\
                    <img src=\"data:image/png;base64,AA==\">";
        assert_eq!(findings(text), Vec::<String>::new());
    }

    #[test]
    fn a_broken_link_is_a_finding_of_its_page() {
        for (text, finding) in [
            (
                "<a href=\"b.html\">",
                "docs/a.html: b.html: there is no such file",
            ),
            (
                "<img src=\"pictures/q.svg\">",
                "docs/a.html: pictures/q.svg: there is no such file",
            ),
            (
                "<a href=\"pictures/\">",
                "docs/a.html: pictures/: there is no such file",
            ),
            (
                "<a href=\"../../b.html\">",
                "docs/a.html: ../../b.html: leads out of the site",
            ),
            (
                "<a href=\"/docs/a.html\">",
                "docs/a.html: /docs/a.html: leads out of the site",
            ),
        ] {
            assert_eq!(findings(text), [finding]);
        }
    }

    #[test]
    fn a_broken_anchor_is_a_finding_of_its_page() {
        for (text, finding) in [
            (
                "<a href=\"#two\">",
                "docs/a.html: #two: there is no such anchor",
            ),
            (
                "<a href=\"../index.html#one\">",
                "docs/a.html: ../index.html#one: there is no such anchor",
            ),
            (
                "<a href=\"pictures/p.svg#one\">",
                "docs/a.html: pictures/p.svg#one: there is no such anchor",
            ),
        ] {
            assert_eq!(findings(text), [finding]);
        }
    }

    #[test]
    fn what_a_page_would_load_from_the_network_is_a_finding() {
        for link in ["https://a.example/p.js", "//a.example/p.js"] {
            let finding = format!("docs/a.html: {link}: would be loaded from the network");
            assert_eq!(
                findings(&format!("<script src=\"{link}\"></script>")),
                [finding]
            );
        }
    }

    #[test]
    fn a_link_is_followed_from_its_pages_folder() {
        let here = |path: &str| Target::Here(path.to_owned(), None);
        for (link, expected) in [
            ("b.html", here("docs/b.html")),
            ("./b.html?q=1", here("docs/b.html")),
            ("../b/", here("b/")),
            ("..", here("")),
            ("mailto:a@a.example", Target::Outside),
            ("../..", Target::Astray),
        ] {
            assert_eq!(target("docs/a.html", link), expected, "{link}");
        }
    }
}
