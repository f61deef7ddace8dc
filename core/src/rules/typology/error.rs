use core::fmt;

use crate::common::json::JsonError;
use crate::common::schema::{Fault, Path, SchemaError};
use crate::rules::condition::ConditionError;

/// Why a pack was refused. The last good pack stays live.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TypologyError {
    /// Longer than 64 KiB.
    TooLarge,
    /// Not acceptable JSON.
    Json(JsonError),
    /// A member is missing, unknown, of the wrong type or out of range.
    Member(SchemaError),
    /// Two rules share an id.
    DuplicateId {
        /// The second, from 0.
        rule: usize,
    },
    /// The sign of `weight` contradicts the direction, or the sign of `otherwise` equals it.
    Sign {
        /// Which rule, from 0.
        rule: usize,
    },
    /// A condition is refused.
    Condition {
        /// Whose.
        rule: usize,
        /// Why.
        error: ConditionError,
    },
    /// A rule that asks for a listing is `safer`; a listing must never lower a score.
    SaferListing {
        /// Which rule, from 0.
        rule: usize,
    },
    /// `otherwise` is not 0 although a country or category alone can make the condition false.
    OtherwiseByCode {
        /// Which rule, from 0.
        rule: usize,
    },
}

impl From<SchemaError> for TypologyError {
    fn from(error: SchemaError) -> Self {
        Self::Member(error)
    }
}

impl fmt::Display for TypologyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge => f.write_str("a pack of typologies has at most 64 KiB"),
            Self::Json(JsonError::DuplicateMember) => f.write_str("an object names a member twice"),
            Self::Json(JsonError::NonInteger) => {
                f.write_str("numbers must be whole, without exponent")
            }
            Self::Json(_) => f.write_str("a pack of typologies must be JSON"),
            Self::Member(SchemaError { fault, path }) => {
                if **path != Path::default() {
                    write!(f, "{path}: ")?;
                }
                f.write_str(sentence(*fault))
            }
            Self::DuplicateId { rule } => {
                write!(f, "rules[{rule}].id: another rule has this id")
            }
            Self::Sign { rule } => write!(
                f,
                "rules[{rule}]: the weight must have the sign of the direction, and otherwise the opposite sign or 0"
            ),
            Self::Condition { rule, error } => write!(f, "rules[{rule}].when: {error}"),
            Self::SaferListing { rule } => {
                write!(
                    f,
                    "rules[{rule}]: a rule that asks for a listing must be riskier"
                )
            }
            Self::OtherwiseByCode { rule } => write!(
                f,
                "rules[{rule}].otherwise: a country or category alone must not decide; give 0"
            ),
        }
    }
}

const fn sentence(fault: Fault) -> &'static str {
    match fault {
        Fault::UnknownField | Fault::CardNumber => "has a member that the format does not define",
        Fault::MissingField => "this member is required",
        Fault::WrongType => "the value has the wrong type",
        Fault::UnknownValue | Fault::UnknownKind => "the word is not one that the format allows",
        Fault::TooMany => "more elements than the format allows",
        Fault::OutOfRange
        | Fault::TooLarge
        | Fault::ScoreOrder
        | Fault::PriorTooHigh
        | Fault::NotInThisBuild
        | Fault::Json(_) => "the value is out of range or has the wrong form",
    }
}

impl core::error::Error for TypologyError {}
