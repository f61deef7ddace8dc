use std::fmt;
use std::path::PathBuf;

use super::merchant::MerchantIdError;
use super::reader::RowProblem;

/// Why the portfolio could not do what was asked. It holds no identifier of a merchant.
#[derive(Debug)]
pub enum PortfolioError {
    /// Others than its owner may read the file.
    OpenToOthers(PathBuf),
    /// The file is an SQLite database of something else.
    NotAPortfolio(PathBuf),
    /// The file was written by a newer version of this program.
    Newer {
        /// The file.
        path: PathBuf,
        /// The version of its tables.
        version: u32,
    },
    /// A file lacks so many merchants of the portfolio that a person must confirm their number.
    Drop {
        /// How many would be removed.
        removed: u64,
        /// Of how many.
        before: u64,
    },
    /// There is no case of this number, or it is closed already.
    NoCase(u32),
    /// A name or note is empty, longer than 4,096 bytes, or has control characters or what may be a card number.
    Text,
    /// A row does not read as what this program writes.
    Damaged,
    /// SQLite could not do it.
    Database(rusqlite::Error),
    /// A merchant's id has not the form of one.
    Id(MerchantIdError),
    /// A merchant cannot be kept.
    Row(RowProblem),
}

impl fmt::Display for PortfolioError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OpenToOthers(path) => write!(
                f,
                "{}: others than its owner may read it; chmod 600 it",
                path.display()
            ),
            Self::NotAPortfolio(path) => write!(f, "{}: this is no portfolio", path.display()),
            Self::Newer { path, version } => write!(
                f,
                "{}: its tables have version {version}, which needs a newer interdict",
                path.display()
            ),
            Self::Drop { removed, before } => write!(
                f,
                "the file lacks {removed} of {before} merchants; if that is meant, --confirm-drop {removed}"
            ),
            Self::NoCase(number) => write!(f, "there is no open case {number}"),
            Self::Text => f.write_str(
                "a name or note is empty or longer than 4,096 bytes, or has control characters or what may be a card number",
            ),
            Self::Damaged => f.write_str("a row of the portfolio is not what interdict writes"),
            Self::Database(error) => write!(f, "the portfolio: {error}"),
            Self::Id(error) => error.fmt(f),
            Self::Row(problem) => problem.fmt(f),
        }
    }
}

impl std::error::Error for PortfolioError {}

impl From<rusqlite::Error> for PortfolioError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error)
    }
}

impl From<MerchantIdError> for PortfolioError {
    fn from(error: MerchantIdError) -> Self {
        Self::Id(error)
    }
}

impl From<RowProblem> for PortfolioError {
    fn from(problem: RowProblem) -> Self {
        Self::Row(problem)
    }
}
