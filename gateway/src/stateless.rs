//! A state directory for a container that keeps no disk, made from mounted files.

use std::fs;
use std::path::{Path, PathBuf};

use interdict_host::{Enrolment, OtherRoot, Store, StoreError, enrol, files};

use crate::config::Config;
use crate::error::Error;

/// Larger than any key file.
const MAX_KEY: u64 = 128;
/// Larger than any enrolment file.
const MAX_ENROLMENT: u64 = 4 << 20;

/// Makes the state directory from the files that the configuration names, unless there is one. It is made under
/// another name first, so that another process finds a whole one or none.
pub(crate) fn prepare(config: &Config, now: u32) -> Result<(), Error> {
    let state = config.state();
    let mounted = config.mounted()?;
    if state.exists() {
        return Ok(());
    }
    let (module, _) = config.module()?;
    let staged = staged(&state);
    files::clear(&staged)?;
    let store = Store::create(&staged)?;
    copy_key(&mounted.receipt_key, &staged, "receipt.key")
        .map_err(Error::of_setting("[stateless] receipt_key"))?;
    store
        .receipt_key()
        .map_err(|_| damaged(&mounted.receipt_key))?;
    if let Some(member_key) = &mounted.member_key {
        copy_key(member_key, &staged, "member.key")
            .map_err(Error::of_setting("[stateless] member_key"))?;
        store.member_key().map_err(|_| damaged(member_key))?;
    }
    for path in &mounted.enrolments {
        let bytes = mounted_file(path, MAX_ENROLMENT);
        let bytes = bytes.map_err(Error::of_setting("[stateless] enrolments"))?;
        let enrolment = Enrolment::read(&bytes).map_err(|error| {
            let error = Box::new(error);
            let path = path.clone();
            Error::Enrolment { path, error }
        })?;
        enrol(&module, &staged, &enrolment, OtherRoot::Refuse, now)?;
    }
    match fs::rename(&staged, &state) {
        // Another process was first.
        Err(_) if state.is_dir() => Ok(files::clear(&staged)?),
        renamed => Ok(renamed.map_err(StoreError::at(&state))?),
    }
}

/// A name beside the state directory that no other process uses.
fn staged(state: &Path) -> PathBuf {
    let mut name = state.as_os_str().to_owned();
    name.push(format!(".staged-{}", std::process::id()));
    PathBuf::from(name)
}

fn copy_key(from: &Path, to: &Path, name: &str) -> Result<(), Error> {
    let bytes = mounted_file(from, MAX_KEY)?;
    Ok(files::write(to, name, &bytes)?)
}

/// A mounted file, which must be there.
fn mounted_file(path: &Path, most: u64) -> Result<Vec<u8>, Error> {
    let missing = || std::io::Error::from(std::io::ErrorKind::NotFound);
    let bytes = files::read(path, most)?;
    Ok(bytes.ok_or_else(|| StoreError::at(path)(missing()))?)
}

fn damaged(path: &Path) -> StoreError {
    StoreError::Damaged(path.to_owned())
}
