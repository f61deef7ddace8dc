//! The tables of mutants: reads them, lists the test that catches each, and records it.

use std::collections::BTreeMap;
use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::ops::Range;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use toml::Table;

use crate::shell::root;

const FOLDER: &str = "tests/mutants";

/// One change to the code, which breaks one rule.
pub(super) struct Mutant {
    /// The name of its table, without folder and extension: `engine`.
    pub(super) table: String,
    /// What the patched code does wrong.
    pub(super) rule: String,
    /// The section of the document that states the rule, or `ours`.
    pub(super) section: String,
    /// The file to patch, below `core`.
    pub(super) file: String,
    old: String,
    new: String,
    /// A test known to catch it; it runs first.
    pub(super) test: Option<String>,
    /// Why no test can tell the difference.
    pub(super) survives: Option<String>,
    /// Whether it needs a build of its own.
    pub(super) apart: bool,
}

/// A patch of one file: the part that differs, and what replaces it.
pub(super) struct Patch {
    pub(super) range: Range<usize>,
    pub(super) text: String,
}

/// Every mutant, ordered by table.
pub(super) fn read() -> Result<Vec<Mutant>> {
    let mut mutants = Vec::new();
    for path in tables()? {
        let table = path.file_stem().unwrap_or_default().to_string_lossy();
        let text = fs::read_to_string(&path)?;
        mutants.extend(parse(&table, &text).with_context(|| format!("{FOLDER}/{table}.toml"))?);
    }
    let mut numbers = BTreeMap::new();
    for mutant in &mutants {
        if let Some(other) = numbers.insert(mutant.number(), &mutant.rule) {
            bail!("{other:?} and {:?} are the same patch", mutant.rule);
        }
    }
    Ok(mutants)
}

/// Reports every patch that no longer applies, for `tidy`.
pub(crate) fn check(findings: &mut Vec<String>) -> Result<()> {
    for mutant in read()? {
        let applied = fs::read_to_string(root().join("core").join(&mutant.file))
            .with_context(|| mutant.file.clone())
            .and_then(|source| mutant.patch(&source));
        if let Err(error) = applied {
            findings.push(format!("{FOLDER}/{}.toml: {error:#}", mutant.table));
        }
    }
    Ok(())
}

/// Prints the test that catches each mutant, as recorded in the tables.
pub(super) fn print(mutants: &[&Mutant]) {
    println!("| table | mutant | caught by |");
    println!("| --- | --- | --- |");
    for mutant in mutants {
        let by = match (&mutant.test, &mutant.survives) {
            (_, Some(reason)) => format!("nothing: {reason}"),
            (Some(test), None) => format!("`{test}`"),
            (None, None) => "not recorded".to_owned(),
        };
        println!("| {} | {} | {by} |", mutant.table, mutant.rule);
    }
}

/// Records in the tables which test catches which mutant.
pub(super) fn record(caught: &BTreeMap<u64, String>) -> Result<()> {
    for path in tables()? {
        let table = path.file_stem().unwrap_or_default().to_string_lossy();
        let text = fs::read_to_string(&path)?;
        let mutants = parse(&table, &text)?;
        // Text before the first mutant belongs to no mutant.
        let mut parts = text.split(HEADING);
        let mut recorded = parts.next().unwrap_or_default().to_owned();
        for (mutant, part) in mutants.iter().zip(parts) {
            recorded += HEADING;
            match caught.get(&mutant.number()) {
                Some(test) => recorded += &with_test(part, test),
                None => recorded += part,
            }
        }
        if recorded != text {
            fs::write(&path, recorded)?;
        }
    }
    Ok(())
}

const HEADING: &str = "[[mutant]]\n";

/// One entry of a table with its test replaced by this one.
fn with_test(entry: &str, test: &str) -> String {
    let line = format!("test = \"{test}\"");
    let found = entry.lines().find(|line| line.starts_with("test = \""));
    match found {
        Some(old) => entry.replacen(old, &line, 1),
        None => {
            // A comment at the end belongs to the next entry.
            let own = entry.find("\n\n#").unwrap_or(entry.len());
            let text = entry.get(..own).unwrap_or("").trim_end();
            format!("{text}\n{line}{}", entry.get(text.len()..).unwrap_or(""))
        }
    }
}

fn tables() -> Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(root().join(FOLDER)).context(FOLDER)? {
        let path = entry?.path();
        if path.extension() == Some("toml".as_ref()) {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

/// Reads a table of this name.
pub(super) fn parse(table: &str, text: &str) -> Result<Vec<Mutant>> {
    let list: Table = text.parse()?;
    let entries = list.get("mutant").and_then(toml::Value::as_array);
    let entries = entries.context("expected a list of mutants")?.iter();
    entries
        .map(|entry| Mutant::read(table, entry.as_table().context("a mutant is a table")?))
        .collect()
}

impl Mutant {
    fn read(table: &str, entry: &Table) -> Result<Self> {
        let known = [
            "rule", "section", "file", "old", "new", "test", "survives", "apart",
        ];
        if let Some(unknown) = entry.keys().find(|key| !known.contains(&key.as_str())) {
            bail!("unknown key {unknown}");
        }
        let optional = |name: &str| Some(entry.get(name)?.as_str()?.to_owned());
        let text = |name: &str| optional(name).with_context(|| format!("{name}: {entry}"));
        Ok(Self {
            table: table.to_owned(),
            rule: text("rule")?,
            section: text("section")?,
            file: text("file")?,
            old: text("old")?,
            new: text("new")?,
            test: optional("test"),
            survives: optional("survives"),
            apart: entry.get("apart").and_then(toml::Value::as_bool) == Some(true),
        })
    }

    /// The number that switches it on in the common build. It depends only on the patch, so a new mutant
    /// does not change the files of the others.
    pub(super) fn number(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        (&self.file, &self.old, &self.new).hash(&mut hasher);
        hasher.finish()
    }

    /// Whether its table, rule, section or file contains one of these words, or no words are given.
    pub(super) fn is_among(&self, words: &[String]) -> bool {
        let texts = [&self.table, &self.rule, &self.section, &self.file];
        let named = |word: &String| texts.iter().any(|text| text.contains(word.as_str()));
        words.is_empty() || words.iter().any(named)
    }

    /// The package it is in, by its folder.
    pub(super) fn package(&self) -> PathBuf {
        match self.file.split_once('/') {
            Some((folder @ ("common" | "trust"), _)) => Path::new("core").join(folder),
            _ => "core".into(),
        }
    }

    /// Where its patch goes in this text.
    pub(super) fn patch(&self, source: &str) -> Result<Patch> {
        let mut places = source.match_indices(&self.old);
        let (Some((start, _)), None) = (places.next(), places.next()) else {
            bail!(
                "the text that {:?} replaces must occur once in {}",
                self.rule,
                self.file
            );
        };
        let (old, new) = (&self.old, &self.new);
        let before = alike(old.chars(), new.chars());
        let (old, new) = (
            old.get(before..).unwrap_or(""),
            new.get(before..).unwrap_or(""),
        );
        let after = alike(old.chars().rev(), new.chars().rev());
        let start = start + before;
        Ok(Patch {
            range: start..start + old.len() - after,
            text: new.get(..new.len() - after).unwrap_or("").to_owned(),
        })
    }
}

/// The length of the common beginning of two texts.
fn alike(one: impl Iterator<Item = char>, other: impl Iterator<Item = char>) -> usize {
    let pairs = one.zip(other).take_while(|(one, other)| one == other);
    pairs.map(|(one, _)| one.len_utf8()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENTRY: &str =
        "rule = \"r\"\nsection = \"s\"\nfile = \"src/a.rs\"\nold = \"a\"\nnew = \"b\"\n";

    #[test]
    fn a_recorded_test_takes_the_place_of_the_old_one() {
        let with = |test: &str| format!("{ENTRY}test = \"{test}\"\n\n# Next.\n");
        let without = format!("{ENTRY}\n# Next.\n");
        assert_eq!(with_test(&with("a::b"), "c"), with("c"));
        assert_eq!(with_test(&without, "c"), with("c"));
    }

    #[test]
    fn a_patch_is_what_differs_and_its_text_must_occur_once() {
        let table = format!("[[mutant]]\n{ENTRY}").replace("\"a\"", "\"é = 1;\"");
        let table = table.replace("\"b\"", "\"é = 10;\"");
        let mutants = parse("t", &table).unwrap();
        let patch = mutants[0].patch("let é = 1; f()").unwrap();
        assert_eq!((patch.range, patch.text.as_str()), (10..10, "0"));
        assert!(mutants[0].patch("let é = 2;").is_err());
        assert!(mutants[0].patch("let é = 1; let é = 1;").is_err());
    }

    #[test]
    fn an_unknown_member_is_refused() {
        assert!(parse("t", &format!("[[mutant]]\n{ENTRY}tset = \"a\"\n")).is_err());
    }
}
