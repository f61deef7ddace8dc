//! Writes the first inputs of every target below the given folder, in a folder for each target. Files
//! that are there are replaced.

use std::fs;
use std::io::Result;
use std::path::PathBuf;
use std::process::ExitCode;

use interdict_fuzz::seeds;

fn main() -> Result<ExitCode> {
    let Some(folder) = std::env::args_os().nth(1).map(PathBuf::from) else {
        eprintln!("usage: seeds FOLDER");
        return Ok(ExitCode::FAILURE);
    };
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    let seeds = seeds::all();
    for ((target, name), bytes) in &seeds {
        fs::create_dir_all(folder.join(target))?;
        fs::write(folder.join(target).join(name), bytes)?;
    }
    let size: usize = seeds.values().map(Vec::len).sum();
    println!("{} seeds, {size} bytes", seeds.len());
    Ok(ExitCode::SUCCESS)
}
