use std::fs;
use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use clap::Args;
use interdict_core::common::time::Time;
use interdict_publisher::STANDARD_TYPOLOGIES;

use super::directory::open_directory;
use super::lines::named;
use super::output::Output;

#[derive(Debug, Args)]
#[command(after_help = "\
A file holds rules on what gateways may know of a merchant, each with its source and its weight in
millibits; docs/scoring.md has the format. --standard is the pack of published red flags: nobody has
measured its weights. The file is checked as gateways check it. The next release publishes it beside
the list as LIST.typologies.json; `plan` says what it would change. What was published
under a version never changes: raise the version with the content.

Examples:
  interdict-publish typologies se --standard
  interdict-publish typologies se rules.json
  interdict-publish typologies se --remove",
    group = named("typologies", &["file", "standard", "remove"]))]
pub(super) struct Typologies {
    /// The coalition's directory
    directory: PathBuf,
    /// A file of rules
    file: Option<PathBuf>,
    /// The published red flags that come with this program
    #[arg(long, conflicts_with_all = ["file", "remove"])]
    standard: bool,
    /// Publish none any more
    #[arg(long, conflicts_with = "file")]
    remove: bool,
    /// The list, if the coalition has several
    #[arg(long, value_name = "NAME/LIST")]
    list: Option<String>,
}

impl Typologies {
    pub(super) fn run(&self, now: Time, out: &mut Output<'_>) -> Result<()> {
        let mut publisher = open_directory(&self.directory)?;
        let list = self.list.as_deref();
        if self.remove {
            publisher.remove_typologies(list, now)?;
            return Ok(writeln!(out, "the next release takes the typologies back")?);
        }
        let bytes = match &self.file {
            Some(file) => fs::read(file).with_context(|| file.display().to_string())?,
            None => STANDARD_TYPOLOGIES.to_vec(),
        };
        let pack = publisher.set_typologies(list, &bytes, now)?;
        Ok(writeln!(
            out,
            "the next release publishes typologies {pack}"
        )?)
    }
}
