//! Compares the hosts of every language with the Rust host, each measured by a program of its own that speaks the
//! protocol of `fixtures/README.md`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};
use interdict_tests::hosts::{Bench, Host};
use serde_json::json;

use crate::release::NOW;
use crate::size;
use crate::table::{count, print};

/// Entries of the lists that are loaded. Requests are asked of the first.
const ENTRIES: [u32; 2] = [100_000, 1_000_000];
/// An interpreter needs a minute for more.
const INTERPRETED: u32 = 10_000;
/// Milliseconds of each sample.
const SAMPLE: u64 = 300;

/// Measures the hosts in `arguments`, each `NAME=COMMAND`.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    println!(
        "a gateway with one instance, receipts never, one of six requests listed; each host beside the Rust host, \
         which was measured just before it. Times of a request are medians\n"
    );
    let room = tempfile::tempdir()?;
    let reference = beside("host-rust")?.display().to_string();
    let mut rows = vec![];
    for argument in arguments {
        let (name, command) = argument.split_once('=').context("NAME=COMMAND")?;
        eprintln!("measuring {name}");
        rows.push(row(room.path(), name, command, &reference)?);
    }
    let header = [
        "host",
        "runtime",
        "corpus",
        "start, ms",
        "load 100,000, ms",
        "load 1,000,000, ms",
        "copy, ms",
        "a request, us",
        "ratio",
        "in a batch, us",
        "ratio",
        "memory, MB",
        "lines",
    ];
    print(header, rows);
    println!(
        "an interpreter loads {} entries instead",
        count(INTERPRETED)
    );
    Ok(())
}

fn row(room: &Path, name: &str, command: &str, reference: &str) -> Result<[String; 13]> {
    let mut host = Host::start(name, command)?;
    let about = host.done(&json!({"do": "about"}))?;
    let is_compiled = about["compiled"] == true;
    let sizes = match is_compiled {
        true => ENTRIES,
        false => [INTERPRETED; 2],
    };
    let of = |command: &str, name: &str, entries: u32| -> Result<Bench> {
        let state = store(room, entries, reference)?;
        let mut host = Host::start(name, command)?;
        Bench::of(&mut host, &state, &requests(), SAMPLE)
    };
    let rust = of(reference, "rust", sizes[0])?;
    let small = of(command, name, sizes[0])?;
    let large = of(command, name, sizes[1])?;
    let number = |bench: &Bench, of: &str, scale: f64| {
        let number = bench.number(of);
        number.map_or_else(String::new, |number| format!("{:.1}", number / scale))
    };
    let ratio = |of: &str| match (small.number(of), rust.number(of)) {
        (Some(own), Some(rust)) => format!("{:.2}", own / rust),
        _ => String::new(),
    };
    Ok([
        about["language"].as_str().unwrap_or(name).to_owned(),
        about["runtime"].as_str().unwrap_or_default().to_owned(),
        corpus(name, command)?,
        number(&small, "start_ms", 1.0),
        number(&small, "load_ms", 1.0),
        number(&large, "load_ms", 1.0),
        number(&large, "clone_ms", 1.0),
        number(&small, "single_ns", 1e3),
        ratio("single_ns"),
        number(&small, "batch_ns", 1e3),
        ratio("batch_ns"),
        number(&small, "memory_bytes", 1e6),
        lines(name)?,
    ])
}

/// A state directory whose list has so many entries; made once, by the Rust host.
fn store(room: &Path, entries: u32, reference: &str) -> Result<PathBuf> {
    let folder = room.join(entries.to_string());
    let state = folder.join("state");
    if state.exists() {
        return Ok(state);
    }
    let repository = size::repository(entries)?;
    repository.write(&folder.join("repository"))?;
    let place = folder.join("repository").display().to_string();
    let enrolment: serde_json::Value = serde_json::from_slice(&repository.enrolment(&place))?;
    let mut host = Host::start("rust", reference)?;
    host.done(&json!({"do": "open", "state": state, "enrolments": [enrolment], "now": NOW}))?;
    host.done(&json!({"do": "refresh", "now": NOW}))?;
    host.close()?;
    Ok(state)
}

fn requests() -> Vec<String> {
    let names = [
        "a.example",
        "pay.b.example",
        "c.test",
        "www.d.example",
        "e.example",
        "shop.example",
    ];
    let requests = names.map(|name| {
        json!({"flow": "authorisation", "identifiers": [{"kind": "domain", "value": name}]})
            .to_string()
    });
    requests.to_vec()
}

/// What the runner of the corpus says of this host.
fn corpus(name: &str, command: &str) -> Result<String> {
    let output = Command::new(beside("corpus")?)
        .arg(format!("{name}={command}"))
        .output()?;
    let text = String::from_utf8(output.stdout)?;
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix(&format!("{name}: ")));
    let words = line.context("a result of the corpus")?.split(", ");
    Ok(words.take(3).collect::<Vec<_>>().join(", "))
}

/// Another program of the tests, built beside this one.
pub(crate) fn beside(name: &str) -> Result<PathBuf> {
    Ok(std::env::current_exe()?.with_file_name(name))
}

/// Lines of a host's own code, without its tests and empty lines.
fn lines(name: &str) -> Result<String> {
    let (folder, ends): (&str, &[&str]) = match name {
        "go" => ("go", &[".go"]),
        "java" => ("java/src/main", &[".java"]),
        "node" => ("node", &[".js", ".mjs"]),
        "python" => ("python/interdict_host", &[".py"]),
        "c" => ("c", &[".c", ".h"]),
        "php" => ("php/src", &[".php"]),
        _ => return Ok(String::new()),
    };
    let mut folders = vec![
        interdict_tests::workspace()
            .join("host-example")
            .join(folder),
    ];
    let mut lines = 0_u64;
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            let file = path
                .file_name()
                .and_then(|name| name.to_str())
                .unwrap_or_default();
            let is_test = ["test", "tests", "build", "node_modules"].contains(&file)
                || file.contains("_test.")
                || file.contains(".test.");
            if is_test {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else if ends.iter().any(|end| file.ends_with(end)) {
                let text = fs::read_to_string(&path)?;
                let full = text.lines().filter(|line| !line.trim().is_empty());
                lines += u64::try_from(full.count())?;
            }
        }
    }
    Ok(count(lines))
}
