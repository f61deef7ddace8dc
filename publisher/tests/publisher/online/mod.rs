//! What an unattended machine does, from a repository and two keys.

mod command;
mod cut_off;
mod elsewhere;
mod files;
mod plan;
mod status;
mod unmounted;
mod upload;

use std::fs;
use std::path::Path;

/// Copies a folder and what is in it.
pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}

/// Moves the keys of snapshot and timestamp to a directory of their own, and copies the repository.
pub(crate) fn split(offline: &Path, online: &Path) {
    copy(&offline.join("repository"), &online.join("repository"));
    fs::create_dir_all(online.join("keys")).unwrap();
    for role in ["snapshot", "timestamp"] {
        let name = format!("keys/TEST-{role}-1-1.pem");
        fs::rename(offline.join(&name), online.join(&name)).unwrap();
    }
}
