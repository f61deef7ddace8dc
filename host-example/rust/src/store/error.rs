use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use interdict_core::wire::EnrolmentError;

/// Why the state directory could not be read or changed.
#[derive(Debug)]
pub enum StoreError {
    /// The system refused a file or directory.
    File {
        /// Which.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// The module asks for a file name that could lead out of the directory.
    Name,
    /// There is no state directory.
    Missing(PathBuf),
    /// A named pipe, a device or a directory is where a file should be.
    NotAFile(PathBuf),
    /// A file does not have the content that was written.
    Damaged(PathBuf),
    /// A coalition's lists are there, and its enrolment is not.
    NoEnrolment(PathBuf),
    /// A coalition's folder of pages of records, which no host uses any more.
    RecordPages(PathBuf),
    /// A saved enrolment cannot be read.
    Enrolment {
        /// Its file.
        path: PathBuf,
        /// What is wrong.
        error: Box<EnrolmentError>,
    },
    /// Another process is changing the directory.
    Busy(PathBuf),
    /// The system gives no randomness for a key.
    Randomness,
}

impl StoreError {
    /// Whether a file is there and cannot be read as what it should be.
    pub(crate) const fn is_damage(&self) -> bool {
        matches!(
            self,
            Self::Damaged(_) | Self::Enrolment { .. } | Self::NotAFile(_)
        )
    }

    /// Whether it says that there is no such file.
    pub(crate) fn is_missing(&self) -> bool {
        matches!(self, Self::File { error, .. } if error.kind() == io::ErrorKind::NotFound)
    }

    /// Names the file an I/O error is about.
    pub fn at(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |error| Self::File { path, error }
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { path, error } => {
                let path = path.display();
                match error.kind() {
                    io::ErrorKind::NotFound => write!(f, "no such file or directory: {path}"),
                    io::ErrorKind::AlreadyExists => write!(
                        f,
                        "{path}: it is there already and was left as it is; name another, or move it away first"
                    ),
                    _ => write!(f, "{path}: {error}"),
                }
            }
            Self::Name => f.write_str("the module asks for a file name no store may hold"),
            Self::Missing(path) => write!(
                f,
                "{}: there is no state directory here; enrol first, or name another in gateway.toml",
                path.display()
            ),
            Self::NotAFile(path) => write!(f, "{}: not a regular file", path.display()),
            Self::Damaged(path) => write!(f, "{}: damaged", path.display()),
            Self::NoEnrolment(path) => write!(
                f,
                "{} is gone, and the coalition's lists are still there; restore it, or enrol again",
                path.display()
            ),
            Self::RecordPages(path) => write!(
                f,
                "{}: pages of records were removed, and records are loaded whole; \
                 delete this folder, then refresh",
                path.display()
            ),
            Self::Enrolment { path, error } => write!(
                f,
                "{}: {error}; restore it, or enrol again with --replace",
                path.display()
            ),
            Self::Busy(path) => write!(
                f,
                "{}: another process is changing it; try again",
                path.display()
            ),
            Self::Randomness => f.write_str("the system gives no random bytes for a key"),
        }
    }
}

impl std::error::Error for StoreError {}
