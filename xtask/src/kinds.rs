//! Measures what each kind of identifier adds to the module. A copy of the source below the target folder
//! is built without the kind's row, and the compiler drops all code that only this kind needs.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use interdict_core::identifier::Kind;

use crate::demo::title;
use crate::module::compile_at;
use crate::shell::{output, root, target};

const TABLE: &str = "core/src/identifier/kind/mod.rs";
const ROOM: &str = "core/src/identifier/canonical.rs";

/// Calls in [`ROOM`] that use a kind's parser directly and not through its row.
const CALLS: [(&str, &str); 4] = [
    ("domain", "kind::Host::of_url("),
    ("card_acceptor", "kind::CardAcceptor::of("),
    ("sub_merchant", "kind::SubMerchant::of("),
    ("registration", "kind::Registration::of("),
];

/// The row that replaces that of a kind left out.
const NOTHING: &str = "
pub(super) struct Nothing;
impl Nothing {
    pub(super) fn of(_: &str, _: &str) -> Result<Self, Rule> { Err(Rule::EMPTY) }
    pub(super) fn of_url(_: &str) -> Result<Self, Rule> { Err(Rule::EMPTY) }
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
    let (table, room) = (
        fs::read_to_string(copy.join(TABLE))?,
        fs::read_to_string(copy.join(ROOM))?,
    );
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
        let (mut table, mut room) = (format!("{table}{NOTHING}"), room.clone());
        for kind in kinds {
            table = without(&table, kind)?;
            room = without_calls(room, kind)?;
        }
        fs::write(copy.join(TABLE), table)?;
        fs::write(copy.join(ROOM), room)?;
        let wasm = compile_at(&copy, "interdict-wasm", "wasm", "interdict_wasm")?;
        fs::write(folder.join(format!("{name}.wasm")), wasm)?;
    }
    Ok(folder)
}

/// The table without the type of a kind's row.
fn without(table: &str, kind: Kind) -> Result<String> {
    let start = format!("Self::{kind:?} => Row::of::<");
    let (before, after) = table
        .split_once(&start)
        .with_context(|| format!("{TABLE} has no row of {}", kind.name()))?;
    let (_, after) = after.split_once(">()").context("the end of a type")?;
    Ok(format!("{before}{start}Nothing>(){after}"))
}

/// The room without the calls that reach a kind's parser directly.
fn without_calls(mut room: String, kind: Kind) -> Result<String> {
    for (_, call) in CALLS.iter().filter(|(other, _)| *other == kind.name()) {
        ensure!(room.contains(call), "{ROOM} lacks {call}");
        let (_, function) = call.rsplit_once("::").context("a path")?;
        room = room.replace(call, &format!("kind::Nothing::{function}"));
    }
    Ok(room)
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
        let (mut table, mut room) = (
            fs::read_to_string(root().join(TABLE)).unwrap(),
            fs::read_to_string(root().join(ROOM)).unwrap(),
        );
        for kind in Kind::ALL {
            table = without(&table, *kind).unwrap();
            room = without_calls(room, *kind).unwrap();
        }
        assert_eq!(
            table.matches("Row::of::<Nothing>()").count(),
            Kind::ALL.len()
        );
        assert_eq!(room.matches("kind::Nothing::").count(), CALLS.len());
    }
}
