//! A file for Prometheus' textfile collector, which says when anything is due. It is written by rename, after
//! a command has ended well: if its time stands still, the command fails.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::Args;
use interdict_core::common::time::Time;
use interdict_publisher::{Expiry, ExpiryOf, Online, RepositoryStatus, write_shared};

#[derive(Debug, Args)]
pub(super) struct Metrics {
    /// Write when everything ends to this file, for Prometheus' textfile collector (name it FILE.prom)
    #[arg(long = "metrics", value_name = "FILE")]
    file: Option<PathBuf>,
}

impl Metrics {
    /// Writes the file, if one was asked for.
    pub(super) fn write(&self, command: &str, directory: &Path, now: Time) -> Result<()> {
        let Some(file) = &self.file else {
            return Ok(());
        };
        let status = Online::open(directory)?.status(now)?;
        let text = text(status.as_ref(), command, now)?;
        Ok(write_shared(file, text.as_bytes())?)
    }
}

fn text(status: Option<&RepositoryStatus>, command: &str, now: Time) -> Result<String> {
    let mut text = String::new();
    let head = |text: &mut String, name: &str, help: &str| {
        writeln!(text, "# HELP interdict_publisher_{name} {help}")?;
        writeln!(text, "# TYPE interdict_publisher_{name} gauge")
    };
    if let Some(status) = status {
        let name = "expiry_seconds";
        head(
            &mut text,
            name,
            "When something published ends, in seconds since 1970.",
        )?;
        for expiry in &status.expiries {
            let (labels, at) = (labels(expiry), expiry.at.seconds());
            writeln!(text, "interdict_publisher_{name}{{{labels}}} {at}")?;
        }
        let name = "days_left";
        head(
            &mut text,
            name,
            "Whole days until then, negative once it is over.",
        )?;
        for expiry in &status.expiries {
            let (labels, days) = (labels(expiry), expiry.days_left);
            writeln!(text, "interdict_publisher_{name}{{{labels}}} {days}")?;
        }
        let name = "version";
        head(&mut text, name, "Version of published metadata.")?;
        let roles = ["root", "targets", "snapshot", "timestamp"];
        for (role, version) in roles.iter().zip(status.versions) {
            writeln!(
                text,
                "interdict_publisher_{name}{{role=\"{role}\"}} {version}"
            )?;
        }
        let name = "damaged_files";
        head(
            &mut text,
            name,
            "Published files that are missing or not those that were signed.",
        )?;
        writeln!(text, "interdict_publisher_{name} {}", status.damaged.len())?;
    }
    let name = "last_success_seconds";
    head(
        &mut text,
        name,
        "When the command that wrote this file last ended well.",
    )?;
    let at = now.seconds();
    writeln!(
        text,
        "interdict_publisher_{name}{{command=\"{command}\"}} {at}"
    )?;
    Ok(text)
}

/// List ids and names of roles need no escaping.
fn labels(expiry: &Expiry) -> String {
    let mut labels = format!("of=\"{}\"", expiry.of.name());
    if let Some(list) = expiry.of.list() {
        labels.push_str(&format!(",list=\"{}\"", list.as_str()));
    }
    if let ExpiryOf::Epoch(_, epoch) = &expiry.of {
        labels.push_str(&format!(",epoch=\"{epoch}\""));
    }
    labels
}
