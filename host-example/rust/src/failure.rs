use crate::error::Error;
use crate::instance::CallError;
use crate::repository::NoRepository;
use crate::store::StoreError;
use crate::walk::WalkError;

/// Why an update of a coalition failed.
#[derive(Debug)]
pub(crate) struct Failure {
    /// One word, which never changes: a code of the module, or one of those below.
    pub(crate) code: String,
    /// In words.
    pub(crate) why: String,
    /// Whether the module still knows what it has verified, and all of that is kept.
    pub(crate) has_verified: bool,
}

impl Failure {
    /// The repository, or one of its places, could not be asked or did not have a file.
    const FETCH: &'static str = "not_fetched";
    /// Its files do not make up a release.
    const INCOMPLETE: &'static str = "incomplete";
    /// The disk.
    const STORE: &'static str = "not_saved";
    /// Another process is changing the state directory.
    const BUSY: &'static str = "busy";
    /// The module gave no answer.
    const CALL: &'static str = "not_answered";
    /// What kept it from beginning.
    const OTHER: &'static str = "not_begun";

    fn new(code: &str, why: String) -> Self {
        Self {
            code: code.to_owned(),
            why,
            has_verified: false,
        }
    }

    pub(crate) fn of(error: &Error) -> Self {
        let code = match error {
            Error::Store(StoreError::Busy(_)) => Self::BUSY,
            Error::Store(_) => Self::STORE,
            Error::Call(_) => Self::CALL,
            _ => Self::OTHER,
        };
        Self::new(code, error.to_string())
    }

    pub(crate) fn of_call(error: &CallError) -> Self {
        Self::new(Self::CALL, error.to_string())
    }

    pub(crate) fn incomplete() -> Self {
        let why = "the repository's files do not make up a release".to_owned();
        Self {
            has_verified: true,
            ..Self::new(Self::INCOMPLETE, why)
        }
    }

    /// What is told of a release that was fetched and is not there.
    pub(crate) fn not_read_back() -> Self {
        Self::new(
            Self::STORE,
            "what was fetched does not load from the disk".to_owned(),
        )
    }

    /// A defect of this host.
    pub(crate) fn defect() -> Self {
        Self::new(Self::OTHER, "a defect of this host ended it".to_owned())
    }

    /// The failures of several places, each with the place. The first gives the code.
    pub(crate) fn of_all(mut failures: Vec<(String, Self)>) -> Self {
        if failures.len() == 1
            && let Some((_, only)) = failures.pop()
        {
            return only;
        }
        let code = failures
            .first()
            .map_or(Self::OTHER, |(_, first)| &first.code)
            .to_owned();
        let told = failures
            .iter()
            .map(|(place, failure)| format!("{place}: {}", failure.why));
        Self {
            why: told.collect::<Vec<_>>().join("; "),
            has_verified: failures.iter().all(|(_, failure)| failure.has_verified),
            code,
        }
    }
}

impl From<WalkError> for Failure {
    fn from(error: WalkError) -> Self {
        let code = match &error {
            WalkError::Refused {
                failure: Some(_), ..
            } => Self::FETCH,
            WalkError::Refused { refusal, .. } => refusal.name().unwrap_or(Self::CALL),
            WalkError::Call(_) => Self::CALL,
            WalkError::Keep(_) => Self::STORE,
        };
        Self {
            has_verified: matches!(error, WalkError::Refused { .. }),
            ..Self::new(code, error.to_string())
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::of(&Error::Store(error))
    }
}

impl From<NoRepository> for Failure {
    fn from(error: NoRepository) -> Self {
        Self {
            has_verified: true,
            ..Self::new(Self::FETCH, error.to_string())
        }
    }
}
