//! What loading a release costs by its size, natively and in the module: time should grow with the entries and no faster.

use anyhow::{Context as _, Result};
use interdict_tests::subject::Subject as _;
use interdict_tests::subjects::{InModule, Native};

use crate::size::{load, median, repository};
use crate::table::{count, print, wide};

/// Entries, and how often the release is loaded.
const SIZES: [(u32, u32); 2] = [(100_000, 21), (1_000_000, 9)];
const LONG: (u32, u32) = (10_000_000, 3);

/// Loads ten million entries too if `form` is `--long`.
pub(crate) fn run(form: Option<&str>) -> Result<()> {
    println!(
        "a member release, a record for every entry, through configure, poll and supply in turn: milliseconds of one\n\
         processor, signatures and digests included\n"
    );
    let long = (form == Some("--long")).then_some(LONG);
    let sizes = SIZES.into_iter().chain(long);
    let rows: Result<Vec<_>> = sizes
        .map(|(entries, rounds)| measure(entries, rounds))
        .collect();
    let header = [
        "entries",
        "natively",
        "per million",
        "in module",
        "per million",
        "ratio",
        "module memory, MB",
        "its bytes per entry",
    ];
    print(header, rows?);
    Ok(())
}

fn measure(entries: u32, rounds: u32) -> Result<[String; 8]> {
    let repository = repository(entries)?;
    let mut module = InModule::new()?;
    let (mut natively, mut inside) = (Vec::new(), Vec::new());
    let mut memory = 0;
    for _ in 0..rounds {
        natively.push(load(&mut Native::default(), &repository)?);
        module.renew()?;
        inside.push(load(&mut module, &repository)?);
        memory = module.instance().memory_size();
    }
    let natively = median(natively).context("no round")?.as_secs_f64() * 1e3;
    let inside = median(inside).context("no round")?.as_secs_f64() * 1e3;
    let memory = wide(u64::try_from(memory)?);
    let millions = f64::from(entries) / 1e6;
    Ok([
        count(entries),
        format!("{natively:.1}"),
        format!("{:.0}", natively / millions),
        format!("{inside:.1}"),
        format!("{:.0}", inside / millions),
        format!("{:.2}", inside / natively),
        format!("{:.1}", memory / 1e6),
        format!("{:.1}", memory / f64::from(entries)),
    ])
}
