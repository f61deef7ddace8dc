//! `interdict serve --stateless` from nothing until it is ready: a list of a million entries against a small one, from a
//! repository in a folder.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use tempfile::TempDir;

use crate::hosts::beside;
use crate::open_loop::request;
use crate::release::LIST;
use crate::repository::Repository;
use crate::rounds::Series;
use crate::service;
use crate::table::{count, print, wide};

const SIZES: [u32; 2] = [10_000, 1_000_000];
const ROUNDS: u32 = 5;
/// Between two looks whether it is ready.
const PAUSE: Duration = Duration::from_millis(10);
const PATIENCE: Duration = Duration::from_secs(120);

/// What a start took until the service was ready.
struct Start {
    milliseconds: f64,
    /// Of all processors.
    processor: f64,
    /// Bytes.
    memory: u64,
}

pub(crate) fn run() -> Result<()> {
    let rooms = SIZES.map(room);
    let mut starts: [Vec<Start>; 2] = Default::default();
    for _ in 0..ROUNDS {
        for (room, starts) in rooms.iter().zip(&mut starts) {
            let room = room
                .as_ref()
                .map_err(|error| anyhow::anyhow!("{error:#}"))?;
            starts.push(start(room.path())?);
        }
    }
    let series = starts.each_ref().map(|starts| {
        let of = |figure: fn(&Start) -> f64| Series::of(starts.iter().map(figure).collect());
        [
            of(|start| start.milliseconds),
            of(|start| start.processor),
            of(|start| wide(start.memory) / 1e6),
        ]
    });
    let [small, _] = &series;
    let rows = SIZES
        .iter()
        .zip(&series)
        .map(|(entries, [time, processor, memory])| {
            [
                count(*entries),
                format!("{:.2} s", time.median() / 1e3),
                format!("{:.2} s", processor.median() / 1e3),
                format!("{:.2}", processor.ratio(&small[1])),
                format!("{:.0} MB", memory.median()),
            ]
        });
    let header = [
        "entries",
        "ready after",
        "processor time",
        "ratio",
        "memory",
    ];
    print(header, rows.collect());
    Ok(())
}

/// What is mounted into a container, and its repository.
fn room(entries: u32) -> Result<TempDir> {
    let room = tempfile::tempdir()?;
    let path = room.path();
    let repository = Repository::of(&service::base(entries, 1, &[])?, 1)?;
    repository.write(&path.join("repository"))?;
    fs::write(
        path.join("enrolment.json"),
        repository.enrolment("repository"),
    )?;
    fs::write(path.join("receipt.key"), "ab".repeat(32))?;
    let settings = format!(
        "policy.required = {{ se = [\"{LIST}\"] }}\n[service]\nlisten = \"127.0.0.1:0\"\n[stateless]\n\
         enrolments = [\"enrolment.json\"]\nreceipt_key = \"receipt.key\"\n"
    );
    fs::write(path.join("gateway.toml"), settings)?;
    Ok(room)
}

fn start(room: &Path) -> Result<Start> {
    let state = room.join("state");
    if state.exists() {
        fs::remove_dir_all(state)?;
    }
    let begun = Instant::now();
    let mut child = Command::new(beside("interdict")?)
        .args(["serve", "--stateless", "--now", "2026-11-22T01:02:03Z"])
        .current_dir(room)
        .stdout(Stdio::piped())
        .stderr(fs::File::create(room.join("log"))?)
        .spawn()?;
    let started = until_ready(&mut child, begun);
    child.kill()?;
    child.wait()?;
    started.with_context(|| fs::read_to_string(room.join("log")).unwrap_or_default())
}

fn until_ready(child: &mut Child, begun: Instant) -> Result<Start> {
    let output = child.stdout.take().context("its output")?;
    let mut line = String::new();
    BufReader::new(output).read_line(&mut line)?;
    let place = line.trim_end().rsplit('/').next().context("its place")?;
    while begun.elapsed() < PATIENCE {
        if is_ready(place)? {
            let id = child.id().to_string();
            return Ok(Start {
                milliseconds: begun.elapsed().as_secs_f64() * 1e3,
                processor: crate::memory::processor_of(&id).context("its time")?,
                memory: crate::memory::resident_of(&id).context("its memory")?,
            });
        }
        thread::sleep(PAUSE);
    }
    bail!("it is never ready")
}

fn is_ready(place: &str) -> Result<bool> {
    let mut stream = TcpStream::connect(place)?;
    stream.write_all(&request("GET", "/readyz", ""))?;
    let mut status = String::new();
    BufReader::new(stream).read_line(&mut status)?;
    ensure!(status.starts_with("HTTP/1.1"), "no answer: {status}");
    Ok(status.starts_with("HTTP/1.1 200"))
}
