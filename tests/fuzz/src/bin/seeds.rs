//! Writes `tests/fuzz/seeds`, or with `--check` compares it with what this source gives. Inputs that
//! fuzzing found, which libFuzzer names by their SHA-1, are left alone.

use std::collections::BTreeMap;
use std::fs;
use std::io::Result;
use std::path::Path;
use std::process::ExitCode;

use interdict_fuzz::{seeds, workspace};

fn main() -> Result<ExitCode> {
    let folder = workspace().join("tests/fuzz/seeds");
    let wanted: BTreeMap<_, _> = seeds::all()
        .into_iter()
        .map(|((target, name), bytes)| (format!("{target}/{name}"), bytes))
        .collect();
    if std::env::args().nth(1).as_deref() == Some("--check") {
        let same = committed(&folder)? == wanted;
        if !same {
            eprintln!(
                "tests/fuzz/seeds is not what this source gives; run `cargo xtask fuzz --write-seeds`"
            );
        }
        return Ok(if same {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        });
    }
    for name in committed(&folder)?.keys() {
        fs::remove_file(folder.join(name))?;
    }
    for (name, bytes) in &wanted {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap_or(&folder))?;
        fs::write(path, bytes)?;
    }
    let size: usize = wanted.values().map(Vec::len).sum();
    println!("tests/fuzz/seeds: {} inputs, {size} bytes", wanted.len());
    Ok(ExitCode::SUCCESS)
}

fn is_found(name: &str) -> bool {
    name.len() == 40 && name.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn committed(folder: &Path) -> Result<BTreeMap<String, Vec<u8>>> {
    let mut found = BTreeMap::new();
    if !folder.exists() {
        return Ok(found);
    }
    for target in fs::read_dir(folder)? {
        let target = target?;
        for seed in fs::read_dir(target.path())? {
            let seed = seed?;
            let [target, name] = [target.file_name(), seed.file_name()]
                .map(|name| name.to_string_lossy().into_owned());
            if !is_found(&name) {
                found.insert(format!("{target}/{name}"), fs::read(seed.path())?);
            }
        }
    }
    Ok(found)
}
