use std::fmt;

use interdict_core::wire::EnrolmentError;

use crate::instance::CallError;
use crate::module::ModuleError;
use crate::store::StoreError;

/// Why the gateway could not do what was asked. None of these is ever a clean verdict.
#[derive(Debug)]
pub enum Error {
    /// This host does not run the module.
    Module(ModuleError),
    /// A call into the module gave no answer.
    Call(CallError),
    /// The state directory could not be read or changed.
    Store(StoreError),
    /// The module refuses the policy.
    Policy(CallError),
    /// The module refuses the shadow policy.
    Shadow(CallError),
    /// The module refuses a policy that requests choose by name.
    NamedPolicies(CallError),
    /// The settings name a coalition that is not enrolled.
    NotEnrolled(String),
    /// The module does not trust the root or a key of an enrolment; nothing was saved.
    NotTrusted(CallError),
    /// A newer enrolment does not fit the saved one.
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
    /// No release waits, or it does not load.
    NothingWaits,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Module(error) => error.fmt(f),
            Self::Call(error)
            | Self::Policy(error)
            | Self::Shadow(error)
            | Self::NamedPolicies(error) => error.fmt(f),
            Self::Store(error) => error.fmt(f),
            Self::NotEnrolled(coalition) => write!(f, "no coalition {coalition:?} is enrolled"),
            Self::NotTrusted(error) => write!(f, "the enrolment cannot be trusted: {error}"),
            Self::NotRenewed(error) => write!(f, "the enrolment cannot be renewed: {error}"),
            Self::NothingWaits => f.write_str("no release waits, or it does not load; refresh"),
            Self::OtherRoot(coalition) => write!(
                f,
                "coalition {coalition} is enrolled with another root of trust; refresh and try again; if that does not help, ask the coalition, and only if it says so, enrol with --replace"
            ),
            Self::OtherKey { coalition, epoch } => write!(
                f,
                "the file brings another key for epoch {epoch} of coalition {coalition} than the enrolled one; ask the coalition, and only if it says so, enrol with --replace"
            ),
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

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}
