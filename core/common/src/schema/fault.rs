use core::fmt;

use crate::json::JsonError;

/// What is wrong with a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Not acceptable JSON.
    Json(JsonError),
    /// Longer than the operation accepts.
    TooLarge,
    /// A member that the schema does not have.
    UnknownField,
    /// A required member is missing.
    MissingField,
    /// A value of the wrong type.
    WrongType,
    /// A number, length or form that the schema does not allow.
    OutOfRange,
    /// A word that the schema does not list for this member.
    UnknownValue,
    /// A kind of identifier that this version does not know.
    UnknownKind,
    /// More elements than the schema allows.
    TooMany,
    /// A text that looks like a card number, or a member meant for card data.
    CardNumber,
    /// A threshold of a policy that is below the one it must not be below.
    ScoreOrder,
    /// A prior of a policy that comes near a threshold by itself.
    PriorTooHigh,
    /// A member or value that only the full build reads.
    NotInThisBuild,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Json(JsonError::Utf8) => "the message is not UTF-8",
            Self::Json(JsonError::Syntax) => "the message is not JSON",
            Self::Json(JsonError::DuplicateMember) => "an object names a member twice",
            Self::Json(JsonError::NonInteger) => "numbers must be whole, without exponent",
            Self::Json(JsonError::TooDeep) => "the message is nested too deeply",
            Self::Json(JsonError::TooManyValues) => "the message holds too many values",
            Self::TooLarge => "the message is too large; split it",
            Self::UnknownField => {
                "has a field that is not in the schema; docs/abi.md lists the fields"
            }
            Self::MissingField => "this field is required",
            Self::WrongType => "the value has the wrong type for the schema",
            Self::OutOfRange => "the value is out of range or has the wrong form",
            Self::UnknownValue => "the word is not one that the schema allows",
            Self::UnknownKind => "this version does not know this kind of identifier; see describe",
            Self::TooMany => "more elements than the schema allows; split the request",
            Self::CardNumber => "looks like a card number; card data must never be sent here",
            Self::ScoreOrder => "the review score is below the monitor score of its flow",
            Self::PriorTooHigh => {
                "the prior alone scores within 50 of a monitor score; lower the prevalence or raise that score"
            }
            Self::NotInThisBuild => "the edge build has no part for this; ask the gateway",
        })
    }
}
