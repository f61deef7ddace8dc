//! Writes the repositories that the tests of the package for checkout pages are served from:
//! `checkout-world OUT [--entries N]`. The clock is the real one, so the lists are fresh for three days.

use std::path::PathBuf;
use std::time::SystemTime;

use anyhow::{Context as _, Result, bail};
use interdict_core::common::time::Time;
use interdict_tests::checkout_world::write;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (out, entries) = match arguments[..] {
        [out] => (out, "200"),
        [out, "--entries", entries] | ["--entries", entries, out] => (out, entries),
        _ => bail!("usage: checkout-world OUT [--entries N]"),
    };
    let entries = entries.parse().context("--entries takes a number")?;
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?;
    let now = Time::from_clock(u32::try_from(now.as_secs())?).context("a clock before 2024")?;
    let out = PathBuf::from(out);
    write(&out, entries, now)?;
    println!("{}: written", out.display());
    Ok(())
}
