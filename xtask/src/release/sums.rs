//! What a release's files are, and who says so: `SHA256SUMS` and its signature, as `sha256sum` and `minisign` check them.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use interdict_core::common::hex;
use sha2::{Digest as _, Sha256};

use crate::shell::{answers_to, root, run};
use crate::tree;

use super::origin::Origin;

const SUMS: &str = "SHA256SUMS";
const SIGNATURE: &str = "SHA256SUMS.minisig";

/// Signs nothing that anybody should trust.
const TEST_KEY: &str = "xtask/src/release/TEST-release.key";
/// Its public half.
const TEST_KEY_PUBLIC: &str = "xtask/src/release/TEST-release.pub";

/// A file of a release: its path below the folder, and its SHA-256 in hexadecimal digits.
pub(super) type Sum = (String, String);

/// The digests of all files below a folder, by path.
pub(super) fn of(folder: &Path) -> Result<Vec<Sum>> {
    let sum = |path: String| {
        let bytes = fs::read(folder.join(&path)).with_context(|| path.clone())?;
        Ok((path, hex::text(&Sha256::digest(bytes))))
    };
    tree::files(folder)?.into_iter().map(sum).collect()
}

/// Writes the digests of all files of a release and signs them, with the TEST key if no other is given.
pub(super) fn write(folder: &Path, origin: &Origin, key: Option<&Path>) -> Result<()> {
    ensure!(
        answers_to("minisign", "-v"),
        "the signature needs minisign; Debian and Ubuntu: apt-get install minisign"
    );
    let mut text = String::new();
    for (path, digest) in of(folder)? {
        writeln!(text, "{digest}  {path}")?;
    }
    fs::write(folder.join(SUMS), text)?;
    let key = key.map_or_else(|| root().join(TEST_KEY), PathBuf::from);
    // The comment is signed with it, so that the signature of one release does not pass for another's.
    let changed = if origin.is_changed {
        " and changes"
    } else {
        ""
    };
    let comment = format!("Interdict {} {}{changed}", origin.version, origin.commit);
    run(Command::new("minisign")
        .args(["-S", "-s"])
        .arg(key)
        .args(["-m", SUMS, "-x", SIGNATURE, "-t", &comment])
        .current_dir(folder))
}

/// Runs what the documents tell users to run: whether the signature is that of the TEST key, and whether the files have
/// these digests.
pub(super) fn check(folder: &Path) -> Result<[bool; 2]> {
    let is_well = |command: &mut Command| -> Result<bool> {
        Ok(command.current_dir(folder).output()?.status.success())
    };
    Ok([
        is_well(
            Command::new("minisign")
                .args(["-V", "-q", "-p"])
                .arg(root().join(TEST_KEY_PUBLIC))
                .args(["-m", SUMS]),
        )?,
        is_well(Command::new("sha256sum").args(["--check", "--strict", "--quiet", SUMS]))?,
    ])
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::process::Command;

    use tempfile::TempDir;

    use super::{SIGNATURE, SUMS, check, write};
    use crate::release::origin::Origin;

    /// A folder with two files and their signed digests.
    fn signed() -> TempDir {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("npm")).unwrap();
        fs::write(folder.path().join("interdict.wasm"), "module").unwrap();
        fs::write(folder.path().join("npm/package.tgz"), "package").unwrap();
        let origin = Origin {
            version: "1.2.3".to_owned(),
            commit: "0".repeat(40),
            time: 1_793_599_200,
            is_changed: false,
        };
        write(folder.path(), &origin, None).unwrap();
        folder
    }

    #[test]
    fn a_release_as_it_was_signed_is_accepted() {
        assert_eq!(check(signed().path()).unwrap(), [true, true]);
    }

    #[test]
    fn a_changed_or_missing_file_is_refused() {
        let folder = signed();
        fs::write(folder.path().join("npm/package.tgz"), "packagf").unwrap();
        assert_eq!(check(folder.path()).unwrap(), [true, false]);
        let folder = signed();
        fs::remove_file(folder.path().join("interdict.wasm")).unwrap();
        assert_eq!(check(folder.path()).unwrap(), [true, false]);
    }

    #[test]
    fn digests_that_were_made_to_fit_a_changed_file_are_refused() {
        let folder = signed();
        fs::write(folder.path().join("interdict.wasm"), "modulf").unwrap();
        let sums = fs::read_to_string(folder.path().join(SUMS)).unwrap();
        let output = Command::new("sha256sum")
            .arg("interdict.wasm")
            .current_dir(folder.path())
            .output();
        let line = String::from_utf8(output.unwrap().stdout).unwrap();
        let old = sums
            .lines()
            .find(|line| line.ends_with("  interdict.wasm"))
            .unwrap();
        fs::write(folder.path().join(SUMS), sums.replace(old, line.trim())).unwrap();
        assert_eq!(check(folder.path()).unwrap(), [false, true]);
    }

    #[test]
    fn the_comment_with_the_version_is_signed_too() {
        let folder = signed();
        let path = folder.path().join(SIGNATURE);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains("Interdict 1.2.3"));
        fs::write(&path, text.replace("1.2.3", "1.2.4")).unwrap();
        assert_eq!(check(folder.path()).unwrap(), [false, true]);
    }
}
