use std::fmt;
use std::path::PathBuf;

use interdict_core::wire::EnrolmentError;
use interdict_host::{CallError, ModuleError, StoreError, WalkError};

use crate::journal_error::JournalError;
use crate::portfolio_problem::{MerchantIdError, PortfolioError, RowProblem};
use crate::problem::PolicyProblem;
use crate::time_stamp_error::TimeStampError;

/// Why the gateway could not do what was asked. None of these is ever a clean verdict.
#[derive(Debug)]
pub enum Error {
    /// The host could not do it.
    Host(interdict_host::Error),
    /// The policy is not valid TOML for a policy, or the module refused it.
    Policy {
        /// The file it is in.
        path: PathBuf,
        /// Every problem and its place; at least one.
        problems: Vec<PolicyProblem>,
    },
    /// The configuration file.
    Config {
        /// Which.
        path: PathBuf,
        /// What is wrong, with the line.
        problem: String,
    },
    /// There is no configuration file.
    NoConfig(PathBuf),
    /// A file that the configuration names cannot be read.
    Setting {
        /// The setting that names it.
        name: &'static str,
        /// Why.
        error: StoreError,
    },
    /// A file is not an enrolment.
    Enrolment {
        /// Which.
        path: PathBuf,
        /// What is wrong.
        error: Box<EnrolmentError>,
    },
    /// The archive is full: it holds 64 states with this metadata digest.
    ArchiveFull(String),
    /// The text given as a receipt is not a receipt.
    Receipt,
    /// A file is not a key, or not a document that it signs, for this reason.
    Signing(String),
    /// The file of the SilentKey cannot be used, for this reason.
    SilentKey(String),
    /// The service cannot start, for this reason.
    Service(String),
    /// The journal could not be opened, or did not take a line.
    Journal(JournalError),
    /// There is no time stamp, or it proves nothing.
    TimeStamp(TimeStampError),
    /// The built-in coalition cannot be used, for this reason.
    Trial(String),
    /// A walk through archived files ended early.
    Walk(Box<WalkError>),
    /// The portfolio.
    Portfolio(PortfolioError),
}

impl Error {
    /// The module's answer is not one this version understands.
    pub(crate) const ANSWER: Self = Self::Host(interdict_host::Error::Call(CallError::Answer));

    /// Names the setting to whoever gets an error about the file that it names.
    pub(crate) fn of_setting(name: &'static str) -> impl Fn(Self) -> Self {
        move |error| match error {
            Self::Host(interdict_host::Error::Store(error)) => Self::Setting { name, error },
            other => other,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Host(error) => error.fmt(f),
            Self::Policy { path, problems } => {
                write!(f, "{}, the policy", path.display())?;
                for problem in problems {
                    write!(f, ": {problem}")?;
                }
                Ok(())
            }
            Self::Config { path, problem } => write!(f, "{}: {problem}", path.display()),
            Self::NoConfig(path) => write!(
                f,
                "no such file: {}; enrol first, or name another with --config",
                path.display()
            ),
            Self::Setting { name, error } => write!(f, "{name} in gateway.toml: {error}"),
            Self::Enrolment { path, error } => write!(f, "{}: {error}", path.display()),
            Self::ArchiveFull(digest) => write!(
                f,
                "the archive holds 64 states of metadata {digest} already; name another archive"
            ),
            Self::Receipt => f.write_str("this is no receipt of format 1"),
            Self::Journal(error) => error.fmt(f),
            Self::TimeStamp(error) => error.fmt(f),
            Self::Signing(why) | Self::SilentKey(why) | Self::Service(why) | Self::Trial(why) => {
                f.write_str(why)
            }
            Self::Walk(error) => error.fmt(f),
            Self::Portfolio(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Error {}

impl From<interdict_host::Error> for Error {
    fn from(error: interdict_host::Error) -> Self {
        Self::Host(error)
    }
}

impl From<CallError> for Error {
    fn from(error: CallError) -> Self {
        Self::Host(error.into())
    }
}

impl From<ModuleError> for Error {
    fn from(error: ModuleError) -> Self {
        Self::Host(error.into())
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        Self::Host(error.into())
    }
}

impl From<TimeStampError> for Error {
    fn from(error: TimeStampError) -> Self {
        Self::TimeStamp(error)
    }
}

impl From<JournalError> for Error {
    fn from(error: JournalError) -> Self {
        Self::Journal(error)
    }
}

impl From<WalkError> for Error {
    fn from(error: WalkError) -> Self {
        Self::Walk(Box::new(error))
    }
}

impl From<PortfolioError> for Error {
    fn from(error: PortfolioError) -> Self {
        Self::Portfolio(error)
    }
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        Self::Portfolio(error.into())
    }
}

impl From<MerchantIdError> for Error {
    fn from(error: MerchantIdError) -> Self {
        Self::Portfolio(error.into())
    }
}

impl From<RowProblem> for Error {
    fn from(problem: RowProblem) -> Self {
        Self::Portfolio(problem.into())
    }
}
