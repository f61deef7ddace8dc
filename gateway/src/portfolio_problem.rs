use std::fmt;
use std::path::PathBuf;

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

/// Which rule an id breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MerchantIdError {
    /// It is empty or has more than 128 characters.
    Length,
    /// It has a character other than the printable ones of ASCII, or a space.
    Character,
    /// It has a card-shaped run.
    CardData,
    /// It begins as the ids do that stand for the merchants reserved for tests.
    Reserved,
}

/// Why a merchant cannot be kept. It never holds a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RowProblem {
    /// Its id breaks a rule.
    Id(MerchantIdError),
    /// It has no id.
    NoId,
    /// An earlier row has its id.
    Repeated,
    /// The row cannot be taken apart: it is no JSON object, no UTF-8, or too long.
    Form,
    /// It has another number of cells than the header.
    Cells {
        /// Its own.
        has: u64,
        /// The header's.
        header: u64,
    },
    /// The module would refuse it.
    Refused {
        /// The word of the refusal in `docs/abi.md`.
        code: String,
        /// Where in the request.
        path: String,
    },
    /// A member that is about one screening.
    OfOneScreening(&'static str),
    /// A value may be a card number.
    CardData {
        /// Where in the request.
        path: String,
    },
    /// A cell is no value of its signal.
    Signal(&'static str),
}

impl PortfolioError {
    /// Whether another writer was at work for too long, so that a later try may succeed.
    pub(crate) fn is_busy(&self) -> bool {
        matches!(self, Self::Database(error)
            if error.sqlite_error_code() == Some(rusqlite::ErrorCode::DatabaseBusy))
    }
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

impl fmt::Display for MerchantIdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Length => "a merchant's id has 1 to 128 characters",
            Self::Character => "a merchant's id has printable characters of ASCII and no spaces",
            Self::CardData => {
                "a merchant's id has no run of digits like a card number's; put a letter before it"
            }
            Self::Reserved => "ids that begin with interdict-test- are reserved for tests of doors",
        })
    }
}

impl std::error::Error for MerchantIdError {}

impl RowProblem {
    /// Where in the request it is; empty if it is about the row as a whole.
    pub(crate) fn path(&self) -> String {
        match self {
            Self::Id(_) | Self::NoId | Self::Repeated => "id".to_owned(),
            Self::Form | Self::Cells { .. } => String::new(),
            Self::Refused { path, .. } | Self::CardData { path } => path.clone(),
            Self::OfOneScreening(name) => (*name).to_owned(),
            Self::Signal(name) => format!("signals.{name}"),
        }
    }
}

impl fmt::Display for RowProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(error) => error.fmt(f),
            Self::NoId => f.write_str("there is no id"),
            Self::Repeated => f.write_str("an earlier row has this id"),
            Self::Form => f.write_str("the row is no JSON object, no UTF-8, or too long"),
            Self::Cells { has, header } => {
                write!(f, "the row has {has} cells, and the header {header}")
            }
            Self::Refused { code, path } if path.is_empty() => f.write_str(code),
            Self::Refused { code, path } => write!(f, "{path}: {code}"),
            Self::OfOneScreening(name) => {
                write!(
                    f,
                    "{name}: this member is about one screening, not about a merchant"
                )
            }
            Self::CardData { path } => write!(f, "{path}: it may be a card number"),
            Self::Signal(name) => write!(f, "signals.{name}: no value of this signal"),
        }
    }
}

impl std::error::Error for RowProblem {}
