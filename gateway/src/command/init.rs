use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Args;
use interdict::{Config, Created};
use interdict_core::list::ListId;

use crate::terminal::common::Common;
use crate::terminal::exit::Exit;

/// Write a complete gateway.toml, in which comments explain every setting
///
/// The first `interdict enrol` writes the same file. An existing file is never overwritten.
#[derive(Args)]
#[command(after_help = "\
Examples:
  interdict init
  interdict init --to pay/gateway.toml --require se/merchants")]
pub(crate) struct Options {
    /// The file to write instead of the one that --config names.
    #[arg(long, value_name = "FILE")]
    to: Option<PathBuf>,
    /// A list that must answer before a verdict can be clean, as COALITION/NAME; as often as needed. Without
    /// one, no verdict is clean until the policy in the file requires a list.
    #[arg(long, value_name = "LIST", value_parser = list)]
    require: Vec<ListId>,
}

impl Options {
    pub(crate) fn run(self, common: &Common, out: &mut dyn Write) -> Result<Exit> {
        let path = self.to.as_ref().unwrap_or(&common.config);
        let mut required: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for list in &self.require {
            let lists = required.entry(list.coalition()).or_default();
            lists.push(list.as_str().to_owned());
        }
        let required = required.into_iter();
        let required: Vec<_> = required
            .map(|(coalition, lists)| (coalition.to_owned(), lists))
            .collect();
        let shown = path.display();
        match Config::create(path, &required)? {
            Created::Yes => writeln!(out, "wrote {shown}")?,
            Created::No => bail!("{shown} is there already, and is not overwritten"),
        }
        Ok(Exit::Done)
    }
}

fn list(text: &str) -> Result<ListId, &'static str> {
    ListId::parse(text).map_err(|_| "not a list like se/merchants")
}
