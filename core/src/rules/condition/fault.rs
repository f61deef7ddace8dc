use core::fmt;

/// Why a condition was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConditionError {
    /// The byte where the fault is; 0 if it is about the whole text.
    pub offset: usize,
    /// What is wrong there.
    pub fault: ConditionFault,
}

/// What is wrong with a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConditionFault {
    /// Longer than 512 bytes.
    TooLong,
    /// More than 32 comparisons.
    TooManyComparisons,
    /// Parentheses and negations more than 8 deep.
    TooDeep,
    /// A set of more than 64 values.
    TooManyValues,
    /// A character that the language does not use.
    Character,
    /// An unexpected word or sign, or an unexpected end.
    Syntax,
    /// A signal that this version does not know.
    UnknownSignal,
    /// A kind of identifier that this version does not know.
    UnknownKind,
    /// A signal that is not true or false is used without a comparison.
    NotATruth,
    /// An operator that the signal's form does not allow: truths and codes have no order, and truths no
    /// sets.
    Operator,
    /// A value outside its signal's form or range.
    Value,
    /// A comparison of signals of different forms or units, or of a signal with itself.
    Incomparable,
    /// A comparison whose answer is the same for every value of the signal.
    Constant,
    /// A listing under `not` or in a comparison: it could lower a score.
    ListingNegated,
    /// A country or category alone can make it true.
    CodeAlone,
}

impl ConditionFault {
    pub(super) const fn at(self, offset: usize) -> ConditionError {
        ConditionError {
            offset,
            fault: self,
        }
    }

    const fn sentence(self) -> &'static str {
        match self {
            Self::TooLong => "a condition has at most 512 bytes",
            Self::TooManyComparisons => "a condition has at most 32 comparisons",
            Self::TooDeep => "parentheses and negations nest at most 8 deep",
            Self::TooManyValues => "a set has at most 64 values",
            Self::Character => "the language does not use this character",
            Self::Syntax => "unexpected word, sign or end",
            Self::UnknownSignal => "unknown signal",
            Self::UnknownKind => "unknown kind of identifier",
            Self::NotATruth => "this signal is not true or false; compare it with a value",
            Self::Operator => "this operator does not apply to this signal",
            Self::Value => "the value is not in the signal's form or range",
            Self::Incomparable => "these two signals cannot be compared",
            Self::Constant => "this has the same result for every value of the signal",
            Self::ListingNegated => "a listing may not be negated or compared",
            Self::CodeAlone => "a country or category alone must not decide",
        }
    }
}

impl fmt::Display for ConditionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "byte {}: {}", self.offset, self.fault.sentence())
    }
}

impl core::error::Error for ConditionError {}
