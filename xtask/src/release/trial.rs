//! A release as whoever took it finds it: the commands of its README, run in a copy of its folder.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context as _, Result, bail, ensure};

use crate::documents::read::read;
use crate::shell::{answers_to, root, run};
use crate::tree;

use super::sums;

/// Files of every release, of which one changed byte must be seen.
const CHANGED: [&str; 4] = [
    "interdict.wasm",
    "README.md",
    "SHA256SUMS",
    "SHA256SUMS.minisig",
];

/// A person reads longer than this.
const MOST_SECONDS: f32 = 60.0;

/// Checks a release as its README says, and that the check refuses one with a changed byte. Then runs every command
/// line of the README in a copy of the folder. Returns how many checks and lines ran.
pub(super) fn try_out(release: &Path) -> Result<u64> {
    let room = tempfile::tempdir()?;
    let copy = room.path().join("release");
    copy_tree(release, &copy)?;
    ensure!(
        sums::check(&copy)? == [true, true],
        "the check refuses the release"
    );
    for name in CHANGED {
        let path = copy.join(name);
        let whole = fs::read(&path).with_context(|| name.to_owned())?;
        let mut other = whole.clone();
        let middle = other.len() / 2;
        if let Some(byte) = other.get_mut(middle) {
            *byte ^= 1;
        }
        fs::write(&path, other)?;
        ensure!(
            sums::check(&copy)? != [true, true],
            "the check accepts a changed {name}"
        );
        fs::write(&path, whole)?;
    }
    let (script, lines) = script(&fs::read_to_string(release.join("README.md"))?)?;
    let started = Instant::now();
    run(Command::new("sh")
        .args(["-c", &script])
        .current_dir(&copy)
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("HOME", room.path()))?;
    let seconds = started.elapsed().as_secs_f32();
    println!("{lines} lines of the release's README in {seconds:.1} s");
    ensure!(
        seconds < MOST_SECONDS,
        "the first hour took longer than a minute"
    );
    Ok(1 + u64::try_from(CHANGED.len())? + lines)
}

/// The same in a new root of Debian that has neither Rust nor any language, with the Debian packages too.
pub(super) fn try_in_new_root(release: &Path) -> Result<()> {
    if !answers_to("debootstrap", "--version") {
        bail!("needs debootstrap; Debian and Ubuntu: apt-get install debootstrap");
    }
    let (script, _) = script(&fs::read_to_string(release.join("README.md"))?)?;
    let room = tempfile::tempdir()?;
    let file = room.path().join("readme.sh");
    fs::write(&file, script)?;
    run(Command::new("bash")
        .arg(root().join("tests/release/new_root.sh"))
        .args([&std::path::absolute(release)?, &file]))
}

/// A script of all command lines of a text, each of which must end as the text says, and how many there are.
fn script(text: &str) -> Result<(String, u64)> {
    let mut findings = Vec::new();
    let mut script = String::new();
    let lines = read("README.md", text, &mut findings).lines;
    for line in &lines {
        let code = line.exit_code().unwrap_or(0);
        let (number, text) = (line.number, &line.text);
        writeln!(
            script,
            "echo '$ line {number}'\n{text}\ncode=$?\nif [ $code -ne {code} ]; then\n  \
             echo \"README.md:{number} ended with $code, not {code}\" >&2\n  exit 1\nfi"
        )?;
    }
    ensure!(!lines.is_empty(), "the README has no command");
    Ok((script, u64::try_from(lines.len())?))
}

fn copy_tree(from: &Path, to: &Path) -> Result<()> {
    for name in tree::files(from)? {
        let copy = to.join(&name);
        fs::create_dir_all(copy.parent().context("a folder")?)?;
        fs::copy(from.join(&name), copy).with_context(|| name)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::script;

    /// How the script of a text ends, and what it prints.
    fn run(text: &str) -> (bool, String) {
        let (script, _) = script(text).unwrap();
        let output = Command::new("sh").args(["-c", &script]).output().unwrap();
        let text = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8(text).unwrap())
    }

    #[test]
    fn a_line_that_does_not_end_as_the_text_says_ends_the_script() {
        let (is_well, text) =
            run("```sh\ntrue # fine\nfalse # exit code 1: so it is\necho end\n```\n");
        assert!(is_well && text.ends_with("end\n"), "{text}");
        for lines in ["false", "true # exit code 1: no"] {
            let (is_well, text) = run(&format!("```sh\n{lines}\necho end\n```\n"));
            assert!(!is_well && text.contains("README.md:2 ended"), "{text}");
        }
    }

    #[test]
    fn lines_share_a_shell_and_a_text_without_commands_is_refused() {
        let (is_well, text) = run("```sh\nNAME=kept && cd /\necho $NAME $PWD\n```\n");
        assert!(is_well && text.contains("kept /\n"), "{text}");
        assert!(script("```text\nrm\n```\n").is_err());
    }
}
