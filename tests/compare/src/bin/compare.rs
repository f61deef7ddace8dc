//! Gives two modules exactly the same calls and fails unless they answer the same bytes.
//!
//! `compare OLD.wasm [--new NEW.wasm] [--requests N] [--seed S] [--mask-sentences]`

use std::path::Path;

use anyhow::{Context as _, Result, bail};
use interdict_compare::modules::{Options, Sentences, compare};
use interdict_host::Module;

fn main() -> Result<()> {
    let mut old = None;
    let mut new = interdict_tests::workspace().join("wasm/dist/interdict.wasm");
    let (mut requests, mut seed) = (100_000, 1);
    let mut sentences = Sentences::Compared;
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || {
            arguments
                .next()
                .with_context(|| format!("{argument} VALUE"))
        };
        match argument.as_str() {
            "--new" => new = value()?.into(),
            "--requests" => requests = value()?.parse()?,
            "--seed" => seed = value()?.parse()?,
            "--mask-sentences" => sentences = Sentences::Masked,
            _ if old.is_none() && !argument.starts_with('-') => old = Some(argument),
            _ => bail!("unknown argument {argument}"),
        }
    }
    let old = old.context("compare OLD.wasm")?;
    let started = std::time::Instant::now();
    let log = compare(&Options {
        old: load(Path::new(&old))?,
        new: load(&new)?,
        requests,
        seed,
        sentences,
    })?;
    let log = log.borrow();
    println!("took {:.0} s", started.elapsed().as_secs_f32());
    log.report();
    let gaps = log.gaps(requests, &reasons()?);
    for gap in &gaps {
        println!("NOT ENOUGH: {gap}");
    }
    if log.differences() > 0 {
        bail!("{} calls were answered differently", log.differences());
    }
    if !gaps.is_empty() {
        bail!("too little was compared to show anything");
    }
    Ok(())
}

fn load(path: &Path) -> Result<Module> {
    let wasm = std::fs::read(path).with_context(|| path.display().to_string())?;
    Module::load(&wasm).with_context(|| path.display().to_string())
}

/// The reason codes of the table in `docs/scoring.md` that modules of today give.
fn reasons() -> Result<Vec<String>> {
    let path = interdict_tests::workspace().join("docs/scoring.md");
    let document = std::fs::read_to_string(path)?;
    let section = document.split("\n## Reasons\n").nth(1);
    let section = section.context("docs/scoring.md has no section Reasons")?;
    let rows = section
        .lines()
        .skip_while(|line| !line.starts_with("| ---"));
    let rows = rows.skip(1).take_while(|line| line.starts_with('|'));
    let rows = rows.filter(|row| !row.contains("only in receipts of version"));
    let codes = rows.filter_map(|row| row.split('`').nth(1));
    let codes: Vec<_> = codes.map(str::to_owned).collect();
    if codes.is_empty() {
        bail!("docs/scoring.md lists no reasons");
    }
    Ok(codes)
}
