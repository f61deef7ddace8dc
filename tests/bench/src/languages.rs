//! Compares two builds of the module by turns in the runtimes of other languages. Each has a small program of its
//! own in `languages/`, which replays calls that were made here.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use interdict_host::Module;
use interdict_tests::subject::{Answer, Subject};
use interdict_tests::subjects::InModule;
use serde_json::json;

use crate::rounds::Series;
use crate::table::print;
use crate::{screen, size};

const ROUNDS: u32 = 21;
const CALLS: u32 = 1_000;
const LOADS: u32 = 5;

/// Entries of the list that is loaded.
const ENTRIES: u32 = 100_000;

/// The part that gives a key for receipts; no figure of it is shown.
const CONFIGURE: &str = "configure";

/// Compares the module in the file `old` with that in the file `new`, or with the committed one, in what
/// `runtimes` says: `node`, `python=INTERPRETER`, `go`, `java=CLASSPATH`.
pub(crate) fn run(old: Option<OsString>, new: Option<OsString>, runtimes: &[String]) -> Result<()> {
    let old = PathBuf::from(old.context("the older module: `bench languages OLD.wasm`")?);
    let committed = interdict_tests::workspace().join("wasm/dist/interdict.wasm");
    let new = new.map_or(committed, PathBuf::from);
    let room = tempfile::tempdir()?;
    script(&Module::load(&fs::read(&new)?)?, room.path())?;
    println!(
        "the older module and the newer one, {ROUNDS} rounds of {CALLS} requests and {LOADS} of a load of {ENTRIES} \
         entries, in turn; wall time\n"
    );
    let mut rows = Vec::new();
    for runtime in runtimes {
        let (name, what) = runtime.split_once('=').unwrap_or((runtime, ""));
        let mut command = program(name, what)?;
        command.arg(room.path()).arg(&old).arg(&new);
        command.args([ROUNDS, CALLS, LOADS].map(|number| number.to_string()));
        let output = command.output().with_context(|| name.to_owned())?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "{name}: {said}");
        rows.extend(read(name, &String::from_utf8(output.stdout)?)?);
    }
    print(["runtime", "", "old", "new", "ratio"], rows);
    println!("medians of the rounds, the ratio as the median of each round's own");
    Ok(())
}

/// How a language's program is started.
fn program(name: &str, what: &str) -> Result<Command> {
    let folder = interdict_tests::workspace().join("tests/bench/languages");
    let mut command = Command::new(match name {
        "python" => what,
        name => name,
    });
    match name {
        "node" => command.arg(folder.join("bench.mjs")),
        "python" => command.arg(folder.join("bench.py")),
        "go" => command.args(["run", "."]).current_dir(folder.join("go")),
        "java" => {
            command.args(["-Xmx4g", "-cp", what]);
            command.arg(folder.join("java/Bench.java"))
        }
        other => anyhow::bail!("no program for {other}"),
    };
    Ok(command)
}

/// The medians of what a program printed.
fn read(runtime: &str, text: &str) -> Result<Vec<[String; 5]>> {
    let mut parts: Vec<(&str, Vec<f64>, Vec<f64>)> = Vec::new();
    for line in text.lines() {
        let words: Vec<_> = line.split(' ').collect();
        let [part, old, new] = words.as_slice() else {
            anyhow::bail!("{runtime}: {line}");
        };
        if parts.last().is_none_or(|(last, ..)| last != part) {
            parts.push((part, Vec::new(), Vec::new()));
        }
        if let Some((_, olds, news)) = parts.last_mut() {
            olds.push(old.parse()?);
            news.push(new.parse()?);
        }
    }
    let time = |series: &Series| match series.median() {
        nanoseconds if nanoseconds < 1e6 => format!("{:.1} us", nanoseconds / 1e3),
        nanoseconds => format!("{:.0} ms", nanoseconds / 1e6),
    };
    let timed = parts.into_iter().filter(|(part, ..)| *part != CONFIGURE);
    let rows = timed.map(|(part, old, new)| {
        let [old, new] = [old, new].map(Series::of);
        [
            runtime.to_owned(),
            part.replace('_', " "),
            time(&old),
            time(&new),
            format!("{:.2}", new.ratio(&old)),
        ]
    });
    Ok(rows.collect())
}

/// Writes the calls of a load, of what makes a gateway that screens, and of requests.
fn script(module: &Module, folder: &Path) -> Result<()> {
    let mut recorder = Recorder {
        inner: InModule::of(module)?,
        part: "load",
        folder,
        lines: String::new(),
        files: 0,
    };
    let repository = size::repository(ENTRIES)?;
    size::load(&mut recorder, &repository)?;
    recorder.part = "screen";
    recorder.renew()?;
    screen::load(&mut recorder)?;
    for (part, message) in [
        ("nothing_listed", screen::request(false)),
        ("one_listed", screen::request(true)),
    ] {
        recorder.part = part;
        recorder.ask("screen", message.to_string().as_bytes())?;
    }
    // Requests from here on have receipts.
    recorder.part = CONFIGURE;
    let key = json!({"receipt_key": "11".repeat(32)}).to_string();
    recorder.ask("configure", key.as_bytes())?;
    for (part, message) in [
        ("nothing_listed,_with_receipt", screen::request(false)),
        ("one_listed,_with_receipt", screen::request(true)),
    ] {
        recorder.part = part;
        recorder.ask("screen", message.to_string().as_bytes())?;
    }
    fs::write(folder.join("calls"), &recorder.lines)?;
    Ok(())
}

/// A subject whose calls are written down.
struct Recorder<'f> {
    inner: InModule,
    part: &'static str,
    folder: &'f Path,
    lines: String,
    files: u32,
}

impl Recorder<'_> {
    fn ask(&mut self, operation: &str, message: &[u8]) -> Result<()> {
        let answer = self.call(operation, message, None, crate::release::NOW)?;
        answer.map_err(|(code, sentence)| anyhow::anyhow!("{code}: {sentence}"))?;
        Ok(())
    }

    fn save(&mut self, bytes: &[u8]) -> Result<String> {
        self.files += 1;
        let name = self.files.to_string();
        fs::write(self.folder.join(&name), bytes)?;
        Ok(name)
    }
}

impl Subject for Recorder<'_> {
    fn renew(&mut self) -> Result<()> {
        self.inner.renew()
    }

    fn call(
        &mut self,
        operation: &str,
        input: &[u8],
        file: Option<Vec<u8>>,
        now: u32,
    ) -> Result<Answer> {
        let message = self.save(input)?;
        let supplied = file.as_deref().map(|file| self.save(file)).transpose()?;
        let supplied = supplied.as_deref().unwrap_or("-");
        self.lines += &format!("{} {operation} {now} {message} {supplied}\n", self.part);
        self.inner.call(operation, input, file, now)
    }
}
