//! The command, as a person runs it in a directory.

use std::path::Path;
use std::process::Command;

/// Its exit code, and what it printed: first the output, then the errors.
pub(crate) fn run(room: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_interdict"))
        .current_dir(room)
        .args(arguments)
        .args(["--now", "2026-11-22T01:02:03Z"])
        .output()
        .unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(text).unwrap())
}
