use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use anyhow::Result;
use interdict::{Case, Gateway, Label, Labelled};
use interdict_host::{Answer, CallError};

use crate::terminal::at::At as _;
use crate::terminal::common::Common;
use crate::terminal::lines::{self, Line};
use crate::terminal::text;

/// Lines for one call.
const BATCH_LINES: usize = 1_000;

/// The answers to the lines.
#[derive(Default)]
pub(super) struct Sample {
    pub(super) cases: Vec<Case>,
    pub(super) unreadable: u64,
    pub(super) refused: BTreeMap<String, u64>,
}

impl Sample {
    pub(super) fn screen(path: &Path, gateway: &Gateway, common: &Common) -> Result<Self> {
        let mut input = BufReader::new(File::open(path).at(path)?);
        let mut sample = Self::default();
        let mut batch: Vec<Labelled> = Vec::new();
        while let Some(line) = lines::next(&mut input).at(path)? {
            let labelled = match line {
                Line::Whole(line) => Labelled::read(&line),
                Line::TooLong => None,
            };
            match labelled {
                Some(labelled) => batch.push(labelled),
                None => sample.unreadable = sample.unreadable.saturating_add(1),
            }
            if batch.len() >= BATCH_LINES {
                sample.ask(gateway, &batch, common.now()?)?;
                batch.clear();
            }
        }
        sample.ask(gateway, &batch, common.now()?)?;
        Ok(sample)
    }

    fn ask(&mut self, gateway: &Gateway, batch: &[Labelled], now: u32) -> Result<()> {
        let requests: String = batch
            .iter()
            .map(|labelled| format!("{}\n", labelled.request))
            .collect();
        for (labelled, answer) in batch
            .iter()
            .zip(gateway.host().batch(requests.as_bytes(), now)?)
        {
            match Answer::read(&answer).ok_or(CallError::Answer)? {
                Answer::Verdict(verdict) => self.cases.push(Case::of(labelled.label, *verdict)),
                Answer::Refused { error: refusal } => {
                    let name = text::plain(&refusal.name).into_owned();
                    let count = self.refused.entry(name).or_default();
                    *count = count.saturating_add(1);
                }
            }
        }
        Ok(())
    }

    pub(super) fn count(&self, label: Label) -> u32 {
        let cases = self.cases.iter().filter(|case| case.label == label);
        u32::try_from(cases.count()).unwrap_or(u32::MAX)
    }
}
