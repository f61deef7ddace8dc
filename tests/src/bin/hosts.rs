//! Drives the hosts of every language through the same scenarios; the protocol is in `fixtures/README.md`.
//!
//! `hosts [--only TEXT] [--soak SECONDS] NAME=COMMAND …`: the words of a command are separated by spaces.

use std::sync::{Mutex, PoisonError};

use anyhow::{Context as _, Result, anyhow, bail, ensure};
use interdict_helpers::trapping;
use interdict_tests::hosts::{Host, scenarios, soak};
use interdict_tests::process::own;

/// Threads of a soak.
const THREADS: u32 = 32;

fn main() -> Result<()> {
    let mut hosts = Vec::new();
    let (mut only, mut seconds) = (None, None);
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--only" => only = arguments.next(),
            "--soak" => seconds = Some(arguments.next().context("seconds")?.parse::<u32>()?),
            host => {
                let (name, command) = host.split_once('=').context("NAME=COMMAND")?;
                hosts.push((name.to_owned(), command.to_owned()));
            }
        }
    }
    let (passed, failed) = match seconds {
        Some(seconds) => soaked(&hosts, seconds)?,
        None => driven(&hosts, only.as_deref())?,
    };
    ensure!(passed + failed > 0, "no host was named");
    println!("{passed} passed, {failed} failed");
    if failed > 0 {
        bail!("a host failed");
    }
    Ok(())
}

/// Runs the scenarios on each host, two hosts at a time: they wait for servers most of the time.
fn driven(hosts: &[(String, String)], only: Option<&str>) -> Result<(u32, u32)> {
    let reference = own("host-rust")?;
    let next = Mutex::new(0..hosts.len());
    let work = || -> Result<(u32, u32)> {
        let (mut passed, mut failed) = (0, 0);
        loop {
            let number = next.lock().unwrap_or_else(PoisonError::into_inner).next();
            let Some((number, (name, command))) =
                number.and_then(|number| Some((number, hosts.get(number)?)))
            else {
                return Ok((passed, failed));
            };
            let other = hosts.get((number + 1) % hosts.len()).context("a host")?;
            let (done, wrong) = scenarios(
                (name, command),
                (&other.0, &other.1),
                ("rust", &reference),
                only,
            )?;
            println!("{name}: {done} scenarios, {wrong} failed");
            passed += done;
            failed += wrong;
        }
    };
    std::thread::scope(|scope| {
        let workers = [scope.spawn(work), scope.spawn(work)];
        let mut sum = (0, 0);
        for worker in workers {
            let done = worker.join().map_err(|_| anyhow!("a thread failed"))??;
            sum = (sum.0 + done.0, sum.1 + done.1);
        }
        Ok(sum)
    })
}

/// Lets the threads of each host run for so many seconds.
fn soaked(hosts: &[(String, String)], seconds: u32) -> Result<(u32, u32)> {
    let folder = tempfile::tempdir()?;
    let module = folder.path().join("trapping.wasm").display().to_string();
    let committed = interdict_tests::workspace().join("wasm/dist/interdict.wasm");
    std::fs::write(&module, trapping(&std::fs::read(committed)?))?;
    let traps = |command: &str| format!("env INTERDICT_TEST_MODULE={module} {command}");
    let reference = traps(&own("host-rust")?);
    let (mut passed, mut failed) = (0, 0);
    for (name, command) in hosts {
        let mut host = Host::start(name, &traps(command))?;
        let mut reference = Host::start("rust", &reference)?;
        match soak(&mut host, &mut reference, THREADS, seconds) {
            Ok(found) => {
                println!("{name}: {}", found.line());
                passed += 1;
            }
            Err(error) => {
                println!("FAILED {name}: {error:#}");
                failed += 1;
            }
        }
    }
    Ok((passed, failed))
}
