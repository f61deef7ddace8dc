//! What a release consists of.

mod archive;
mod packages;

use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Result, bail};

use crate::demo::title;
use crate::shell::{output, root};

use packages::{Crates, KINDS, Packing, first_verdicts};

/// Which packages are made, and where to.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Where to
    #[arg(long, value_name = "DIR")]
    to: PathBuf,
    /// Only the kinds whose title has this text
    #[arg(long, value_name = "TEXT", default_value = "")]
    only: String,
    /// Compile each crate from its archive too
    #[arg(long)]
    long: bool,
    /// Make programs in several languages from the packages
    #[arg(long)]
    first: bool,
}

/// Packs everything and prints the seconds of each step.
pub(crate) fn packages(options: &Options) -> Result<()> {
    let to = std::path::absolute(&options.to)?;
    let mut git = std::process::Command::new("git");
    git.current_dir(root()).args(["log", "-1", "--format=%ct"]);
    let (_, time) = output(&mut git)?;
    let packing = Packing {
        to: &to,
        version: env!("CARGO_PKG_VERSION"),
        time: time.trim().parse()?,
        crates: if options.long {
            Crates::Compiled
        } else {
            Crates::Packed
        },
    };
    let mut failed = Vec::new();
    let mut times = Vec::new();
    for kind in KINDS
        .iter()
        .filter(|kind| kind.title.contains(&options.only))
    {
        title(kind.title);
        let started = Instant::now();
        if let Err(error) = kind.pack(&packing) {
            println!("NOT MADE: {error:#}");
            failed.push(kind.title);
        }
        times.push((kind.title, started.elapsed().as_secs_f32()));
    }
    for (title, seconds) in times {
        println!("{title:36} {seconds:6.1} s");
    }
    if !failed.is_empty() {
        bail!("not made: {}", failed.join(", "));
    }
    if options.first {
        first_verdicts(&to)?;
    }
    Ok(())
}
