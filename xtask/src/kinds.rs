//! Measures what each kind of identifier adds to the module. A copy of the source below the target folder
//! is built without the kind's row, and the compiler drops all code that only this kind needs.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use interdict_core::identifier::Kind;

use crate::demo::title;
use crate::module::{FULL, compile_at};
use crate::shell::{output, root, target};

const TABLE: &str = "core/src/identifier/kind/mod.rs";
const FIELDS: &str = "core/src/identifier/canonical.rs";
const WEB: &str = "core/src/identifier/web_address.rs";

/// Calls that use a kind's parser directly and not through its row: the kind, the file, the call, and what
/// takes its place.
const CALLS: [(Kind, &str, &str, &str); 7] = [
    (
        Kind::CardAcceptor,
        FIELDS,
        "kind::CardAcceptor::of(",
        "kind::Nothing::of(",
    ),
    (
        Kind::SubMerchant,
        FIELDS,
        "kind::SubMerchant::of(",
        "kind::Nothing::of(",
    ),
    (
        Kind::Registration,
        FIELDS,
        "kind::Registration::of(",
        "kind::Nothing::of(",
    ),
    (
        Kind::Domain,
        WEB,
        " Host::of(",
        " super::kind::Nothing::host(",
    ),
    (
        Kind::Wallet,
        WEB,
        " Wallet::parse(",
        " super::kind::Nothing::parse(",
    ),
    (
        Kind::Phone,
        WEB,
        " Phone::parse(",
        " super::kind::Nothing::parse(",
    ),
    (
        Kind::Handle,
        WEB,
        " Handle::named(",
        " super::kind::Nothing::of(",
    ),
];

/// The row that replaces that of a kind left out.
const NOTHING: &str = "
pub(super) struct Nothing;
impl Nothing {
    pub(super) fn of(_: &str, _: &str) -> Result<Self, Rule> { Err(Rule::EMPTY) }
    pub(super) fn host(_: &str) -> Result<Self, Rule> { Err(Rule::EMPTY) }
    pub(super) fn as_str(&self) -> &str { \"\" }
}
impl Form for Nothing {
    const CODE: u8 = 255;
    const NAME: &'static str = \"nothing\";
    const RULES: &'static [Rule] = &[];
    fn parse(_: &str) -> Result<Self, Rule> { Err(Rule::EMPTY) }
    fn text(&self) -> String { String::new() }
}
";

/// Builds the module whole, and without each kind; returns the folder of the files.
pub(crate) fn build_without_each() -> Result<PathBuf> {
    let copy = copied()?;
    let folder = target().join("kinds");
    fs::create_dir_all(&folder)?;
    let source = Source::read(&copy)?;
    let mut left_out = vec![("nothing".to_owned(), Vec::new())];
    for kind in Kind::ALL {
        left_out.push((kind.name().to_owned(), vec![*kind]));
    }
    // A label is read with the same tables, so each of the two adds little to the other.
    left_out.push((
        "domain and label".to_owned(),
        vec![Kind::Domain, Kind::Label],
    ));
    left_out.push(("all".to_owned(), Kind::ALL.to_vec()));
    for (name, kinds) in left_out {
        title(&format!("without {name}"));
        let mut source = source.clone();
        for kind in kinds {
            source.leave_out(kind)?;
        }
        source.write(&copy)?;
        let wasm = compile_at(&copy, &FULL)?;
        fs::write(folder.join(format!("{name}.wasm")), wasm)?;
    }
    Ok(folder)
}

/// The files that name the kinds' parsers, by their paths.
#[derive(Clone)]
struct Source(BTreeMap<&'static str, String>);

impl Source {
    fn read(folder: &Path) -> Result<Self> {
        let files = [TABLE, FIELDS, WEB].into_iter().map(|file| {
            let text = fs::read_to_string(folder.join(file))?;
            Ok((file, text))
        });
        let mut files = files.collect::<Result<BTreeMap<_, _>>>()?;
        files.entry(TABLE).or_default().push_str(NOTHING);
        Ok(Self(files))
    }

    fn write(&self, folder: &Path) -> Result<()> {
        for (file, text) in &self.0 {
            fs::write(folder.join(file), text)?;
        }
        Ok(())
    }

    /// Replaces a kind's row, and the calls that reach its parser directly.
    fn leave_out(&mut self, kind: Kind) -> Result<()> {
        let table = self.0.entry(TABLE).or_default();
        let start = format!("Self::{kind:?} => Row::of::<");
        let (before, after) = table
            .split_once(&start)
            .with_context(|| format!("{TABLE} has no row of {}", kind.name()))?;
        let (_, after) = after.split_once(">()").context("the end of a type")?;
        *table = format!("{before}{start}Nothing>(){after}");
        for (_, file, call, instead) in CALLS.iter().filter(|(other, ..)| *other == kind) {
            let text = self.0.entry(file).or_default();
            ensure!(text.contains(call), "{file} lacks {call}");
            *text = text.replace(call, instead);
        }
        Ok(())
    }
}

/// The tracked files from which the module is built.
fn copied() -> Result<PathBuf> {
    let copy = target().join("kinds-source");
    if copy.exists() {
        fs::remove_dir_all(&copy)?;
    }
    let (_, files) = output(Command::new("git").arg("ls-files").current_dir(root()))?;
    for file in files.lines().filter(|file| !file.starts_with("fixtures/")) {
        let to = copy.join(file);
        fs::create_dir_all(to.parent().unwrap_or_else(|| Path::new(".")))?;
        fs::copy(root().join(file), &to).with_context(|| to.display().to_string())?;
    }
    // Code that only this kind used is expected to be unused.
    let tour = copy.join("core/src/lib.rs");
    let text = fs::read_to_string(&tour)?;
    fs::write(
        &tour,
        format!("#![allow(dead_code, unused_imports)]\n{text}"),
    )?;
    Ok(copy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_can_be_taken_out_of_the_source() {
        let mut source = Source::read(&root()).unwrap();
        for kind in Kind::ALL {
            source.leave_out(*kind).unwrap();
        }
        let rows = source.0[TABLE].matches("Row::of::<Nothing>()");
        assert_eq!(rows.count(), Kind::ALL.len());
        let calls = source.0[FIELDS].matches("kind::Nothing::").count()
            + source.0[WEB].matches("kind::Nothing::").count();
        // One of them stands twice.
        assert_eq!(calls, CALLS.len() + 1);
    }
}
