use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use interdict_core::wire::EnrolmentError;

use crate::instance::CallError;
use crate::module::ModuleError;
use crate::policy::PolicyProblem;
use crate::walk::WalkError;

/// Why the gateway could not do what was asked. None of these is ever a clean verdict.
#[derive(Debug)]
pub enum Error {
    /// The module.
    Module(ModuleError),
    /// A call into it.
    Call(CallError),
    /// The policy is not TOML a policy can be, or the module refused it.
    Policy {
        /// The file it stands in.
        path: PathBuf,
        /// What is wrong, and where; at least one.
        problems: Vec<PolicyProblem>,
    },
    /// A file or directory.
    File {
        /// Which.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// The configuration file.
    Config {
        /// Which.
        path: PathBuf,
        /// What is wrong, with the line.
        problem: String,
    },
    /// An enrolment file.
    Enrolment {
        /// Which.
        path: PathBuf,
        /// What is wrong.
        error: EnrolmentError,
    },
    /// The module would not take an enrolled root or key; nothing was saved.
    NotTrusted(CallError),
    /// A newer enrolment does not fit the one that is kept.
    NotRenewed(EnrolmentError),
    /// The coalition is enrolled with another root.
    OtherRoot(String),
    /// The coalition is enrolled with another key for an epoch.
    OtherKey {
        /// Which coalition.
        coalition: String,
        /// Which epoch.
        epoch: u32,
    },
    /// The module asks for a file name that no store may hold.
    FileName,
    /// A file of the state directory is not what was written there.
    Damaged(PathBuf),
    /// The archive holds all the states it may hold under one metadata digest.
    ArchiveFull(String),
    /// Another process changes the state directory.
    Busy(PathBuf),
    /// The module's answer is not one this host understands: another action, another form.
    Answer,
    /// What was given as a receipt is none.
    Receipt,
    /// A key or document of an override is none; why.
    Override(&'static str),
    /// The system has no randomness for the receipt key.
    Randomness,
    /// A walk ended early.
    Walk(Box<WalkError>),
    /// A TUF client's directory has a trusted root already.
    HasRoot(PathBuf),
    /// A TUF client's directory has no trusted root.
    NoRoot(PathBuf),
    /// A TUF client's root is not one the module trusts.
    Root {
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        error: CallError,
    },
}

impl Error {
    /// Names the file an I/O error is about.
    pub(crate) fn at(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |error| Self::File { path, error }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Module(error) => error.fmt(f),
            Self::Call(error) => error.fmt(f),
            Self::Policy { path, problems } => {
                write!(f, "{}, the policy", path.display())?;
                for problem in problems {
                    write!(f, ": {problem}")?;
                }
                Ok(())
            }
            Self::File { path, error } => write!(f, "{}: {error}", path.display()),
            Self::Config { path, problem } => write!(f, "{}: {problem}", path.display()),
            Self::Enrolment { path, error } => write!(f, "{}: {error}", path.display()),
            Self::NotTrusted(error) => write!(f, "the enrolment cannot be trusted: {error}"),
            Self::NotRenewed(error) => write!(f, "the enrolment cannot be renewed: {error}"),
            Self::OtherRoot(coalition) => write!(
                f,
                "coalition {coalition} is enrolled with another root of trust; refresh and try again; if that does not help, ask the coalition, and only if it says so, enrol with --replace"
            ),
            Self::OtherKey { coalition, epoch } => write!(
                f,
                "the file brings another key for epoch {epoch} of coalition {coalition} than the enrolled one; ask the coalition, and only if it says so, enrol with --replace"
            ),
            Self::FileName => f.write_str("the module asks for a file name no store may hold"),
            Self::Damaged(path) => write!(f, "{}: damaged", path.display()),
            Self::ArchiveFull(digest) => write!(
                f,
                "the archive holds 64 states of metadata {digest} already; name another archive"
            ),
            Self::Busy(path) => {
                write!(
                    f,
                    "{}: another process is changing it; try again",
                    path.display()
                )
            }
            Self::Answer => {
                f.write_str("the module's answer is not one this host understands; update the host")
            }
            Self::Receipt => f.write_str("this is no receipt of format 1"),
            Self::Override(why) => f.write_str(why),
            Self::Randomness => f.write_str("the system gives no random bytes for a key"),
            Self::Walk(error) => error.fmt(f),
            Self::HasRoot(path) => write!(
                f,
                "{}: there is a trusted root here already; start in another directory",
                path.display()
            ),
            Self::NoRoot(path) => {
                write!(
                    f,
                    "{}: no trusted root is here; begin with init",
                    path.display()
                )
            }
            Self::Root { path, error } => write!(f, "{}: {error}", path.display()),
        }
    }
}

impl std::error::Error for Error {}

impl From<ModuleError> for Error {
    fn from(error: ModuleError) -> Self {
        Self::Module(error)
    }
}

impl From<CallError> for Error {
    fn from(error: CallError) -> Self {
        Self::Call(error)
    }
}

impl From<WalkError> for Error {
    fn from(error: WalkError) -> Self {
        Self::Walk(Box::new(error))
    }
}
