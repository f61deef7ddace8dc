//! The coalition's directory, which most commands begin with.

use std::env;
use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use anyhow::{Context as _, Result};
use interdict_core::common::time::Time;
use interdict_publisher::{Directory, KeyWarning, Online, Publisher, TestKeys, is_this_machine};

use super::clock::Today;

/// Who acts. A process runs one command.
static ACTOR: OnceLock<String> = OnceLock::new();

/// Names who acts, for the history of every register that is opened from now on.
pub(super) fn name_actor(named: Option<String>) {
    let of_environment = ["USER", "LOGNAME"].into_iter();
    let mut of_environment = of_environment
        .filter_map(|name| env::var(name).ok())
        .filter(|name| !name.is_empty());
    if let Some(name) = named.or_else(|| of_environment.next()) {
        ACTOR.get_or_init(|| name);
    }
}

/// Opens a directory, for whoever acts.
pub(super) fn open_directory(directory: &Path) -> Result<Publisher> {
    Ok(acting(Publisher::open(directory)?))
}

pub(super) fn acting(publisher: Publisher) -> Publisher {
    match ACTOR.get() {
        Some(name) => publisher.acting(name),
        None => publisher,
    }
}

/// Opens a directory; says so if everybody can sign with its keys.
pub(super) fn open_with_warning(directory: &Path) -> Result<Publisher> {
    let publisher = open_directory(directory)?;
    warn_about(publisher.test_keys());
    Ok(publisher)
}

/// The same for a command that signs or decides by the clock, which must not be off.
pub(super) fn open_to_sign(directory: &Path, now: Time, today: &Today) -> Result<Publisher> {
    let publisher = open_with_warning(directory)?;
    warn_about_files(&publisher.key_warnings()?);
    publisher.confirm_clock(now, today.day())?;
    Ok(publisher)
}

/// Whether a directory has a register, or the history that it is made from.
pub(super) fn has_register(directory: &Path) -> bool {
    let directory = Directory::new(directory);
    directory.register().exists() || directory.history().exists()
}

/// Opens a repository, with a register or without; says so if everybody can sign with its keys.
pub(super) fn open_online(directory: &Path) -> Result<Online> {
    let online = Online::open(directory)?;
    warn_about(online.test_keys());
    Ok(online)
}

/// The same for a command that signs. The clock is not checked yet.
pub(super) fn open_online_to_sign(directory: &Path) -> Result<Online> {
    let online = open_online(directory)?;
    warn_about_files(&online.key_warnings()?);
    Ok(online)
}

pub(super) fn warn_about(keys: TestKeys) {
    if keys == TestKeys::Yes {
        eprintln!("warning: TEST KEYS. Everybody can sign with them; they protect nothing");
    }
}

/// Says so if an enrolment names a repository that only this machine reaches.
pub(super) fn warn_about_address(repository: &str) {
    if is_this_machine(repository) {
        eprintln!("warning: {repository} is this machine's own: the file is for tests on it alone");
    }
}

fn warn_about_files(warnings: &[KeyWarning]) {
    for warning in warnings {
        eprintln!("warning: {warning}");
    }
}

/// The address of a directory on this computer.
pub(super) fn file_address(directory: &Path) -> Result<String> {
    let path = fs::canonicalize(directory).with_context(|| directory.display().to_string())?;
    let path = path
        .to_str()
        .context("the directory's path is not UTF-8; give --repository")?;
    Ok(format!("file://{path}"))
}
