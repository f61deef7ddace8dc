//! From the packages of a release and the README in each alone to a first verdict.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use crate::shell::{root, run};

/// The longest that a first verdict may take in any language.
const LIMIT: Duration = Duration::from_mins(1);

/// For each language, the program that makes a program outside the repository, and the folder of its packages.
const LANGUAGES: [(&str, &str, &str, &str); 4] = [
    ("Python", "python3", "python/fresh.py", "python"),
    ("Node", "node", "node/fresh.mjs", "npm"),
    ("Go", "sh", "go/fresh.sh", "go"),
    ("Java", "sh", "java/fresh.sh", "maven"),
];

/// Makes a fresh program in each language from the packages in `release`, and fails if one takes longer than a minute
/// from the packages to its verdict. Returns how many there are.
pub(crate) fn first_verdicts(release: &Path) -> Result<u64> {
    for (language, interpreter, program, packages) in LANGUAGES {
        let started = Instant::now();
        let program = root().join("tests/hosts").join(program);
        run(Command::new(interpreter)
            .arg(program)
            .arg(release.join(packages)))?;
        let taken = started.elapsed();
        println!(
            "{language}: a first verdict after {:.1} s",
            taken.as_secs_f32()
        );
        ensure!(taken <= LIMIT, "{language}: more than a minute");
    }
    Ok(LANGUAGES.len().try_into()?)
}
