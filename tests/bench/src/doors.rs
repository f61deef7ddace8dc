//! What the door costs a request through a proxy: the same payment API behind the same proxy, with the door and without.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use interdict_tests::doors::{Latencies, PeerKind};

use crate::table::print;

const REQUESTS: u32 = 5_000;

/// `PROGRAM=PATH …`: `envoy` and `nginx`.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let mut rows = Vec::new();
    for kind in PeerKind::ALL {
        let named = arguments
            .iter()
            .filter_map(|argument| argument.split_once('='));
        let mut named = named.filter(|(name, _)| *name == kind.program());
        let Some((_, program)) = named.next() else {
            continue;
        };
        let seen = Latencies::measure(kind, program, REQUESTS)?;
        let at = |all: &[Duration], per_mille: usize| -> Result<f64> {
            let place = all.len().saturating_mul(per_mille) / 1000;
            Ok(all.get(place).context("a latency")?.as_secs_f64() * 1e3)
        };
        let mut row = vec![kind.name().to_owned()];
        for per_mille in [500, 990] {
            let (without, with) = (at(&seen.without, per_mille)?, at(&seen.with, per_mille)?);
            row.extend([
                format!("{without:.2} ms"),
                format!("{with:.2} ms"),
                format!("+{:.2} ms, {:.2}", with - without, with / without),
            ]);
        }
        rows.push(row);
    }
    ensure!(!rows.is_empty(), "name a program: envoy=PATH or nginx=PATH");
    println!(
        "{REQUESTS} requests each way, in turns, over kept connections; proxy, API and service share the processors\n"
    );
    print(
        [
            "proxy",
            "p50 without",
            "with",
            "door",
            "p99 without",
            "with",
            "door",
        ],
        rows.into_iter()
            .map(|row| row.try_into().map_err(|_| anyhow::anyhow!("seven cells")))
            .collect::<Result<Vec<[String; 7]>>>()?,
    );
    Ok(())
}
