//! Drives the doors with the software that they are for.
//!
//! `doors [--only TEXT] PROGRAM=PATH …`: `envoy` and `nginx` are the programs.

use anyhow::{Context as _, Result, bail, ensure};
use interdict_tests::doors::{PeerKind, SCENARIOS};

fn main() -> Result<()> {
    let mut programs = Vec::new();
    let mut only = None;
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        if argument == "--only" {
            only = arguments.next();
            continue;
        }
        let (name, path) = argument.split_once('=').context("PROGRAM=PATH")?;
        programs.push((name.to_owned(), path.to_owned()));
    }
    let (mut passed, mut failed) = (0, 0);
    for kind in PeerKind::ALL {
        let Some((_, program)) = programs.iter().find(|(name, _)| name == kind.program()) else {
            continue;
        };
        for scenario in SCENARIOS {
            let name = format!("{}: {}", kind.name(), scenario.name);
            if only
                .as_ref()
                .is_some_and(|only| !name.contains(only.as_str()))
            {
                continue;
            }
            match (scenario.run)(kind, program) {
                Ok(()) => {
                    println!("ok {name}");
                    passed += 1;
                }
                Err(error) => {
                    println!("FAILED {name}: {error:#}");
                    failed += 1;
                }
            }
        }
    }
    ensure!(passed + failed > 0, "no program was named");
    println!("{passed} passed, {failed} failed");
    if failed > 0 {
        bail!("a door failed");
    }
    Ok(())
}
