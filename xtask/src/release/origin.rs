//! What a release is made from.

use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use crate::shell::{output, root};

/// Version, commit and time, which every artefact repeats.
#[derive(Debug, Clone)]
pub(crate) struct Origin {
    /// As in `Cargo.toml`.
    pub(crate) version: String,
    /// The commit, 40 hexadecimal digits.
    pub(crate) commit: String,
    /// When it was committed, in seconds since 1970. Every file of a release has this time, so that two builds of one
    /// commit are the same bytes. (`SOURCE_DATE_EPOCH`)
    pub(crate) time: u64,
    /// Whether there are changes that no commit has.
    pub(crate) is_changed: bool,
}

impl Origin {
    /// Reads them from this checkout.
    pub(crate) fn read() -> Result<Self> {
        let commit = git(&["rev-parse", "HEAD"])?;
        let time = git(&["log", "-1", "--format=%ct"])?;
        let time = time.parse().context("the time of the commit")?;
        let changes = git(&["status", "--porcelain"])?;
        Ok(Self {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            commit,
            time,
            is_changed: !changes.is_empty(),
        })
    }

    /// The time as RFC 3339 has it.
    pub(crate) fn date(&self) -> Result<String> {
        let seconds = u32::try_from(self.time).context("the time of the commit")?;
        Ok(interdict_core::common::time::Time::from_seconds(seconds).to_string())
    }
}

fn git(arguments: &[&str]) -> Result<String> {
    let (is_well, text) = output(Command::new("git").args(arguments).current_dir(root()))?;
    ensure!(is_well, "a release is made from a git checkout");
    Ok(text.trim().to_owned())
}
