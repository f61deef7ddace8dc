//! Where a coalition's files come from. A repository needs no trust, because the module verifies every
//! byte; what is bounded here is how much it may send and how long it may take.

mod addresses;
mod brought;
mod failure;
mod http;
mod location;
mod no_repository;

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

pub use addresses::Addresses;
pub use brought::{Brought, Patience};
pub use failure::connection_failure;
pub use http::HttpRepository;
pub use location::{quoted, unquoted};
pub use no_repository::NoRepository;

use brought::Form;
use location::is_below_base;

/// Where a coalition's files come from.
#[derive(Debug)]
pub enum Repository {
    /// A directory: a USB stick, a mirrored folder.
    Directory(PathBuf),
    /// A web server or a CDN.
    Http(HttpRepository),
}

impl Repository {
    /// A path, a `file:` URL or an HTTP(S) URL. Plain paths start at `directory`.
    ///
    /// # Errors
    /// [`NoRepository`].
    pub fn open(
        location: &str,
        directory: &Path,
        patience: Patience,
        addresses: Addresses,
    ) -> Result<Self, NoRepository> {
        Self::through(None, location, directory, patience, addresses)
    }

    /// The same, and web servers are asked through this HTTP proxy.
    ///
    /// # Errors
    /// [`NoRepository`].
    pub fn through(
        proxy: Option<&str>,
        location: &str,
        directory: &Path,
        patience: Patience,
        addresses: Addresses,
    ) -> Result<Self, NoRepository> {
        if let Some(rest) = location.strip_prefix("file:") {
            let path = rest.strip_prefix("//localhost/").map_or_else(
                || rest.strip_prefix("//").unwrap_or(rest).to_owned(),
                |path| format!("/{path}"),
            );
            return Ok(Self::Directory(directory.join(path)));
        }
        if !location.contains("://") {
            return Ok(Self::Directory(directory.join(location)));
        }
        HttpRepository::open(proxy, location, patience, addresses).map(Self::Http)
    }

    /// A location without its name and password, for output.
    #[must_use]
    pub fn shown(location: &str) -> String {
        location::shown(location)
    }

    /// The time of the web server's last answer, in seconds since 1970, as it says.
    #[must_use]
    pub fn date(&self) -> Option<u32> {
        match self {
            Self::Directory(_) => None,
            Self::Http(repository) => repository.date(),
        }
    }

    /// Brings one file below the base, at most `max_size` bytes of it.
    #[must_use]
    pub fn bring(&self, path: &str, max_size: u32) -> Brought {
        self.bring_form(path, Form::Plain, max_size)
    }

    /// Brings one target, from the gzip copy beside it if the repository has one that holds at most
    /// `max_size` bytes. Whatever is wrong with the copy, the file itself is asked for then.
    #[must_use]
    pub fn bring_target(&self, path: &str, max_size: u32) -> Brought {
        match self.bring_form(&format!("{path}.gz"), Form::Gzip, max_size) {
            Brought::Bytes(bytes) => Brought::Bytes(bytes),
            Brought::NotFound | Brought::Failed(_) => self.bring(path, max_size),
        }
    }

    fn bring_form(&self, path: &str, form: Form, max_size: u32) -> Brought {
        if !is_below_base(path) {
            return Brought::Failed("the module asks for a path outside the repository".to_owned());
        }
        match self {
            Self::Directory(base) => bring_file(base, path, form, max_size),
            Self::Http(repository) => repository.bring(path, form, max_size),
        }
    }
}

fn bring_file(base: &Path, path: &str, form: Form, max_size: u32) -> Brought {
    let missing = |error: &io::Error| match error.kind() {
        io::ErrorKind::NotFound => Brought::NotFound,
        _ => Brought::Failed(error.to_string()),
    };
    // Without its base no file counts as missing: a stick that is not plugged in does not say which root is
    // the newest.
    let base = match fs::canonicalize(base) {
        Ok(base) => base,
        Err(error) => return Brought::Failed(format!("the repository: {error}")),
    };
    let file = match fs::canonicalize(base.join(path)) {
        Ok(file) => file,
        Err(error) => return missing(&error),
    };
    if !file.starts_with(&base) || !file.is_file() {
        return Brought::Failed("not a file within the repository".to_owned());
    }
    match File::open(&file) {
        Ok(file) => form.read(file, max_size),
        Err(error) => missing(&error),
    }
}
