//! Drives the hosts of every language through the same scenarios; the protocol is in `fixtures/README.md`.
//!
//! `hosts [--only TEXT] [--soak SECONDS] NAME=COMMAND …`: the words of a command are separated by spaces.

use std::path::PathBuf;

use anyhow::{Context as _, Result, bail, ensure};
use interdict_helpers::trapping;
use interdict_tests::hosts::{Host, scenarios, soak};

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
            "--trapping" => return write_trapping(&arguments.next().context("a file")?),
            host => hosts.push(
                host.split_once('=')
                    .map(|(name, command)| (name.to_owned(), command.to_owned()))
                    .context("NAME=COMMAND")?,
            ),
        }
    }
    let folder = tempfile::tempdir()?;
    let reference = own("host-rust")?;
    let (mut passed, mut failed) = (0, 0);
    for (number, (name, command)) in hosts.iter().enumerate() {
        if let Some(seconds) = seconds {
            let module = folder.path().join("trapping.wasm");
            write_trapping(&module.display().to_string())?;
            let setting = format!("env INTERDICT_TEST_MODULE={} ", module.display());
            let mut host = Host::start(name, &format!("{setting}{command}"))?;
            let mut reference = Host::start("rust", &format!("{setting}{reference}"))?;
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
            continue;
        }
        let next = hosts.get((number + 1) % hosts.len()).context("a host")?;
        let (done, wrong) = scenarios(
            (name, command),
            (&next.0, &next.1),
            ("rust", &reference),
            only.as_deref(),
        )?;
        println!("{name}: {done} scenarios, {wrong} failed");
        passed += done;
        failed += wrong;
    }
    ensure!(passed + failed > 0, "no host was named");
    println!("{passed} passed, {failed} failed");
    if failed > 0 {
        bail!("a host failed");
    }
    Ok(())
}

/// Another program of this package.
fn own(name: &str) -> Result<String> {
    let path = std::env::current_exe()?;
    let path: PathBuf = path.with_file_name(name);
    Ok(path.display().to_string())
}

/// Writes a copy of the committed module that traps on request.
fn write_trapping(path: &str) -> Result<()> {
    let module = interdict_tests::workspace().join("wasm/dist/interdict.wasm");
    Ok(std::fs::write(path, trapping(&std::fs::read(module)?))?)
}
