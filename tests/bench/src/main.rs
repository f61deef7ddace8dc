//! What the claims of this project are measured by. Each benchmark compares in one run, takes turns,
//! and prints what it did, a table, and where its plot is; counts are the same in every run.
//! `docs/benchmarks.md` says what each one shows.

mod against;
mod calibration;
mod copies;
mod enumeration;
mod halves;
mod kinds;
mod lookup;
mod memory;
mod module;
mod plot;
mod rates;
mod release;
mod repository;
mod rounds;
mod scoring;
mod screen;
mod size;
mod table;
mod trust;
mod updates;
mod walk;

use anyhow::{Result, bail};

fn main() -> Result<()> {
    match std::env::args().nth(1).as_deref() {
        None | Some("screen") => screen::run(),
        Some("rates") => rates::run(),
        Some("size") => size::run(),
        Some("lookup") => lookup::run(),
        Some("copies") => copies::run(),
        Some("updates") => updates::run(),
        Some("enumeration") => enumeration::run(),
        Some("trust") => trust::run(),
        Some("module") => module::run(std::env::args_os().nth(2)),
        Some("calibration") => calibration::run(),
        Some("scoring") => scoring::run(),
        Some("kinds") => kinds::run(std::env::args_os().nth(2)),
        Some("against") => against::run(std::env::args_os().nth(2)),
        Some(_) => bail!(
            "benchmarks: screen, rates, size, copies, lookup, updates, enumeration, trust, module, kinds, calibration, \
             scoring, against"
        ),
    }
}
