//! What gateways ask today beside the Rust host: the same names, questions and changes, by turns in one run. Redis,
//! PostgreSQL and Open Policy Agent are asked by a program in Go, which speaks as `tests/bench/peers/main.go` says.

mod inside;
mod outside;
mod peer;

use std::path::Path;
use std::time::Duration;

use anyhow::{Result, ensure};

use peer::{ASKED, CHANGES, ENTRIES, listed, questions};

use crate::rounds::Series;
use crate::table::{count, print, wide};

const ROUNDS: u32 = 7;
struct Measured {
    name: String,
    load: Duration,
    median: Vec<f64>,
    p99: Vec<f64>,
    in_hundreds: Vec<f64>,
    update: Vec<f64>,
    memory: u64,
}

/// `program` is the one in Go; `None` if there is no Go.
pub(crate) fn run(program: Option<&Path>) -> Result<()> {
    println!(
        "{} names; {} questions one by one and in hundreds, in each of {ROUNDS} rounds; updates of {CHANGES} new names \
         and {CHANGES} removed ones. By the clock, from the side of who asks\n",
        count(ENTRIES),
        count(ASKED)
    );
    let room = tempfile::tempdir()?;
    let names: Vec<String> = (0..ENTRIES).map(listed).collect();
    let questions = questions();
    let mut peers = inside::all(room.path())?;
    peers.extend(outside::all(room.path(), program, &names, &questions)?);
    let mut measured = Vec::new();
    for peer in &mut peers {
        let (name, load) = peer.load(&names)?;
        eprintln!("loaded {name}");
        measured.push(Measured {
            name,
            load,
            median: Vec::new(),
            p99: Vec::new(),
            in_hundreds: Vec::new(),
            update: Vec::new(),
            memory: peer.memory()?,
        });
    }
    for round in 0..ROUNDS {
        for (peer, measured) in peers.iter_mut().zip(&mut measured) {
            let asked = peer.ask(&questions)?;
            measured.median.push(asked.median);
            measured.p99.push(asked.p99);
            measured.in_hundreds.push(asked.in_hundreds);
            let update = peer.update(round)?;
            measured.update.push(update.as_secs_f64() * 1e9);
        }
    }
    report(&measured)
}

fn report(measured: &[Measured]) -> Result<()> {
    let Some(ours) = measured.first() else {
        return Ok(());
    };
    ensure!(measured.len() > 2, "nothing to compare with");
    let median = |figures: &[f64]| Series::of(figures.to_vec()).median();
    let row = |peer: &Measured| {
        let own = Series::of(peer.median.clone());
        [
            peer.name.clone(),
            format!("{:.1}", own.median() / 1e3),
            format!("{:.2}", own.ratio(&Series::of(ours.median.clone()))),
            format!("{:.1}", median(&peer.p99) / 1e3),
            format!("{:.1}", median(&peer.in_hundreds) / 1e3),
            format!("{:.1}", median(&peer.update) / 1e6),
            format!("{:.2}", peer.load.as_secs_f64()),
            format!("{:.0}", wide(peer.memory) / 1e6),
        ]
    };
    print(
        [
            "asked",
            "median, us",
            "to ours",
            "p99, us",
            "in hundreds, us",
            "update, ms",
            "load, s",
            "memory, MB",
        ],
        measured.iter().map(row).collect(),
    );
    Ok(())
}
