//! Times of one host, each measured in the host itself.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use super::host::Host;
use super::room::opening;

/// Samples of which the median counts.
const SAMPLES: usize = 5;

/// What one host measured.
#[derive(Debug)]
pub struct Bench(Value);

impl Bench {
    /// Lets a host measure itself on a store, each time for so many milliseconds.
    ///
    /// # Errors
    /// Any error of the host.
    pub fn of(
        host: &mut Host,
        state: &Path,
        requests: &[String],
        milliseconds: u64,
    ) -> Result<Self> {
        let members = json!({
            "do": "bench", "workers": 1, "receipts": "never", "requests": requests, "milliseconds": milliseconds,
        });
        Ok(Self(host.done(&opening(state, members))?))
    }

    /// One of its numbers, if it has it.
    #[must_use]
    pub fn number(&self, name: &str) -> Option<f64> {
        self.0[name].as_f64()
    }
}

/// The median of some samples, each of at least `sample`, in nanoseconds for one of the `count` things that `run`
/// does.
///
/// # Errors
/// What `run` says.
pub fn measure(sample: Duration, count: usize, mut run: impl FnMut() -> Result<()>) -> Result<f64> {
    run()?;
    let mut samples = Vec::new();
    for _ in 0..SAMPLES {
        let began = Instant::now();
        let mut runs = 0_u32;
        while began.elapsed() < sample {
            run()?;
            runs += 1;
        }
        let each = began.elapsed().as_secs_f64() * 1e9 / f64::from(runs);
        samples.push(each / f64::from(u32::try_from(count)?));
    }
    samples.sort_by(f64::total_cmp);
    samples.get(SAMPLES / 2).copied().context("a sample")
}

/// The resident memory of this process, in bytes.
///
/// # Errors
/// A system without `/proc`.
pub fn resident() -> Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kibibytes = line.and_then(|line| line.split_whitespace().next());
    Ok(kibibytes.context("VmRSS")?.parse::<u64>()? << 10)
}
