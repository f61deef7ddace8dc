use core::fmt;

use crate::common::schema::{Fault, Path, SchemaError};

/// Why a file is not an enrolment file or no opened key. It holds nothing from the file, which contains keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EnrolmentError {
    /// The file is of another format, or of the other kind of enrolment.
    Format,
    /// The file is not JSON of this format.
    Schema(SchemaError),
}

impl From<SchemaError> for EnrolmentError {
    fn from(error: SchemaError) -> Self {
        Self::Schema(error)
    }
}

impl fmt::Display for EnrolmentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let SchemaError { fault, path } = match self {
            Self::Format => {
                return f.write_str("the enrolment file is of a format this version does not know");
            }
            Self::Schema(error) => error,
        };
        if **path != Path::default() {
            write!(f, "{path}: ")?;
        }
        match fault {
            Fault::UnknownField | Fault::CardNumber => {
                f.write_str("a member the enrolment format does not have")
            }
            Fault::MissingField => f.write_str("a member the enrolment format requires is missing"),
            Fault::OutOfRange
            | Fault::UnknownValue
            | Fault::TooMany
            | Fault::ScoreOrder
            | Fault::PriorTooHigh => {
                f.write_str("not a value of the enrolment format; ask the coalition for a new file")
            }
            Fault::TooLarge => f.write_str("too large for an enrolment file"),
            Fault::Json(_) | Fault::WrongType | Fault::UnknownKind | Fault::NotInThisBuild => {
                fault.fmt(f)
            }
        }
    }
}

impl core::error::Error for EnrolmentError {}
