//! A copy of what is packed, so that nothing but committed files gets into a package, and nothing that packing leaves
//! behind gets into the repository.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use tempfile::TempDir;

use crate::shell::{output, root, target};

/// What the packages of hosts are made from.
const FOLDERS: [&str; 4] = ["host-example", "wasm/dist", "LICENSE-MIT", "LICENSE-APACHE"];

/// A folder with the files of [`FOLDERS`] that git knows, at the same paths. It is removed when this is dropped.
pub(super) struct Stage {
    folder: TempDir,
    time: u64,
}

impl Stage {
    pub(super) fn new(time: u64) -> Result<Self> {
        fs::create_dir_all(target())?;
        let folder = tempfile::Builder::new()
            .prefix("packages-")
            .tempdir_in(target())?;
        for name in known(&FOLDERS)? {
            let to = folder.path().join(&name);
            let parent = to.parent().context("a file's folder")?;
            fs::create_dir_all(parent)?;
            // A link becomes the file that it points at.
            fs::copy(root().join(&name), &to).with_context(|| name.clone())?;
            // Some tools pack modes, which depend on the umask.
            permit(&to, 0o644)?;
            for above in parent
                .ancestors()
                .take_while(|above| *above != folder.path())
            {
                permit(above, 0o755)?;
            }
        }
        Ok(Self { folder, time })
    }

    /// A path that exists in the repository too.
    pub(super) fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A command in one of its folders that takes the release's time for the present.
    pub(super) fn command(&self, program: impl AsRef<OsStr>, folder: &str) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(self.path(folder))
            .env("SOURCE_DATE_EPOCH", self.time.to_string())
            .env("TZ", "UTC");
        command
    }
}

#[cfg(unix)]
fn permit(path: &Path, mode: u32) -> Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    Ok(fs::set_permissions(path, fs::Permissions::from_mode(mode))?)
}

#[cfg(not(unix))]
fn permit(_: &Path, _: u32) -> Result<()> {
    Ok(())
}

/// The files of the repository that git knows, in these files and folders.
pub(super) fn known(folders: &[&str]) -> Result<Vec<String>> {
    let mut git = Command::new("git");
    git.current_dir(root()).args(["ls-files", "-z", "--"]);
    let (success, text) = output(git.args(folders))?;
    ensure!(
        success,
        "git does not list the files of {}",
        root().display()
    );
    let names = text.split_terminator('\0').map(str::to_owned);
    Ok(names.collect())
}
