//! The result of one run of a target, read from libFuzzer's log.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::Result;

use crate::demo::title;

/// The result of one run.
pub(super) struct Report {
    pub(super) target: String,
    pub(super) executions: u64,
    pub(super) covered: u64,
    pub(super) new: u64,
    pub(super) peak: u64,
    pub(super) seconds: u64,
    pub(super) crashes: Vec<PathBuf>,
    pub(super) log: PathBuf,
}

impl Report {
    pub(super) fn failed(&self) -> bool {
        !self.crashes.is_empty()
    }

    pub(super) fn line(&self) -> String {
        format!(
            "{:<12}{:>10} executions, {:>4} new edges of {:>5}, {:>4} MB peak, {:>4} s, {} crashes",
            self.target,
            self.executions,
            self.new,
            self.covered,
            self.peak,
            self.seconds,
            self.crashes.len()
        )
    }

    pub(super) fn explain(&self) -> Result<()> {
        title(&format!("{} failed", self.target));
        print!("{}", tail(&fs::read_to_string(&self.log)?));
        for crash in &self.crashes {
            println!("input:     {}", crash.display());
            println!(
                "see again: cargo xtask fuzz {} --input {}",
                self.target,
                crash.display()
            );
        }
        println!("log:       {}", self.log.display());
        Ok(())
    }
}

/// The number behind `cov:` in the first line that has one.
pub(super) fn coverage<'a>(lines: impl Iterator<Item = &'a str>) -> u64 {
    let found =
        lines.filter_map(|line| line.split("cov: ").nth(1)?.split(' ').next()?.parse().ok());
    found.into_iter().next().unwrap_or(0)
}

/// A line `stat::name: number`.
pub(super) fn statistic(text: &str, name: &str) -> u64 {
    let name = format!("stat::{name}:");
    let found = text.lines().find_map(|line| line.strip_prefix(&name));
    found
        .and_then(|number| number.trim().parse().ok())
        .unwrap_or(0)
}

/// Inputs saved by this run: crashes, timeouts and exhausted memory.
pub(super) fn newer(folder: &Path, since: SystemTime) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        // A "slow-unit" file is a remark and no failure.
        let remark = entry.file_name().to_string_lossy().starts_with("slow-unit");
        if !remark && entry.metadata()?.modified()? >= since {
            files.push(entry.path());
        }
    }
    files.sort();
    Ok(files)
}

/// The error message of a failed run, without the progress lines before it and the statistics after.
pub(super) fn tail(text: &str) -> String {
    let quiet = |line: &&str| !line.starts_with('#') && !line.starts_with("stat::");
    let lines: Vec<_> = text.lines().filter(quiet).collect();
    let from = lines
        .iter()
        .position(|line| {
            ["panicked at", "memory allocation of", "ERROR: libFuzzer"]
                .iter()
                .any(|start| line.contains(start))
        })
        .unwrap_or(0);
    lines
        .iter()
        .skip(from)
        .take_while(|line| !line.starts_with("SUMMARY"))
        .take(30)
        .flat_map(|line| [line, "\n"])
        .collect()
}
