mod findings;
mod sample;

use std::fs;
use std::io::Write;
use std::path::PathBuf;

use anyhow::Result;
use clap::Args;

use crate::terminal::at::At as _;
use crate::terminal::common::Common;
use crate::terminal::exit::Exit;
use crate::terminal::text;

use findings::Findings;
use sample::Sample;

/// Report rule performance and fitted weights
///
/// Each line is {"label":"bad"|"good","request":{…}}, with a request of docs/abi.md. Every request is
/// screened here, with the gateway's own lists and policy. Nothing is sent and nothing is changed: a person
/// judges what is printed, and pastes it into the policy.
#[derive(Args)]
#[command(after_help = "\
Examples:
  interdict tune labelled.ndjson
  interdict tune labelled.ndjson --json tune.json --plot calibration.svg")]
pub(crate) struct Options {
    /// The labelled cases.
    #[arg(value_name = "LABELLED")]
    file: PathBuf,
    /// Write the report as JSON too.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Draw observed against predicted shares of bad cases.
    #[arg(long, value_name = "FILE.svg")]
    plot: Option<PathBuf>,
}

impl Options {
    pub(crate) fn run(self, common: &Common, out: &mut dyn Write) -> Result<Exit> {
        let gateway = common.gateway()?;
        text::warn(&gateway.warnings());
        let sample = Sample::screen(&self.file, &gateway, common)?;
        let findings = Findings::of(&sample, &gateway);
        write!(out, "{}", findings.text(&sample)?)?;
        if let Some(path) = &self.json {
            let text = serde_json::to_string_pretty(&findings.json(&sample))?;
            fs::write(path, text + "\n").at(path)?;
        }
        if let Some(path) = &self.plot {
            fs::write(path, findings.svg()).at(path)?;
        }
        let whole = sample.unreadable == 0 && sample.refused.is_empty() && findings.is_enough();
        Ok(if whole { Exit::Done } else { Exit::Doubt })
    }
}
