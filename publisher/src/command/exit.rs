//! How a command ends, for scripts and monitors. The table is in one place: here.

use std::fmt;
use std::process::ExitCode;

use anyhow::Error;
use interdict_core::trust::TrustError;
use interdict_publisher::{PublisherError, Urgent};

/// How a command ended. `clap` ends with 2 for arguments that it does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done.
    Well,
    /// Refused or failed.
    Refused,
    /// Arguments that the command does not know.
    Usage,
    /// Something published ends soon.
    Soon,
    /// Something published has ended.
    Expired,
    /// Another command is working on the directory.
    Busy,
    /// A file is damaged or missing.
    Damaged,
    /// Some lines were refused; the others were taken.
    Partial,
    /// A guard holds changes back; the rest went out.
    HeldBack,
}

impl Exit {
    pub(crate) const ALL: [Self; 9] = [
        Self::Well,
        Self::Refused,
        Self::Usage,
        Self::Soon,
        Self::Expired,
        Self::Busy,
        Self::Damaged,
        Self::Partial,
        Self::HeldBack,
    ];

    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Well => 0,
            Self::Refused => 1,
            Self::Usage => 2,
            Self::Soon => 3,
            Self::Expired => 4,
            Self::Busy => 5,
            Self::Damaged => 6,
            Self::Partial => 7,
            Self::HeldBack => 8,
        }
    }

    pub(crate) const fn meaning(self) -> &'static str {
        match self {
            Self::Well => "well",
            Self::Refused => {
                "refused or failed; the message says what to do, and whether anything was changed"
            }
            Self::Usage => "the command line is wrong",
            Self::Soon => "something published ends soon",
            Self::Expired => "something published has ended, or a key or root has",
            Self::Busy => "another command is working on the directory; try again",
            Self::Damaged => "a file of the directory is damaged or missing",
            Self::Partial => "some lines were refused, and the others were taken",
            Self::HeldBack => "a guard holds changes back, and the rest went out",
        }
    }

    /// How a failed command ends.
    pub(crate) fn of(error: &Error) -> Self {
        if let Some(ended) = error.downcast_ref::<Ended>() {
            return ended.exit;
        }
        let mut causes = error.chain();
        let cause = causes.find_map(|cause| cause.downcast_ref::<PublisherError>());
        cause.map_or(Self::Refused, Self::of_publisher)
    }

    fn of_publisher(error: &PublisherError) -> Self {
        match error {
            PublisherError::Busy(_) | PublisherError::RegisterBusy => Self::Busy,
            PublisherError::Register(source) => of_database(source),
            PublisherError::RegisterContent
            | PublisherError::RegisterDamaged
            | PublisherError::RegisterEntries { .. }
            | PublisherError::HistoryDamaged
            | PublisherError::HistoryRewritten { .. }
            | PublisherError::PublishedUnknown(_)
            | PublisherError::KeyFile(_)
            | PublisherError::ListKeyMissing { .. }
            | PublisherError::RepositoryGone(_)
            | PublisherError::UploadGone { .. }
            | PublisherError::Damaged(_) => Self::Damaged,
            PublisherError::Trust(TrustError::Expired(_)) | PublisherError::FormatEnded(_) => {
                Self::Expired
            }
            // Also of a change that the next command completes: repeated, it would be made twice.
            _ => Self::Refused,
        }
    }
}

fn of_database(error: &rusqlite::Error) -> Exit {
    use rusqlite::ErrorCode::{DatabaseBusy, DatabaseCorrupt, DatabaseLocked, NotADatabase};
    match error.sqlite_error_code() {
        Some(DatabaseBusy | DatabaseLocked) => Exit::Busy,
        Some(DatabaseCorrupt | NotADatabase) => Exit::Damaged,
        _ => Exit::Refused,
    }
}

impl From<Urgent> for Exit {
    fn from(urgent: Urgent) -> Self {
        match urgent {
            Urgent::Well => Self::Well,
            Urgent::Soon => Self::Soon,
            Urgent::Expired => Self::Expired,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

/// A command that has reported and yet did not end well: its report stands.
#[derive(Debug)]
pub(crate) struct Ended {
    exit: Exit,
    message: String,
}

impl Ended {
    /// An error for [`Exit::of`], or none if all is well.
    pub(super) fn with(exit: Exit, message: impl Into<String>) -> anyhow::Result<()> {
        match exit {
            Exit::Well => Ok(()),
            exit => Err(Self {
                exit,
                message: message.into(),
            }
            .into()),
        }
    }
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Ended {}

/// The table for `--help`.
pub(super) fn table() -> String {
    let rows = Exit::ALL.map(|exit| format!("  {}  {}\n", exit.code(), exit.meaning()));
    format!("Exit codes:\n{}", rows.concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_exit_has_a_code_of_its_own() {
        let mut codes = Exit::ALL.map(Exit::code).to_vec();
        codes.dedup();
        assert_eq!(codes, (0..=8).collect::<Vec<u8>>());
    }

    #[test]
    fn an_error_under_a_context_keeps_its_code() {
        let busy = Error::new(PublisherError::Busy("se".into())).context("se");
        assert_eq!(Exit::of(&busy), Exit::Busy);
        let expired =
            PublisherError::Trust(TrustError::Expired(interdict_core::trust::RoleName::Root));
        assert_eq!(Exit::of(&expired.into()), Exit::Expired);
        let damaged = PublisherError::Damaged("metadata/1.targets.json".to_owned());
        assert_eq!(Exit::of(&damaged.into()), Exit::Damaged);
        assert_eq!(Exit::of(&anyhow::anyhow!("no")), Exit::Refused);
        let unfinished = PublisherError::Unfinished(Box::new(PublisherError::RegisterBusy));
        assert_eq!(Exit::of(&unfinished.into()), Exit::Refused);
        let partial = Ended::with(Exit::Partial, "some").unwrap_err();
        assert_eq!(Exit::of(&partial), Exit::Partial);
        assert!(Ended::with(Exit::Well, "").is_ok());
    }
}
