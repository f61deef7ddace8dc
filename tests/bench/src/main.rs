//! Measures what the project claims. Each benchmark compares things by turns in one run, and prints what
//! it did, a table, and where its plot is. Counts are the same in every run. `docs/benchmarks.md` says what
//! each benchmark shows.

mod against;
mod calibration;
mod copies;
mod doors;
mod editions;
mod enumeration;
mod functions;
mod halves;
mod hosts;
mod kinds;
mod languages;
mod live;
mod load;
mod lookup;
mod memory;
mod module;
mod open_loop;
mod peers;
mod plot;
mod pod;
mod portfolio;
mod publisher;
mod rates;
mod release;
mod repository;
mod rounds;
mod scoring;
mod screen;
mod service;
mod size;
mod start;
mod table;
mod tokens;
mod trust;
mod updates;
mod walk;

use std::path::Path;

use anyhow::{Result, bail};

fn main() -> Result<()> {
    match std::env::args().nth(1).as_deref() {
        None | Some("screen") => screen::run(),
        Some("rates") => rates::run(),
        Some("size") => size::run(),
        Some("load") => load::run(std::env::args().nth(2).as_deref()),
        Some("lookup") => lookup::run(),
        Some("tokens") => tokens::run(),
        Some("copies") => copies::run(),
        Some("editions") => editions::run(),
        Some("updates") => updates::run(),
        Some("live") => live::run(&std::env::args().skip(2).collect::<Vec<_>>()),
        Some("hosts") => hosts::run(&std::env::args().skip(2).collect::<Vec<_>>()),
        Some("service") => service::run(&std::env::args().skip(2).collect::<Vec<_>>()),
        Some("portfolio") => portfolio::run(&std::env::args().skip(2).collect::<Vec<_>>()),
        Some("pod") => pod::run(),
        Some("doors") => doors::run(&std::env::args().skip(2).collect::<Vec<_>>()),
        Some("peers") => peers::run(std::env::args_os().nth(2).as_deref().map(Path::new)),
        Some("enumeration") => enumeration::run(),
        Some("trust") => trust::run(),
        Some("module") => module::run(std::env::args_os().nth(2)),
        Some("publisher") => {
            let arguments: Vec<String> = std::env::args().skip(2).collect();
            let (step, rest) = arguments.split_first().unzip();
            publisher::run(step.map(String::as_str), rest.unwrap_or_default())
        }
        Some("calibration") => calibration::run(),
        Some("scoring") => scoring::run(),
        Some("start") => start::run(),
        Some("kinds") => kinds::run(std::env::args_os().nth(2)),
        Some("languages") => languages::run(
            std::env::args_os().nth(2),
            std::env::args_os().nth(3).filter(|new| !new.is_empty()),
            &std::env::args().skip(4).collect::<Vec<_>>(),
        ),
        Some("against") => against::run(std::env::args_os().nth(2), std::env::args_os().nth(3)),
        Some(_) => bail!(
            "benchmarks: screen, rates, size, load, copies, editions, lookup, tokens, updates, live, service, portfolio, pod, peers, enumeration, trust, module, kinds, publisher, \
             calibration, scoring, start, against, languages"
        ),
    }
}
