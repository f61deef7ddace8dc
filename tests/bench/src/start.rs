//! How long a process takes until the module answers: compiled each time, or loaded as an earlier process
//! compiled it.

use std::fs;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use interdict_host::{Module, Store};

use crate::rounds::{Contender, in_turn};
use crate::table::print;

const ROUNDS: u32 = 11;

pub(crate) fn run() -> Result<()> {
    let room = tempfile::tempdir()?;
    let state = room.path().join("state");
    let store = Store::create(&state)?;
    fs::write(state.join("receipt.key"), "ab".repeat(32))?;
    let code = store.compiled_code().context("no code can be kept")?;
    let wasm = Module::built_in()?.wasm().to_vec();
    let mut contenders: [Contender<'_>; 2] = [
        Box::new(|| Ok(u32::from(Module::load(&wasm)?.abi_version().0))),
        Box::new(|| {
            let (module, distrusted) = Module::cached(&wasm, &code)?;
            ensure!(distrusted.is_none(), "the code was not trusted");
            Ok(u32::from(module.abi_version().0))
        }),
    ];
    let all = in_turn(ROUNDS, 1, &mut contenders)?;
    let [compiled, kept] = &all[..] else {
        unreachable!("two contenders");
    };
    let (whole_compiled, whole_kept) = commands(room.path())?;
    let row = |what: &str, compiled: f64, kept: f64, ratio: f64| {
        let figures = [compiled / 1e6, kept / 1e6].map(|figure| format!("{figure:.1} ms"));
        let [compiled, kept] = figures;
        [what.to_owned(), compiled, kept, format!("{ratio:.0}")]
    };
    let rows = vec![
        row(
            "the module alone",
            compiled.median(),
            kept.median(),
            compiled.ratio(kept),
        ),
        row(
            "`interdict check` of one name, by the clock",
            whole_compiled,
            whole_kept,
            whole_compiled / whole_kept,
        ),
    ];
    print(["", "compiled", "kept", "ratio"], rows);
    Ok(())
}

/// The medians of a command's nanoseconds, without and with kept code, by turns.
fn commands(room: &std::path::Path) -> Result<(f64, f64)> {
    fs::write(room.join("gateway.toml"), "policy.without_lists = true\n")?;
    let program = std::env::current_exe()?.with_file_name("interdict");
    let (mut compiled, mut kept) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        fs::remove_dir_all(room.join("state/code.cache"))?;
        for times in [&mut compiled, &mut kept] {
            let started = Instant::now();
            let status = Command::new(&program)
                .args(["check", "shop.example"])
                .current_dir(room)
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status()?;
            times.push(started.elapsed().as_secs_f64() * 1e9);
            ensure!(status.code() == Some(2), "the command did not screen");
        }
    }
    Ok((median(compiled), median(kept)))
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or(f64::NAN)
}
