use std::io::Write;

use anyhow::Result;
use clap::Args;
use interdict::{Column, Config};
use serde_json::json;

use crate::terminal::common::Common;
use crate::terminal::exit::Exit;

/// Show what each door answers for pass, hold, refuse and what was not screened
///
/// A door is how one kind of payment software asks. The table is [doors] of gateway.toml; docs/doors.md describes it.
#[derive(Args)]
#[command(after_help = "\
Examples:
  interdict doors
  interdict doors --json")]
pub(crate) struct Options {
    /// Write JSON.
    #[arg(long)]
    json: bool,
}

impl Options {
    pub(crate) fn run(self, common: &Common, out: &mut dyn Write) -> Result<Exit> {
        let config = Config::read(&common.config)?;
        let rows = config.doors().rows();
        if self.json {
            let rows = rows.iter().map(|(answers, needs)| {
                let door = answers.door();
                let words = Column::ALL.map(|column| answers.word(column));
                let [pass, hold, refuse, not_screened] = words;
                json!({"door": door.name, "place": door.place, "is_open": needs.is_none(), "pass": pass, "hold": hold,
                    "refuse": refuse, "not_screened": not_screened})
            });
            let rows: Vec<_> = rows.collect();
            writeln!(out, "{}", serde_json::to_string_pretty(&rows)?)?;
            return Ok(Exit::Done);
        }
        let row = |door: &str, cells: [&str; 4]| {
            let [pass, hold, refuse, not_screened] = cells;
            format!("{door:<16}{pass:<9}{hold:<17}{refuse:<19}{not_screened}")
        };
        writeln!(out, "{}", row("DOOR", Column::ALL.map(Column::name)))?;
        for (answers, _) in &rows {
            let words = Column::ALL.map(|column| answers.word(column));
            writeln!(out, "{}", row(answers.door().name, words))?;
        }
        for (answers, needs) in &rows {
            if let Some(needs) = needs {
                let table = answers.door().name.replace('-', "_");
                writeln!(
                    out,
                    "{} is closed: [doors.{table}] has no {needs}",
                    answers.door().name
                )?;
            }
        }
        Ok(Exit::Done)
    }
}
