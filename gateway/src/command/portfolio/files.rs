use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use clap::{Args, ValueEnum};
use interdict::{FileFormat, Imported, Intent, LineProblem, MerchantFile, MerchantMap};

use super::room::Room;
use crate::terminal::exit::Exit;
use crate::terminal::text;

/// Add the merchants of a file, and replace those that it changes
///
/// A row that cannot be read is reported by line and rule, and the others go in.
#[derive(Args)]
pub(super) struct Import {
    #[command(flatten)]
    source: Source,
}

/// Like import, and remove the merchants that the file does not have
///
/// If that is more than a tenth of them, nothing happens until --confirm-drop names their number.
#[derive(Args)]
pub(super) struct Sync {
    #[command(flatten)]
    source: Source,
    /// Remove exactly so many merchants.
    #[arg(long, value_name = "N")]
    confirm_drop: Option<u64>,
}

#[derive(Args)]
struct Source {
    /// A file .csv, .ndjson or .jsonl.
    file: PathBuf,
    /// What its columns or members mean.
    #[arg(long, value_name = "FILE")]
    map: Option<PathBuf>,
    /// How it is written, if its name does not say so.
    #[arg(long, value_enum)]
    format: Option<Format>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    Csv,
    Ndjson,
}

impl Import {
    pub(super) fn run(self, room: Room, out: &mut dyn Write) -> Result<Exit> {
        self.source.run(room, Intent::Add, out)
    }
}

impl Sync {
    pub(super) fn run(self, room: Room, out: &mut dyn Write) -> Result<Exit> {
        let confirmed = self.confirm_drop;
        self.source.run(room, Intent::Replace { confirmed }, out)
    }
}

impl Source {
    fn run(self, mut room: Room, intent: Intent, out: &mut dyn Write) -> Result<Exit> {
        let format = match self.format {
            Some(Format::Csv) => FileFormat::Csv,
            Some(Format::Ndjson) => FileFormat::Ndjson,
            None => FileFormat::of(&self.file)
                .context("the name of the file does not say its format; add --format")?,
        };
        let map = self.map.as_deref().map(MerchantMap::read).transpose()?;
        let mut file = MerchantFile::open(&self.file, format, map)?;
        let mut reader = room.reader()?;
        let done = room
            .portfolio
            .import(&mut file, &mut reader, intent, room.now)?;
        print(&done, out)?;
        Ok(
            match done.refused == 0 && done.incomplete == 0 && !done.kept_all {
                true => Exit::Done,
                false => Exit::Doubt,
            },
        )
    }
}

fn print(done: &Imported, out: &mut dyn Write) -> Result<()> {
    for problem in &done.problems {
        eprintln!("{}", text::plain(&problem.to_string()));
    }
    let is_rule = |problem: &LineProblem| matches!(problem, LineProblem::Unused { .. });
    if done.problems.iter().any(is_rule) {
        eprintln!("docs/identifiers.md has every rule in words");
    }
    for (count, what) in [
        (done.added, "added"),
        (done.replaced, "changed"),
        (done.unchanged, "as they were"),
        (done.removed, "removed"),
        (done.refused, "not taken"),
        (done.incomplete, "taken with a field that cannot be used"),
    ] {
        if count > 0 {
            writeln!(out, "{}: {what}", text::plural(count, "merchant"))?;
        }
    }
    if done.kept_all {
        writeln!(
            out,
            "nothing was removed, because the ids of some rows cannot be read"
        )?;
    }
    Ok(())
}
